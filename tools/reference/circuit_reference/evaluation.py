"""How circuits are judged: areas under curves, random knockouts, the bootstrap over pairs."""

from collections.abc import Callable

import numpy as np


class SplitMix64:
    """The toolkit's generator of random numbers (Steele, Lea and Flood 2014)."""

    def __init__(self, seed: int):
        self.state = seed

    def unit(self) -> float:
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) >> 11) * 2.0 ** -53


def trapezoid(x: list[float], y: list[float]) -> float:
    return float(np.trapezoid(y, x))


def interval(
    pairs: int, samples: int, confidence: float, seed: int,
    statistic: Callable[[np.ndarray], float],
) -> list[float]:
    """The percentile bootstrap of a statistic of the chosen pairs."""
    draw = SplitMix64(seed)
    values = [
        statistic(np.array([int(draw.unit() * pairs) for _ in range(pairs)]))
        for _ in range(samples)]
    tail = 50 * (1 - confidence)
    return [float(np.percentile(values, tail)), float(np.percentile(values, 100 - tail))]


def knockouts(members: list[int], sets: int, seed: int) -> list[list[int]]:
    """Random subsets: each member is in each with probability 1/2."""
    draw = SplitMix64(seed)
    return [[member for member in members if draw.unit() < 0.5] for _ in range(sets)]


def auc(scores: list[float], truth: list[bool]) -> tuple[float, float]:
    """The area under the ROC curve of one point a score: as a staircase below it, and as trapezoids."""
    points = [(0.0, 0.0)]
    for score in sorted(set(scores), reverse=True):
        found = [s >= score for s in scores]
        true = sum(f and t for f, t in zip(found, truth)) / sum(truth)
        false = sum(f and not t for f, t in zip(found, truth)) / (len(truth) - sum(truth))
        points.append((false, true))
    points.append((1.0, 1.0))
    x, y = zip(*points)
    stairs = sum((1 - x[i + 1]) * (y[i + 1] - y[i]) for i in range(len(x) - 1))
    return stairs, trapezoid(x, y)
