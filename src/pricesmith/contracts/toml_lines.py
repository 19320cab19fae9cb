"""The line of a shop.toml on which a place such as `$.rule[1].step` stands; tomllib keeps none."""

from __future__ import annotations

import re
from collections import Counter

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*(?:[.=])""")
_FENCE = re.compile(r'"""|\'\'\'')

Steps = tuple[str, ...]


def line_of(text: str, place: str) -> int | None:
    """Line (the first is 1) of the key at `place`, else of the innermost table around it; None where neither is found.

    text   a TOML document
    place  `$` followed by `.key` and `[number]` steps
    """
    wanted = tuple(name or number for name, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", place))
    lines = _lines(text)
    found = (lines[wanted[:length]] for length in range(len(wanted), 0, -1) if wanted[:length] in lines)
    return next(found, None)


def placed(text: str, where: str) -> str:
    """`shop.toml $.rule[1].step` with its line: `shop.toml:14 $.rule[1].step`."""
    file, mark, place = where.rpartition(" $")
    number = line_of(text, f"${place}") if mark else None
    return where if number is None else f"{file}:{number} ${place}"


def _lines(text: str) -> dict[Steps, int]:
    """Steps of every table and key -> the line on which it first stands."""
    lines: dict[Steps, int] = {}
    table: Steps = ()
    arrays: Counter[str] = Counter()
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if not inside and (header := _HEADER.match(line)):
            name = header[2].strip("\"'")
            table = (name, str(arrays[name])) if header[1] == "[[" else tuple(name.split("."))
            arrays[name] += header[1] == "[["
            lines.setdefault(table[:1], number)
            lines.setdefault(table, number)
        elif not inside and (key := _KEY.match(line)):
            lines.setdefault((*table, key[1].strip("\"'")), number)
        inside ^= len(_FENCE.findall(line)) % 2 == 1
    return lines
