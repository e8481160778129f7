"""Writes a network with seeded random weights as an ONNX file.

    python build_network.py mobilenet_v1 --size 96 --out model.onnx
    python build_network.py resnet18 --size 64 --out model.onnx
    python build_network.py mlp --size 2048 --out model.onnx

How long a network takes does not depend on its weights, as long as activations stay finite and are not so
small that the processor treats them specially (denormal); both are checked before the file is written.

Architectures: MobileNetV1 as in Howard et al. 2017, table 1; ResNet-18 as in He et al. 2016, table 1; the MLP
has four layers of equal width. Batch normalisation is folded into the convolutions, as for inference.
"""

import argparse

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SEED = 1
CLASSES = 1000
# Old enough for every runtime in use: the file is meant for other machines too.
OPSET = 13
IR_VERSION = 8

# MobileNetV1: output channels and stride of each depthwise separable block.
SEPARABLE_BLOCKS = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
]  # fmt: skip
# ResNet-18: output channels and stride of each basic block.
BASIC_BLOCKS = [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]
MLP_LAYERS = 4


class Graph:
    """Nodes and weights as they are added; each method takes and returns the name of a tensor."""

    def __init__(self):
        self.random = np.random.Generator(np.random.PCG64(SEED))
        self.nodes = []
        self.weights = []

    def add(self, operator, inputs, output=None, **attributes):
        output = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def weight(self, shape, scale):
        """Normal numbers none of which is nearly zero, so that no product of a few of them is denormal."""
        values = self.random.standard_normal(shape, dtype=np.float32)
        values = np.copysign(np.maximum(np.abs(values), 1e-3), values) * np.float32(scale)
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def conv(self, x, channels_in, channels_out, kernel, stride, groups=1, gain=1.0):
        fan_in = channels_in // groups * kernel * kernel
        weights = self.weight((channels_out, channels_in // groups, kernel, kernel), gain * np.sqrt(2 / fan_in))
        bias = self.weight((channels_out,), 0.1)
        pad = kernel // 2
        return self.add(
            "Conv", [x, weights, bias], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=groups
        )

    def relu(self, x):
        return self.add("Relu", [x])

    def dense(self, x, width_in, width_out, output=None):
        weights = self.weight((width_in, width_out), np.sqrt(2 / width_in))
        return self.add("Gemm", [x, weights, self.weight((width_out,), 0.1)], output)

    def classify(self, x, channels):
        pooled = self.add("Flatten", [self.add("GlobalAveragePool", [x])])
        return self.dense(pooled, channels, CLASSES, "OUTPUT0")


def mobilenet_v1(graph):
    x = graph.relu(graph.conv("INPUT0", 3, 32, 3, 2))
    channels = 32
    for channels_out, stride in SEPARABLE_BLOCKS:
        x = graph.relu(graph.conv(x, channels, channels, 3, stride, groups=channels))
        x = graph.relu(graph.conv(x, channels, channels_out, 1, 1))
        channels = channels_out
    graph.classify(x, channels)


def resnet18(graph):
    x = graph.relu(graph.conv("INPUT0", 3, 64, 7, 2))
    x = graph.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for channels_out, stride in BASIC_BLOCKS:
        x = basic_block(graph, x, channels, channels_out, stride)
        channels = channels_out
    graph.classify(x, channels)


def basic_block(graph, x, channels, channels_out, stride):
    inner = graph.relu(graph.conv(x, channels, channels_out, 3, stride))
    inner = graph.conv(inner, channels_out, channels_out, 3, 1, gain=0.5)
    shortcut = x if channels == channels_out else graph.conv(x, channels, channels_out, 1, stride, gain=0.7)
    return graph.relu(graph.add("Add", [inner, shortcut]))


def mlp(graph, width):
    x = "INPUT0"
    for _ in range(MLP_LAYERS - 1):
        x = graph.relu(graph.dense(x, width, width))
    graph.dense(x, width, width, "OUTPUT0")


def build(network, size):
    graph = Graph()
    if network == "mlp":
        mlp(graph, size)
        shape_in, width_out = [size], size
    else:
        {"mobilenet_v1": mobilenet_v1, "resnet18": resnet18}[network](graph)
        shape_in, width_out = [3, size, size], CLASSES
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
        for name, shape in (("INPUT0", shape_in), ("OUTPUT0", [width_out]))
    ]
    built = helper.make_graph(graph.nodes, network, tensors[:1], tensors[1:], graph.weights)
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="perseus")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    check_values(model, shape_in)
    return model


def check_values(model, shape_in):
    """Runs the network once and looks at its answer."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = np.random.Generator(np.random.PCG64(SEED)).random((2, *shape_in), dtype=np.float32)
    for values in (inputs, np.zeros_like(inputs)):
        (answer,) = session.run(None, {"INPUT0": values})
        sizes = np.abs(answer[answer != 0])
        if not np.isfinite(answer).all() or sizes.size == 0 or sizes.min() < np.finfo(np.float32).tiny:
            raise SystemExit(f"{model.graph.name}: activations are infinite, vanish or are denormal")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=["mobilenet_v1", "resnet18", "mlp"])
    parser.add_argument("--size", type=int, required=True, help="edge of the image, or width of the layers")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    onnx.save(build(arguments.network, arguments.size), arguments.out)


main()
