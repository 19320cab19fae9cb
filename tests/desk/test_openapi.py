"""The OpenAPI document says what the table of routes says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pricesmith.apps.service.openapi import address, document, summary
from pricesmith.apps.service.route import Route
from pricesmith.apps.service.routes import every
from pricesmith.apps.web.words import Words

API = [route for route in every() if route.api]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return document(every())


def test_every_route_of_the_api_is_told_of_and_no_other(whole: dict[str, Any]) -> None:
    told = {(method.upper(), path) for path, one in whole["paths"].items() for method in one}
    assert told == {(route.method, address(route)) for route in API} and len(told) > 30


@pytest.mark.parametrize("route", API, ids=lambda route: route.name)
def test_an_operation_is_whole(route: Route, whole: dict[str, Any]) -> None:
    one = whole["paths"][address(route)][route.method.lower()]
    assert one["x-scope"] == route.scope and bool(one["security"]) == (route.scope is not None)
    assert {part["name"] for part in one["parameters"] if part["in"] == "path"} == set(re.findall(r"\{(\w+)", route.path))
    assert all(summary(route, Words(language)) for language in ("en", "zh"))
    again = any(part["name"] == "Idempotency-Key" for part in one["parameters"])
    assert again == (route.changes and not route.secret)
    assert {"401", "422"} <= one["responses"].keys() or route.scope is None


def test_records_are_named_without_the_module_they_live_in(whole: dict[str, Any]) -> None:
    """A program that is made from the document must not know our folders; two records of one name would bring them in."""
    names = list(whole["components"]["schemas"])
    assert len(names) > 100 and [name for name in names if "." in name] == []


def test_every_reference_leads_somewhere(whole: dict[str, Any]) -> None:
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.extend([value["$ref"]] if "$ref" in value else [])
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(whole)
    assert found
    for reference in set(found):
        _, kind, name = reference.rsplit("/", 2)
        assert name in whole["components"][kind], reference


def test_what_an_answer_names_can_be_gone_on_with(whole: dict[str, Any]) -> None:
    made = whole["paths"]["/api/v1/drafts"]["post"]["responses"]["200"]["links"]
    assert made["api.draft"]["parameters"] == {"draft": "$response.body#/draft"} and "api.draft.drop" in made
    listed = whole["paths"]["/api/v1/runs"]["get"]["responses"]["200"]["links"]
    assert listed["api.verdict"]["parameters"] == {"run": "$response.body#/runs/0/run"}
    assert "api.job" in whole["paths"]["/api/v1/runs/{run}/dry-runs"]["post"]["responses"]["200"]["links"]


def test_prices_are_integers_and_say_so(whole: dict[str, Any]) -> None:
    decision = whole["components"]["schemas"]["Decision"]
    assert "minor units" in decision["description"] and "major units a day" in decision["description"]
    assert {one.get("type") for one in decision["properties"]["price"]["anyOf"]} == {"integer", "null"}
    assert "currency" in whole["components"]["schemas"]["Decisions"]["properties"]
