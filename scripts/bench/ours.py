"""Our programs."""

import subprocess
from pathlib import Path

import measure

OUT = Path(".build/bench/out")
LOG = Path(".build/bench/ours.log")


class Transcoder:
    def __init__(self, programs):
        self.programs = Path(programs)
        # The default configuration, whatever this machine has of its own.
        self.config = Path(".build/bench/convert.yaml")
        self.config.write_text("log_level: info\n")
        OUT.mkdir(parents=True, exist_ok=True)

    @property
    def program(self):
        return self.programs / "transcoder"

    def convert(self, clip, poster=True, result=None):
        result = result or OUT / "ours"
        words = [self.program, "convert", clip.path, "-o", f"{result}.mp4", "--force", "--config", self.config]
        return words + (["--poster", f"{result}.jpg"] if poster else [])

    def run(self, words):
        return measure.run(words, log=LOG)

    @property
    def version(self):
        text = subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()
        commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
        return f"{text or 'transcoder'} ({commit})"


def encoder_settings(path):
    """What x264 writes into a film of how it was made; threads left out, which do not matter to what is compared."""
    with open(path, "rb") as film:
        data = film.read(4_000_000)
    place = data.find(b"options: ")
    if place < 0:
        return {}
    text = data[place + 9:data.index(b"\0", place)].split(b"\x80")[0].decode("ascii", "replace")
    settings = dict(word.split("=", 1) for word in text.split() if "=" in word)
    return {name: value for name, value in settings.items() if name not in ("threads", "lookahead_threads", "sliced_threads")}


def differences(ours, peer):
    """Settings in which two films differ, by x264's own word."""
    ours, peer = encoder_settings(ours), encoder_settings(peer)
    if not ours or not peer:
        return ["x264 has not said how they were made"]
    return [f"{name}: ours {ours.get(name)}, peer {peer.get(name)}"
            for name in sorted(ours.keys() | peer.keys()) if ours.get(name) != peer.get(name)]
