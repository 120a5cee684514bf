"""From a row's commit until the child reads its source, an idle daemon, SQLite in memory."""

import ctypes
import os
import random
import select
import time
from pathlib import Path

import clips
from site_run import Site

IN_ACCESS = 0x1
libc = ctypes.CDLL(None, use_errno=True)


class ReadWatch:
    """Tells when a file is first read, by whomever."""

    def __init__(self, path):
        self.descriptor = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self.descriptor < 0 or libc.inotify_add_watch(self.descriptor, os.fsencode(str(path)), IN_ACCESS) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def wait(self, seconds):
        """The moment; nil where nobody read it."""
        found, _, _ = select.select([self.descriptor], [], [], seconds)
        moment = time.monotonic()
        os.close(self.descriptor)
        return moment if found else None


def measure_rows(bench, clip, count, workers):
    times = []
    # The same clip again and again: no result is to be taken over from the one before.
    with Site(bench.transcoder.programs, "/dev/shm/transcoder-bench", f"workers: {workers}\nreuse: off\n") as site:
        for number in range(count + 3):
            path = site.lay(clip.path)
            watch = ReadWatch(path)
            begin = site.publish([path])
            end = watch.wait(10)
            if end is None:
                raise SystemExit(f"Nobody read the file within 10 s:\n{site.log.read_text()[-2000:]}")
            site.finish()
            if number >= 3:
                times.append(end - begin)
            # Not in step with any poll.
            time.sleep(0.3 + random.random() * 0.4)
    return sorted(times)


def run(bench):
    count = 10 if bench.is_quick else 100
    clip = clips.clip(1, 360)
    bench.ready(clip)
    times = measure_rows(bench, clip, count, 2)
    middle, high = times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]
    print(f"row to read: p50 {middle * 1000:.1f} ms, p99 {high * 1000:.1f} ms, {times[0] * 1000:.1f} – {times[-1] * 1000:.1f}", flush=True)
    return {
        "title": "From the row's commit to the child's first read",
        "about": f"{count} rows, one at a time, an idle daemon, the site on tmpfs; from just before the commit until inotify tells that "
                 "the source is read, which is the child's probe: it reads its first packet then.",
        "tables": [{"head": ["p50 (goal ≤ 15 ms)", "p99 (goal ≤ 50 ms)", "least", "most"],
                    "rows": [[f"{value * 1000:.1f} ms" for value in (middle, high, times[0], times[-1])]]}],
    }
