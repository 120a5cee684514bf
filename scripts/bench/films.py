"""Short uncompressed films for comparing settings of the encoder: cut from the made scenes, and from a folder of real ones."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import scenes

FOLDER = Path(".build/bench/quality")
SECONDS = 2
ENDINGS = {".mp4", ".mov", ".mkv", ".webm", ".m4v", ".flv", ".wmv"}


@dataclass(frozen=True)
class Film:
    name: str
    path: Path
    width: int
    height: int
    rate: float
    pictures: int
    is_real: bool


def probe(path):
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
         "stream=width,height,avg_frame_rate,field_order,nb_read_packets", "-of", "json", "-count_packets", path],
        capture_output=True, text=True)
    streams = json.loads(answer.stdout or "{}").get("streams") or [{}]
    return streams[0]


def cut(ffmpeg, source, start, name, is_real):
    """At most 2 s and 720 lines (the shorter side); the times of the pictures are made even."""
    path = FOLDER / f"{name}.y4m"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        draft = FOLDER / f"{name}.draft.y4m"
        scenes.ffmpeg(ffmpeg, "-ss", start, "-i", source, "-t", SECONDS, "-map", "0:v:0", "-an", "-vf",
                      "fps=30,scale='if(gt(iw,ih),-2,min(720,trunc(iw/2)*2))':'if(gt(iw,ih),min(720,trunc(ih/2)*2),-2)'"
                      ":flags=bicubic,setsar=1,format=yuv420p", draft)
        draft.rename(path)
    facts = probe(path)
    return Film(name, path, facts["width"], facts["height"], 30.0, int(facts["nb_read_packets"]), is_real)


def made(ffmpeg, is_quick):
    numbers = [1] if is_quick else range(len(scenes.SCENES))
    return [cut(ffmpeg, scenes.master(ffmpeg, FOLDER.parent / "scenes", number), 4, f"scene-{number}", False)
            for number in numbers]


def real(ffmpeg, folder):
    """What is progressive, has 480 lines, ten pictures a second and a dozen at least, and was not squeezed much before: its flaws would
    be what is measured. The same film under another name counts once."""
    found, seen = [], set()
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() not in ENDINGS:
            continue
        facts = probe(path)
        width, height, pictures = (int(facts.get(name, 0)) for name in ("width", "height", "nb_read_packets"))
        if min(width, height) < 480 or pictures < 12 or path.stat().st_size * 8 < 0.06 * width * height * pictures:
            continue
        over, under = (int(word) for word in facts.get("avg_frame_rate", "0/0").split("/"))
        if under == 0 or over / under < 10:
            continue
        if facts.get("field_order", "progressive") not in ("progressive", "unknown"):
            continue
        try:
            film = cut(ffmpeg, path, 0, "real-" + "".join(c if c.isalnum() else "-" for c in path.stem), True)
            if film.pictures < 12:
                continue
        except (subprocess.CalledProcessError, KeyError):
            print(f"{path.name} does not decode, and is left out", flush=True)
            continue
        digest = hashlib.md5(film.path.read_bytes()).digest()
        if digest not in seen:
            seen.add(digest)
            found.append(film)
    return found
