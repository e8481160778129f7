"""A model whose executions take a programmed time, which may call other models, and which writes down its executions.

Parameters of the model configuration: fixed_us, item_us (programmed time of an execution and of each item in its batch), calls
(JSON: what it does then, as `calls` of a scenario), prefix (of the names of the models that it calls), responses (JSON, of a
decoupled model: count, firstMs, gapMs, endMs, isBusy), is_async (execute is a coroutine), may_die (a request of content 13 kills
this process). Each execution adds a line of JSON to the file that PERSEUS_EXECUTIONS names: model, begin and delay in nanoseconds of the machine's monotonic clock,
and the ids of its requests, "" for padding.
"""

import asyncio
import json
import os
import signal
import threading
import time

import numpy as np
import triton_python_backend_utils as pb_utils
from tensors import to_array, to_tensor

FINAL = pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL
DEADLY = 13
DEFAULT_FIXED_US = 40_000


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        """What a backend such as ONNX Runtime fills in where the configuration leaves it open."""
        written = config.as_dict()
        if written["input"]:
            return config
        config.add_input({"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [1]})
        config.add_output({"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": [1]})
        if written["max_batch_size"] == 0:
            config.set_max_batch_size(4)
            config.set_dynamic_batching()
        return config

    def initialize(self, args):
        config = json.loads(args["model_config"])
        values = {key: value["string_value"] for key, value in config.get("parameters", {}).items()}
        self.name = config["name"]
        self.inputs = [tensor["name"] for tensor in config["input"]]
        self.has_padding = "READY" in json.dumps(config.get("sequence_batching", {}))
        self.fixed_s = float(values.get("fixed_us", DEFAULT_FIXED_US)) * 1e-6
        self.item_s = float(values.get("item_us", 0)) * 1e-6
        self.prefix = values.get("prefix", "")
        self.calls = json.loads(values.get("calls", "[]"))
        self.responses = json.loads(values.get("responses", "null"))
        self.is_async = "is_async" in values
        self.may_die = "may_die" in values
        self.file = os.open(os.environ["PERSEUS_EXECUTIONS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def execute(self, requests):
        if self.is_async:
            return self.execute_async(requests)
        start_ns = time.monotonic_ns()
        ids = [self.id_of(request) for request in requests]
        arrays = [to_array(pb_utils.get_input_tensor_by_name(each, self.inputs[0])) for each in requests]
        if self.may_die and any(array.flat[0] % 100 == DEADLY for array in arrays if array.flat[0] > 0):
            os.kill(os.getpid(), signal.SIGKILL)
        late_ns = sleep_until(start_ns, self.fixed_s + self.item_s * sum(len(array) for array in arrays))
        try:
            for step in self.calls:
                late_ns += self.take(step, ids, arrays)
        finally:
            # The warm-up of a model that is loaded in mid-run is nobody's request.
            if self.has_padding or any(ids):
                self.write_down(start_ns, late_ns, ids)
        if self.responses is not None:
            for request, array in zip(requests, arrays):
                args = request.get_response_sender(), array.copy()
                if self.responses.get("isBusy"):
                    self.stream(*args)
                else:
                    threading.Thread(target=self.stream, args=args).start()
            return None
        outputs = [to_tensor("OUTPUT0", array.copy()) for array in arrays]
        return [pb_utils.InferenceResponse([output]) for output in outputs]

    async def execute_async(self, requests):
        start_ns = time.monotonic_ns()
        ids = [self.id_of(request) for request in requests]
        arrays = [to_array(pb_utils.get_input_tensor_by_name(each, self.inputs[0])) for each in requests]
        late_ns = sleep_until(start_ns, self.fixed_s + self.item_s * sum(len(array) for array in arrays))
        for step in self.calls:
            for call in self.requests(step, ids, arrays) if "call" in step else []:
                check(await call.async_exec())
            late_ns += self.compute(step)
        self.write_down(start_ns, late_ns, ids)
        for request, array in zip(requests, arrays):
            self.stream(request.get_response_sender(), array.copy())

    def write_down(self, start_ns, late_ns, ids):
        entry = {"model": self.name, "start": start_ns, "late": late_ns, "ids": ids}
        os.write(self.file, (json.dumps(entry) + "\n").encode())

    def stream(self, sender, array):
        count, ends_later = self.responses["count"], "endMs" in self.responses
        time.sleep(self.responses["firstMs"] * 1e-3)
        for i in range(count):
            time.sleep(self.responses["gapMs"] * 1e-3 if i > 0 else 0)
            flags = FINAL if i + 1 == count and not ends_later else 0
            sender.send(pb_utils.InferenceResponse([to_tensor("OUTPUT0", array.copy())]), flags=flags)
        if count == 0 or ends_later:
            time.sleep(self.responses.get("endMs", 0) * 1e-3)
            sender.send(flags=FINAL)

    def id_of(self, request):
        if self.has_padding:
            ready = to_array(pb_utils.get_input_tensor_by_name(request, "READY"))
            if ready.flat[0] == 0:
                return ""
        return request.request_id()

    def take(self, step, ids, arrays):
        """Returns by how many nanoseconds its own time took longer than programmed."""
        if "parallel" in step:
            calls = [call for each in step["parallel"] for call in self.requests(each, ids, arrays)]
            for response in asyncio.run(all_of(calls)):
                check(response)
        elif "call" in step:
            for call in self.requests(step, ids, arrays):
                check(call.exec())
        return self.compute(step)

    def compute(self, step):
        return sleep_until(time.monotonic_ns(), step["ownMs"] * 1e-3) if "ownMs" in step else 0

    def requests(self, call, ids, arrays):
        if call.get("per") == "batch":
            ids, arrays = ids[:1], [np.concatenate(arrays)]
        return [
            pb_utils.InferenceRequest(
                model_name=self.prefix + call["call"],
                request_id=id_,
                requested_output_names=["OUTPUT0"],
                inputs=[to_tensor("INPUT0", array.copy())],
            )
            for id_, array in zip(ids, arrays)
        ]


async def all_of(calls):
    return await asyncio.gather(*(call.async_exec() for call in calls))


def check(response):
    if response.has_error():
        raise pb_utils.TritonModelException(response.error().message())


def sleep_until(start_ns, seconds):
    time.sleep(max(0, seconds - (time.monotonic_ns() - start_ns) * 1e-9))
    return time.monotonic_ns() - start_ns - round(seconds * 1e9)
