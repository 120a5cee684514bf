"""Prometheus' own tool over what we write for it."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def promtool(*arguments, text=None):
    told = subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True)
    return told.returncode == 0, (told.stdout + told.stderr).strip()


def anchor(heading):
    """As GitHub and its like make them."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def check_numbers(place, expect):
    metrics = place.fetch("metrics")[1].decode()
    good, words = promtool("check", "metrics", text=metrics)
    expect(good and not words, f"promtool takes the metrics of a daemon at work {words}")
    good, words = promtool("check", "rules", DOCS / "alerts.yaml")
    expect(good, f"promtool takes the alerts: {words}" )
    good, words = promtool("test", "rules", Path(__file__).parent / "alerts.test.yaml")
    expect(good, f"each alert fires when it should, and not before {'' if good else words}")
    headings = {anchor(line) for line in (DOCS / "troubleshooting.md").read_text().splitlines() if line.startswith("#")}
    alerts = (DOCS / "alerts.yaml").read_text()
    runbooks = re.findall(r'runbook_url: "docs/troubleshooting\.md#(.+)"', alerts)
    # Those of several codes name one each.
    codes = set("|".join(re.findall(r'code=~"([^"]+)"', alerts)).split("|"))
    wanted = {book for book in runbooks if "{{" not in book} | codes
    expect(len(runbooks) == alerts.count("- alert:") and wanted <= headings, f"each alert leads to its place in troubleshooting.md {wanted - headings or ''}")
    # Grafana's variables stand for these.
    stand = {"$__rate_interval": "5m", "$site": ".*", "$instance": ".*"}
    rules = []
    for panel in json.loads((DOCS / "grafana-dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in stand.items():
                expression = expression.replace(name, value)
            rules.append({"record": f"panel:{len(rules)}", "expr": expression})
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        # JSON is YAML.
        json.dump({"groups": [{"name": "panels", "rules": rules}]}, file)
        file.flush()
        good, words = promtool("check", "rules", file.name)
    expect(good, f"promtool takes the {len(rules)} expressions of the Grafana dashboard {'' if good else words}")
