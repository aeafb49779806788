"""Runs a system-call filter on one call, as the kernel would: a small interpreter of classic BPF."""

from __future__ import annotations

import struct

from quantumsketch.tools.sandbox.bpf import (
    JUMP_IF_ANY_BIT,
    JUMP_IF_AT_LEAST,
    JUMP_IF_EQUAL,
    LOAD_WORD,
    MACHINES,
    RETURN,
)


def judged(program: bytes, machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """Return the verdict on a system call of that number, made on that machine or as another architecture."""
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number, MACHINES[machine].audit if audit is None else audit, 0, *words)
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == RETURN:
            return int(value)
        if code == LOAD_WORD:
            (accumulator,) = struct.unpack_from("=I", data, value)
            continue
        tests = {
            JUMP_IF_EQUAL: accumulator == value,
            JUMP_IF_AT_LEAST: accumulator >= value,
            JUMP_IF_ANY_BIT: bool(accumulator & value),
        }
        at += if_true if tests[code] else if_false
