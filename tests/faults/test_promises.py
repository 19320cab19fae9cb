"""Every promise of docs/reliability.md at a small size: the quick ones always, the others with the real databases and processes."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from pricesmith.flows.publishing.sending import patience
from pricesmith.testing.fake_shop import Effect
from tests.postgres import AbsentError
from tests.publishing import chaos
from tests.soak.promise import Promise, every
from tests.soak.promises import lives
from tests.soak.promises.lives import delayed_answers, waits
from tests.soak.run import PAGE, save

ALL = every()
NUMBERS = {f"P{number:02d}" for number in (*range(1, 9), *range(13, 29))}


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name, marks=[] if one.quick else pytest.mark.real) for one in ALL])
def test_promise(one: Promise) -> None:
    try:
        seen = one.check(one.small)
    except AbsentError as reason:
        pytest.skip(str(reason))
    assert seen.breaches == 0, seen.figure
    assert seen.cases > 0


@pytest.mark.real
@pytest.mark.parametrize("doubt", [1.0, 120.0])
def test_a_price_that_arrives_after_its_doubt_is_found(monkeypatch: pytest.MonkeyPatch, doubt: float) -> None:
    """Prices are up to 300 seconds on their way: P07 hangs on nobody writing a newer one as long as that."""
    hasty = msgspec.structs.replace(chaos.policy(), publish=msgspec.structs.replace(chaos.policy().publish, doubt_seconds=doubt))
    monkeypatch.setattr(chaos, "policy", lambda: hasty)
    seen = delayed_answers(10)
    assert seen.breaches > 0 and "overtook version 2" in seen.figure


@pytest.mark.parametrize(("by", "moment", "fine"), [("other", -5, False), ("other", 5, True), ("write", 5, False)])
def test_a_price_is_written_again_only_where_it_could_be_seen(by: str, moment: float, fine: bool) -> None:
    """Our price is ten seconds on its way; before that the same one came to stand, by ourselves or by somebody else."""
    life = chaos.begin(1, products=1)
    assert chaos.new_run(life, ("anna", "ben"))
    sent, key = life.clock(), next(iter(life.floors))
    price = int(life.book.read("intents")["price"][0])
    before = sent + dt.timedelta(seconds=moment)
    life.shop.effects += [Effect(key, price, min(sent, before), before, by), Effect(key, price, sent, sent + dt.timedelta(seconds=10))]
    with contextlib.nullcontext() if fine else pytest.raises(AssertionError, match="written again"):
        chaos.check(life)


def test_late_prices_that_are_ended_early_tell_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def life(seed: int) -> Counter[str]:
        if seed == 5:
            raise KeyboardInterrupt
        assert seed != 2, "broken"
        return Counter(behind=2)

    monkeypatch.setattr(lives, "_late_life", life)
    seen = delayed_answers(10)
    assert (seen.cases, seen.breaches, seen.figure) == (5, 1, "BREACH: seed 2: broken")


@pytest.mark.real
def test_a_worker_that_does_not_wait_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """P16 counts what the shop sees: here no process asks whether another one was told to wait."""
    monkeypatch.setattr(patience, "until", lambda *_: None)
    assert waits(5).breaches >= 5


def test_every_promise_is_checked() -> None:
    assert {number for one in ALL for number in one.number.split()} == NUMBERS
    assert len({(one.number, one.sentence) for one in ALL}) == len(ALL)


def test_every_check_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [one.name for one in ALL if f"| {one.number} | {one.sentence} |" not in text] == []


def test_a_line_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- table of make soak -->\n<!-- end -->\nb\n", encoding="utf-8")
    save(["| P02 | x | 1 | 0 | | 1 | d |"], page)
    save(["| P01 | y | 1 | 0 | | 1 | d |", "| P02 | x | 2 | 0 | | 1 | d |"], page)
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[4:6] == ["| P01 | y | 1 | 0 | | 1 | d |", "| P02 | x | 2 | 0 | | 1 | d |"]
    assert (lines[0], lines[-1], len(lines)) == ("a", "b", 8)
