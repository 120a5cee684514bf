"""The tables that results are made of, and the document that keeps them from one run to the next."""

import re
from pathlib import Path

DOCUMENT = Path("docs/performance.md")


def kept(mark):
    """The sections of earlier runs by their group, as they stand in the document."""
    _, block, _ = split(DOCUMENT.read_text(), mark)
    sections = re.split(r"^(?=### )", block, flags=re.MULTILINE)[1:]
    headings = [re.match(r"### .*`make bench ONLY=(\w+)`$", section, flags=re.MULTILINE) for section in sections]
    return {heading[1]: section.strip() for heading, section in zip(headings, sections) if heading}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def quantity(value, what):
    if what == "peak":
        return f"{value / 1024 ** 2:.0f} MiB"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def ratio_row(row):
    """A row of the table of ratios: work, goal, ratio, spread, both sides, peer, rounds."""
    figures, what = row["figures"], row["what"]
    goal = f"≤ {row['goal']:.2f}" if row.get("goal") else ""
    return [row["work"], {"wall": "wall", "cpu": "CPU", "peak": "peak memory"}[what], goal, f"**{figures['ratio']:.2f}**",
            f"{figures['least']:.2f} – {figures['most']:.2f}", quantity(figures["ours"], what),
            quantity(figures["peer"], what), row["peer"], figures["rounds"]]


RATIO_HEAD = ["work", "of", "goal", "ours / peer", "spread", "ours", "peer's", "peer", "rounds"]


def section(result):
    parts = [f"### {result['title']}: `make bench ONLY={result['group']}`"]
    moment = result["moment"]
    parts.append(f"{moment['day']}, load of the machine {moment['load']} at the start. {result['about']}")
    parts.append(f"On: {result['place']}")
    if result.get("rows"):
        parts.append(table(RATIO_HEAD, [ratio_row(row) for row in result["rows"]]))
    for one in result.get("tables", []):
        if one.get("title"):
            parts.append(f"**{one['title']}**")
        parts.append(table(one["head"], one["rows"]))
    for note in result.get("notes", []):
        parts.append(note)
    if result.get("commands"):
        parts.append("```sh\n" + "\n".join(result["commands"]) + "\n```")
    return "\n\n".join(parts)


def split(document, mark):
    """What stands before the mark, between its two ends, and after it."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    if begin not in document:
        return document.rstrip("\n") + "\n\n", "", "\n"
    head, rest = document.split(begin, 1)
    block, tail = rest.split(end, 1)
    return head, block, tail


def write(mark, text):
    """Puts the text between the two ends of the mark, and leaves all else alone."""
    head, _, tail = split(DOCUMENT.read_text(), mark)
    DOCUMENT.write_text(f"{head}<!-- {mark}: begin -->\n{text.strip()}\n<!-- {mark}: end -->{tail}")
