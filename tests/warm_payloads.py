"""What warm calls run in tests: scripts that look around, reach for others, leave traces or stay."""

WHAT_IT_FINDS = """
import atexit, json, os, resource, signal, socket, sys, time
atexit.register(print, "the end")
limits = [name for name in dir(resource) if name.startswith("RLIMIT")]
streams = (sys.stdin, sys.stdout, sys.stderr)
of_zygotes = {"call", "calls", "in"}
print(json.dumps({
    "environment": dict(os.environ), "arguments": sys.argv, "path": sys.path, "here": os.getcwd(),
    "flags": str(sys.flags), "main": __name__, "file": __file__,
    "limits": {name: resource.getrlimit(getattr(resource, name)) for name in limits},
    "nice": os.nice(0),
    "ids": [os.getresuid(), os.getresgid(), os.getgroups()],
    "host": socket.gethostname(), "umask": os.umask(0o077),
    "root": sorted(set(os.listdir("/")) - of_zygotes),
    "here too": sorted(os.listdir()), "dev": sorted(os.listdir("/dev")), "memory": os.listdir("/dev/shm"),
    "handlers": [str(signal.getsignal(number)).split(" at ")[0] for number in sorted(signal.valid_signals())],
    "masked": [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    "streams": [[stream.mode, stream.encoding, stream.line_buffering] for stream in streams],
    "read": sys.stdin.read(), "given": open("/in/given").read(),
}))
sys.exit(3)
"""

OPEN_FILES = """
import os
def is_open(number):
    try: os.fstat(number)
    except OSError: return False
    return True
print([number for number in range(4096) if is_open(number)])
"""

TRY_WALLS = """
import ctypes, errno, json, os
libc = ctypes.CDLL(None, use_errno=True)
sets = (ctypes.c_uint32 * 6)()
def attempt(call, *arguments):
    ctypes.set_errno(0)
    return "done" if call(*arguments) >= 0 else errno.errorcode[ctypes.get_errno()]
print(json.dumps({
    "capget": [libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), sets), list(sets)],
    "bounds": [number for number in range(64) if libc.prctl(23, number, 0, 0, 0) == 1],
    "no new privileges": libc.prctl(39, 0, 0, 0, 0),
    "filter": libc.prctl(21, 0, 0, 0, 0),
    "user namespace": attempt(libc.unshare, 0x10000000),
    "mount namespace": attempt(libc.unshare, 0x20000),
    "mount": attempt(libc.mount, b"none", b"/scratch", b"tmpfs", 0, None),
    "unmount": attempt(libc.umount2, b"/proc", 2),
    "remount": attempt(libc.mount, None, b"/usr", None, 0x1020, None),
    "chroot": attempt(libc.chroot, b"/scratch"),
}))
"""

WHAT_IS_WRITABLE = """
import os
found = []
for place, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if place.count("/") < 3 and os.path.join(place, name) != "/usr"]
    try:
        os.close(os.open(os.path.join(place, "new"), os.O_CREAT | os.O_WRONLY))
        found.append(place)
    except OSError: pass
print(sorted(found), [os.listdir(place) for place in ("/calls", "/call", "/proc", "/dev/pts")])
"""

SIT_AND_WAIT = """
import os, socket, sys, time
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory("sibling", create=True, size=1)
listener = socket.socket(socket.AF_UNIX); listener.bind("\\0sibling"); listener.listen()
open("/scratch/of-a-sibling", "w").write("mine")
open("/scratch/ready", "w").close()
end = time.monotonic() + 8
while not os.path.exists("/scratch/stop") and time.monotonic() < end: time.sleep(0.02)
print("unharmed", os.listdir("/dev/shm"), open("/scratch/of-a-sibling").read())
"""

REACH_FOR_OTHERS = """
import json, os, signal, socket
def exists(pid):
    try: os.kill(pid, 0)
    except ProcessLookupError: return False
    except PermissionError: return True
    return True
def connects():
    try: socket.socket(socket.AF_UNIX).connect("\\0sibling")
    except OSError as error: return type(error).__name__
    return "connected"
os.kill(1, signal.SIGKILL); os.kill(1, signal.SIGTERM); os.kill(1, signal.SIGSTOP)
print(json.dumps({
    "processes": [pid for pid in range(1, 3000) if exists(pid)], "me": os.getpid(), "parent": os.getppid(),
    "socket": connects(), "memory": os.listdir("/dev/shm"), "calls": os.listdir("/calls"),
    "memories": [os.path.exists(f"/proc/{pid}/mem") for pid in ("self", 1, 2)],
    "scratch": sorted(os.listdir("/scratch")),
}))
"""

LEAVE_TRACES = """
import json, os, random, sys, tempfile
json.dumps = lambda value: "spoilt"
sys.path.insert(0, "/scratch/evil")
os.environ["EVIL"] = "1"
os.umask(0)
sys.modules["renderers"] = None
tempfile.tempdir = "/nowhere"
random.seed(1)
home = os.environ["HOME"]
for name in ("sitecustomize.py", "manim.cfg", ".fonts.conf", ".pythonrc", "json.py"):
    open(os.path.join(home, name), "w").write("raise SystemExit('spoilt')")
open("/dev/shm/trace", "w").write("x")
print("left")
"""

LOOK_FOR_TRACES = """
import json, os, random, sys, tempfile
import renderers
print(json.dumps({
    "path": sys.path, "evil": "EVIL" in os.environ, "umask": os.umask(0), "scratch": sorted(os.listdir()),
    "memory": os.listdir("/dev/shm"), "temporary": tempfile.gettempdir(), "chance": random.random(),
}))
"""

CROWD = """
import os, time
for _ in range(40):
    if os.fork() == 0: time.sleep(4); os._exit(0)
print("crowded")
"""

COUNT_WHAT_IS_ALLOWED = """
import os, resource, time
time.sleep(2)
resource.setrlimit(resource.RLIMIT_NPROC, (20, 20))
started = 0
try:
    for _ in range(30):
        if os.fork() == 0: time.sleep(1); os._exit(0)
        started += 1
except BlockingIOError: pass
print(started)
"""

STAY_FOR_EVER = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execv("/usr/bin/sleep", ["sleep", sys.argv[1]])
        os._exit(0)
open("/scratch/ready", "w").close()
print("staying", flush=True)
if sys.argv[2] == "stay": os.execv("/usr/bin/sleep", ["sleep", sys.argv[1]])
"""
