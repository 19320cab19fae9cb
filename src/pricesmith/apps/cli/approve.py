"""`pricesmith approve`: agree with a recorded run, or with some of its changes."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .answers import said


@click.command(
    name="approve",
    short_help="Agree with a recorded run, or some of its changes.",
    epilog="Example:  pricesmith approve myshop 20261126-1f0c93ab --by anna",
)
@options.folder
@options.run
@options.by
@options.skus
@click.option("--why", metavar="TEXT", help="A reason, where there is one to keep.")
@click.option("--withdraw", is_flag=True, help="Take back what the same person said before.")
@options.as_json
def command(folder: Path, run: str, by: str, skus: tuple[str, ...], why: str | None, withdraw: bool, as_json: bool) -> None:
    """Agree with the prices of RUN, all or those of --sku. What somebody rejected, or set another
    price for, is accepted only where --sku names it.

    The acceptance binds exactly these prices, under these settings; it ends after [guards] approval_hours, and when any of them changes.
    Who asked for the prices cannot approve them.
    """
    said(folder, run, "withdraw" if withdraw else "accept", by, skus, why, as_json)
