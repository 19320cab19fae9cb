"""A column of how many units a case holds, in a file whose costs are those of a case: each cost is divided by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from . import cases
from .numerals import ANY, number, of_one

COST = "unit_cost"
"""The column of ours that may be divided."""
WHOLE = re.compile(r"0*[1-9]\d{0,3}([.,]0{1,2})?")
"""Units in a case: a whole number above 0, and no code."""
READABLE = 0.5
"""Share of the cells of a column that is named so that must be such a number; of any other column all must be."""


class CaseUnits(msgspec.Struct, frozen=True):
    """Such a column of a file.

    header   that is proposed, as it and the header of the costs both speak of cases, or that was chosen last; "": costs are those of one
    offered  headers of the file that may be it, without a column of costs those alone that are named so; empty where its table has none
    undivided  the header of the costs, where it speaks of a case and none is proposed; else ""
    example  [a cost, the units in its case, the cost of one] of the first row that tells, where one is proposed
    """

    header: str = ""
    offered: list[str] = []
    example: list[str] = []
    undivided: str = ""


def units_of(cells: Mapping[str, Sequence[str]], cost: str, last: str | None) -> CaseUnits:
    """cells: header -> its cells in the beginning of the file, of the costs and of every column that is none of ours;
    cost: the header of the costs, "" where none is paired;  last: what was chosen last, None where nothing was"""
    able = [header for header, values in cells.items() if header != cost and can_be(header, values)]
    offered = [header for header in able if cost or cases.units(header)]
    named = sorted(filter(cases.units, offered), key=lambda header: -cases.alike(header, cost))
    header = last if last is not None else named[0] if named and cost and cases.says(cost) else ""
    if header not in cells:
        return CaseUnits(offered=offered, undivided=cost if cases.says(cost) else "")
    return CaseUnits(header, list(dict.fromkeys([*offered, header])), _example(cells.get(cost, ()), cells[header]))


def can_be(header: str, values: Sequence[str]) -> bool:
    """Whether a column may hold how many units a case has."""
    told = [value for value in values if value]
    good = sum(WHOLE.fullmatch(value) is not None for value in told)
    return bool(told) and good >= (READABLE if cases.units(header) else 1.0) * len(told)


def _example(costs: Sequence[str], counts: Sequence[str]) -> list[str]:
    """As `CaseUnits.example`."""
    for cost, count in zip(costs, counts, strict=False):
        for mark in ("point", "comma"):
            one = of_one(number(cost, mark), number(count, mark))
            if ANY.fullmatch(one) and WHOLE.fullmatch(count):
                return [cost, count, one]
    return []
