"""Which column of a foreign file is which of ours: by the usual headers in English, Chinese and German, by days where no name tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pricesmith.contracts.tables import INPUT

NAMES = {
    "sku": "productid articleid itemid variantsku stockkeepingunit article articlenumber item itemcode productcode "
    "商品编号 商品编码 商品代码 商品id 货号 编号 款号 artikel artikelnummer artikelnr artnr produktnummer",
    "date": "day orderdate salesdate saledate week month 日期 销售日期 订单日期 时间 datum tag verkaufsdatum bestelldatum",
    "at": "time timestamp orderedat createdat orderdate datetime 下单时间 订单时间 时间 成交时间 zeitpunkt bestellzeit bestelldatum",
    "units": "quantity qty sold unitssold pieces sales amountsold count 销量 数量 销售数量 件数 购买数量 menge anzahl stueck stück absatz",
    "price": "unitprice saleprice sellingprice priceperunit netprice grossprice "
    "价格 单价 售价 销售价 成交价 成交单价 preis verkaufspreis einzelpreis vk stückpreis",
    "order_id": "orderid order ordernumber orderno invoice invoiceno 订单号 订单编号 bestellnummer auftragsnummer rechnungsnummer",
    "customer_id": "customerid customer buyer 客户编号 买家 会员编号 kunde kundennummer",
    "name": "title productname producttitle itemname 商品名称 名称 品名 标题 bezeichnung produktname artikelbezeichnung titel",
    "brand": "manufacturer vendor 品牌 marke hersteller",
    "category": "producttype productcategory group 品类 类目 分类 商品类目 kategorie warengruppe produktgruppe",
    "family": "parent parentsku group 系列 spu familie gruppe",
    "unit_cost": "cost purchaseprice costprice buyingprice cogs 成本 进价 采购价 成本价 einkaufspreis ek kosten einstandspreis",
    "tax_rate": "vat vatrate taxrate 税率 mwst steuersatz mehrwertsteuer",
    "rrp": "msrp listprice recommendedprice 建议零售价 吊牌价 uvp",
    "min_price": "minimumprice lowestprice pricefloor 最低价 mindestpreis",
    "max_price": "maximumprice highestprice priceceiling 最高价 höchstpreis hoechstpreis",
    "list_price": "regularprice originalprice baseprice 原价 标价 listenpreis normalpreis",
    "promo": "promotion onsale ispromo 促销 是否促销 aktion",
    "channel": "salesrchannel saleschannel shop store 渠道 销售渠道 店铺 kanal vertriebskanal",
    "region": "country market zone 地区 区域 国家 land gebiet",
    "on_hand": "stock inventory quantityonhand available 库存 库存数量 bestand lagerbestand",
    "out_of_stock": "soldout stockout 缺货 ausverkauft",
    "valid_from": "from startdate effectivefrom 生效日期 gültigab gueltigab",
    "shipping": "shippingcost freight 运费 物流费 versand versandkosten",
    "views": "pageviews impressions visits 浏览量 访客数 aufrufe",
    "competitor": "seller rival 竞品 竞争对手 卖家 wettbewerber anbieter",
    "observed_at": "seenat scrapedat 观测时间 抓取时间 beobachtetam",
}  # fmt: skip
"""Our column -> other names of it, as `plain` writes them."""
DAY = re.compile(r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[./-]\d{1,2}[./-]\d{4}|(19|20)\d{6})([ T].*)?")


def plain(header: str) -> str:
    """A header without case, spaces, marks, and what stands in brackets."""
    return re.sub(r"[\W_]+", "", re.sub(r"[(（\[].*?[)）\]]", "", header).lower())


def guess(table: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Our column -> a header of the file, where one is named alike; each header once. A guess: a person confirms it.

    rows  the first rows, to find days where no header tells
    """
    free = {plain(header): header for header in reversed(headers)}
    found: dict[str, str] = {}
    for exact in (True, False):
        for column in INPUT[table].columns:
            names = [plain(column.name)] if exact else NAMES.get(column.name, "").split()
            match = next((name for name in names if name in free), None) if column.name not in found else None
            if match is not None:
                found[column.name] = free.pop(match)
    for column in INPUT[table].columns:
        if column.required and column.kind in ("date", "moment") and column.name not in found:
            dated = [header for header in free.values() if days(headers.index(header), rows)]
            if len(dated) == 1:
                found[column.name] = dated[0]
    return found


def better(table: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table that the columns fit clearly better than the one that was named; "" where there is none.

    It has every column that it needs and matches at least two more of the file; one more where the named one lacks what it needs.
    """
    found = {name: guess(name, headers, rows) for name in INPUT}
    lacking = any(name not in found[table] for name in INPUT[table].required)
    least = len(found[table]) + (1 if lacking else 2)
    whole = {name: len(own) for name, own in found.items() if all(needed in own for needed in INPUT[name].required)}
    best = max(whole, key=lambda name: whole[name], default=table)
    return best if best != table and whole[best] >= least else ""


def days(place: int, rows: Sequence[Sequence[str]]) -> bool:
    values = [row[place].strip() for row in rows if len(row) > place and row[place].strip()]
    return bool(values) and all(DAY.fullmatch(value) for value in values)
