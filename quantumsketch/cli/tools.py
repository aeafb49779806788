"""`qs tools`: which tools there are, and one of them called by itself in the sandbox. Starts no server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

from quantumsketch.cli.interruption import Interrupted, run
from quantumsketch.errors import BadInput, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from quantumsketch.tools.registry import AnyTool
    from quantumsketch.tools.tool import Reply

STANDARD_INPUT = "-"
_REQUEST_BYTES = 8 * 2**20

_path = click.Path(path_type=Path)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, schemas included.")
@click.pass_context
def tools(context: click.Context, as_json: bool) -> None:
    """List the tools: what each takes, gives, sees and may use.

    `qs tools call` runs one of them by itself.
    """
    if context.invoked_subcommand:
        return
    from quantumsketch.cli.terminal import tell
    from quantumsketch.cli.tool_lines import lines, told
    from workflows.tools import TOOLS

    if as_json:
        click.echo(json.dumps({"tools": [told(tool) for tool in TOOLS]}, indent=2))
        return
    for tool in TOOLS:
        for line in lines(tool):
            tell(line)


@tools.command()
@click.argument("name")
@click.argument("request", metavar="[REQUEST.json|-]", required=False)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=PATH",
    help="What is at /in/NAME inside; repeatable.",
)
@click.option("--keep", type=_path, metavar="FOLDER", help="Where the files go that the call leaves.")
def call(name: str, request: str | None, inputs: tuple[str, ...], keep: Path | None) -> None:
    """Run the tool NAME in the sandbox and print its result as JSON.

    How it ended is told on standard error; exit code 1 if it ended otherwise than well.
    """
    from workflows.tools import TOOLS

    tool = TOOLS.tool(name)
    asked = _request(tool, request)
    found = _inputs(inputs)
    if keep:
        _make_folder(keep)
    run(_call(tool, asked, found, keep))


async def _call(tool: AnyTool, asked: BaseModel, inputs: Mapping[str, Path], keep: Path | None) -> None:
    import asyncio

    from quantumsketch.cli.terminal import remark
    from quantumsketch.cli.tool_lines import ending_lines

    try:
        reply = await _reply(tool, asked, inputs, keep)
    except asyncio.CancelledError:
        raise Interrupted("interrupted; the call was ended, nothing of it is left") from None
    for line in ending_lines(reply.ending):
        remark(line)
    if reply.result is None:
        raise ToolFailed(f"{tool.name} gave no result: {reply.ending.ended}")
    if keep:
        for path in reply.files.values():
            remark(f"kept {path}")
    # characters beyond ASCII are escaped: some steer a terminal, and the result is a payload's
    click.echo(json.dumps(reply.result.model_dump(mode="json"), indent=2))


async def _reply(
    tool: AnyTool, asked: BaseModel, inputs: Mapping[str, Path], keep: Path | None
) -> Reply[Any]:
    from quantumsketch.settings import Settings
    from quantumsketch.tools.toolbox import open_toolbox
    from workflows.tools import TOOLS

    settings = Settings()
    opened = open_toolbox(TOOLS, settings.home / "scratch", settings.sandbox)
    async with opened as toolbox, toolbox.folder("kept") as removed:
        return await toolbox.call(tool, asked, inputs=inputs, keep=keep or removed)


def _request(tool: AnyTool, source: str | None) -> BaseModel:
    """Read and check the request; raises BadInput."""
    from pydantic import ValidationError

    from quantumsketch.cli.input import contents, standard_input
    from quantumsketch.intake import complaint, text_of

    if source is None:
        name, data = "a request without fields", b"{}"
    elif source == STANDARD_INPUT:
        name, data = "standard input", standard_input(_REQUEST_BYTES)
    else:
        name = f"the request {source!r}"
        data = contents(Path(source), name, _REQUEST_BYTES)
    if len(data) > _REQUEST_BYTES:
        raise BadInput(f"{name} is larger than {_REQUEST_BYTES:,} bytes", mend="Shorten it")
    schema = "`qs tools --json` shows the schema of its requests"
    try:
        asked: BaseModel = tool.request.model_validate_json(text_of(data, name))
        tool.command(asked)
    except ValidationError as error:
        raise BadInput(f"{name} does not fit {tool.name}: {complaint(error)}", mend=schema) from None
    except ValueError as error:
        raise BadInput(f"{tool.name} cannot do what {name} asks: {error}", mend=schema) from None
    return asked


def _inputs(given: Sequence[str]) -> dict[str, Path]:
    """Read what stands after each --input; raises BadInput if one is no input, or a name is given twice."""
    found: dict[str, Path] = {}
    for name, path in map(_input, given):
        if name in found:
            raise BadInput(f"--input gives {name!r} twice", mend="Give each input a name of its own")
        found[name] = path
    return found


def _input(words: str) -> tuple[str, Path]:
    """Read NAME=PATH; raises BadInput if it is none, or the path is not there or shows too much."""
    from quantumsketch.tools.places import refuse_wide

    name, _, path = words.partition("=")
    if not name or not path or "/" in name or name in {".", ".."}:
        raise BadInput(f"--input {words!r} is not NAME=PATH", mend="Such as --input clip.mp4=films/a.mp4")
    try:
        found = Path(path).resolve(strict=True)
        refuse_wide(found)
        _refuse_unreadable(found)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a link that leads to itself
        why = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"the input {path!r} cannot be used: {why}", mend="Give another path") from None
    return name, found


def _refuse_unreadable(path: Path) -> None:
    """Refuse what is not a file that we may read: not every sandbox could show it, and none could say why."""
    if not path.is_file():
        raise ValueError("it is no plain file")
    if not os.access(path, os.R_OK):
        raise ValueError("it may not be read")


def _make_folder(keep: Path) -> None:
    try:
        keep.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=keep):  # asks the system itself whether it can be written, and leaves nothing
            pass
    except OSError as error:
        what = f"{str(keep)!r} is no folder to keep files in: {error.strerror}"
        raise BadInput(what, mend="Give another with --keep") from None
