"""From learned effects to the model's state: local levels, noise of each item, and the tests' results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from msgspec import convert

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot

from .curve import NAMES, form_of
from .design import ITEM_EFFECTS
from .effects import BELIEFS
from .family_test import linked_t
from .identification import NEEDED_T
from .local_level import LocalLevel, local_level
from .posterior import honest_variance
from .promotion_lifts import promotion_lifts
from .short_history import at_new_levels, foretold, is_short
from .state import KEYS, State
from .training import LENGTHS, Trained

BLOCK_DAYS = {"day": 7, "week": 7, "month": 30}
LINKED_T = 3.0
"""t of the mean cross effect below which products of one category, no family being named, are priced as if they stood alone."""

REMEMBERED = ("draws", "boosting", "nuisance", "seed", "instrument")
"""Settings that a learned model carries."""

NOISE_ROWS = 8.0
"""Rows' worth of the shop's dispersion in each item's own."""


def remember(snapshot: Snapshot, trained: Trained, policy: ModelPolicy) -> State:
    """The state of the model after training."""
    count = snapshot.items.height
    local = _levels(trained, count, snapshot.period)
    noise, promo_noise = _item_noise(trained, count)
    columns: dict[str, Floats] = {"reference": trained.reference, "level_shift": local.shift, "dispersion": noise}
    columns |= _item_effects(trained, count)
    families_t = linked_t(trained)
    if "cross" not in trained.names or (trained.groups.found and abs(families_t) < LINKED_T):
        columns |= {name: np.zeros(count) for name in ("cross", "cross_variance", "cross_prior", "cross_prior_variance")}
    columns["own_share"] = 1.0 - columns["price_variance"] / columns["price_prior_variance"]
    if trained.drift is not None:
        columns["price_variance"] += trained.drift.variance[trained.groups.category]
    columns["price_variance"] = honest_variance(columns["price_variance"], columns["price"], trained.saturation)
    columns["level_variance"] = np.minimum(local.variance + columns["level_variance"], 2.0)
    columns["rival_mean"] = _rival_mean(snapshot, count)
    columns["cost_moved"] = (trained.markup.moved if trained.markup is not None else np.zeros(count, bool)).astype(float)
    columns["rows"] = np.bincount(trained.panel.item, minlength=count).astype(float)
    facts = _policy_facts(policy) | _learned_facts(trained, snapshot.period) | _causal_facts(trained)
    facts |= {"as_of": snapshot.as_of.isoformat()}
    facts |= {"families_found": int(trained.groups.found), "families_t": families_t}
    facts |= {"promo_noise": promo_noise, "promotions": promotion_lifts(trained)}
    facts |= {"local_level": {"half_life": local.half_life, "strength": local.strength}}
    items = snapshot.items.select(*KEYS, "category").with_columns(**{name: pl.Series(values) for name, values in columns.items()})
    return State(items, _shared_table(trained), facts)


def _item_effects(trained: Trained, count: int) -> dict[str, Floats]:
    """Mode, variance and prior of every item effect."""
    effects = trained.effects
    variance = effects.item_variance
    columns: dict[str, Floats] = {}
    for name in ITEM_EFFECTS:
        if name in trained.names:
            k = trained.names.index(name)
            columns |= {name: effects.item[:, k], f"{name}_variance": variance[:, k]}
            columns |= {f"{name}_prior": effects.hyper.prior_mean[:, k], f"{name}_prior_variance": effects.hyper.prior_variance[:, k]}
        else:
            columns |= _unlearned(name, count)
    return columns


def learned_by(state: State) -> ModelPolicy:
    """The settings of learning that the state remembers."""
    return convert({name: state.facts[name] for name in REMEMBERED if name in state.facts}, ModelPolicy)


def _policy_facts(policy: ModelPolicy) -> dict[str, object]:
    return {name: getattr(policy, name) for name in REMEMBERED}


def _learned_facts(trained: Trained, period: str) -> dict[str, object]:
    """Form, noise, spreads and the design."""
    effects, panel, shown = trained.effects, trained.panel, foretold(trained)
    return {
        "form": NAMES[form_of(trained.saturation)],
        "form_scores": list(trained.form_scores),
        "saturation": trained.saturation,
        "dispersion": effects.overdispersion,
        "row_dispersion": effects.hyper.dispersion,
        "excess": effects.hyper.excess,
        "common_variance": effects.common_variance,
        "shock_variances": dict(zip(map(str, LENGTHS[period]), effects.hyper.shocks.variances, strict=True)),
        "shock_memory": effects.hyper.shocks.memory,
        "spreads": {name: list(values) for name, values in effects.hyper.spreads.items() if name in ITEM_EFFECTS},
        "shop_means": {name: value for name, value in effects.hyper.tops.items() if name in ITEM_EFFECTS},
        "promotion_kinds": list(panel.kinds.names),
        "whole_units": bool(np.all(panel.units == np.round(panel.units))),
        "fit": {"rows": int(panel.item.size), "units": float(panel.units.sum()), "fitted_units": float(effects.mean.sum())},
        "design": {
            "period": shown.period,
            "harmonics": shown.harmonics,
            "events": list(shown.events),
            "event_days": [list(days) for days in shown.event_days],
        },
    }


