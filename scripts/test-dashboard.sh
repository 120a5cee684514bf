#!/usr/bin/env bash
# The dashboard in Debian's Chromium: errors on its console, faults of accessibility (axe-core), the keyboard, a phone's width, names
# that are markup; and whether Prometheus' promtool takes the metrics, the alerts and the plots. Pictures are left in .build/dashboard;
# with an argument they are put there. Ends with 1 where anything is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh dashboard
echo "Building (a few minutes the first time) …" >&2
for product in transcoder transcoder-media transcoder-fixture; do swift build --product "$product" >&2; done
environment=.build/dashboard-python
if [ ! -e "$environment/made" ]; then
    python3 -m venv "$environment"
    # Playwright leads the browser that is there; the other package holds axe-core.
    "$environment/bin/pip" install --quiet 'playwright>=1.40' 'axe-playwright-python>=0.1.4'
    touch "$environment/made"
fi
exec "$environment/bin/python" -B Tests/Dashboard/look.py "$(swift build --show-bin-path)" "${1:-.build/dashboard}"
