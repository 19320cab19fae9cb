"""Several columns of a file that each mark a promotion: a row is on promotion where any of them says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from pricesmith.contracts.exports import plain, words
from pricesmith.preparation.promotions import AT_ONCE

_YES = "ja j yes y true wahr oui o vrai sí sì sim s verdadero vero waar tak t x ✓ 是 有 はい あり ○ 〇"
_NO = "nein no n nee onwaar nie false falsch non faux não nao falso 否 无 無 いいえ なし ×"
FLAGS = {word: told for words_, told in ((_YES, "1"), (_NO, "0")) for word in words_.split()}
"""How files write yes and no -> as we do."""
NUMBER = re.compile(r"([01])([.,]0+)?")
NAMES = (
    "promo promotion promoflag promotionflag promoted promotional onpromo onpromotion ispromo onsale special onspecial deal ondeal "
    "feature featured featureflag featad infeature ad advertised display displayed displayflag ondisplay tpr tpronly onlytpr "
    "temporarypricereduction pricereduction pricecut rollback markdown flyer inflyer circular incircular leaflet inleaflet coupon mailer "
    "inmailer endcap bogo multibuy "
    "aktion aktionsartikel imangebot sonderangebot angebot werbung beworben handzettel prospekt improspekt zweitplatzierung display "
    "promo enpromo enpromotion promotionnel prospectus catalogue têtedegondole miseenavant "
    "actie inactie aanbieding folder infolder reclame "
    "oferta enoferta promoción enpromoción folleto enfolleto cabecera "
    "promoção empromoção emoferta folheto encarte tabloide pontadegôndola "
    "promocja wpromocji gazetka wgazetce "
    "promozione inpromozione offerta inofferta volantino involantino esposizione "
    "促销 是否促销 促銷 特价 特價 特卖 海报 海報 堆头 堆頭 陈列 端架 传单 傳單 "
    "セール セール対象 特売 特価 販促 キャンペーン チラシ チラシ掲載 クーポン"
)
"""Headers of columns that mark a promotion, without spaces and marks."""
KNOWN = frozenset(map(plain, NAMES.split()))
BESIDE = frozenset({"flag", "ind", "indicator", "y", "n", "yn", "mark", "only", "is", "on", "in"})
"""Words beside such a name that change nothing: `Display flag`, `Feature Y/N`."""

_SPEAKING = (
    "ad ads advert advertised advertisement feature featured features display displayed displays tpr deal deals coupon coupons promo "
    "promos promotion promotional promoted special specials flyer circular leaflet mailer endcap bogo rollback markdown "
    "aktion angebot sonderangebot werbung handzettel prospekt zweitplatzierung promotionnel prospectus actie aanbieding reclame "
    "oferta promocion folleto promocao folheto encarte tabloide promocja gazetka promozione offerta volantino"
)
SPEAKING = frozenset(_SPEAKING.split())
"""Words of which one is enough in a header whose cells say yes or no: `Ad Feature`, `In-store display`, `Coupon this week`."""
HAN = re.compile(
    "促[销銷]|特[价價価卖賣売]|海[报報]|堆[头頭]|[陈陳]列|端架|[传傳][单單]|[优優]惠券|折[价價]券|販促|"
    + "|".join(map(plain, ("セール", "キャンペーン", "チラシ", "クーポン")))
)
_OTHERWISE = (
    "no non not without ohne sans sin sem senza zonder bez price prices cost costs unit units qty quantity sales amount value discount "
    "margin code id number stock order orders allowance preis prix precio preco prezzo prijs cena menge"
)
OTHERWISE = frozenset(_OTHERWISE.split())
"""Words with which a header says something else, or the opposite: `Non promo`, `Deal units`, `Special order`."""


def flag(text: str) -> str:
    """1 or 0 of a cell that says yes or no; "" of another."""
    bare = text.strip().casefold()
    number = NUMBER.fullmatch(bare)
    return number[1] if number else FLAGS.get(bare, "")


def named(header: str) -> bool:
    """Whether a header names a mark of promotion."""
    told = [word for word in words(header) if word not in BESIDE]
    return plain(header) in KNOWN or "".join(told) in KNOWN


def speaks(header: str) -> bool:
    """Whether a header names such a mark among other words: enough where its cells say yes or no."""
    told = set(words(header))
    return named(header) or bool((told & SPEAKING or HAN.search(plain(header))) and not told & OTHERWISE)


def readable(values: Sequence[str]) -> bool:
    """Whether a column can be such a mark: each cell says yes or no or nothing, and one at least says something."""
    told = {value for value in values if value}
    return bool(told) and all(flag(value) for value in told)


def either(cells: Sequence[str]) -> str:
    """What marks of one row say together. cells: 1, 0, nothing, or what is neither.

    1 where one says so, else the first that is neither, which no one can know, else 0 where one says so; "" where none says anything.
    """
    told = [cell for cell in cells if cell.strip()]
    unread = (cell for cell in told if cell not in ("0", "1"))
    return "1" if "1" in told else next(unread, "0" if told else "")


def together(cells: Sequence[str], names: Sequence[str], places: Sequence[int]) -> str:
    """The kind of a promotion: headers of the marks that say so, of cells 1, 0, nothing, or what is neither; "" where none does."""
    return AT_ONCE.join(sorted({names[place] for cell, place in zip(cells, places, strict=False) if cell == "1"}))


class Marks(msgspec.Struct, frozen=True):
    """Columns of a file that may mark promotions, beside those that are ours already.

    promo   the header that is offered for the column of that name; "" where none is
    beside  headers that are offered beside it;  others: those that could be, as each of their cells says yes or no
    left    headers that name such a mark and are not offered: their cells say other things, or they were not chosen last
    """

    promo: str = ""
    beside: list[str] = []
    others: list[str] = []
    left: list[str] = []


def marks_of(values: Mapping[str, Sequence[str]], promo: str, before: Sequence[str] | None) -> Marks:
    """values: header that is not ours -> its cells in the beginning of a file;  promo: the header that is one for sure, or "";
    before: headers that were chosen beside it last, None where nothing was chosen yet."""
    fit = [header for header, cells in values.items() if readable(cells)]
    beside = [header for header in fit if speaks(header)] if before is None else [header for header in before if header in values]
    if not promo and beside and before is None:
        promo, *beside = beside
    others = [header for header in fit if header != promo and header not in beside]
    naming = (header for header in values if named(header) or (header in fit and speaks(header)))
    return Marks(promo, beside, others, [header for header in naming if header not in (promo, *beside)])
