"""Pages on a small screen: the answer first, the rest in sections that open, rows of few lines; on paper everything."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Shop
from tests.browser.walking import Person, Visit

pytestmark = pytest.mark.real
SCREENS = 3
"""Screens of a phone that the page may be long at first."""
OPEN = "[...document.querySelectorAll('details.fold')].filter((one) => one.open).length"


def at_product(person: Person) -> int:
    """Go to the first product; the number of its sections that open."""
    row = person.asks("/prices?action=change")["rows"][0]
    person.go(f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}")
    person.waits_for("#profit")
    return person.find("details.fold").count()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_phone_shows_the_answer_and_opens_the_rest(shared: Shop, visit: Visit, language: str) -> None:
    person = visit(shared.address, "", language, "phone")
    count = at_product(person)
    expect(person.find("#profit-fold")).not_to_have_attribute("open", "")
    assert person.page.evaluate("document.documentElement.scrollHeight") <= SCREENS * person.page.viewport_size["height"]  # type: ignore[index]
    person.find("#profit summary").focus()
    person.page.keyboard.press("Enter")
    expect(person.find("#profit svg[role=img]")).to_be_visible()
    person.fits()
    shown = person.page.evaluate(OPEN)
    person.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert person.page.evaluate(OPEN) == count
    person.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert person.page.evaluate(OPEN) == shown < count


def test_an_address_of_a_section_opens_it(shared: Shop, visit: Visit) -> None:
    person = visit(shared.address, "", "en", "phone")
    at_product(person)
    person.page.goto(person.page.url + "#evidence")
    person.page.reload()
    expect(person.find("#evidence-fold")).to_have_attribute("open", "")
    expect(person.find("#profit-fold")).not_to_have_attribute("open", "")


def test_a_desk_and_a_browser_without_scripts_show_everything(shared: Shop, visit: Visit) -> None:
    for person in (visit(shared.address), visit(shared.address, width="phone", java_script_enabled=False)):
        count = at_product(person)
        assert person.find("details.fold[open]").count() == count


def height(person: Person) -> int:
    return int(person.page.evaluate("document.documentElement.scrollHeight"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_if_shows_the_answer_and_opens_the_rest(shared: Shop, visit: Visit, language: str, axe: str) -> None:
    person = visit(shared.address, "", language, "phone")
    person.go("/what-if?changes=move_limit%3Fpercent%3D5")
    person.waits_for("tr.lead", f"text={person.words('wi_again')}")
    assert person.find("details.fold").count() > 5 and person.find("details.fold[open]").count() == 0
    closed = height(person)
    for name, shown in (("#differs", "tbody tr"), ("#against", "tbody tr"), ("#ask-cost_change", "input[name=percent]")):
        person.find(f"{name} summary").focus()
        person.page.keyboard.press("Enter")
        expect(person.find(f"{name} {shown}").first).to_be_visible()
    person.fits()
    assert closed <= 2 * SCREENS * person.page.viewport_size["height"] < height(person) + 2000  # type: ignore[index]
    judged = person.page.evaluate(f"async () => {{ {axe}; return (await axe.run()).violations.map((one) => one.id); }}")
    assert judged == []
    bare = visit(shared.address, "", language, "phone", java_script_enabled=False)
    bare.go("/what-if")
    assert bare.find("details.fold:not([open])").count() == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_row_of_prices_is_a_few_lines(shared: Shop, visit: Visit, language: str) -> None:
    person = visit(shared.address, "", language, "phone")
    person.go("/prices")
    rows = person.page.evaluate("[...document.querySelectorAll('table.prices tbody tr')].map((one) => one.getBoundingClientRect().height)")
    assert len(rows) > 10 and max(rows) <= 130 and sum(rows) / len(rows) <= 115, "name and state, two lines of figures, two of why"
    cells = person.find("table.prices tbody tr").first.locator("td:visible").count()
    assert cells == person.find("table.prices thead th").count(), "nothing is left out"
    person.fits()


def test_a_long_name_takes_two_lines_and_its_row_stays_a_few(shared: Shop, visit: Visit) -> None:
    person = visit(shared.address, "", "en", "phone")
    person.go("/prices")
    name = person.find("table.prices tbody td.name").first
    line = name.evaluate("(one) => parseFloat(getComputedStyle(one).lineHeight)")
    heights = [
        name.evaluate("(one, words) => { one.querySelector('a').textContent = words; return one.getBoundingClientRect().height; }", words)
        for words in ("Bread", "Baked bread, buns and rolls 20 oz", "Baked bread, buns and rolls, mainstream, white bread, sliced, 20 oz")
    ]
    assert [round(height / line) for height in heights] == [1, 2, 2]
    assert person.find("table.prices tbody tr").first.evaluate("(one) => one.getBoundingClientRect().height") <= 130
    person.fits()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_why_stands_whole_on_a_phone_and_with_its_figures_at_a_desk(shared: Shop, visit: Visit, language: str) -> None:
    person, desk = visit(shared.address, "", language, "phone"), visit(shared.address, "", language)
    for each in (person, desk):
        each.go("/prices?action=change&sort=profit_change")
    whys = person.find("table.prices td.why")
    cut = "(all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length"
    assert whys.count() > 10 and whys.evaluate_all(cut) == 0
    told = "(all) => all.filter((one) => one.innerText.trim() === '').length"
    assert whys.evaluate_all(told) == 0, "what the drivers leave still says why"
    assert desk.find("td.why .parts").count() > 5 and desk.find("td.why .parts").first.is_visible()
    assert person.find("td.why .parts:visible").count() == 0
    person.fits()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("address", ["/", "/prices", "/rules", "/data", "/models", "/audit", "/people"])
def test_the_name_of_the_page_and_the_one_before_it_stand_whole_in_the_list(
    shared: Shop, visit: Visit, language: str, address: str
) -> None:
    person = visit(shared.address, "", language, "phone")
    person.go(address)
    ends = person.page.evaluate("""() => {
      const list = document.querySelector(".top nav ul"), edges = list.getBoundingClientRect();
      const all = [...list.children].map((one) => [one, one.getBoundingClientRect()]);
      const at = all.findIndex(([one]) => one.querySelector("[aria-current]"));
      const gaps = [all[at - 1] || all[at], all[at]].flatMap(([, one]) => [one.left - edges.left, edges.right - one.right]);
      const cut = all.filter(([, one]) => one.left < edges.left + 27 && one.right > edges.left + 29);
      return [list.scrollLeft, list.scrollWidth - list.clientWidth, list.scrollLeft > 1 ? cut.length : 0, ...gaps];
    }""")
    scrolled, most, cut, *gaps = ends
    arrows = [28.0 * (scrolled > 1), 28.0 * (scrolled < most - 1)] * 2
    assert all(gap >= arrow - 1 for gap, arrow in zip(gaps, arrows, strict=True)), ends
    assert cut == 0, "no name is cut beside the arrow at the left"
    assert scrolled == 0 or address not in ("/", "/prices"), "what fits is not moved"


def test_the_name_of_a_seller_is_not_broken_where_other_columns_are_long(shared: Shop, visit: Visit) -> None:
    person = visit(shared.address)
    rows = person.asks("/prices?columns=competitor_price")["rows"]
    row = next(one for one in rows if one["competitor_price"])
    person.asks(f"/products/{row['sku']}")
    person.go(f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}")
    person.page.set_viewport_size({"width": 1000, "height": 900})
    lines = person.find("#offers tbody:has(td:nth-child(4)) tr").first.evaluate("""(one) => {
      const name = one.querySelector("th"), written = document.createRange();
      name.textContent = "competitor_1";
      one.lastElementChild.textContent = "no: below half or above twice the median of our own prices, so taken to be of another product";
      written.selectNodeContents(name);
      return [written.getClientRects().length, document.documentElement.scrollWidth];
    }""")
    assert lines == [1, 1000]
