"""Many clips through the daemon, against the hand-made way two at a time."""

from pathlib import Path

import clips
import measure
import peers
from measure import Cost
from pairs import compare
from site_run import Site

FOLDER = Path(".build/bench/site")


def daemon(bench, films, facts, workers=2):
    """One run of all films through a new site's daemon."""
    with Site(bench.transcoder.programs, FOLDER, f"workers: {workers}\n") as site:
        paths = [site.lay(film.path) for film in films]
        measure.settle()
        before = site.own_processor()
        begin = site.publish(paths)
        end, idle = site.finish()
        own, children = (after - earlier for after, earlier in zip(site.own_processor(), before))
    facts.append({"idle": idle, "own": own / len(films), "children": children})
    return Cost(end - begin, own + children, 0)


def handmade(bench, peer, films):
    lines = []
    for film in films:
        words = bench.line(film).handmade(result=peers.OUT / f"peer-{film.name}")[1:]
        lines.append(" ".join(str(word) for word in words))
    orders = Path(".build/bench/orders.txt")
    orders.write_text("\n".join(lines) + "\n")
    return measure.run(["xargs", "-P2", "-L1", peers.HANDMADE], log=peers.LOG, environment=peer.environment, stdin=orders)


def run(bench):
    return measure_list(bench, "clips to be encoded again", clips.ENCODED, 0.75, "A queue, through the daemon")


def measure_list(bench, kind, films, goal, title):
    films = films[:6] if bench.is_quick else films
    rounds = min(2, bench.rounds) if bench.is_quick else max(2, bench.rounds // 2)
    work, facts = f"{len(films)} {kind}", []
    bench.ready(*films)
    peer = bench.peer("hand-made", lambda one: bench.line(films[0]).handmade())
    pairs = compare(lambda: daemon(bench, films, facts), lambda: handmade(bench, peer, films), rounds)
    rows = [bench.row(work, pairs, "wall", peer, goal), bench.row(work, pairs, "cpu", peer)]
    print(f"{work}: {facts}", flush=True)

    def middle(what):
        known = sorted(one[what] for one in facts[1:] if one[what] is not None)
        return known[len(known) // 2] if known else float("nan")

    return {
        "title": title, "rows": rows,
        "about": "A new site on SQLite on the same disk, two workers; from just before the commit of the rows to the last row's end. "
                 "Against `xargs -P2 -L1 scripts/bench/handmade.sh`. Our jobs are hashed, verified, published and written back. "
                 "The hand-made way encodes whatever it gets.",
        "tables": [{
            "title": "While it ran",
            "head": ["work", "processor time idle while two or more files waited (goal ≤ 5 %)", "the daemon's own CPU for each file"],
            "rows": [[work, f"{middle('idle'):.1%}", f"{middle('own') * 1000:.1f} ms"]],
        }],
    }
