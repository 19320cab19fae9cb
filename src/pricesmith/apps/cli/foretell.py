"""Which changes of a run that was just made a guard would hold when they are published, told where the run is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pricesmith.flows.desk.approval.foreseen import Foreseen


def foretell(folder: Path, run: str, *, accepted: bool = False) -> Foreseen | None:
    """Of the changes of a recorded run, as the price desk says it; see `publishing/sending/foretold.py` for what that leaves out.

    None where it cannot be told: the run stands all the same.

    accepted  only of those that are accepted, and what they would stop if they were sent together
    """
    from pricesmith.contracts.errors import PricesmithError
    from pricesmith.flows.desk.approval import leaving
    from pricesmith.flows.desk.approval.foreseen import foreseen_now
    from pricesmith.flows.desk.reading.ledger import Reading
    from pricesmith.flows.publishing.office import office

    try:
        reading = Reading(office(folder))
        at = reading.now()
        return leaving.accepted(reading, reading.run(run), at, wait=True) if accepted else foreseen_now(reading, reading.run(run), at)
    except PricesmithError:
        return None


def lines(found: Foreseen, folder: Path, run: str, locale: str) -> list[str]:
    """The same for people; [] where nothing would be held."""
    from pricesmith.apps.web.words import Words

    if not found.changes:
        return []
    words = Words(locale)
    caught = [f"  {row.count:>5}  {row.guard} {words.code('guardcode', row.code)} [{row.code}]" for row in found.caught]
    told = words("foreseen_see", command=f"pricesmith publish {folder} {run} --to NAME")
    stops = [f"  {words('foreseen_stops')} {stop} {words.code('guardcode', stop.split(' ')[1])}" for stop in found.stops]
    return ["", words.counted("foreseen_held", found.changes) + words("colon").rstrip(), *caught, *stops, f"  {told}"]
