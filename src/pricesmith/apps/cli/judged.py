"""What commands say of the accepted part of a run, and of what is left of it: whether each keeps the rules over several products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from pricesmith.contracts.errors import PricesmithError

if TYPE_CHECKING:
    from pricesmith.flows.desk.approval.accepted import Judged
    from pricesmith.flows.publishing.office import Office


def judged(place: Office, run: str) -> dict[str, Any]:
    """The document of it, as the API gives it; what is broken, or could not be judged, is said on standard error.

    It holds up neither an answer nor a price: both are done, or only looked at, before it is asked for.
    """
    import msgspec

    from pricesmith.apps.web import barred
    from pricesmith.apps.web.words import Words

    found, words = _found(place, run), Words("en")
    if found.broken:
        click.echo(f"{barred.breaks(words, found.broken)} {words('part_what')}", err=True)
    if found.left:
        click.echo(f"{barred.left(words, found.left)} {words('left_what')}", err=True)
    if found.failed is not None:
        click.echo(barred.unjudged(words, found.failed.what, found.failed.where, found.failed.hint), err=True)
    document: dict[str, Any] = msgspec.to_builtins(found)
    return document


def print_judged(done: Mapping[str, Any], place: Office, run: str) -> None:
    """One JSON document of what was done and how it is judged. What was done is printed whatever keeps it from being judged, Ctrl-C too."""
    import msgspec

    from pricesmith.flows.desk.approval.accepted import Judged
    from pricesmith.flows.desk.reading.trouble import Trouble

    from .output import print_json

    found = msgspec.to_builtins(Judged(failed=Trouble("it was stopped before it was judged", "", "the page of the run judges it anew")))
    try:
        found = judged(place, run)
    finally:
        print_json({**done, "judged": found})


def _found(place: Office, run: str) -> Judged:
    from pricesmith.flows.desk.approval.accepted import Judged, judged_now
    from pricesmith.flows.desk.reading.ledger import Reading
    from pricesmith.flows.desk.reading.trouble import Trouble

    try:
        reading = Reading(place)
        return judged_now(reading, reading.run(run), place.now())
    except PricesmithError as error:
        return Judged(failed=Trouble.of(error))
