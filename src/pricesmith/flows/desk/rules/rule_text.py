"""The [[rule]] tables inside the text of a shop.toml: found, changed, taken out or added, the rest of the text left as it is."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.contracts.rule import Rule, plain
from pricesmith.rules import RULES

_HEADER = re.compile(r"\s*\[")
_STATED = (
    ("step", "no price moves by more than"),
    ("min_margin", "never below landed cost plus"),
    ("max_move", "prices move by at most"),
    ("endings", "(?:shelf )?prices end in"),
)
"""Fields that comments of the bundled shops state, and the words before the value there."""
_FENCE = re.compile(r'"""|\'\'\'')
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def blocks(text: str, table: str = "rule") -> list[tuple[int, int]]:
    """(first line, line after the last), from 0, of each [[rule]] table, or of another name; blank lines and comments after its last
    field are left out."""
    whole, part = re.compile(rf"\s*\[\[\s*{table}\s*\]\]"), re.compile(rf"\s*\[\[?\s*{table}\s*\.")
    lines, found, start, last, inside = text.splitlines(), [], -1, -1, False
    for number, line in enumerate(lines):
        if not inside and _HEADER.match(line) and not (start >= 0 and part.match(line)) and not _continues(lines, number):
            if start >= 0:
                found.append((start, last + 1))
            start = number if whole.match(line) else -1
        if start >= 0 and (inside or (line.strip() and not line.lstrip().startswith("#"))):
            last = number
        inside ^= len(_FENCE.findall(line)) % 2 == 1
    return [*found, (start, last + 1)] if start >= 0 else found


def _continues(lines: Sequence[str], number: int) -> bool:
    """Whether a line that begins with a bracket goes on with a list of the lines before."""
    above = [line.partition("#")[0] for line in lines[:number]]
    opened = 0
    for line in above:
        if re.match(r"\s*\[", line) and opened <= 0:
            opened = 0
            continue
        bare = re.sub(r'"[^"]*"|\'[^\']*\'', "", line)
        opened += bare.count("[") - bare.count("]")
    return opened > 0


def written(rule: Rule) -> str:
    """The rule as a [[rule]] table."""
    fields = {name: value for name, value in plain(rule).items() if value is not None}
    ordered = {"kind": rule.kind, **{name: value for name, value in fields.items() if name != "kind"}}
    return "[[rule]]\n" + "".join(f"{key(name)} = {value_text(value)}\n" for name, value in ordered.items())


def key(name: str) -> str:
    return name if _BARE.match(name) else _quoted(name)


def value_text(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value_text(one)}" for name, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(one) for one in value) + "]"
    text = str(value)
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _quoted(text)


def told_anew(comment: str, rule: Mapping[str, Any], old: Sequence[str]) -> str:
    """A comment of the bundled shops that states a value of the rule, with the new value; without it where that is a list or no more.

    old  lines of the rule before
    """
    for field, words in _STATED:
        value = rule.get(field)
        if isinstance(value, int | float):
            comment = re.sub(rf"({words} )[\d.]+ %", rf"\g<1>{100.0 * value:g} %", comment)
        elif value is None or not any(line.partition("#")[0].strip() == f"{field} = {value_text(value)}" for line in old):
            comment = re.sub(rf"\s+# {words} [\d. %or]+(?: in one run)?$", "", comment)
    return comment


def _quoted(text: str) -> str:
    """A basic string: what JSON escapes TOML escapes alike."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def with_block(text: str, number: int | None, block: str) -> str:
    """The text with the rule of that number put in another form; None: added at the end of the rules; an empty block takes it out.

    Raises PolicyError where there is no [[rule]] table of that number.
    """
    lines, found = text.splitlines(), blocks(text)
    if number is None:
        at = found[-1][1] if found else len(lines)
        return _joined(lines[:at], block.splitlines(), lines[at:])
    if not 0 <= number < len(found):
        raise PolicyError(f"there is no rule {number}", where=f"shop.toml $.rule[{number}]", hint=f"[[rule]] tables: {len(found)}")
    return with_lines(text, *found[number], block.splitlines())


def with_lines(text: str, start: int, end: int, block: Sequence[str]) -> str:
    """The text with a block in the place of the lines from `start` up to `end`; with none also without the blank lines after them.

    A block where no line was stands between blank lines.
    """
    lines = text.splitlines()
    if block and start == end:
        return _joined(lines[:start], list(block), lines[end:])
    while not block and end < len(lines) and not lines[end].strip():
        end += 1
    return "\n".join([*lines[:start], *block, *lines[end:]]).rstrip("\n") + "\n"


def _joined(before: list[str], block: list[str], after: list[str]) -> str:
    space = [""] if before and before[-1].strip() else []
    gap = [""] if after and after[0].strip() else []
    return "\n".join([*before, *space, *block, *gap, *after]).rstrip("\n") + "\n"


def with_policy(text: str, policy: Policy) -> str:
    """The text changed so that it says `policy`, which differs from it in rules and objective alone.

    Raises PolicyError where the rules do not stand as [[rule]] tables.
    """
    old = parse_policy(text, RULES)
    if len(blocks(text)) != len(old.rules):
        raise PolicyError("the rules are written in one line", where="shop.toml $.rule", hint="write each as a [[rule]] table")
    matcher = difflib.SequenceMatcher(None, [repr(rule) for rule in old.rules], [repr(rule) for rule in policy.rules], autojunk=False)
    for tag, a, b, c, d in reversed(matcher.get_opcodes()):
        if tag != "equal":
            text = _spliced(text, (a, b), policy.rules[c:d], len(old.rules))
    if policy.objective != old.objective:
        text = _with_objective(text, policy.objective)
    if parse_policy(text, RULES) != policy:
        raise PolicyError("this change cannot be written into the text", where="shop.toml", hint="write it into the text by hand")
    return text


def _spliced(text: str, span: tuple[int, int], rules: Sequence[Rule], count: int) -> str:
    first, last = span
    for number in range(last - 1, first - 1, -1):
        text = with_block(text, number, written(rules[number - first]) if number - first < len(rules) else "")
    rest = rules[last - first :]
    if not rest:
        return text
    if last >= count:
        for rule in rest:
            text = with_block(text, None, written(rule))
        return text
    lines, start = text.splitlines(), blocks(text)[last][0]
    return "\n".join([*lines[:start], *"\n".join(written(rule) for rule in rest).splitlines(), "", *lines[start:]]) + "\n"


def _with_objective(text: str, objective: object) -> str:
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    wanted = f"objective = {value_text(objective)}"
    for number in range(end):
        if re.match(r"\s*objective\s*=", lines[number]):
            return "\n".join([*lines[:number], wanted, *lines[number + 1 :]]) + "\n"
    return "\n".join([*lines[:end], wanted, *([""] if end < len(lines) else []), *lines[end:]]) + "\n"
