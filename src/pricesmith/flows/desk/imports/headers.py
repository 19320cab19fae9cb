"""Which column of a foreign file is which of ours: by the usual headers in ten languages, by days where no name tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pricesmith.contracts import exports
from pricesmith.contracts.exports import plain, spelled_by, words
from pricesmith.contracts.tables import COMPETITOR_PRICES, COSTS, INPUT

from . import cases, stores
from .case_units import COST, can_be
from .day_columns import PLACES, corrected, days
from .keys import CODES, EITHER, keys
from .last_days import says
from .rivals import COLUMN, called, prices_of

NAMES = {
    "sku": CODES,
    "date": "day orderdate salesdate saledate week month 日期 销售日期 订单日期 时间 銷售日期 訂單日期 交易日期 datum tag "
    "verkaufsdatum verkaufstag verkauftam bestelldatum rechnungsdatum belegdatum kaufdatum woche wochenbeginn monat jour semaine "
    "mois datevente datedevente fecha día semana mes fechaventa fechadeventa data datavenda datadavenda datavendita giorno settimana "
    "dia mês mese "
    "verkoopdatum besteldatum factuurdatum dag maand dzień datasprzedaży tydzień miesiąc "
    "日付 売上日 売上日付 販売日 注文日 受注日 取引日 年月日 集計日 対象日 購入日 週 月 年月",
    "at": "time timestamp orderedat createdat orderdate datetime 下单时间 订单时间 时间 成交时间 交易时间 下單時間 訂單時間 交易時間 "
    "時間 zeitpunkt bestellzeit bestelldatum bestelltam datecommande datedecommande fechapedido fechadepedido 订单日期 交易日期 "
    "销售日期 訂單日期 銷售日期 datahora datapedido datadopedido dataordine oraordine "
    "tijdstip besteldop datumtijd datazamówienia "
    "日時 注文日時 受注日時 購入日時 取引日時 販売日時 売上日時 注文日 受注日 購入日",
    "units": "quantity qty lineitemquantity "
    "sold unitssold unitsales pieces sales amountsold movement unitmovement weeklymovement count "
    "销量 数量 销售数量 件数 购买数量 銷量 數量 銷售數量 件數 "
    "menge anzahl stueck stück stk stückzahl absatz absatzmenge verkaufsmenge verkauftemenge verkauft einheiten quantité qté "
    "quantitévendue unités unitésvendues ventes cantidad cantidadvendida unidades unidadesvendidas uds quantidade qtd qtde "
    "quantidadevendida quantità qta qtà quantitàvenduta pezzi venduto "
    "aantal hoeveelheid verkocht aantalverkocht verkochteaantallen stuks afzet ilość sztuk sztuki szt sprzedano ilośćsprzedana "
    "liczbasztuk "
    "個数 点数 販売数 販売数量 販売個数 販売点数 売上数 売上数量 売上個数 売上点数 注文数 注文数量 受注数 受注数量 "
    "購入数 購入数量 購入個数 出荷数",
    "price": "unitprice itemprice itemcost lineitemprice "
    "avgprice averageprice avgunitprice averageunitprice "
    "saleprice sellingprice priceperunit netprice grossprice pricepaid paidprice actualprice soldprice storeprice posprice "
    "transactionprice retail retailprice unitretail shelfprice shelfretail currentretail actualretail avgretail averageretail "
    "avgretailprice averageretailprice 价格 单价 售价 销售价 成交价 成交单价 價格 單價 售價 "
    "vkaktuell aktuellervk aktuellerpreis currentprice 现价 現價 "
    "零售价 零售單價 零售单价 零售價 实际售价 實際售價 实售价 門市售價 门店售价 "
    "ladenpreis regalpreis kassenpreis vkp prixrayon prixmagasin "
    "preis verkaufspreis vkpreis einzelpreis vk stückpreis bruttopreis nettopreis preisprostück preisjestück endpreis prix "
    "prixunitaire prixvente prixdevente precio preciounitario precioventa preciodeventa pvp preço preçounitário preçovenda "
    "preçodevenda valorunitário prezzo prezzounitario prezzovendita prezzodivendita "
    "prijs verkoopprijs stukprijs eenheidsprijs prijsperstuk consumentenprijs cena cenasprzedaży cenajednostkowa cenazasztukę "
    "単価 販売単価 商品単価 売単価 売価 価格 販売価格 商品価格 税込価格 税込単価 "
    "税込販売価格 販売価格税込 単価税込 税抜価格 税抜単価 実売価格",
    "order_id": "orderid order ordernumber orderno invoice invoiceno receipt receiptno receiptid transactionid 订单号 订单编号 单号 "
    "小票号 交易号 訂單號 訂單編號 單號 交易序號 發票號碼 bestellnummer bestellnr auftragsnummer auftragsnr rechnungsnummer "
    "rechnungsnr beleg belegnr belegnummer bon bonnr bonnummer kassenbon quittung "
    "commande numérocommande numérodecommande pedido númeropedido númerodepedido númerodopedido códigodopedido ordine "
    "numeroordine scontrino fattura "
    "ordernummer bestelnummer bestelling factuurnummer bonnummer numerzamówienia nrzamówienia zamówienie numerfaktury nrparagonu "
    "注文番号 受注番号 注文id 受注id 伝票番号 取引id 取引番号 レシート番号 売上番号",
    "customer_id": "customerid customer buyer member memberid 客户编号 买家 会员编号 会员号 會員編號 會員號 kunde kundennummer "
    "kundennr client numéroclient cliente códigocliente códigodocliente codicecliente "
    "klant klantnummer klantnr klient numerklienta nrklienta "
    "会員番号 会員id 顧客番号 顧客コード 顧客id 購入者",
    "name": "title productname producttitle itemname 商品名称 名称 品名 标题 商品名稱 名稱 標題 bezeichnung produktname "
    "produktbezeichnung artikelname artikelbezeichnung titel nom nomproduit désignation libellé nombre nombreproducto título "
    "descrição descriçãodoproduto nome nomedoproduto nomeproduto produtonome descrizione descrizionearticolo titolo "
    "itemdescription itemdesc productdescription productdesc upcdescription upcdesc plutext longname shortname "
    "omschrijving productomschrijving artikelomschrijving naam productnaam artikelnaam nazwa nazwaproduktu nazwatowaru tytuł "
    "商品名 タイトル 商品タイトル " + EITHER,
    "description": "desc beschreibung artikelbeschreibung produktbeschreibung descriptif descripción descriçãocompleta descrizioneestesa "
    "beschrijving productbeschrijving opis opisproduktu "
    "商品説明 商品説明文 説明文",
    "brand": "manufacturer vendor 品牌 厂商 廠商 marke hersteller marque fabricant marca fabricante marchio produttore "
    "merk fabrikant producent marka "
    "ブランド ブランド名 メーカー メーカー名 製造元",
    "category": "producttype productcategory categories dept department group 品类 类别 类目 分类 商品类目 商品类别 商品分类 "
    "小类 中类 大类 類別 分類 小類 中類 大類 kategorie "
    "warengruppe produktgruppe artikelgruppe catégorie rayon categoría grupo categoriaproduto gruppo reparto "
    "categorie groep artikelgroep productgroep kategoria grupa grupatowarowa "
    "subcategory untergruppe unterkategorie souscatégorie subcategoría subcategoria sottocategoria podgrupa podkategoria "
    "カテゴリ カテゴリー カテゴリ名 カテゴリー名 商品カテゴリ 商品カテゴリー ジャンル 部門 部門名 商品分類 小分類 中分類 大分類",
    "family": "parent parentsku handle urlhandle group 系列 spu familie gruppe famille familia família famiglia "
    "rodzina "
    "シリーズ 商品グループ 親商品コード 親商品番号",
    "unit_cost": "cost costperitem costofgoods "
    "purchaseprice costprice buyingprice cogs 成本 进价 进货价 采购价 成本价 进货成本 采购成本 单位成本 商品成本 进价成本 "
    "單位成本 進貨成本 採購成本 進價 進貨價 採購價 成本價 "
    "einkaufspreis ekpreis ek kosten stückkosten einstandspreis bezugspreis selbstkosten wareneinsatz prixachat prixdachat coûtachat "
    "coûtdachat coût coûtunitaire prixderevient coste costo costeunitario costounitario preciocompra preciodecompra custo "
    "custounitário preçocusto preçodecusto preçocompra costoacquisto prezzoacquisto prezzodiacquisto "
    "inkoopprijs inkoop kostprijs inkoopkosten cenazakupu koszt kosztzakupu kosztjednostkowy zakup zakupnetto cenazakupunetto "
    "cenanettozakupu kosztnetto eknetto einkaufspreisnetto nettoeinkaufspreis prixachatht inkoopprijsexcl "
    "原価 仕入原価 仕入単価 仕入価格 仕入値 仕入れ値 仕入額 原価単価 商品原価 税抜原価 下代",
    "tax_rate": "vat vatrate taxrate 税率 稅率 mwst mwstsatz steuersatz mehrwertsteuer mehrwertsteuersatz ust ustsatz umsatzsteuer "
    "tva tauxtva tauxdetva iva tipoiva tipodeiva imposto alíquota aliquota aliquotaiva "
    "btw btwpercentage btwtarief stawkavat "
    "消費税率 適用税率 消費税",
    "rrp": "msrp listprice recommendedprice 建议零售价 吊牌价 建議零售價 定價 uvp unverbindlichepreisempfehlung prixconseillé "
    "preciorecomendado preçosugerido prezzoconsigliato prezzodilistino "
    "adviesprijs adviesverkoopprijs cenasugerowana cenakatalogowa "
    "定価 希望小売価格 メーカー希望小売価格 参考価格 上代",
    "min_price": "minimumprice lowestprice pricefloor 最低价 mindestpreis minpreis preisuntergrenze prixmin prixminimum preciomínimo "
    "preçomínimo prezzominimo "
    "minimumprijs minimaleprijs cenaminimalna "
    "最低価格 下限価格 最低販売価格",
    "max_price": "maximumprice highestprice priceceiling 最高价 höchstpreis hoechstpreis maxpreis preisobergrenze prixmax "
    "prixmaximum preciomáximo preçomáximo prezzomassimo "
    "maximumprijs maximaleprijs cenamaksymalna "
    "最高価格 上限価格 最高販売価格",
    "list_price": "regularprice regprice everydayprice originalprice baseprice regularretail regretail baseretail "
    "regularretailprice 原价 标价 原價 標價 listenpreis normalpreis prixcatalogue prixnormal "
    "preciolista preciodelista preçotabela preçodetabela preçooriginal prezzolistino "
    "normaleprijs catalogusprijs cenaregularna "
    "通常価格 通常販売価格 元値 元の価格",
    "promo": "promotion onsale ispromo 促销 是否促销 aktion enpromotion oferta promoción promoção promozione "
    "actie aanbieding inactie promotie promocja "
    "セール 特売 販促 キャンペーン",
    "channel": "salesrchannel saleschannel shop 渠道 销售渠道 店铺 通路 店鋪 kanal vertriebskanal verkaufskanal "
    "canal canaldevente canaldeventa canaldevenda canale canaledivendita boutique kanaal verkoopkanaal kanał kanałsprzedaży "
    "チャネル 販売チャネル 販路 モール",
    "region": "country market zone 地区 区域 国家 land gebiet pays país região regione paese "
    "regio kraj "
    "地域 エリア 国 都道府県",
    "on_hand": "stock inventory quantityonhand available 库存 库存数量 庫存 庫存量 bestand lagerbestand existencias estoque giacenza "
    "scorte "
    "voorraad opvoorraad stan stanmagazynowy zapas "
    "在庫 在庫数 在庫数量 現在庫 現在庫数",
    "out_of_stock": "soldout stockout 缺货 ausverkauft "
    "uitverkocht nietopvoorraad "
    "欠品 在庫切れ 品切れ",
    "valid_from": "from startdate effectivefrom effective effectivedate effdate "
    "生效日期 gültigab gueltigab gültigvon ab giltab valableàpartirdu valabledu àpartirdu "
    "válidodesde vigentedesde desde apartirde validode validodal "
    "geldigvanaf vanaf obowiązujeod ważneod "
    "適用開始日 適用日 有効開始日",
    "shipping": "shippingcost shippingcosts shippingperunit freight freightcost freightperunit delivery deliverycost postage "
    "运费 物流费 快递费 配送费 邮费 運費 物流費 versand versandkosten frachtkosten fracht porto portokosten fraisdeport fraisport "
    "fraisdelivraison fraisdexpédition gastosdeenvío gastosenvío costedeenvío costodeenvío flete frete custofrete custodefrete "
    "custodofrete valorfrete valordofrete spedizione spesedispedizione spesespedizione costodispedizione costospedizione "
    "verzendkosten verzending kosztdostawy dostawa kosztwysyłki "
    "送料 配送料 発送費 物流費",
    "start": "startdate begin beginn startdatum von début inicio começo inizio "
    "begindatum van początek "
    "開始日 開始日時",
    "end": "enddate ende enddatum bis fin fim fine término "
    "einddatum tot einde koniec "
    "終了日 終了日時",
    "views": "pageviews productviews productpageviews itemviews detailviews productdetailviews listingviews glanceviews pdpviews "
    "productvisits pagevisits productpagevisits sessions productsessions impressions productimpressions listingimpressions "
    "浏览量 商品浏览量 页面浏览量 商品访客数 曝光量 瀏覽量 商品瀏覽量 頁面瀏覽量 "
    "aufrufe seitenaufrufe produktaufrufe artikelaufrufe seitenansichten produktansichten sitzungen "
    "vues pagesvues vuesproduit sesiones impresiones visualizaciones visualizações sessões visualizzazioni sessioni "
    "weergaven paginaweergaven productweergaven sessies wyświetlenia odsłony sesje "
    "閲覧数 アクセス数 アクセス人数 ページビュー セッション数 表示回数",
    "competitor": "seller rival 竞品 竞争对手 卖家 wettbewerber anbieter concurrent competidor concorrente "
    "aanbieder konkurent sprzedawca "
    "競合 競合店 競合他社 他社",
    "observed_at": "seenat scrapedat 观测时间 抓取时间 beobachtetam erfasstam "
    "gezienop gemetenop "
    "取得日時 取得日 調査日",
}  # fmt: skip
"""Our column -> other names of it, without spaces and marks."""
AMOUNTS = (
    "amount lineamount linetotal total totalprice subtotal revenue turnover salesamount salesvalue netamount grossamount 金额 销售额 "
    "销售金额 成交金额 小计 总价 金額 銷售額 銷售金額 小計 總價 betrag gesamt gesamtpreis gesamtbetrag zeilenbetrag positionsbetrag "
    "売上 売上額 売上金額 売上高 合計 合計金額 金額合計 販売金額 販売額 商品合計 総額 "
    "summe umsatz montant montanttotal chiffredaffaires importe importetotal ingresos valortotal valor preçototal importo totale "
    "prezzototale fatturato ricavo bedrag totaalbedrag totaal regelbedrag regeltotaal omzet kwota wartość wartośćsprzedaży suma razem obrót"
)
"""Headers of amounts of whole rows, units times price, spelled as the names above."""
DISCOUNTS = frozenset({"lineitemdiscount", "linediscount", "itemdiscount", "positionsrabatt", "zeilenrabatt"})
"""Headers of what was taken off the price of a whole row, plain."""
ASIDE = frozenset(
    {
        "netto", "brutto", "net", "gross", "ht", "ttc", "inkl", "inklusive", "incl", "including", "exkl", "exklusive", "excl", "zzgl",
        "mit", "ohne", "avec", "sans", "con", "sin", "in", "en", "met", "zonder", "inclusief", "exclusief",
        "eur", "euro", "euros", "chf", "usd", "gbp", "cny", "pln", "jpy", "円", "税込", "税込み", "税抜", "税抜き", "税別", "内税", "外税",
    }
)  # fmt: skip
TAXES = frozenset({"mwst", "ust", "vat", "tva", "iva", "btw", "tax"})
"""Words beside the name of a column: a currency, whether tax is in it; the tax itself is one only beside another of them."""
LONGEST = 80
"""Letters of a name at most: a longer text describes."""


def bare(header: str) -> str:
    """The same without words that only say a currency or whether tax is in it: `EK netto` is `ek`, `Preis inkl. MwSt.` is `preis`."""
    all_ = words(header)
    rest = [word for word in all_ if word not in ASIDE]
    named = [word for word in rest if word not in TAXES] if len(rest) < len(all_) else rest
    return "".join(named or rest or all_)


KNOWN = {column: tuple(map(plain, names.split())) for column, names in NAMES.items()}
TOTALS = frozenset(map(plain, AMOUNTS.split()))


def guess(table: str, headers: Sequence[str], rows: Sequence[Sequence[str]], sku: str = "") -> dict[str, str]:
    """Our column -> a header of the file, where one is named alike; each header once. A guess: a person confirms it.

    rows  the first rows, to find days where no header tells, and whether a column holds codes or names
    sku   the header of the product key, where that is known
    Only money and shares are looked for by `bare`: net sales are no units. Where there are units and no price, an amount of the whole row
    is taken for one (see `total`).
    """
    found = {column: header for column, header in _of_export(table, headers, rows).items() if header != sku} | ({"sku": sku} if sku else {})
    left = [header for header in headers if header not in found.values()]
    for spell, others in ((plain, False), (plain, True), (bare, True)):
        spelled = {spell(header): header for header in reversed(left)}
        for column in INPUT[table].columns:
            if column.name in found or (spell is bare and column.kind not in ("money", "fraction")):
                continue
            names = (plain(column.name), *(_others(column.name, headers, rows) if others else ()))
            match = next((name for name in names if name in spelled), None)
            if match is not None:
                found[column.name] = spelled.pop(match)
                left.remove(found[column.name])
    if "description" in found and "name" not in found and short(headers.index(found["description"]), rows):
        found["name"] = found.pop("description")
    price = "" if "price" in found else _otherwise(table, found, headers, rows, left)
    if price:
        found["price"] = price
        left.remove(price)
    found = corrected(table, {**found, **_of_case(table, found, headers, rows, left)}, headers, rows)
    left = [header for header in headers if header not in found.values()]
    for column in INPUT[table].columns:
        if column.required and column.kind in ("date", "moment") and column.name not in found:
            dated = [header for header in left if days(headers.index(header), rows)]
            dated = [header for header in dated if says(header)][:1] or dated
            if len(dated) == 1:
                found[column.name] = dated[0]
                left.remove(dated[0])
    return found


def _of_case(
    table: str, found: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[str]
) -> dict[str, str]:
    """Where no header names what one unit costs, that of what a case of so many units costs, which is offered to be divided by them."""
    if COST not in INPUT[table].by_name or COST in found:
        return {}
    cells = {header: [row[place].strip() for row in rows if place < len(row)] for place, header in enumerate(headers)}
    case = cases.cost([header for header in left if not cases.units(header) or can_be(header, cells[header])], KNOWN[COST])
    return {COST: case} if case else {}


def _otherwise(table: str, found: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[str]) -> str:
    """A header of prices that names them in no usual way: amounts of whole rows, or those of one competitor; "" where there is none."""
    amounts = [header for header in left if total(header)] if "units" in found and "price" in INPUT[table].by_name else []
    return amounts[0] if amounts else prices_of(headers, rows, left) if table == COMPETITOR_PRICES.name else ""


def _others(column: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """Other names of a column of ours, the likeliest first. A store is a region, and a channel where a header names a region."""
    store = stores.first(headers) if column in PLACES else ""
    if store and (column == "channel") == any(plain(header) in ("region", *KNOWN["region"]) for header in headers):
        return (*KNOWN[column], plain(store))
    return keys(headers, rows) if column == "sku" else KNOWN.get(column, ())


def short(place: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column holds texts that can be names."""
    told = [row[place] for row in rows if place < len(row) and row[place].strip()]
    return bool(told) and max(map(len, told)) <= LONGEST


