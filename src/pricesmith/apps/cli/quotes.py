"""`pricesmith quotes`: answer price requests over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="quotes",
    short_help="Answer price requests over HTTP.",
    epilog="Example:  pricesmith quotes myshop --port 8766",
)
@options.folder
@click.option("--port", type=click.IntRange(0, 65535), default=8766, show_default=True, help="Port; 0 takes a free one.")
@click.option("--host", default="localhost", show_default=True, metavar="HOST", help="Name or address to listen on.")
@click.option("--rate", type=click.IntRange(1), default=10_000, show_default=True, help="Requests a second that one key may make.")
@click.option(
    "--stale-after", type=click.FloatRange(2.0), default=30.0, show_default=True, metavar="SECONDS",
    help="Seconds without a reading of the ledger after which quotes are flagged as stale.",
)  # fmt: skip
def command(folder: Path, port: int, host: str, rate: int, stale_after: float) -> None:
    """Answer what the products of the shop in DIR cost now: the prices that were seen in the shop, never ones that were merely decided.

    Runs until it is stopped. Prices are answered from memory; while the ledger cannot be read, from the last good state, flagged.
    Another host than localhost needs accounts: then each request carries a key.
    """
    from pricesmith.apps.service.quotes.server import Settings, serve
    from pricesmith.flows import wiring
    from pricesmith.flows.batch import read_policy
    from pricesmith.flows.desk.quotes.door import Door

    policy = read_policy(folder)
    door = Door(folder, policy)
    who = None if door.is_open() else door.who
    settings = Settings(folder, host, port, float(rate), stale_after, who, wiring.store(), policy.guards)
    serve(settings, lambda line: click.echo(line, err=True))
