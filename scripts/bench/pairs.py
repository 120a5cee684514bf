"""Ours and a peer's, in turns."""

import statistics
from dataclasses import dataclass, field

from measure import Cost, settle


@dataclass
class Pairs:
    ours: list[Cost] = field(default_factory=list)
    peer: list[Cost] = field(default_factory=list)

    def ratios(self, what):
        return [getattr(a, what) / getattr(b, what) for a, b in zip(self.ours, self.peer)]

    def figures(self, what):
        """Median ratio, its spread, and both sides' own medians."""
        ratios = self.ratios(what)
        return {
            "ratio": statistics.median(ratios),
            "least": min(ratios),
            "most": max(ratios),
            "ours": statistics.median(getattr(cost, what) for cost in self.ours),
            "peer": statistics.median(getattr(cost, what) for cost in self.peer),
            "rounds": len(ratios),
        }


def compare(ours, peer, rounds):
    """`ours` and `peer` do the work once and tell its cost. One round goes before that does not count; who begins
    changes from round to round."""
    pairs = Pairs()
    for number in range(rounds + 1):
        costs = {}
        for name in ("ours", "peer") if number % 2 else ("peer", "ours"):
            settle()
            costs[name] = (ours if name == "ours" else peer)()
        if number > 0:
            pairs.ours.append(costs["ours"])
            pairs.peer.append(costs["peer"])
    return pairs
