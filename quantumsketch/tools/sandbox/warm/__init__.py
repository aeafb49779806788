"""Warm starts: calls that begin with their modules imported, and are isolated as any other.

A zygote is a Python inside bubblewrap that has imported what a tool names and waits. It holds no privilege
and never runs a payload. For each call it forks a process, which puts up walls of its own (new user, mount,
process, network and IPC namespaces, a root of its own) and forks the payload; that one gives up everything
before it starts. What a call does can reach neither the zygote nor another call: they are in no namespace of
its own, and all that they share is files that nobody may write.

Other than after a cold start: /proc is empty, there are no pseudo-terminals and no loopback interface, and
the calls of one zygote share the layout of their memory and the seed of Python's hashes.

`zygotes`, `zygote_process` and `forked` run on the host; `zygote`, `attendant` and `walls` inside. `order` is
what one says to the other. Whatever goes wrong on the way to a warm start, the call is made cold.
"""
