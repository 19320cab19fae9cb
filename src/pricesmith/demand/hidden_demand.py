"""Hidden demand as prices give it away: what a manager answers shows in the price that he sets, before and after each day.

The answer is an Ornstein-Uhlenbeck process of unit variance, seen with white noise at every decision. Its mean on a day given all decisions
is the Kalman filter's, looking back from the decision after it (Rauch, Tung and Striebel 1965). Given the decisions on both sides, what is
left of a day's shock is independent of every price: a decision before alone leaves in it what the next price will answer.
"""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

WEEK = 7.0


def hidden_demand(starts: Ints, day: Ints, seen: Floats, memory: float, noise: float, owner: Ints, at: Ints) -> Floats:
    """(N,) expected answer on the days `at` (N,) of series `owner` (N,); no day lies before its series' first decision.

    starts  (S,) first decision of each series;  day, seen  (K,) day of each decision and what it showed
    memory  correlation over a week;  noise  white share of the variance of what is seen, > 0
    """
    if at.size == 0:
        return np.zeros(0)
    series = np.repeat(np.arange(starts.size), np.diff(np.r_[starts, day.size]))
    last = np.r_[series[1:] != series[:-1], True]
    tie = np.where(last, 0.0, memory ** (np.r_[np.diff(day), 0] / WEEK))
    mean, variance = _filtered(starts, tie, seen, noise / (1.0 - noise))
    smooth = _smoothed(starts, tie, mean, variance)
    span = int(max(day.max(), at.max()) - day.min()) + 1
    place = np.searchsorted(series * span + day - day.min(), owner * span + at - day.min(), side="right") - 1
    since, until = memory ** ((at - day[place]) / WEEK), memory ** (np.abs(day[np.minimum(place + 1, day.size - 1)] - at) / WEEK)
    forward, spread = since * mean[place], 1.0 - since**2 * (1.0 - variance[place])
    gain = np.where(last[place], 0.0, spread * until / np.maximum(1.0 - until**2 * (1.0 - spread), 1e-12))
    return np.asarray(forward + gain * (smooth[np.minimum(place + 1, day.size - 1)] - until * forward))


def _steps(starts: Ints, count: int) -> list[Ints]:
    """The k-th decision of every series that has one, for k = 0, 1, ..."""
    length = np.diff(np.r_[starts, count])
    return [starts[length > k] + k for k in range(int(length.max()))]


def _filtered(starts: Ints, tie: Floats, seen: Floats, noise: float) -> tuple[Floats, Floats]:
    """(K,) mean and variance after each decision, given it and those before; tie (K,) is the correlation with the next one."""
    mean, variance = np.zeros(seen.size), np.ones(seen.size)
    for k, here in enumerate(_steps(starts, seen.size)):
        before = tie[here - 1] if k else np.zeros(here.size)
        told = before * mean[here - 1] if k else np.zeros(here.size)
        spread = 1.0 - before**2 * (1.0 - variance[here - 1]) if k else np.ones(here.size)
        gain = spread / (spread + noise)
        mean[here], variance[here] = told + gain * (seen[here] - told), spread * (1.0 - gain)
    return mean, variance


def _smoothed(starts: Ints, tie: Floats, mean: Floats, variance: Floats) -> Floats:
    """(K,) mean at each decision given all of its series."""
    smooth = mean.copy()
    for later in reversed(_steps(starts, mean.size)[1:]):
        here = later - 1
        gain = variance[here] * tie[here] / (1.0 - tie[here] ** 2 * (1.0 - variance[here]))
        smooth[here] = mean[here] + gain * (smooth[later] - tie[here] * mean[here])
    return smooth
