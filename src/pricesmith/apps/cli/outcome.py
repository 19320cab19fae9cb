"""`pricesmith outcome`: what the prices of a run promised, and what they did."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricesmith.contracts.errors import UsageError

from . import options

if TYPE_CHECKING:
    import polars as pl

    from pricesmith.experiments.readout import Readout
    from pricesmith.flows.publishing.review import History, Review
    from pricesmith.monitoring.outcome import Total


@click.command(
    name="outcome", short_help="Promised against realised, with intervals.", epilog="Example:  pricesmith outcome myshop 20261126-1f0c93ab"
)
@options.folder
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--since", callback=options.iso_day, metavar="DATE", help="First whole day of the prices, if not published from here.")
@click.option("--until", callback=options.iso_day, metavar="DATE", help="Day before which sales count. Default: all.")
@options.as_json
def command(folder: Path, run: str | None, since: dt.date | None, until: dt.date | None, as_json: bool) -> None:
    """Compare what RUN promised with what was sold since its prices came into the shop, product by product and in sum.

    Demand also moves by itself; products whose price stayed tell by how much, and promises are judged after that. Without RUN all runs are
    listed whose prices came, and how promises were kept over time. What was sold is recorded in the ledger, each day once.

    With RUN, --json gives: run, since, until, currency; a day and in major units: promised and realised (units, revenue, profit of the
    changed products), effect (profit that the prices brought, with low and high) and effect_promised; coverage90, bias; drift; holdout
    (clusters, items, split; null without one); regret (by_answer, proposals); products (one object each); elsewhere (products that mostly
    sold at other prices); recorded (rows new to the ledger). Without RUN: runs, together, regret, recorded.
    """
    from pricesmith.flows import batch
    from pricesmith.flows.publishing import review
    from pricesmith.flows.publishing.approval import MACHINE
    from pricesmith.flows.publishing.office import office

    from .output import print_json
    from .progress import steps
    from .reckoned import listed, told

    if run is None and (since or until):
        raise UsageError("--since and --until are said of one run", hint="name a RUN; `pricesmith runs DIR` lists them")
    place = office(folder)
    with steps(4) as step:
        loaded = batch.load(folder, None, step)
        if run is None:
            every = review.every(place.book, loaded, by=MACHINE, at=place.now(), progress=step)
        else:
            one = review.one(place.book, loaded, run, by=MACHINE, at=place.now(), since=since, until=until, progress=step)
    currency = loaded.policy.currency
    if as_json:
        print_json(history(every, currency) if run is None else document(one))
    else:
        click.echo(listed(history(every, currency)) if run is None else told(document(one)))


def document(review: Review) -> dict[str, Any]:
    """The reckoning of a run as a JSON document; money in major units a day."""
    from pricesmith.contracts.money import exponent

    found, result = review.found, review.found.result
    major = 10.0 ** exponent(found.currency)
    scale = {"units": 1.0, "revenue": major, "profit": major}
    money = ("revenue_promised", "revenue", "profit_promised", "profit", "effect_promised", "effect", "effect_lo", "effect_hi")
    judged = result.products.filter("changed", days=0.0).height < result.products.filter("changed").height
    held = found.holdout
    return {
        "run": found.run,
        "since": found.since,
        "until": found.until,
        "currency": found.currency,
        "promised": {name: _total(total, scale[name]) for name, total in result.promised.items()},
        "realised": {name: value / scale[name] for name, value in result.realised.items()},
        "effect": _total(result.effect, major),
        "effect_promised": result.effect_promised / major,
        "coverage90": result.coverage if judged else None,
        "bias": result.bias if judged else None,
        "drift": {"products_that_stayed": result.drift.kept, "spread_over_model": result.drift.scale},
        "holdout": None if held is None else {"clusters": _readout(held.clusters), "items": _readout(held.items), "split": held.split},
        "regret": regret(review.regrets, found.currency),
        "products": result.products.with_columns(result.products[name] / major for name in money).to_dicts(),
        "elsewhere": found.elsewhere,
        "recorded": review.recorded,
    }


def history(review: History, currency: str) -> dict[str, Any]:
    """All runs as a JSON document; money in major units a day."""
    from dataclasses import asdict

    return {
        "currency": currency,
        "runs": review.runs.to_dicts(),
        "together": None if review.together is None else asdict(review.together),
        "regret": regret(review.regrets, currency),
        "recorded": review.recorded,
    }


def regret(rows: pl.DataFrame, currency: str) -> dict[str, Any]:
    """The regret ledger; prices and values in major units."""
    import polars as pl

    from pricesmith.contracts.money import exponent
    from pricesmith.monitoring.regret import summary

    prices = rows.with_columns(pl.col("proposed", "other") / 10.0 ** exponent(currency))
    return {"by_answer": summary(rows).to_dicts(), "proposals": prices.to_dicts()}


def _total(total: Total, scale: float) -> dict[str, float]:
    return {"value": total.value / scale, "low": total.low / scale, "high": total.high / scale}


def _readout(found: Readout | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"lift": found.lift, "error": found.error, "low": found.low, "high": found.high, "treated": found.treated, "kept": found.kept}
