"""Becomes the program given as arguments, which the kernel ends when the process that started this one dies.

A test run that is killed cannot stop its servers any more; this makes sure that none is left behind.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
