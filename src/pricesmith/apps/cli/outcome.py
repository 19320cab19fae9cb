"""`pricesmith outcome`: what the prices of a run promised, and what they did."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.experiments.readout import Readout
    from pricesmith.flows.publishing.outcome import Reckoning
    from pricesmith.monitoring.outcome import Total

SHOWN = 15


@click.command(
    name="outcome", short_help="Promised against realised, with intervals.", epilog="Example:  pricesmith outcome myshop 20261126-1f0c93ab"
)
@options.folder
@options.run
@click.option("--since", callback=options.iso_day, metavar="DATE", help="First day of the prices, if not published from here.")
@click.option("--until", callback=options.iso_day, metavar="DATE", help="Day before which sales count. Default: all.")
@options.as_json
def command(folder: Path, run: str, since: dt.date | None, until: dt.date | None, as_json: bool) -> None:
    """Compare what RUN promised with what was sold since its prices came into the shop, product by product and in sum.

    Demand also moves by itself; products whose price stayed tell by how much, and promises are judged after that.
    """
    from pricesmith.flows import batch
    from pricesmith.flows.publishing import outcome
    from pricesmith.flows.publishing.office import office

    from .output import print_json
    from .progress import steps

    place = office(folder)
    with steps(3) as step:
        loaded = batch.load(folder, None, step)
        step("deciding the run again from the ledger")
        found = outcome.reckon(place.book, loaded, run, since=since, until=until)
    if as_json:
        print_json(document(found))
    else:
        click.echo(text(found))


def document(found: Reckoning) -> dict[str, Any]:
    """The reckoning as a JSON document; money in major units a day."""
    from pricesmith.contracts.money import exponent

    major = 10.0 ** exponent(found.currency)
    scale = {"units": 1.0, "revenue": major, "profit": major}
    result = found.result
    money = ("revenue_promised", "revenue", "profit_promised", "profit", "effect_promised", "effect", "effect_lo", "effect_hi")
    return {
        "run": found.run,
        "since": found.since,
        "until": found.until,
        "currency": found.currency,
        "promised": {name: _total(total, scale[name]) for name, total in result.promised.items()},
        "realised": {name: value / scale[name] for name, value in result.realised.items()},
        "effect": _total(result.effect, major),
        "effect_promised": result.effect_promised / major,
        "coverage90": result.coverage,
        "drift": {"products_that_stayed": result.drift.kept, "spread_between_products": result.drift.own},
        "holdout": {"clusters": _readout(found.clusters), "items": _readout(found.items), "items_are_biased": found.split},
        "products": result.products.with_columns(result.products[name] / major for name in money).to_dicts(),
    }


def _total(total: Total, scale: float) -> dict[str, float]:
    return {"value": total.value / scale, "low": total.low / scale, "high": total.high / scale}


def _readout(found: Readout | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"lift": found.lift, "error": found.error, "low": found.low, "high": found.high, "treated": found.treated, "kept": found.kept}


def text(found: Reckoning) -> str:
    """The reckoning for people."""
    from pricesmith.apps.report.numbers import aligned, money, percent, plain

    told, currency = document(found), found.currency
    days = (found.until - found.since).days
    lines = [f"run {found.run}: {days} days from {found.since}, per day"]
    rows = [["", "promised", "90 %", "realised"]]
    for name, promise in told["promised"].items():
        show = plain if name == "units" else lambda value: money(value, currency)
        rows.append([name, show(promise["value"]), f"{show(promise['low'])} … {show(promise['high'])}", show(told["realised"][name])])
    lines += aligned(rows)
    effect = told["effect"]
    low, high = (money(effect[side], currency, plus=True) for side in ("low", "high"))
    lines += ["", f"what the prices brought: {money(effect['value'], currency, plus=True)} {currency} a day (90 %: {low} … {high}); "
              f"promised {money(told['effect_promised'], currency, plus=True)}"]  # fmt: skip
    stayed = told["drift"]["products_that_stayed"]
    lines.append(
        f"inside their 90 % interval: {percent(told['coverage90'], 0)} of the products" if told["coverage90"] == told["coverage90"] else ""
    )
    lines.append(
        f"demand by itself: measured on {stayed} products whose price stayed"
        if stayed
        else "demand by itself: unknown, no price stayed; the interval is wide for that"
    )
    lines += _held(found)
    worst = found.result.products.filter("changed").sort("effect").head(SHOWN).to_dicts()
    if worst:
        lines += ["", "least gain first"]
        header = ["product", "units promised", "units", "gain a day", "90 %"]
        lines += aligned([header, *(_line(row, found.currency) for row in worst)])
    return "\n".join(line for line in lines if line is not None)


def _line(row: dict[str, Any], currency: str) -> list[str]:
    from pricesmith.apps.report.numbers import money, plain
    from pricesmith.contracts.money import exponent

    from .recorded import KEY, place_of

    major = 10.0 ** exponent(currency)
    gain, low, high = (money(row[name] / major, currency, plus=True) for name in ("effect", "effect_lo", "effect_hi"))
    return [place_of([row[name] for name in KEY]), plain(row["units_promised"]), plain(row["units"]), gain, f"{low} … {high}"]


def _held(found: Reckoning) -> list[str]:
    """What the hold-out says."""
    from pricesmith.apps.report.numbers import percent

    if found.clusters is None:
        return []
    one = found.clusters
    lines = [
        f"hold-out: profit {percent(one.lift, plus=True)} (90 %: {percent(one.low, plus=True)} … {percent(one.high, plus=True)}), "
        f"{one.treated} clusters with new prices, {one.kept} without"
    ]
    if found.split:
        lines.append(
            '  products of one family were drawn apart: this figure counts sales that only moved between them; use [holdout] by = "family"'
        )
    return lines
