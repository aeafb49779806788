"""A model that calls registered tools: over real HTTP in the providers' languages, in the real sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from quantumsketch.errors import NotFound
from quantumsketch.llm.provider import close_connections
from quantumsketch.llm.types import Answer, Message, ModelEntry, Question
from quantumsketch.tools.for_models import LONGEST_ANSWER, ToolsForModels
from quantumsketch.tools.tool import Limits, Policy
from renderers.ffmpeg.tools import PROBE
from tests.provider_calls import CLAUDE, FREE, GEMINI, HELLO, OWN, entry, provider
from tests.provider_emulator import Asked, ProviderEmulator, Scripted, error, said
from tests.sandbox_calls import tool, toolbox

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
ASKED_FOR = {"name": "film.mp4"}
SHELL = tool(Policy(python=True, limits=Limits(wall_s=10)))


@pytest.fixture(autouse=True)
async def _no_connection_outlives_its_test() -> AsyncIterator[None]:
    yield
    await close_connections()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    picture = ("-f", "lavfi", "-i", "color=c=navy:s=64x48:r=10:d=0.5", "-pix_fmt", "yuv420p")
    subprocess.run(["ffmpeg", "-v", "error", *picture, path], check=True)
    return path


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def looks_then_answers(asked: Asked) -> Scripted:
    """A model that probes a film, then tells what the tool told."""
    if "h264" in asked.words:
        # a result is a text to most providers, and an object to Google
        counted = re.search(r'frames\\*": ?5\b', json.dumps(asked.body))
        return said(asked, f"It has five frames: {bool(counted)}.")
    return said(asked, None, ("probe", ASKED_FOR))


async def conversation(model: ModelEntry, tools: ToolsForModels) -> Answer:
    """Ask until the model answers, making every call that it wishes, as an agent's loop does."""
    given, messages = provider(), [*HELLO.messages]
    for _ in range(3):
        answer = await given.ask(model, Question(messages=messages, tools=tools.specs))
        if not answer.tool_calls:
            return answer
        messages.append(Message(role="assistant", content=answer.text, tool_calls=answer.tool_calls))
        for call in answer.tool_calls:
            told = await tools.answer(call.name, call.arguments)
            messages.append(Message(role="tool", content=told, tool_call_id=call.id))
    raise AssertionError("the model does not stop")


@pytest.mark.parametrize("model_id", [CLAUDE, GEMINI, FREE, OWN])
async def test_a_model_uses_a_registered_tool_in_its_providers_own_language(
    model_id: str, film: Path, tmp_path: Path
) -> None:
    tools = ToolsForModels(toolbox(tmp_path, PROBE), ["probe"], inputs={"film.mp4": film})
    async with ProviderEmulator(respond=looks_then_answers) as emulator:
        answer = await conversation(entry(emulator, model_id), tools)
    assert answer.text == "It has five frames: True."
    assert len(emulator.asked) == 2
    for asked in emulator.asked:
        assert "tools" in asked.body
        assert PROBE.description in asked.words
    assert names_in(tmp_path) == [], "something of the calls is left"


async def test_the_schema_goes_out_as_the_providers_take_it(film: Path, tmp_path: Path) -> None:
    tools = ToolsForModels(toolbox(tmp_path, PROBE, SHELL), ["probe"], inputs={"film.mp4": film})
    async with ProviderEmulator(respond=looks_then_answers) as emulator:
        await conversation(entry(emulator, OWN), tools)
        await conversation(entry(emulator, CLAUDE), tools)
    (openai_tool,) = emulator.asked[0].body["tools"]
    (anthropic_tool,) = emulator.asked[2].body["tools"]
    schema = tools.specs[0].parameters
    assert schema["required"] == ["name"]
    assert openai_tool == {
        "type": "function",
        "function": {"name": "probe", "description": PROBE.description, "parameters": schema},
    }
    assert (anthropic_tool["name"], anthropic_tool["input_schema"]["required"]) == ("probe", ["name"])


