"""From a snapshot to learned effects: which columns, which form of curve, whether the price must be corrected for hidden demand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot

from .cost_check import CostCheck, check_costs
from .design import YEAR, Shared, shared_columns, shared_design
from .effects import Effects
from .fit import learn_effects
from .fit_data import Data
from .foretold_price import foretell_price
from .form_choice import choose_form
from .groups import Groups, group
from .identification import NEEDED_T, STRONG_F, Markup, markup
from .margins import margins
from .panel import Panel, make_panel, reference_prices
from .price_drift import NAME, Drift, drift_column, learned_drift
from .week_start import week_start

LENGTHS = {"day": (7, 112), "week": (28, 112), "month": (93, 372)}
"""Lengths in days of the blocks in which shocks last, by period; a day's weeks remember the one before."""
ROUGH_ROUNDS = 2
PROBE_ROUNDS = 6
MAIN_ROUNDS = 5
COLD_ROUNDS = 9
STRAYED = 1.5
"""Spreads by which a turn may move the priors of price and family effects: below 1 on the ten real sets, 8 to 10 after a bad start."""
PROBE_ROWS = 160_000
"""Rows on which form and instrument are tested, at least; a shop of 300 products and 540 days is tested whole."""
TREND_DAYS = 180
"""A shorter history cannot tell a trend from a season."""


@dataclass(frozen=True, slots=True)
class Trained:
    """Everything learned from one snapshot. n items, N cells.

    markup        what costs say of the regular prices; None without costs
    instrumented  whether the control function was needed, and is in the effects;  control_t  its test
    drift         how price effects move over the years; None where the history is too short to tell
    foretold      share of the variance of regular prices that trees foretold, where they were asked; else 0
    """

    groups: Groups
    reference: Floats
    panel: Panel
    shared: Shared
    effects: Effects
    names: tuple[str, ...]
    saturation: float
    form_scores: tuple[float, ...]
    markup: Markup | None
    instrumented: bool
    control_t: float
    drift: Drift | None
    cost_check: CostCheck | None
    foretold: float


def train(snapshot: Snapshot, policy: ModelPolicy) -> Trained:
    """Learn from the cells of a snapshot; deterministic."""
    groups = group(snapshot.items)
    groups = replace(groups, margin=margins(snapshot.items, groups.category))
    reference = reference_prices(snapshot)
    panel = make_panel(snapshot, groups.category, groups.rivals, reference)
    first, last = (int(panel.day.min()), int(panel.day.max())) if panel.day.size else (0, 0)
    shared = shared_design(snapshot, first, last)
    base = _data(panel, shared, snapshot.period)
    count = snapshot.items.height
    part = _probe_rows(panel, groups)
    if snapshot.period == "day" and panel.day.size:
        base = replace(base, day=panel.day + _week_start(base.rows(part), groups, count))
    foretold = foretell_price(panel, groups, count, policy.seed) if policy.nuisance == "boosted" else None
    if foretold is not None:
        base = with_columns(base, ("control_foretold",), foretold.column[:, None])
    costs = markup(panel, count, snapshot.period) if np.isfinite(panel.cost).any() else None
    control_t = _control_t(base, part, costs, groups, count, policy)
    control = costs if _needed(costs, control_t, policy) else None
    if control is not None:
        base = with_columns(base, (*control.names, "control_demand"), control.columns, control.demand[:, None])
    saturation, scores, warm = choose_form(base.rows(part), groups, count)
    effects = fitted(replace(base, saturation=saturation), groups, count, warm)
    check = _check_costs(panel, costs, effects, base.effects.index("price"))
    return Trained(
        groups=groups,
        reference=reference,
        panel=panel,
        shared=shared,
        effects=effects,
        names=base.effects,
        saturation=saturation,
        form_scores=scores,
        markup=costs,
        instrumented=control is not None,
        control_t=control_t,
        drift=learned_drift(effects, base.shared_names, panel),
        cost_check=check,
        foretold=foretold.share if foretold is not None else 0.0,
    )


