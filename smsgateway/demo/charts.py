"""Small charts as numbers for inline SVG: the templates only write them down."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

WIDTH, HEIGHT, MARGIN = 144, 40, 4


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Lines between the months that have a value, and a dot on the last of them."""

    lines: Sequence[str]
    dots: Sequence[tuple[float, float]]
    last: tuple[float, float] | None


def sparkline(values: Sequence[float | None], low: float, high: float) -> Sparkline:
    """`values` from left to right on a scale from `low` to `high`; None is a gap."""
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        height = (min(max(value, low), high) - low) / (high - low) * (HEIGHT - 2 * MARGIN)
        runs[-1].append((round(MARGIN + place * step, 1), round(HEIGHT - MARGIN - height, 1)))
    lines = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
    points = [point for run in runs for point in run]
    return Sparkline(lines, [run[0] for run in runs if len(run) == 1], points[-1] if points else None)


def common_scale(values: Sequence[float], least: float, high: float, step: float) -> tuple[float, float]:
    """One scale for charts that are compared: from `least`, or as far below it as a value needs, to `high`."""
    lowest = min([least, *values])
    return floor(lowest / step) * step, high
