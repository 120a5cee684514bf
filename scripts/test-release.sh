#!/usr/bin/env bash
# Runs the tests of what depends on the release, the media module with its FFmpeg and the sandbox with its C library, in another Debian:
#   test-release.sh [RELEASE]      trixie (FFmpeg 7.1) by default
# Needs root and a Debian mirror, as debian.sh does.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" != --inside ]; then
    exec scripts/debian.sh "${1:-trixie}" env SWIFT_BUILD_FLAGS="${SWIFT_BUILD_FLAGS:-}" scripts/test-release.sh --inside
fi
scripts/install-packages.sh media
ffmpeg -hide_banner -version | sed -n 1p
ldd --version | sed -n 1p
# Everything else is left out of the package.
export TRANSCODER_ONLY_MEDIA=1
read -ra flags <<<"${SWIFT_BUILD_FLAGS:-}"
swift build --build-tests "${flags[@]}"
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-8}
timeout --kill-after=10s 40m swift test --skip-build </dev/null