def _causal_facts(trained: Trained) -> dict[str, object]:
    """What the price response rests on. What costs could tell is None where they never changed: it was not tested."""
    price = trained.names.index("price")
    effects, markup = trained.effects, trained.markup
    tested = markup is not None and markup.first_stage_f > 0.0
    return {
        "price_information": float(np.sum(effects.information[:, price] * effects.hyper.prior_variance[:, price])),
        "instrumented": int(trained.instrumented),
        "biased": int(not trained.instrumented and trained.control_t > NEEDED_T),
        "endogeneity_t": trained.control_t if tested else None,
        "first_stage_f": markup.first_stage_f if markup and tested else None,
        "pass_through": markup.pass_through if markup and tested else None,
        "foretold_share": trained.foretold,
        "price_drift": _drift(trained),
        "by_costs_alone": trained.cost_check.document() if trained.cost_check else None,
    }


def _drift(trained: Trained) -> dict[str, float] | None:
    """Change of an elasticity in a year, the mean over the items, with its 90 % interval."""
    if trained.drift is None:
        return None
    return dict(zip(("by_year", "lo", "hi"), trained.drift.over(trained.groups.category), strict=True))


def _unlearned(name: str, count: int) -> dict[str, Floats]:
    """An effect that the history cannot tell: zero, except the level."""
    belief = BELIEFS[name]
    spread = np.full(count, belief.variance + sum(belief.spread))
    zero = np.zeros(count)
    return {name: zero, f"{name}_variance": spread, f"{name}_prior": zero, f"{name}_prior_variance": spread}


def _shared_table(trained: Trained) -> pl.DataFrame:
    kinds, learned = trained.panel.kinds.columns, (*trained.shared.names, *trained.panel.kinds.columns)
    names = (*foretold(trained).names, *kinds)
    values = trained.effects.shared[:, [learned.index(name) for name in names]]
    return pl.DataFrame(
        {
            "category": np.repeat(np.array(trained.groups.names, dtype=object), len(names)).tolist(),
            "name": list(names) * values.shape[0],
            "value": values.ravel(),
        },
        schema={"category": pl.String, "name": pl.String, "value": pl.Float64},
    )


def _levels(trained: Trained, count: int, period: str) -> LocalLevel:
    """Local level of each item around that of its category; without season and trend where the history is short."""
    panel, effects, category = trained.panel, trained.effects, trained.groups.category
    if panel.item.size == 0:
        return LocalLevel(np.zeros(count), np.ones(count), 0.0, 0.0, np.ones((count, 1)))
    block = panel.day // BLOCK_DAYS[period]
    noise = effects.hyper.dispersion / max(BLOCK_DAYS[period] if period == "day" else 1, 1) + effects.hyper.shocks.total
    mean, anew = (_without_weeks(trained), np.zeros(count)) if not is_short(trained) else at_new_levels(trained, count)
    wide = local_level(category[panel.item], block, panel.units, mean, len(trained.groups.names), noise / 10.0)
    own = local_level(panel.item, block, panel.units, mean, count, noise, wide.path[category])
    lonely = np.bincount(panel.item, minlength=count) == 0
    shift = anew + own.shift + _hidden_on_the_mean(trained, count)
    return replace(own, shift=shift, variance=np.where(lonely, 1.0, own.variance))


def _hidden_on_the_mean(trained: Trained, count: int) -> Floats:
    """(n,) log of the factor by which hidden demand raises each item's mean: what a forecast adds, which knows none of its days' demand."""
    if trained.markup is None or not trained.instrumented:
        return np.zeros(count)
    item = trained.panel.item
    return trained.markup.on_the_mean(trained.effects.shared[trained.groups.category[item]], item, count)


def _without_weeks(trained: Trained) -> Floats:
    """(N,) fitted mean without what a category's products shared in single weeks, as a forecast has it.

    The fit keeps those weeks away from the price; the local level must see them, or what they have in common lately is lost.
    """
    effects, names = trained.effects, trained.names
    swing = 1.0 + effects.item[trained.panel.item, names.index("season")] if "season" in names else 1.0
    return np.asarray(effects.mean * np.exp(-swing * effects.common))


def _item_noise(trained: Trained, count: int) -> tuple[Floats, float]:
    """Variance of each item's rows beyond Poisson as a share of the squared mean (n,), and how much noisier promotion rows are."""
    panel, effects = trained.panel, trained.effects
    overall = effects.overdispersion
    trust = 1.0 / (1.0 + overall * effects.mean) ** 2
    excess = ((panel.units - effects.mean) ** 2 - effects.mean) * trust
    square = effects.mean**2 * trust
    plain = panel.promo == 0
    typical = float(square[plain].mean()) if plain.any() else 1.0
    top = np.bincount(panel.item[plain], excess[plain], count)
    bottom = np.bincount(panel.item[plain], square[plain], count)
    noise = (top + NOISE_ROWS * typical * overall) / (bottom + NOISE_ROWS * typical)
    noise = np.clip(noise, 0.1 * overall, 10.0 * overall)
    if plain.all():
        return noise, 1.0
    own = noise[panel.item[~plain]]
    ratio = float(excess[~plain].sum() / max(float((square[~plain] * own).sum()), 1e-12))
    return noise, float(np.clip(ratio, 0.5, 4.0))


def _rival_mean(snapshot: Snapshot, count: int) -> Floats:
    known = snapshot.cells.filter(pl.col("competitor_price") > 0).sort("item", "date", "price", "promo")
    item = known["item"].to_numpy()
    number = np.bincount(item, minlength=count)
    total = np.bincount(item, np.log(known["competitor_price"].to_numpy()), count)
    return np.asarray(np.where(number > 0, total / np.maximum(number, 1), 0.0))
