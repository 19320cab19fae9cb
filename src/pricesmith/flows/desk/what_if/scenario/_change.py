"""The seam of scenarios: a small record that changes the settings, the products as they are, or prices."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
import polars as pl
from msgspec import Meta, Struct

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.policy import Policy

Asks = Literal["category", "percent", "product", "price", "rule", "objective", "measure", "number", "setting", "text"]
"""What a field is filled in with: an entry of a list, a number with its unit, or words."""


def field(asks: Asks, description: str, **bounds: Any) -> Meta:
    """A field of a scenario, its unit in the description."""
    return Meta(description=description, extra_json_schema={"asks": asks}, **bounds)


Category = Annotated[str, field("category", "path of a category and all below it; empty: the whole shop")]


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", omit_defaults=True):
    """One change. A kind overrides what it needs; what it does not touch stays the very same object.

    The words of the pages have `scenario_KIND` (a sentence with the fields) and `scenario_KIND_title` in every language.
    """

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def policy(self, policy: Policy, items: pl.DataFrame) -> Policy:
        """The settings as they would be. items: table ITEMS."""
        return policy

    def world(self, items: pl.DataFrame, currency: str) -> pl.DataFrame:
        """Table ITEMS as it would be; costs and competitors' prices in minor units."""
        return items

    def prices(self, items: pl.DataFrame, currency: str) -> Mapping[int, int]:
        """Number of an item -> the price that a person sets, minor units."""
        return {}

    @classmethod
    def begins(cls, policy: Policy) -> Mapping[str, Any]:  # noqa: ARG003 - a kind may ask
        """Field -> what its form begins with under these settings, where that is not the field's default."""
        return {}

    @classmethod
    def of_policy(cls) -> bool:
        """Whether it is a change of settings alone, which can be kept as a draft."""
        return cls.policy is not Change.policy


@cache
def fields(kind: type[Change]) -> dict[str, dict[str, Any]]:
    """Field -> its JSON schema (description, bounds, `asks`), in the order of the definition, `needed` where there is no default."""
    document = msgspec.json.schema(kind)
    schema = document["$defs"][document["$ref"].rpartition("/")[2]]
    needed = schema.get("required", [])
    return {name: {**one, "needed": name in needed} for name, one in schema["properties"].items() if name != "kind"}


def inside(category: str) -> pl.Expr:
    """True for the products of a category and of all below it; an empty one means every product."""
    if not category:
        return pl.lit(True)
    return ((pl.col("category") == category) | pl.col("category").str.starts_with(category + "/")).fill_null(False)


def selectors(items: pl.DataFrame, category: str) -> list[dict[str, str]]:
    """The `where` of rules that together are about a category and all below it: one or two, none where it has no product."""
    if not category:
        return [{}]
    literal = re.sub(r"([\[*?])", r"[\1]", category)
    wanted = [literal, literal + "/*"]
    known = items["category"].drop_nulls().unique().to_list()
    return [{"category": pattern} for pattern in wanted if any(fnmatch.fnmatchcase(one, pattern) for one in known)]


def share(percent: float) -> float:
    """5 % -> 0.05, without the dust of the division."""
    return round(percent / 100.0, 12)


def with_rules(policy: Policy, rules: list[Any]) -> Policy:
    """The settings with other rules."""
    whole: Policy = msgspec.structs.replace(policy, rules=tuple(rules))
    return whole


def checked_category(items: pl.DataFrame, category: str) -> None:
    """Raises UnknownChoice where no product is in the category."""
    if category and items.filter(inside(category)).is_empty():
        raise UnknownChoice("category", category, items["category"].drop_nulls().unique().to_list())
