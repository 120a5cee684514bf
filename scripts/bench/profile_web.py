"""The built-in profile, as the documented configuration shows it."""

import re
from dataclasses import dataclass
from pathlib import Path

KINDS = {
    "preset": str, "crf": float, "max_side": int, "max_frame_rate": float, "keyframe_interval": str,
    "peak_bits_per_pixel": float, "bitrate_per_channel": int, "quantiser": int,
}
# What Profile.swift sets beside the preset. Where it is not the same, `check_settings` tells.
PARAMETERS = "aq-mode=2:trellis=1:rc-lookahead=20"


@dataclass
class WebProfile:
    values: dict

    @classmethod
    def read(cls, example=Path("config/transcoder.example.yaml")):
        values, section = {}, ""
        text = example.read_text()
        for line in text[text.index("#profiles:"):].splitlines():
            if heading := re.fullmatch(r"#\s+(video|audio|poster):", line):
                section = heading[1]
            entry = re.fullmatch(r"#\s+([a-z0-9_]+): (.+)", line)
            if entry and entry[1] in KINDS and entry[2] != "none":
                name = "poster_side" if (section, entry[1]) == ("poster", "max_side") else entry[1]
                values[name] = KINDS[entry[1]](entry[2].strip().strip('"'))
        return cls(values)

    @property
    def keyframe_seconds(self):
        value = self.values["keyframe_interval"]
        return float(value[:-2]) / 1000 if value.endswith("ms") else float(value.rstrip("s"))

    def fit(self, width, height, side):
        """The size that a picture becomes; both sides are even."""
        scale = min(1, side / max(width, height))
        return tuple(max(2, round(length * scale / 2) * 2) for length in (width, height))

    def peak(self, width, height, rate):
        limit = self.values["peak_bits_per_pixel"] * width * height
        return round(max(400_000, limit * max(24, min(rate, self.values["max_frame_rate"]))))
