#!/usr/bin/env bash
# scripts/fuzz-parsers.sh [SECONDS]: libFuzzer on our own parsers, so long on each. Inputs that break one are kept in
# fuzz/parsers/crashes, with the command that shows it again. Ends with 1 where there is one. See docs/testing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:-60}
scripts/install-packages.sh

echo "Building with the fuzzer's instruments (a few minutes the first time) …" >&2
export TRANSCODER_FUZZ_PARSERS=1
build=(swift build --scratch-path .build-fuzz --sanitize fuzzer)
"${build[@]}" --product fuzz-parsers >&2
program=$("${build[@]}" --show-bin-path)/fuzz-parsers
mkdir -p fuzz/parsers/crashes

failed=0
for parser in request message configuration profile environment; do
    corpus=fuzz/parsers/$parser
    "$program" "$parser" --seeds "$corpus"
    log=fuzz/parsers/$parser.log
    status=0
    "$program" "$parser" -max_total_time="$duration" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="fuzz/parsers/crashes/$parser-" "$corpus" >"$log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    if [ "$status" = 0 ]; then
        echo "✓ $parser: ${runs:-?} inputs, $(find "$corpus" -type f | wc -l) of them kept as worth a closer look"
    else
        failed=1
        crash=$(sed -n 's/^.*Test unit written to //p' "$log" | tail -1)
        echo "✗ $parser broke after ${runs:-?} inputs; the whole story: $log"
        echo "  again: $program $parser ${crash:-(no input was kept)}"
    fi
done
exit "$failed"
