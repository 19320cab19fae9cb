"""Which version of the settings a run counts for: that of the time at which it was begun."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import cast

import msgspec
import polars as pl

from pricesmith.contracts.ledger import AUDIT
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules.policy_file import Note
from pricesmith.flows.desk.rules.spans import spans

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def reading(notes: dict[int, tuple[str, str]], runs: dict[int, str]) -> Reading:
    """notes: seq -> version before, version after;  runs: seq -> version of a run of the whole shop."""
    said = [(seq, msgspec.json.encode(Note(after, before, "anna", AT, ""))) for seq, (before, after) in notes.items()]
    contents = pl.DataFrame(said, schema={"seq": pl.Int64, "bytes": pl.Binary}, orient="row")
    made = [(f"run {seq}", policy, "price", AT, "cron", seq) for seq, policy in runs.items()]
    tables = {"runs": pl.DataFrame(made, schema=["run", "policy", "kind", "at", "by", "seq"], orient="row"), "audit": AUDIT.empty()}
    return cast(Reading, SimpleNamespace(book=SimpleNamespace(read=lambda *_: contents), rows=tables.__getitem__))


def test_a_run_that_was_begun_before_the_settings_gave_way_is_of_the_earlier_time() -> None:
    found = spans(reading({2: ("one", "two"), 5: ("two", "three")}, {1: "one", 3: "one", 4: "two", 6: "two"}), "three")
    assert [(one.version, one.runs) for one in found] == [
        ("one", {"run 1": [1], "run 3": [3]}), ("two", {"run 4": [4], "run 6": [6]}), ("three", {})
    ]  # fmt: skip


def test_what_the_next_change_found_says_whether_a_file_was_written_by_hand_between() -> None:
    """Between two changes at the desk the file was put back by hand: the run is of a time of its own, and the next change follows on it."""
    found = spans(reading({2: ("one", "two"), 4: ("one", "three")}, {1: "one", 3: "one", 5: "three"}), "three")
    assert [(one.version, list(one.runs)) for one in found] == [("one", ["run 1"]), ("two", []), ("one", ["run 3"]), ("three", ["run 5"])]


def test_after_the_last_change_the_file_as_it_stands_says_it() -> None:
    by_hand = spans(reading({2: ("one", "two")}, {1: "one", 3: "one"}), "one")
    begun_before = spans(reading({2: ("one", "two")}, {1: "one", 3: "one"}), "two")
    assert [(one.version, list(one.runs)) for one in by_hand] == [("one", ["run 1"]), ("two", []), ("one", ["run 3"])]
    assert [(one.version, list(one.runs)) for one in begun_before] == [("one", ["run 1", "run 3"]), ("two", [])]
