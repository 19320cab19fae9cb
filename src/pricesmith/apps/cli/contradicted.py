"""What approving says of changes in whose place a person set another price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pricesmith.contracts.money import format_minor

if TYPE_CHECKING:
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.desk.approval.contradicted import Contradicted
    from pricesmith.flows.publishing.office import Office


def against(place: Office, run: str, keys: Sequence[Key] | None) -> Contradicted:
    """Those of the changes that wait, before they are answered; all of the run where no keys are given."""
    import polars as pl

    from pricesmith.flows.desk.approval.contradicted import left_aside
    from pricesmith.flows.desk.reading.ledger import KEY, Reading

    reading = Reading(place)
    return left_aside(reading, reading.run(run), place.now(), None if keys is None else pl.DataFrame(keys, schema=KEY, orient="row"))


def told_of(found: Contradicted, currency: str, *, singly: bool) -> str:
    """One line. singly: they were named, and so accepted; else they were left out."""
    first = found.rows[0]
    prices = f"{format_minor(first.price, currency)} here and {format_minor(first.own, currency)} in {first.run}"
    such = f"such as {first.sku}, {prices} ({first.by})"
    if not singly:
        return f"{found.changes} left out: a person set another price, {such}; name a product with --sku to accept it all the same"
    holds = first.run if first.later else "this run"
    return f"{found.changes} contradict a price that a person set, {such}; the price of {holds} holds, for that was made later"
