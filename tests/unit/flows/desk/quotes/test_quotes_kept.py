"""The last good state outlives failures, restarts and a ledger that is gone; what is damaged is not relied on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import DataError, LedgerError
from pricesmith.contracts.ledger import Act
from pricesmith.contracts.protocols import Tables
from pricesmith.flows import wiring
from pricesmith.flows.desk.quotes.in_force import NOTHING
from pricesmith.flows.desk.quotes.quotes_kept import FOLDER, LONGEST, Keeper, Kept, load, save
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.ledger_rows import AT, DAY, made

ACT = Act(AT, "anna", "did", "it")


class Place:
    """A ledger that can be gone, or exchanged."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.book, self.gone, self.time = folder, FakeLedger(), False, AT
        self.book.append(ACT, {"runs": made("runs"), "decided": made("decided")})

    def keeper(self) -> Keeper:
        return Keeper(self.folder, wiring.store(), opened=lambda: self.book, mark=self.mark, now=self.now)

    def mark(self) -> object:
        if self.gone:
            raise LedgerError("its file cannot be read", where="ledger.db")
        return id(self.book)

    def now(self) -> dt.datetime:
        self.time += dt.timedelta(seconds=1)
        return self.time


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def prices(kept: Kept | None) -> list[int]:
    assert kept is not None
    return kept.prices.rows["price"].to_list()


def test_what_is_read_is_kept_and_read_on_from(place: Place) -> None:
    keeper = place.keeper()
    assert keeper.refresh() and not keeper.refresh()
    first = load(wiring.store(), place.folder)
    assert first is not None and prices(first) == [1000] and first.begun == first.read_at
    place.book.append(ACT, {"applied": made("applied")})
    again = place.keeper()
    assert again.refresh()
    assert not again.refresh()
    second = load(wiring.store(), place.folder)
    assert second is not None and prices(second) == [1099] and second.begun == first.begun and second.read_at > first.read_at


def test_a_ledger_that_is_gone_leaves_the_last_good_state(place: Place) -> None:
    keeper = place.keeper()
    keeper.refresh()
    place.gone = True
    with pytest.raises(LedgerError):
        keeper.refresh()
    assert prices(keeper.kept) == prices(load(wiring.store(), place.folder)) == [1000]
    place.gone = False
    place.book.append(ACT, {"applied": made("applied")})
    place.time += LONGEST
    assert keeper.refresh() and prices(keeper.kept) == [1099]


def test_what_is_written_right_after_a_reading_waits_a_part_of_the_time_but_a_loss_is_seen(place: Place) -> None:
    keeper = place.keeper()
    keeper.refresh()
    place.book.append(ACT, {"applied": made("applied")})
    waits = [keeper.refresh() for _ in range(20)]
    assert waits.index(True) == 9, "a reading took one second, ten pass before the next"
    keeper = place.keeper()
    place.book.append(ACT, {"applied": made("applied", price=7, at=AT + DAY)})
    keeper.refresh()
    place.gone = True
    with pytest.raises(LedgerError):
        keeper.refresh()


def test_an_exchanged_file_is_opened_anew_and_refused_where_it_is_another_ledger(place: Place) -> None:
    keeper = place.keeper()
    keeper.refresh()
    place.book = FakeLedger()
    place.time += LONGEST
    place.book.append(Act(AT + DAY, "eve", "did", "it"), {"applied": made("applied", price=1)})
    with pytest.raises(LedgerError, match="not the one that was read before"):
        keeper.refresh()
    assert prices(load(wiring.store(), place.folder)) == [1000]


def test_a_ledger_that_is_exchanged_while_it_is_opened_is_not_read(place: Place) -> None:
    marks = iter((1, 2, 2, 2))
    keeper = Keeper(place.folder, wiring.store(), opened=lambda: place.book, mark=lambda: next(marks), now=place.now)
    with pytest.raises(LedgerError, match="exchanged"):
        keeper.refresh()
    assert keeper.refresh()


def test_what_could_not_be_kept_is_read_again(place: Place) -> None:
    class Full:
        def save(self, folder: Path, tables: Tables) -> None:
            raise DataError("cannot be written: no space left")

        def load(self, folder: Path) -> Tables:
            raise DataError("nothing is stored here")

    keeper = Keeper(place.folder, Full(), opened=lambda: place.book, mark=place.mark, now=place.now)
    with pytest.raises(DataError):
        keeper.refresh()
    assert keeper.kept is None
    keeper.store = wiring.store()
    assert keeper.refresh() and prices(keeper.kept) == [1000]


@pytest.mark.parametrize("damage", ["cut", "gone", "flipped", "other tables", "other form", "nothing"])
def test_what_is_damaged_is_not_relied_on(place: Place, damage: str) -> None:
    keeper = place.keeper()
    keeper.refresh()
    folder = place.folder / FOLDER
    rows = next(folder.glob("rows-*.arrow"))
    if damage == "cut":
        rows.write_bytes(rows.read_bytes()[:100])
    elif damage == "gone":
        rows.unlink()
    elif damage == "flipped":
        data = bytearray(rows.read_bytes())
        data[len(data) // 2] ^= 1
        rows.write_bytes(data)
    elif damage == "other tables":
        wiring.store().save(folder, {"rows": pl.DataFrame({"a": [1]})})
    elif damage == "other form":
        tables = wiring.store().load(folder)
        wiring.store().save(folder, {**tables, "head": tables["head"].with_columns(form=pl.lit(99, pl.Int64))})
    kept = load(wiring.store(), place.folder)
    assert (kept is not None) == (damage == "nothing")
    assert place.keeper().refresh() == (damage != "nothing")
    assert prices(load(wiring.store(), place.folder)) == [1000]


def test_an_empty_ledger_is_kept_too(tmp_path: Path) -> None:
    save(wiring.store(), tmp_path, Kept(NOTHING, AT, AT))
    assert prices(load(wiring.store(), tmp_path)) == []
