"""Every task without a mouse, in both languages, at a desk and on a phone: what has the focus is always seen, and nothing keeps it."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import FileChooser, expect

from pricesmith.apps.service.routes import every
from tests.browser.conftest import Shop
from tests.browser.pages import addresses
from tests.browser.walking import LONG, Person, Visit
from tests.desk.place import Place

pytestmark = pytest.mark.real
NAMES = sorted(route.name for route in every() if route.template)
LOOKS = [("en", "desktop"), ("zh", "phone")]
MOST = 400
"""Presses of Tab after which a page has lost the focus."""
SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return one === document.body || shown ? '' : one.outerHTML.slice(0, 160);
}"""
REACHABLE = """() => {
  const all = 'a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea, summary';
  window.unseen = new Set([...document.querySelectorAll(all)].filter((one) => one.checkVisibility() && one.tabIndex >= 0));
  window.hidden = [];
  document.addEventListener('focusin', ({ target }) => {
    window.unseen.delete(target);
    const style = getComputedStyle(target);
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1) window.hidden.push(target.outerHTML.slice(0, 160));
  });
}"""


@pytest.fixture(params=LOOKS, ids="-".join)
def sits(request: pytest.FixtureRequest, visit: Visit) -> Visit:
    """Opens windows of one language and width."""
    language, width = request.param
    return partial(visit, language=language, width=width)


@pytest.fixture
def person(shared: Shop, sits: Visit, request: pytest.FixtureRequest) -> Person:
    return sits(shared.address, re.sub(r"\W+", " ", request.node.name[5:60]).strip())


def press(person: Person, *keys: str) -> None:
    for key in keys:
        person.page.keyboard.press(key)


def section(person: Person, name: str) -> None:
    """Go to a page by its keys."""
    with person.page.expect_navigation():
        press(person, "g", person.words(f"key_{name}"))
    expect(person.find(".top nav a[aria-current]")).to_have_attribute("data-key", person.words(f"key_{name}"))


def tab_to(person: Person, selector: str) -> None:
    """Press Tab until something has the focus; whatever has it on the way can be seen to have it."""
    for _ in range(MOST):
        press(person, "Tab")
        assert not person.page.evaluate(SEEN)
        if person.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector} on {person.page.url}")


def chosen_by_key(person: Person, selector: str, value: str) -> None:
    """Tab to a list, and go down it from its first line."""
    tab_to(person, selector)
    press(person, "Home")
    for _ in range(person.find(f"{selector} option").count()):
        if person.find(selector).input_value() == value:
            return
        press(person, "ArrowDown")
    raise AssertionError(f"{selector} does not offer {value}")


def enters(person: Person, selector: str, key: str = "Enter") -> None:
    """Tab to something that leads to another page, and press it."""
    tab_to(person, selector)
    with person.page.expect_navigation():
        press(person, key)


