"""Cost as work grows."""

import statistics

import clips
import queue_run
from measure import Cost, settle


def medians(costs):
    return Cost(*(statistics.median(getattr(cost, what) for cost in costs) for what in ("wall", "cpu", "peak")))


def run(bench):
    rounds = 1 if bench.is_quick else 3
    lengths = clips.LENGTHS[:2] if bench.is_quick else clips.LENGTHS
    resolutions = clips.RESOLUTIONS[:2] if bench.is_quick else clips.RESOLUTIONS
    bench.ready(*lengths, *resolutions)
    peer = bench.peer("hand-made", lambda one: bench.line(clips.LENGTHS[1]).handmade())
    tables = []
    for title, wanted in (("Length of a clip, 720p, `convert --poster`", lengths), ("Resolution, 4 s", resolutions)):
        rows = []
        for clip in wanted:
            pairs = bench.pair(bench.transcoder.convert(clip), peer, bench.line(clip).handmade(), rounds)
            ours, theirs = medians(pairs.ours), medians(pairs.peer)
            print(f"{clip.name}: ours {ours}, peer {theirs}", flush=True)
            rows.append([clip.name, f"{ours.wall:.2f} s", f"{theirs.wall:.2f} s", f"{pairs.figures('wall')['ratio']:.2f}",
                         f"{ours.cpu:.2f} s", f"{ours.wall / clip.seconds:.2f}", f"{ours.peak / 1024 ** 2:.0f} MiB"])
        tables.append({"title": title, "rows": rows, "head": ["clip", "ours, wall", "hand-made, wall", "ratio", "ours, CPU",
                                                              "seconds for each second", "largest process"]})
    films = clips.ENCODED[:8] if bench.is_quick else clips.ENCODED
    bench.ready(*films)
    for title, cases in (
        ("Length of the queue, two workers", [(len(films[:count]), 2) for count in (4, 8, 15, 30, 60) if count <= len(films)]),
        ("Workers, 24 clips", [(min(24, len(films)), workers) for workers in (1, 2, 3, 4)]),
    ):
        rows = []
        for count, workers in cases:
            facts = []
            settle()
            costs = medians([queue_run.daemon(bench, films[:count], facts, workers) for _ in range(rounds)])
            seconds = sum(film.seconds for film in films[:count])
            own = statistics.median(fact["own"] for fact in facts)
            print(f"{count} files, {workers} workers: {costs}, {own * 1000:.1f} ms own", flush=True)
            rows.append([count, workers, f"{costs.wall:.1f} s", f"{seconds / costs.wall:.2f}", f"{costs.cpu:.1f} s",
                         f"{own * 1000:.1f} ms"])
        tables.append({"title": title, "rows": rows, "head": ["files", "workers", "wall", "seconds of film in a second", "CPU",
                                                              "the daemon's own CPU for each file"]})
    return {"title": "Cost as work grows", "tables": tables,
            "about": f"Medians of {rounds} runs; beside {peer.name} where there is a peer."}
