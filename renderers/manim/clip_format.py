"""What the render tool leaves behind: its files' names, and the format that every clip has. Imports no Manim.

Said once for the writer that makes clips, the tool that takes them, and whoever checks what came out.
"""

from __future__ import annotations

CLIP, RESULT = "clip.mp4", "result.json"
CODEC, TAG, PROFILE, PIXELS = "h264", "avc1", "High", "yuv420p"
STREAMS = ["video"]
TICKS_PER_FRAME = 512
"""The clips' time scale is this times the frame rate."""