def _of_export(table: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    spelled = spelled_by(headers)
    export = exports.known(table, spelled)
    return exports.columns(export, spelled, headers, rows) if export else {}


def discount(headers: Sequence[str]) -> str:
    """The header of what was taken off the price of a whole row; "" where there is none."""
    return next((header for header in headers if plain(header) in DISCOUNTS), "")


def total(header: str) -> bool:
    """Whether a header names amounts of whole rows."""
    return plain(header) in TOTALS or bare(header) in TOTALS


def undated(table: str, found: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a file of costs has no column of days, which that table needs and the table of products does not. found: as of `guess`"""
    apart = table == COSTS.name and {"sku", "unit_cost"} <= found.keys() and "valid_from" not in found
    return apart and not any(days(place, rows) for place in range(len(headers)))


def better(table: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table that the columns fit clearly better than the one that was named; "" where there is none.

    It has every column that it needs and matches at least two more of the file; one more where the named one lacks what it needs. Nothing
    is said against the named one where it has what it needs and at least half of the file. A price speaks for no table, for it stands in
    many, but its header may name the competitor of a whole file. Rows with the number of an order are order lines, not sales of a day. The
    export of a shop program says itself which table it is.
    """
    found = {name: guess(name, headers, rows) for name in INPUT}
    if table == "sales" and all(name in found["orders"] for name in INPUT["orders"].required):
        return "orders"
    whose = called(found[table].get("price", ""))
    lacking = any(name not in found[table] for name in INPUT[table].required if not (whose and name == COLUMN))
    export = exports.told(spelled_by(headers))
    if export and export.table != table:
        return export.table
    speaking = {name: len(own.keys() - {"price"}) for name, own in found.items()}
    if not lacking and 2 * speaking[table] >= len(headers):
        return ""
    least = speaking[table] + (1 if lacking else 2)
    whole = {name: speaking[name] for name, own in found.items() if all(needed in own for needed in INPUT[name].required)}
    best = max(whole, key=lambda name: whole[name], default=table)
    return best if best != table and whole[best] >= least else ""
