"""In which encoding a text is that is not UTF-8: by what its bytes spell in each that could be meant. A guess, which is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import log

from .spellings import SPELLINGS

PAIRS = {
    "gb18030": (rb"[\x81-\xfe](?:[\x40-\x7e\x80-\xfe]|[\x30-\x39][\x81-\xfe][\x30-\x39])", rb"[\xa1\xa3\xa9\xb0-\xd7][\xa1-\xfe]"),
    "cp950": (rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]", rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]"),
    "cp932": (rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]", rb"[\x81-\x83\x88-\x97][\x40-\x7e\x80-\xfc]"),
}
"""East Asian encodings -> the bytes of a sign, and of one in daily use: marks, kana, the first level of GB 2312, Big5 and JIS X 0208."""
ALONE = ("gb18030",)
"""Those in which a sign between ASCII counts too: in the others a letter of a European page and the one after it look like one."""
SINGLE = ("cp1252", "cp1250", "cp1251")
"""Encodings with one byte for each letter, the likelier first where their letters tell as much."""
NATURAL = re.compile("(?=.*[аеёиоуыэюяіїє])(?:[а-яёіїєґ][а-яёіїєґ]+)", re.IGNORECASE)
WORDS, LEAST, CYRILLIC = 1500, 0.5, 0.8
"""Words that are looked at; the share of signs beyond ASCII that must be in daily use for an East Asian encoding to be likely; and that of
bytes in words as Cyrillic is written, from which on it is that."""
UNKNOWN, STRANGE, LOST, FOREIGN = log(1e-4), log(1e-6), log(1e-30), log(0.02)
"""What a letter counts that a language does not have; a mark or a capital within a word; a byte that stands for nothing; and what a word
counts beside its letters that is of another language."""


def likely(data: bytes) -> str:
    """One of `encodings.ENCODINGS` for what is no UTF-8. data: the beginning of a file"""
    words = list(dict.fromkeys(re.findall(rb"[^\s;,|\"]*[\x80-\xff][^\s;,|\"]*", data)))[:WORDS]
    shares = {encoding: _in_use(b" ".join(words), encoding) for encoding in PAIRS}
    best = max(shares, key=lambda encoding: shares[encoding])
    if shares[best] > LEAST and _cyrillic(words) < CYRILLIC:
        return best
    return max(SINGLE, key=lambda encoding: _spelled([word.decode(encoding, "replace") for word in words]))


def _in_use(text: bytes, encoding: str) -> float:
    """Share of the signs beyond ASCII that are in daily use in an East Asian encoding; a byte that is no sign in it is none."""
    sign, common = PAIRS[encoding]
    used = total = 0
    for run in re.finditer(rb"(?:%s)+|[\x80-\xff]" % sign, text):
        signs = re.findall(rb"%s|[\x80-\xff]" % sign, run[0])
        total += len(signs)
        if len(signs) > 1 or encoding in ALONE:
            used += sum(re.fullmatch(common, one) is not None for one in signs)
    return used / total if total else 0.0


def _cyrillic(words: Sequence[bytes]) -> float:
    """Share of the bytes beyond ASCII that are in words of Cyrillic letters, small, capital, or one capital first."""
    told = [run for word in words for run in re.findall(rb"[\x80-\xff]+", word)]
    natural = [run for run in told if (text := run.decode("cp1251", "replace")) in (text.lower(), text.upper(), text.capitalize())]
    fitting = sum(len(run) for run in natural if NATURAL.fullmatch(run.decode("cp1251", "replace")))
    return fitting / sum(map(len, told)) if told else 0.0


def _spelled(words: Sequence[str]) -> float:
    """How well words are spelled in the one language that they fit best, a few of them in others: the sum of what their letters count."""
    found = [[_word(word, language) for language in SPELLINGS] for word in words]
    return max(map(sum, zip(*([max(one, max(told) + FOREIGN) for one in told] for told in found), strict=True)), default=0.0)


def _word(word: str, language: str) -> float:
    """The logarithms of the letters beyond ASCII of a word."""
    whole = f" {word} "
    found = 0.0
    for place, letter in enumerate(whole):
        if letter.isascii():
            continue
        before, after = whole[place - 1], whole[place + 1]
        if letter == "\ufffd":
            found += LOST
        elif not letter.isalpha():
            found += STRANGE if after.isalpha() and before.isalpha() else UNKNOWN if after.isalpha() or before.isalpha() else 0.0
        elif letter.isupper() and before.islower():
            found += STRANGE
        else:
            found += _letter(before.lower(), letter.lower(), after.lower(), language)
    return found


def _letter(before: str, letter: str, after: str, language: str) -> float:
    """The logarithm of how often a language has a letter after the one before it and before the one after it, of all beyond ASCII."""
    seen, total = _letters(language)
    before, after = (one if one.isalpha() else " " for one in (before, after))
    share = 0.49 * seen[before + letter + "_"] + 0.49 * seen["_" + letter + after] + 0.02 * seen[letter]
    return log(share / total) if share else UNKNOWN


@cache
def _letters(language: str) -> tuple[Counter[str], int]:
    """Of a language: letter beyond ASCII, alone, with the one before it and with the one after it -> how often; and all of them."""
    seen = Counter[str]()
    total = 0
    text = f" {SPELLINGS[language]} "
    for before, letter, after in zip(text, text[1:], text[2:], strict=False):
        if letter.isalpha() and not letter.isascii():
            seen.update((letter, f"{before}{letter}_", f"_{letter}{after}"))
            total += 1
    return seen, total
