"""Save the complete history of a finished run, for the replay test: python -m tests.histories.record VIDEO_ID NAME."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from quantumsketch.settings import Settings
from workflows.bootstrap import open_studio

FOLDER = Path(__file__).parent


async def record(video_id: str, name: str) -> Path:
    """Fetch the run's history and keep it as NAME.json."""
    settings = Settings()
    async with open_studio(settings, worker=False) as studio:
        handle = studio.videos.client.get_workflow_handle(f"{settings.tenant}/{video_id}")
        history = await handle.fetch_history()
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(history.to_json_dict(), separators=(",", ":")) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(record(sys.argv[1], sys.argv[2]))}\n")
