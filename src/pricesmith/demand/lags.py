"""What is known of an item at any origin of the past: its level over many windows, last year, category and place trends, prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CATEGORICAL = ("product", "place", "category")


@dataclass(frozen=True, slots=True)
class History:
    """n items over T past periods; the calendar goes on.

    units     (n, T) units sold, 0 where not open
    open      (n, T) sales are known and the item could be bought
    effect    (n, T) log effect of price, promotion and season in the structural model
    price     (n, T) log price, the last known one where there was no sale; NaN before the first
    promo     (n, T) 1 where on promotion
    calendar  (T + H, C) known features of a period: month, weekday, events
    names     (C) of the calendar's columns
    year      periods of a year: 12, 52 or 364
    halflife  periods after which a past period counts half in the level
    product, place, category  (n,) codes from 0
    peers     (n,) codes of the products that customers compare at one place
    """

    units: Floats
    open: Flags
    effect: Floats
    price: Floats
    promo: Floats
    calendar: Floats
    names: tuple[str, ...]
    year: int
    halflife: float
    product: Ints
    place: Ints
    category: Ints
    peers: Ints

    def without_effect(self) -> History:
        """The same with no structural effect."""
        return replace(self, effect=np.zeros_like(self.effect))


@dataclass(frozen=True, slots=True)
class Plan:
    """(n, T + H) log price and promotion, known or planned, and their means over the peers, prices against the usual ones."""

    price: Floats
    promo: Floats
    others: Floats
    others_promo: Floats


@dataclass(frozen=True, slots=True)
class Lags:
    """Running sums of a history: any window that ends at any origin is one subtraction. Arrays are (n, T + 1).

    raised, raised_units  periods and units on promotion
    level    log of smoothed units over smoothed exp(effect) before each period
    lasting  the same with a half-life of a year
    regular  the same over periods without promotion
    usual    smoothed log price before each period
    far     periods ahead beyond which the distance is not told apart
    """

    history: History
    units: Floats
    expected: Floats
    count: Floats
    zeros: Floats
    raised: Floats
    raised_units: Floats
    level: Floats
    lasting: Floats
    regular: Floats
    usual: Floats
    category: tuple[Floats, Floats]
    place: tuple[Floats, Floats]
    far: int

    @classmethod
    def of(cls, history: History, far: int = 10_000) -> Lags:
        expected = np.exp(np.clip(history.effect, -12, 12)) * history.open
        level = smoothed_level(history.units, expected, history.halflife)
        lasting = smoothed_level(history.units, expected, float(history.year))
        own = np.exp(level[:, -1:]) * expected
        raised = history.open & (history.promo > 0)
        flags = (history.open, history.open & (history.units == 0), raised, history.units * raised)
        sums = [_running(values) for values in (history.units, expected, *flags)]
        regular = smoothed_level(history.units * ~raised, expected * ~raised, history.halflife)
        usual = _smoothed(history.price, 4.0 * history.halflife)
        groups = [_grouped(code, history.units, own) for code in (history.category, history.place)]
        return cls(history, *sums, level, lasting, regular, usual, groups[0], groups[1], far)  # type: ignore[call-arg,arg-type]

    def features(self, item: Ints, origin: Ints, target: Ints) -> dict[str, Floats]:
        """(m,) columns of rows (item, origin, target period); nothing at or after the origin but the calendar."""
        level = self.level[item, origin]
        columns: dict[str, Floats] = {"level": level, "ahead": np.minimum(target - origin, self.far - 1).astype(float)}
        columns["lasting"] = self.lasting[item, origin] - level
        columns |= self._windows(item, origin, level) | self._last_year(item, origin, target, level) | self._groups(item, origin)
        columns |= {name: self.history.calendar[target, c] for c, name in enumerate(self.history.names)}
        for name, code in zip(CATEGORICAL, (self.history.product, self.history.place, self.history.category), strict=True):
            if code.max() > 0:
                columns[name] = code[item].astype(float)
        return columns

    def prices(self, item: Ints, origin: Ints, target: Ints, price: Floats, promo: Floats, plan: Plan) -> dict[str, Floats]:
        """(m,) columns of price and promotion of the period to forecast, of the item and of its peers."""
        last, long = np.maximum(origin - 1, 0), self._spans()[-1]
        usual, before = self.usual[item, origin], self.history.price[item, last]
        many = _window(self.raised, item, origin, long)
        count = np.maximum(_window(self.count, item, origin, long), 1)
        lift = np.log((_window(self.raised_units, item, origin, long) + 0.5) / (many + 0.5)) - self.level[item, origin]
        return {
            "usual": usual,
            "price_to_usual": price - usual,
            "price_to_last": price - before,
            "price_change": price - plan.price[item, np.maximum(target - 1, 0)],
            "last_to_usual": before - usual,
            "others": plan.others[item, target],
            "others_promo": plan.others_promo[item, target],
            "promo": promo,
            "promo_before": plan.promo[item, np.maximum(target - 1, 0)],
            "promo_share": many / count,
            "promo_lift": np.where(many > 0, lift, np.nan),
            "regular": self.regular[item, origin] - self.level[item, origin],
        }

    def plan(self, price: Floats, promo: Floats) -> Plan:
        """Prices and promotions of past and coming periods, with those of each item's peers.

        price  (n, T + H) log price, known or planned
        promo  (n, T + H) 1 where on promotion
        """
        length = self.usual.shape[1] - 1
        usual = self.usual[:, np.minimum(np.arange(price.shape[1]), length)]
        return Plan(price, promo, _others(price - usual, self.history.peers), _others(promo, self.history.peers))

    def _spans(self) -> list[int]:
        year = self.history.year
        return [1, 3, 7, 14, 28, 56, 112] if year > 60 else sorted({1, 2, 4, 8, max(year // 4, 3), max(year // 2, 6), year})

    def _windows(self, item: Ints, origin: Ints, level: Floats) -> dict[str, Floats]:
        out = {f"level{span}": self._ratio(self.units, self.expected, item, origin, span, level) for span in self._spans()}
        long = self._spans()[-1]
        out["zeros"] = _window(self.zeros, item, origin, long) / np.maximum(_window(self.count, item, origin, long), 1)
        out["age"] = self.count[item, origin]
        last = np.maximum(origin - 1, 0)
        out["effect_change"] = self.history.effect[item, last] - self.history.effect[item, np.maximum(origin - 5, 0)]
        out["promo_last"] = self.history.promo[item, last]
        return out

    def _last_year(self, item: Ints, origin: Ints, target: Ints, level: Floats) -> dict[str, Floats]:
        year = self.history.year
        side = 3 if year > 60 else (1 if year > 12 else 0)
        end = target - year + side + 1
        known = (end - 2 * side - 1 >= 0) & (end <= origin)
        end, then = np.clip(end, 0, origin), np.maximum(origin - year, 0)
        whole = known & (origin > year)
        own = np.where(known, self._ratio(self.units, self.expected, item, end, 2 * side + 1, level), np.nan)
        before = self._ratio(self.units, self.expected, item, then, 4 * side + 4, level)
        top, bottom = self.category
        code, none = self.history.category[item], np.zeros(len(item))
        season = self._ratio(top, bottom, code, end, 2 * side + 1, none) - self._ratio(top, bottom, code, then, 4 * side + 4, none)
        out = {
            "last_year": own,
            "growth_last_year": np.where(whole, own - before, np.nan),
            "category_last_year": np.where(whole, season, np.nan),
        }
        if year > 60:
            out["same_weekday"] = self._weekday(item, origin, target, level)
        return out

    def _weekday(self, item: Ints, origin: Ints, target: Ints, level: Floats) -> Floats:
        """Level of the last six same weekdays before the origin, against the level."""
        top, bottom = np.zeros(len(item)), np.zeros(len(item))
        for week in range(6):
            day = origin - 1 - (origin - 1 - target) % 7 - 7 * week
            known, at = day >= 0, np.maximum(day, 0) + 1
            top += np.where(known, _window(self.units, item, at, 1), 0.0)
            bottom += np.where(known, _window(self.expected, item, at, 1), 0.0)
        result: Floats = np.log((top + 0.5) / (bottom + 0.5 * np.exp(-level))) - level
        return result

    def _groups(self, item: Ints, origin: Ints) -> dict[str, Floats]:
        """How category and place have moved lately against a longer past."""
        year = self.history.year
        short, long = (14, 56) if year > 60 else ((4, 13) if year > 12 else (2, 6))
        out, none = {}, np.zeros(len(item))
        for name, code, (top, bottom) in (("category", self.history.category, self.category), ("place", self.history.place, self.place)):
            now = self._ratio(top, bottom, code[item], origin, short, none)
            out[f"{name}_now"] = now - self._ratio(top, bottom, code[item], origin, long, none)
            out[f"{name}_last"] = self._ratio(top, bottom, code[item], origin, 1, none) - now
        return out

    @staticmethod
    def _ratio(top: Floats, bottom: Floats, row: Ints, last: Ints, span: int, level: Floats) -> Floats:
        """Log of units over expected units in the window, against the level, half a unit added to both; NaN where nothing was open."""
        units, expected = _window(top, row, last, span), _window(bottom, row, last, span)
        value = np.log((units + 0.5) / (expected + 0.5 * np.exp(-level))) - level
        return np.where(expected > 0, value, np.nan)


def smoothed_level(units: Floats, expected: Floats, halflife: float) -> Floats:
    """(n, T + 1) log of exponentially weighted units over exponentially weighted expected units before each period.

    A period weighs as much as its expected units; one twentieth of an average period at the shop's mean keeps items without history finite.
    """
    n, length = units.shape
    decay = 0.5 ** (1.0 / halflife)
    shop = max(float(units.sum()) / max(float(expected.sum()), 1e-9), 1e-9)
    mean = expected.sum(axis=1) / np.maximum((expected > 0).sum(axis=1), 1)
    scale = 1.0 / np.maximum(mean, 1e-12)
    top, bottom, out = np.zeros(n), np.zeros(n), np.empty((n, length + 1))
    for t in range(length + 1):
        out[:, t] = np.log((top + 0.01 * shop) / (bottom + 0.05))
        if t < length:
            top, bottom = decay * top + scale * units[:, t], decay * bottom + scale * expected[:, t]
    return out


def _smoothed(values: Floats, halflife: float) -> Floats:
    """(n, T + 1) exponentially weighted mean of the finite values before each period; NaN before the first."""
    decay = 0.5 ** (1.0 / halflife)
    n, length = values.shape
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    total, weight, out = np.zeros(n), np.zeros(n), np.empty((n, length + 1))
    for t in range(length + 1):
        out[:, t] = np.divide(total, weight, out=np.full(n, np.nan), where=weight > 0)
        if t < length:
            total, weight = decay * total + filled[:, t], decay * weight + known[:, t]
    return out


def _grouped(code: Ints, units: Floats, expected: Floats) -> tuple[Floats, Floats]:
    totals = [np.zeros((int(code.max()) + 1, units.shape[1])) for _ in range(2)]
    np.add.at(totals[0], code, units)
    np.add.at(totals[1], code, expected)
    return _running(totals[0]), _running(totals[1])


def _others(values: Floats, group: Ints) -> Floats:
    """(n, T) mean of the values of the other members of the group; NaN where there are none."""
    known = np.isfinite(values)
    sums, counts = (np.zeros((int(group.max()) + 1, values.shape[1])) for _ in range(2))
    np.add.at(sums, group, np.where(known, values, 0.0))
    np.add.at(counts, group, known.astype(np.float64))
    rest = counts[group] - known
    mean: Floats = np.divide(sums[group] - np.where(known, values, 0.0), rest, out=np.full(values.shape, np.nan), where=rest > 0)
    return mean


def _running(values: NDArray[Any]) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1, dtype=float)], axis=1)


def _window(sums: Floats, row: Ints, last: Ints, span: int) -> Floats:
    return np.asarray(sums[row, last] - sums[row, np.maximum(last - span, 0)], dtype=float)
