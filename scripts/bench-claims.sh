#!/usr/bin/env bash
# Claims by many processes, and looks that find nothing, on all three databases: the tables of docs/performance.md.
# Takes some ten minutes, most of them for making 1,700,000 rows on each database. SMALL=1 takes a hundredth of all.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${DATABASES_MARIADB:-}" ] || [ -z "${DATABASES_POSTGRESQL:-}" ]; then
    scripts/install-packages.sh
    swift build -c release --product claim-bench >&2
    exec scripts/databases.sh run "$0" "$@"
fi
bench=$(swift build -c release --show-bin-path)/claim-bench
claims=() idle=()
if [ -n "${SMALL:-}" ]; then
    claims=(--files 200 --arrivals 100)
    idle=(--done 10000 --drafts 2000 --images 5000)
fi

echo "| database | processes | files | claims and write-backs a second | claims that another was quicker to | row to claim, median | 99 of 100 within |"
echo "|---|---|---|---|---|---|---|"
for database in mariadb postgresql; do "$bench" claims --database "$database" "${claims[@]}"; done
echo
echo "| database | look on an empty site | on a full one | ratio | look through everything |"
echo "|---|---|---|---|---|"
for database in sqlite mariadb postgresql; do "$bench" idle --database "$database" "${idle[@]}"; done
