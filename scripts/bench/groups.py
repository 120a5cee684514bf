"""What is measured, by name, and what all of it needs."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

import clips
import ours
import peers
from pairs import compare


@dataclass
class Bench:
    transcoder: ours.Transcoder
    peers: list
    profile: object
    maker: clips.Maker
    rounds: int
    is_quick: bool
    # The faster peer of each kind of work, chosen once.
    chosen: dict = field(default_factory=dict)

    def line(self, clip):
        return peers.CommandLine(self.profile, clip)

    def ready(self, *wanted):
        """Makes the clips, and sees that our plan does with them what they were made for."""
        self.maker.make(wanted)
        for clip in wanted:
            plan = clips.plan(self.transcoder.program, clip)
            actions = {decision["action"].split(",")[0] for decision in plan["decisions"]}
            expected = {"phone": "encode as H.264", "remux": "copy", "kept": "keep the file as it is"}[clip.kind]
            if expected not in actions or clip.kind == "remux" and "keep the file as it is" in actions:
                raise SystemExit(f"{clip.describe()} was to “{expected}”, but its plan is: {sorted(actions)}")

    def peer(self, kind, words):
        if kind not in self.chosen:
            best, times = peers.faster(self.peers, words)
            self.chosen[kind] = best
            print(f"{kind}: {best.name} is taken as the faster one: {times}", flush=True)
        return self.chosen[kind]

    def pair(self, our_words, peer, peer_words, rounds=None):
        return compare(lambda: self.transcoder.run(our_words), lambda: peers.run(peer, peer_words), rounds or self.rounds)

    def row(self, work, pairs, what, peer, goal=None):
        row = {"work": work, "what": what, "goal": goal, "peer": peer.name, "figures": pairs.figures(what),
               "ratios": pairs.ratios(what)}
        figures = row["figures"]
        print(f"{work}, {what}: {figures['ratio']:.3f} ({figures['least']:.3f} – {figures['most']:.3f}), "
              f"ours {figures['ours']:.4g}, peer {figures['peer']:.4g}; goal {goal}", flush=True)
        return row

    def say(self, words):
        """A command as it can be typed in the repository's folder."""
        return shlex.join(str(word).replace(f"{Path.cwd()}/", "") for word in words)

    def check_settings(self):
        """Whether both films were made with the same settings, by x264's own word."""
        found = ours.differences(ours.OUT / "ours.mp4", peers.OUT / "peer.mp4")
        if found:
            print("Settings differ: " + "; ".join(found), flush=True)
            return ["**The settings differ:** " + "; ".join(found) + "."]
        return ["x264 wrote the same settings into both results (threads aside)."]
