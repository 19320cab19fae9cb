"""What a recorded run said of the prices that came into the shop, beside what was sold since."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Floats, response
from pricesmith.contracts.economics import shares, unit_profit, unit_revenue
from pricesmith.engine import Decided
from pricesmith.monitoring.outcome import Promise
from pricesmith.optimization.expectations import others_mean

SHOCK_DAYS = 7.0
"""Days for which a shock to one product's demand lasts, as the demand model has it: within them days do not average out."""


def curves_of(decided: Decided) -> Curves:
    """Demand of all items, as a run saw it."""
    return decided.opened().curves


def promised(items: pl.DataFrame, curves: Curves, seen: pl.DataFrame) -> Promise:
    """The promise of each item (n,).

    items  table ITEMS of the run
    seen   (n,) rows with `price` (in force), `before`, `changed`, `sold`, `days`; see `came.begins` and `sold.sold`

    A product whose price never came counts as one that stayed; the prices of its family that came act on it.
    """
    price, before = (seen[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ("price", "before"))
    known = (price > 0) & (before > 0)
    ratio = np.where(known, np.log(np.where(known, price, 1.0) / np.where(known, before, 1.0)), 0.0)
    drawn = response(ratio[:, None], curves.draws, curves.form[:, None], curves.saturation[:, None])
    others = others_mean(ratio, curves.family, known)
    lift = np.exp(curves.cross * others)
    days, changed = seen["days"].to_numpy(), seen["changed"].to_numpy()
    share = shares(items)
    margin, margin_before = (
        np.nan_to_num(unit_profit(value, share["kept"], share["landed"], share["returned"])) for value in (price, before)
    )
    moved = np.unique(curves.family[changed & (curves.family >= 0)])
    return Promise(
        base=curves.base,
        expected=curves.base * np.exp(drawn).mean(axis=1) * lift,
        own=own_variance(curves, days),
        response=np.sign(ratio) * drawn.std(axis=1),
        linked=others * curves.cross_deviation,
        net=np.nan_to_num(unit_revenue(price, share["net"], share["returned"])),
        margin=margin,
        margin_before=margin_before,
        sold=seen["sold"].to_numpy(),
        days=days,
        noise=curves.dispersion,
        changed=changed,
        touched=changed | np.isin(curves.family, moved),
    )


def own_variance(curves: Curves, days: Floats) -> Floats:
    """(n,) variance of a product's log demand: what is not known of its level, and shocks that last."""
    return np.asarray(curves.level.var(axis=1) + curves.dispersion * SHOCK_DAYS / np.maximum(days, SHOCK_DAYS))
