"""Where the child's processor time goes: samples of `perf`, by library."""

import re
import shutil
import subprocess
from pathlib import Path

import clips
import measure

DATA = Path(".build/bench/perf.data")
# Which part of the work a library's time is.
PARTS = [
    (r"libx264", "encoder (x264)"),
    (r"libavcodec", "decoder, sound and JPEG (libavcodec)"),
    (r"libswscale|libavfilter|libzimg|libswresample", "filters (libavfilter, libswscale, libswresample)"),
    (r"libavformat", "containers (libavformat)"),
    (r"libavutil", "FFmpeg's memory and queues (libavutil)"),
    (r"transcoder-media", "our own code in the child, Swift's run time with it"),
    (r"^transcoder$", "`transcoder`"),
    (r"kernel|vdso|\[k", "kernel (memory, reading, writing, waiting)"),
    (r"libc\.|ld-linux|libm\.|libpthread|libstdc", "C library (memory, copying)"),
]
CODECS = {PARTS[0][1], PARTS[1][1], PARTS[2][1]}


def part(library):
    return next((name for pattern, name in PARTS if re.search(pattern, library)), "other")


def report(order):
    """Percent, library and call, by `perf`'s sort keys."""
    text = subprocess.run(["perf", "report", "-i", str(DATA), "--stdio", "-q", "--sort", order, "-F", f"overhead,{order}"],
                          check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if match := re.match(r"\s*([\d.]+)%\s+(\S+)\s*(.*)", line):
            yield float(match[1]), match[2], re.sub(r"^\[.\] |\s{2,}.*$", "", match[3]).strip()


def record(words):
    """Samples by library (and the call's name where it is ours), and by thread, in percent."""
    command = ["perf", "record", "-q", "-F", "997", "-e", "cpu-clock:uk", "-o", DATA, "--", *words]
    subprocess.run([str(word) for word in command], check=True, capture_output=True, env=measure.clean_environment())
    shares, calls = {}, {}
    for share, library, _ in report("dso"):
        shares[part(library)] = shares.get(part(library), 0) + share
    # Places without a name are too many and too small to be added up.
    for share, library, call in report("dso,symbol"):
        name = part(library)
        if name not in CODECS:
            calls[(name, call)] = calls.get((name, call), 0) + share
    threads = {name: share for share, name, _ in report("comm")}
    return shares, calls, threads


def run(bench):
    if not shutil.which("perf"):
        return {"title": "Where the time goes", "about": "There was no `perf`."}
    clip = clips.CONVERT[1] if bench.is_quick else clips.LONG
    bench.ready(clip)
    words = bench.transcoder.convert(clip)
    shares, calls, threads = record(words)
    print({name: share for name, share in threads.items() if share >= 0.1}, flush=True)
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"{share:6.2f} %  {name}", flush=True)
    outside = sum(share for name, share in shares.items() if name not in CODECS)
    rows = [[name, f"{share:.1f} %"] for name, share in sorted(shares.items(), key=lambda item: -item[1])]
    top = sorted(calls.items(), key=lambda item: -item[1])[:15]
    return {
        "title": "Where the time goes", "group": "shares",
        "about": f"`transcoder convert --poster` of {clip.name}, both processes, `perf` at 997 samples a second by the processor's clock. "
                 f"Outside decoder, filters and encoder: **{outside:.1f} %** (goal ≤ 3 %). The verification's decoding is in libavcodec's "
                 f"share: its threads take **{threads.get('verify', 0):.1f} %** (goal ≤ 5 %). What the kernel does for the codecs is in "
                 "the kernel's.",
        "tables": [{"head": ["part", "share of CPU"], "rows": rows},
                   {"title": "The most of what is outside", "head": ["part", "call", "share"],
                    "rows": [[name, f"`{call.strip()[:90]}`", f"{share:.2f} %"] for (name, call), share in top]}],
        "commands": [bench.say(["perf", "record", "-F", "997", "-e", "cpu-clock", *words])],
    }
