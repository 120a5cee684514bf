#!/usr/bin/env bash
# Prints the manual page of the program that is named: what ArgumentParser's generator knows of its commands, and what
# man/transcoder.1.more adds.
set -euo pipefail
cd "$(dirname "$0")/.."
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}" +%Y-%m-%d)
page=$(mktemp -d)
trap 'rm -rf "$page"' EXIT
.build/release/generate-manual "$1" --date "$date" --output-directory "$page"
# The generator knows of two exit codes; there are four.
sed '/^\.Sh "EXIT STATUS"/,$d' "$page/transcoder.1"
cat man/transcoder.1.more
