"""In which encoding a file is that is not UTF-8 is told by what its bytes spell, of a header and a few names already."""

from __future__ import annotations

import pytest

from pricesmith.contracts.encodings import ENCODINGS
from pricesmith.flows.desk.imports.code_pages import likely

CENTRAL = {
    "Polish": [
        "Miesiąc;Sklep;Ilość;Cena\n12.2024;Sklep 1;92;17,52\n",
        "EAN;Nazwa towaru\n1;ryż jaśminowy\n2;cukier biały\n",
        "EAN;Nazwa\n1;MASŁO EKSTRA\n2;ŻUREK ŚLĄSKI\n3;CUKIERKI\n",
        "nazwa\npół kilo żółtego sera\n",
        "Sprzedaż;data\n1;2\n",
        "Jednostka;Wartość\n1;2\n",
        "Pchnąć w tę łódź jeża lub ośm skrzyń fig\n",
    ],
    "Czech": [
        "Počet;Cena\n1;2\n",
        "Datum;Zboží;Množství\n1;Čerstvé mléko;2\n",
        "název\nhořká čokoláda\nplnotučné mléko\n",
        "Název\nRýže dlouhozrnná\nTěstoviny\n",
        "Nechť již hříšné saxofony ďáblů rozzvučí síň úděsnými tóny waltzu\n",
    ],
    "Hungarian": [
        "Cikkszám;Megnevezés;Eladott mennyiség\n1;Főtt sonka;2\n",
        "név\nTejföl 20%\nfűszerpaprika\n",
        "Árvíztűrő tükörfúrógép\n",
        "Egy hűtlen vejét fülöncsípő, dühös mexikói úr\n",
    ],
    "Romanian": [
        "Denumire;Preţ;Cantitate\n1;Brânză de vaci;2\n",
        "nume\nPâine albă feliată\nşuncă de porc\n",
        "Înjurând pitoresc, zoofobul comandă vexat whisky şi tequila\n",
    ],
}
WESTERN = {
    "German": [
        "Größe;sku\n5;A\n", "Größe;Maß;Spaß\nä;ö;ü\n", "Menge;Stück\n1;2\n", "Name\nKöstliche Würstchen\nJalapeños scharf\nCrème brûlée\n",
        "Raum\n5 m³\nBürostuhl\n", "GRÖßE\nÄPFEL\n", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich\n", "Süd;1\n",
    ],
    "French": [
        "Référence;Quantité\nété;5\n", "Libellé\nPâtes fraîches aux œufs\nŒufs de plein air\n", "Qté\nBière brune\n", "Très;ça\n1;2\n",
        "Dès Noël où un zéphyr haï me vêt de glaçons würmiens\n", "désignation\nBœuf haché\n",
    ],
    "Spanish": [
        "Código;Año\n1;2\n", "Descripción\nPiña natural\nJamón ibérico\n", "Número\n1\n", "Tamaño\n¿Qué?\n¡Oferta!\n",
        "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, añoraba a su querido cachorro\n",
    ],
    "others": [
        "Descrição;Preço\nPão de maçã;3\n", "Quantità\nCaffè\n", "Størrelse\nRødgrød med fløde\n", "Mängd\nKött och smör\n",
        "Preis €\n£5\n",
    ],
}  # fmt: skip
RUSSIAN = [
    "Дата;Товар;Количество;Цена\n", "артикул\nмолоко\nхлеб\n", "ЦЕНА\n", "ТОВАР;КОЛИЧЕСТВО;ЦЕНА\nМОЛОКО;1;2\n", "sku;Остаток\nA;1\n",
    "Съешь же ещё этих мягких французских булок да выпей чаю\n", "Ціна;Кількість\nЇжа;1\n",
]  # fmt: skip
SIMPLIFIED = [
    "商品编号,sku\n甲,A\n",
    "日期,商品编号,销量\n",
    "sku,名称\nA,大米5kg\nB,酱油500ml\n",
    "小票号,门店,金额\n",
    "sku,颜色\nA,红\n",
]
TRADITIONAL = ["商品編號,數量,單價\n", "日期;品名\n1;鮮奶\n2;醬油\n", "sku,名稱\nA,白米5kg\nB,醬油500ml\n", "我們的產品價格由總公司決定\n"]
JAPANESE = [
    "商品コード,数量,価格\n", "日付;商品名\n1;牛乳\n2;醤油\n", "sku,品名\nA,ﾁｮｺﾚｰﾄ\nB,チョコレート\n",
    "いろはにほへと ちりぬるを\n", "売上,単価\n",
]  # fmt: skip
CASES = [
    *((page, text) for page, all_ in (("cp1250", CENTRAL), ("cp1252", WESTERN)) for texts in all_.values() for text in texts),
    *(("cp1251", text) for text in RUSSIAN), *(("gb18030", text) for text in SIMPLIFIED),
    *(("cp950", text) for text in TRADITIONAL), *(("cp932", text) for text in JAPANESE),
]  # fmt: skip


@pytest.mark.parametrize(("page", "text"), CASES)
def test_the_page_is_told_by_what_its_bytes_spell(page: str, text: str) -> None:
    assert likely(text.encode(page)) == page
    assert likely((text * 500).encode(page)) == page


def test_what_tells_nothing_is_taken_for_the_most_usual_page() -> None:
    assert likely("sku;Möbel\n".encode("cp1250")) == "cp1252", "the bytes are the same in both"
    assert likely(b"\xff\n") in ENCODINGS
