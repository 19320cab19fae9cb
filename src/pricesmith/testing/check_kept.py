"""What kept texts must keep to: everybody has their own."""

from __future__ import annotations

import datetime as dt

from pricesmith.contracts.accounts import Accounts
from pricesmith.contracts.errors import UsageError

from ._refused import refused

AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def check_kept(accounts: Accounts) -> None:
    """Raise AssertionError with the promise that kept texts break."""
    kept = accounts.kept
    mine = kept.put("view", "Anna", "b moves", "first", AT)
    other = kept.put("view", "ben", "b moves", "his", AT)
    draft = kept.put("policy", "anna", "b moves", "currency = 'EUR'\n中文", AT)
    assert len({mine, other, draft}) == 3 and kept.put("view", "anna ", "b moves", "second", AT + DAY) == mine, "replaced"
    early = kept.put("view", "anna", "a", "", AT)
    assert kept.all("view", "ANNA").rows() == [(early, "a", AT), (mine, "b moves", AT + DAY)], "by name"
    assert kept.all("view", "anna").columns == ["handle", "name", "at"]
    assert kept.get("view", "anna", mine) == "second" and kept.get("policy", "anna", draft) == "currency = 'EUR'\n中文"
    for kind, owner, handle in (("view", "ben", mine), ("policy", "anna", mine), ("view", "anna", other), ("view", "", mine)):
        assert kept.get(kind, owner, handle) is None and not kept.drop(kind, owner, handle), "another's is as if it were not there"
    assert kept.get("view", "ben", other) == "his" and kept.get("view", "anna", mine) == "second"
    assert kept.drop("view", "anna", mine) and not kept.drop("view", "anna", mine) and kept.get("view", "anna", mine) is None
    _check_bounds(accounts)


def _check_bounds(accounts: Accounts) -> None:
    kept = accounts.kept
    kept.put("view", "carl", "long", "x" * 200_000, AT)
    for kind, owner, name, text in (
        *(("view", "carl", "x", text) for text in ("x" * 200_001, "a\0b", "\ud800")),
        *(("view", "carl", name, "x") for name in ("", " ", "x" * 101, "a\0")),
        *((kind, "carl", "x", "x") for kind in ("", "x" * 101)),
        ("view", "", "x", "x"),
    ):
        with refused(f"{kind[:9]!r} {owner!r} {name[:9]!r} {text[:9]!r}", UsageError):
            kept.put(kind, owner, name, text, AT)
    for number in range(199):
        kept.put("view", "carl", f"{number:03}", "x", AT)
    with refused("201 of a kind", UsageError):
        kept.put("view", "carl", "one more", "x", AT)
    kept.put("view", "carl", "198", "y", AT)
    kept.put("policy", "carl", "one more", "x", AT)
    assert kept.all("view", "carl").height == 200
