"""The words of the pages: one catalogue a page beside those that the report has for codes, in every language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pricesmith.apps.report import words as report
from pricesmith.contracts.policy import LANGUAGES
from pricesmith.contracts.tables import INPUT

from . import sent_lines

__all__ = ["LANGUAGES", "Words", "catalogue"]


ERRORS, LINES, HINTS, PLACES, WHYS, SUBJECTS = "errors", "lines_", "hints", "places", "whys", "subjects"
"""How the names of the files begin that hold what errors say, what else the program says in whole lines (steps, advice), what a hint
for the command line is on a page, where an error is, the reasons that the program gives itself, and what an act was about."""
FAILED = "error: "
"""How the line begins with which a command says that it failed: place, fact and hint."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_BLAMES = re.compile(r"would break ((?:[a-z_]+(?::\d+)?(?:, )?)+)")
_STOPS = re.compile(r"(nothing more leaves: )(.+)")
_ONE_CODE = re.compile(r"^[a-z_]+(?=$|: \d)")
_CAUGHT = re.compile(r"(G\d+) ([a-z_]+)")
Messages = tuple[tuple[re.Pattern[str], dict[str, str]], ...]


@cache
def messages(begin: str = ERRORS) -> Messages:
    """What errors (or lines) say: a pattern of the program's text, and the text by language; the one that says most itself comes first."""
    known = [one for file in _files() if file.name.startswith(begin) for one in tomllib.loads(file.read_text(encoding="utf-8"))["message"]]
    said = [(one.pop("said", one["en"]), one) for one in known]
    closest = sorted(said, key=lambda pair: -len(re.sub(r"\{\d+\}", "", pair[0])))
    return tuple((re.compile(re.sub(r"\\\{(\d+)\\\}", r"(?P<_\1>.*?)", re.escape(text)), re.DOTALL), one) for text, one in closest)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> words. A key that stands in two files is a fault of ours."""
    found: dict[str, dict[str, str]] = {}
    for file in _files():
        if file.name.startswith((ERRORS, LINES, HINTS, PLACES, WHYS, SUBJECTS)):
            continue
        own = tomllib.loads(file.read_text(encoding="utf-8"))
        twice = found.keys() & own.keys()
        if twice:
            raise ValueError(f"{file.name}: {', '.join(sorted(twice))} stands in another catalogue too")
        found |= own
    return found


class Words(report.Words):
    """Looks words up: first those of the pages, then those of the report (reasons, grades, rules)."""

    def __call__(self, key: str, **values: object) -> str:
        own = catalogue().get(key)
        return own[self.language].format(**values) if own else super().__call__(key, **values)

    def error(self, text: str) -> str:
        """What an error says; in English its own words, and those too where the catalogue does not have it. A hint says what to do here.

        Rules that an error blames stand there by their names, and are said in words.
        """
        blamed = _BLAMES.fullmatch(text)
        if blamed:
            return self("would_break", rules=self("list_comma").join(self.rule(name) for name in blamed[1].split(", ")))
        stops = _STOPS.fullmatch(text)
        if stops and self.language != "en":
            return self._told(stops[1] + self._stopped(stops[2]), messages())
        hint = _found(text, messages(HINTS))
        return _put(hint[0][self.language], hint[1]) if hint else self._reported(text) or self._told(text, messages())

    def _reported(self, text: str) -> str:
        """Entries of the data report, where an error is made of these; else ""."""
        if text.partition(":")[0] not in INPUT:
            return ""
        parts = text.split("; ")
        for end in range(len(parts), 0, -1):
            head, rest = "; ".join(parts[:end]), "; ".join(parts[end:])
            said, after = self.warning("", head), self._reported(rest) if rest else ""
            if said != head and (after or not rest):
                return self("semicolon").join(filter(None, (said, after)))
        return ""

    def place(self, text: str) -> str:
        """Where an error is."""
        return self._told(text, messages(PLACES))

    def line(self, text: str) -> str:
        """A line that the program says while it works, or what it advises; one for the command line says what to do here."""
        if text.startswith(FAILED) and self.language != "en":
            return self._failed(text.removeprefix(FAILED))
        hint = _found(text, messages(HINTS))
        if hint:
            return _put(hint[0][self.language], hint[1])
        said = text if self.language == "en" else sent_lines.said(self, text, lambda part: self._told(part, messages(LINES)))
        return said if said != text else self._told(text, messages(LINES))

    def lines(self, texts: Sequence[str]) -> list[str]:
        """Those of the lines that are in this language, or can be said in it: tables that a command prints for a terminal are English."""
        said = [(text, self.line(text)) for text in texts]
        return [new for text, new in said if self.language == "en" or new != text or not text.strip() or _CHINESE.search(text)]

    def why(self, text: str) -> str:
        """Why something was stopped or changed: a guard says so by its code, the program in words that it has, a person in their own."""
        known = catalogue()

        def coded(part: str) -> str:
            return _ONE_CODE.sub(lambda one: known.get(f"guardcode_{one[0]}", {}).get(self.language, one[0]), part)

        return "; ".join(self._told(coded(part), messages(WHYS)) for part in text.split("; "))

    def subject(self, text: str) -> str:
        """What an act in the ledger was about, where the program says so in a sentence; names and codes speak for themselves."""
        parts = text.split(", ")
        said = [self._told(part, messages(SUBJECTS)) for part in parts]
        return text if said == parts else self("comma").join(said)

    def _stopped(self, text: str) -> str:
        """Why a channel is stopped: by guards with their codes, by a person, or as an error says."""
        caught = [_CAUGHT.fullmatch(part) for part in text.split("; ")]
        if all(caught):
            return self("semicolon").join(self.held(*one.groups()) for one in caught if one)
        return self._told(text, messages())

    def _failed(self, text: str) -> str:
        """Why a command failed, its place, fact and hint each in this language; a fact that the catalogue does not have is left whole."""
        said, hint = _parted(text)
        cuts = [("", said), *((said[: cut.start()], said[cut.end() :]) for cut in re.finditer(": ", said))]
        known = sorted(
            (cut for cut in cuts if self.error(cut[1]) != cut[1]),
            key=lambda cut: (not self._reported(cut[1]), self.place(cut[0]) == cut[0]),
        )
        where, what = known[0] if known else cuts[0]
        place = self.place(where) + self("colon") if where else ""
        return self("job_error") + place + self.error(what) + (self("in_brackets", text=self.error(hint)) if hint else "")

    def _told(self, text: str, known: Messages) -> str:
        found = _found(text, known) if self.language != "en" else None
        return _put(found[0][self.language], found[1]) if found else text

    def counted(self, key: str, value: int, shown: object = None) -> str:
        """So many of something: `KEY_1` for one where there is such a word, else `KEY`; the number stands at {n}, `shown` in its place."""
        one = value == 1 and f"{key}_1" in catalogue()
        return self(f"{key}_1" if one else key, n=f"{value:,}" if shown is None else shown)

    def scope(self, scope: str, name: str) -> str:
        """What is stopped: everything, a shop, a product."""
        return self(f"scope_{scope}", name=name) if f"scope_{scope}" in catalogue() else f"{scope} {name}"

    def who(self, name: str) -> str:
        """Who did something: a guard by what it watches, whoever gave no name as that, anybody else by their name."""
        own = catalogue().get(f"guard_{name}") or catalogue().get(f"person_{name}")
        return own[self.language] if own else name

    def held(self, guard: str, code: str) -> str:
        """The guard that holds a change, and why."""
        return f"{self.code('guard', guard)}{self('colon')}{self.code('guardcode', code)}"

    def both(self, names: Sequence[str]) -> str:
        """Those who did something together."""
        return self("alarm_and").join(map(self.who, names))

    def code(self, kind: str, code: str) -> str:
        own = catalogue().get(f"{kind}_{code}")
        return own[self.language] if own else super().code(kind, code)


def _files() -> list[Traversable]:
    found = files(__package__).joinpath("words").iterdir()
    return sorted((file for file in found if file.name.endswith(".toml")), key=lambda file: file.name)


def _parted(text: str) -> tuple[str, str]:
    """The line of an error without the hint in brackets at its end, and that hint; "" where it has none."""
    depth = 0
    for place in range(len(text) - 1, 0, -1):
        depth += (text[place] == ")") - (text[place] == "(")
        if depth == 0:
            return (text[: place - 1], text[place + 1 : -1]) if text[place] == "(" else (text, "")
    return text, ""


def _found(text: str, known: Messages) -> tuple[dict[str, str], dict[str, str]] | None:
    """What a text is in every language, and what it fills in; None where the catalogue does not have it."""
    matches = ((one, pattern.fullmatch(text)) for pattern, one in known)
    return next(((one, found.groupdict()) for one, found in matches if found), None)


def _put(text: str, values: Mapping[str, str]) -> str:
    """The values `_0`, `_1`, ... at the places {0}, {1}, ..."""
    return re.sub(r"\{(\d+)\}", lambda place: values[f"_{place[1]}"], text)
