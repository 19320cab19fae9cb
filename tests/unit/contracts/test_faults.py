"""Faults of a policy in words."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from pricesmith.contracts.faults import _value, _walk, explain, suggestion


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    sizes: Annotated[list[Annotated[float, Meta(ge=0)]], Meta(description="sizes in cm")] = []
    colour: Literal["red", "blue"] | None = None


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    count: int
    parts: dict[str, Inner] = {}
    plain: Annotated[int, Meta(ge=3)] = 3


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({}, ("count is missing", ".count", "")),
        ({"count": 1, "plan": 2}, ("unknown field 'plan'", ".plan", "did you mean plain? valid fields: count, parts, plain")),
        ({"count": "x"}, ("expected a whole number, found 'x'", ".count", "")),
        ({"count": 1, "plain": 2}, ("expected a whole number >= 3, found 2", ".plain", "")),
        ({"count": 1, "parts": []}, ("expected a table, found []", ".parts", "")),
        ({"count": 1, "parts": {"a": {"sizes": [1, -1]}}}, ("expected a number >= 0.0", ".parts[...].sizes[1]", "sizes in cm")),
        (
            {"count": 1, "parts": {"a": {"colour": "rde"}}},
            ("unknown value 'rde'", ".parts[...].colour", "did you mean red? valid values: blue, red"),
        ),
    ],
)  # fmt: skip
def test_explain(value: dict[str, object], told: tuple[str, str, str]) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Outer)
    assert explain(caught.value, Outer, value) == told


def test_a_fault_at_the_root() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(3, Outer)
    assert explain(caught.value, Outer, 3) == ("expected a table, found 3", "", "")


def test_places_that_lead_nowhere() -> None:
    assert _value({"a": [1]}, ".a[3]") is None and _value({"a": [1]}, ".b") is None and _value({"a": 1}, ".a.b") is None
    assert list(_walk(msgspec.inspect.type_info(Outer), ".none.of")) == []
    assert len(list(_walk(msgspec.inspect.type_info(Outer), ".count.deeper"))) == 1


def test_suggestion() -> None:
    assert suggestion("stop", ["step", "up"], "fields") == "did you mean step? valid fields: step, up"
    assert suggestion("zzz", ["step"], "fields") == "valid fields: step"
