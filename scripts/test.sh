#!/usr/bin/env bash
# Packages, build, all tests, with MariaDB, PostgreSQL and S3 servers beside them; then the media tests in the other Debian, with its FFmpeg (as root;
# ONLY_HERE=1 leaves that out). Arguments go to `swift test`: scripts/test.sh --filter SiteTests
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${DATABASES_MARIADB:-}" ] || [ -z "${DATABASES_POSTGRESQL:-}" ]; then
    scripts/install-packages.sh
    # S3 servers and the other Debian are made while this one builds: the one waits for the network, the other for the processors.
    other=
    if [ $# = 0 ] && [ -z "${ONLY_HERE:-}" ]; then
        other=trixie
        ! grep -qs '^VERSION_CODENAME=trixie' /etc/os-release || other=bookworm
        if ! why=$(scripts/debian.sh --can 2>&1); then
            echo "$why The media tests are not run with the FFmpeg of $other." >&2
            other=
        fi
    fi
    making= log=$(mktemp)
    trap '[ -z "$making" ] || kill "$making" 2>/dev/null; rm -f "$log"' EXIT
    # The other Debian borrows what was fetched.
    swift package resolve
    {
        scripts/object-stores.sh prepare
        [ -z "$other" ] || scripts/debian.sh "$other" scripts/install-packages.sh media
    } >"$log" 2>&1 &
    making=$!
    # SWIFT_BUILD_FLAGS: for machines that build everything once.
    read -ra flags <<<"${SWIFT_BUILD_FLAGS:-}"
    swift build --build-tests "${flags[@]}"
    wait "$making" || { cat "$log" >&2; echo "The S3 servers, or Debian $other, could not be made." >&2; exit 1; }
    making=
    scripts/object-stores.sh run scripts/databases.sh run "$0" "$@"
    [ -z "$other" ] || scripts/test-release.sh "$other"
    exit
fi

# The parts take up to ten, seven and eighteen minutes on two slow cores. One that hangs is to fail, and to say so, long before whoever
# waits for it gives up.
limit=40m
# Hundreds of tests at once would leave no server, daemon or child the time to answer within its own limits.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-8}
run() {
    local status=0
    timeout --kill-after=10s "$limit" swift test --skip-build "$@" </dev/null || status=$?
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        echo "The tests ($*) were still running after $limit, and were ended." >&2
    fi
    return "$status"
}

if [ $# -gt 0 ]; then
    run "$@"
    exit
fi
# The media tests keep every thread busy with FFmpeg's work, and the built programs every processor: what waits for events is
# tested apart from them.
run --filter MediaTests
run --skip MediaTests --skip EndToEndTests
run --filter EndToEndTests
