"""`pricesmith attest`: this code and these settings may publish."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(
    name="attest",
    short_help="Agree that this code and these settings publish.",
    epilog="Example:  pricesmith attest myshop --asked-by anna --by ben",
)
@options.folder
@click.option("--asked-by", metavar="NAME", help="Who asks; nobody in a shop of one person.")
@options.by
def command(folder: Path, asked_by: str | None, by: str) -> None:
    """Let the version of pricesmith that runs here, under the guards, approval and publish settings of DIR, send prices.

    Needed once before the first price leaves, and again after an update or a change of those settings. It takes two people; one is enough
    where `[approval] alone` is true, and was when it was attested the last time.
    """
    from pricesmith.flows.publishing.answers.attest import attest_alone, attest_together
    from pricesmith.flows.publishing.office import office

    place = office(folder)
    if asked_by is None:
        fresh = attest_alone(place.book, place.code, place.policy.approval, by=by, at=place.now())
    else:
        fresh = attest_together(place.book, place.code, asked_by=asked_by, by=by, at=place.now())
    click.echo(f"{place.code} may publish" + ("" if fresh else " already"))
