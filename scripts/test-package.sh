#!/usr/bin/env bash
# Tries the Debian package as a host would meet it: a fresh Debian with a systemd of its own, in a container, without a Swift
# toolchain. Installs, sets up a site, lets it work, hangs the daemon, upgrades, removes, purges. Needs root and a Debian mirror.
#   test-package.sh [RELEASE] [PACKAGE.deb]      bookworm by default; builds the release's package first where none is named
#   MIRROR=http://deb.debian.org/debian      where the Debian comes from; KEEP=1 leaves it in .build/package-test for a look
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\n%s\n' "── $*"; }
fail() { printf '✗ %s\n' "$*" >&2; exit 1; }
holds() { # a sentence, and a command that must succeed
    "${@:2}" >"$place/last" 2>&1 || { cat "$place/last" >&2; tell_journal; fail "not so: $1"; }
    echo "✓ $1"
}
tell_journal() { [ -z "$leader" ] || inside journalctl --no-pager -n 30 -u 'transcoder*' >&2; }
container= leader=
[ "$(id -u)" = 0 ] || fail "Only root can make a container: sudo make test-package"
scripts/install-packages.sh container
release=bookworm
case ${1:-} in *.deb | "") ;; *) release=$1 && shift ;; esac
# A package is built on its release.
if [ -n "${1:-}" ]; then
    package=$1
