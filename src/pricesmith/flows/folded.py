"""Texts as a search compares them: small letters without accents, so that relógio and RELOGIO are one word."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import chain

import polars as pl

LETTERS = ((0xC0, 0x250), (0x370, 0x400), (0x1E00, 0x2000))
"""Latin and Greek letters with marks, composed."""
MARKS = (0x300, 0x370)
"""Marks that stand behind their letter, as some systems write file names and texts."""
OTHERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
"""Letters that are no other letter with a mark, as they are written where they are missing on the keyboard."""


@cache
def plain_letters() -> Mapping[str, str]:
    """Small letter with a mark -> without it; a mark by itself -> nothing."""
    found = dict.fromkeys(map(chr, range(*MARKS)), "")
    for letter in map(chr, chain(*(range(*bounds) for bounds in LETTERS))):
        base = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
        if letter == letter.lower() and base != letter:
            found[letter] = base
    return found | OTHERS


def folded(text: str) -> str:
    """`RELÓGIO` -> `relogio`."""
    letters = plain_letters()
    return "".join(letters.get(one, one) for one in text.lower())


def folded_column(text: pl.Expr) -> pl.Expr:
    """The same of each text of a column."""
    letters = plain_letters()
    return text.str.to_lowercase().str.replace_many(list(letters), list(letters.values()))