@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_page_is_reached_and_seen_and_lets_go(name: str, served: str, desk: Place, sits: Visit) -> None:
    person = sits(served)
    person.go(addresses(desk.desk.reading)[name])
    person.waits_for("h1")
    if name == "product":
        person.waits_for("div#curves")
    person.page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
    person.page.evaluate(REACHABLE)
    for _ in range(MOST // 20):
        press(person, *["Tab"] * 20)
        if not person.page.evaluate("[...window.unseen].some((one) => one.isConnected)"):
            break
    assert person.page.evaluate("[...window.unseen].filter((one) => one.isConnected).map((one) => one.outerHTML.slice(0, 160))") == []
    assert person.page.evaluate("window.hidden") == []


def test_skip_link_help_and_menus(person: Person) -> None:
    person.go("/")
    press(person, "Tab")
    assert person.page.evaluate("document.activeElement.className") == "skip"
    press(person, "Enter")
    assert person.page.evaluate("document.activeElement.id") == "main"
    press(person, "?")
    expect(person.find("#help")).to_be_visible()
    press(person, "Escape")
    expect(person.find("#help")).to_be_hidden()
    person.go("/")
    for menu in ("details.stop > summary", ".tools details.menu:not(.stop) > summary"):
        tab_to(person, menu)
        press(person, "Enter", "Tab")
        assert person.page.evaluate("document.activeElement.closest('details.menu') !== null")
        press(person, "Escape")
        expect(person.find("details.menu[open]")).to_have_count(0)
        assert person.page.evaluate("(wanted) => document.activeElement.matches(wanted)", menu)


def test_today_to_a_product_to_accept(person: Person) -> None:
    person.go("/rules")
    section(person, "today")
    press(person, "j")
    with person.page.expect_navigation():
        press(person, "Enter")
    person.waits_for("div#curves")
    enters(person, 'button[formaction="/prices/accept"]')
    person.told("said_accept", count=1)


def test_enter_in_the_reason_of_a_product_rejects_as_on_prices(person: Person) -> None:
    person.go("/")
    press(person, "j")
    with person.page.expect_navigation():
        press(person, "Enter")
    person.waits_for("div#curves")
    person.page.focus('form.answer input[name="why"]')
    press(person, "Enter")
    assert person.page.evaluate("document.activeElement.name") == "why", "without a reason nothing is sent, and nothing accepted"
    person.page.keyboard.type("not now")
    with person.page.expect_navigation():
        press(person, "Enter")
    person.told("said_reject", count=1)


def test_prices_are_searched_and_chosen(person: Person) -> None:
    person.go("/")
    section(person, "prices")
    every = person.find("tr[data-row]").count()
    press(person, "/")
    person.page.keyboard.type("Alder")
    expect(person.find("tr[data-row]")).to_have_count(every // 2)
    press(person, "Escape")
    assert person.find("input[type=search]").input_value() == "Alder"
    chosen_by_key(person, "select[name=action]", "change")
    expect(person.find("[aria-busy]")).to_have_count(0)
    person.page.wait_for_url("**action=change**")
    press(person, "Escape")
    press(person, "j", "x", "j", "j", "k", "x")
    expect(person.find("[data-count]")).to_have_text("2")
    enters(person, 'button[formaction="/prices/accept"]')
    person.told("said_accept", count=2)
    press(person, "/", "Escape", "j")
    with person.page.expect_navigation():
        press(person, "Enter")
    assert "/products/" in person.page.url


def is_at(person: Person) -> str:
    """The product whose row has the focus; "" where none has."""
    said = person.page.evaluate("document.activeElement.closest('[data-row]')?.querySelector('input[type=checkbox]')?.value || ''")
    return str(said).partition("\x1f")[0]


def test_only_keys_that_do_something_are_listed(person: Person) -> None:
    person.go("/audit")
    press(person, "?")
    for needed, listed in (("search", True), ("search_prices", False), ("rows", True), ("accept", False), ("reject", False)):
        shown = person.find("#help dd").filter(has_text=re.compile(f"^{re.escape(person.words(f'key_{needed}'))}$"))
        expect(shown).to_have_count(1)
        expect(shown).to_be_visible(visible=listed)
    press(person, "Escape")
    person.go("/")
    press(person, "?")
    expect(person.find("#help")).to_contain_text(person.words("key_search_prices"))
    press(person, "Escape")
    expect(person.find("#help")).to_be_hidden()
    press(person, "/")
    person.page.wait_for_url("**/prices#find")
    expect(person.find("input[type=search]")).to_be_focused()


def test_a_search_leads_to_its_first_row_which_is_accepted_in_its_place(person: Person) -> None:
    person.go("/prices?action=change")
    press(person, "/")
    person.page.keyboard.type("Alder")
    press(person, "Enter")
    expect(person.find("tr[data-row].at")).to_have_count(1)
    first = is_at(person)
    assert first
    press(person, "j", "j")
    third = is_at(person)
    assert third not in ("", first)
    with person.page.expect_navigation():
        press(person, "y")
    person.told("said_accept", count=1)
    assert is_at(person) == third
    assert "search=Alder" in person.page.url


def test_a_search_that_was_sent_is_not_sent_again(person: Person) -> None:
    person.go("/prices?action=change")
    press(person, "/")
    person.page.keyboard.type("Alder")
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    press(person, "Enter")
    expect(person.find("tr[data-row].at")).to_have_count(1)
    person.page.wait_for_timeout(600)
    assert len([url for url in asked if "search=Alder" in url]) == 1
    assert person.find("tr[data-row].at").count() == 1


def test_a_row_is_rejected_with_its_reason(person: Person) -> None:
    person.go("/prices?action=change")
    press(person, "j", "j", "n")
    assert person.page.evaluate("document.activeElement.name") == "why"
    expect(person.find("[data-count]")).to_have_text("1")
    press(person, "Enter")
    assert person.page.evaluate("document.activeElement.name") == "why", "without a reason nothing is sent, and nothing accepted"
    person.page.keyboard.type("not now")
    with person.page.expect_navigation():
        press(person, "Enter")
    person.told("said_reject", count=1)
    assert is_at(person) == person.find("tr[data-row]").nth(1).locator("input").input_value().partition("\x1f")[0]


def test_prices_are_sorted_rejected_and_given_other_columns(person: Person) -> None:
    person.go("/")
    section(person, "prices")
    sort_by_price(person)
    tab_to(person, "details.menu:has(.ticks) > summary")
    press(person, "Enter")
    tab_to(person, ".ticks input[value=brand]")
    press(person, "Space")
    enters(person, ".ticks ~ span button")
    press(person, "j", "x")
    tab_to(person, "#answers input[name=why]")
    person.page.keyboard.type("not now")
    enters(person, 'button[formaction="/prices/reject"]')
    person.told("said_reject", count=1)


def sort_by_price(person: Person) -> None:
    """By the head of a column, or by the field that a phone has in its place."""
    if person.find("thead").is_visible():
        enters(person, 'thead a[href*="sort=current_price&"]')
    else:
        chosen_by_key(person, "select[name=sort]", "current_price")
        expect(person.find("[aria-busy]")).to_have_count(0)
    person.page.wait_for_url("**sort=current_price**")
    shown = person.find(f'td[data-label="{person.words("col_current_price")}"] data').all()
    prices = [float(one.get_attribute("value") or 0) for one in shown]
    assert len(prices) > 1
    assert prices == sorted(prices, reverse=True)


def test_what_if(person: Person) -> None:
    person.go("/")
    section(person, "what_if")
    person.waits_for("form:has(> input[value=move_limit])", f"text={person.words('wi_again')}")
    if not person.find("form:has(> input[value=move_limit])").is_visible():
        tab_to(person, "#ask-move_limit > summary")
        press(person, "Enter")
    tab_to(person, "form:has(> input[value=move_limit]) select[name=category]")
    press(person, "ArrowDown")
    tab_to(person, "form:has(> input[value=move_limit]) input[name=percent]")
    press(person, "ControlOrMeta+a")
    person.page.keyboard.type("5")
    with person.page.expect_navigation():
        press(person, "Enter")
    person.waits_for("tr.lead", f"text={person.words('wi_again')}")


def test_a_rule(person: Person) -> None:
    person.go("/")
    section(person, "rules")
    rule = "details.rule:has(input[name=kind][value=max_change])"
    tab_to(person, f"{rule} > summary")
    press(person, "Enter")
    tab_to(person, f"{rule} input[name=field_step]")
    press(person, "ControlOrMeta+a")
    person.page.keyboard.type("2" if person.words.language == "en" else "3")
    with person.page.expect_navigation():
        press(person, "Enter")
    person.told("said_rule")
    enters(person, "a.button.primary")
    person.waits_for("#difference table", f"text={person.words('wi_again')}")


def test_from_the_approval_to_the_shop_and_back(shop: Shop, sits: Visit) -> None:
    anna, ben = sits(shop.address, "Anna"), sits(shop.address, "Ben")
    before, run = shop.prices, f"/runs/{shop.run}"
    for person in (anna, ben):
        person.go("/")
        section(person, "approvals")
        enters(person, 'form[action="/attest"] button', "Space")
        press(person, "j")
        with person.page.expect_navigation():
            press(person, "Enter")
    tab_to(anna, f'form[action="{run}/accept"] input[name=sure]')
    press(anna, "Space")
    enters(anna, f'form[action="{run}/accept"] button')
    enters(anna, f'form[action="{run}/dry-run"] button')
    anna.waits_for("table.cards tr[data-row]")
    enters(anna, f'main a[href="{run}"]')
    anna.waits_for(f'form[action="{run}/publish"]')
    for act in ("publish", "undo"):
        anna.settles()
        tab_to(anna, f'form[action="{run}/{act}"] input[name=sure]')
        press(anna, "Space")
        enters(anna, f'form[action="{run}/{act}"] button')
        anna.settles()
        assert (shop.prices != before) == (act == "publish")


ACTS = (
    ("data", 'form[action="/data/check"] button'),
    ("models", 'form[action="/models/test"] button'),
    ("models", "main td a"),
    ("outcome", "main a"),
    ("audit", 'form[action="/audit/verify"] button'),
    ("access", 'main a[href="/people"]'),
    ("access", 'main a[href="/keys"]'),
    ("access", 'main a[href="/webhooks"]'),
)


@pytest.mark.parametrize(("name", "selector"), ACTS)
def test_the_act_of_a_page(person: Person, name: str, selector: str) -> None:
    person.go("/")
    section(person, name)
    free(person, selector)
    enters(person, selector)


def free(person: Person, selector: str) -> None:
    """Until what was begun in another language has ended."""
    for _ in range(LONG // 1000):
        if person.find(selector).first.is_enabled():
            return
        person.page.wait_for_timeout(1000)
        person.page.reload()
    raise AssertionError(f"{selector} stays disabled")


def test_the_first_person_the_newcomer_and_a_key(shop: Shop, sits: Visit) -> None:
    boss = sits(shop.address)
    boss.go("/people")
    write(boss, 'form[action="/people"]', name="Ida", password="correct horse battery staple")
    enters(boss, 'form[action="/people"] button')
    assert boss.page.evaluate("document.activeElement.name") == "name"
    boss.page.keyboard.type("Ida")
    write(boss, 'form[action="/sign-in"]', password="correct horse battery staple")
    with boss.page.expect_navigation():
        press(boss, "Enter")
    boss.go("/keys")
    write(boss, 'form[action="/keys"]', label="till")
    enters(boss, 'form[action="/keys"] button')
    assert len(boss.find("pre").inner_text()) > 40


def test_a_webhook_is_added_tested_and_removed(shop: Shop, sits: Visit) -> None:
    anna = sits(shop.address, "Anna")
    anna.go("/webhooks")
    write(anna, 'form[action="/webhooks"]', name="erp", address="https://hooks.example.com/prices")
    tab_to(anna, 'form[action="/webhooks"] input[value=stopped]')
    press(anna, "Space")
    enters(anna, 'form[action="/webhooks"] button')
    assert anna.find("pre").inner_text().startswith("whsec_")
    enters(anna, 'main a[href="/webhooks"]')
    enters(anna, 'form[action="/webhooks/test"] button')
    anna.told("said_webhook_test", name="erp")
    anna.page.on("dialog", lambda dialog: dialog.accept())
    enters(anna, 'form[action="/webhooks/remove"] button')
    anna.told("said_webhook_gone", name="erp")


def write(person: Person, form: str, **values: str) -> None:
    for name, value in values.items():
        tab_to(person, f"{form} input[name={name}]")
        person.page.keyboard.type(value)


def test_the_kill_switch(shop: Shop, sits: Visit) -> None:
    anna, ben = sits(shop.address, "Anna"), sits(shop.address, "Ben")
    anna.go("/")
    tab_to(anna, "details.stop > summary")
    press(anna, "Enter")
    write(anna, 'form[action="/stop"]', why="a wrong cost")
    enters(anna, 'form[action="/stop"] button')
    expect(anna.find(".banner.bad")).to_be_visible()
    for person, said in ((anna, "said_release_asked"), (ben, "said_released")):
        person.go("/")
        tab_to(person, "details.stop > summary")
        press(person, "Enter")
        enters(person, 'form[action="/resume"] button')
        person.told(said)


def test_language_and_light(person: Person) -> None:
    other = {"en": "zh", "zh": "en"}[person.words.language]
    for choice, attribute, value in (("language", "lang", other), ("theme", "data-theme", "dark")):
        person.go("/prices")
        tab_to(person, ".tools details.menu:not(.stop) > summary")
        press(person, "Space")
        enters(person, f"button[name={choice}][value={value}]")
        expect(person.find("html")).to_have_attribute(attribute, value)


def test_a_file_is_chosen_by_key(person: Person) -> None:
    asked: list[FileChooser] = []
    # listening before the page comes: asked for beside the key, the browser is not always told in time
    person.page.on("filechooser", lambda chooser: asked.append(chooser))
    person.go("/start")
    tab_to(person, 'form[action="/start/send"] input[name=file]')
    press(person, "Enter")
    for _ in range(100):
        if not asked:
            person.page.wait_for_timeout(100)
    assert asked, "Enter on the field opens no list of files"
