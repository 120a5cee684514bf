"""The fixed list of clips, and how each is made."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import scenes

FOLDER = Path(".build/bench/clips")
# As phones' own encoders write: High profile, a keyframe a second, one reference, no B frames, nearly constant bitrate.
PHONE = ["-c:v", "libx264", "-preset", "superfast", "-profile:v", "high", "-bf", 0, "-refs", 1, "-g", 30,
         "-pix_fmt", "yuv420p"]
BITRATE = {360: 3_000, 720: 10_000, 1080: 18_000, 2160: 48_000}
SOUND = ["-c:a", "aac", "-b:a", "128k", "-ar", 48_000, "-ac", 2]
# Phones put the index at the end.
COLOURS = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]


@dataclass(frozen=True)
class Clip:
    name: str
    seconds: float
    width: int
    height: int
    # phone: to be encoded again. remux: right but for its index at the end. kept: right as it is.
    kind: str = "phone"
    # Where in which scene it begins.
    scene: int = 0
    start: float = 0
    # Films of somebody's own instead of scenes.
    film: str = ""

    @property
    def path(self):
        return FOLDER / f"{self.name}.mp4"

    @property
    def rate(self):
        return scenes.RATE

    def describe(self):
        origin = Path(self.film).name if self.film else f"scene {self.scene} from {self.start:g} s"
        return f"{self.name}: {self.seconds:g} s, {self.width}×{self.height}, {origin}, {self.kind}"


SIZES = {360: (640, 360), 720: (1280, 720), 1080: (1920, 1080), 2160: (3840, 2160)}


def clip(seconds, lines, scene=1, start=0, kind="phone", name=None):
    width, height = SIZES[lines]
    return Clip(name or f"{seconds:g}s-{lines}p", seconds, width, height, kind, scene, start)


def short(number, kind="phone"):
    """One of the sixty of the queue."""
    seconds, lines = (2, 3, 4, 2, 3, 6)[number % 6], (720, 720, 1080)[number % 3]
    return clip(seconds, lines, number % 4, (number * 7) % 9, kind, f"queue-{number:02}-{kind}")


CONVERT = [clip(seconds, lines) for lines in (720, 1080) for seconds in (2, 8, 15)]
LONG = clip(60, 1080)
MEMORY = [clip(4, lines, 2) for lines in (720, 1080, 2160)]
LENGTHS = [clip(seconds, 720) for seconds in (1, 2, 4, 8, 15, 30, 60)]
RESOLUTIONS = [clip(4, lines, 2) for lines in (360, 720, 1080, 2160)]
COPIES = [clip(110, 1080, kind=kind, name=f"100MB-{kind}") for kind in ("remux", "kept")]
ENCODED = [short(number) for number in range(60)]
# A third is compliant, of either size; of those every other one needs its index moved.
MIXED = [short(number, ("remux", "kept")[number // 3 % 2] if (number + number // 3) % 3 == 2 else "phone") for number in range(60)]


class Maker:
    """Makes what is missing."""

    def __init__(self, ffmpeg, films=None):
        self.ffmpeg = ffmpeg
        endings = {".mp4", ".mov", ".mkv", ".webm", ".m4v"}
        self.films = sorted(path for path in Path(films).iterdir() if path.suffix.lower() in endings) if films else []

    def make(self, clips):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for one in clips:
            recipe = one.path.with_suffix(".json")
            wanted = json.dumps([repr(one), *map(str, self.films), PHONE, SOUND, scenes.SCENES, BITRATE], default=str)
            if one.path.exists() and recipe.exists() and recipe.read_text() == wanted:
                continue
            print(f"making {one.describe()}", flush=True)
            self._encode(one)
            recipe.write_text(wanted)

    def _sources(self, one):
        if self.films:
            return ["-stream_loop", -1, "-ss", 0, "-i", self.films[one.scene % len(self.films)]]
        masters = [scenes.master(self.ffmpeg, FOLDER.parent / "scenes", (one.scene + step) % len(scenes.SCENES))
                   for step in range(1 if one.start + one.seconds <= scenes.SECONDS else len(scenes.SCENES))]
        if len(masters) == 1:
            return ["-ss", one.start, "-i", masters[0]]
        # What is longer than a scene goes through all of them, again and again.
        text = FOLDER.parent / "scenes" / f"from-{one.scene}.txt"
        text.write_text("".join(f"file '{path.resolve()}'\n" for path in masters))
        return ["-stream_loop", -1, "-f", "concat", "-safe", 0, "-i", text]

    def _encode(self, one):
        lines = one.height
        # Voice-like: a tone that wanders under noise.
        sound = ["-f", "lavfi", "-i",
                 "aevalsrc='0.2*sin(2*PI*(180+60*sin(3*t))*t)*(0.6+0.4*sin(7*t))|0.2*sin(2*PI*220*t)*(0.5+0.5*sin(5*t))':s=48000"]
        if one.kind == "phone":
            rate = BITRATE[lines]
            picture = [*PHONE, "-b:v", f"{rate}k", "-maxrate", f"{rate * 12 // 10}k", "-bufsize", f"{rate}k"]
        else:
            # What another site's transcoder made: within our profile.
            rate = 7_400 if one.name.startswith("100MB") else 3_500
            picture = ["-c:v", "libx264", "-preset", "superfast", "-profile:v", "high", "-g", 60, "-pix_fmt", "yuv420p",
                       "-b:v", f"{rate}k", "-maxrate", f"{rate}k", "-bufsize", f"{rate * 2}k"]
        order = ["-movflags", "+faststart"] if one.kind == "kept" else []
        draft = one.path.with_suffix(".draft.mp4")
        scenes.ffmpeg(self.ffmpeg, *self._sources(one), *sound, "-map", "0:v:0", "-map", "1:a:0", "-t", one.seconds,
                      "-vf", f"fps={one.rate},scale={one.width}:{one.height}:force_original_aspect_ratio=increase"
                             f":flags=bicubic,crop={one.width}:{one.height},setsar=1,format=yuv420p",
                      *picture, *COLOURS, *SOUND, "-map_metadata", -1, "-map_chapters", -1,
                      "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", *order, draft)
        draft.rename(one.path)


def plan(transcoder, one):
    """What our own plan says of it."""
    answer = subprocess.run([transcoder, "plan", one.path, "--json"], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)
