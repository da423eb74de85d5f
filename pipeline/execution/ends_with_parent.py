"""A script that becomes another program, which the kernel kills when the process that started it ends, even by kill -9.

Usage: `python -I -S ends_with_parent.py PARENT PROGRAM ARGUMENTS…`. PARENT: the id of the process that starts it. It
has effect on Linux only.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From `sys/prctl.h`. The setting stays when the process becomes another program."""


def main(parent: str, program: str, *arguments: str) -> None:
    """Becomes the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it ended before the kernel was asked
            sys.exit(1)
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
