"""Content -> one HTML file that needs nothing else."""

from __future__ import annotations

from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import numbers, view
from .content import Content
from .figures import demand_curve, frontier
from .words import Words


def render(content: Content) -> str:
    """The report as HTML text; equal contents give equal text."""
    words = Words(content.locale)
    loader = PackageLoader("pricesmith.apps.report", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    shown = view.moves(content, words, view.LISTED)
    parts: dict[str, Any] = {
        "assumed": Markup(" <small>({})</small>").format(words("assumed")) if content.cost_assumed else "",
        "headline": view.headline(content, words),
        "outlook": view.outlook(content, words) if shown else [],
        "lately": view.lately(content.lately, words),
        "ranges": view.ranges(content, words) if shown else "",
        "paid": view.paid(content, words),
        "cautions": view.cautions(content, words),
        "tiles": view.tiles(content, words),
        "moves": shown[: view.MOVES],
        "others": shown[view.MOVES :],
        "unlisted": max(0, content.decisions.filter(pl.col("action") == "change").height - view.LISTED),
        "curves": curves(content, words),
        "frontier": Markup(frontier(content.frontier)) if content.frontier is not None else "",
        "categories": view.categories(content, words),
        "mix": view.evidence_mix(content, words),
        "binding": view.binding(content, words),
        "held": view.held(content, words),
        "aside": view.set_aside(content, words),
        "repeated": view.repeated(content, words),
        "warnings": view.warnings(content, words),
        "certificate": view.certificate(content, words),
    }
    return environment.get_template("report.html").render(content=content, words=words, **parts)


def curves(content: Content, words: Words) -> list[dict[str, Any]]:
    shown = []
    for curve in content.curves:
        mid, low, high = (numbers.plain(value) for value in curve.elasticity)
        now, new = numbers.price(curve.now, content.currency), numbers.price(curve.new, content.currency)
        facts = {
            "title": curve.title,
            "sku": curve.sku,
            "svg": Markup(demand_curve(curve)),
            "elasticity": words("elasticity_line", elasticity=mid, low=low, high=high),
            "lately": view.lately(curve.lately, words, 2),
            "now": words("now_marker", price=now),
            "new": words("new_marker", price=new),
        }
        shown.append(facts)
    return shown
