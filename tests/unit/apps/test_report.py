"""The report is one file that needs nothing else, says the same each time, and shows no name as markup."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
from html.parser import HTMLParser

import polars as pl
import pytest

from pricesmith.apps.report import numbers, view
from pricesmith.apps.report.html import render
from pricesmith.apps.report.summary import summary
from pricesmith.apps.report.words import Words
from pricesmith.contracts.policy import LANGUAGES
from pricesmith.flows.desk.today.outlook import Outlook, OutlookStep
from pricesmith.flows.desk.today.paid import Paid
from tests.unit.apps.made_content import content

VOID = {"meta", "line", "path", "use", "br", "circle", "rect"}


class Outline(HTMLParser):
    """Checks that every element is closed and gathers the tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest) -> str:
    return render(content(request.param))


def test_it_is_well_formed(page: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    assert outline.tags.count("svg") >= 2


def test_it_needs_nothing_else(page: str) -> None:
    outline = Outline(page)
    assert [link for link in outline.links if not link.startswith("#")] == []
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(outline.tags)
    assert re.findall(r"url\((?!#)|@import", page) == []


def test_it_adapts_to_phone_print_and_dark(page: str) -> None:
    assert 'name="viewport"' in page
    assert all(rule in page for rule in ("@media (max-width", "@media print", "prefers-color-scheme:dark"))
    assert all("viewBox" in svg and " width=" not in svg for svg in re.findall(r"<svg [^>]*>", page))


def test_names_are_text_not_markup(page: str) -> None:
    assert "<b>24</b>" not in page
    assert "Pan &lt;b&gt;24&lt;/b&gt; cm" in page
    assert "Pots &amp; Pans" in page


def test_it_follows_the_colours_of_the_page(page: str) -> None:
    assert not re.search(r"#0[1-6]0\d0\d", page)
    assert "var(--accent)" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_one_language(language: str) -> None:
    words, text = Words(language), " ".join(Outline(render(content(language))).words)
    for key in (
        "moves",
        "curves",
        "elasticities",
        "evidence_mix",
        "binding",
        "held",
        "data",
        "certificate",
        "reading",
        "costs_assumed",
        "frontier",
    ):
        assert words(key) in text
    assert words.code("reason", "missing_cost") in text
    assert words.code("reason", "missing_price") in text
    other = Words("zh" if language == "en" else "en")
    assert other("moves") not in text


def test_same_content_gives_the_same_file() -> None:
    assert render(content()) == render(content())


def test_assumed_costs_are_said_only_where_they_are() -> None:
    words = Words("en")
    assert words("costs_assumed") in render(content())
    assert words("costs_assumed") not in render(content(cost_assumed=False))
    assert words("costs_assumed") in summary(content())
    assert words("costs_assumed") not in summary(content(cost_assumed=False))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_sold_lately_in_profit_stands_in_the_report_and_much_less_of_it_in_the_summary(language: str) -> None:
    made, words = content(language), Words(language)
    for share, less in ((0.95, False), (0.3, True)):
        told = dataclasses.replace(
            made, paid=Paid(dt.date(2026, 10, 27), share * made.total.today, 1.1 * made.total.today, made.total.today, less)
        )
        line = view.paid(told, words)
        assert "2026-10-27" in line and numbers.money(share * made.total.today, made.currency) in line
        assert (words("paid_less") in line, line in summary(told).splitlines()) == (less, less)
        assert line in html.unescape(render(told).partition('id="paid">')[2].partition("</p>")[0])
    assert 'id="paid"' not in render(made) and view.paid(made, words) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_says_the_main_reason_why_other_sales_are_expected_than_lately(language: str) -> None:
    steps = [OutlookStep("promotions", -90.0), OutlookStep("price", 30.0), OutlookStep("season", -40.0), OutlookStep("rest", -10.0)]
    told = Outlook(dt.date(2026, 10, 27), 840.0, 730.0, steps)
    words = Words(language)
    line = words("lately_line", since="2026-10-27", sold="840.0", expected="730.0", reason=words("lately_promotions"), effect="\u221290.0")
    assert line in summary(dataclasses.replace(content(language), lately=told)).splitlines()
    more = Outlook(told.since, 700.0, 730.0, [OutlookStep("promotions", -20.0), OutlookStep("rest", 50.0)])
    assert words("lately_rest_less") in summary(dataclasses.replace(content(language), lately=more))
    alike = Outlook(told.since, 730.0, 733.0, [OutlookStep("promotions", -20.0), OutlookStep("rest", 23.0)])
    for one in (alike, None):
        assert "2026-10-27" not in summary(dataclasses.replace(content(language), lately=one))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Units a day, sold since 2026-10-27: 84.0; expected at today's prices: 73.0. The difference: "
            "promotions that ran then, while none is taken to run in the days ahead \u22129.0; list prices that have changed since +3.0; "
            "season and events \u22124.0; more was sold than prices, promotions and season explain, which is not expected to last "
            "\u22121.0.",
        ),
        (
            "zh",
            "日均销量：自 2026-10-27 起 84.0；按当前价格预期 73.0。两者之差：当时有促销，而预测假定未来没有促销 \u22129.0；"
            "此后标价的变动 +3.0；"
            "季节与节日 \u22124.0；近期多卖、原因不明，预计不会持续 \u22121.0。",
        ),
    ],
)
def test_the_report_says_what_sold_lately_beside_what_is_expected(language: str, said: str) -> None:
    """Of the whole shop, and of each product whose curve is drawn; nothing where the model cannot tell."""
    steps = [
        OutlookStep("promotions", -9.0),
        OutlookStep("price", 3.0),
        OutlookStep("season", -4.0),
        OutlookStep("absent", 0.0),
        OutlookStep("rest", -1.0),
    ]
    whole, one = Outlook(dt.date(2026, 10, 27), 84.0, 73.0, steps), Outlook(dt.date(2026, 10, 27), 1.25, 1.25, [OutlookStep("rest", 0.0)])
    made = content(language)
    told = dataclasses.replace(made, lately=whole, curves=(dataclasses.replace(made.curves[0], lately=one),))
    page, words = html.unescape(render(told)), Words(language)
    assert said in page.partition('id="lately">')[2].partition("</p>")[0]
    short = words("lately_sold", since="2026-10-27", sold="1.25", expected="1.25") + words("lately_between", steps=words("lately_none"))
    assert short in page.partition("<figure>")[2].partition("</figure>")[0]
    assert 'id="lately"' not in render(made)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_long_after_the_last_sale_warns(language: str) -> None:
    old = dataclasses.replace(content(language), last_sale=dt.date(2026, 1, 5))
    line = Words(language)("late", date="2026-01-05", days=323)
    assert line in render(old) and line in summary(old)
    assert line not in render(content(language))


