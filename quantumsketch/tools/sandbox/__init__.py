"""Runs one command so that nothing it does reaches beyond one scratch folder. Trusts nothing inside.

Covered: files (an allow-list, read-only), environment, network (none), other processes, capabilities,
nested namespaces, dangerous system calls, time (30 s, descendants included), memory, processes, disk,
printed output, and what comes out. Not covered: a hole in the kernel itself, timing side channels, and what a
process takes between two looks of the watcher (a twentieth of a second's writing, a second's and more if it
keeps the kernel busy). Where no control group for memory can be made, the kernel's own memory (pipes,
sockets) and memory that only a message on its way refers to are not counted; there calls are the first that
the kernel ends when the machine runs out. Nobody sees what children wrote that no one waited for, if nobody
but a message refers to the file.
"""

from __future__ import annotations

from quantumsketch.tools.sandbox.detect import Demand, detect
from quantumsketch.tools.sandbox.doctor import checks
from quantumsketch.tools.sandbox.sandbox import Sandbox

__all__ = ["Demand", "Sandbox", "checks", "detect"]
