"""`pricesmith undo`: the prices before a run, back into the shop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .recorded import keys_of, placed, price

if TYPE_CHECKING:
    from pricesmith.contracts.errors import PricesmithError

SHOWN = 20


@click.command(
    name="undo",
    short_help="Restore the prices before a run; --live sends them.",
    epilog="Example:  pricesmith undo myshop 20261126-1f0c93ab --live --by anna",
)
@options.folder
@options.run
@click.option("--to", "target", metavar="NAME", help="Shop of the section [shop.NAME]; every shop that the run was sent to where left out.")
@click.option("--live", is_flag=True, help="Send. Without it nothing is sent and nothing is written.")
@click.option("--by", metavar="NAME", default="operator", show_default=True, help="Who says so; stands in the ledger.")
@options.skus
@options.as_json
def command(folder: Path, run: str, target: str | None, live: bool, by: str, skus: tuple[str, ...], as_json: bool) -> None:
    """Show which prices stood in the shop before RUN; with --live put them back, all at once and before anything else.

    What of the run has not left yet, because it waits for its wave or its turn, does not leave any more.
    Nobody has to agree with going back. A price that would not bring its cost back any more gives way to the lowest one that does.
    """
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.publishing.office import desk, office, settings_of
    from pricesmith.flows.publishing.sending import send
    from pricesmith.flows.publishing.sending.still import of_others
    from pricesmith.flows.publishing.sending.undo import before, on_its_way

    from .output import print_json

    place = office(folder)
    send.known(place.book, run)
    sent_to = place.book.read("intents", {"run": [run]})["target"].unique(maintain_order=True).to_list()
    results: dict[str, Any] = {}
    others: dict[str, int] = {}
    stops: list[PricesmithError] = []
    keys = keys_of(place.book, run, skus)
    for name in [target] if target else sent_to:
        settings_of(place.policy, name)
        if live:
            sent = send.take_back(desk(place, name), run, by=by, keys=keys)
            results[name] = {"fates": sent.fates, "open": sent.open, "stopped": sent.stopped, "kept": sent.kept}
            others[name] = min(sent.open, of_others(place.book, name, run))
            stops += [send.stopped(sent)] if sent.stopped else []
        else:
            rows, left = before(place.book, run, name, place.policy, keys), on_its_way(place.book, run, name, keys)
            results[name] = [row | {"left": True} for row in rows.to_dicts()]
            results[name] += [
                row | {"left": False} for row in left.join(rows, on=Key._fields, how="anti", maintain_order="left").to_dicts()
            ]
    if as_json:
        print_json({"run": run, "live": live, "targets": results})
    else:
        click.echo("\n".join(told(results, live, place.policy.currency, others)) or f"run {run} was never sent anywhere")
    if stops:
        raise stops[0]


def told(results: Mapping[str, Any], live: bool, currency: str, others: Mapping[str, int]) -> list[str]:
    """A line or table for each shop. others: shop -> of what is still to come, prices of other runs"""
    return [f"{name}: " + (_sent(found, others[name]) if live else _shown(found, currency)) for name, found in results.items()]


def _sent(found: dict[str, object], others: int) -> str:
    fates = found["fates"]
    assert isinstance(fates, dict)
    words = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
    words = words or ("nothing was sent" if found["open"] else "nothing to restore")
    kept = f"; {found['kept']} had not left yet and leave no more" if found["kept"] else ""
    of_them = f" ({others} of them of other runs of this shop)" if others else ""
    return words + kept + (f"; {found['open']} still to come{of_them}" if found["open"] else "")


def _shown(rows: list[dict[str, object]], currency: str) -> str:
    from pricesmith.apps.report.numbers import aligned

    if not rows:
        return "nothing to restore"
    gone = [row for row in rows if row["left"]]
    waiting = len(rows) - len(gone)
    table = [
        [placed(row), price(row["current_price"], currency), price(row["price"], currency)]  # type: ignore[arg-type]
        for row in gone[:SHOWN]
    ]
    rest = [f"... and {len(gone) - SHOWN} more (--json lists them all)"] if len(gone) > SHOWN else []
    kept = [f"{waiting} have not left yet and would not leave any more"] if waiting else []
    head = f"dry run: {len(gone)} prices would be restored"
    return "\n".join([head, *(aligned([["product", "in the shop", "before"], *table]) if gone else []), *rest, *kept])
