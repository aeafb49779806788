"""Pieces of Python that several probes begin with."""

from __future__ import annotations

KERNEL = """
import ctypes, errno, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def kernel(x86_64, aarch64, *arguments):
    number = {"x86_64": x86_64, "aarch64": aarch64}[os.uname().machine]
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = libc.syscall(number, *words)
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""
"""Makes a system call by its number, which differs between processors."""


def reads(paths: str) -> str:
    """Return a probe that reads every file of a Python expression."""
    return f"""
import glob, os
for path in {paths}:
    try: print(open(path, errors="replace").read().replace("\\0", " "))
    except OSError as error: print(error)
"""
