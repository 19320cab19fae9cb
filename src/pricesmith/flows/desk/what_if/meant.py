"""The products that a question may have meant where it names several at once: each as a question that can be asked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import polars as pl

from .question import MOST_CHANGES, values_of, write
from .scenario import Change
from .scenario._product import label_of, meaning

SHOWN = 12
"""Products that are named."""


class Meant(msgspec.Struct, frozen=True):
    """A question that names one product instead. product: its key in words; "" for all places of the one product that was named.

    changes, of_product  of that question, as they stand in its address
    """

    product: str
    changes: list[str]
    of_product: str


def meant(items: pl.DataFrame, changes: Sequence[Change], of_product: str) -> list[Meant]:
    """For the first part of a question that names several products; none where each names one."""
    texts = [write(change) for change in changes]
    for place, change in enumerate(changes):
        named = str(values_of(change).get("product", ""))
        rows = meaning(items, named)
        if rows.height > 1 and (change.kind == "set_price" or named.strip() not in rows["sku"]):
            each = [(label, write(msgspec.structs.replace(change, product=label))) for label in _labels(rows)]
            found = [Meant(label, [*texts[:place], text, *texts[place + 1 :]], of_product) for label, text in each[:SHOWN]]
            every = [*texts[:place], *(text for _, text in each), *texts[place + 1 :]]
            at_once = rows["sku"].n_unique() == 1 and len(every) <= MOST_CHANGES
            return [*found, Meant("", every, of_product)] if at_once else found
    rows = meaning(items, of_product)
    return [Meant(label, texts, label) for label in _labels(rows)[:SHOWN]] if rows.height > 1 else []


def _labels(rows: pl.DataFrame) -> list[str]:
    return [label_of(row) for row in rows.to_dicts()]
