"""GraphQL: a status of 200 is no success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pricesmith.contracts.errors import ShopError

from ._caller import Answer, Caller


class RefusalError(ShopError):
    """The shop understood a document and refused it: nothing of it was carried out, unless it says so.

    code  of the first error, lower case, such as `forbidden`
    """

    def __init__(self, code: str, what: str, *, where: str = "") -> None:
        self.code = code
        super().__init__(what, where=where)


def ask(caller: Caller, document: str, variables: Mapping[str, Any] | None = None, *, path: str = "") -> Answer:
    """Send one document and give the answer. See `data_of`."""
    body = {"query": document, **({"variables": dict(variables)} if variables else {})}
    return caller.call("POST", path, json=body)


def data_of(answer: Answer, caller: Caller) -> dict[str, Any]:
    """The data of an answer. Raises RefusalError with the words of its errors."""
    document = answer.json
    errors = document.get("errors") if isinstance(document, dict) else [{"message": "no GraphQL answer"}]
    if errors:
        first: dict[str, Any] = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {"message": errors}
        code = str((first.get("extensions") or {}).get("code") or "refused").lower()
        raise RefusalError(code, f"the shop refuses: {caller.clean(first.get('message'))}", where=answer.where)
    data = document.get("data")
    return data if isinstance(data, dict) else {}
