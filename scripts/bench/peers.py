"""ffmpeg's command line with our settings: Debian's build, and the newest static one of PyPI."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import measure
from profile_web import PARAMETERS

HANDMADE = Path("scripts/bench/handmade.sh")
OUT = Path(".build/bench/out")
LOG = Path(".build/bench/peer.log")


@dataclass(frozen=True)
class Peer:
    name: str
    ffmpeg: str
    # Empty where the build has none.
    ffprobe: str

    @property
    def version(self):
        text = subprocess.run([self.ffmpeg, "-version"], check=True, capture_output=True, text=True).stdout
        return re.match(r"ffmpeg version (\S+)", text)[1]

    @property
    def environment(self):
        return {"FFMPEG": self.ffmpeg, "FFPROBE": self.ffprobe}


def both():
    import imageio_ffmpeg

    return [Peer("Debian's ffmpeg", "/usr/bin/ffmpeg", "/usr/bin/ffprobe"),
            Peer("imageio-ffmpeg", imageio_ffmpeg.get_ffmpeg_exe(), "")]


class CommandLine:
    """The words for one clip."""

    def __init__(self, profile, clip):
        self.profile, self.clip = profile, clip

    @property
    def encode(self):
        """All that Encoder+Plan.swift and VideoFilterChain.swift set, in ffmpeg's words. Sound that is right is copied by both."""
        values, clip = self.profile.values, self.clip
        width, height = self.profile.fit(clip.width, clip.height, values["max_side"])
        peak = self.profile.peak(width, height, clip.rate)
        return [
            "-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1",
            "-vf", f"scale=w={width}:h={height}:in_color_matrix=bt709:out_color_matrix=bt709:in_range=limited"
                   ":out_range=limited:flags=bicubic+accurate_rnd,format=yuv420p,setsar=1",
            "-c:v", "libx264", "-preset", values["preset"], "-crf", f"{values['crf']:g}", "-profile:v", "high",
            "-x264-params", PARAMETERS, "-maxrate", str(peak), "-bufsize", str(2 * peak),
            "-g", str(round(clip.rate * self.profile.keyframe_seconds)),
            "-flags", "+cgop", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
            "-color_range", "tv", "-chroma_sample_location", "left", "-c:a", "copy",
        ]

    @property
    def copy(self):
        return ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", "-c", "copy"]

    @property
    def poster_size(self):
        return ":".join(map(str, self.profile.fit(self.clip.width, self.clip.height, self.profile.values["poster_side"])))

    def handmade(self, options=None, result=None):
        """The hand-made way's words; `result` without its ending."""
        result = result or OUT / "peer"
        return [HANDMADE, self.clip.path, f"{result}.mp4", f"{result}.jpg", self.poster_size, *(options or self.encode)]

    def alone(self, peer, result=None):
        """The transcode and nothing else; fsync, as ours does."""
        result = result or OUT / "peer.mp4"
        return ["sh", "-c", 'out=$1; shift; "$@" "$out" && sync "$out" "${out%/*}"', "alone", result,
                peer.ffmpeg, "-nostdin", "-v", "error", "-y", "-i", self.clip.path, *self.encode, "-movflags", "+faststart"]


def run(peer, words):
    OUT.mkdir(parents=True, exist_ok=True)
    return measure.run(words, log=LOG, environment=peer.environment)


def faster(peers, words, rounds=3):
    """The one whose least wall time is less; `words` makes a peer's words."""
    times = {}
    for peer in peers:
        run(peer, words(peer))
    for _ in range(rounds):
        for peer in peers:
            measure.settle()
            times[peer] = min(times.get(peer, 1e9), run(peer, words(peer)).wall)
    return min(times, key=times.get), {peer.name: round(time, 3) for peer, time in times.items()}
