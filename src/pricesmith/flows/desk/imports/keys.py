"""Which column of a file names the product: its own codes, then barcodes, then what may as well be a name."""

from __future__ import annotations

from collections.abc import Sequence

from pricesmith.contracts.exports import plain

OWN = (
    "productid articleid itemid variantsku lineitemsku productnumber productno stockkeepingunit skuid skucode skuno skunumber "
    "articlenumber articleno itemcode itemnumber itemno productcode productkey 商品编号 商品编码 "
    "商品代码 商品id 货号 编号 款号 品号 商品編號 商品代碼 貨號 品號 artikelnummer artikelnr artnr artikelid artikelcode "
    "produktnummer produktnr produktid référence réf référenceproduit référencearticle réfproduit codeproduit codearticle referencia "
    "códigoproducto códigoarticulo código códigoproduto códigodoproduto codice codicearticolo codiceprodotto "
    "productnummer productnr kodproduktu kodtowaru indeks numerartykułu nrartykułu symbol "
    "商品番号 商品コード 商品管理番号 管理番号 品番 型番 商品sku sku管理番号 独自商品コード システム連携用sku番号"
)
"""Headers of a shop's own keys, spelled as those of `headers.NAMES`."""
BARCODES = (
    "upc upccode upcno upcnumber ean ean13 ean8 eancode gtin gtin13 gtin14 barcode barcodeno barcodenumber strichcode codebarre codebarres "
    "códigodebarras códigobarras códigodebarra codiceabarre codicebarre streepjescode kodkreskowy kodean isbn plu pluno plucode plunummer "
    "plunr 商品條碼 商品条码 条码 條碼 國際條碼 国际条码 "
    "jan jancode janコード jan13 バーコード"
)
"""Headers of keys that other shops share."""
EITHER = "item article artikel articolo artículo produto product produkt produit producto prodotto towar 商品"
"""Headers of a key or a name: what stands below tells."""
CODES = f"{OWN} {BARCODES} {EITHER}"
_OWN, _BARCODES, _EITHER = (tuple(map(plain, names.split())) for names in (OWN, BARCODES, EITHER))


def keys(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Plain headers of product keys, the likeliest first. rows: the first ones"""
    places = {plain(header): place for place, header in reversed(list(enumerate(headers)))}
    coded = [name for name in _EITHER if name in places and codes([row[places[name]] for row in rows if places[name] < len(row)])]
    return [*_OWN, *coded, *_BARCODES, *_EITHER]


def codes(values: Sequence[str]) -> bool:
    """Whether cells are codes rather than names: each is one word with a digit in it."""
    told = [value.strip() for value in values if value.strip()]
    return bool(told) and all(len(value.split()) == 1 and any(letter.isdigit() for letter in value) for value in told)
