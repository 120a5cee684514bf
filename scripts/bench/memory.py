"""Peak memory for the same work."""

import clips


def run(bench):
    wanted = clips.MEMORY[:1] if bench.is_quick else clips.MEMORY
    bench.ready(*wanted)
    rows = []
    for clip in wanted:
        for peer in bench.peers:
            pairs = bench.pair(bench.transcoder.convert(clip, poster=False), peer, bench.line(clip).alone(peer),
                               min(3, bench.rounds))
            rows.append(bench.row(f"{clip.height}p", pairs, "peak", peer, 1.0))
    return {
        "title": "Peak memory", "rows": rows,
        "about": "The largest process of each side (`ru_maxrss`), the transcode alone, which is our child's and ffmpeg's. "
                 "Shared objects that are mapped count in full.",
    }
