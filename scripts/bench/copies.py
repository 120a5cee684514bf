"""What is right already."""

import clips


def run(bench):
    wanted = clips.COPIES
    bench.ready(*wanted)
    peer = bench.peer("copy", lambda peer: bench.line(wanted[0]).handmade(bench.line(wanted[0]).copy))
    rows, commands = [], []
    names = {"remux": "100 MB, its index to be moved to the front", "kept": "100 MB, right as it is"}
    for clip in wanted:
        our_words, peer_words = bench.transcoder.convert(clip), bench.line(clip).handmade(bench.line(clip).copy)
        pairs = bench.pair(our_words, peer, peer_words)
        for what, goal in (("wall", 0.60), ("cpu", None)):
            rows.append(bench.row(names[clip.kind], pairs, what, peer, goal))
        commands += [bench.say(our_words), bench.say(peer_words)]
    return {
        "title": "A compliant file of 100 MB, by `convert --poster`", "rows": rows, "commands": commands[:2],
        "about": "Against `ffmpeg -c copy`, the poster and the hashes. Both fsync.",
    }
