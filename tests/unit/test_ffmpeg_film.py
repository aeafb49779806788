"""The texts and command lines that a film is made from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from renderers.ffmpeg import commands
from renderers.ffmpeg.chapters import Chapter, ffmetadata
from renderers.ffmpeg.film import FilmBeat, clip_list, film_texts
from renderers.ffmpeg.probe import Probe, check_joinable, read_probe

CLIP = Probe(
    codec="h264",
    codec_tag="avc1",
    profile="High",
    pix_fmt="yuv420p",
    width=1280,
    height=720,
    fps=30.0,
    frames=100,
    time_base="1/15360",
    parameters_sha256="0" * 64,
    streams=["video"],
    chapters=[],
    title=None,
    container_s=3.334,
)
SAID: dict[str, Any] = {
    "streams": [
        {
            "codec_type": "video", "codec_name": "h264", "codec_tag_string": "avc1", "profile": "High",
            "pix_fmt": "yuv420p", "width": 640, "height": 360, "r_frame_rate": "30/1", "time_base": "1/15360",
            "nb_read_packets": "100", "duration": "3.333333", "extradata_hash": "SHA256:ab",
        }
    ],
    "chapters": [{"tags": {"title": "One"}}],
    "format": {"duration": "3.334", "tags": {"title": "Film"}},
}  # fmt: skip


def test_times_are_counted_in_frames_not_in_what_the_headers_claim() -> None:
    odd = CLIP.model_copy(update={"frames": 101, "container_s": 99.0})
    texts = film_texts(
        "Film", "made", {"b01.mp4": FilmBeat("A", "One.", odd), "b02.mp4": FilmBeat("B", "Two.", CLIP)}
    )
    assert texts.duration_s == 201 / 30
    assert "START=3367\nEND=6700\ntitle=B" in texts.inputs["metadata.txt"]
    assert "00:00:03,967 --> " in texts.inputs["captions.srt"]
    assert "00:00:03.967 --> " in texts.captions_vtt
    assert texts.inputs["clips.txt"] == (
        "ffconcat version 1.0\nfile b01.mp4\nduration 3.366667\nfile b02.mp4\nduration 3.333333\n"
    )
    assert 101 / 30 < texts.poster_s < texts.duration_s


@pytest.mark.parametrize(
    "name", ["../x.mp4", "a b.mp4", "-x.mp4", ".x.mp4", "x.mkv", "file:x.mp4", "x'.mp4", ""]
)
def test_only_a_plain_name_names_a_clip(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a clip"):
        clip_list({name: CLIP})
    with pytest.raises(ValueError, match="cannot name a clip"):
        commands.probe_file(name)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("width", 640),
        ("fps", 60.0),
        ("parameters_sha256", "1" * 64),
        ("codec_tag", "hev1"),
        ("time_base", "1/90"),
    ],
)
def test_clips_that_differ_are_not_joined_and_the_message_says_in_what(field: str, other: object) -> None:
    check_joinable({"b01.mp4": CLIP, "b02.mp4": CLIP})
    with pytest.raises(ValueError, match=rf"'b02.mp4' cannot be joined to 'b01.mp4'.*its {field} is"):
        check_joinable({"b01.mp4": CLIP, "b02.mp4": CLIP.model_copy(update={field: other})})


def test_a_film_needs_clips_and_they_must_play_everywhere() -> None:
    with pytest.raises(ValueError, match="no clips"):
        film_texts("Film", "made", {})
    with pytest.raises(ValueError, match="expected h264 yuv420p"):
        check_joinable({"b01.mp4": CLIP.model_copy(update={"pix_fmt": "yuv444p"})})


def test_metadata_is_escaped_and_stays_on_its_line() -> None:
    text = ffmetadata("a=b;c#d\\", "x\ny\0z", [Chapter("[CHAPTER]\nSTART=9", 0, 1.5), Chapter("Two", 1.5, 2)])
    assert text.splitlines() == [
        ";FFMETADATA1", r"title=a\=b\;c\#d" + "\\\\ ", "comment=x y z",
        "[CHAPTER]", "TIMEBASE=1/1000", "START=0", "END=1500", r"title=[CHAPTER] START\=9",
        "[CHAPTER]", "TIMEBASE=1/1000", "START=1500", "END=2000", "title=Two",
    ]  # fmt: skip


@pytest.mark.parametrize("second", [(0.5, 2.0), (1.0, 1.0), (3.0, 2.0)])
def test_chapters_that_overlap_or_have_no_length_are_refused(second: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="'B'"):
        ffmetadata("t", "c", [Chapter("A", 0, 1), Chapter("B", *second)])


def test_a_probe_is_read_from_what_ffprobe_prints() -> None:
    probe = read_probe(json.dumps(SAID).encode())
    assert (probe.frames, probe.fps, probe.duration_s) == (100, 30.0, 100 / 30)
    assert (probe.chapters, probe.title, probe.streams) == (["One"], "Film", ["video"])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"r_frame_rate": "0/0"}, "did not describe a video"),
        ({"nb_read_packets": "7"}, "do not last"),
        ({"pix_fmt": None}, "pix_fmt"),
        ({"codec_type": "audio"}, "0 video streams"),
    ],
)
def test_what_is_no_sound_clip_is_no_probe(change: dict[str, Any], complaint: str) -> None:
    said = {**SAID, "streams": [{**SAID["streams"][0], **change}]}
    with pytest.raises(ValueError, match=complaint):
        read_probe(json.dumps(said).encode())
    with pytest.raises(ValueError, match="did not describe a video"):
        read_probe(b"")


def test_ffmpeg_opens_files_only_and_copies_the_picture_as_it_is() -> None:
    line = commands.make_film("film.mp4", captioned=True, language="eng")
    assert line[:2] == ["ffmpeg", "-hide_banner"]
    assert line.count("-i") == line.count("-protocol_whitelist") == 3
    assert line[line.index("-safe") + 1] == "1"
    assert line[line.index("-c:v") + 1] == "copy"
    assert [word for word in line if word.startswith("/")] == [
        "/in/clips.txt",
        "/in/metadata.txt",
        "/in/captions.srt",
    ]
    assert "/in/captions.srt" not in commands.make_film("film.mp4", captioned=False, language="und")
