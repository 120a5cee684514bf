#!/usr/bin/env bash
# Packages, build, all tests. Arguments go to `swift test`: scripts/test.sh --filter SiteTests
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
swift build --build-tests
exec swift test --skip-build "$@"
