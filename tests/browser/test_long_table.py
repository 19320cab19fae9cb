"""The prices table grows while it is scrolled, and stays one table: aligned, usable by key, its chosen rows sent together."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Shop
from tests.browser.walking import Person, Visit

pytestmark = pytest.mark.real
LEFTS = "(row) => [...row.cells].map((one) => Math.round(one.getBoundingClientRect().left))"
CARD = """(row) => [...row.cells].map((one) => {
  const box = one.getBoundingClientRect(), sku = row.querySelector(".sku").getBoundingClientRect();
  return Math.round(one.matches(".state") ? sku.left - box.right : one.matches(".sku") ? box.right : box.left);
})"""
"""On a phone a row is a card: the SKU ends at its right edge, and the state stands before it, however long that is."""
GROWN = "table.prices.long"


def grown(person: Person) -> int:
    """Scroll until every change has come; how many there are."""
    person.go("/prices?action=change&size=4&columns=name&columns=price&columns=state")
    rows = person.find("tr[data-row]")
    while person.find("a[data-more]").count():
        person.find("table.prices").evaluate("(one) => one.rows[one.rows.length - 1].scrollIntoView()")
        person.page.wait_for_timeout(50)
    expect(person.find(GROWN)).to_have_count(1)
    return rows.count()


@pytest.mark.parametrize(("language", "width"), [("en", "desktop"), ("zh", "phone")])
def test_rows_of_every_page_are_one_table(shared: Shop, visit: Visit, language: str, width: str, axe: str) -> None:
    person = visit(shared.address, "", language, width)
    count = grown(person)
    assert count == person.asks("/prices?action=change")["found"] > 12
    person.find("tr[data-row]").nth(count - 1).scroll_into_view_if_needed()
    edges = LEFTS if width == "desktop" else CARD
    assert len({tuple(person.find("tr[data-row]").nth(place).evaluate(edges)) for place in range(count)}) == 1
    if width == "desktop":
        assert person.find("thead tr").evaluate(LEFTS) == person.find("tr[data-row]").last.evaluate(LEFTS)
    person.fits()
    judged = person.page.evaluate(f"async () => {{ {axe}; return (await axe.run('table.prices')).violations.map((one) => one.id); }}")
    assert not judged
    roles = person.page.context.new_cdp_session(person.page).send("Accessibility.getFullAXTree")["nodes"]
    assert {"table", "row", "cell"} <= {one["role"]["value"] for one in roles if "role" in one}


def test_a_table_that_has_grown_keeps_to_its_window(shared: Shop, visit: Visit) -> None:
    person = visit(shared.address)
    grown(person)
    for wide in (1600, 900, 390, 1280):
        person.page.set_viewport_size({"width": wide, "height": 900})
        person.page.wait_for_timeout(100)
        row = person.find("tr[data-row]").last
        cut = row.evaluate("(row) => [...row.cells].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML)")
        assert cut == [], wide
        person.fits()


@pytest.mark.parametrize("place", ["/prices?size=100", "/prices?size=4"])
def test_the_line_below_a_row_is_one_line(shared: Shop, visit: Visit, place: str) -> None:
    person = visit(shared.address)
    person.go(place)
    if place.endswith("=4"):
        expect(person.find(GROWN)).to_have_count(1)
    ends = "(rows) => rows.map((row) => new Set([...row.cells].map((one) => Math.round(one.getBoundingClientRect().bottom))).size)"
    assert set(person.find("tr[data-row]").evaluate_all(ends)) == {1}


WIDTHS = "(row) => [...row.cells].map((one) => one.getBoundingClientRect().width)"


@pytest.mark.parametrize("size", [100, 4])
def test_a_price_of_ones_own_leaves_the_columns_as_they_are(shop: Shop, visit: Visit, size: int) -> None:
    person = visit(shop.address, "Longest-Name-Of-All")
    person.page.set_viewport_size({"width": 1300, "height": 900})
    place = f"/prices?run={shop.run}&action=change&size={size}"
    person.go(place)
    head, row = person.find("thead tr"), person.find("tr[data-row]").first
    widths, high = head.evaluate(WIDTHS), row.evaluate("(row) => row.offsetHeight")
    row.locator("input[type=checkbox]").check()
    person.open("prices_mine")
    person.find("input[name=percent]").fill("1")
    person.find("#answers input[name=why]").fill("round")
    with person.page.expect_navigation():
        person.find('button[formaction="/prices/override"]').click()
    person.go(place)
    expect(row.locator(".own")).to_contain_text(person.name)
    assert head.evaluate(WIDTHS) == pytest.approx(widths, abs=12)
    assert row.evaluate("(row) => row.offsetHeight") < high + 100
    assert row.evaluate("(row) => [...row.cells].filter((one) => one.scrollWidth > one.clientWidth + 1).length") == 0


def test_rows_of_several_pages_are_sent_together(shared: Shop, visit: Visit) -> None:
    person = visit(shared.address, "Long")
    count = grown(person)
    boxes = person.find("tr[data-row] input[type=checkbox]:enabled")
    for place in (0, boxes.count() - 1):
        boxes.nth(place).check()
    expect(person.find("[data-count]")).to_have_text("2")
    for _ in range(count):
        person.page.keyboard.press("j")
    assert person.find("tr.at").evaluate("(row) => row.getBoundingClientRect().top < window.innerHeight")
    with person.page.expect_navigation():
        person.find('button[formaction="/prices/accept"]').click()
    person.told("said_accept", count=2)


def test_of_several_questions_the_last_one_counts(shared: Shop, visit: Visit) -> None:
    person = visit(shared.address)
    person.go("/prices")
    every, late = person.find("tr[data-row]").count(), []
    person.page.route("**/prices?*", lambda route: late.append(route))
    for action in ("change", ""):
        with person.page.expect_request("**/prices?*"):
            person.find("select[name=action]").select_option(action)
    for route in late:
        with person.page.expect_response("**/prices?*"):
            route.continue_()
        person.page.wait_for_timeout(200)
    expect(person.find("[aria-busy]")).to_have_count(0)
    assert person.find("tr[data-row]").count() == every


def test_a_page_of_rows_is_asked_for_once_whatever_moves_meanwhile(shared: Shop, visit: Visit) -> None:
    person, late = visit(shared.address), []
    person.page.route("**/prices?*page=2*", lambda route: late.append(route))
    with person.page.expect_request("**/prices?*page=2*"):
        person.go("/prices?action=change&size=4")
    boxes = person.find("tr[data-row] input[type=checkbox]:enabled")
    for place in range(3):
        boxes.nth(place).check()
        person.page.wait_for_timeout(100)
    assert len(late) == 1
    late[0].continue_()
    expect(person.find(GROWN)).to_have_count(1)
    named = boxes.evaluate_all("(all) => all.map((one) => one.value)")
    assert len(named) == len(set(named))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_usual_columns_fit_a_screen_of_1280(shared: Shop, visit: Visit, language: str) -> None:
    """Also where products are told apart by channel and region: the names are written in here."""
    person = visit(shared.address, "", language)
    person.go("/prices?action=change")
    person.find(".prices td.sku a").evaluate_all("(all) => all.forEach((one) => { one.textContent += ' · web · Hamburg' })")
    beyond = person.find(".scroll.tall").evaluate("(one) => one.scrollWidth - one.clientWidth")
    assert beyond == 0
