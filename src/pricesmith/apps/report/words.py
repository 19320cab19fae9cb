"""The words of the report in the language of the shop, from one catalogue."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import LANGUAGES, language


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> words."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def said_of(begin: str) -> list[tuple[str, re.Pattern[str]]]:
    """Keys that begin so, each with the pattern of its English words; the closest comes first."""
    known = [(key, entry["en"]) for key, entry in catalogue().items() if key.startswith(begin)]
    patterns = [(key, _pattern(text)) for key, text in known]
    return sorted(patterns, key=lambda pair: -len(pair[1].pattern))


def _pattern(text: str) -> re.Pattern[str]:
    """What a text of the catalogue says with its names filled in; one that stands there twice says the same twice."""
    seen: set[str] = set()

    def said(found: re.Match[str]) -> str:
        again = found[1] in seen
        seen.add(found[1])
        return f"(?P={found[1]})" if again else f"(?P<{found[1]}>.*?)"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", said, re.escape(text)))


class Words:
    """Looks words up: `words("as_of", date=...)`.

    locale  a language code, with or without a region (`zh-CN` reads as `zh`)
    Raises UnknownChoice for a language that the catalogue does not have.
    """

    def __init__(self, locale: str) -> None:
        self.language = language(locale)
        if self.language not in LANGUAGES:
            raise UnknownChoice("language of reports", locale, LANGUAGES)

    def __call__(self, key: str, **values: object) -> str:
        return catalogue()[key][self.language].format(**values)

    def code(self, kind: str, code: str) -> str:
        """Plain words for a stable code such as `profit_up`; a code that a plug-in brought along speaks for itself."""
        entry = catalogue().get(f"{kind}_{code}")
        return entry[self.language] if entry else code.replace("_", " ")

    def warning(self, code: str, message: str) -> str:
        """An entry of the data report: in English its own message, else the same in words of this language; one that the catalogue does not
        know (of a plug-in, or kept by an earlier version) keeps its own."""
        told = ((key, pattern.fullmatch(message)) for key, pattern in said_of(f"warning_{code}"))
        found = next(((key, match) for key, match in told if match), None) if self.language != "en" else None
        return self(found[0], **found[1].groupdict()) if found else message

    def remedy(self, code: str) -> str:
        """What to do about a product that is held for this reason; "" where nothing is amiss (a freeze, an exclusion)."""
        return self.code("remedy", code) if f"remedy_{code}" in catalogue() else ""

    def rule(self, name: str) -> str:
        """A rule by its name; the second of a kind is `kind:2`."""
        kind, _, number = name.partition(":")
        return self.code("rule", kind) + (f" ({number})" if number else "")

    def outside(self, code: str, rule: str, limit: str) -> str:
        """Why a price moves whose present one breaks a limit. code: `floor` or `ceiling`;  limit: what the rule allows, as an amount"""
        return self(f"reason_{code}_by", rule=self.rule(rule), limit=limit)

    def reason(self, code: str, profit_change: float | None, alone: float | None = None) -> str:
        """Why a price is what it is. A move that costs profit is told apart: it makes room under a shared limit; and so is one that brings
        profit only by way of related products.

        alone  its change of profit without its effect on related products, where that is known
        """
        up = code == "profit_up" and profit_change is not None
        if up and profit_change < 0.0:  # type: ignore[operator]
            return self.code("reason", "makes_room")
        return self.code("reason", "profit_up_related" if up and alone is not None and alone < 0.0 else code)
