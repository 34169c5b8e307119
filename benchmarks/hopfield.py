"""Recall from damaged probes, one unit at a time: a thousand units, a hundred patterns, a thousand probes."""

import numpy as np
from common import timed

WORKLOAD = "1,000 units, 100 random patterns by Hebb's rule, 1,000 probes with 10 % of the bits flipped"
RIVAL = "hopfieldkit"


def patterns_and_probes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.RandomState(0)
    patterns = draw.choice([-1.0, 1.0], (100, 1000))
    truth = patterns[draw.randint(100, size=1000)]
    return patterns, truth * np.where(draw.rand(*truth.shape) < 0.1, -1, 1), truth


def rival() -> dict:
    from hopfieldkit import HopfieldNetwork

    patterns, probes, truth = patterns_and_probes()
    network = HopfieldNetwork(1000).fit(list(patterns))
    seconds, recalled = timed(lambda: np.stack([network.recall(probe, order="sequential") for probe in probes]))
    return {"seconds": seconds, "bits_right": float((recalled == truth).mean())}


def ours() -> dict:
    import neurarium as nr

    patterns, probes, truth = patterns_and_probes()
    network = nr.HopfieldNetwork(rule="hebb", update="fixed", random_state=0).fit(patterns)
    seconds, recalled = timed(lambda: network.recall(probes))
    return {"seconds": seconds, "bits_right": float((recalled == truth).mean())}
