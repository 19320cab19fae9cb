"""Which answers cover which products, and two people who attest apart."""

from __future__ import annotations

import datetime as dt
from itertools import product

import polars as pl
import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.ledger import VERDICTS
from pricesmith.contracts.publishing import ApprovalPolicy
from pricesmith.flows.publishing.answers.approval import EVERY, MACHINE, answers
from pricesmith.flows.publishing.answers.attest import ask_or_agree, attest_alone, attest_together, attested
from pricesmith.testing.fake_ledger import FakeLedger

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ONE, TWO = ApprovalPolicy(alone=True), ApprovalPolicy()
KEYS = pl.DataFrame(list(product("ab", ("web", "shop"), ("DE", "FR"))), schema=["sku", "channel", "region"], orient="row")


def verdicts(*rows: tuple[str, str, str, str, str]) -> pl.DataFrame:
    """approver, answer, sku, channel, region; in the order in which they were written."""
    common = {"run": "r", "at": AT, "requester": "pricesmith", "why": None, "digest": "d", "expires": AT + dt.timedelta(hours=1)}
    table = [
        {**common, "verdict": str(number), "approver": approver, "answer": said, "sku": sku, "channel": channel, "region": region}
        for number, (approver, said, sku, channel, region) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=VERDICTS.schema)


@pytest.mark.parametrize("scope", list(product(("a", EVERY), ("web", EVERY), ("DE", EVERY))))
def test_a_star_covers_all_of_its_part(scope: tuple[str, str, str]) -> None:
    found = answers(verdicts(("anna", "accept", *scope)), "r", "d", AT, KEYS)
    for row in found.iter_rows(named=True):
        covered = all(part in (EVERY, row[name]) for name, part in zip(("sku", "channel", "region"), scope, strict=True))
        assert row["agreed"] == int(covered)


def test_the_last_word_of_a_person_counts_however_wide() -> None:
    said = verdicts(("anna", "accept", EVERY, EVERY, EVERY), ("anna", "reject", "a", "web", "DE"), ("ben", "accept", "a", "web", "DE"))
    found = answers(said, "r", "d", AT, KEYS).filter(pl.col("sku") == "a", pl.col("channel") == "web")
    assert found.select("region", "agreed", "rejected").rows() == [("DE", 1, True), ("FR", 1, False)]


def test_capitals_and_spaces_make_no_second_person() -> None:
    every = (EVERY, EVERY, EVERY)
    said = verdicts(("anna", "accept", *every), (" Anna", "accept", *every), ("PRICESMITH ", "accept", *every))
    assert answers(said, "r", "d", AT, KEYS)["agreed"].unique().to_list() == [1]
    said = verdicts(("anna", "accept", *every), ("ANNA", "withdraw", *every), ("ben", "reject", *every), ("Ben", "accept", *every))
    assert answers(said, "r", "d", AT, KEYS).select("agreed", "rejected").unique().rows() == [(1, False)]


def test_many_answers_on_many_products_are_quick_in_memory() -> None:
    count = 20_000
    keys = pl.DataFrame({"sku": [f"p{number}" for number in range(count)]}).with_columns(channel=pl.lit("web"), region=pl.lit("DE"))
    one = verdicts(("anna", "accept", "p", "web", "DE"))
    said = keys.join(one.drop("sku", "channel", "region"), how="cross").select(VERDICTS.schema.names())
    assert answers(said, "r", "d", AT, keys)["agreed"].sum() == count


def test_two_people_attest_apart() -> None:
    book = FakeLedger()
    assert not ask_or_agree(book, "code", TWO, by="anna", at=AT, hours=24)
    with pytest.raises(UsageError, match="another person must agree"):
        ask_or_agree(book, "code", TWO, by="Anna ", at=AT, hours=24)
    assert not attested(book.read("attested"), "code")
    assert ask_or_agree(book, "code", TWO, by="ben", at=AT + dt.timedelta(hours=23), hours=24)
    assert book.read("attested").select("digest", "requester", "approver").rows() == [("code", "anna", "ben")]
    assert ask_or_agree(book, "code", TWO, by="carl", at=AT, hours=24)


def test_the_program_is_nobody_of_two() -> None:
    for asked_by, by in ((MACHINE, "anna"), ("anna", MACHINE)):
        with pytest.raises(UsageError, match="two different people"):
            attest_together(FakeLedger(), "code/1", asked_by=asked_by, by=by, at=AT)


def test_the_one_person_of_a_shop_attests_at_once() -> None:
    book = FakeLedger()
    with pytest.raises(UsageError, match="two different people") as refused:
        attest_alone(book, "code/1", TWO, by="anna", at=AT)
    assert "--asked-by NAME --by ANOTHER" in refused.value.hint
    with pytest.raises(UsageError, match="nobody is named"):
        attest_alone(book, "code/1", ONE, by=" ", at=AT)
    assert book.read("attested").is_empty()
    assert ask_or_agree(book, "code/1", ONE, by="anna", at=AT, hours=24)
    assert attest_alone(book, "code/2", ONE, by="anna", at=AT) and not attest_alone(book, "code/2", ONE, by="anna", at=AT)
    rows = book.read("attested").select("digest", "requester", "approver").rows()
    assert rows == [("code/1", MACHINE, "anna"), ("code/2", MACHINE, "anna")]


def test_that_one_person_is_enough_is_agreed_to_by_those_who_attested_until_then() -> None:
    """Who writes `alone` into the settings of a shop of several people cannot attest that by themselves."""
    book = FakeLedger()
    attest_together(book, "code/1", asked_by="anna", by="ben", at=AT)
    assert not ask_or_agree(book, "code/2", ONE, by="carl", at=AT, hours=24)
    assert ask_or_agree(book, "code/2", ONE, by="ben", at=AT, hours=24)
    assert ask_or_agree(book, "newer/2", ONE, by="carl", at=AT, hours=24), "a new version under what two agreed to"
    assert ask_or_agree(book, "newer/3", ONE, by="carl", at=AT, hours=24)
    assert not ask_or_agree(book, "newer/4", TWO, by="carl", at=AT, hours=24)


def test_who_asked_too_long_ago_asked_for_nothing() -> None:
    book = FakeLedger()
    ask_or_agree(book, "code", TWO, by="anna", at=AT, hours=24)
    assert not ask_or_agree(book, "code", TWO, by="ben", at=AT + dt.timedelta(hours=25), hours=24)
    assert not ask_or_agree(book, "other code", TWO, by="carl", at=AT, hours=24)
