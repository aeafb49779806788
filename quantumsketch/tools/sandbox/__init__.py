"""Runs one command so that nothing it does reaches beyond one scratch folder. Trusts nothing inside.

Covered: files (an allow-list, read-only), environment, network (none), other processes, capabilities,
nested namespaces, dangerous system calls, time (30 s, descendants included), memory, processes, disk,
printed output, and what comes out. Not covered: a hole in the kernel itself, timing side channels, what a
process uses between two looks of the watcher (a quarter of a second, more if it keeps the kernel busy), and
deleted files that only a message on its way refers to. Where no control group for memory can be made, such
messages hide shared memory too, and the kernel's own memory (pipes, sockets, tables) is not counted. To an
ordinary user the size of a deleted file that is only mapped is not told: what is mapped of it counts.
"""

from __future__ import annotations

from quantumsketch.tools.sandbox.detect import Demand, detect
from quantumsketch.tools.sandbox.doctor import checks
from quantumsketch.tools.sandbox.sandbox import Sandbox

__all__ = ["Demand", "Sandbox", "checks", "detect"]
