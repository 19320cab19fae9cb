"""What publishing and taking back say of prices, line by line, in the words of the pages: what became of them, which guard held them, and
what is still to come."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .words import Words

REASONS = ("guardcode_", "ap_remedy_")
"""How the keys of the words begin that say why a price did not come, and what to do then."""
_FATES = re.compile(r"\d+ [a-z_]+(?:, \d+ [a-z_]+)*")
_SHOP = re.compile(r"([^:;]+): (.+)")
_REASON = re.compile(r"(?P<indent> *)(?:(?P<count>\d+) (?P<fate>[a-z_]+): )?(?:(?P<guard>G\d+) )?(?:(?P<code>[a-z_]+): )?(?P<rest>.+)")
_REMEDY, _STOPPED = "what to do: ", "nothing more leaves: "


def said(words: Words, text: str, clause: Callable[[str], str]) -> str:
    """The line in another language, or the text itself where it is none of these.

    clause  a part of a line in that language, or the same text where it does not know it
    """
    return _counted(words, text, clause) or _reasoned(words, text) or _stopped(words, text) or text


def _counted(words: Words, text: str, clause: Callable[[str], str]) -> str:
    """`2 applied, 1 held; 7 still to come`, perhaps with the shop before it; "" where a part of it is not known."""
    parts = [fates(words, part) or clause(part) for part in text.split("; ")]
    if all(new != old for new, old in zip(parts, text.split("; "), strict=True)):
        return words("semicolon").join(parts)
    shop = _SHOP.fullmatch(text)
    rest = _counted(words, shop[2], clause) if shop else ""
    return shop[1] + words("colon") + rest if shop and rest else ""


def fates(words: Words, text: str) -> str:
    """`2 applied, 1 held` in words; "" for another text."""
    if not _FATES.fullmatch(text):
        return ""
    pairs = (part.split(" ") for part in text.split(", "))
    return words("list_comma").join(words.code("ap_fate", fate) + words("colon") + count for count, fate in pairs)


def _reasoned(words: Words, text: str) -> str:
    """`3 held: G4 dwell: the price changed ...: detail`, or what to do about it; "" for another text."""
    indent = text[: len(text) - len(text.lstrip())]
    if text.lstrip().startswith(_REMEDY):
        advice = _known(words, text.lstrip().removeprefix(_REMEDY))
        return indent + words("what_to_do") + words("colon") + advice if advice else ""
    found = _REASON.fullmatch(text)
    reason = _known(words, found["rest"]) if found else ""
    return indent + _head(words, found.groupdict()) + reason if found and reason else ""


def _head(words: Words, found: Mapping[str, str | None]) -> str:
    """How many met which fate, and the guard that says why."""
    fate = f"{words.code('ap_fate', found['fate'])} {found['count']}{words('colon')}" if found["fate"] else ""
    return fate + (words.code("guard", found["guard"]) + words("colon") if found["guard"] else "")


def _stopped(words: Words, text: str) -> str:
    """Why nothing more leaves, as the error says it; "" for another text."""
    bare = text.lstrip()
    return text.removesuffix(bare) + words.error(bare) if bare.startswith(_STOPPED) else ""


def _known(words: Words, text: str) -> str:
    """A reason or a remedy, what a shop said about it left as it is; "" where the words do not have it."""
    for known, key in _reasons():
        if text == known or text.startswith(known + ": "):
            return words(key) + (words("colon") + text[len(known) + 2 :] if text != known else "")
    return ""


@cache
def _reasons() -> tuple[tuple[str, str], ...]:
    """English words of a reason or remedy and their key; the longest first."""
    from .words import catalogue

    known = ((entry["en"], key) for key, entry in catalogue().items() if key.startswith(REASONS))
    return tuple(sorted(known, key=lambda pair: -len(pair[0])))
