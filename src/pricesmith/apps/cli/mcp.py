"""`pricesmith mcp`: what an assistant may look at, over the Model Context Protocol."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import options


@click.command(
    name="mcp", short_help="Let an assistant look, on standard input and output.", epilog="Example:  pricesmith mcp myshop --by anna"
)
@options.folder
@click.option("--by", metavar="NAME", default="operator", show_default=True, help="Whose drafts the assistant keeps.")
def command(folder: Path, by: str) -> None:
    """Serve read-only tools over the ledger of the shop in DIR, and one that keeps a draft policy, until the input ends.

    An assistant's program starts it. No tool approves, publishes, stops or sets a price: that is for people, at `pricesmith serve`.
    """
    from pricesmith.apps.mcp.protocol import serve
    from pricesmith.apps.mcp.tools import Room
    from pricesmith.flows import wiring
    from pricesmith.flows.desk.reading.ledger import Reading
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    serve(Room(Reading(place), wiring.accounts_of(folder, place.policy).kept, by), sys.stdin, sys.stdout)
