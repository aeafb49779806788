"""The degraded backend: Landlock and system-call filters, for machines where bubblewrap cannot work.

What holds: no file can be opened, made, changed or removed but those on the policy's list and in scratch; no
network, no socket but connected pairs; no signal to anybody outside, no look into another process; no
capability; as root an unprivileged user for each call; the kernel's limits; every descendant is dead at the
end.

What does not hold, other than in bubblewrap: names, sizes and times of all files can be asked for (stat), and
so can the host's name and which process ids exist. An ordinary user's calls have that user's id, and share
with the user what the kernel counts for each user, such as threads and the memory of pipes. /proc and
/dev/shm are closed altogether, so that POSIX semaphores, and with them multiprocessing's locks, do not work.
Where no control group can be made, memory is bounded by the watcher alone, and nobody ends a call whose
supervisor and whose deputy are killed at the same moment.
"""

from __future__ import annotations

from quantumsketch.tools.sandbox.landlock.landlocked import landlock_abi, start

__all__ = ["landlock_abi", "start"]
