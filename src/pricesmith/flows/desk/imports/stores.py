"""Headers that name a store, by its number, its code or its name: prices differ by store, so each is a region where no header names one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pricesmith.contracts.exports import plain, words
from pricesmith.contracts.tables import INPUT

_STORES = (
    "store stores outlet branch location storeid storeno storenumber storenum storenbr storecode storekey "
    "filiale filialnr filialnummer filial markt laden standort verkaufsstelle magasin pointdevente tienda sucursal loja negozio "
    "puntovendita winkel filiaal vestiging sklep 门店 門店 門市 店舗"
)
STORES = frozenset(map(plain, _STORES.split()))
"""Names of a store, plain."""
CODES = frozenset(
    {"num", "number", "no", "nbr", "nr", "id", "code", "key", "nummer", "numero", "n", "cod", "codigo", "codice", "kod", "numer"}
)
CALLED = frozenset({"name", "nom", "nombre", "nome", "naam", "nazwa"})
"""Words beside it for what tells one from another."""
_HAN = "门店 門店 門市 店舗", "编号 編號 编码 編碼 代码 代碼 号 號 番号 コード id 名称 名稱 名"
HAN = re.compile("(?:{})(?:{})?".format(*("|".join(map(plain, names.split())) for names in _HAN)))
"""A store in Chinese or Japanese, which put no space before what tells one from another."""


def named(header: str) -> bool:
    """Whether a header names a store, and no more of it, such as its size or the town in which it stands."""
    rest = [word for word in words(header) if word not in CODES | CALLED]
    return "".join(rest) in STORES or plain(header) in STORES or bool(HAN.fullmatch(plain(header)))


def first(headers: Sequence[str]) -> str:
    """The header that names a store, one of numbers or codes before one of names; "" where there is none."""
    found = [header for header in headers if named(header)]
    return min(found, key=lambda header: bool(CALLED & set(words(header)) or plain(header).endswith(("名", "名称", "名稱"))), default="")


def placed(found: Mapping[str, str], before: Sequence[Mapping[str, str]], table: str) -> dict[str, str]:
    """Our column -> header, where the stores of a shop stand in the column in which the newest of its files has them.

    found   as headers tell;  before: columns of places in files that were taken over, the newest first
    """
    had = next((column for places in before for column, header in places.items() if named(header)), "")
    now = next((column for column in ("region", "channel") if named(found.get(column, ""))), "")
    if not had or not now or had in found or had not in INPUT[table].by_name:
        return dict(found)
    return {had if column == now else column: header for column, header in found.items()}
