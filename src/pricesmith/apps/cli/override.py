"""`pricesmith override`: set a price in place of the one decided."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="override",
    short_help="Set prices in place of those decided, with a reason.",
    epilog='Example:  pricesmith override myshop 20261126-1f0c93ab --set A001=12.99 --by anna --why "flyer says so"',
)
@options.folder
@options.run
@click.option(
    "--set", "prices", multiple=True, required=True, metavar="SKU=PRICE", help="A price in major units; may be given several times."
)
@options.by
@click.option("--why", metavar="TEXT", required=True, help="The reason; stands in the ledger.")
@options.as_json
def command(folder: Path, run: str, prices: tuple[str, ...], by: str, why: str, as_json: bool) -> None:
    """Record a new run like RUN with prices of your own.

    They keep the same rules, pass the same guards, and somebody else approves them.
    """
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.publishing.approval import run_row
    from pricesmith.flows.publishing.office import office
    from pricesmith.flows.publishing.override import override

    from .output import print_json
    from .recorded import keys_of, typed

    place = office(folder)
    run_row(place.book, run)
    wanted: dict[Key, int] = {}
    for text in prices:
        sku, _, amount = text.rpartition("=")
        if not sku:
            raise click.BadParameter(f"{text!r} is not SKU=PRICE, such as A001=12.99", param_hint="--set")
        minor = typed(amount, place.policy.currency, "--set")
        wanted |= dict.fromkeys(keys_of(place.book, run, [sku]) or [], minor)
    made = override(place.book, run, wanted, by=by, why=why, at=place.now(), code=place.code)
    if as_json:
        print_json({"run": made.run, "parent": run, "prices": len(wanted), "new": made.new})
    else:
        click.echo(f"run {made.run}: {len(wanted)} prices set by {by}; somebody else approves it (`pricesmith approve`)")
