"""A daemon that has nothing to do, on each database: its memory, and what it takes of the processor."""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

from site_run import Site

DATABASES = ["sqlite", "mariadb", "postgresql"]


@contextlib.contextmanager
def servers():
    """Ours as the tests have them; their addresses are in the environment meanwhile."""
    with tempfile.TemporaryDirectory(prefix="transcoder-idle-") as folder:
        try:
            told = subprocess.run(["scripts/databases.sh", "start", folder], check=True, capture_output=True, text=True).stdout
            pairs = [line.removeprefix("export ").split("=", 1) for line in told.splitlines()]
            os.environ.update({name: value.strip("'") for name, value in pairs})
            yield
        finally:
            subprocess.run(["scripts/databases.sh", "stop", folder], check=True)


def tree(pid):
    """The daemon, and its children that stand ready."""
    lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *sorted(int(child) for one in lists for child in one)]


def nanoseconds(pid):
    """Of all its threads: the clock of the scheduler, for ticks of 10 ms see nothing of what is this short."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def resident(pid):
    """Bytes that are its own or its share of what is mapped together (PSS), and all that is resident."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines[1:]}
    return fields["Pss"], fields["Rss"]


def run(bench):
    seconds = 20 if bench.is_quick else 600
    with contextlib.ExitStack() as stack:
        stack.enter_context(servers())
        sites = [stack.enter_context(Site(bench.transcoder.programs, f".build/bench/idle-{name}", "workers: 2\n", name)) for name in DATABASES]
        # What a start takes is not meant.
        time.sleep(min(30, seconds))
        before = [[nanoseconds(pid) for pid in tree(site.daemon.pid)] for site in sites]
        begin = time.monotonic()
        time.sleep(seconds)
        hours = (time.monotonic() - begin) / 3600
        rows = []
        for name, site, first in zip(DATABASES, sites, before):
            pids = tree(site.daemon.pid)
            used = [(nanoseconds(pid) - was) / 1e9 / hours for pid, was in zip(pids, first)]
            sizes = [resident(pid) for pid in pids]
            row = [name, f"{sizes[0][1] / 1e6:.0f} MB", f"{len(pids) - 1}: {sum(pss for pss, _ in sizes[1:]) / 1e6:.0f} MB",
                   f"{sum(pss for pss, _ in sizes) / 1e6:.0f} MB", f"{used[0]:.1f} s", f"{sum(used[1:]):.1f} s"]
            print("idle: " + ", ".join(row), flush=True)
            rows.append(row)
    return {
        "title": "A daemon that has nothing to do",
        "about": f"Two workers, all else as it comes, {seconds} s, all three at once; processor time by the scheduler's clock, as seconds "
                 "an hour. Children stand ready, with FFmpeg loaded: their memory is their share (PSS), and mostly files that other "
                 "processes can have in common.",
        "tables": [{"head": ["database", "daemon, resident", "ready children", "all, PSS", "daemon's processor time", "children's"], "rows": rows}],
    }
