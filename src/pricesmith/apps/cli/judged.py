"""What commands say of the accepted part of a run: whether by itself it keeps the rules over several products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pricesmith.flows.publishing.office import Office


def judged(place: Office, run: str) -> dict[str, Any]:
    """The document of it, as the API gives it; what is broken, or could not be judged, is said on standard error.

    It holds up neither an answer nor a price: both are done, or only looked at, before it is asked for.
    """
    import msgspec

    from pricesmith.apps.web import barred
    from pricesmith.apps.web.words import Words
    from pricesmith.flows.desk.accepted import judged_now
    from pricesmith.flows.desk.reading import Reading

    reading, words = Reading(place), Words("en")
    found = judged_now(reading, reading.run(run), place.now())
    if found.broken:
        click.echo(f"{barred.breaks(words, found.broken)} {words('part_what')}", err=True)
    if found.failed is not None:
        click.echo(barred.unjudged(words, found.failed.what, found.failed.where, found.failed.hint), err=True)
    document: dict[str, Any] = msgspec.to_builtins(found)
    return document
