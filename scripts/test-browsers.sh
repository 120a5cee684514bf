#!/usr/bin/env bash
# Plays what `transcoder convert` makes in Debian's Chromium and Firefox. Arguments name films of Tests/Browsers/films.py.
# Ends with 1 when a browser finds anything wrong, or says nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh browsers
echo "Building (a few minutes the first time) …" >&2
swift build --product transcoder >&2
swift build --product transcoder-media >&2
exec python3 -B Tests/Browsers/play.py "$(swift build --show-bin-path)" "$@"
