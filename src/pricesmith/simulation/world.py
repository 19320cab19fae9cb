"""The hyper-parameters of a made shop: drawn anew for every seed, so that no method can be tuned to one world."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pricesmith.contracts.errors import UnknownChoice

KINDS = (
    "plain",
    "visible",
    "sparse",
    "gaps",
    "unmarked",
    "stockouts",
    "hidden",
    "semilog",
    "logit",
    "segments",
    "families",
    "young",
    "events",
    "cny",
    "jpy",
)
"""Kinds of shop; see `docs/exam.md`."""


@dataclass(frozen=True, slots=True)
class World:
    """What nature and the manager of one shop are like.

    Elasticities are normal around shop, category, family; `forms` weighs constant elasticity, semi-log, logit, two segments.
    `cross` weighs how families act: in proportion to the own elasticity, by a constant cross elasticity, by shares of a family volume.
    Logs are natural; `*_sd` are standard deviations of logs; `family_sense` is how far prices already
    allow for the family (0 each product alone, 1 in full); rates are per day unless they say otherwise.
    """

    currency: str
    taxes: tuple[float, ...]
    endings: tuple[float, ...]
    price_median: float
    price_sd: float
    elasticity: float
    category_sd: float
    family_sd: float
    product_sd: float
    forms: tuple[float, float, float, float]
    family_share: float
    cross: tuple[float, float, float]
    cross_strength: float
    complement_share: float
    units_median: float
    units_sd: float
    dispersion: float
    shock_sd: float
    shock_memory: float
    season_sd: float
    season_own_sd: float
    bump_share: float
    weekday_sd: float
    trend_sd: float
    promotions_a_year: float
    promotion_depth: float
    promotion_lift: float
    competitor_share: float
    competitor_effect: float
    review_weeks: float
    move_sd: float
    react_season: float
    react_sales: float
    react_shock: float
    cost_weeks: float
    cost_sd: float
    pass_through: float
    mispricing_sd: float
    mispricing_mean: float
    family_sense: float
    cost_plus_share: float
    stock_cover: float
    young_share: float
    event_lift: float
    events_a_year: int
    zero_rows: bool
    list_price_column: bool
    promotions_marked: bool
    max_change: float
    min_margin: float
    bounded_share: float


def _general(rng: np.random.Generator) -> World:
    """A shop whose manager changes list prices for no reason of demand. The parts draw one after the other, in this order."""
    return World(**_products(rng), **_days(rng), **_occasions(rng), **_manager(rng), **_books(rng))


def _products(rng: np.random.Generator) -> dict[str, Any]:
    """What the shop sells, and how demand answers to prices."""
    u = rng.uniform
    return {
        "currency": "EUR",
        "taxes": ((0.19, 0.07), (0.2,), (0.0,), (0.22, 0.1))[rng.integers(4)],
        "endings": ((0.99, 0.49), (0.99,), (0.95, 0.45), (0.99, 0.79, 0.49, 0.29))[rng.integers(4)],
        "price_median": u(8.0, 40.0),
        "price_sd": u(0.5, 0.9),
        "elasticity": u(-2.9, -2.2),
        "category_sd": u(0.2, 0.5),
        "family_sd": u(0.1, 0.3),
        "product_sd": u(0.25, 0.55),
        "forms": (1.0, 0.0, 0.0, 0.0),
        "family_share": u(0.6, 0.9),
        "cross": tuple(rng.dirichlet([1.0, 1.0, 1.0])),
        "cross_strength": u(0.12, 0.35),
        "complement_share": u(0.0, 0.08),
    }


def _days(rng: np.random.Generator) -> dict[str, Any]:
    """What is sold from day to day."""
    u = rng.uniform
    return {
        "units_median": u(2.5, 6.0),
        "units_sd": u(0.6, 1.0),
        "dispersion": u(0.05, 0.35),
        "shock_sd": u(0.1, 0.25),
        "shock_memory": u(0.3, 0.8),
        "season_sd": u(0.1, 0.35),
        "season_own_sd": 0.25,
        "bump_share": u(0.0, 1.0),
        "weekday_sd": u(0.05, 0.25),
        "trend_sd": u(0.05, 0.25),
    }


def _occasions(rng: np.random.Generator) -> dict[str, Any]:
    """Promotions and competitors."""
    u = rng.uniform
    return {
        "promotions_a_year": u(2.0, 6.0),
        "promotion_depth": u(0.12, 0.25),
        "promotion_lift": u(0.1, 0.4),
        "competitor_share": u(0.4, 0.9),
        "competitor_effect": u(0.1, 0.6),
    }


def _manager(rng: np.random.Generator) -> dict[str, Any]:
    """Why list prices move."""
    u = rng.uniform
    return {
        "review_weeks": u(4.0, 9.0),
        "move_sd": u(0.06, 0.11),
        "react_season": 0.0,
        "react_sales": 0.0,
        "react_shock": 0.0,
        "cost_weeks": u(15.0, 40.0),
        "cost_sd": u(0.03, 0.06),
        "pass_through": u(0.3, 0.8),
        "mispricing_sd": u(0.3, 0.45),
        "mispricing_mean": u(-0.06, 0.06),
        "family_sense": u(0.0, 0.8),
        "cost_plus_share": u(0.0, 0.5),
    }


def _books(rng: np.random.Generator) -> dict[str, Any]:
    """What the shop has and writes down, and what binds its prices."""
    u = rng.uniform
    return {
        "stock_cover": 0.0,
        "young_share": u(0.0, 0.06),
        "event_lift": u(0.1, 0.3),
        "events_a_year": int(rng.integers(0, 4)),
        "zero_rows": bool(rng.random() < 0.75),
        "list_price_column": bool(rng.random() < 0.5),
        "promotions_marked": True,
        "max_change": float(rng.choice([0.15, 0.2, 0.25])),
        "min_margin": u(0.02, 0.08),
        "bounded_share": u(0.0, 0.2),
    }


def draw_world(kind: str, rng: np.random.Generator) -> World:
    """The hyper-parameters of a shop of the given kind; an unknown kind lists the valid ones."""
    world, u = _general(rng), rng.uniform
    if kind not in KINDS:
        raise UnknownChoice("kind of shop", kind, KINDS)
    changes: dict[str, dict[str, object]] = {
        "visible": {"react_season": u(0.2, 0.45), "react_sales": u(0.05, 0.15), "season_sd": u(0.25, 0.45), "move_sd": u(0.03, 0.06)},
        "sparse": {"units_median": 0.5, "units_sd": u(0.4, 0.7), "zero_rows": True},
        "gaps": {"units_median": u(0.5, 1.5), "zero_rows": False},
        "unmarked": {"promotions_marked": False, "list_price_column": False, "zero_rows": True},
        "stockouts": {"stock_cover": u(1.2, 1.6)},
        "hidden": {
            "react_shock": u(0.25, 0.45),
            "shock_sd": u(0.25, 0.35),
            "shock_memory": u(0.75, 0.9),
            "move_sd": u(0.01, 0.025),
            "review_weeks": u(4.0, 7.0),
            "cost_weeks": u(8.0, 13.0),
            "cost_sd": u(0.08, 0.12),
            "pass_through": u(0.7, 1.0),
            "cost_plus_share": u(0.0, 0.3),
        },
        "semilog": {"forms": (0.0, 1.0, 0.0, 0.0)},
        "logit": {"forms": (0.0, 0.0, 1.0, 0.0)},
        "segments": {"forms": (0.0, 0.0, 0.0, 1.0)},
        "families": {"family_share": 1.0, "cross_strength": u(0.3, 0.5), "complement_share": u(0.25, 0.4)},
        "young": {"young_share": u(0.3, 0.45)},
        "events": {"events_a_year": int(rng.integers(8, 14)), "event_lift": u(0.4, 0.8)},
        "cny": {"currency": "CNY", "taxes": (0.13, 0.09), "endings": (0.9, 0.0), "price_median": u(40.0, 200.0)},
        "jpy": {"currency": "JPY", "taxes": (0.1, 0.08), "endings": (), "price_median": u(800.0, 4000.0)},
    }
    return replace(world, **changes.get(kind, {}))  # type: ignore[arg-type]
