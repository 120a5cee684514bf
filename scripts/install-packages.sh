#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demo need. Does nothing when all are there.
# Arguments name what more is wanted: python, browsers.
set -euo pipefail

# The C++ library's headers carry the compiler's version in their name.
cxx=libstdc++-12-dev
if [ -r /etc/os-release ]; then
    . /etc/os-release
    case "${ID:-}:${VERSION_ID:-}" in
        debian:13) cxx=libstdc++-14-dev ;;
        ubuntu:24.*) cxx=libstdc++-13-dev ;;
    esac
fi

packages=(
    # the Swift toolchain's own needs
    binutils ca-certificates git libc6-dev "$cxx" libcurl4 libncurses6 libxml2 pkg-config
    tzdata
    # the program: FFmpeg's libraries and SQLite
    libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libswresample-dev libswscale-dev libsqlite3-dev
    # the sandbox
    libseccomp-dev
    # tests and demo: FFmpeg's programs are the second opinion; `script` gives a terminal, `strace` sees what is opened
    bsdutils coreutils ffmpeg make sqlite3 strace
)

for more in "$@"; do
    command -v python3 >/dev/null || packages+=(python3)
    [ "$more" = browsers ] || continue
    command -v chromium chromium-browser google-chrome >/dev/null || packages+=(chromium)
    command -v firefox-esr firefox >/dev/null || packages+=(firefox-esr)
done

say() { printf '%s\n' "$*" >&2; }

if ! command -v dpkg-query >/dev/null; then
    if pkg-config --exists libavformat libavcodec libavfilter libswscale libswresample libavutil sqlite3 libseccomp 2>/dev/null &&
        command -v ffmpeg ffprobe >/dev/null; then
        exit 0
    fi
    say "This is not a Debian system. Please install by your system's means what these packages hold: ${packages[*]}"
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && [ ! -t 0 ]; }; then
            say "These packages are missing, and only root can install them: ${missing[*]}"
            say "Run as root: apt-get install ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "Installing: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q >&2 || say "apt-get update failed; going on with the lists that are there."
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}" >&2; then
        say "apt-get could not install: ${missing[*]}. Its own words are above."
        exit 1
    fi
fi

if ! command -v swift >/dev/null; then
    say "There is no Swift toolchain. Install Swift 6.2 or later: https://www.swift.org/install/linux/"
    exit 1
fi
