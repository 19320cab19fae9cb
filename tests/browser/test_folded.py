"""The page of a product on a small screen: the answer first, the rest in sections that open; on paper everything."""

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
