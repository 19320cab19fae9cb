"""What the desk has read of the ledger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pricesmith.contracts.ledger import Act
from tests.desk.place import place

AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_one_page_is_of_one_state_of_the_ledger(tmp_path: Path) -> None:
    reading = place(tmp_path / "shop").desk.reading
    with reading.still():
        before = reading.rows("audit").height
        reading.book.append(Act(AT, "somebody", "looked", "at it"), {})
        assert reading.rows("audit").height == before
    assert reading.rows("audit").height == before + 1
    with reading.still():
        assert reading.rows("audit").height == before + 1
