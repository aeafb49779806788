"""The media types of what is stored."""

from __future__ import annotations

MP4, JPEG, VTT, SRT, JSON = "video/mp4", "image/jpeg", "text/vtt", "application/x-subrip", "application/json"
