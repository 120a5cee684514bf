#!/usr/bin/env bash
# Runs a command in another release of Debian, on this project and with this Swift toolchain: debian.sh trixie make deb
#   debian.sh RELEASE COMMAND…
#   debian.sh --can               says why this machine cannot do it, if it cannot
# The release's root is made below .build/RELEASE the first time, by mmdebstrap, and kept; what is built in it lies there, too, and is
# .build inside. Needs root and a Debian mirror (MIRROR=http://deb.debian.org/debian).
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { printf '%s\n' "$*" >&2; exit 1; }
[ $# -ge 2 ] || [ "${1:-}" = --can ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
release=$1
shift
[ "$(id -u)" = 0 ] || fail "Only root can enter another Debian."
command -v dpkg-query >/dev/null || fail "Another Debian is made with Debian's own programs."
unshare --mount true 2>/dev/null || fail "This machine does not let root have mounts of its own, which another Debian needs."
toolchain=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1|p')
case $toolchain in
    "" | /usr) fail "The Swift toolchain must lie in a folder of its own, such as /opt/swift/usr, to be lent to another Debian." ;;
esac
[ "$release" != --can ] || exit 0

place=$PWD/.build/$release
mkdir -p "$place/build"
if [ ! -e "$place/made" ]; then
    scripts/install-packages.sh container
    echo "Making a root of Debian $release …" >&2
    rm -rf "$place/root"
    mmdebstrap --variant=minbase --dpkgopt=force-unsafe-io --include=ca-certificates,git,make "$release" "$place/root" \
        "${MIRROR:-http://deb.debian.org/debian}" >"$place/mmdebstrap.log" 2>&1 || fail "mmdebstrap: $(tail -n 5 "$place/mmdebstrap.log")"
    # No service is to start by itself.
    printf '#!/bin/sh\nexit 101\n' >"$place/root/usr/sbin/policy-rc.d"
    chmod 755 "$place/root/usr/sbin/policy-rc.d"
    touch "$place/made"
fi
# Dependencies that are here already are not fetched again.
for part in checkouts repositories workspace-state.json; do
    [ ! -e ".build/$part" ] || [ -e "$place/build/$part" ] || cp -a --reflink=auto ".build/$part" "$place/build/"
done

export place toolchain project=$PWD
exec unshare --mount --pid --fork --kill-child --propagation private bash -euc '
root=$place/root
mount --bind "$root" "$root"
lend() { mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; }
lend "$toolchain"
lend "$project"
mount --bind "$place/build" "$root$project/.build"
lend /dev
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
for file in /etc/resolv.conf /etc/hosts; do cp --remove-destination -L "$file" "$root$file"; done
# Not chroot, in which nobody can have a namespace of users.
cd "$root"
mkdir -p .outside
pivot_root . .outside
umount --lazy /.outside
exec env -i -C "$project" HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 MIRROR="${MIRROR:-}" \
    PATH="$toolchain/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@"' "$0" "$@"
