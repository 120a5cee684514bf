#!/usr/bin/env bash
# A Fresns-shaped site, posts coming in, the daemon transcoding them meanwhile; then what became of each file.
# Ends with 1 when a file is not as it should be. demo.sh mariadb and demo.sh postgresql do it on a server of their own; with STORE=s3 the
# media are in a bucket.
set -euo pipefail
cd "$(dirname "$0")/.."

database=${1:-sqlite}
case $database in
    sqlite) ;;
    mariadb | postgresql)
        # A server that goes when we are done; the files stay.
        if [ -z "${DATABASES_MARIADB:-}" ] || [ -z "${DATABASES_POSTGRESQL:-}" ]; then
            scripts/install-packages.sh
            exec scripts/databases.sh run "$0" "$@"
        fi
        ;;
    *)
        echo "demo.sh: $database is none of sqlite, mariadb and postgresql." >&2
        exit 2
        ;;
esac

case ${STORE:=disk} in
    disk) ;;
    s3) [ -n "${STORES_SEAWEED:-}" ] || exec scripts/object-stores.sh run "$0" "$@" ;;
    *)
        echo "demo.sh: STORE is $STORE, neither disk nor s3." >&2
        exit 2
        ;;
esac

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
export TRANSCODER_STATUS_FILE=$demo/status.json TRANSCODER_STORAGE_CACHE=$demo/cache
# One upload never arrives: nobody waits long for it here.
export TRANSCODER_MISSING_WAIT=2s

# Only ever removes what this script made.
if [ -e "$site" ] && [ ! -e "$site/.fixture" ]; then
    echo "$site is in the way, and was not made by this demo. Please move it." >&2
    exit 1
fi
rm -rf "$site" "$config" "$demo/cache" "$demo"/daemon*.log "$demo"/*.json
mkdir -p "$demo"

echo
echo "A site on $database: $site$([ "$STORE" = disk ] || echo ", its media in a bucket")"
transcoder-fixture make-site "$site" --database "$database" --store "$STORE" >/dev/null
transcoder init --site "$site" --config "$config"

echo
echo "People post; the daemon works. (Its log: $demo/daemon.log)"
transcoder-fixture populate "$site" --pace 0.1 --quiet &
people=$!

# --until-idle ends when nothing waits; while people still post, it is started again.
work() {
    while kill -0 "$people" 2>/dev/null; do
        transcoder daemon --config "$config" --until-idle
    done
    if [ "$(transcoder-fixture unfinished "$site")" != 0 ]; then
        transcoder daemon --config "$config" --until-idle
    fi
}
watch=
if [ -t 1 ]; then
    # On a terminal: the queue with progress bars, drawn anew twice a second.
    work 2>"$demo/daemon.log" &
    daemon=$!
    until [ -e "$TRANSCODER_STATUS_FILE" ] || ! kill -0 "$daemon" 2>/dev/null; do sleep 0.1; done
    transcoder status --watch --config "$config" &
    watch=$!
else
    work 2> >(tee "$demo/daemon.log") &
    daemon=$!
fi
trap 'kill "$people" "$daemon" $watch 2>/dev/null || true' EXIT
worked=0
wait "$daemon" || worked=$?
if [ -n "$watch" ]; then
    sleep 1 # The last state is shown, too.
    kill "$watch" 2>/dev/null || true
fi
trap - EXIT
if [ "$worked" != 0 ]; then
    echo "The daemon ended with $worked; its log is in $demo/daemon.log" >&2
    exit 1
fi

echo
echo "What became of each file:"
echo
status=0
transcoder-fixture check "$site" || status=$?
echo
echo "Look at one:   ffplay (or any player) on a path above"
# The servers end with this script.
[ "$database" != sqlite ] || echo "Ask about one: $programs/transcoder info --config $config --id 2"
exit "$status"
