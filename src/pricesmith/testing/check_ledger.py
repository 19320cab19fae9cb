"""What every ledger must keep to: all or nothing, only added to, two people where two are needed, one hand on a
price, and a chain that tells.

check_ledger(lambda: open_books("ledger.db", new_folder, key))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from polars.testing import assert_frame_equal

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.ledger import LEDGER, Act, Books

from ._refused import refused
from .check_outbox import check_outbox
from .ledger_rows import AT, DAY, made

ACT = Act(AT, "anna", "tried", "a test")


def check_ledger(make: Callable[[], Books]) -> None:
    """Raise AssertionError with the promise that a ledger breaks.

    make  opens an empty ledger, a new one each time
    """
    for check in (_check_tables, _check_contents, _check_nothing, _check_values, _check_laws, _check_people, _check_reads, _check_chain):
        check(make())
    check_outbox(make)


def _check_tables(books: Books) -> None:
    """What was written comes back, typed, in order, under the seq of its act."""
    written = {name: made(name) for name in LEDGER if name not in {"audit", "checkpoints"}}
    assert books.append(ACT, {}) == 1, "an act without rows is an act"
    assert books.append(ACT, written) == 2, "seq counts by one"
    for name, frame in written.items():
        found = books.read(name)
        assert_frame_equal(found.drop("seq"), frame, check_exact=True)
        assert found["seq"].to_list() == [2], f"rows of {name} stand under their act"
    audit = books.read("audit")
    assert audit.select("at", "by", "act", "subject").rows() == [(AT, "anna", "tried", "a test")] * 2
    assert audit["digest"][0] == "" and "runs:1:" in audit["digest"][1]


def _check_contents(books: Books) -> None:
    """A content stands once, whoever brings it."""
    books.append(ACT, {"contents": made("contents")})
    books.append(ACT, {"contents": made("contents", {}, {"bytes": b"other"})})
    books.append(ACT, {"contents": made("contents")})
    found = books.read("contents")
    assert found.height == 2 and found["seq"].to_list() == [1, 2], "a content that stands there is left out"
    with refused("a content whose id is not the SHA-256 of its bytes"):
        books.append(ACT, {"contents": made("contents", {"bytes": b"third"}).with_columns(bytes=pl.lit(b"fourth"))})
    assert not books.verify().findings


def _check_nothing(books: Books) -> None:
    """One bad row, and nothing of the act stands there."""
    books.append(ACT, {"runs": made("runs"), "receipts": made("receipts")})
    before = {name: books.read(name) for name in LEDGER}
    with refused("a key that stands there"):
        books.append(ACT, {"intents": made("intents"), "receipts": made("receipts", {"fate": "dead"})})
    with refused("the same key with the same values"):
        books.append(ACT, {"runs": made("runs")})
    with refused("a key twice in one act"):
        books.append(ACT, {"intents": made("intents"), "runs": made("runs", {"run": "2"}, {"run": "2"})})
    with refused("a version of a product twice"):
        books.append(ACT, {"intents": made("intents", {"intent": "a"}, {"intent": "b"})})
    with refused("a table that is not given by acts"):
        books.append(ACT, {"audit": before["audit"].drop("seq")})
    with refused("a table that is not there"):
        books.append(ACT, {"prices": made("runs")})
    for act in (Act(AT, "", "a", "b"), Act(AT, "a", " ", "b"), Act(AT.replace(tzinfo=None), "a", "b", "c"), Act(AT, "a", "b", "c\0")):
        with refused(f"an act such as {act}"):
            books.append(act, {"intents": made("intents")})
    for name, frame in before.items():
        assert_frame_equal(books.read(name), frame)
    assert books.waiting("web").is_empty(), "an intent that was not written does not wait"


def _check_values(books: Books) -> None:
    """Values that cannot be are never stored (P05)."""
    whole, real = [float("nan"), float("inf"), 12.5, 12.0, "12", -1, 2**64 - 1], [float("nan"), float("inf"), float("-inf"), "1"]
    wrong: dict[tuple[str, str], list[object]] = {
        ("intents", "price"): [*whole, 0, None],
        ("intents", "previous"): whole,
        ("intents", "at"): [AT.replace(tzinfo=None), AT.date(), 5],
        ("intents", "sku"): ["", None, 5, "a\0b"],
        ("applied", "price"): [*whole, None],
        ("receipts", "sent"): [*whole, 0],
        ("runs", "value"): [*real, None],
        ("runs", "as_of"): ["2026-01-01", AT, None],
        ("decided", "propensity"): [*real, -0.1, 1.1],
        ("decided", "price"): [*whole, 0, None],
        ("decided", "current_price"): whole,
        ("decided", "elasticity"): real,
        ("sales_seen", "units"): [*real, None],
        ("guard_hits", "stops"): [2, -1, 0.5, "1", None],
    }
    for (table, column), values in wrong.items():
        for value in values:
            series = pl.Series(column, [value], dtype=pl.UInt64 if value == 2**64 - 1 else None)
            with refused(f"{value!r} as {table}.{column}"):
                books.append(ACT, {table: made(table).with_columns(series)})
    with refused("a column that is not there"):
        books.append(ACT, {"runs": made("runs").with_columns(more=1)})
    with refused("a needed column left out"):
        books.append(ACT, {"runs": made("runs").drop("value")})
    assert books.read("audit").is_empty()
    books.append(ACT, {"intents": made("intents").drop("previous"), "sales_seen": made("sales_seen", {"units": -0.0, "revenue": 5e-324})})
    assert books.read("intents")["previous"].to_list() == [None]
    assert books.read("sales_seen").select("units", "revenue").row(0) == (0.0, 5e-324)
    assert not books.verify().findings


def _check_laws(books: Books) -> None:
    """Words are those that there are, and time runs forward."""
    wrong: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("runs", {"kind": "other"}),
        ("decided", {"action": "maybe"}),
        ("verdicts", {"answer": "yes"}),
        ("verdicts", {"expires": AT}),
        ("intents", {"expires": AT}),
        ("receipts", {"fate": "lost"}),
        ("applied", {"cause": "luck"}),
        ("switches", {"state": "go"}),
        ("switches", {"by": " "}),
        ("exceptions", {"expires": AT + 8 * DAY}),
        ("exceptions", {"expires": AT}),
        ("exceptions", {"floor": 0}),
    )
    for table, change in wrong:
        with refused(f"{change} in {table}"):
            books.append(ACT, {table: made(table, change)})
    books.append(ACT, {"decided": made("decided", {"action": "hold", "price": None})})


def _check_people(books: Books) -> None:
    """Where two people are needed, one is refused (P24)."""
    for same in ("anna", "Anna", " ANNA "):
        for table in ("verdicts", "exceptions", "attested"):
            with refused(f"{table}: {same!r} agrees with anna"):
                books.append(ACT, {table: made(table, {"requester": "anna", "approver": same})})
    books.append(ACT, {"runs": made("runs", {"by": "Bert"})})
    with refused("who made a run accepts it under another requester"):
        books.append(ACT, {"verdicts": made("verdicts")})
    with refused("the same in one act"):
        books.append(
            ACT, {"runs": made("runs", {"run": "2", "by": "carl"}), "verdicts": made("verdicts", {"run": "2", "approver": "carl"})}
        )
    books.append(ACT, {"verdicts": made("verdicts", {"answer": "reject", "requester": "bert"})})
    books.append(ACT, {"verdicts": made("verdicts", {"verdict": "v-2", "approver": "carl"})})
    _check_release(books)


def _check_release(books: Books) -> None:
    steps = [("anna", "stop", True), ("anna", "release", False), ("anna", "release_asked", True), ("Anna ", "release", False)]
    steps += [("bert", "release", True), ("carl", "release", False), ("anna", "stop", True), ("bert", "release", False)]
    steps += [("bert", "release_asked", True), ("carl", "stop", True), ("anna", "release", False), ("bert", "release_asked", True)]
    steps += [("anna", "release", True)]
    for number, (by, state, allowed) in enumerate(steps):
        row = made("switches", {"switch": f"s-{number}", "by": by, "state": state})
        if allowed:
            books.append(ACT, {"switches": row})
        else:
            with refused(f"step {number}: {by} does {state}"):
                books.append(ACT, {"switches": row})
    with refused("a release of another scope"):
        books.append(
            ACT, {"switches": made("switches", {"switch": "x", "by": "bert", "scope": "target", "name": "web", "state": "release"})}
        )
    both = made("switches", {"switch": "y", "state": "release_asked"}, {"switch": "z", "by": "bert", "state": "release"})
    books.append(ACT, {"switches": both})


def _check_reads(books: Books) -> None:
    """Rows are found by values of any kind, in the order in which they were written."""
    rows = [{"intent": f"i{number}", "sku": f"s{number % 3}", "version": number, "previous": number or None} for number in range(9, -1, -1)]
    books.append(ACT, {"intents": made("intents", *rows[:5])})
    books.append(ACT, {"intents": made("intents", *rows[5:])})

    def found(where: Mapping[str, object] | None) -> list[str]:
        return books.read("intents", where)["intent"].to_list()

    assert found(None) == [f"i{number}" for number in range(9, -1, -1)]
    assert found({"sku": "s1"}) == ["i7", "i4", "i1"]
    assert found({"sku": ["s1", "s2"], "version": [1, 2, 4]}) == ["i4", "i2", "i1"]
    assert found({"previous": None}) == ["i0"] and found({"previous": [None, 3]}) == ["i3", "i0"]
    assert found({"at": AT, "version": 5}) == ["i5"] and found({"at": AT + DAY}) == [] and found({"sku": []}) == []
    assert found({"intent": ["i2", *(f"none-{number}" for number in range(25_000)), "i8"]}) == ["i8", "i2"]
    assert books.read("audit", {"seq": [2]}).height == books.read("audit", after=1).height == 1
    assert books.read("intents", {"sku": "s1"}, after=1)["intent"].to_list() == ["i4", "i1"] and books.read("intents", after=2).is_empty()
    narrow = books.read("intents", {"sku": "s1"}, after=1, columns=("version", "intent"))
    assert narrow.columns == ["intent", "version", "seq"] and narrow.rows() == [("i4", 4, 2), ("i1", 1, 2)], "named columns in their order"
    assert books.read("audit", columns=("chain",)).columns == ["seq", "chain"]
    assert books.read("intents", {"sku": []}, columns=("sku",)).is_empty()
    with refused("a column that is not there", UnknownChoice):
        books.read("intents", columns=("sku", "cost"))
    for where in ({"cost": 1}, {"seq": 1}):
        with refused(f"a column such as {where}", UnknownChoice):
            books.read("intents", where)
    with refused("a table that is not there", UnknownChoice):
        books.read("outbox")
    with refused("a value of another type"):
        books.read("intents", {"version": "one"})


def _check_chain(books: Books) -> None:
    """A sound ledger verifies; its signed heads say where it stood."""
    seen = books.verify()
    assert (seen.acts, seen.rows, seen.checkpoints, seen.findings) == (0, 0, 0, ())
    assert books.checkpoint(AT) == 0, "nothing to sign"
    for number in range(3):
        books.append(ACT, {"runs": made("runs", {"run": f"r{number}"}), "receipts": made("receipts", {"attempt": number})})
    assert books.checkpoint(AT) == books.checkpoint(AT + DAY) == 3, "a head is signed once"
    books.append(ACT, {"switches": made("switches")})
    books.checkpoint(AT)
    seen = books.verify()
    assert (seen.acts, seen.rows, seen.checkpoints, seen.findings) == (4, 7, 2, ())
    audit = books.read("audit")
    assert seen.head == audit["chain"][-1] and audit["previous"][1:].to_list() == audit["chain"][:-1].to_list()
    assert [found.code for found in books.verify(key="00" * 32).findings] == ["unknown_key"] * 2
