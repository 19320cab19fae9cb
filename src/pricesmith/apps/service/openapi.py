"""The OpenAPI 3.1 document of the API, made from the table of routes: what it says is what the program checks."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pricesmith.apps.web.words import Words

from .links import links
from .problem import MEDIA, Problem
from .route import Nothing, Route

JSON = "application/json"
REFERENCE = "#/components/schemas/{name}"
MONEY = (
    "Prices are integers in minor units beside a `currency` (1299 EUR is 12.99 euro); expectations are numbers in major units a day; "
    "shares and moves are fractions (0.05 is 5 %); moments are UTC. An answer may gain fields. Errors are `application/problem+json`.\n\n"
    "Lists go on with `next` as `cursor`. A change with a key needs an `Idempotency-Key` of 16 to 100 characters: the same key with the "
    "same body gets the first answer again for 7 days, with another body it is refused. A GET carries an `ETag`; `If-None-Match` gets 304."
)
SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "an API key, `ps_...`; the page /keys makes one"},
    "session": {"type": "apiKey", "in": "cookie", "name": "ps_session", "description": "somebody signed in; changes need X-CSRF-Token"},
}
REFUSED = {
    "400": "the body cannot be read",
    "401": "nobody is signed in, or the key is wrong",
    "403": "not allowed",
    "404": "there is no such thing, or it is not the asker's",
    "413": "the body is too large",
    "415": "the body is not JSON",
    "422": "what is asked cannot be",
    "429": "too many requests: wait as `Retry-After` says",
    "502": "the shop failed",
    "503": "the ledger or the shop cannot be reached now",
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The document of those of the routes that belong to the API."""
    own = [route for route in routes if route.api]
    kinds = list(dict.fromkeys(kind for route in own for kind in (route.asks, route.gives) if kind is not None and kind is not Nothing))
    references, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template=REFERENCE)
    names = {kind: one["$ref"].rpartition("/")[2] for kind, one in zip(kinds, references, strict=False)}
    paths: dict[str, dict[str, Any]] = {}
    for route in own:
        paths.setdefault(address(route), {})[route.method.lower()] = _operation(route, names, schemas)
        linked = links(route, own)
        if linked:
            paths[address(route)][route.method.lower()]["responses"]["200"]["links"] = linked
    queries = {names[route.asks] for route in own if not route.changes and route.asks in names}
    answers = json.dumps([schema for name, schema in schemas.items() if name not in queries])
    kept = {name: schema for name, schema in schemas.items() if name not in queries or f'"{REFERENCE.format(name=name)}"' in answers}
    told = {name: _described(schema) for name, schema in sorted(kept.items())}
    return {
        "openapi": "3.1.0",
        "info": {"title": "pricesmith price desk", "version": "1", "description": MONEY},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": told, "securitySchemes": SECURITY, "responses": _responses()},
    }


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its docstring as it is read, without the indent that it has in the code: versions of msgspec differ in that."""
    return {**schema, "description": inspect.cleandoc(schema["description"])} if "description" in schema else schema


def text(routes: Iterable[Route]) -> str:
    """The document as a file."""
    return json.dumps(document(routes), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def address(route: Route) -> str:
    """The path with its parts in braces, without their kind."""
    return re.sub(r":path\}", "}", route.path)


def parts(route: Route) -> list[str]:
    return re.findall(r"\{(\w+)", route.path)


def summary(route: Route, words: Words) -> str:
    return words("api_" + route.name.removeprefix("api.").replace(".", "_"))


def _operation(route: Route, names: Mapping[Any, str], schemas: Mapping[str, Any]) -> dict[str, Any]:
    scope = "anybody" if route.scope is None else f"scope `{route.scope}`"
    parameters = [{"name": part, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for part in parts(route)]
    found: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.path.split("/")[3].partition(".")[0]],
        "summary": summary(route, Words("en")),
        "description": f"For {scope}." + _session_alone(route),
        "security": [] if route.scope is None else [{"key": [route.scope]}, {"session": [route.scope]}],
        "x-scope": route.scope,
        "parameters": [*parameters, *([] if route.changes else _query(route, names, schemas)), *([_again()] if _repeatable(route) else [])],
        "responses": {"200": _answer(route, names), **_refusals(route)},
    }
    if route.changes and route.asks in names:
        schema = {"$ref": REFERENCE.format(name=names[route.asks])}
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return found


def _session_alone(route: Route) -> str:
    return " A key cannot do this: somebody must be signed in." if route.scope == "admin" or (route.secret and route.changes) else ""


def _repeatable(route: Route) -> bool:
    return route.changes and not route.secret


def _again() -> dict[str, Any]:
    schema = {"type": "string", "minLength": 16, "maxLength": 100, "pattern": "^[ -~]+$"}
    about = "a signed-in person may leave it out"
    return {"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema, "description": about}


def _query(route: Route, names: Mapping[Any, str], schemas: Mapping[str, Any]) -> list[dict[str, Any]]:
    if route.asks not in names:
        return []
    schema = schemas[names[route.asks]]
    needed = schema.get("required", [])
    return [{"name": name, "in": "query", "required": name in needed, "schema": one} for name, one in schema["properties"].items()]


def _answer(route: Route, names: Mapping[Any, str]) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(name=names[route.gives])} if route.gives in names else {"type": "object"}
    return {"description": "done" if route.changes else "what was asked for", "content": {JSON: {"schema": schema}}}


def _refusals(route: Route) -> dict[str, Any]:
    body, open_ = ("400", "413", "415"), ("401", "403")
    left_out = (*(() if route.changes else body), *(open_ if route.scope is None else ()))
    return {status: {"$ref": f"#/components/responses/{status}"} for status in REFUSED if status not in left_out}


def _responses() -> dict[str, Any]:
    content = {MEDIA: {"schema": {"$ref": REFERENCE.format(name="Problem")}}}
    wait = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"}}
    found: dict[str, Any] = {status: {"description": what, "content": content} for status, what in REFUSED.items()}
    found["429"]["headers"] = wait
    return found
