"""`convert --poster` against the hand-made way."""

import clips

GOALS = {2: 0.65, 8: 0.75, 15: 0.80, 60: 0.92}


def run(bench):
    wanted = clips.CONVERT[:2] if bench.is_quick else [*clips.CONVERT, clips.LONG]
    bench.ready(*wanted)
    peer = bench.peer("hand-made", lambda peer: bench.line(wanted[0]).handmade())
    rows, commands, notes = [], [], []
    for clip in wanted:
        our_words, peer_words = bench.transcoder.convert(clip), bench.line(clip).handmade()
        rounds = max(3, bench.rounds // 2) if clip.seconds >= 60 else None
        pairs = bench.pair(our_words, peer, peer_words, rounds)
        rows.append(bench.row(clip.name, pairs, "wall", peer, GOALS[clip.seconds]))
        rows.append(bench.row(clip.name, pairs, "cpu", peer))
        if clip is wanted[-1]:
            notes = bench.check_settings()
            commands = [bench.say(our_words), bench.say(["env", *(f"{name}={value}" for name, value in peer.environment.items()), *peer_words])]
    return {
        "title": "A clip that is encoded again, by `convert --poster`",
        "about": "Sandbox and verification on. The hand-made way (scripts/bench/handmade.sh) probes, transcodes with the index in "
                 "front, cuts a poster by the `thumbnail` filter and hashes source and result, as a job of the daemon does and "
                 "`convert` does not. Both copy the sound, which is right; both fsync.",
        "rows": rows, "commands": commands, "notes": notes,
    }
