#!/usr/bin/env bash
# Packages, build, all tests, with MariaDB and PostgreSQL beside them. Arguments go to `swift test`: scripts/test.sh --filter SiteTests
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${DATABASES_MARIADB:-}" ] || [ -z "${DATABASES_POSTGRESQL:-}" ]; then
    scripts/install-packages.sh
    swift build --build-tests
    exec scripts/databases.sh run "$0" "$@"
fi

# The parts take some four, five and eighteen minutes on two busy cores. One that hangs is to fail, and to say so, long before whoever
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
