"""What may stand in the accounts. The database holds the same as CHECKs where it can; here the message is clearer."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable

from pricesmith.contracts.accounts import ROLES, SCOPES, Role, Scope
from pricesmith.contracts.errors import UnknownChoice, UsageError

PASSWORD_LEAST, PASSWORD_MOST = 12, 1024
"""Characters of a password."""

NAME_MOST = 100
"""Characters of a name or label."""

SUBJECT_MOST = 255
"""Characters by which a provider names itself or a person (OpenID Connect Core 1.0, 2)."""

KEPT_MOST, TEXT_MOST = 200, 200_000
"""Kept texts of a kind that one person may have, and characters of one."""

FAILURES, FAILURES_WITHIN = 5, dt.timedelta(minutes=15)
"""So many failures within that time, and a name is closed."""

SESSION_LONGEST, SESSION_IDLE = dt.timedelta(hours=12), dt.timedelta(hours=2)
SEEN_EVERY = dt.timedelta(minutes=1)
"""Last-seen is written at most so often."""

REPLIES_FOR, CLAIM_FOR = dt.timedelta(days=7), dt.timedelta(seconds=60)
"""How long an answer is kept; how long somebody may work on one before another may try."""


def shown(name: str) -> str:
    """A name as it is shown: without outer and doubled spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def folded(name: str) -> str:
    """The form by which names are compared: case, width and spaces do not matter. "" where it can be nobody's name."""
    found = shown(name)
    if not found.isprintable() or len(found) > NAME_MOST:
        return ""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", found).casefold())


def checked_name(name: str) -> str:
    """A person's name as it is shown."""
    if not folded(name).strip():
        raise UsageError("a name is empty, too long, or holds characters that cannot be seen", hint=f"1 to {NAME_MOST} characters")
    return shown(name)


def checked_label(label: str) -> str:
    """The label of a key, which may be empty, as it is shown."""
    if shown(label) and not folded(label):
        raise UsageError("a label is too long, or holds characters that cannot be seen", hint=f"up to {NAME_MOST} characters")
    return shown(label)


def checked_subject(what: str, text: str) -> str:
    """What a provider calls itself or somebody."""
    if not text.isprintable():
        raise UsageError(f"the {what} of a provider holds characters that cannot be seen", hint="look at the provider")
    return checked_text(f"the {what} of a provider", text, SUBJECT_MOST)


def checked_password(password: str) -> None:
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise UsageError("a password is too short or too long", hint=f"{PASSWORD_LEAST} to {PASSWORD_MOST} characters; a sentence is best")


def typed(password: str) -> bytes:
    """The same for every way to type the same characters (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def checked_role(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise UnknownChoice("role", role, ROLES)


def checked_scopes(owner: str, role: Role, scopes: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes of a key of this person, in the order of SCOPES."""
    asked = set(scopes)
    for scope in sorted(asked):
        if scope not in SCOPES:
            raise UnknownChoice("scope", scope, SCOPES)
    if not asked:
        raise UsageError("a key without a scope is of no use", hint=f"valid: {', '.join(key_scopes(role))}")
    lacking = sorted(asked - set(key_scopes(role)))
    if lacking:
        raise UsageError(
            f"a key of {owner} ({role}) cannot have {', '.join(lacking)}",
            hint=f"valid: {', '.join(key_scopes(role))}; `admin` is given to none",
        )
    return tuple(scope for scope in SCOPES if scope in asked)


def key_scopes(role: Role) -> tuple[Scope, ...]:
    """What a key of a person with this role may have."""
    return tuple(scope for scope in SCOPES if scope in ROLES[role] and scope != "admin")


def checked_text(what: str, text: str, most: int, least: int = 1) -> str:
    """A text that every database can hold."""
    if not least <= len(text) <= most:
        raise UsageError(f"{what} has {len(text)} characters", hint=f"{least} to {most}")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"{what} holds characters that cannot be kept", hint="the character 0, or half of a pair")
    return text
