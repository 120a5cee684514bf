#!/usr/bin/env bash
# Packages, build, all tests. Arguments go to `swift test`: scripts/test.sh --filter SiteTests
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
swift build --build-tests
if [ $# -gt 0 ]; then exec swift test --skip-build "$@"; fi
# The media tests keep every thread busy with FFmpeg's work: what waits for events is tested apart from them.
swift test --skip-build --filter MediaTests
swift test --skip-build --skip MediaTests
