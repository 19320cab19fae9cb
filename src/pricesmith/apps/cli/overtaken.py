"""What approving says where a run was overtaken: by a newer run, or by other rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pricesmith.flows.publishing.office import Office


def overtaken(place: Office, run: str) -> None:
    """Say so on standard error; it holds up nothing."""
    from pricesmith.flows.desk.reading.ledger import Reading
    from pricesmith.flows.desk.runs.in_force import behind

    found = behind(Reading(place), run)
    if found.rules:
        click.echo(
            f"note: shop.toml decides prices otherwise than when {run} was made; `pricesmith price` makes a run under what it says now",
            err=True,
        )
    if found.newer is not None:
        click.echo(f"note: {found.newer} is newer than {run}", err=True)
