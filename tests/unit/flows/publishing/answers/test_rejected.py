"""What somebody rejected is not accepted in passing: only who names it does that."""

from __future__ import annotations

import pytest

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers import answering, approval
from pricesmith.flows.publishing.history import overview
from tests.publishing.desk import Place, place


@pytest.fixture
def shop() -> Place:
    return place()


def say(shop: Place, word: str, by: str, keys: list[Key] | None = None, *, singly: bool = True) -> int:
    shop.clock.sleep(1.0)
    given = {"by": by, "at": shop.clock(), "policy": shop.desk.policy, "why": "too dear", "keys": keys, "singly": singly}
    return answering.answer(shop.book, shop.run, word, **given)  # type: ignore[arg-type]


def changes(shop: Place) -> list[Key]:
    return [Key(*row) for row in overview.changes(shop.book, shop.run, shop.desk.policy, shop.clock()).select(approval.KEY).iter_rows()]


def rejected(shop: Place) -> list[Key]:
    found = overview.changes(shop.book, shop.run, shop.desk.policy, shop.clock())
    return [Key(*row) for row in found.filter("rejected").select(approval.KEY).iter_rows()]


@pytest.mark.parametrize("by", ["anna", "ben"])
@pytest.mark.parametrize("every", [True, False])
def test_accepting_many_together_leaves_out_what_was_rejected(shop: Place, by: str, every: bool) -> None:
    first, *rest = changes(shop)
    say(shop, "reject", "anna", [first])
    assert say(shop, "accept", by, None if every else [first, *rest], singly=False) == len(rest)
    assert rejected(shop) == [first]


def test_who_rejected_one_accepts_it_by_naming_it(shop: Place) -> None:
    first, *rest = changes(shop)
    say(shop, "reject", "anna", [first])
    assert say(shop, "accept", "anna", [first, *rest]) == 1 + len(rest) and rejected(shop) == []


def test_what_was_withdrawn_is_accepted_with_the_others(shop: Place) -> None:
    first = changes(shop)[0]
    say(shop, "reject", "anna", [first])
    say(shop, "withdraw", "anna")
    assert say(shop, "accept", "ben") == len(changes(shop)) and rejected(shop) == []


def test_accepting_nothing_but_rejected_changes_together_says_so(shop: Place) -> None:
    say(shop, "reject", "anna")
    with pytest.raises(PricesmithError, match="every change that is meant was rejected"):
        say(shop, "accept", "anna")
    assert rejected(shop) == changes(shop)


@pytest.mark.parametrize("by", ["pricesmith", "Pricesmith", " PRICESMITH "])
def test_who_asked_cannot_approve_under_the_same_name_written_otherwise(shop: Place, by: str) -> None:
    with pytest.raises(UsageError, match="asked for these prices and cannot approve them"):
        say(shop, "accept", by)


def stands(shop: Place) -> tuple[str, int, int]:
    found: tuple[str, int, int] = overview.runs(shop.book).select("state", "accepted", "rejected").row(0)
    return found


def test_a_run_of_which_a_part_was_answered_is_not_called_after_the_last_answer(shop: Place) -> None:
    first, second, *rest = changes(shop)
    assert stands(shop) == ("open", 0, 0)
    say(shop, "reject", "anna", [first])
    assert stands(shop) == ("partly answered", 0, 1)
    say(shop, "accept", "ben", [second])
    assert stands(shop) == ("partly answered", 1, 1)
    say(shop, "accept", "ben", [second, *rest])
    assert stands(shop) == ("partly answered", 1 + len(rest), 1)
    say(shop, "accept", "anna", [first])
    assert stands(shop) == ("accepted", 2 + len(rest), 0)
    say(shop, "reject", "anna")
    assert stands(shop) == ("rejected", 0, 2 + len(rest))
    for who in ("anna", "ben"):
        say(shop, "withdraw", who)
    assert stands(shop) == ("open", 0, 0)
