"""Converts films, plays the results in browsers, judges what they saw. Ends with 1 where anything is wrong.

Usage: play.py PROGRAMS [FILM …], where PROGRAMS is the folder of transcoder and transcoder-media.
"""

import json
import os
import queue
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from browser import Browser
from films import FILMS
from judge import faults
from server import Server

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures" / "media"
# Seconds: for one conversion, between two observations of a browser (its start among them), for a browser's visit.
CONVERSION_LIMIT, SILENCE_LIMIT, VISIT_LIMIT = 180, 180, 900
ROW = "{:<20} {:<9} {:<6} {:>8} {:>10} {:>7} {:>7} {:>7}  {}"


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command):
    """Returns what is wrong, or None."""
    program = Path(command[0]).name
    # The default profile, whatever the person who starts this has set.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRANSCODER_")}
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, env=environment, timeout=CONVERSION_LIMIT)
    except subprocess.TimeoutExpired:
        return f"{program} took more than {CONVERSION_LIMIT} s"
    return f"{program} ended with {done.returncode}: {done.stderr.strip()}" if done.returncode else None


def convert(film, programs, folder):
    """Returns what is wrong, or None."""
    source = FIXTURES / film.fixture
    if film.make:
        source = folder / f"{film.name}.source.{film.extension}"
        if wrong := run(["ffmpeg", "-v", "error", "-y", *shlex.split(film.make), str(source)]):
            return wrong
    output = folder / film.name
    return run([f"{programs}/transcoder", "convert", str(source), "-o", f"{output}.mp4", "--poster", f"{output}.jpg"])


def shelf(films, folder):
    """What the server gives: the page, the films, and the list of them that the page asks for."""
    files = {"/": (HERE / "page.html", "text/html"), "/player.js": (HERE / "player.js", "text/javascript")}
    listed = []
    for film in films:
        entry = {"name": film.name, "element": film.element, "url": f"/{film.name}.mp4", "sound": bool(film.channels)}
        files[entry["url"]] = (folder / f"{film.name}.mp4", f"{film.element}/mp4")
        if (folder / f"{film.name}.jpg").exists():
            entry["poster"] = f"/{film.name}.jpg"
            files[entry["poster"]] = (folder / f"{film.name}.jpg", "image/jpeg")
        listed.append(entry)
    files["/files.json"] = (json.dumps(listed).encode(), "application/json")
    return files


def visit(browser, server, count):
    """Returns what the browser saw, by the film's name."""
    seen = {}
    if browser.program is None:
        say(f"{browser.name} is not installed.")
        return seen
    say(f"{browser.name}: {browser.version()}")
    try:
        browser.open(f"{server.address}/?browser={browser.name}")
        start = heard = time.monotonic()
        while (now := time.monotonic()) - heard < SILENCE_LIMIT and now - start < VISIT_LIMIT:
            try:
                observation = server.seen[browser.name].get(timeout=1)
            except queue.Empty:
                if browser.has_ended():
                    break
                continue
            heard = time.monotonic()
            if observation.get("done"):
                if "failure" in observation:
                    say(f"{browser.name}: {observation['failure']}")
                break
            seen[observation["file"]] = observation
            say(f"{browser.name} played {observation['file']}")
    finally:
        browser.close()
    if len(seen) < count:
        say(f"{browser.name} told of {len(seen)} of {count} files. Its last words:\n{browser.words()}")
    return seen


def row(film, browser, seen, wrong):
    def seconds(key):
        return f"{seen[key]:.2f}" if key in seen else "-"

    size = f"{seen['width']}×{seen['height']}" if "width" in seen else "-"
    return ROW.format(film.name, browser, film.element, seconds("duration"), size, seconds("playedTo"),
                      seconds("soughtTo"), seconds("endedAt"), "WRONG: " + "; ".join(wrong) if wrong else "ok")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs, names = sys.argv[1], sys.argv[2:]
    films = [film for film in FILMS if not names or film.name in names]
    with tempfile.TemporaryDirectory(prefix="transcoder-browsers-", ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        broken = {}
        for film in films:
            say(f"Converting {film.name}")
            if wrong := convert(film, programs, folder):
                broken[film.name] = wrong
        played = [film for film in films if film.name not in broken]
        server = Server(shelf(played, folder))
        browsers = [Browser("Chromium", folder), Browser("Firefox", folder)]
        pool = ThreadPoolExecutor()
        try:
            told = list(pool.map(lambda browser: visit(browser, server, len(played)), browsers))
        finally:
            # Where this program is interrupted, its threads end with the browsers that they wait for.
            for browser in browsers:
                browser.close()
            pool.shutdown()
            server.close()
    passed = failed = 0
    print(ROW.format("file", "browser", "in", "seconds", "size", "played", "sought", "ended", ""))
    for film in films:
        for browser, seen in zip(browsers, told):
            observation = seen.get(film.name, {})
            if film.name in broken:
                wrong = [broken[film.name]]
            else:
                wrong = faults(film, observation) if observation else ["the browser told nothing"]
            print(row(film, browser.name, observation, wrong))
            passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
