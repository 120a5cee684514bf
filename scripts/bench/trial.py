"""Encodes: bytes, VMAF and SSIM of one, processor time of two. What was tried once is remembered."""

import json
import math
import re
import subprocess
from dataclasses import dataclass

import films
import measure

MEMORY = films.FOLDER / "trials.json"
# VMAF looks at every third picture; a half of a VMAF does not hang on that.
SUBSAMPLE = 3


@dataclass(frozen=True)
class Settings:
    name: str
    preset: str
    params: str = ""
    # PeerTube's: bits per pixel of the cap, 16 B frames by the quick heuristic.
    is_peertube: bool = False
    keyframe_seconds: float = 2

    def words(self, film, crf):
        gop = round(film.rate * self.keyframe_seconds)
        if self.is_peertube:
            peak = peertube_peak(film)
            more = ["-b_strategy", 1, "-bf", 16]
        else:
            peak = round(max(400_000, 0.16 * film.width * film.height * film.rate))
            more = ["-flags", "+cgop", "-profile:v", "high"] + (["-x264-params", self.params] if self.params else [])
        return ["-c:v", "libx264", "-preset", self.preset, "-crf", f"{crf:g}", "-pix_fmt", "yuv420p", "-maxrate", peak,
                "-bufsize", 2 * peak, "-g", gop, *more]


def peertube_peak(film):
    """Its bits per pixel and frame at the usual heights, interpolated between."""
    table = [(144, 0.19), (240, 0.17), (360, 0.15), (480, 0.12), (720, 0.11), (1080, 0.10)]
    lines = min(film.width, film.height)
    below = max((row for row in table if row[0] <= lines), default=table[0])
    above = min((row for row in table if row[0] >= lines), default=table[-1])
    share = 0 if above[0] == below[0] else (lines - below[0]) / (above[0] - below[0])
    return round((below[1] + share * (above[1] - below[1])) * film.width * film.height * film.rate)


class Trials:
    def __init__(self, encoder, judge):
        """`encoder` and `judge` are ffmpegs: the judge knows libvmaf."""
        self.encoder, self.judge = encoder, judge
        self.known = json.loads(MEMORY.read_text()) if MEMORY.exists() else {}

    def run(self, settings, film, crf):
        words = [str(word) for word in settings.words(film, crf)]
        return self._remember(" ".join([film.name, *words]), lambda: self._run(words, film))

    def processor_ratio(self, one, crf, other, other_crf, film, rounds=3):
        """Of the processor time of two settings, in turns: the least of each, which other work on the machine disturbs
        least."""
        sides = [[str(word) for word in settings.words(film, factor)] for settings, factor in ((one, crf), (other, other_crf))]
        least = [math.inf, math.inf]

        def measured():
            for _ in range(rounds):
                for side, words in enumerate(sides):
                    least[side] = min(least[side], self._encode(words, film))
            return least[0] / least[1]

        return self._remember(" ".join(["cpu", film.name, *sides[0], "against", *sides[1]]), measured)

    def _remember(self, key, find):
        if key not in self.known:
            self.known[key] = find()
            MEMORY.write_text(json.dumps(self.known))
        return self.known[key]

    def _encode(self, words, film, output="cpu.mp4"):
        # One thread: the same bytes each time, and processor time that other work disturbs least.
        command = [self.encoder, "-nostdin", "-v", "error", "-y", "-i", film.path, *words, "-threads", 1, films.FOLDER / output]
        return measure.run(command, log=films.FOLDER / "trial.log").cpu

    def _run(self, words, film):
        output = films.FOLDER / "trial.mp4"
        self._encode(words, film, output.name)
        sizes = subprocess.run(
            ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=size", "-of", "csv=p=0", output],
            check=True, capture_output=True, text=True).stdout
        # Pictures are compared by their number, not by their time.
        count = "settb=1/30,setpts=N"
        graph = (f"[0:v]{count},split[a][b];[1:v]{count},split[c][d]"
                 f";[a][c]libvmaf=n_threads=2:n_subsample={SUBSAMPLE}[one];[b][d]ssim[other]")
        text = subprocess.run(
            [self.judge, "-nostdin", "-hide_banner", "-i", output, "-i", film.path, "-filter_complex", graph,
             "-map", "[one]", "-map", "[other]", "-f", "null", "-"], check=True, capture_output=True, text=True).stderr
        size = sum(int(line.strip(",")) for line in sizes.split())
        return {"bytes": size, "vmaf": float(re.search(r"VMAF score: ([\d.]+)", text)[1]),
                "ssim": -10 * math.log10(max(1e-6, 1 - float(re.search(r"SSIM .*All:([\d.]+)", text)[1])))}
