"""One setting of a section inside the text of a shop.toml: changed, added or switched off, the rest of the text left as it is."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.toml_lines import line_of

from .policy_file import checked
from .rule_text import value_text

_HEADER = re.compile(r"\s*\[")


def with_setting(text: str, section: str, name: str, value: Any) -> str:
    """The text in which a setting has a value; None switches it off: its line stays as a comment, which a value makes a setting again.

    Raises PolicyError where the value cannot be, and where the section is not written as a table of its own.
    """
    before = checked(text)
    lines = text.splitlines()
    table = line_of(text, f"$.{section}")
    found = "\n".join(_added(lines, section, name, value) if table is None else _changed(lines, table, name, value)).rstrip("\n") + "\n"
    own = getattr(before, section)
    part = msgspec.structs.replace(own, **{name: getattr(type(own)(), name) if value is None else value})
    if checked(found) != msgspec.structs.replace(before, **{section: part}):
        raise PolicyError("this change cannot be written into the text", where="shop.toml", hint="write it into the text by hand")
    return found


def _changed(lines: list[str], start: int, name: str, value: Any) -> list[str]:
    """start: number of the line after the header of the section."""
    end = next((number for number in range(start, len(lines)) if _HEADER.match(lines[number])), len(lines))
    own = re.compile(rf"\s*(#\s*)?{name}(\s*=\s*)([^#]*?)(\s*(?:#.*)?)$")
    known = [(number, match) for number in range(start, end) if (match := own.match(lines[number]))]
    number, match = next((one for one in known if not one[1][1]), known[0] if known else (-1, None))
    if value is None:
        return lines if match is None or match[1] else [*lines[:number], f"# {lines[number].lstrip()}", *lines[number + 1 :]]
    if match is not None:
        return [*lines[:number], f"{name}{match[2]}{value_text(value)}{match[4]}", *lines[number + 1 :]]
    last = max((at for at in range(start, end) if lines[at].strip() and not lines[at].lstrip().startswith("#")), default=start - 1) + 1
    return [*lines[:last], f"{name} = {value_text(value)}", *lines[last:]]


def _added(lines: list[str], section: str, name: str, value: Any) -> list[str]:
    """With a section of its own behind the settings of no section."""
    if value is None:
        return lines
    end = next((number for number, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    last = max((at for at in range(end) if lines[at].strip() and not lines[at].lstrip().startswith("#")), default=-1) + 1
    return [*lines[:last], "", f"[{section}]", f"{name} = {value_text(value)}", *lines[last:]]
