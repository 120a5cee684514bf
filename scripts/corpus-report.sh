#!/usr/bin/env bash
# scripts/corpus-report.sh CORPUS: converts every file of a folder as its MANIFEST.tsv says, and writes docs/corpus.md.
# Ends with 1 when a file does not come out as expected, hangs, crashes, or leaves a process behind. See docs/testing.md.
set -euo pipefail
if [ $# != 1 ] || [ ! -r "$1/MANIFEST.tsv" ]; then
    echo "usage: make corpus CORPUS=DIR, a folder with a MANIFEST.tsv" >&2
    exit 2
fi
corpus=$(realpath "$1")
cd "$(dirname "$0")/.."
scripts/install-packages.sh python
echo "Building (a few minutes the first time) …" >&2
swift build --product transcoder >&2
swift build --product transcoder-media >&2
exec python3 -B scripts/corpus-report.py "$(swift build --show-bin-path)" "$corpus" docs/corpus.md
