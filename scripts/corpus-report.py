"""Converts every file of a corpus and writes a report. Usage: corpus-report.py PROGRAMS CORPUS REPORT"""

import csv
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

# Seconds for one file.
TIME_LIMIT = 120
# With these the file is not to blame: another try might end differently, so that no "must-fail" is met by them.
TRANSIENT = {"crashed", "stalled", "time-limit", "memory-limit", "out-of-memory", "disk-full", "io", "source-changed",
             "database-gone", "protocol-error", "internal-error", "drained", "lost"}
PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Result:
    outcome: str = ""
    decided: str = "-"
    before: int = 0
    after: int | None = None
    duration: float | None = None
    seconds: float = 0
    decodes: str = "-"
    faults: list[str] = field(default_factory=list)


def run(command, limit):
    """Exit status (None: over the limit), standard output, standard error."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRANSCODER_")}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, errors="replace", env=environment, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, "", ""
    return process.returncode, output, errors


def left_behind():
    """Ends and counts what a program left running or unreaped: as a subreaper we inherit it."""
    count = 0
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return count
        if pid:
            count += 1
            continue
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        for child in children:
            os.waitpid(int(child), 0)
        count += len(children)


def shorten(decisions):
    streams = {}
    for decision in decisions:
        if "stream" in decision:
            streams.setdefault(decision["stream"], []).append(decision["action"])
    return " · ".join(f"{stream}: {', '.join(actions)}" for stream, actions in sorted(streams.items())) or "-"


def kinds(path):
    _, told, _ = run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", str(path)], 60)
    return sorted(line.strip(",") for line in told.split())


def decode(path):
    """What FFmpeg complains about when it decodes all; nothing where all is well."""
    # Not with `ffmpeg -f null`: that counts frames at a constant rate, and complains of pictures closer together.
    status, told, errors = run(["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames",
                                "-of", "csv=p=0", str(path)], 300)
    if status is None:
        return "took too long"
    if errors.strip():
        return errors.strip().splitlines()[0]
    frames = [line.strip(",") for line in told.split()]
    return "" if status == 0 and frames and all(count.isdigit() and int(count) for count in frames) else "no frame"


def convert(transcoder, source):
    result = Result(before=source.stat().st_size)
    with tempfile.TemporaryDirectory(prefix="transcoder-corpus-") as folder:
        output, poster = Path(folder) / "output.mp4", Path(folder) / "poster.jpg"
        start = time.monotonic()
        status, told, errors = run([transcoder, "convert", str(source), "-o", str(output), "--poster", str(poster),
                                    "--json"], TIME_LIMIT)
        result.seconds = time.monotonic() - start
        if count := left_behind():
            result.faults.append(f"{count} processes left behind")
        if status is None:
            result.outcome = "over the time limit"
            result.faults.append(f"took more than {TIME_LIMIT} s")
        elif status == 0:
            inspect(result, json.loads(told), output, poster)
        else:
            try:
                failure = json.loads(told)["failure"]
                result.outcome = f"**{failure['code']}**: {failure['reason']}"
                if failure["code"] in TRANSIENT:
                    result.faults.append(f"{failure['code']} is no verdict on a file")
            except ValueError:
                result.outcome = errors.strip() or "nothing said"
                result.faults.append("no verdict")
            if status != 1:
                result.faults.append(f"ended with {status}")
        others = {entry.name for entry in Path(folder).iterdir()} - ({output.name, poster.name} if status == 0 else set())
        if others:
            result.faults.append(f"left files: {', '.join(sorted(others))}")
    return result


def inspect(result, document, output, poster):
    found = kinds(output)
    result.outcome = " + ".join(found)
    if "width" in document:
        result.outcome += f", {document['width']}×{document['height']}"
    if "remark" in document:
        result.outcome += f" ({document['remark']})"
    result.decided = shorten(document["decisions"]) if document["rewritten"] else "unchanged"
    result.after = output.stat().st_size
    result.duration = document["duration"]
    complaint = decode(output)
    result.decodes = complaint or "yes"
    if complaint:
        result.faults.append("the output does not decode cleanly")
    if not poster.exists():
        result.faults.append("no poster")
    elif complaint := decode(poster):
        result.faults.append(f"poster: {complaint}")
    if extra := set(found) - {"audio", "video"}:
        result.faults.append(f"the output holds {', '.join(extra)}")


def judge(expected, result):
    is_made = result.after is not None
    has_picture = is_made and "video" in result.outcome.split(",")[0].split("(")[0]
    if expected == "must-fail" and is_made:
        result.faults.append("should have failed")
    if expected in ("ok", "ok-audio-only") and not is_made:
        result.faults.append("should have been converted")
    if is_made and expected == "ok" and not has_picture:
        result.faults.append("no picture")
    if is_made and expected == "ok-audio-only" and has_picture:
        result.faults.append("a picture where only sound was expected")
    if expected not in ("ok", "ok-audio-only", "must-fail", "either"):
        result.faults.append(f"the manifest expects “{expected}”, which means nothing here")


def people(size):
    if size is None:
        return "-"
    return f"{size} B" if size < 1000 else f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def write(report, rows, versions):
    wrong = [name for name, _, result in rows if result.faults]
    head = f"**{len(rows) - len(wrong)} of {len(rows)} files come out as the manifest expects.**"
    lines = ["# The corpus, file by file", "", head, "",
             "Written by `make corpus CORPUS=DIR` (see docs/testing.md); " + "; ".join(versions) + ".", "",
             "| file | expected | outcome | decided, by stream | before | after | length | took | decodes | as expected |",
             "|---|---|---|---|--:|--:|--:|--:|---|---|"]
    for name, expected, result in rows:
        length = "-" if result.duration is None else f"{result.duration:.2f} s"
        verdict = "**no**: " + "; ".join(result.faults) if result.faults else "yes"
        cells = [name, expected, result.outcome, result.decided, people(result.before), people(result.after), length,
                 f"{result.seconds:.1f} s", result.decodes, verdict]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    report.write_text("\n".join(lines) + "\n")
    return head, wrong


def main():
    programs, corpus, report = map(Path, sys.argv[1:])
    transcoder = str(programs / "transcoder")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with open(corpus / "MANIFEST.tsv", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    rows = []
    for entry in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        name, expected = entry["file"], entry["expected"]
        source = corpus / name
        if source.is_file():
            result = convert(transcoder, source)
            judge(expected, result)
        else:
            result = Result(outcome="not there", faults=["not there"])
        rows.append((name, expected, result))
        verdict = "NOT AS EXPECTED: " + "; ".join(result.faults) if result.faults else "as expected"
        print(f"{name}: {result.outcome} ({result.seconds:.1f} s) — {verdict}", file=sys.stderr, flush=True)
    versions = ["transcoder " + run([transcoder, "--version"], 60)[1].strip(),
                " ".join(run(["ffmpeg", "-version"], 60)[1].split()[:3])]
    head, wrong = write(report, rows, versions)
    print(f"{head.strip('*')} {report}")
    sys.exit(1 if wrong or not rows else 0)


main()
