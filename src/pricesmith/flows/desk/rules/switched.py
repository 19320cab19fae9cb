"""One rule of a kind inside the text of a shop.toml: on, with other values, or off, so that its lines stay as comments."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.rule import Rule

from .rule_text import blocks, key, value_text, with_block, written


def with_rule(text: str, kind: type[Rule], values: dict[str, Any] | None) -> str:
    """The text in which the first rule of the kind has these values; its other fields stay. None switches it off.

    Where there is none, the first example of the kind that stands there as a comment becomes the rule.
    Raises PolicyError where the rules are not written as [[rule]] tables.
    """
    name = str(kind.__struct_config__.tag)
    rules = _rules(text)
    number = next((number for number, rule in enumerate(rules) if rule.get("kind") == name), None)
    if values is None:
        return text if number is None else _off(text, number, len(rules))
    if number is None:
        block = written(kind(**values))
        lines = rf'^# \[\[rule\]\]\n# kind = "{name}"\n(?:# \w+ *=.*\n)*'
        changed, found = re.subn(lines, lambda _found: block, text, count=1, flags=re.MULTILINE)
        return changed if found else with_block(text, None, block)
    if rules[number] == rules[number] | values:
        return text
    fields = {"kind": name, **rules[number], **values}
    return with_block(
        text, _known(text, number, len(rules)), "[[rule]]\n" + "".join(f"{key(f)} = {value_text(v)}\n" for f, v in fields.items())
    )


def _rules(text: str) -> list[dict[str, Any]]:
    """Unchecked, so that two rules may contradict one another while both are changed."""
    try:
        found: list[dict[str, Any]] = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not valid TOML: {error}", where="shop.toml", hint="edit it on the page Rules") from None
    return found


def _off(text: str, number: int, count: int) -> str:
    start, end = blocks(text)[_known(text, number, count)]
    lines = text.splitlines()
    return "\n".join([*lines[:start], *(f"# {line}".rstrip() for line in lines[start:end]), *lines[end:]]) + "\n"


def _known(text: str, number: int, count: int) -> int:
    if len(blocks(text)) != count:
        raise PolicyError("the rules are written in one line", where="shop.toml $.rule", hint="write each as a [[rule]] table")
    return number
