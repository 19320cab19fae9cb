"""`pricesmith runs`: the recorded runs, or the changes of one of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .recorded import moment, placed, price

if TYPE_CHECKING:
    import polars as pl

TOGETHER = (
    "profit a day: what all changes of a run bring together, as its summary says, – where that is not known or people set prices; "
    "single effects: of its changes, each beside all others, added up"
)
SINGLE = "single effect: on the profit a day, related products counted, against keeping that price while all others change"


@click.command(
    name="runs",
    short_help="List the recorded runs, or the changes of one.",
    epilog="Example:  pricesmith runs myshop 20261126-1f0c93ab",
)
@options.folder
@click.argument("run", metavar="[RUN]", required=False)
@options.as_json
def command(folder: Path, run: str | None, as_json: bool) -> None:
    """List the runs in the ledger of the shop in DIR, the newest first; with RUN its changes, who must agree and what became of them.

    --json of the list: `joint` is what all changes of a run bring together, `single_effects` is the effects of each, added up; `accepted`
    and `rejected` count changes, and the state is `partly answered` where these are some of them.
    """
    from pricesmith.flows.publishing.history import overview
    from pricesmith.flows.publishing.office import office

    from .output import print_json

    place = office(folder)
    if run is None:
        found = overview.runs(place.book).reverse()
        if as_json:
            print_json(found.to_dicts())
        else:
            click.echo(_listed(found))
        return
    changes = overview.changes(place.book, run, place.policy, place.now())
    if as_json:
        print_json(changes.to_dicts())
    else:
        click.echo(_changes(changes, place.policy.currency))


def _listed(found: pl.DataFrame) -> str:
    from pricesmith.apps.report.numbers import aligned, plain

    if found.is_empty():
        return "no run is recorded yet: `pricesmith price DIR --out prices.csv` makes one"
    header = ["run", "kind", "as of", "made", "by", "changes", "profit a day", "single effects", "state"]
    rows = []
    for row in found.iter_rows(named=True):
        figures = [str(row["changes"]), plain(row["joint"]), plain(row["single_effects"]), _stands(row)]
        rows.append([row["run"], row["kind"], str(row["as_of"]), moment(row["at"]), row["by"], *figures])
    return "\n".join([*aligned([header, *rows], left=5), TOGETHER])


def _stands(row: dict[str, Any]) -> str:
    """Where a run stands: with how many of its changes where people answered some of them. row: of `overview.runs`"""
    if row["state"] != "partly answered":
        return str(row["state"])
    of = f" of {row['changes']}"
    parts = [(row[word], word) for word in ("accepted", "rejected") if row[word]]
    return ", ".join(f"{count}{of if place == 0 else ''} {word}" for place, (count, word) in enumerate(parts))


def _changes(found: pl.DataFrame, currency: str) -> str:
    from pricesmith.apps.report.numbers import aligned, plain

    if found.is_empty():
        return "this run changes no price"
    header = ["product", "now", "new", "single effect", "people", "agreed", "became"]
    rows = []
    for row in found.iter_rows(named=True):
        agreed = "rejected" if row["rejected"] else str(row["agreed"])
        became = " ".join(filter(None, (row["fate"], row["code"]))) or "–"
        prices = [price(row[name], currency) for name in ("current_price", "price")]
        rows.append([placed(row), *prices, plain(row["profit_change"]), str(row["needs"]), agreed, became])
    return "\n".join([*aligned([header, *rows]), SINGLE])
