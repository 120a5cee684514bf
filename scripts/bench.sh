#!/usr/bin/env bash
# Ours beside the ffmpeg command line: writes its tables into docs/performance.md. See `make bench` and `make bench-quality`.
# ONLY=GROUP,… one group; ROUNDS=N; QUICK=1 a smoke run that writes nothing; CLIPS=DIR films of your own instead of made ones.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh python
say() { printf '%s\n' "$*" >&2; }

venv=.build/bench/venv
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import imageio_ffmpeg' 2>/dev/null; then
    say "Fetching the newest static ffmpeg from PyPI …"
    mkdir -p .build/bench
    # Without ensurepip (Debian's python3-venv): python3's own pip, if it has one.
    python3 -m venv "$venv" || { say "Please install python3-venv."; exit 1; }
    "$venv/bin/pip" install --quiet imageio-ffmpeg
fi
export PYTHONDONTWRITEBYTECODE=1
if [ "${1:-}" = quality ]; then
    exec "$venv/bin/python" scripts/bench/quality.py
fi

say "Building (a few minutes the first time) …"
for product in transcoder transcoder-media transcoder-fixture; do
    swift build -c release --static-swift-stdlib --product "$product" >&2
done
start=("$venv/bin/python" scripts/bench "$(swift build -c release --show-bin-path)")
case ",${ONLY:-stores}," in
    *,stores,*)
        scripts/install-packages.sh rclone
        [ -x "$venv/bin/aws" ] || "$venv/bin/pip" install --quiet awscli
        exec scripts/object-stores.sh run "${start[@]}"
        ;;
esac
exec "${start[@]}"
