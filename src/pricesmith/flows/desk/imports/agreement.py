"""Which column of a file names the products that the shop has already: their keys tell more than headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec
import polars as pl

from pricesmith.contracts.tables import INPUT, ORDERS, PRODUCTS, SALES
from pricesmith.flows import wiring
from pricesmith.flows.desk.data.unsaid import rows_of
from pricesmith.flows.desk.reading.ledger import Reading

TABLES = (PRODUCTS, SALES, ORDERS)
"""Tables that say which products there are."""
LEAST, MOST_OF = 3, 0.5
"""Keys that must agree before a column is taken for the key against its header, and the share of its values that they must be."""


class Agreement(msgspec.Struct, frozen=True):
    """How far the column of product keys agrees with tables that are there.

    header  of that column;  different: values in the beginning of the file;  agree: those of them that are keys already
    instead the header that would have been taken by its name alone, or ""
    """

    header: str
    different: int
    agree: int
    instead: str = ""


def agreement(reading: Reading, table: str, cells: Mapping[str, Sequence[str]], guessed: str, free: Sequence[str]) -> Agreement | None:
    """None where no table that is there tells, or no column can be the key.

    cells  header -> its cells in the beginning of the file;  guessed: the header of the key by its name, or ""
    free   headers that may be the key in its place, the likeliest first; none where somebody chose it
    """
    known = _known(reading, table)
    if not known or "sku" not in INPUT[table].by_name:
        return None
    own = _told(guessed, cells, known)
    others = [
        one for header in free if (one := _told(header, cells, known)) and one.agree >= LEAST and one.agree >= MOST_OF * one.different
    ]
    best = max((one for one in others if own is None or 2 * one.different >= own.different), key=_share, default=None)
    if best is not None and (own is None or _share(best) > 2 * _share(own)):
        return msgspec.structs.replace(best, instead=guessed)
    return own


def _share(one: Agreement) -> float:
    return one.agree / one.different


def _told(header: str, cells: Mapping[str, Sequence[str]], known: AbstractSet[str]) -> Agreement | None:
    """None where the column holds nothing."""
    values = {text for cell in cells.get(header, ()) if (text := cell.strip())}
    return Agreement(header, len(values), len(values & known)) if values else None


def _known(reading: Reading, table: str) -> frozenset[str]:
    """Product keys of the tables that are there, the file's own left out where another tells."""
    held = wiring.files_of(reading.folder)
    there = [one for one in TABLES if wiring.of_table(held, one.name)]
    telling = [one for one in there if one.name != table] or there
    files = [sorted(wiring.of_table(held, one.name).items(), key=str) for one in telling]
    found: frozenset[str] = reading.shelf("known keys", 2).get(str(files), lambda _files: _keys(reading, [one.name for one in telling]))
    return found


def _keys(reading: Reading, tables: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in tables:
        rows = rows_of(reading, INPUT[name])
        if "sku" in rows.columns:
            found.update(rows.select(pl.col("sku").cast(pl.String).str.strip_chars()).unique().drop_nulls()["sku"].to_list())
    return frozenset(found - {""})
