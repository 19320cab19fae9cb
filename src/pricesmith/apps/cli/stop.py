"""`pricesmith stop`: the kill switch on."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


def scope_of(target: str | None, sku: str | None) -> tuple[str, str]:
    """What a switch is about: a target, a product, or everything."""
    return ("target", target) if target else ("sku", sku) if sku else ("all", "*")


@click.command(
    name="stop",
    short_help="Kill switch on: nothing leaves any more.",
    epilog='Example:  pricesmith stop myshop --by anna --why "wrong prices live"',
)
@options.folder
@click.option("--by", metavar="NAME", default="operator", show_default=True, help="Who says so; stands in the ledger.")
@click.option("--why", metavar="TEXT", default="", help="The reason.")
@click.option("--to", "target", metavar="NAME", help="Only this shop.")
@click.option("--sku", metavar="SKU", help="Only this product.")
def command(folder: Path, by: str, why: str, target: str | None, sku: str | None) -> None:
    """Stop publishing at once: no call to a shop starts any more, in any process on this ledger. Two people release it (`resume`)."""
    from pricesmith.flows.publishing import switch
    from pricesmith.flows.publishing.office import office, settings_of

    place = office(folder)
    if target:
        settings_of(place.policy, target)
    scope = scope_of(target, sku)
    switch.stop(place.book, by=by, at=place.now(), why=why, scope=scope)
    click.echo(f"stopped: {scope[0]} {scope[1]}; two people release it: `pricesmith resume DIR --by NAME`")
