#!/bin/sh
# The hand-made way: all that a job does, as a shell script does it.
#   handmade.sh SOURCE RESULT POSTER POSTER_SIZE OPTION…    the options are ffmpeg's, for the result
# FFMPEG and FFPROBE name the programs; the static builds of PyPI have no ffprobe: then `ffmpeg -i` tells what is in a file.
set -eu
source=$1 result=$2 poster=$3 size=$4
shift 4

if [ -n "${FFPROBE:-}" ]; then
    "$FFPROBE" -v error -show_format -show_streams -of json "$source" >/dev/null
else
    "$FFMPEG" -hide_banner -i "$source" >/dev/null 2>&1 || true
fi
"$FFMPEG" -nostdin -v error -y -i "$source" "$@" -movflags +faststart "$result"
"$FFMPEG" -nostdin -v error -y -i "$source" -map 0:v:0 -vf "thumbnail,scale=$size" -frames:v 1 -q:v 3 -update 1 "$poster"
md5sum "$source" "$result"
sha256sum "$source" "$result"
# We fsync what we publish, and its folder.
sync "$result" "$poster" "${result%/*}"
