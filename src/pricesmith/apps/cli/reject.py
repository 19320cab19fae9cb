"""`pricesmith reject`: refuse a recorded run, or some of its changes, with a reason."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .answers import said


@click.command(
    name="reject",
    short_help="Refuse a recorded run, or some of its changes.",
    epilog='Example:  pricesmith reject myshop 20261126-1f0c93ab --by anna --why "flyer is printed" --sku A001',
)
@options.folder
@options.run
@options.by
@click.option("--why", metavar="TEXT", required=True, help="The reason; stands in the ledger.")
@options.skus
@options.as_json
def command(folder: Path, run: str, by: str, why: str, skus: tuple[str, ...], as_json: bool) -> None:
    """Refuse the prices of RUN, all or those of --sku: they are not sent. `approve --withdraw` takes it back."""
    said(folder, run, "reject", by, skus, why, as_json)
