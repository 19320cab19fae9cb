"""A workbook of one sheet, written column by column: hundreds of thousands of rows in seconds, and no cell is ever a formula.

The parts are those of ECMA-376 (Office Open XML): content types, relationships, workbook, styles, sheet.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

ROWS_AT_ONCE = 10_000
QUICK = 1
"""Level of compression: the text of cells repeats so much that more of it takes time and saves little."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {
    chr(code): f"_x{code:04X}_" for code in (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)
}
"""Letters that mean something to XML, and those that it may not hold: the format's own escape stands for these."""


@dataclass(frozen=True, slots=True)
class Column:
    """title: the cell in the head;  form: number format of its figures;  width: in letters."""

    title: str
    form: str
    width: int


def workbook(table: pl.DataFrame, columns: Sequence[Column], name: str) -> bytes:
    """A table of texts and figures with a head that stays in sight; figures that are none stay empty.

    columns  one for each of the table
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as book:
        for path, text in _frame(columns, name).items():
            book.writestr(path, _HEAD + text)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for part in _sheet(table, columns):
                sheet.write(part.encode())
    return out.getvalue()


def _sheet(table: pl.DataFrame, columns: Sequence[Column]) -> Iterator[str]:
    letters = [_letters(number) for number in range(len(columns))]
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    yield '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews><cols>'
    for number, column in enumerate(columns, 1):
        yield f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"/>'
    titles = pl.DataFrame({"title": [column.title for column in columns]}).select(_escaped(pl.col("title")))["title"]
    cells = (f'<c r="{letter}1" s="1" t="inlineStr"><is>{_T}{title}</t></is></c>' for letter, title in zip(letters, titles, strict=True))
    yield f'</cols><sheetData><row r="1">{"".join(cells)}</row>'
    for start in range(0, table.height, ROWS_AT_ONCE):
        yield _rows(table.slice(start, ROWS_AT_ONCE), letters, start + 2)
    yield f'</sheetData><autoFilter ref="A1:{letters[-1]}{table.height + 1}"/></worksheet>'


_T = '<t xml:space="preserve">'


def _rows(part: pl.DataFrame, letters: Sequence[str], first: int) -> str:
    row = pl.col("row number of the sheet").cast(pl.String)
    cells = [
        _cell(name, kind, letter, row, number + 2)
        for number, (letter, (name, kind)) in enumerate(zip(letters, part.schema.items(), strict=True))
    ]
    whole = pl.concat_str(pl.lit('<row r="'), row, pl.lit('">'), *cells, pl.lit("</row>"))
    return "".join(part.with_row_index("row number of the sheet", offset=first).select(whole).to_series())


def _cell(name: str, kind: pl.DataType, letter: str, row: pl.Expr, style: int) -> pl.Expr:
    """The cell as text, "" where there is none."""
    place = (pl.lit(f'<c r="{letter}'), row)
    if kind == pl.String:
        text = pl.concat_str(*place, pl.lit(f'" t="inlineStr"><is>{_T}'), _escaped(pl.col(name)), pl.lit("</t></is></c>"))
        return text.fill_null("")
    figure = pl.col(name).cast(pl.Float64) if kind == pl.Boolean or kind.is_float() else pl.col(name)
    known = figure.is_finite() if kind == pl.Boolean or kind.is_float() else figure.is_not_null()
    number = pl.concat_str(*place, pl.lit(f'" s="{style}"><v>'), figure.cast(pl.String), pl.lit("</v></c>"))
    return pl.when(known).then(number).otherwise(pl.lit(""))


def _escaped(text: pl.Expr) -> pl.Expr:
    """As text of XML; what looks like an escape of the format (`_x0041_`) stays what it is."""
    plain = text.str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
    return plain.str.replace_many(list(_ESCAPED), list(_ESCAPED.values()))


def _letters(number: int) -> str:
    """Name of a column: A to Z, then AA."""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _frame(columns: Sequence[Column], name: str) -> dict[str, str]:
    """Every part but the sheet."""
    forms = [column.form for column in columns]
    numbers = "".join(f'<numFmt numFmtId="{164 + number}" formatCode="{form}"/>' for number, form in enumerate(forms))
    own = "".join(f'<xf numFmtId="{164 + number}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for number in range(len(forms)))
    font, plain = '<font><sz val="11"/><name val="Calibri"/></font>', '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    base, bold = plain.replace(' xfId="0"', ""), plain.replace('fontId="0"', 'fontId="1"')
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_MEDIA}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_MEDIA}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_MEDIA}.worksheet+xml"/></Types>',
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(forms)}">{numbers}</numFmts>'
        f'<fonts count="2">{font}{font.replace("<font>", "<font><b/>")}</fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1">{base}</cellStyleXfs>'
        f'<cellXfs count="{len(forms) + 2}">{plain}{bold}{own}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }


def _relations(*found: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for number, (kind, target) in enumerate(found, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'
