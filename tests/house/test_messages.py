"""Every error that a page can show is said in every language."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pricesmith
from pricesmith.apps.web.words import WHYS, Words, messages
from tests.house.messages import messages as raised
from tests.house.messages import written

OF_KINDS = [f"unknown {kind} {{0}}" for kind in ("category", "channel", "product", "region", "run", "shop")]
"""Kinds of things that people ask for by name: `unknown {0} {1}` in words of their own."""


def test_every_error_stands_in_the_catalogue() -> None:
    hints = (Path(pricesmith.__file__).parent / "apps" / "web" / "words" / "hints.toml").read_text(encoding="utf-8")
    known = {one["en"] for _, one in messages()} | {one["said"] for one in tomllib.loads(hints)["message"]}
    missing = [f"{place}: {text}" for text, place in raised(Path(pricesmith.__file__).parent).items() if text not in known]
    assert not missing, "add to apps/web/words/errors.toml:\n" + "\n".join(missing)


def test_nothing_stands_in_the_catalogue_that_is_not_said() -> None:
    said = {*written(Path(pricesmith.__file__).parent), "unknown {0} {1}", *OF_KINDS, "did you mean {0}? valid: {1}"}
    assert not [one["en"] for _, one in (*messages(), *messages(WHYS)) if one["en"] not in said]


def test_no_message_stands_twice_in_the_catalogues() -> None:
    files = (Path(pricesmith.__file__).parent / "apps" / "web" / "words").glob("errors*.toml")
    said = Counter(one["en"] for file in files for one in tomllib.loads(file.read_text(encoding="utf-8"))["message"])
    assert len(said) > 300 and not [text for text, count in said.items() if count > 1]


def test_values_come_through() -> None:
    assert Words("zh").error("run 7 has no product A1 in web DE") == "批次 7 在 web DE 中没有商品 A1"
    assert Words("en").error("run 7 has no product A1 in web DE") == "run 7 has no product A1 in web DE"
    assert Words("zh").error("words that nobody wrote down") == "words that nobody wrote down"
