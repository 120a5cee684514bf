#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demo need. Does nothing when all are there.
# Arguments name what more is wanted: python, stores, rclone, browsers, dashboard, packaging, and container for another Debian to build or try the package
# in. With “media” as the first, only what the media module and its tests need is installed.
set -euo pipefail

# Names with a version differ between releases: the C++ library's headers carry the compiler's, and libraries whose times have 64 bits (t64)
# have new names.
cxx=libstdc++-12-dev curl=libcurl4
if [ -r /etc/os-release ]; then
    . /etc/os-release
    case "${ID:-}:${VERSION_ID:-}" in
        debian:13) cxx=libstdc++-14-dev curl=libcurl4t64 ;;
        ubuntu:24.*) cxx=libstdc++-13-dev curl=libcurl4t64 ;;
    esac
fi

packages=(
    # the Swift toolchain's own needs
    binutils ca-certificates git libc6-dev "$cxx" "$curl" libncurses6 libxml2 pkg-config tzdata
    # the media program: FFmpeg's libraries, the sandbox; its tests make files with FFmpeg's programs
    libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libswresample-dev libswscale-dev libseccomp-dev ffmpeg
)
if [ "${1:-}" = media ]; then shift; else packages+=(
    # the daemon: the databases' libraries, Redis', and HTTP's
    libcurl4-openssl-dev libhiredis-dev libmariadb-dev libpq-dev libsqlite3-dev
    # tests and demo: `script` gives a terminal, `strace` sees what is opened,
    # `faketime` sets a program's clock, and redis-tools hold the server, too, without a service that starts by itself
    bsdutils coreutils curl faketime make redis-tools sqlite3 strace
    # servers for the tests, which scripts/databases.sh starts
    mariadb-client-core mariadb-server-core openssl postgresql util-linux
); fi

for more in "$@"; do
    case $more in
        packaging) packages+=(debhelper dpkg-dev groff-base) && continue ;;
        rclone) packages+=(rclone) && continue ;;
        container) packages+=(debootstrap mmdebstrap systemd-container) && continue ;;
    esac
    command -v python3 >/dev/null || packages+=(python3)
    case $more in dashboard | stores) python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv) ;; esac
    # promtool is in Prometheus' own package.
    [ "$more" != dashboard ] || command -v promtool >/dev/null || packages+=(prometheus)
    # The dashboard's Chinese texts are looked at, too.
    [ "$more" != dashboard ] || fc-list :lang=zh 2>/dev/null | grep -q . || packages+=(fonts-wqy-microhei)
    case $more in python | stores) continue ;; esac
    command -v chromium chromium-browser google-chrome >/dev/null || packages+=(chromium)
    [ "$more" = browsers ] || continue
    command -v firefox-esr firefox >/dev/null || packages+=(firefox-esr)
done

say() { printf '%s\n' "$*" >&2; }

if ! command -v dpkg-query >/dev/null; then
    if pkg-config --exists libavformat libavcodec libavfilter libswscale libswresample libavutil hiredis libmariadb libpq sqlite3 libcurl libseccomp 2>/dev/null &&
        command -v ffmpeg ffprobe mariadbd postgres >/dev/null; then
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
    # A PostgreSQL of the system's own is not wanted: it is told to make no cluster, and to start none.
    mine=()
    leave() { [ ${#mine[@]} = 0 ] || "${as_root[@]}" rm -f "${mine[@]}"; }
    trap leave EXIT
    settle() { # file, its content; where it is there already, somebody else has settled it
        [ ! -e "$1" ] || return 0
        mine+=("$1")
        "${as_root[@]}" mkdir -p "${1%/*}"
        printf "$2" | "${as_root[@]}" tee "$1" >/dev/null
        "${as_root[@]}" chmod 755 "$1"
    }
    settle /usr/sbin/policy-rc.d '#!/bin/sh\nexit 101\n'
    settle /etc/postgresql-common/createcluster.conf 'create_main_cluster = false\n'
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
