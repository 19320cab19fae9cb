"""What an acceptance says of the changes that wait for another person still: how many they are, and which limits ask for that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pricesmith.contracts.errors import PricesmithError

if TYPE_CHECKING:
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.desk.approval.another import Another
    from pricesmith.flows.publishing.office import Office


def second(place: Office, run: str, keys: Sequence[Key] | None) -> Another | None:
    """As the page of the run tells it once the answer is given; None where it cannot be told: the answer stands all the same."""
    import polars as pl

    from pricesmith.flows.desk.approval.another import another
    from pricesmith.flows.desk.reading.ledger import KEY, Reading

    try:
        reading = Reading(place)
        meant = None if keys is None else pl.DataFrame(keys, schema=KEY, orient="row")
        return another(reading, reading.run(run), place.now(), meant)
    except PricesmithError:
        return None


def told(found: Another | None) -> list[str]:
    """For people, in one line; [] where nothing waits for another person."""
    from pricesmith.apps.web.second import whys
    from pricesmith.apps.web.words import Words

    if found is None or not found.changes:
        return []
    return [f"{found.changes} of those accepted leave once another person accepts them too: {whys(Words('en'), found)}"]


def document(found: Another | None) -> dict[str, Any] | None:
    """The same for programs."""
    return None if found is None else {"changes": found.changes, "whys": found.whys}
