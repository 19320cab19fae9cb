"""What moved on since a dry run was made, part by part."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from pricesmith.contracts.shop import Key
from pricesmith.flows import batch
from pricesmith.flows.desk.publishing.attestation import digest_now
from pricesmith.flows.desk.publishing.dry import last
from pricesmith.flows.desk.publishing.moved import Under, moved, under
from pricesmith.flows.desk.reading.drawer import put
from pricesmith.flows.desk.reading.keeping import DRY, dry_name
from pricesmith.flows.publishing.answers import answering, attest, exceptions
from pricesmith.flows.publishing.office import office, record_run
from pricesmith.flows.publishing.sending import switch
from tests.desk.place import Place, place

SHOP = "web"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def begun(desk: Place) -> Under:
    return under(office(desk.folder), SHOP)


def since(desk: Place, before: Under, days: float = 0.0) -> list[str]:
    reading = desk.desk.reading
    return moved(reading, desk.run, SHOP, before, reading.now() + dt.timedelta(days=days))


def setting(desk: Place, before: str, after: str) -> None:
    path = desk.folder / "shop.toml"
    text, later = path.read_text(encoding="utf-8"), path.stat().st_mtime + 5
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    os.utime(path, (later, later))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("max_step = 0.15", "max_step = 0.02"),
        ("two_people_move = 0.20", "two_people_move = 0.01"),
        ('\nurl = "feed.csv"', '\nurl = "another.csv"'),
    ],
)
def test_settings_of_guards_approval_and_the_shop_count_until_they_are_as_they_were(desk: Place, before: str, after: str) -> None:
    made = begun(desk)
    assert since(desk, made) == []
    setting(desk, before, after)
    assert since(desk, made) == ["settings"]
    assert since(desk, begun(desk)) == []
    setting(desk, after, before)
    assert since(desk, made) == []


def test_a_rule_counts_from_the_run_that_is_made_under_it(desk: Place) -> None:
    made = begun(desk)
    setting(desk, "[model]", '[[rule]]\nkind = "min_change"\nstep = 0.01\n\n[model]')
    assert since(desk, made) == [], "the run keeps the rules that it was made under"
    loaded = batch.load(desk.folder)
    record_run(desk.folder, batch.price(loaded), loaded.prepared.tables["competitor_prices"], "anna")
    assert since(desk, made) == ["rules"]
    assert since(desk, begun(desk)) == []


def test_answers_and_exceptions_count_when_they_are_given_and_when_they_end(desk: Place) -> None:
    reading, made = desk.desk.reading, begun(desk)
    at, policy = reading.now(), reading.policy
    answering.answer(reading.book, desk.run, "accept", by="anna", at=at, policy=policy)
    assert since(desk, made) == ["answers"]
    made = begun(desk)
    key = Key(*reading.run(desk.run).changes.select("sku", "channel", "region").row(0))
    exceptions.lower_floor(reading.book, key, 1, policy.guards, asked_by="anna", by="ben", why="sale", at=at, days=2)
    assert since(desk, made) == ["exceptions"]
    made, days = begun(desk), policy.guards.approval_hours / 24
    assert days < 2
    assert since(desk, made) == []
    assert since(desk, made, days + 0.01) == ["answers"]
    assert since(desk, made, 2.01) == ["answers", "exceptions"]


def test_stops_and_the_attestation_of_what_stands_count(desk: Place) -> None:
    reading, made = desk.desk.reading, begun(desk)
    switch.stop(reading.book, by="anna", at=reading.now(), why="odd")
    assert since(desk, made) == ["stops"]
    attest.attest_together(reading.book, "another", asked_by="anna", by="ben", at=reading.now())
    assert since(desk, made) == ["stops"]
    attest.attest_together(reading.book, digest_now(reading), asked_by="anna", by="ben", at=reading.now())
    assert since(desk, made) == ["stops", "attested"]


def test_of_one_that_an_older_version_made_it_is_not_known(desk: Place) -> None:
    reading = desk.desk.reading
    put(desk.folder, DRY, dry_name(desk.run, SHOP), {"stops": [], "counts": {}, "at": reading.now()}, {})
    found = last(reading, desk.run, SHOP, reading.now())
    assert found is not None and (found.past, found.moved) == (True, ["unknown"])