def test_the_terminal_tells_what_makes_its_figures_misleading() -> None:
    warnings = [{"code": code, "table": "orders", "count": 1, "message": f"what {code} says"} for code in ("list_price_rare", "gap")]
    told = summary(dataclasses.replace(content("en"), warnings=tuple(warnings)))
    assert "what list_price_rare says" in told and "what gap says" not in told


def test_held_products_are_told_apart_by_the_rules_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The most frequent sets of rules each by themselves, the others in one line that names none."""
    monkeypatch.setattr(view, "CLASHES", 2)
    sets = ["margin_floor;max_change", "max_change;price_endings", "max_change;price_endings", "margin_floor;rrp", "price_bounds:2"]
    made = content()
    held = made.decisions[[0] * len(sets)].with_columns(
        sku=pl.Series([f"H{number}" for number in range(len(sets))]),
        action=pl.lit("hold"),
        reason=pl.lit("no_feasible_price"),
        binding_rules=pl.Series(sets),
    )
    frozen = held[:1].with_columns(sku=pl.lit("F"), reason=pl.lit("frozen"), binding_rules=pl.lit("freeze"))
    told = view.held(dataclasses.replace(made, decisions=pl.concat([held, frozen])), Words("en"))
    stuck = [(row["count"], row["reason"].removeprefix("no new price obeys all its rules at once")) for row in told]
    assert stuck == [
        ("2", ""),
        ("2", ": largest change, price endings"),
        ("1", "prices are frozen on this day"),
        ("1", ": margin floor, largest change"),
    ]
    assert told[1]["examples"] == "for example H1, H2"


def test_the_page_lists_every_change_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOVES", 1)
    page = render(content())
    assert page.count("<details>") == 1 and Words("en")("others_shown", count=1) in page
    assert "stand in the price list" not in page
    monkeypatch.setattr(view, "LISTED", 1)
    assert "<details>" not in render(content())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_heading_counts_what_stands_only_in_the_price_list(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four changes one is shown, one listed below, and two stand in the price list alone."""
    monkeypatch.setattr(view, "MOVES", 1)
    monkeypatch.setattr(view, "LISTED", 2)
    found = content(language)
    more = found.decisions.with_columns(sku=pl.col("sku") + "-2")
    page, words = render(dataclasses.replace(found, decisions=pl.concat([found.decisions, more]))), Words(language)
    assert words("others_first", count=1, total=3) in page
    assert words("others_left", count=2) in page
    assert words("others_shown", count=1) not in page


