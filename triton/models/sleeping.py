"""A model whose executions take a programmed time: `fixed_us + item_us * items`, with nothing computed.

It stands for a device with an exactly known service time that takes no processor time, so what a test of it
shows is scheduling. The answer is the input.

Parameters of the model configuration, all optional:

  fixed_us, item_us    programmed time of an execution and of each item in its batch
  spread               coefficient of variation of the time (log-normal, mean kept); 0
  seed                 of the spread; each instance draws its own stream
  device               name of a pretended device: all models that name it take turns on it
  slice_us             length of a turn; without it a turn is a whole execution
  auto_complete        JSON {"max_batch_size", "dynamic_batching", "dims"}: left to Triton's auto-completion

A model with an output EXECUTION answers there, for each item, the running number of the execution in its
instance and the items in its batch.
"""

import fcntl
import hashlib
import json
import math
import os
import random
import tempfile
import time

import numpy as np
import triton_python_backend_utils as pb_utils
from tensors import to_array, to_tensor

# Sleeping ends late by the timer's slack; this last part is waited for busily.
SPIN_S = 100e-6


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        parameters = config.as_dict().get("parameters", {})
        if "auto_complete" not in parameters:
            return config
        wanted = json.loads(parameters["auto_complete"]["string_value"])
        config.set_max_batch_size(wanted["max_batch_size"])
        tensor = {"data_type": "TYPE_FP32", "dims": wanted["dims"]}
        config.add_input({"name": "INPUT0", **tensor})
        config.add_output({"name": "OUTPUT0", **tensor})
        if wanted["dynamic_batching"]:
            config.set_dynamic_batching()
        return config

    def initialize(self, args):
        config = json.loads(args["model_config"])
        parameters = Parameters(config)
        self.fixed_s = parameters.seconds("fixed_us")
        self.item_s = parameters.seconds("item_us")
        self.batched = config["max_batch_size"] > 0
        self.reports = any(output["name"] == "EXECUTION" for output in config["output"])
        self.spread = Spread(parameters, args["model_instance_name"])
        self.device = PretendedDevice(parameters, os.path.dirname(args["model_repository"]))
        self.executions = 0

    def execute(self, requests):
        start = time.perf_counter()
        inputs = [to_array(pb_utils.get_input_tensor_by_name(request, "INPUT0")) for request in requests]
        items = sum(len(values) for values in inputs) if self.batched else len(inputs)
        programmed_s = (self.fixed_s + self.item_s * items) * self.spread.draw()
        self.executions += 1
        responses = [self.respond(values, items) for values in inputs]
        self.device.work(start, programmed_s)
        return responses

    def respond(self, values, items):
        tensors = [to_tensor("OUTPUT0", values)]
        if self.reports:
            row = np.array([self.executions, items], dtype=np.int32)
            rows = np.tile(row, (len(values), 1)) if self.batched else row
            tensors.append(to_tensor("EXECUTION", rows))
        return pb_utils.InferenceResponse(tensors)


class Parameters:
    def __init__(self, config):
        self.values = config.get("parameters", {})

    def text(self, name, default=""):
        return self.values[name]["string_value"] if name in self.values else default

    def number(self, name):
        return float(self.text(name, "0"))

    def seconds(self, name):
        return self.number(name) * 1e-6


class Spread:
    """Log-normal factors of mean 1."""

    def __init__(self, parameters, instance):
        self.sigma = math.sqrt(math.log(1 + parameters.number("spread") ** 2))
        self.random = random.Random(f"{parameters.text('seed', '1')} {instance}")

    def draw(self):
        if self.sigma == 0:
            return 1.0
        return self.random.lognormvariate(-self.sigma * self.sigma / 2, self.sigma)


class PretendedDevice:
    """What executions run on: one's own, or one that models share by taking turns, like time slices on a GPU.

    The turns are a lock between processes. The turnstile in front of it lets those go first who wait while
    somebody has a turn: without it the one that has just run would mostly get the next turn too.
    """

    def __init__(self, parameters, repository):
        name = parameters.text("device")
        self.slice_s = parameters.seconds("slice_us") or math.inf
        self.locks = [open_lock(repository, name, part) for part in ("turnstile", "turn")] if name else None

    def work(self, start, programmed_s):
        """Returns `programmed_s` after `start`, or when as much time was spent in turns."""
        if self.locks is None:
            wait_until(start + programmed_s)
            return
        while programmed_s > 0:
            turn_s = min(programmed_s, self.slice_s)
            self.take_turn(turn_s)
            programmed_s -= turn_s

    def take_turn(self, turn_s):
        turnstile, turn = self.locks
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(turnstile, fcntl.LOCK_UN)
        wait_until(time.perf_counter() + turn_s)
        fcntl.flock(turn, fcntl.LOCK_UN)


def open_lock(repository, device, part):
    """The same file for all models of one repository; not in the repository, which may be read-only."""
    key = hashlib.sha256(f"{repository}\n{device}".encode()).hexdigest()[:16]
    return open(os.path.join(tempfile.gettempdir(), f"perseus-{key}.{part}"), "w")


def wait_until(end):
    left = end - time.perf_counter()
    while left > 0:
        if left > SPIN_S:
            time.sleep(left - SPIN_S)
        left = end - time.perf_counter()
