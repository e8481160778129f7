"""Tensors of the backend as numpy arrays and back.

The stub of Triton 24.10 was built before numpy 2 and misreads its arrays, without an error: outputs come out
empty. DLPack, which both sides know, is read correctly; under numpy 1 it is the other way round.
"""

import numpy as np
import triton_python_backend_utils as pb_utils

BY_DLPACK = int(np.__version__.split(".")[0]) >= 2


def to_array(tensor):
    return np.from_dlpack(tensor) if BY_DLPACK else tensor.as_numpy()


def to_tensor(name, array):
    if not BY_DLPACK:
        return pb_utils.Tensor(name, array)
    # What numpy has not made itself may be read-only, which DLPack cannot say.
    return pb_utils.Tensor.from_dlpack(name, array if array.flags.writeable else array.copy())
