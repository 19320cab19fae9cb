"""`pricesmith stop`: the kill switch on."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


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
@click.option("--let-undo", is_flag=True, help="Prices may still go back to what stood before (`undo`).")
def command(folder: Path, by: str, why: str, target: str | None, sku: str | None, let_undo: bool) -> None:
    """Stop publishing at once: no call to a shop starts any more, in any process on this ledger. Two people release it (`resume`)."""
    from pricesmith.flows import wiring
    from pricesmith.flows.publishing import reach
    from pricesmith.flows.publishing.sending import switch

    scope, ledger = switch.scope_of(target, sku), reach.ledger_of(folder)
    sure = reach.checked(folder, ledger, scope)
    switch.stop(ledger, by=by, at=wiring.clock(), why=why, scope=scope, let_undo=let_undo)
    if not sure:
        click.echo(f"the name could not be checked, as the names of the shop cannot be read: {scope[1]}", err=True)
    click.echo(f"stopped: {scope[0]} {scope[1]}; two people release it: `pricesmith resume DIR{switch.asked(scope)} --by NAME`")
