#!/usr/bin/env bash
# A Fresns-shaped site, posts coming in, the daemon transcoding them meanwhile; then what became of each file.
# Ends with 1 when a file is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh
echo "Building (a few minutes the first time) …" >&2
swift build --product transcoder >&2
swift build --product transcoder-media >&2
swift build --product transcoder-fixture >&2
programs=$(swift build --show-bin-path)
PATH=$programs:$PATH

demo=$PWD/demo
site=$demo/site
config=$demo/transcoder.yaml
export TRANSCODER_STATUS_FILE=$demo/status.json

# Only ever removes what this script made.
if [ -e "$site" ] && [ ! -e "$site/.fixture" ]; then
    echo "$site is in the way, and was not made by this demo. Please move it." >&2
    exit 1
fi
rm -rf "$site" "$config" "$demo"/daemon*.log "$demo"/*.json
mkdir -p "$demo"

echo
echo "A site: $site"
transcoder-fixture make-site "$site" >/dev/null
transcoder init --site "$site" --config "$config"

echo
echo "People post; the daemon works."
transcoder-fixture populate "$site" --pace 0.3 --quiet &
people=$!
daemon=
trap 'kill "$people" $daemon 2>/dev/null || true' EXIT

# --until-idle ends when nothing waits; while people still post, it is started again.
while kill -0 "$people" 2>/dev/null; do
    transcoder daemon --config "$config" --until-idle &
    daemon=$!
    wait "$daemon"
done
wait "$people"
transcoder daemon --config "$config" --until-idle
daemon=

echo
echo "What became of each file:"
echo
status=0
transcoder-fixture check "$site" || status=$?
cat <<END

Look at one:   ffplay (or any player) on a path above, below $site/storage/app/public/
Ask about one: $programs/transcoder info --config $config --id 2
END
exit "$status"
