"""Runs `model.onnx`, which lies beside it, with ONNX Runtime: on one core, or on the GPU that Triton names."""

import os

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils
from tensors import to_array, to_tensor


class TritonPythonModel:
    def initialize(self, args):
        path = os.path.join(args["model_repository"], args["model_version"], "model.onnx")
        self.session = onnxruntime.InferenceSession(path, session_options(), providers=providers(args))

    def execute(self, requests):
        inputs = [to_array(pb_utils.get_input_tensor_by_name(request, "INPUT0")) for request in requests]
        batch = inputs[0] if len(inputs) == 1 else np.concatenate(inputs)
        (outputs,) = self.session.run(["OUTPUT0"], {"INPUT0": batch})
        ends = np.cumsum([len(values) for values in inputs])[:-1]
        return [
            pb_utils.InferenceResponse([to_tensor("OUTPUT0", part)]) for part in np.split(outputs, ends)
        ]


def session_options():
    """One thread that sleeps while it waits: instances compete for the cores, threads of one do not."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def providers(args):
    if args["model_instance_kind"] == "GPU":
        return [("CUDAExecutionProvider", {"device_id": args["model_instance_device_id"]})]
    return ["CPUExecutionProvider"]
