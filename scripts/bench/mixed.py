"""Sixty clips as a site gets them."""

import clips
import queue_run


def run(bench):
    return queue_run.measure_list(bench, "clips, a third of them compliant", clips.MIXED, 0.55, "A queue as a site gets it")
