"""make bench: see docs/performance.md. Arguments: the folder of our programs. ONLY, ROUNDS, QUICK and CLIPS in the
environment narrow it."""

import importlib
import os
import sys

import clips
import machine
import ours
import peers
import report
from groups import Bench
from profile_web import WebProfile

GROUPS = ["convert", "transcode", "copies", "memory", "queue", "mixed", "latency", "shares", "idle", "curves", "stores"]


def main(programs):
    only = os.environ.get("ONLY", "")
    names = only.split(",") if only else GROUPS
    if unknown := set(names) - set(GROUPS):
        sys.exit(f"There is no {', '.join(sorted(unknown))}: there is {', '.join(GROUPS)}.")
    is_quick = bool(os.environ.get("QUICK"))
    rounds = int(os.environ.get("ROUNDS") or (2 if is_quick else 7))
    both = peers.both()
    transcoder = ours.Transcoder(programs)
    bench = Bench(transcoder, both, WebProfile.read(), clips.Maker(both[1].ffmpeg, os.environ.get("CLIPS")), rounds, is_quick)
    place = machine.describe(both, transcoder)
    print(place, flush=True)
    for name in names:
        moment = machine.moment()
        print(f"\n== {name} (load {moment['load']})", flush=True)
        result = importlib.import_module({"queue": "queue_run"}.get(name, name)).run(bench)
        # A smoke run leaves no figures behind.
        if not is_quick and not os.environ.get("DRY"):
            write(name, report.section(result | {"group": name, "moment": moment, "place": place}))


def write(name, section):
    """At once, so that a run that is ended later has not been for nothing."""
    sections = report.kept("bench") | {name: section}
    used = [clip for clip in [*clips.CONVERT, clips.LONG, *clips.MEMORY, *clips.COPIES]]
    report.write("bench", "\n\n".join([
        "## Beside the `ffmpeg` command line: `make bench`", INTRODUCTION, *(sections[name] for name in GROUPS if name in sections),
        "### Clips\n\n" + "\n".join(f"- {clip.describe()}" for clip in used)
        + f"\n- queue: {len(clips.ENCODED)} of 2, 3, 4 and 6 s, 720p and 1080p (scripts/bench/clips.py)"]))
    print(f"\nWritten into {report.DOCUMENT}", flush=True)


INTRODUCTION = (
    "Ours and the peer's in turns, one round before that does not count; the ratio of each pair, and of these the median and the spread "
    "(least – most). Below 1 ours is quicker, or takes less. The peer has our encoder, preset, CRF, cap, keyframes, filters and sound, and "
    "is the faster of Debian's `ffmpeg` and the newest static build (PyPI's `imageio-ffmpeg`) for the kind of work. CPU is user and system "
    "time of all processes.")


if __name__ == "__main__":
    main(sys.argv[1])
