"""What still works behind Landlock, and how a call ends that ends by itself."""

from __future__ import annotations

import shutil
import signal

import pytest

from quantumsketch.tools.tool import Ended
from tests.landlock_caller import NEEDED, ROOT, SYSTEM_PYTHON, Caller

pytestmark = NEEDED

WORK_IN_PARALLEL = """
import asyncio, os, socket, subprocess, threading
async def shell():
    child = await asyncio.create_subprocess_exec("/bin/echo", "child", stdout=-1)
    return (await child.communicate())[0].decode().strip()
thread = threading.Thread(target=print, args=("thread",), kwargs={"flush": True})
thread.start(); thread.join()
here, there = socket.socketpair()
here.send(b"pair")
child = os.fork()
if child == 0:
    os._exit(7)
print(asyncio.run(shell()), subprocess.check_output(["/bin/echo", "subprocess"], text=True).strip(),
      there.recv(9).decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

TYPESET = r"""
cat >page.tex <<'END'
\documentclass{article}\usepackage{amsmath}\pagestyle{empty}
\begin{document}$\int_0^1 x^2\,dx=\frac13$\end{document}
END
latex -interaction=nonstopmode page.tex >latex.log &&
dvisvgm --no-fonts -v0 -o page.svg page.dvi && wc -c <page.svg
"""
ENCODE = """
ffmpeg -v error -nostdin -f lavfi -i testsrc=d=1:s=160x120:r=10 -pix_fmt yuv420p clip.mp4 &&
ffprobe -v error -show_entries format=duration -of csv=p=0 clip.mp4 >duration
"""


def test_threads_processes_pairs_and_event_loops_work(somebody: Caller) -> None:
    answer = somebody.python(WORK_IN_PARALLEL)
    assert (answer["stdout"], answer["stderr"]) == ("thread\nchild subprocess pair 7\n", "")


@pytest.mark.skipif(
    not shutil.which("dvisvgm"), reason="needs TeX: apt-get install -y texlive-latex-extra dvisvgm"
)
def test_formulas_are_typeset_and_clips_encoded(somebody: Caller) -> None:
    typeset = somebody.shell(TYPESET)
    assert int(typeset["stdout"].splitlines()[-1]) > 1000, typeset
    encoded = somebody.shell(ENCODE, outputs={"duration": 9})
    assert encoded["files"] == {"duration": "1.000000\n"}, encoded


def test_our_own_packages_are_found_though_the_folder_that_holds_them_is_closed(somebody: Caller) -> None:
    script = """
import os, sys, quantumsketch, renderers
try: os.listdir(sys.argv[1])
except PermissionError: print(os.path.basename(os.path.realpath(quantumsketch.__path__[0])))
"""
    somebody.ask({"command": [SYSTEM_PYTHON, "-c", script, str(ROOT)], "packages": True})
    answer = somebody.answer()
    if answer["ended"] == Ended.UNAVAILABLE and "may not enter" in answer["detail"]:
        pytest.skip(answer["detail"])
    assert answer["stdout"] == "quantumsketch\n", answer


def test_inputs_are_read_at_their_usual_place_and_stay_as_they_are(somebody: Caller) -> None:
    given = somebody.home / "given"
    given.write_text("as it was")
    read_and_write = """
import sys
file = sys.argv[1]
print(open(file).read())
for way in (lambda: open(file, "w"), lambda: __import__("os").unlink(file), lambda: open(file + "2", "x")):
    try: way()
    except PermissionError: print("refused")
"""
    answer = somebody.python(read_and_write, "/in/name", inputs={"name": str(given)})
    assert answer["stdout"].split("\n") == ["as it was", "refused", "refused", "refused", ""], answer
    assert given.read_text() == "as it was"


def test_outputs_come_back_and_scratch_is_removed(somebody: Caller) -> None:
    answer = somebody.shell(
        "cat request.json | wc -l; mkdir a; echo made >a/b; mv a/b made", outputs={"made": 9}
    )
    assert answer["files"] == {"made": "made\n"}, answer
    assert list((somebody.home / "scratch").iterdir()) == []


def test_how_a_command_ended_is_told(somebody: Caller) -> None:
    assert somebody.shell("exit 3")["exit_code"] == 3
    died = somebody.shell("kill -SEGV $$")
    assert (died["ended"], died["exit_code"]) == (Ended.KILLED, 128 + signal.SIGSEGV)
    somebody.ask({"command": ["no-such-program"]})
    missing = somebody.answer()
    assert (missing["exit_code"], missing["stderr"]) == (127, "no-such-program: No such file or directory\n")
    assert somebody.shell("true", domains=["example.org"])["ended"] == Ended.UNAVAILABLE
