"""How many changes of a run were accepted: counted anew when what they need is another number of people."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from pricesmith.contracts.shop import Key
from pricesmith.flows import batch
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.desk.runs.answered import answered
from pricesmith.flows.publishing.answers import exceptions
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.office import record_run
from tests.desk.came import asked, settled
from tests.desk.place import SHOP, Place, place


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def setting(desk: Place, before: str, after: str) -> None:
    path = desk.folder / "shop.toml"
    text, later = path.read_text(encoding="utf-8"), path.stat().st_mtime + 5
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    os.utime(path, (later, later))


def accept(desk: Place, run: str) -> int:
    reading = desk.desk.reading
    return answer(reading.book, run, "accept", by="ben", at=reading.now(), policy=reading.policy)


def priced(desk: Place) -> str:
    """A run under the settings as they are."""
    loaded = batch.load(desk.folder)
    run: str = record_run(desk.folder, batch.price(loaded), loaded.prepared.tables["competitor_prices"], "pricesmith").run
    return run


def test_a_lowered_floor_counts_while_it_lasts(desk: Place) -> None:
    reading = desk.desk.reading
    changes, before = accept(desk, desk.run), reading.now() - dt.timedelta(hours=22)
    assert answered(reading, desk.run, reading.now()).accepted == changes
    key, limits = Key(*reading.run(desk.run).changes.select(KEY).row(0)), reading.policy.guards
    exceptions.lower_floor(reading.book, key, 1, limits, asked_by="anna", by="carl", why="sale", at=before, days=1)
    assert answered(reading, desk.run, reading.now()).accepted == changes - 1
    assert answered(reading, desk.run, before + dt.timedelta(days=1.01)).accepted == changes


def test_a_shop_fewer_counts(desk: Place) -> None:
    setting(desk, "\nstep = 0.15", "\nstep = 0.05")
    run, reading = priced(desk), desk.desk.reading
    changes = accept(desk, run)
    assert answered(reading, run, reading.now()).accepted == 0, "other rules than those of before need two people"
    setting(desk, SHOP, "")
    assert answered(reading, run, reading.now()).accepted == changes, "it goes to no shop"


def test_what_came_under_the_same_rules_counts(desk: Place) -> None:
    setting(desk, "\nstep = 0.15", "\nstep = 0.05")
    run, reading = priced(desk), desk.desk.reading
    changes = accept(desk, run)
    setting(desk, "horizon_days = 28", "horizon_days = 27")
    other = reading.run(priced(desk)).changes
    rows = asked(desk.folder, other["run"][0], other)
    assert answered(reading, run, reading.now()).accepted == 0
    settled(desk.folder, rows)
    assert answered(reading, run, reading.now()).accepted == changes
