"""What a desk remembers of the ledger: everything that was written, and nothing read twice."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.ledger import Act
from pricesmith.flows.publishing.desk import Memory
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.ledger_rows import AT, made


class Asked(FakeLedger):
    """Keeps after which act each table was read."""

    def __init__(self) -> None:
        super().__init__()
        self.after: list[tuple[str, int]] = []

    def read(self, table: str, where: object = None, after: int = 0) -> pl.DataFrame:
        self.after.append((table, after))
        return super().read(table, where, after)  # type: ignore[arg-type]


def test_a_table_without_rows_is_not_read_from_the_start_again() -> None:
    book, memory = Asked(), Memory()
    for number in range(3):
        book.append(Act(AT, "anna", "noted", str(number)), {"switches": made("switches", switch=f"s{number}")})
    for table in ("switches", "attested", "attested", "switches"):
        memory.read(book, table, {})
    assert book.after == [("switches", 0), ("attested", 0), ("attested", 3), ("switches", 3)]


def test_what_is_written_later_is_seen_whatever_was_read_between() -> None:
    book, memory = Asked(), Memory()
    for number in range(4):
        book.append(Act(AT, "anna", "noted", "a"), {"switches": made("switches", switch=f"s{number}")})
        assert memory.read(book, "switches", {}).height == number + 1
        assert memory.read(book, "attested", {}).height == number
        book.append(Act(AT, "anna", "noted", "b"), {"attested": made("attested", digest=f"d{number}")})
        assert memory.read(book, "attested", {}).height == number + 1
        assert memory.read(book, "audit", {"act": ["noted"]}).height == 2 * number + 2
