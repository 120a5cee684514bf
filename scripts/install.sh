#!/usr/bin/env bash
# Puts what `make build` has built into its places, or takes it away again. Installs no packages; builds nothing.
#   install.sh install [PREFIX=/usr/local] [DESTDIR=] [UNITDIR=PREFIX/lib/systemd/system]
#   install.sh uninstall …       with the same words; configurations and what `init` made of a site stay
set -euo pipefail
cd "$(dirname "$0")/.."

action=${1:-}
case $action in install | uninstall) shift ;; *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac
PREFIX=/usr/local DESTDIR= UNITDIR=
for word in "$@"; do
    case $word in
        PREFIX=/* | DESTDIR=* | UNITDIR=*) declare "${word%%=*}=${word#*=}" ;;
        *) echo "install.sh: “$word” is none of PREFIX=/…, DESTDIR=… and UNITDIR=…" >&2; exit 2 ;;
    esac
done
UNITDIR=${UNITDIR:-$PREFIX/lib/systemd/system}

built=.build/release
made=.build/install
share=$PREFIX/share

# Every file that is installed: its mode, where it comes from, where it goes.
files() {
    echo "755 $built/transcoder $PREFIX/bin/transcoder"
    echo "755 $built/transcoder-media $PREFIX/libexec/transcoder/transcoder-media"
    echo "644 $made/transcoder.service $UNITDIR/transcoder.service"
    echo "644 $made/transcoder@.service $UNITDIR/transcoder@.service"
    echo "644 $made/transcoder.1 $share/man/man1/transcoder.1"
    echo "644 man/transcoder.yaml.5 $share/man/man5/transcoder.yaml.5"
    echo "644 $made/transcoder.bash $share/bash-completion/completions/transcoder"
    echo "644 $made/_transcoder $share/zsh/$zsh/_transcoder"
    echo "644 $made/transcoder.fish $share/fish/vendor_completions.d/transcoder.fish"
    echo "644 $made/licences $share/doc/transcoder/licences"
    echo "644 CHANGELOG.md $share/doc/transcoder/CHANGELOG.md"
    echo "644 config/transcoder.example.yaml /etc/transcoder/transcoder.example.yaml"
}
# Where Debian's zsh looks; one of the administrator's own looks in site-functions.
zsh=site-functions
[ "$PREFIX" != /usr ] || zsh=vendor-completions

if [ "$action" = uninstall ]; then
    while read -r _ _ target; do rm -fv "$DESTDIR$target"; done < <(files)
    rmdir --ignore-fail-on-non-empty "$DESTDIR$PREFIX/libexec/transcoder" "$DESTDIR$share/doc/transcoder" \
        "$DESTDIR/etc/transcoder" 2>/dev/null || true
    exit
fi

for program in transcoder transcoder-media; do
    [ -x "$built/$program" ] || { echo "There is no $built/$program: run make build first." >&2; exit 1; }
done
rm -rf "$made"
mkdir -p "$made"
for unit in systemd/*.service; do sed "s|/usr/bin/transcoder|$PREFIX/bin/transcoder|" "$unit" >"$made/${unit##*/}"; done
scripts/manual.sh "$built/transcoder" >"$made/transcoder.1"
"$built/transcoder" --generate-completion-script bash >"$made/transcoder.bash"
"$built/transcoder" --generate-completion-script zsh >"$made/_transcoder"
"$built/transcoder" --generate-completion-script fish >"$made/transcoder.fish"
# What is linked into the programs.
for licence in .build/checkouts/*/{LICENSE,NOTICE}* "$(dirname "$(realpath "$(command -v swift)")")"/../share/swift/LICENSE*; do
    [ -e "$licence" ] || continue
    printf '=== %s\n\n' "$(basename "$(dirname "$licence")")"
    cat "$licence"
    echo
done >"$made/licences"

while read -r mode source target; do
    install -D -m "$mode" "$source" "$DESTDIR$target"
done < <(files)
[ -n "$DESTDIR" ] || echo "Installed below $PREFIX. Next: transcoder init --site /var/www/fresns"
