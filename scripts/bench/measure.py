"""What one command costs."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cost:
    wall: float
    # User and system seconds of the command and of all its children.
    cpu: float
    # Bytes of the largest process among them.
    peak: int


def clean_environment(more=None):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRANSCODER_")}
    return {**environment, **(more or {})}


def run(command, *, log, environment=None, stdin=os.devnull):
    """Runs it to its end; a failure ends the bench, with the command's own words."""
    command = [str(word) for word in command]
    log = Path(log)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, str(stdin), os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, clean_environment(environment), file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        words = log.read_text(errors="replace")[-2000:]
        sys.exit(f"This ended with {os.waitstatus_to_exitcode(status)}: {' '.join(command)}\n{words}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def settle():
    """What an earlier run left to be written is not the next one's burden."""
    os.sync()
