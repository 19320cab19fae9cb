"""What verify says of rows that are not as they were written, finding by finding; the same through a database is in tests/faults."""

from __future__ import annotations

import hashlib

import pytest

from pricesmith.adapters.ledgers.chain import GENESIS, digest_of, encode, link, parts, table_digest
from pricesmith.adapters.ledgers.checkpoints import Checkpoint, judged, signed
from pricesmith.adapters.ledgers.rows import Row
from pricesmith.adapters.ledgers.signing import signer_at
from pricesmith.adapters.ledgers.verify import verified
from pricesmith.contracts.ledger import Finding, Verification

Rows = dict[str, list[Row]]


def ledger() -> tuple[list[Row], Rows]:
    """Four acts: two rows of a, one row of each of a and b, none, one of b. Audit rows; rows as nr, seq, value."""
    acts: list[Rows] = [{"a": [("p",), ("q",)]}, {"a": [("r",)], "b": [("s",)]}, {}, {"b": [("t",)]}]
    audit: list[Row] = []
    tables: Rows = {"a": [], "b": []}
    previous = GENESIS
    for seq, given in enumerate(acts, 1):
        for name, rows in given.items():
            tables[name] += [(len(tables[name]) + place, seq, *row) for place, row in enumerate(rows, 1)]
        fields = (seq, 5, "anna", "noted", "it", digest_of(given), previous)
        previous = link(fields)
        audit.append((*fields, previous))
    return audit, tables


def said(audit: list[Row], tables: Rows, *heads: Checkpoint) -> list[tuple[int, str, str, str]]:
    return [(one.seq, one.table, one.code, one.what) for one in verified(audit, tables, heads).findings]


def differ(was: int, now: int) -> str:
    return f"{was} rows were written, {now} stand there, and their digest differs"


def test_a_sound_ledger() -> None:
    audit, tables = ledger()
    heads = [Checkpoint(row[0], 5, row[7], "", "") for row in (audit[0], audit[3])]
    assert verified(audit, tables, heads) == Verification(4, 5, 2, audit[3][7], ())
    assert verified([], {}, []) == Verification(0, 0, 0, GENESIS, ())


def test_an_edited_row() -> None:
    audit, tables = ledger()
    tables["a"][1] = (2, 1, "x")
    assert said(audit, tables) == [(1, "a", "edited", differ(2, 2))]


def test_missing_rows() -> None:
    audit, tables = ledger()
    del tables["a"][0]
    assert said(audit, tables) == [(1, "a", "missing", "row 1 is not there; row 2 follows"), (1, "a", "missing", differ(2, 1))]
    audit, tables = ledger()
    del tables["b"][0]
    assert said(audit, tables) == [(4, "b", "missing", "row 1 is not there; row 2 follows"), (2, "b", "missing", differ(1, 0))]
    audit, tables = ledger()
    del tables["b"][1]
    assert said(audit, tables) == [(4, "b", "missing", differ(1, 0))]


def test_added_rows() -> None:
    audit, tables = ledger()
    tables["b"].append((3, 4, "u"))
    assert said(audit, tables) == [(4, "b", "added", differ(1, 2))]
    tables["b"][2] = (3, 5, "u")
    assert said(audit, tables) == [(5, "b", "added", "rows stand there without an audit row")]
    tables["b"].append((4, 6, "v"))
    assert [one[:3] for one in said(audit, tables)] == [(5, "b", "added"), (6, "b", "added")]


def test_rows_added_to_an_act_that_has_none_of_that_table() -> None:
    audit, tables = ledger()
    tables["a"].append((4, 3, "u"))
    assert said(audit, tables) == [(3, "a", "added", differ(0, 1))]


def test_misplaced_rows() -> None:
    audit, tables = ledger()
    tables["b"] = [(1, 4, "t"), (2, 2, "s")]
    found = said(audit, tables)
    assert (2, "b", "misplaced", "row 2 stands after rows of audit row 4") in found and (2, "b", "missing", differ(1, 0)) in found


def test_an_act_that_was_taken_out() -> None:
    audit, tables = ledger()
    del audit[1]
    assert said(audit, tables) == [
        (3, "audit", "gap", "audit row 2 is not there; 3 follows"),
        (3, "audit", "chain", "does not follow the audit row before it"),
        (2, "a", "added", "rows stand under an audit row that has none of them"),
        (2, "b", "added", "rows stand under an audit row that has none of them"),
    ]


def test_an_edited_audit_row() -> None:
    audit, tables = ledger()
    audit[1] = (2, 5, "bert", *audit[1][3:])
    assert said(audit, tables) == [(2, "audit", "edited", "its chain value is not that of its fields")]


def test_signed_heads() -> None:
    audit, tables = ledger()
    heads = [Checkpoint(4, 5, "0" * 64, "", ""), Checkpoint(5, 5, audit[3][7], "", ""), Checkpoint(3, 5, audit[2][7], "", "")]
    assert said(audit, tables, *heads) == [
        (4, "audit", "rewritten", "the chain is not the one that was signed here"),
        (5, "audit", "truncated", "audit row 5 was signed, and the ledger ends at 4"),
    ]


def test_which_checkpoints_hold(tmp_path) -> None:
    mine, other = signer_at(tmp_path / "a.key"), signer_at(tmp_path / "b.key")
    first, second, foreign = signed(1, 5, "c", mine), signed(2, 5, "d", mine), signed(2, 5, "d", other)
    bent = second._replace(chain="e")
    assert judged([first], [first, second], mine.key) == (
        [first, second],
        [Finding(2, "checkpoints", "missing", "an exported checkpoint is not in the ledger")],
    )
    assert judged([first, foreign], [], mine.key) == ([first], [Finding(2, "checkpoints", "unknown_key", "signed with another key")])
    assert judged([foreign, bent], [], None) == ([foreign], [Finding(2, "checkpoints", "signature", "the signature does not fit")])
    assert judged([first, second], [second], None) == ([first, second], [])


@pytest.mark.parametrize("odd", ["a:²:ff", "a:1:b:c", "a:1", "a:-1:ff", "a::ff", ""])
def test_parts_of_what_is_no_digest(odd: str) -> None:
    assert parts(odd) == {}


def test_digest_of_a_table() -> None:
    sha = hashlib.sha256(encode(("p",)))
    assert parts(table_digest("a", 1, sha)) == {"a": (1, sha.hexdigest())} == parts(digest_of({"a": [("p",)]}))
