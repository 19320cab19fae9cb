"""Errors -> problem+json (RFC 9457): what, where, what to do; never a trace of the program."""

from __future__ import annotations

import msgspec

from pricesmith.contracts.errors import LedgerError, PricesmithError, ProviderError, ShopBusy, ShopError, UnknownChoice

MEDIA = "application/problem+json"
GONE, FAULT = "folder_gone", "fault"
"""Codes of problems in which the shop folder itself may not be readable."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an error.

    code    stable: `unknown_choice`, `not_allowed`, `too_many_requests`, ...
    kind    what the name should be of that is none: `product`, `run`, ...; "" for any other error
    detail  the fact, in one clause;  where  its place;  hint  what to do;  to  page of the desk on which to go on
    """

    status: int
    code: str
    title: str
    detail: str = ""
    where: str = ""
    hint: str = ""
    kind: str = ""
    type: str = "about:blank"
    to: str = ""


class Refused(Exception):
    """A request that is answered with a problem: nothing was done.

    form  address of the form as it was filled in, on which a person is told; "" for a page of its own
    """

    form = ""

    def __init__(
        self, status: int, code: str, detail: str = "", hint: str = "", headers: dict[str, str] | None = None, to: str = "", where: str = ""
    ) -> None:
        self.problem = Problem(status, code, code.replace("_", " "), detail, where, hint, to=to)
        self.headers = headers or {}
        super().__init__(detail or code)


def on_form(error: PricesmithError, address: str) -> Refused:
    """What is wrong with a form, told beside the field where it is."""
    found = of(error)
    refused = Refused(found.status, found.code)
    refused.problem, refused.form = found, address
    return refused


STATUS: tuple[tuple[type[PricesmithError], int, str], ...] = (
    (UnknownChoice, 404, "unknown_choice"),
    (LedgerError, 503, "ledger"),
    (ShopBusy, 503, "shop_busy"),
    (ShopError, 502, "shop"),
    (ProviderError, 502, "provider"),
)


VALUES = frozenset({"column", "category", "role", "scope", "answer", "currency", "language of reports"})
"""Kinds of names that are no things of the shop: a wrong one is a wrong question, not a wrong place."""


def of(error: PricesmithError) -> Problem:
    """The problem that an expected failure is; 422 where what was asked cannot be."""
    if isinstance(error, UnknownChoice) and error.kind in VALUES:
        return Problem(422, "unknown_choice", "unknown choice", error.what, error.where, error.hint)
    for kind, status, code in STATUS:
        if isinstance(error, kind):
            name = error.kind if isinstance(error, UnknownChoice) else ""
            return Problem(status, code, code.replace("_", " "), error.what, error.where, error.hint, name)
    code = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__).strip("_")
    return Problem(422, code, code.replace("_", " "), error.what, error.where, error.hint)
