"""Prices that ever came into a shop: what two runs sent to one place stands there once."""

from __future__ import annotations

from pathlib import Path

from pricesmith.flows.desk.publishing.ever import Ever, by_run, came, ever
from pricesmith.flows.desk.reading.ledger import KEY
from tests.desk.came import arrive, asked, settled
from tests.desk.place import overridden, place


def test_what_stands_is_counted_once_however_often_it_was_sent(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    reading = desk.desk.reading
    changes = arrive(desk.folder, desk.run)
    here = changes.head(changes.height - 1)
    count = here.select(KEY).n_unique()
    assert ever(reading, came(reading)) == Ever(count, 0, count)
    settled(desk.folder, asked(desk.folder, desk.run, here), "same")
    rows = came(reading)
    assert ever(reading, rows) == Ever(2 * count, 0, count, 0, count, count)
    assert ever(reading, rows.tail(count)) == Ever(count, 0, count, same=count), "found as it was asked for: it stands"


def test_prices_that_people_set_are_counted_apart(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    reading = desk.desk.reading
    own = overridden(desk, "ann")
    arrive(desk.folder, own, only_set=True)
    assert ever(reading, came(reading)) == by_run(reading)[own] == Ever(1, 0, 1, 1, 0)