elif [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$release" ]; then
    package=$(scripts/package.sh)
else
    package=$(scripts/debian.sh "$release" scripts/package.sh)
fi
[ -e "$package" ] || fail "There is no $package."

# A site to work on is made by the fixture of the tests, here, and is moved into the container.
swift build --product transcoder-fixture >&2
fixture=$(swift build --show-bin-path)/transcoder-fixture

place=$PWD/.build/package-test
root=$place/root
leave() {
    [ ! -e "$place/databases" ] || scripts/databases.sh stop "$place/databases" >&2 || true
    [ -z "$container" ] || { kill "$container" 2>/dev/null && wait "$container" 2>/dev/null; } || true
    [ -n "${KEEP:-}" ] || rm -rf "$place"
}
trap leave EXIT
trap 'exit 130' INT TERM

say "A fresh Debian: $release"
rm -rf "$place"
mkdir -p "$place"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates "$release" "$root" \
    "${MIRROR:-http://deb.debian.org/debian}" >"$place/debootstrap.log" || fail "debootstrap: $(tail -n 3 "$place/debootstrap.log")"
# For a clock of its own there is the host's, and the network is the host's.
# Its own list of system calls is older than these.
systemd-nspawn --quiet --directory="$root" --machine=transcoder-test --register=no --keep-unit --resolv-conf=copy-host \
    --system-call-filter="openat2 seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self" --boot </dev/null >"$place/boot.log" 2>&1 &
container=$!
for _ in $(seq 300); do
    leader=$(pgrep -P "$container" | head -n 1) || true
    [ -n "$leader" ] && nsenter -t "$leader" -m -p systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && break
    kill -0 "$container" 2>/dev/null || fail "the container ended: $(tail -n 5 "$place/boot.log")"
    sleep 0.2
done
inside() { # a command, in the container
    nsenter -t "$leader" --mount --uts --ipc --net --pid --root -- env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
holds "its systemd runs as the first process" inside systemctl --version

say "Installation"
cp "$package" "$root/root/transcoder.deb"
holds "apt-get update" inside apt-get update -q
holds "apt resolves its libraries" inside apt-get install -q -y --no-install-recommends /root/transcoder.deb
holds "there is no toolchain" sh -c "! ls '$root'/usr/lib/swift '$root'/opt/swift 2>/dev/null"
holds "no library is missing" sh -c "! chroot '$root' ldd /usr/bin/transcoder /usr/libexec/transcoder/transcoder-media | grep 'not found'"
holds "it is enabled" inside systemctl is-enabled transcoder
holds "without a configuration it is not started" sh -c "! nsenter -t $leader -a systemctl is-active transcoder"
holds "the example is a configuration file of the package's" grep -q transcoder.example.yaml "$root/var/lib/dpkg/info/transcoder.conffiles"
inside systemd-analyze security transcoder | tail -n 1

say "Completions and manual pages"
holds "shells and man" inside apt-get install -q -y --no-install-recommends zsh fish man-db
cat >"$root/root/complete.bash" <<'EOF'
. /usr/share/bash-completion/completions/transcoder
COMP_LINE=$* COMP_POINT=${#COMP_LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_transcoder transcoder "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
printf '%s\n' "${COMPREPLY[@]}"
EOF
cat >"$root/root/complete.zsh" <<'EOF'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1='> '; autoload -Uz compinit; compinit -u; echo REA''DY"
zpty -r z out '*READY*'
zpty -w -n z $'transcoder stat\t'
zpty -r z out '*status*'
zpty -w -n z $'--wa\t'
zpty -r z out '*--watch*'
EOF
complete() { inside bash /root/complete.bash "$@" | tr '\n' ' '; }
holds "bash completes commands" [ "$(complete transcoder st)" = "status " ]
holds "and options" [ "$(complete transcoder init --si)" = "--site " ]
holds "and values" [ "$(complete transcoder jobs --state wa)" = "waiting " ]
holds "and files" [ "$(complete transcoder probe /etc/debian_v)" = "/etc/debian_version " ]
holds "and folders" [ "$(complete transcoder init --site /etc/transc)" = "/etc/transcoder " ]
holds "zsh completes commands and options" timeout 30 nsenter -t "$leader" -a env HOME=/root TERM=dumb zsh -f /root/complete.zsh
holds "fish completes commands" sh -c "nsenter -t $leader -a env HOME=/root fish -c 'complete -C \"transcoder st\"' | grep ^status"
holds "and files" sh -c "nsenter -t $leader -a env HOME=/root fish -c 'complete -C \"transcoder probe /etc/debian_v\"' | grep ^/etc/debian_version"
holds "man transcoder" sh -c "nsenter -t $leader -a env MANWIDTH=80 man --warnings transcoder 2>&1 | grep 'EXIT STATUS'"
holds "man transcoder.yaml" sh -c "nsenter -t $leader -a env MANWIDTH=80 man --warnings transcoder.yaml 2>&1 | grep TRANSCODER_WORKERS"

say "A site of www-data's, on SQLite"
mkdir -p "$root/var/www"
chown 33:33 "$root/var/www"
site=$root/var/www/fresns
as_site() { setpriv --reuid=33 --regid=33 --clear-groups env HOME=/ "$@"; }
publish() { as_site "$fixture" publish "$1" --media "$2" >/dev/null; }
all_done() { [ "$(as_site "$fixture" unfinished "$1")" = 0 ]; }
await() { # a sentence, and a command that is to succeed within two minutes
    for _ in $(seq 600); do
        if "${@:2}" >"$place/last" 2>&1; then echo "✓ $1"; return; fi
        sleep 0.2
    done
    cat "$place/last" >&2
    tell_journal
    fail "not within two minutes: $1"
}
property() { inside systemctl show --value -p "$1" "$2"; }
as_site "$fixture" make-site "$site" >/dev/null
holds "init --dry-run shows the drop-in" sh -c \
    "nsenter -t $leader -a transcoder init --site /var/www/fresns --dry-run | grep -x User=www-data"
holds "and writes none" test ! -e "$root/etc/systemd/system/transcoder.service.d"
holds "init" inside transcoder init --site /var/www/fresns
cat "$root/etc/systemd/system/transcoder.service.d/site.conf"
cp "$root/etc/systemd/system/transcoder.service.d/site.conf" "$place/site.conf"
holds "init once more" inside transcoder init --site /var/www/fresns
holds "changes nothing" cmp "$place/site.conf" "$root/etc/systemd/system/transcoder.service.d/site.conf"
holds "it starts" inside systemctl enable --now transcoder
holds "as the owner of the storage" sh -c \
    "[ \$(stat -c %U /proc/$leader/root/proc/$(property MainPID transcoder)) = www-data ]"
for media in clip.wmv iphone-hdr.mov voice.amr; do publish "$site" "$PWD/fixtures/media/$media"; done
await "posts are transcoded" all_done "$site"
holds "as they should be" as_site "$fixture" check "$site"
holds "the site may delete what was made" sh -c \
    "! find '$site/storage/app/public' ! -user 33 -o ! -group 33 | grep ."
holds "only the service may read its status" inside sh -c \
    "! setpriv --reuid=65534 --regid=65534 --clear-groups test -r /run/transcoder/status.json && setpriv --reuid=33 --regid=33 --clear-groups test -r /run/transcoder/status.json"
inside systemctl status --no-pager -n 0 transcoder | grep -E 'Active|Status'

say "Sockets for notifications, under the same unit"
cat >>"$root/etc/transcoder/transcoder.yaml" <<EOF
socket: /run/transcoder/notify.sock
http: {listen: "127.0.0.1:0", token: abcdefghijklmnop}
EOF
holds "the configuration is read anew" inside systemctl reload transcoder
holds "it starts again" inside systemctl restart transcoder
await "they are open" sh -c "nsenter -t $leader -a journalctl -u transcoder --no-pager | grep -o '127.0.0.1:[1-9][0-9]*'"
port=$(sed -n '$s/.*://p' "$place/last")
holds "for the site's group" sh -c "[ \$(nsenter -t $leader -a stat -c %U:%G:%a /run/transcoder/notify.sock) = www-data:www-data:660 ]"
knock='exec 3<>/dev/tcp/127.0.0.1/'$port'; printf "POST /notify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer abcdefghijklmnop\r\nContent-Length: 58\r\nConnection: close\r\n\r\n{\"tableName\":\"posts\",\"primaryId\":1,\"changeType\":\"created\"}" >&3; head -n 1 <&3'
holds "HTTP answers" sh -c "nsenter -t $leader -a bash -c '$knock' | grep -E ' 20[0-9] '"

say "A daemon that hangs"
printf '[Service]\nWatchdogSec=8s\nRestartSec=1\n' >"$root/etc/systemd/system/transcoder.service.d/test.conf"
inside systemctl daemon-reload
inside systemctl restart transcoder
ffmpeg -v error -f lavfi -i testsrc2=size=1280x720:rate=30:duration=60 -c:v mpeg4 -q:v 3 "$place/long.avi"
chmod 644 "$place/long.avi"
publish "$site" "$place/long.avi"
await "it works on a film" sh -c "nsenter -t $leader -a systemctl show --value -p StatusText transcoder | grep 'running file'"
inside kill -STOP "$(property MainPID transcoder)"
await "the watchdog finds out" sh -c "nsenter -t $leader -a journalctl -u transcoder --no-pager | grep -i 'watchdog timeout'"
await "and starts it anew" sh -c "[ \$(nsenter -t $leader -a systemctl show --value -p NRestarts transcoder) -ge 1 ] && nsenter -t $leader -a systemctl is-active transcoder"
await "which goes on where it was" all_done "$site"
holds "as it should be" as_site "$fixture" check "$site"
rm "$root/etc/systemd/system/transcoder.service.d/test.conf"
inside systemctl daemon-reload

say "A second site on the same host, on MariaDB by TCP: transcoder@blog"
scripts/databases.sh start "$place/databases" mariadb >"$place/addresses"
. "$place/addresses"
blog=$root/var/www/blog
as_site "$fixture" make-site "$blog" --database mariadb >/dev/null
holds "init" inside transcoder init --site /var/www/blog --config /etc/transcoder/blog.yaml
holds "it starts" inside systemctl enable --now transcoder@blog
publish "$blog" "$PWD/fixtures/media/phone-rotated.mp4"
await "a post is transcoded" all_done "$blog"
holds "as it should be" as_site "$fixture" check "$blog"
holds "each has a status file of its own" inside transcoder status --config /etc/transcoder/blog.yaml

say "Upgrade"
dpkg-deb -R "$package" "$place/newer"
sed -i 's/^Version: .*/&+1/' "$place/newer/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -b "$place/newer" "$root/root/newer.deb" >/dev/null
cp "$root/etc/transcoder/transcoder.yaml" "$place/transcoder.yaml"
publish "$site" "$PWD/fixtures/media/clip.flv"
holds "apt-get install" inside apt-get install -q -y /root/newer.deb
holds "the new one is there" sh -c "chroot '$root' dpkg-query -W -f '\${Version}' transcoder | grep +1"
holds "both sites' daemons run" inside systemctl is-active transcoder transcoder@blog
holds "the configuration is as it was" cmp "$place/transcoder.yaml" "$root/etc/transcoder/transcoder.yaml"
publish "$blog" "$PWD/fixtures/media/tune.mp3"
await "posts are transcoded" sh -c "[ \$(setpriv --reuid=33 --clear-groups '$fixture' unfinished '$site') = 0 ]"
await "on both" all_done "$blog"

say "Removal and purge"
# Not the database itself, which daemons write to as they come and go.
files() { find "$site" "$blog" -type f ! -name '*.sqlite*' -exec sha256sum {} + | sort -k2; }
inside systemctl stop transcoder transcoder@blog
files >"$place/before"
inside systemctl start transcoder transcoder@blog
holds "apt-get remove" inside apt-get remove -q -y transcoder
holds "nothing of it runs" sh -c "! nsenter -t $leader -p -m pgrep transcoder"
holds "its configuration is kept" cmp "$place/transcoder.yaml" "$root/etc/transcoder/transcoder.yaml"
holds "apt-get purge" inside apt-get purge -q -y transcoder
files >"$place/after"
holds "the sites' files are as they were" diff "$place/before" "$place/after"
holds "and as they should be" as_site "$fixture" check "$site"
holds "nothing else is left" sh -c "! nsenter -t $leader -a find / -xdev -name '*transcoder*' ! -path '/var/www/*' ! -path '/root/*' ! -path '/var/cache/man/*' ! -path '/proc/*' ! -path '/sys/*' ! -path '/tmp/systemd-private*' | grep ."
holds "nor in /run" sh -c "! ls -d /proc/$leader/root/run/transcoder*"
scripts/databases.sh stop "$place/databases"
say "The package does what it should."
