"""Where and when it was measured."""

import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path


def first(pattern, text, otherwise="unknown"):
    match = re.search(pattern, text, re.MULTILINE)
    return match[1] if match else otherwise


def describe(peers, transcoder):
    processor = first(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text())
    memory = int(first(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), "0")) / 1024 ** 2
    system = first(r'^PRETTY_NAME="(.+)"', Path("/etc/os-release").read_text())
    swift = first(r"Swift version (\S+)", subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout)
    versions = ", ".join(f"{peer.name} {peer.version}" for peer in peers)
    return (f"{processor}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB; {system}, Linux {platform.release()}; "
            f"{transcoder.version}, Swift {swift}; {versions}.")


def moment():
    """The day, and how busy the machine was with other things when it began."""
    return {"day": date.today().isoformat(), "load": round(os.getloadavg()[0], 1)}
