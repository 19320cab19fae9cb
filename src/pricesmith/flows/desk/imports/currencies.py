"""The currency that the amounts of a file name, where nobody has said yet which one the shop has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pricesmith.contracts.currency_signs import unsigned
from pricesmith.contracts.tables import INPUT

from .foreign import Reading, look, values


def named(path: Path, table: str, how: Reading) -> str:
    """Its code, of the beginning of the file: what most amounts name that can mean only one currency; "" where none does."""
    seen, told = look(path, how.encoding, how.delimiter), Counter[str]()
    for column, header in how.columns.items():
        if column in INPUT[table].by_name and INPUT[table].by_name[column].kind == "money" and header in seen.headers:
            meant = (unsigned(value)[1] for value in values(path, seen, header))
            told.update(code for codes in meant if codes and len(codes) == 1 for code in codes)
    return told.most_common(1)[0][0] if told else ""
