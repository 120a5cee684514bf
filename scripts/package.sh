#!/usr/bin/env bash
# Builds dist/transcoder_VERSION~debNu1_ARCH.deb, for the Debian that it runs on: each release has its own FFmpeg. A newer release's package
# is the newer version. Debug symbols go into a package of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${BUILT:-}" ] || make build >&2
scripts/install-packages.sh packaging

version=$(.build/release/transcoder --version)$(. /etc/os-release && [ "$ID" != debian ] || echo "~deb${VERSION_ID:-}u1")
date=$(git log -1 --format=%cD 2>/dev/null || date -R)
SOURCE_DATE_EPOCH=$(date -d "$date" +%s)
export SOURCE_DATE_EPOCH
trap 'rm -rf debian/changelog debian/files debian/*.substvars debian/*.debhelper debian/*.debhelper.log debian/.debhelper debian/debhelper-build-stamp debian/transcoder' EXIT
# The version lives in Sources/Platform/Version.swift alone, and what has changed in CHANGELOG.md.
cat >debian/changelog <<EOF
transcoder ($version) stable; urgency=medium

  * See /usr/share/doc/transcoder/CHANGELOG.md.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $date
EOF
mkdir -p dist
rm -f dist/transcoder*_"$version"_*
debian/rules binary >&2
ls -l dist/*.deb >&2
echo "dist/transcoder_${version}_$(dpkg --print-architecture).deb"