async def test_a_model_that_only_writes_is_told_of_the_tools_in_words(film: Path, tmp_path: Path) -> None:
    def writes(asked: Asked) -> Scripted:
        if "tools" in asked.body:
            return error(404, "No endpoints found that support tool use.")
        if '"frames":5' in asked.words:
            return said(asked, "Five frames.")
        return said(asked, json.dumps({"tool": "probe", "arguments": ASKED_FOR}))

    tools = ToolsForModels(toolbox(tmp_path, PROBE), ["probe"], inputs={"film.mp4": film})
    async with ProviderEmulator(respond=writes) as emulator:
        answer = await conversation(entry(emulator, OWN), tools)
    assert answer.text == "Five frames."


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("command", {"arguments": ["/bin/true"]}, "there is no tool named 'command'. The tools are: probe."),
        ("../probe", {}, "there is no tool named '../probe'"),
        ("probe", {}, "the arguments do not fit: name: Field required"),
        ("probe", {"": '{"name": "fi'}, "they are no JSON object"),
        ("probe", {"name": ["film.mp4"]}, "name: Input should be a valid string"),
        ("probe", {"name": "../../etc/passwd"}, "cannot name a clip"),
        ("probe", {"name": "-version.mp4"}, "cannot name a clip"),
        ("probe", {**ASKED_FOR, "limits": {"wall_s": 3600}}, "limits: Extra inputs are not permitted"),
        ("probe", {**ASKED_FOR, "inputs": {"film.mp4": "/etc/passwd"}}, "inputs: Extra inputs are not"),
        ("probe", {"name": "other.mp4"}, "probe gave no result: error (/in/other.mp4: No such file"),
    ],
)
async def test_what_a_model_may_not_have_is_told_in_words(
    name: str, arguments: dict[str, object], told: str, film: Path, tmp_path: Path
) -> None:
    tools = ToolsForModels(toolbox(tmp_path, PROBE, SHELL), ["probe"], inputs={"film.mp4": film})
    assert told in await tools.answer(name, arguments)
    assert '"frames":5' in await tools.answer("probe", ASKED_FOR), "the tool itself does not work"


async def test_how_a_call_ended_is_told_without_the_paths_of_this_machine(tmp_path: Path) -> None:
    box = toolbox(tmp_path, SHELL)
    request = {"arguments": [sys.executable, "-c", "import sys; open(sys.prefix + '/no file')"]}
    reply = await box.call(SHELL, SHELL.request.model_validate(request), keep=tmp_path / "keep")
    assert sys.prefix in reply.ending.last_line, "nothing would be told that could be hidden"
    told = await ToolsForModels(box, ["command"]).answer("command", request)
    assert told.startswith("command gave no result: error (FileNotFoundError: ")
    assert "no file" in told
    assert sys.prefix not in told


async def test_a_command_that_cannot_be_made_of_a_request_is_the_models_fault(tmp_path: Path) -> None:
    def refuse(request: object) -> list[str]:
        raise ValueError("only even numbers")

    picky = replace(SHELL, command=refuse)
    told = await ToolsForModels(toolbox(tmp_path, picky), ["command"]).answer("command", {"arguments": []})
    assert told == "the arguments do not fit: only even numbers"


async def test_a_result_without_end_is_cut_and_that_is_said(tmp_path: Path) -> None:
    request = {"arguments": ["/bin/sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x"]}
    told = await ToolsForModels(toolbox(tmp_path, SHELL), ["command"]).answer("command", request)
    assert told.startswith('{"text":"xxx')
    assert told.endswith("(cut: 100,011 characters in all)")
    assert len(told) < LONGEST_ANSWER + 100


def test_a_tool_that_is_not_in_the_toolbox_cannot_be_offered(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no tool named 'probe'"):
        ToolsForModels(toolbox(tmp_path, SHELL), ["probe"])
