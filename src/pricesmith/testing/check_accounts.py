"""What all accounts must keep to: nobody without the right secret, no scope that the role lacks, nothing of another person.

check_accounts(lambda pause: open_accounts("ledger.db", new_folder, pause))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pricesmith.contracts.accounts import ROLES, SCOPES, Accounts, Scope
from pricesmith.contracts.errors import UnknownChoice, UsageError

from ._refused import refused
from .check_kept import check_kept
from .check_replies import Make, check_replies

AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
PASSWORD, OTHER = "correct horse battery", "another horse battery"
ISSUER = "https://login.example"
JUNK = ("", " ", "x" * 5000, "nobody", "a\0b", "\ud800", "ps_", "ps_0123456789abcdef_", "' OR 1=1 --", "安娜")
READ: frozenset[Scope] = frozenset({"read"})


def check_accounts(make: Make) -> None:
    """Raise AssertionError with the promise that accounts break.

    make  opens empty accounts, new ones each time, which wait by the given function
    """
    checks: tuple[Callable[[Accounts], None], ...] = (
        _check_people,
        _check_sign_in,
        _check_failures,
        _check_changes,
        _check_identities,
        _check_sessions,
        _check_keys,
        _check_key_scopes,
        _check_junk,
        check_kept,
    )
    for check in checks:
        check(make(_no_pause))
    check_replies(make)


def _no_pause(seconds: float) -> None:
    raise AssertionError(f"waits {seconds} s where nothing is under way")


def _check_people(accounts: Accounts) -> None:
    """Names are unique however they are typed; what cannot be is refused and changes nothing."""
    people = accounts.people
    people.add(" Zoë  Li ", PASSWORD, "viewer", AT)
    people.add("anna", PASSWORD, "admin", AT + MINUTE)
    for name in ("ANNA", " anna ", "ａｎｎａ", "Zoe\u0308 Li", "zoë li", "", "  ", "a\0", "a\u200b", "x" * 101):
        with refused(f"the name {name!r}", UsageError):
            people.add(name, PASSWORD, "viewer", AT)
    for password in ("", "x" * 11, "x" * 1025):
        with refused(f"a password of {len(password)} characters", UsageError):
            people.add("ben", password, "viewer", AT)
    with refused("a role that is none", UnknownChoice):
        people.add("ben", PASSWORD, "owner", AT)  # type: ignore[arg-type]
    people.add("x" * 100, "x" * 12, "analyst", AT)
    found = people.all()
    assert found.columns == ["name", "role", "active", "made_at", "seen_at"]
    shown = [("anna", "admin", True, AT + MINUTE, None), ("x" * 100, "analyst", True, AT, None), ("Zoë Li", "viewer", True, AT, None)]
    assert found.rows() == shown, "sorted by name, names as they were typed, without doubled spaces"


def _check_sign_in(accounts: Accounts) -> None:
    """Name and password, and an active person; what the person may do is what the role may."""
    people = accounts.people
    for role in ROLES:
        people.add(role, PASSWORD, role, AT)
    for role, scopes in ROLES.items():
        who = people.check(role.upper(), PASSWORD, AT + HOUR)
        assert who is not None and (who.name, who.scopes, who.via) == (role, scopes, "session")
        assert all(who.may(scope) == (scope in scopes) for scope in SCOPES)
    assert people.check("viewer", OTHER, AT) is None and people.check("nobody", PASSWORD, AT) is None
    assert set(people.all()["seen_at"]) == {AT + HOUR}, "who fails is not seen"
    people.add("typed", "Zoe\u0308 and the horse", "viewer", AT)
    assert people.check("typed", "Zoë and the horse", AT), "the same characters, typed otherwise"


def _check_failures(accounts: Accounts) -> None:
    """After 5 failures in 15 minutes a name is closed, also for who knows the password, also where all come at once."""
    people = accounts.people
    people.add("anna", PASSWORD, "admin", AT)
    people.add("ben", PASSWORD, "viewer", AT)
    for minute in range(4):
        assert people.check("anna", OTHER, AT + minute * MINUTE) is None
    assert people.check("Anna", PASSWORD, AT + 4 * MINUTE), "4 failures close nothing"
    assert people.check("ANNA", OTHER, AT + 5 * MINUTE) is None
    for minute in (5, 10, 14):
        assert people.check("anna", PASSWORD, AT + minute * MINUTE) is None, "5 failures close the name"
    assert people.check("ben", PASSWORD, AT + 5 * MINUTE), "but no other"
    assert people.check("anna", PASSWORD, AT + 15 * MINUTE), "15 minutes after the first failure there are 4"
    assert people.check("anna", PASSWORD, AT + 16 * MINUTE), "who was refused while it was closed has not failed again"
    with ThreadPoolExecutor(16) as pool:
        tried = list(pool.map(lambda _: people.check("ben", OTHER, AT + HOUR), range(16)))
    assert tried == [None] * 16 and people.check("ben", PASSWORD, AT + HOUR) is None


def _check_changes(accounts: Accounts) -> None:
    """A change holds at once and ends the sessions; somebody is always left who can change accounts."""
    people, sessions = accounts.people, accounts.sessions
    people.add("ben", PASSWORD, "analyst", AT)
    people.change("ben", role="viewer")
    assert people.all()["role"].to_list() == ["viewer"], "where no admin was, none is lost"
    people.add("anna", PASSWORD, "admin", AT)
    with refused("somebody who is not there", UnknownChoice):
        people.change("carl", role="admin")
    with refused("a role that is none", UnknownChoice):
        people.change("ben", role="owner")  # type: ignore[arg-type]
    with refused("a short password", UsageError):
        people.change("ben", password="x" * 11)
    for less in ({"role": "viewer"}, {"active": False}):
        with refused(f"{less} for the last admin", UsageError):
            people.change("anna", **less)
    hers, his = sessions.begin("anna", AT), sessions.begin("ben", AT)
    people.change("BEN", password=OTHER)
    assert people.check("ben", PASSWORD, AT) is None and people.check("ben", OTHER, AT), "a new password holds at once"
    assert sessions.of(his, AT) is None and sessions.of(hers, AT), "the sessions of who was changed end, and no other"
    his = sessions.begin("ben", AT)
    people.change("ben", role="admin")
    assert sessions.of(his, AT) is None
    people.change("anna", active=False)
    assert sessions.of(hers, AT) is None and people.check("anna", PASSWORD, AT) is None
    with refused("a session of an inactive person", UsageError):
        sessions.begin("anna", AT)
    with refused("the last active admin made a viewer", UsageError):
        people.change("ben", role="viewer")
    people.change("anna", active=True)
    assert people.check("anna", PASSWORD, AT) and sessions.of(hers, AT) is None, "what ended stays so"
    assert people.all().select("name", "role", "active").rows() == [("anna", "admin", True), ("ben", "admin", True)]


def _check_identities(accounts: Accounts) -> None:
    """Bound by issuer and subject, both as they are; whoever has a name keeps it."""
    identities, people = accounts.identities, accounts.people
    people.add("anna", PASSWORD, "admin", AT)
    identities.add(ISSUER, "u-1", "Ben", "analyst", AT)
    assert identities.known(ISSUER, "u-1") == ("Ben", "analyst")
    for issuer, subject in ((ISSUER, "U-1"), (ISSUER, "u-1 "), (ISSUER + "/", "u-1"), ("", ""), (ISSUER, "u-%")):
        assert identities.known(issuer, subject) is None
    for name in ("anna", "ANNA", "ｂｅｎ", "", "a\0", "x" * 101):
        with refused(f"the name {name!r}", UsageError):
            identities.add(ISSUER, "u-2", name, "viewer", AT)
    for subject in ("", "x" * 256, "a\0b", "a\nb"):
        with refused(f"the subject {subject[:5]!r}", UsageError):
            identities.add(ISSUER, subject, "carl", "viewer", AT)
    with refused("a role that is none", UnknownChoice):
        identities.add(ISSUER, "u-2", "carl", "owner", AT)  # type: ignore[arg-type]
    assert people.all()["name"].to_list() == ["anna", "Ben"] and identities.known(ISSUER, "u-2") is None
    assert people.check("Ben", PASSWORD, AT) is None, "nobody knows a password"
    assert accounts.sessions.of(accounts.sessions.begin("ben", AT), AT)
    people.change("ben", role="approver", password=PASSWORD)
    assert identities.known(ISSUER, "u-1") == ("Ben", "approver") and people.check("Ben", PASSWORD, AT)


def _check_sessions(accounts: Accounts) -> None:
    """12 hours, or 2 without an act; only the token opens one."""
    people, sessions = accounts.people, accounts.sessions
    people.add("anna", PASSWORD, "admin", AT)
    people.add("ben", PASSWORD, "analyst", AT)
    with refused("a session of nobody", UnknownChoice):
        sessions.begin("carl", AT)
    idle, busy, other = sessions.begin("ben", AT), sessions.begin("Ben", AT), sessions.begin("anna", AT)
    assert len({idle, busy, other}) == 3 and min(map(len, (idle, busy, other))) >= 43, "256 random bits"
    who = sessions.of(busy, AT)
    assert who is not None and (who.name, who.scopes, who.via) == ("ben", ROLES["analyst"], "session")
    for token in (busy[:-1], busy + "x", busy.swapcase() + "x", who.handle):
        assert sessions.of(token, AT) is None
    assert sessions.of(idle, AT + 2 * HOUR - dt.timedelta(seconds=1)) is not None
    assert sessions.of(other, AT + 2 * HOUR) is None, "2 hours without an act"
    for hours in range(1, 12):
        found = sessions.of(busy, AT + hours * HOUR)
        assert found is not None and found.handle == who.handle, "an act keeps it, and its public id stays"
    assert sessions.of(busy, AT + 12 * HOUR - MINUTE) and sessions.of(busy, AT + 12 * HOUR) is None, "12 hours in all"
    token = sessions.begin("ben", AT + 13 * HOUR)
    sessions.end(token)
    sessions.end(token)
    assert sessions.of(token, AT + 13 * HOUR) is None


def _check_keys(accounts: Accounts) -> None:
    """The whole key, in time, not revoked, of an active owner; shown once, listed without it."""
    people, keys = accounts.people, accounts.keys
    people.add("Anna", PASSWORD, "admin", AT)
    people.add("ben", PASSWORD, "analyst", AT)
    first, key = keys.make("anna", "till", READ, AT, None)
    second, brief = keys.make("ben", "", frozenset({"read", "draft"}), AT + MINUTE, AT + HOUR)
    assert key.startswith(f"ps_{first}_") and len(key.removeprefix(f"ps_{first}_")) == 43
    who = keys.of(key, AT)
    assert who is not None and (who.name, who.scopes, who.via, who.handle) == ("Anna", READ, "key", first)
    swapped = f"ps_{first}_{brief.removeprefix(f'ps_{second}_')}"
    for wrong in (key[:-1], key + "x", key.upper(), first, swapped, brief.replace(second, first)):
        assert keys.of(wrong, AT) is None, "only the whole key"
    assert keys.of(brief, AT + HOUR - MINUTE) and keys.of(brief, AT + HOUR) is None, "until it expires"
    listed = keys.all(None)
    assert listed.columns == ["handle", "owner", "label", "scopes", "made_at", "expires", "revoked", "seen_at"]
    assert listed.rows() == [
        (second, "ben", "", ["read", "draft"], AT + MINUTE, AT + HOUR, False, AT + HOUR - MINUTE),
        (first, "Anna", "till", ["read"], AT, None, False, AT),
    ], "newest first"
    assert keys.all("BEN")["handle"].to_list() == [second] and keys.all("carl").is_empty()
    for seconds, seen in ((59, 0), (60, 60), (90, 60)):
        keys.of(key, AT + dt.timedelta(seconds=seconds))
        assert keys.all("anna")["seen_at"].item() == AT + dt.timedelta(seconds=seen), "last-seen is written at most once a minute"
    assert not keys.revoke(first, "ben") and keys.of(key, AT), "nobody revokes another's"
    people.change("ben", active=False)
    assert keys.of(brief, AT) is None, "the key of an inactive person is none"
    people.change("ben", active=True)
    assert keys.of(brief, AT)
    assert keys.revoke(first, "anna") and keys.of(key, AT) is None and not keys.revoke(first, None)
    assert keys.revoke(second, None) and not keys.revoke("0" * 16, None)
    assert keys.all(None)["revoked"].to_list() == [True, True]


def _check_key_scopes(accounts: Accounts) -> None:
    """A key never may what its owner may not, now or later, and none may look after accounts."""
    people, keys = accounts.people, accounts.keys
    people.add("root", PASSWORD, "admin", AT)
    for role, may in ROLES.items():
        people.add(role, PASSWORD, role, AT)
        for scope in SCOPES:
            wanted: frozenset[Scope] = frozenset({"read", scope})
            if scope in may and scope != "admin":
                who = keys.of(keys.make(role, "x", wanted, AT, None)[1], AT)
                assert who is not None and who.scopes == wanted
                continue
            with refused(f"a key of {role} that may {scope}", UsageError):
                keys.make(role, "x", wanted, AT, None)
    _, key = keys.make("approver", "x", frozenset({"read", "draft", "publish"}), AT, None)
    for role, left in (("viewer", {"read"}), ("analyst", {"read", "draft"}), ("admin", {"read", "draft", "publish"})):
        people.change("approver", role=role)
        who = keys.of(key, AT)
        assert who is not None and who.scopes == left, "what both may"
    for scopes in ((), ("owner",)):
        with refused(f"a key with scopes {scopes}", UsageError if not scopes else UnknownChoice):
            keys.make("root", "x", frozenset(scopes), AT, None)  # type: ignore[arg-type]
    for label, expires in (("x" * 101, None), ("a\0", None), ("x", AT), ("x", AT - HOUR)):
        with refused(f"label {label!r} until {expires}", UsageError):
            keys.make("root", label, READ, AT, expires)
    people.change("viewer", active=False)
    with refused("a key of an inactive person", UsageError):
        keys.make("viewer", "x", READ, AT, None)
    with refused("a key of nobody", UnknownChoice):
        keys.make("carl", "x", READ, AT, None)


def _check_junk(accounts: Accounts) -> None:
    """Whatever comes in from outside is answered, never an error of the program."""
    accounts.people.add("anna", PASSWORD, "admin", AT)
    for junk in JUNK:
        assert accounts.people.check(junk, junk, AT) is None
        assert accounts.sessions.of(junk, AT) is None and accounts.keys.of(junk, AT) is None
        accounts.sessions.end(junk)
        assert not accounts.keys.revoke(junk, None) and not accounts.keys.revoke(junk, junk)
        assert accounts.keys.all(junk).is_empty() and accounts.kept.all("view", junk).is_empty()
        assert accounts.kept.get("view", "anna", junk) is None and not accounts.kept.drop("view", junk, junk)
