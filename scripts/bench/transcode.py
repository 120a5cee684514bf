"""The transcode alone."""

import clips


def run(bench):
    clip = clips.CONVERT[4] if bench.is_quick else clips.LONG
    trial = clips.CONVERT[1]
    bench.ready(clip, trial)
    peer = bench.peer("transcode", lambda peer: bench.line(trial).alone(peer))
    our_words, peer_words = bench.transcoder.convert(clip, poster=False), bench.line(clip).alone(peer)
    pairs = bench.pair(our_words, peer, peer_words, max(2, bench.rounds // 2))
    return {
        "title": "The transcode alone",
        "about": "`convert` without a poster. Its sandbox and its quick verification cannot be turned off, and are part of our side's "
                 "time; the peer has neither. Both fsync.",
        "rows": [bench.row(clip.name, pairs, what, peer, 1.0) for what in ("wall", "cpu")],
        "commands": [bench.say(our_words), bench.say(peer_words)], "notes": bench.check_settings(),
    }
