"""`qs`: the commands, and what each end means as an exit code.

    0    done
    1    failed
    2    bad input: nothing was started
    130  interrupted: the run goes on with `qs resume`

Whatever is slow to import is imported inside the commands: `qs --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from quantumsketch.cli.doctor import doctor
from quantumsketch.cli.interruption import Interrupted
from quantumsketch.cli.key import key
from quantumsketch.cli.library import concept, related
from quantumsketch.cli.memory import memory
from quantumsketch.cli.memory_export import export, import_memory
from quantumsketch.cli.memory_forget import forget
from quantumsketch.cli.memory_reembed import reembed
from quantumsketch.cli.memory_search import search
from quantumsketch.cli.memory_times import times
from quantumsketch.cli.memory_walk import walk
from quantumsketch.cli.models import models
from quantumsketch.cli.opening import Opener, open_real_studio
from quantumsketch.cli.preference import preference
from quantumsketch.cli.render import render, resume
from quantumsketch.cli.serve import serve, worker
from quantumsketch.cli.tenant import tenant
from quantumsketch.cli.terminal import remark
from quantumsketch.cli.tools import tools
from quantumsketch.cli.videos import cancel, list_videos, show
from quantumsketch.errors import BadInput, QuantumSketchError

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quantumsketch", message="%(version)s")
def qs() -> None:
    """Turn a prompt into an explainer video."""
    try:
        Path.cwd()
    except FileNotFoundError:
        what = "the current folder does not exist any more"
        raise BadInput(what, mend="Go to another one with cd") from None


for _command in (
    render,
    resume,
    list_videos,
    show,
    related,
    concept,
    cancel,
    serve,
    worker,
    models,
    preference,
    memory,
    tools,
    tenant,
    key,
    doctor,
):
    qs.add_command(_command)
for _command in (search, walk, times, reembed, export, import_memory, forget):
    memory.add_command(_command)


def main() -> None:
    """Run `qs` with the arguments of this process, and exit."""
    sys.exit(run(sys.argv[1:], open_real_studio))


def run(arguments: Sequence[str], opener: Opener) -> int:
    """Run one command and return its exit code; every failure is told on standard error."""
    try:
        code = qs.main(args=list(arguments), prog_name="qs", standalone_mode=False, obj=opener)
    except click.exceptions.NoArgsIsHelpError as usage:
        click.echo(usage.format_message(), err=True)
        return BadInput.exit_code
    except click.ClickException as wrong:
        remark(_one_line(f"qs: {wrong.format_message()}"))
        return BadInput.exit_code
    except QuantumSketchError as error:
        remark(_one_line(f"qs: {error}") if error.exit_code == BadInput.exit_code else f"qs: {error}")
        return error.exit_code
    except Interrupted as interrupted:
        remark(f"qs: {interrupted}")
        return INTERRUPTED
    except (KeyboardInterrupt, click.Abort):
        remark("qs: interrupted before anything was started")
        return INTERRUPTED
    except BrokenPipeError:
        _say_no_more()
        return 1
    except OSError as error:  # such as a full disk below standard output
        remark(f"qs: {error}")
        _say_no_more()
        return 1
    return code if isinstance(code, int) else 0


def _say_no_more() -> None:
    """Let standard output lead nowhere, or the exit would flush what is left to say, and fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(text: str) -> str:
    return " ".join(text.split())
