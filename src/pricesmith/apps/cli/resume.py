"""`pricesmith resume`: the kill switch off, by two people."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="resume", short_help="Kill switch off; two people, one after the other.", epilog="Example:  pricesmith resume myshop --by anna"
)
@options.folder
@options.by
@click.option("--why", metavar="TEXT", default="", help="The reason.")
@click.option("--to", "target", metavar="NAME", help="Only this shop.")
@click.option("--sku", metavar="SKU", help="Only this product.")
def command(folder: Path, by: str, why: str, target: str | None, sku: str | None) -> None:
    """Release what was stopped: the first person asks, the second one releases."""
    from pricesmith.flows import wiring
    from pricesmith.flows.publishing import reach
    from pricesmith.flows.publishing.sending import switch

    scope = switch.scope_of(target, sku)
    if switch.release(reach.ledger_of(folder), by=by, at=wiring.clock(), why=why, scope=scope):
        click.echo(f"released: {scope[0]} {scope[1]}")
    else:
        click.echo(f"{by} asks for the release of {scope[0]} {scope[1]}; another person must agree with the same command")
