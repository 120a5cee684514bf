#!/usr/bin/env bash
# scripts/fuzz.sh [options of `transcoder-fixture fuzz`]: damaged files through a real daemon, on a site of its own in fuzz/.
# Ends with 1 where the daemon or a result is not as it should be. See docs/testing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
echo "Building (a few minutes the first time) …" >&2
swift build --product transcoder >&2
swift build --product transcoder-media >&2
swift build --product transcoder-fixture >&2
programs=$(swift build --show-bin-path)

mkdir -p fuzz
run=$(mktemp -d "$PWD/fuzz/run-XXXXXX")
# A run that is broken off leaves its daemon, which is ended here, and by its own number alone.
finish() {
    if [ -r "$run/daemon.pid" ] && [ "$(readlink "/proc/$(cat "$run/daemon.pid")/exe")" = "$programs/transcoder" ]; then
        kill "$(cat "$run/daemon.pid")" || true
    fi
    rm -rf "$run/site"
}
trap finish EXIT
status=0
"$programs/transcoder-fixture" fuzz --program "$programs/transcoder" "$@" "$run" || status=$?
echo "The daemon's log: $run/daemon.log"
exit "$status"