def fitted(data: Data, groups: Groups, count: int, warm: Effects | None) -> Effects:
    """Effects of all rows, from those that some of them gave where that is a start.

    Fits without some of the rows may foretell those so badly (a year of months of which three were left out) that the turns from there
    swing about or need dozens to come back; they are begun anew then.
    """
    found = None if warm is None else learn_effects(data, groups, count, MAIN_ROUNDS, warm)
    return learn_effects(data, groups, count, COLD_ROUNDS) if found is None or found.farthest > STRAYED else found


def _check_costs(panel: Panel, costs: Markup | None, effects: Effects, price: int) -> CostCheck | None:
    if costs is None:
        return None
    return check_costs(panel, costs, effects.mean, effects.overdispersion, effects.item[:, price])


def _data(panel: Panel, shared: Shared, period: str) -> Data:
    """All columns that vary; an effect whose column never varies is left to its prior."""
    columns = {"level": np.ones(panel.item.size), "price": panel.price, "promo": panel.promo, "cross": panel.siblings, "rival": panel.rival}
    kept = {name: column for name, column in columns.items() if name in ("level", "price") or np.any(column != 0)}
    if panel.day.size and np.ptp(panel.day) >= TREND_DAYS:
        kept["trend"] = (panel.day - panel.day.max()) / YEAR
    if shared.harmonics:
        kept["season"] = np.zeros(panel.item.size)
    sold_out = (panel.exposure < 1.0) & (period == "day")
    rows = Data(
        item=panel.item,
        day=panel.day,
        units=panel.units,
        exposure=np.where(sold_out, 1.0, panel.exposure),
        columns=np.stack(list(kept.values()), axis=1),
        shared=shared_columns(shared, panel.day),
        effects=tuple(kept),
        shared_names=shared.names,
        lengths=LENGTHS[period],
        chained=period == "day",
        sold_out=np.flatnonzero(sold_out),
    )
    if panel.kinds.columns:
        rows = with_columns(rows, panel.kinds.columns, panel.kinds.design(panel.kind))
    drift = drift_column(panel)
    return rows if drift is None else with_columns(rows, (NAME,), drift[:, None])


def with_columns(data: Data, names: tuple[str, ...], *columns: Floats) -> Data:
    """The same rows with more shared columns, (N, k) each time, called `names` in all."""
    return replace(data, shared=np.concatenate([data.shared, *columns], axis=1), shared_names=(*data.shared_names, *names))


def _week_start(data: Data, groups: Groups, count: int) -> int:
    """Days by which the shop's weeks lie off the calendar's, from the residuals of a first rough fit."""
    rough = learn_effects(data, groups, count, ROUGH_ROUNDS, plain=True)
    return week_start(data.item, data.day, data.units, rough.mean, rough.overdispersion)


def _probe_rows(panel: Panel, groups: Groups) -> np.ndarray:
    """(N,) True for the rows on which form and instrument are tested: whole families, about PROBE_ROWS rows."""
    every = -(-panel.item.size // PROBE_ROWS)
    if every <= 1:
        return np.ones(panel.item.size, dtype=bool)
    chosen = (groups.family % every == 0)[panel.item]
    return chosen if chosen.sum() > PROBE_ROWS // 4 else np.ones(panel.item.size, dtype=bool)


def _control_t(data: Data, part: np.ndarray, costs: Markup | None, groups: Groups, count: int, policy: ModelPolicy) -> float:
    """t of the control function's first bin: a Durbin-Wu-Hausman test of the plain estimate; 0 where costs tell nothing."""
    if costs is None or policy.instrument == "never" or not np.any(costs.columns[:, 0]):
        return 0.0
    probe = learn_effects(with_columns(data.rows(part), costs.names, costs.columns[part]), groups, count, PROBE_ROUNDS)
    column = len(data.shared_names)
    precision = 1.0 / np.maximum(probe.shared_deviation[:, column], 1e-9) ** 2
    return float(np.sum(precision * probe.shared[:, column]) / np.sqrt(np.sum(precision)))


def _needed(costs: Markup | None, control_t: float, policy: ModelPolicy) -> bool:
    """Whether the price response must rest on cost changes: the plain estimate is biased, and costs are strong enough to help."""
    if costs is None or policy.instrument == "never":
        return False
    return policy.instrument == "always" or (control_t > NEEDED_T and costs.first_stage_f > STRONG_F)
