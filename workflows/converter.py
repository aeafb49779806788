"""How values cross Temporal: pydantic on client, worker, replayer and tests alike."""

from __future__ import annotations

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.plugin import SimplePlugin

PLUGIN = SimplePlugin("quantumsketch", data_converter=pydantic_data_converter)
