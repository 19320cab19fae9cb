"""One route: who may use it, what it is asked, what it answers. Access, forms, JSON and the OpenAPI document are made from this record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from pricesmith.contracts.accounts import Scope

Method = Literal["GET", "POST", "DELETE"]


class Nothing(msgspec.Struct, frozen=True):
    """A route that is asked nothing beside its address."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address.

    name      unique; `today`, `prices.accept`
    scope     what the asker must be allowed; None: anybody, signed in or not
    handle    Ask -> a Struct (with a template: a page whose JSON twin it is), Done, File or Stream
    asks      record of the query (GET) or the form or JSON body (POST); unknown fields are refused
    gives     record of the answer
    template  of a page; "" where there is none
    section   part of the navigation that the page belongs to
    changes   the act changes something: it needs a token against forgery (or a key), and takes an Idempotency-Key
    large     bytes of a body
    secret    the answer shows a secret, so it is not kept for an Idempotency-Key
    guessing  somebody may try passwords here: asked for rarely from one address
    lenient   another site leads here, and may add fields of its own, which are not read
    instead   answer of a page -> address where a person goes on in place of it; "" to stay: a program gets the answer either way
    files     the form may bring one file along, as `multipart/form-data`
    parts     of a page that are sent alone where the header `Part` names one: `prices_rows.html` is part `rows` of `prices.html`
    """

    name: str
    method: Method
    path: str
    scope: Scope | None
    handle: Callable[[Any], Any]
    asks: type[msgspec.Struct] = Nothing
    gives: type[Any] | None = None
    template: str = ""
    section: str = ""
    large: int = 1_000_000
    secret: bool = False
    guessing: bool = False
    files: bool = False
    lenient: bool = False
    instead: Callable[[Any], str] | None = None
    parts: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def api(self) -> bool:
        """For programs: JSON alone."""
        return self.path.startswith("/api/")


def page(
    name: str, path: str, handle: Callable[[Any], Any], gives: type[Any], *,
    asks: type[msgspec.Struct] = Nothing, scope: Scope = "read", parts: tuple[str, ...] = (),
) -> Route:  # fmt: skip
    """A page: `templates/<name>.html`, in the section of its name."""
    return Route(name, "GET", path, scope, handle, asks, gives, f"{name}.html", name, parts=parts)


def act(name: str, path: str, scope: Scope | None, handle: Callable[[Any], Any], asks: type[msgspec.Struct] = Nothing) -> Route:
    """Something that a page lets people do."""
    return Route(name, "POST", path, scope, handle, asks)
