"""What is attempted behind Landlock: programs that print, for each attempt, "done" or the kernel's error."""

from __future__ import annotations

ATTEMPT = """
import errno, json, os, sys
found = {}
def attempt(name, try_it):
    try:
        try_it()
        found[name] = "done"
    except OSError as error:
        found[name] = errno.errorcode.get(error.errno, str(error))
"""
TELL = """
print(json.dumps(found))
"""

ON_FILES = (
    ATTEMPT
    + """
there = sys.argv[1]
attempt("read", lambda: open(f"{there}/secret").read())
attempt("append", lambda: open(f"{there}/secret", "a").write("!"))
attempt("truncate", lambda: os.truncate(f"{there}/long", 0))
attempt("list", lambda: os.listdir(there))
attempt("make a file", lambda: open(f"{there}/new", "x"))
attempt("make a folder", lambda: os.mkdir(f"{there}/folder"))
attempt("make a pipe", lambda: os.mkfifo(f"{there}/pipe"))
attempt("make a link", lambda: os.symlink("anywhere", f"{there}/link"))
attempt("hard link", lambda: os.link(f"{there}/secret", "linked"))
attempt("take away", lambda: os.rename(f"{there}/taken", "taken"))
open("own", "w").close()
attempt("bring", lambda: os.rename("own", f"{there}/brought"))
attempt("remove", lambda: os.unlink(f"{there}/removed"))
attempt("remove a folder", lambda: os.rmdir(f"{there}/empty"))
os.symlink(f"{there}/secret", "alias")
attempt("read by a link", lambda: open("alias").read())
way = os.open(there, os.O_PATH)
attempt("read by a descriptor", lambda: os.open("secret", os.O_RDONLY, dir_fd=way))
attempt("execute", lambda: os.posix_spawn(f"{there}/program", ["program"], {}))
os.chdir(there)
attempt("read from there", lambda: open("secret").read())
"""
    + TELL
)

ON_ATTRIBUTES = (
    ATTEMPT
    + """
import fcntl, struct
file = sys.argv[1]
opened = os.open(file, os.O_RDONLY)
def flag():
    flags = struct.unpack("i", fcntl.ioctl(opened, 0x80086601, bytes(4)))[0]
    fcntl.ioctl(opened, 0x40086602, struct.pack("i", flags | 0x40))  # no dump: no program minds it
attempt("mode", lambda: os.chmod(file, 0o600))
attempt("mode by descriptor", lambda: os.fchmod(opened, 0o600))
attempt("owner", lambda: os.chown(file, os.getuid(), os.getgid()))
attempt("times", lambda: os.utime(file, (1, 1)))
attempt("times by descriptor", lambda: os.utime(opened, (1, 1)))
attempt("attribute", lambda: os.setxattr(file, "user.mark", b"x"))
attempt("attributes", lambda: os.listxattr(file))
attempt("flags", flag)
attempt("lease", lambda: fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_WRLCK))
"""
    + TELL
)

ON_PROCESSES = (
    ATTEMPT
    + """
import ctypes, resource, signal
pid, libc = int(sys.argv[1]), ctypes.CDLL(None, use_errno=True)
def by_thread():
    call = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
    if libc.syscall(call, pid, pid, 0):
        raise OSError(ctypes.get_errno(), "tgkill")
attempt("environment", lambda: open(f"/proc/{pid}/environ").read())
attempt("command line", lambda: open(f"/proc/{pid}/cmdline").read())
attempt("open files", lambda: os.listdir(f"/proc/{pid}/fd"))
attempt("an open file", lambda: os.readlink(f"/proc/{pid}/fd/0"))
attempt("others", lambda: os.listdir("/proc"))
attempt("signal", lambda: os.kill(pid, 0))
attempt("signal a thread", by_thread)
attempt("signal by handle", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0))
attempt("limits", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)))
attempt("processors", lambda: os.sched_setaffinity(pid, os.sched_getaffinity(pid)))
"""
    + TELL
)

RESUME = (
    ATTEMPT
    + """
import signal
for process in sys.argv[1:]:
    attempt(process, lambda: os.kill(int(process), signal.SIGCONT))
"""
    + TELL
)

ON_SOCKETS = (
    ATTEMPT
    + """
import socket
port, folder, abstract = int(sys.argv[1]), sys.argv[2], "\\0" + sys.argv[3]
def stream(family, address):
    with socket.socket(family) as caller:
        caller.connect(address)
def datagram(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", address)
def pair():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    here.sendto(b"hello", f"{folder}/datagrams")
attempt("tcp", lambda: stream(socket.AF_INET, ("127.0.0.1", port)))
attempt("udp", lambda: datagram(socket.AF_INET, ("127.0.0.1", port)))
attempt("unix", lambda: stream(socket.AF_UNIX, f"{folder}/stream"))
attempt("unix datagram", lambda: datagram(socket.AF_UNIX, f"{folder}/datagrams"))
attempt("through a pair", pair)
attempt("abstract", lambda: stream(socket.AF_UNIX, abstract))
attempt("listen", lambda: socket.create_server(("127.0.0.1", 0)))
"""
    + TELL
)

ON_PRIVILEGES = (
    ATTEMPT
    + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if function(*arguments):
        raise OSError(ctypes.get_errno(), "refused")
sets = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), sets)
found["capabilities"] = any(sets)
found["no new privileges"] = libc.prctl(39, 0, 0, 0, 0)
found["filter"] = libc.prctl(21, 0, 0, 0, 0)
found["user"] = os.getresuid()
found["groups"] = [*os.getresgid(), *os.getgroups()]
found["variables"] = dict(os.environ)
attempt("root", lambda: os.setuid(0))
attempt("own user", lambda: os.setuid(os.getuid()))
attempt("namespace", lambda: call(libc.unshare, 0x10000000))
attempt("shared memory", lambda: os.open("/dev/shm", os.O_RDWR | os.O_TMPFILE))
attempt("terminal", lambda: os.open("/dev/tty", os.O_RDWR))
for number in range(3, 64):
    attempt(number, lambda: os.fstat(number))
"""
    + TELL
)
