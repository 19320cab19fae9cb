"""The error tree. Every error says what is wrong, where, and what to do.

PricesmithError
├── DataError        a file or table cannot be used               exit status 1
├── PolicyError      shop.toml cannot be used                     exit status 1
├── ShopError        a shop cannot be reached or refuses          exit status 1
│   └── ShopBusy     a shop asks to wait                          exit status 1
├── ProviderError    who signs people in cannot be believed       exit status 1
├── LedgerError      the ledger cannot be used or was changed     exit status 1
├── UnknownChoice    a name that is not among the valid choices   exit status 1
└── UsageError       the command was called wrongly               exit status 2
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PricesmithError(Exception):
    """An expected failure: one line for the user, never a traceback.

    what   the fact, in one clause
    where  file, line, column or policy path (`$.rule[2].step`); may be empty
    hint   what to do about it; may be empty
    """

    exit_status = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(self.line)

    def put(self, where: str) -> None:
        """Say the place more exactly."""
        self.where = where
        self.args = (self.line,)

    @property
    def line(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


class DataError(PricesmithError):
    """A file or table cannot be used."""


class PolicyError(PricesmithError):
    """The policy (shop.toml) cannot be used."""


class ShopError(PricesmithError):
    """A shop cannot be reached, refuses who asks, or answers what cannot be understood. What was sent may or may not have been applied."""


class ShopBusy(ShopError):
    """A shop asks to wait.

    wait  seconds until the next call may be made; None where the shop does not say
    """

    def __init__(self, what: str, *, wait: float | None = None, where: str = "", hint: str = "") -> None:
        self.wait = wait
        super().__init__(what, where=where, hint=hint)


class ProviderError(PricesmithError):
    """The provider that signs people in cannot be reached, refuses, or says what cannot be believed."""


class LedgerError(PricesmithError):
    """The ledger cannot be read or written, or is not as it was written."""


class Contradiction(ValueError):
    """A field of the policy that cannot be as it is beside the others; raised by a rule about itself, reported with its place.

    field  name of the field as it stands in shop.toml
    what   the fact, in one clause
    hint   what to do about it; may be empty
    """

    def __init__(self, field: str, what: str, hint: str = "") -> None:
        self.field, self.what, self.hint = field, what, hint
        super().__init__(what)


class UsageError(PricesmithError):
    """The command was called wrongly."""

    exit_status = 2


class UnknownChoice(PricesmithError):
    """A name that is none of the valid choices; the nearest ones are suggested, unless a hint says better what is meant."""

    def __init__(self, kind: str, name: str, choices: Iterable[str], *, where: str = "", hint: str = "") -> None:
        valid = sorted(choices)
        near = difflib.get_close_matches(name, valid, n=3)
        listed = valid if len(valid) <= 40 else [*valid[:40], "..."]
        told = (f"did you mean {', '.join(near)}? " if near else "") + (f"valid: {', '.join(listed)}" if listed else "there is none yet")
        self.kind = kind
        super().__init__(f"unknown {kind} {name!r}", where=where, hint=hint or told)
