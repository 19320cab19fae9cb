"""What is wrong in a policy, in words: the fact, its place, and what could stand there instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

from .errors import Contradiction

_WORDS = {
    "float": "a number", "int": "a whole number", "str": "text", "bool": "true or false", "object": "a table", "array": "a list",
    "date": "a date such as 2026-12-24", "datetime": "a moment",
}  # fmt: skip


def explain(error: msgspec.ValidationError, kind: type[msgspec.Struct], value: Any) -> tuple[str, str, str]:
    """(what, place below `$`, hint) of a mapping `value` that does not read as `kind`."""
    if isinstance(error.__cause__, Contradiction):
        cause = error.__cause__
        return cause.what, f".{cause.field}", cause.hint
    message, place = _split(str(error))
    found = list(_walk(inspect.type_info(kind), place))
    here = found[-1] if found else inspect.type_info(kind)
    described = next((text for info in reversed(found) for text in _descriptions(info)), "")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", message):
        return (
            f"unknown field {unknown[1]!r}",
            f"{place}.{unknown[1]}",
            suggestion(unknown[1], [f.encode_name for f in _fields(here)], "fields"),
        )
    if missing := re.fullmatch(r"Object missing required field `(.*)`", message):
        needed = next((text for field in _fields(here) if field.encode_name == missing[1] for text in _descriptions(field.type)), "")
        return f"{missing[1]} is missing", f"{place}.{missing[1]}", needed
    if choice := re.fullmatch(r"Invalid enum value (.*)", message):
        return f"unknown value {choice[1]}", place, suggestion(choice[1].strip("'"), _choices(here), "values")
    return _plain(message, _value(value, place)), place, described


def suggestion(name: str, valid: Iterable[str], label: str) -> str:
    """The nearest valid names, then all of them."""
    listed = list(valid)
    near = difflib.get_close_matches(name, listed, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"valid {label}: {', '.join(listed)}"


def _split(message: str) -> tuple[str, str]:
    """Fact and place of a msgspec message; a wrong key of a mapping is placed at the mapping."""
    found = re.search(r" - at `(?:key` in `)?\$(.*)`$", message)
    return (message[: found.start()], found[1]) if found else (message, "")


def _plain(message: str, value: Any) -> str:
    text = re.sub(r" \| null|null \| ", "", message)
    text = re.sub(r", got `.*`$", "", text)
    text = re.sub(
        r"`(\w+)( \| \w+)*`", lambda match: " or ".join(_WORDS.get(word, word) for word in match[0].strip("`").split(" | ")), text
    )
    text = text.replace("Invalid RFC3339 encoded date", f"expected {_WORDS['date']}")
    shown = "" if value is None else f", found {value!r}"
    return text[0].lower() + text[1:] + shown


def _value(value: Any, place: str) -> Any:
    """What stands at a place; None where the place is not named exactly."""
    for name, number in re.findall(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", place):
        if number == "...":
            return None
        try:
            value = value[name] if name else value[int(number)]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _walk(info: Any, place: str) -> Iterator[Any]:
    """Types along a place, the first step first."""
    for name, _ in re.findall(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", place):
        info = next((inner for part in _parts(info) for inner in _inner(part, name)), None)
        if info is None:
            return
        yield info


def _inner(info: Any, name: str) -> Iterator[Any]:
    if isinstance(info, inspect.StructType):
        yield from (field.type for field in info.fields if field.encode_name == name)
    elif isinstance(info, inspect.DictType):
        yield info.value_type
    elif isinstance(info, inspect.VarTupleType | inspect.ListType):
        yield info.item_type


def _parts(info: Any) -> Iterator[Any]:
    """The type itself, or the members of a union, without annotations."""
    if isinstance(info, inspect.Metadata):
        yield from _parts(info.type)
    elif isinstance(info, inspect.UnionType):
        for member in info.types:
            yield from _parts(member)
    else:
        yield info


def _descriptions(info: Any) -> Iterator[str]:
    if isinstance(info, inspect.Metadata):
        yield from filter(None, [(info.extra_json_schema or {}).get("description")])


def _fields(info: Any) -> list[inspect.Field]:
    return [field for part in _parts(info) if isinstance(part, inspect.StructType) for field in part.fields]


def _choices(info: Any) -> list[str]:
    inner = [part.key_type if isinstance(part, inspect.DictType) else part for part in _parts(info)]
    return [str(value) for part in inner for one in _parts(part) if isinstance(one, inspect.LiteralType) for value in one.values]
