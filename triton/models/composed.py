"""A sleeping model (`sleeping.py`) that then calls other models, or answers with a stream.

Further parameters of the model configuration, both JSON and optional:

  calls      [{"call": NAME, "streams"}, ...]: for each request, one after the other; the instance waits for them, of a decoupled
             model, which streams, for all responses
  responses  {"count", "firstMs", "gapMs", "isBusy"}: the model must be decoupled; the instance is free while they are sent,
             unless isBusy says that `execute` sends them
"""

import json
import threading
import time

import sleeping
import triton_python_backend_utils as pb_utils
from tensors import to_array, to_tensor


class TritonPythonModel(sleeping.TritonPythonModel):
    def initialize(self, args):
        super().initialize(args)
        parameters = sleeping.Parameters(json.loads(args["model_config"]))
        self.calls = json.loads(parameters.text("calls", "[]"))
        self.responses = json.loads(parameters.text("responses", "null"))

    def execute(self, requests):
        answers = super().execute(requests)
        for request in requests:
            for call in self.calls:
                ask(call["call"], request, call.get("streams", False))
        if self.responses is None:
            return answers
        for request in requests:
            values = to_array(pb_utils.get_input_tensor_by_name(request, "INPUT0")).copy()
            stream = threading.Thread(target=self.stream, args=(request.get_response_sender(), values))
            stream.start()
            if self.responses.get("isBusy"):
                stream.join()
        return None

    def stream(self, sender, values):
        count = self.responses["count"]
        time.sleep(self.responses["firstMs"] * 1e-3)
        for i in range(count):
            if i > 0:
                time.sleep(self.responses["gapMs"] * 1e-3)
            final = pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL if i + 1 == count else 0
            sender.send(pb_utils.InferenceResponse([to_tensor("OUTPUT0", values.copy())]), flags=final)


def ask(model, request, streams):
    values = to_array(pb_utils.get_input_tensor_by_name(request, "INPUT0")).copy()
    answer = pb_utils.InferenceRequest(
        model_name=model, requested_output_names=["OUTPUT0"], inputs=[to_tensor("INPUT0", values)]
    ).exec(decoupled=streams)
    for each in answer if streams else [answer]:
        if each.has_error():
            raise pb_utils.TritonModelException(each.error().message())
