"""Acts on people and keys. What is asked for stands in the ledger before it is done, and what was done after it; a secret never does.

    asked_person    added_person      clara as approver
    asked_change    changed_person    clara: role approver, new password
    asked_key       made_key          clara: read, quote, for till; after it was made with its handle
    asked_revoke    revoked_key       its handle

A first row without its second is an act that was refused, or that a failure cut off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pricesmith.contracts.accounts import ROLES, SCOPES, Accounts, Role, Scope
from pricesmith.contracts.errors import UnknownChoice, UsageError
from pricesmith.contracts.ledger import Act, Ledger

_MOST = 100
"""Characters of what people typed that an audit row shows."""


def add_person(accounts: Accounts, ledger: Ledger, name: str, password: str, role: str, *, by: str, at: dt.datetime) -> None:
    """Raises UnknownChoice or UsageError where the person cannot be added."""
    given, subject = role_of(role), f"{_plain(name)} as {_plain(role)}"
    told(ledger, at, by, "asked_person", subject)
    accounts.people.add(name, password, given, at)
    told(ledger, at, by, "added_person", subject)


def change_person(
    accounts: Accounts,
    ledger: Ledger,
    name: str,
    *,
    role: str | None = None,
    password: str | None = None,
    active: bool | None = None,
    by: str,
    at: dt.datetime,
) -> None:
    """Raises UnknownChoice or UsageError where the person cannot be changed so, or nothing is to change."""
    given = None if role is None else role_of(role)
    asked = [
        *([] if role is None else [f"role {role}"]),
        *([] if password is None else ["new password"]),
        *([] if active is None else ["active" if active else "inactive"]),
    ]
    if not asked:
        raise UsageError("nothing is to change", hint="a role, a password, active or inactive")
    subject = f"{_plain(name)}: {', '.join(asked)}"
    told(ledger, at, by, "asked_change", subject)
    accounts.people.change(name, role=given, password=password, active=active)
    told(ledger, at, by, "changed_person", subject)


def make_key(
    accounts: Accounts,
    ledger: Ledger,
    owner: str,
    label: str,
    scopes: Iterable[str],
    *,
    expires: dt.datetime | None = None,
    by: str,
    at: dt.datetime,
) -> tuple[str, str]:
    """Handle and key; the key is shown this once. Raises UnknownChoice or UsageError where the owner cannot have it."""
    given = scopes_of(scopes)
    until = "" if expires is None else f" until {expires:%Y-%m-%d}"
    what = ", ".join(scope for scope in SCOPES if scope in given) or "nothing"
    subject = f"{_plain(owner)}: {what}, for {_plain(label)}{until}"
    told(ledger, at, by, "asked_key", subject)
    handle, key = accounts.keys.make(owner, label, given, at, expires)
    told(ledger, at, by, "made_key", f"{handle} of {subject}")
    return handle, key


def revoke_key(accounts: Accounts, ledger: Ledger, handle: str, *, owner: str | None = None, by: str, at: dt.datetime) -> bool:
    """Whether there was one that still worked.

    handle  a whole key will do, and only its public part is read
    owner   only a key of this person; None: anybody's
    """
    handle = public_part(handle)
    subject = _plain(handle) if owner is None else f"{_plain(handle)} of {_plain(owner)}"
    told(ledger, at, by, "asked_revoke", subject)
    done = accounts.keys.revoke(handle, owner)
    if done:
        told(ledger, at, by, "revoked_key", subject)
    return done


def public_part(key: str) -> str:
    """The handle in a key, or a handle as it is."""
    return key.removeprefix("ps_").partition("_")[0]


def role_of(text: str) -> Role:
    """Raises UnknownChoice with the roles that there are."""
    for role in ROLES:
        if text == role:
            return role
    raise UnknownChoice("role", text, ROLES)


def scopes_of(texts: Iterable[str]) -> frozenset[Scope]:
    """Raises UnknownChoice with the scopes that there are."""
    asked = set(texts)
    unknown = sorted(asked - set(SCOPES))
    if unknown:
        raise UnknownChoice("scope", unknown[0], SCOPES)
    return frozenset(scope for scope in SCOPES if scope in asked)


def told(ledger: Ledger, at: dt.datetime, by: str, act: str, subject: str) -> None:
    """Put an act without rows into the ledger. Raises UsageError where nobody did it."""
    if not by.strip():
        raise UsageError("nobody is named", hint="--by NAME")
    ledger.append(Act(at, by, act, subject), {})


def _plain(text: str) -> str:
    """What somebody typed, on one line and not too long."""
    seen = "".join(letter if letter.isprintable() else "?" for letter in text.strip())
    return f"{seen[:_MOST]}..." if len(seen) > _MOST else seen or "(empty)"
