"""Save the history of a finished run for the replay test: python -m tests.histories.record VIDEO_ID NAME."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from quantumsketch.runtime.embedded import attach
from quantumsketch.settings import Settings
from workflows.bootstrap import open_studio

FOLDER = Path(__file__).parent


async def record(video_id: str, name: str) -> Path:
    """Fetch the run's history and keep it as NAME.json."""
    settings = Settings()
    async with attach(settings) as endpoints, open_studio(settings, endpoints, worker=False) as studio:
        handle = studio.videos.runs.client.get_workflow_handle(f"{settings.tenant}/{video_id}")
        history = await handle.fetch_history()
    path = FOLDER / f"{name}.json"
    events = without_machine(history.to_json_dict())
    path.write_text(json.dumps(events, separators=(",", ":")) + "\n", encoding="utf-8")
    return path


def without_machine(value: Any) -> Any:
    """The history without what names the machine: worker identities, and the memo with its output path."""
    if isinstance(value, dict):
        kept = {key: without_machine(part) for key, part in value.items() if key != "memo"}
        return kept | {key: "worker" for key in kept if key == "identity"}
    return [without_machine(part) for part in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(record(sys.argv[1], sys.argv[2]))}\n")
