"""Products as people name them in a form: `{ brand = "own*" }`, `sku: A, region: north`, or just what the shop calls them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.rule import SELECTABLE
from pricesmith.contracts.tables import PRODUCTS
from pricesmith.flows.desk.data.unsaid import rows_of
from pricesmith.flows.desk.reading.ledger import Reading

CALLED = ("sku", "name", "category", "brand")
"""What a value without a column may be."""
ALIKE = 2_000
"""Values of a column among which the likest is looked for."""
NONE = pl.DataFrame(schema=dict.fromkeys((*SELECTABLE, "name"), pl.String))
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」"}
_HEAD = re.compile(r"\s*[\"'“]?([^\W\d]\w*)[\"'”]?\s*(?:==?|[:：])\s*")
_NEXT = re.compile(r"\s*(?:[,，;；]\s*|$)")
_SPECIAL = re.compile(r"[*?\[]")
_PLAIN = re.compile(r"[^\s\"'“‘「{},，;；=:：][^\"“「{},，;；=:：]*")


class Taken(msgspec.Struct, frozen=True):
    """A value that was typed without a column, and the pattern of a column as which it was taken. field: of the rule"""

    field: str
    value: str
    column: str
    pattern: str


def products_of(reading: Reading) -> pl.DataFrame:
    """Columns SELECTABLE and `name` of the products of the last run; before the first run those of the table products."""
    run = reading.latest()
    rows = reading.run(run).decided if run else rows_of(reading, PRODUCTS)
    known = [pl.col(name).cast(pl.String).str.strip_chars() if name in rows.columns else pl.lit(None, pl.String) for name in NONE.columns]
    return rows.select([one.alias(name) for one, name in zip(known, NONE.columns, strict=True)]).unique(maintain_order=True)


def patterns(text: str, field: str, products: pl.DataFrame = NONE) -> dict[str, str]:
    """Column -> pattern. products: as `products_of`

    Raises UsageError, at the field, for a column that rules do not select by, and for a value that stands alone and is not of the shop.
    """
    bare = _unbraced(text)
    alone = _taken(bare, field, products)
    if alone is not None:
        return {alone.column: alone.pattern}
    if _HEAD.match(bare) is None:
        what = f"{_unquoted(bare)!r} is no SKU, product name, category or brand of this shop"
        raise UsageError(what, where=field, hint=_hint(bare, products))
    return _pairs(bare, field, products)


def taken(text: str, field: str, products: pl.DataFrame) -> Taken | None:
    """What a value without a column is taken as; None where the text names its columns. Raises as `patterns`."""
    return _taken(_unbraced(text), field, products)


def one_pattern(column: str, text: str) -> str:
    """A pattern in a field that is about that column alone: without quotes, and without the column where that was typed too."""
    bare = _unbraced(text)
    head = _HEAD.match(bare)
    return _unquoted(bare[head.end() :] if head is not None and head[1].casefold() == column else bare)


def as_typed(found: Mapping[str, str]) -> str:
    """The same as it stands in a form: `sku = A, region = north`, a value in quotes where it could be read otherwise."""
    return ", ".join(f"{column} = {pattern if _PLAIN.fullmatch(pattern) else _quoted(pattern)}" for column, pattern in found.items())


def _quoted(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unbraced(text: str) -> str:
    bare = text.strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] in "{｛" and bare[-1] in "}｝" else bare


def _unquoted(text: str) -> str:
    bare = text.strip()
    if len(bare) < 2 or _QUOTES.get(bare[0]) != bare[-1]:
        return bare
    return re.sub(r'\\(["\\])', r"\1", bare[1:-1]).strip() if bare[0] == '"' else bare[1:-1].strip()


def _taken(text: str, field: str, products: pl.DataFrame) -> Taken | None:
    """A value that the shop has, as it stands or without its quotes."""
    for value in dict.fromkeys((text, _unquoted(text))):
        columns = [column for column in CALLED if value and (products[column] == value).any()]
        columns = [column for column in columns if column != "name" or "sku" not in columns]
        if not columns:
            continue
        meant = [("sku" if one == "name" else one, _exactly(_only(value, field, products) if one == "name" else value)) for one in columns]
        if len(meant) > 1:
            one, other = (as_typed({column: pattern}) for column, pattern in meant[:2])
            hint = f"write which: {one}, or {other}"
            raise UsageError(f"{value!r} may be meant as {columns[0]} or {columns[1]}", where=field, hint=hint)
        return Taken(field, value, *meant[0])
    return None


def _only(name: str, field: str, products: pl.DataFrame) -> str:
    skus = products.filter(pl.col("name") == name)["sku"].drop_nulls().unique(maintain_order=True).to_list()
    if len(skus) != 1:
        raise UsageError(f"{len(skus)} products are called {name!r}", where=field, hint=f"write the SKU of one: {', '.join(skus[:6])}")
    return str(skus[0])


def _exactly(value: str) -> str:
    """The pattern that this value alone fits."""
    return _SPECIAL.sub(lambda found: f"[{found[0]}]", value)


def _pairs(text: str, field: str, products: pl.DataFrame) -> dict[str, str]:
    found: dict[str, str] = {}
    while text:
        head = _HEAD.match(text)
        column = head[1].casefold() if head else ""
        if head is None or column not in SELECTABLE:
            first, rest = (head[1], text[head.end() :]) if head else (text, text)
            raise UsageError(f"cannot select by {first!r}", where=field, hint=_hint(rest, products))
        if column in found:
            hint = "one value a column: * stands for any text; or make a rule for each"
            raise UsageError(f"{column} is named twice", where=field, hint=hint)
        value, text = _value(text[head.end() :], column, products)
        if not value:
            raise UsageError(f"nothing stands behind {column}", where=field, hint=_hint("", products))
        found[column] = value
    return found


def _value(text: str, column: str, products: pl.DataFrame) -> tuple[str, str]:
    """The first value of a text, and the text behind it."""
    rest = text.strip()
    if (products[column] == rest).any():
        return rest, ""
    closing = _QUOTES.get(rest[:1], "")
    for place in (number for number in range(1, len(rest)) if closing and rest[number] == closing and rest[number - 1] != "\\"):
        after = _NEXT.match(rest, place + 1)
        if after is not None:
            return _unquoted(rest[: place + 1]), rest[after.end() :]
    for mark in re.finditer(r"[,，;；]", rest):
        if _HEAD.match(rest, mark.end()) or not rest[mark.end() :].strip():
            return rest[: mark.start()].strip(), rest[mark.end() :].strip()
    return rest, ""


def _hint(text: str, products: pl.DataFrame) -> str:
    """What to write, with an example of this shop: what is likest to the text."""
    wanted = _unquoted(text.strip().rstrip("}")).casefold()
    known = [(column, value) for column in ("sku", "brand", "category") for value in products[column].drop_nulls().unique().sort()[:ALIKE]]
    alike = [(SequenceMatcher(None, wanted, value.casefold()).ratio(), -number) for number, (_, value) in enumerate(known)]
    column, value = known[-max(alike)[1]] if known else ("brand", "")
    example = as_typed({column: _exactly(value) or "own*"})
    return f"write column = value, such as {example}; columns: {', '.join(SELECTABLE)}"