def test_a_product_without_a_name_is_named_once() -> None:
    known = content("en")
    bare = dataclasses.replace(known, decisions=known.decisions.with_columns(name=pl.lit(None, pl.String)))
    first = view.moves(bare, Words("en"), 1)[0]
    assert (first["name"], first["beside"]) == (first["sku"], "")
    (line,) = (line for line in summary(bare).splitlines() if line.startswith(f"{first['sku']} "))
    assert line.split().count(first["sku"]) == 1
    named = view.moves(known, Words("en"), 1)[0]
    assert named["beside"] == named["sku"] == first["sku"] != named["name"]


def test_the_gap_is_the_same_wherever_it_is_shown() -> None:
    shown = view.gap(content())
    assert render(content()).count(shown) == 2
    assert shown in summary(content())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_after_tax_says_so(language: str) -> None:
    net = Words(language)("outlook_net")
    assert net in render(content(language)) and net in summary(content(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_without_changes_says_so(language: str) -> None:
    plain, words = content(language, changed=False), Words(language)
    assert words("headline_none") in render(plain)
    assert words("headline_none") in summary(plain)
    assert words("moves") not in render(plain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_that_repeat_another_one_are_told_beside_those_set_aside(language: str) -> None:
    words, made = Words(language), content(language)
    told = dataclasses.replace(made, rows={"products": (5, 0, 0), "orders": (90_000, 3, 2_630)})
    line = words("repeated", count="2,630")
    assert line in summary(told).splitlines() and line in render(told)
    data = render(told).partition(f"<h2>{words('data')}</h2>")[2].partition("</table>")[0]
    assert f'<th class="n">{words("repeats")}</th>' in data and '<td class="n">3</td><td class="n">2,630</td></tr>' in data
    assert words("repeats") not in render(made) and words("repeated", count="0") not in summary(made)


def test_the_report_says_what_may_come_at_todays_prices() -> None:
    """Where the model tells its noise; nothing where no price changes, as of the table above it."""
    told = re.search(r'<p class="note" id="ranges">([^<]*)</p>', render(content()))
    assert told is not None and told[1] == (
        "What may come a day at today&#39;s prices, 90 % intervals: profit 19.50 … 35.25 and revenue 60.50 … 115.50 EUR, 5.0 … 9.5 units."
    )
    assert "实现（90% 区间）" in render(content("zh"))
    assert 'id="ranges"' not in render(content(changed=False))
