"""A model whose executions take a programmed time and that answers which execution each request was part of.

Parameters of the model configuration: fixed_us, item_us (programmed time of an execution and of each item in
its batch). The output EXECUTION holds, for each item of a request: when the execution began, in nanoseconds of
the machine's monotonic clock, which no two executions share; and by how many nanoseconds it took longer than
programmed, because the machine was busy with something else.
"""

import json
import time

import numpy as np
import triton_python_backend_utils as pb_utils
from tensors import to_array, to_tensor

DEFAULT_FIXED_US = 40_000


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        """What a backend such as ONNX Runtime fills in where the configuration leaves it open."""
        written = config.as_dict()
        if written["input"]:
            return config
        config.add_input({"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [1]})
        config.add_output({"name": "EXECUTION", "data_type": "TYPE_INT64", "dims": [2]})
        if written["max_batch_size"] == 0:
            config.set_max_batch_size(4)
            config.set_dynamic_batching()
        return config

    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.batched = config["max_batch_size"] > 0
        self.fixed_s = parameter(config, "fixed_us", DEFAULT_FIXED_US) * 1e-6
        self.item_s = parameter(config, "item_us", 0) * 1e-6

    def execute(self, requests):
        start_ns = time.monotonic_ns()
        sizes = [self.size(request) for request in requests]
        programmed_s = self.fixed_s + self.item_s * sum(sizes)
        time.sleep(max(0, programmed_s - (time.monotonic_ns() - start_ns) * 1e-9))
        late_ns = time.monotonic_ns() - start_ns - round(programmed_s * 1e9)
        return [self.respond([start_ns, late_ns], size) for size in sizes]

    def size(self, request):
        return len(to_array(pb_utils.get_input_tensor_by_name(request, "INPUT0"))) if self.batched else 1

    def respond(self, times, size):
        row = np.array(times, dtype=np.int64)
        rows = np.tile(row, (size, 1)) if self.batched else row
        return pb_utils.InferenceResponse([to_tensor("EXECUTION", rows)])


def parameter(config, name, default):
    parameters = config.get("parameters", {})
    return float(parameters[name]["string_value"]) if name in parameters else default
