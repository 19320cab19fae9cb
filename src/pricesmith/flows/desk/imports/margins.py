"""Columns of gross margins: how they are named, and whether they hold shares, percent or money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from pricesmith.contracts.exports import plain, words

from .numerals import ANY, bare, number, percent

_NAMES = (
    "grossmargin grossmarginrate gm gmrate gmpct gmpercent gp gppct gppercent grossprofitpct grossprofitpercent grossprofitmargin margin "
    "marginrate marginpct marginpercent profitmargin salesmargin retailmargin 毛利率 销售毛利率 銷售毛利率 粗利率 粗利益率 "
    "handelsspanne spanne rohmarge marge bruttomarge rohertragsquote margequote tauxdemarque tauxmarque margebrute "
    "margen margenbruto margencomercial margensobreventa margembruta margem margine marginelordo brutomarge marża marżabrutto"
)
NAMES = frozenset(map(plain, _NAMES.split()))
"""Headers of gross margins, plain. A mark-up on the cost (`taux de marge`) is none."""
RATE = frozenset({"pct", "percent", "rate", "prozent", "quote", "pourcent", "porcentaje", "percentuale", "percentagem", "procent", "proc"})
"""Words that say that a column holds shares or percent, not amounts."""


def named(header: str) -> bool:
    """Whether a header names gross margins."""
    return plain(header) in NAMES or "".join(word for word in words(header) if word not in RATE) in NAMES


def in_percent(values: Sequence[str]) -> bool:
    """Whether margins are in percent: a value has the sign, or half of those that are not 0 are above 1."""
    told = [value for value in values if value]
    sizes = [abs(size) for value in told if (size := _size(value))]
    return any(value.endswith(("%", "％")) for value in told) or bool(sizes and median(sizes) > 1.0)


def money(header: str, values: Sequence[str], prices: Sequence[str]) -> bool:
    """Whether a column that is named so holds amounts: above 1 and below the price in most rows, and nothing says that they are shares."""
    if re.search(r"[%％率]", header) or RATE & set(words(header)) or any(value.endswith(("%", "％")) for value in values):
        return False
    pairs = [(size, price) for value, text in zip(values, prices, strict=False) if (size := _size(value)) and (price := _size(text))]
    return bool(pairs) and median(abs(size) for size, _ in pairs) > 1.0 and 2 * sum(size < price for size, price in pairs) > len(pairs)


def share(value: str, as_percent: bool) -> str:
    """A margin as a share, written as ours."""
    decimal = "comma" if "," in value else "point"
    return percent(value, decimal) if as_percent else number(value, decimal)


def _size(value: str) -> float | None:
    told = bare(value.strip().rstrip("%％"))
    read = number(told, "comma" if "," in told else "point")
    return float(read) if ANY.fullmatch(read) else None


def example(values: Sequence[str], prices: Sequence[str], as_percent: bool) -> list[str]:
    """[price, margin, the margin as a share, cost of one where no tax is in the price] of the first row that tells; else empty."""
    for value, price in zip(values, prices, strict=False):
        part, tag = share(value, as_percent), _size(price)
        if tag and ANY.fullmatch(part) and 0.0 < float(part) < 1.0:
            return [price, value, part, f"{tag * (1.0 - float(part)):.2f}"]
    return []
