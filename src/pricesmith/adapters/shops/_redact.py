"""Words that may be shown: secrets taken out, in every form in which they travel."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

MOST_CHARACTERS = 300
_LEAST = 4
_MARK = "***"


class Redactor:
    """Takes secrets out of text; shorter ones than four characters cannot be told from words and are not kept."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        forms = {form for secret in secrets for form in _forms(secret)} | set(self._forms)
        self._forms = tuple(sorted((form for form in forms if len(form) >= _LEAST), key=len, reverse=True))

    def clean(self, words: object) -> str:
        """One printable line without secrets, cut to a readable length."""
        text = str(words)
        for form in self._forms:
            text = text.replace(form, _MARK)
        line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
        return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"


def _forms(secret: str) -> set[str]:
    """The secret as it is, by its parts (`user:password`, `Bearer token`), quoted, and in base 64."""
    parts = {secret, *secret.split(":"), *secret.split(" ")} - {"Bearer", "Basic"}
    coded = {base64.b64encode(part.encode()).decode() for part in parts}
    parts |= {part.replace("/", "\\/") for part in parts}
    return parts | {quote(part, safe="") for part in parts} | {quote_plus(part) for part in parts} | coded
