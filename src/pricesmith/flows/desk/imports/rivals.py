"""The competitor whose prices a whole file holds, where no column names one: by the header of its prices, else by the file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pricesmith.contracts.exports import plain
from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.tables import COMPETITOR_PRICES, INPUT

from .numerals import ANY, number

COLUMN = "competitor"
LONGEST = 80
_PRICE = frozenset(("price", "prices", "retail", "preis", "preise", "prix", "precio", "preco", "prezzo", "prijs", "cena", "ceny"))
_NOBODY = (
    "unit regular list sale selling shelf retail competitor competitors rival our own their his net gross promo current new old last avg "
    "average min max lowest highest base item product offer market store pos actual paid sold everyday reg per each kg lb oz l id no code "
    "total amount freight shipping delivery lag lagged previous prior "
    "date type source incl inkl excl exkl with without inc vat mwst ust tax einzel verkaufs unitaire vente venta venda vendita"
)
_SAID = frozenset(_NOBODY.split()) | {code.casefold() for code in EXPONENTS}
"""Words beside it that name no competitor."""
_OURS = _PRICE | {form for name in INPUT for word in name.split("_") for form in (word, word.removesuffix("s"))}
"""Words of our tables, of which a file is called and nobody else."""
_FILE = re.compile(
    r"(price|pricing|preis|prix|preci|preco|preço|prezz|prijs|cena|competit|competid|concorr|concurren|konkurr|wettbewerb|mitbewerb|rival"
    r"|check|list|survey|shop|data|export|final|copy|week|csv)",
    re.IGNORECASE,
)
_NOBODY_HAN = re.compile(
    "(竞品|競品|竞争|競爭|竞对|对手|對手|零售?|销售|銷售|出售|商品|产品|產品|市场|市場|单|單|售|原|现|現|标|標|平均|最低|最高|含税|不含税"
    "|競合他?社?店?|他社|通常|販売|実売|仕入|参考|希望|小売?|税込|税抜|税別|上限|下限|定)+"
)
"""Words before a Chinese or Japanese one for a price that name no competitor."""
_HAN = re.compile(r"(.+?)(价格|價格|価格|售价|售價|売価|价|價|価)|(?:价格|價格|価格)(.+)")


class Rival(msgspec.Struct, frozen=True):
    """The competitor of a whole file. offered: one name may be said for it;  name: the one that is proposed, or ""

    source  where the proposal is from: `header`, `file`, `last` time, or ""
    """

    offered: bool = False
    name: str = ""
    source: str = ""


def rival_of(table: str, columns: Sequence[str], price: str, file: str, last: str | None) -> Rival:
    """columns: of ours that a header was paired with;  price: the header of the prices, or "";  file: its name;
    last: what was said last, None where nothing was."""
    if table != COMPETITOR_PRICES.name:
        return Rival()
    if COLUMN in columns:
        return Rival(True)
    if last:
        return Rival(True, last, "last")
    proposed = (("header", called(price) or alone(price)), ("file", of_file(file)))
    return next((Rival(True, name[:LONGEST], source) for source, name in proposed if name), Rival(True))


def called(header: str) -> str:
    """Whose price a header names: `Jewel Price` and `Price Jewel` are of Jewel; "" where it names nobody."""
    told = re.sub(r"[(（\[].*?[)）\]]", "", header).replace("_", " ").split()
    found = _HAN.fullmatch("".join(told))
    if found:
        return _someone(found[1] or found[3])
    for rest, word in ((told[:-1], told[-1:]), (told[1:], told[:1])):
        if word and plain(word[0]) in _PRICE and any(plain(one) not in _SAID | _PRICE for one in rest):
            return " ".join(rest)
    return ""


def alone(header: str) -> str:
    """A header that has none of the words for prices is the name itself: where each competitor has a column, `Mega` holds Mega's prices."""
    whole = re.sub(r"[(（\[].*?[)）\]]", "", header).strip()
    told = whole.replace("_", " ").split()
    if any(plain(one) in _PRICE | _SAID or set("价價価") & set(one) for one in told):
        return ""
    return whole if any(one.isdigit() for one in told) else " ".join(told)


def of_file(file: str) -> str:
    """The words of a file's name that may name a competitor; those that tables are called by do not."""
    told = [_owner(word) for word in re.split(r"[\s_.-]+", Path(file).stem)]
    left = [word for word in told if word and not _FILE.search(word) and not re.search(r"\d", word) and plain(word) not in _OURS]
    return " ".join(left) if any(plain(word) not in _SAID for word in left) else ""


def _owner(word: str) -> str:
    """Of a Chinese or Japanese word for somebody's prices that somebody, else the word."""
    found = _HAN.fullmatch(word)
    return _someone(found[1] or found[3]) if found else word


def _someone(name: str) -> str:
    """A Chinese or Japanese name of a competitor; "" where it is a word for prices of all kinds."""
    return "" if _NOBODY_HAN.fullmatch(name) else name


def prices_of(headers: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[str]) -> str:
    """The one header that names whose prices it holds, below which there are numbers; "" where there is none, or several.

    left  the headers that may be it
    """
    named = [(place, name) for place, name in enumerate(headers) if name in left and called(name)]
    found = [name for place, name in named if _numbers([row[place] for row in rows if place < len(row)])]
    return found[0] if len(found) == 1 else ""


def _numbers(cells: Sequence[str]) -> bool:
    told = [cell for cell in cells if cell.strip()]
    return bool(told) and all(ANY.fullmatch(number(cell, "comma" if "," in cell else "point")) for cell in told)
