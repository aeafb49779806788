"""The one way out, for calls whose policy names domains: a proxy on the host, reached through a relay inside.

Inside there is no network and no DNS, only the relay on a loopback of its own. What is behind it is decided
here: which name, which port, which address, how many connections and bytes. What passes through to an allowed
name is not looked into, so a payload can tell that host, and whoever it shares an address with, all it knows.
"""

from __future__ import annotations

from quantumsketch.tools.sandbox.egress.gate import Gate, egress
from quantumsketch.tools.sandbox.egress.inside import Inside, inside
from quantumsketch.tools.sandbox.egress.outside import INTERNET, Outside

__all__ = ["INTERNET", "Gate", "Inside", "Outside", "egress", "inside"]
