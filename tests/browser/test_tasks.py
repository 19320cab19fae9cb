"""Each page's main task, done as a person would: in both languages, at a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pricesmith.flows import example
from tests.browser import chrome
from tests.browser.conftest import Shop
from tests.browser.walking import LONG, Person, Visit, fill

pytestmark = pytest.mark.real
BOTH = pytest.mark.parametrize(("language", "width"), [("en", "desktop"), ("zh", "phone")])
PASSWORD = "correct horse battery staple"


@BOTH
def test_today_to_the_biggest_move_to_accept(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Ada {language}", language, width)
    person.go("/")
    first = person.find("tr[data-row] td.head a").first
    name = first.inner_text()
    first.click()
    expect(person.find("h1")).to_have_text(name)
    person.waits_for("#curves svg.chart, #curves figure svg")
    person.fits()
    person.button("accept").click()
    person.told("said_accept", count=1)
    sku = re.search(r"/products/([^?]*)", person.page.url)
    assert sku is not None
    assert person.asks(f"/products/{sku[1]}")["decided"]["agreed"] >= 1


@BOTH
def test_prices_are_searched_filtered_sorted_and_shown_otherwise(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Bea {language}", language, width)
    person.go("/prices")
    rows = person.find("#answers tr[data-row]")
    every = rows.count()
    person.find("input[type=search]").fill("Lantern")
    expect(rows).to_have_count(2)
    person.find("input[type=search]").fill("")
    expect(rows).to_have_count(every)
    person.find("select[name=direction]").select_option("up")
    expect(rows).not_to_have_count(every)
    sort_by_price(person, width)
    label = person.words("col_current_price")
    shown = [float(one.get_attribute("value") or 0) for one in person.find(f'tr[data-row] td[data-label="{label}"] data').all()]
    assert len(shown) > 1
    assert shown == sorted(shown, reverse=True)
    person.open("columns")
    person.find(".ticks input[value=brand]").check()
    person.find(".ticks ~ span button").click()
    expect(person.find(f'td[data-label="{person.words("col_brand")}"]').first).to_be_visible()
    person.open("prices_views")
    person.find('form[action="/prices/views"] input[name=name]').fill(f"view {language}")
    person.find('form[action="/prices/views"] button').click()
    person.told("said_view_kept", name=f"view {language}")
    person.go("/prices")
    person.open("prices_views")
    person.find(".views a").click()
    expect(rows).not_to_have_count(every)
    person.fits()


def sort_by_price(person: Person, width: str) -> None:
    """By the head of the column; on a phone, where cards have no heads, by the list."""
    if width == "phone":
        person.find("select[name=sort]").select_option("current_price")
    else:
        person.find("thead a").filter(has_text=person.words("col_current_price")).first.click()
    person.page.wait_for_url("**sort=current_price**")
    expect(person.find("[aria-busy]")).to_have_count(0)


@BOTH
def test_chosen_prices_are_accepted_rejected_and_set(shop: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shop.address, "Cem", language, width)
    place = "/prices?action=change&sort=sku&order=up&columns=state&columns=agreed"

    def states() -> list[str]:
        return [row["state"] for row in person.asks(place)["rows"]]

    def choose(*numbers: int) -> None:
        person.go(place)
        for number in numbers:
            person.find("tr[data-row] input[name=products]").nth(number).check()
        expect(person.find("[data-count]")).to_have_text(str(len(numbers)))

    choose(0, 1)
    person.button("accept").click()
    person.told("said_accept", count=2)
    choose(2)
    person.find("#answers input[name=why]").fill("too far from the market")
    person.button("reject").click()
    person.told("said_reject", count=1)
    assert states()[2] == "rejected"
    assert {row["agreed"] for row in person.asks(place)["rows"][:2]} == {1}
    choose(3)
    person.open("prices_mine")
    row = person.asks(f"{place}&columns=price&columns=current_price")["rows"][3]
    person.find("input[name=percent]").fill("5" if row["price"] < row["current_price"] else "-5")
    person.find("#answers input[name=why]").fill("round for the season")
    person.find('button[formaction="/prices/override"]').click()
    expect(person.find(".banner.good")).to_have_count(1)
    person.fits()


@BOTH
def test_what_if_the_largest_category_may_move_five_percent(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Dan {language}", language, width)
    person.go("/what-if")
    person.waits_for("form:has(> input[value=move_limit])", f"text={person.words('wi_again')}")
    form = person.find("form:has(> input[value=move_limit])")
    if not form.is_visible():
        person.find("#ask-move_limit summary").click()
    form.locator("select[name=category]").select_option(index=1)
    form.locator("input[name=percent]").fill("5")
    form.locator("button").click()
    person.waits_for("tr.lead", f"text={person.words('wi_again')}")
    plans = person.find("section.lead table").first.locator("tbody th").all_inner_texts()
    assert plans == [person.words(f"wi_plan_{one['plan']}") for one in person.asks(person.page.url.removeprefix(shared.address))["plans"]]
    assert len(plans) == 3
    person.fits()


@BOTH
def test_the_settings_that_can_be_asked_about_are_those_of_the_chosen_rule(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Gil {language}", language, width)
    person.go("/what-if")
    person.waits_for("form:has(> input[value=rule_value])", f"text={person.words('wi_again')}")
    form = person.find("form:has(> input[value=rule_value])")
    if not form.is_visible():
        person.find("#ask-rule_value summary").click()
    settings = person.asks("/what-if")["settings"]
    assert len(settings) > 1
    for rule, own in settings.items():
        form.locator("select[name=rule]").select_option(rule)
        assert form.locator("select[name=setting]").input_value() == next(iter(own))
        expect(form.locator("optgroup:not([hidden])")).to_have_count(1)
        expect(form.locator("optgroup:not([disabled]) option")).to_have_count(len(own))


@BOTH
def test_a_step_of_a_rule_is_changed_and_the_difference_seen(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Eva {language}", language, width)
    person.go("/rules")
    rule = person.find("details.rule").filter(has=person.find("input[name=kind][value=max_change]")).first
    rule.locator("summary").first.click()
    rule.locator("input[name=field_step]").fill("3")
    rule.locator("button.primary").click()
    person.told("said_rule")
    person.find("a.button.primary").click()
    person.waits_for("#difference table", f"text={person.words('wi_again')}")
    assert len(person.find("#difference table").first.locator("tbody tr").all()) >= 2
    person.fits()


HINTS = "() => ['::before', '::after'].map((one) => getComputedStyle(document.querySelector('.top nav ul'), one).opacity)"


@BOTH
def test_the_menu_says_where_more_of_it_is(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, "", language, width)
    strip = person.find(".top nav ul")
    person.go("/")
    cut = strip.evaluate("one => one.scrollWidth > one.clientWidth")
    assert cut == (width == "phone")
    assert person.page.evaluate(HINTS) == (["0", "1"] if cut else ["0", "0"])
    person.fits()
    for place in (9999, 60):
        strip.evaluate("(one, place) => { one.scrollLeft = place; }", place)
        person.page.wait_for_timeout(100)
        assert person.page.evaluate(HINTS) == (["1", "0" if place == 9999 else "1"] if cut else ["0", "0"])
    person.find('.top nav a[href="/people"]').click()
    for name in ("people", "keys", "webhooks", "api"):
        person.find(f'main nav a[href="/{name}"]').click()
        expect(person.find("main nav a[aria-current=page]")).to_have_attribute("href", f"/{name}")
        expect(person.find('.top nav a[href="/people"]')).to_have_attribute("aria-current", "page")
    person.fits()


@BOTH
def test_a_link_to_a_rule_opens_it(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Ivo {language}", language, width)
    person.go("/rules#rule-max_change")
    rule = person.find("details.rule:has(#rule-max_change)")
    expect(rule).to_have_attribute("open", "")
    expect(rule.locator("summary").first).to_be_in_viewport()
    person.fits()


@BOTH
def test_a_text_that_does_not_parse_shows_its_place_and_is_kept(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Fay {language}", language, width)
    person.go("/rules")
    text = person.find("textarea[name=text]").input_value().splitlines()
    broken = "\n".join([*text[:3], "this is = = not a setting", *text[3:]])
    person.find("textarea[name=text]").fill(broken)
    person.button("ru_keep").click()
    trouble = person.find("section[role=alert]")
    expect(trouble).to_contain_text("this is = = not a setting")
    expect(trouble).to_contain_text(person.words("ru_line", n=4))
    assert person.find("textarea[name=text]").input_value().strip() == broken.strip()
    person.fits()


@BOTH
def test_two_people_publish_and_one_takes_back(shop: Shop, visit: Visit, language: str, width: str) -> None:
    anna, ben = visit(shop.address, "Anna", language, width), visit(shop.address, "Ben", language, width)
    before, run = shop.prices, f"/runs/{shop.run}"
    for person in (anna, ben):
        person.go("/approvals")
        person.find('form[action="/attest"] button').click()
    ben.told("said_attested")
    anna.go("/approvals")
    anna.find(f'a[href="{run}"]').first.click()
    anna.page.wait_for_url(f"**{run}")
    accept = anna.find(f'form[action="{run}/accept"]')
    accept.locator("button").click()
    expect(anna.find(f'form[action="{run}/accept"] input:invalid')).to_have_count(1)
    accept.locator("input[name=sure]").check()
    accept.locator("button").click()
    expect(anna.find(".banner.good")).to_be_visible()
    ben.go(run)
    expect(ben.find(f'form[action="{run}/reject"]')).to_be_visible()
    expect(ben.find(f'form[action="{run}/accept"]')).to_have_count(0)
    ready = ben.find("#approval").inner_text()
    ben.page.evaluate("document.getElementById('approval').insertAdjacentText('beforeend', 'of before'); renew(location.href, 'live')")
    expect(ben.find("#approval")).not_to_contain_text("of before")
    assert ben.find("#approval").inner_text() == ready, "the top follows the part that renews itself"
    ben.find(f'form[action="{run}/reject"] [name=why]').fill("too dear")
    ben.page.evaluate(
        "document.activeElement.blur(); document.getElementById('publishing').append('of before'); renew(location.href, 'live')"
    )
    expect(ben.find("#publishing")).not_to_contain_text("of before")
    expect(ben.find(f'form[action="{run}/reject"] [name=why]')).to_have_value("too dear")
    anna.find(f'form[action="{run}/dry-run"] button').first.click()
    anna.waits_for("table.cards tr[data-row]")
    assert shop.prices == before
    anna.find(f'main a[href="{run}"]').first.click()
    publish = anna.find(f'form[action="{run}/publish"]')
    publish.locator("button").click()
    expect(anna.find(f'form[action="{run}/publish"] input:invalid')).to_have_count(1)
    publish.locator("input[name=sure]").check()
    publish.locator("button").click()
    anna.waits_for("progress")
    arrived(anna, run, jobs=2)
    changed = shop.prices
    assert changed != before
    anna.go(run)
    anna.find(f'main a[href="{run}/receipts"]').first.click()
    anna.page.wait_for_url(f"**{run}/receipts*")
    receipts = anna.asks(f"{run}/receipts")["rows"]
    assert receipts
    expect(anna.find("tr[data-row]")).to_have_count(len(receipts))
    anna.fits()
    anna.go(run)
    back = anna.find(f'form[action="{run}/undo"]')
    back.locator("input[name=sure]").check()
    back.locator("button").click()
    arrived(anna, run, jobs=3)
    assert shop.prices == before
    anna.fits()


def arrived(person: Person, run: str, jobs: int) -> None:
    """Until so many jobs of the run are done, and the page has stopped renewing itself."""
    for _ in range(LONG // 500):
        states = [job["state"] for job in person.asks(run)["jobs"]]
        if len(states) >= jobs and not {"waiting", "running"} & set(states):
            break
        person.page.wait_for_timeout(500)
    assert states == ["done"] * jobs, person.asks(run)["jobs"]
    person.settles()


@BOTH
def test_data_are_checked_and_what_was_set_aside_is_seen(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Gus {language}", language, width)
    person.go("/data")
    person.button("data_check_again").click()
    person.settles()
    person.go("/data")
    person.find('a[href="/data?table=sales#asides"]').click()
    expect(person.find("#asides tr[data-row]").first).to_contain_text("2026-02-31,nobody")
    reasons = person.find('#asides select[name="reason"]')
    reason = reasons.locator("option").nth(1).get_attribute("value")
    reasons.select_option(reason)
    expect(person.page).to_have_url(re.compile(rf"/data\?table=sales&reason={reason}#asides$"))
    expect(person.find('#asides select[name="reason"]')).to_have_value(reason)
    person.fits()
    words_whole(person)


@BOTH
def test_outcome_models_and_audit_answer(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Hal {language}", language, width)
    person.go("/outcome")
    expect(person.find("h1")).to_have_text(person.words("nav_outcome"))
    expect(person.find("main section").first).to_be_visible()
    person.go("/models")
    person.find("details summary").filter(has_text=person.words("models_table")).click()
    person.find("main details a").first.click()
    expect(person.find("#answers tr[data-row]").first).to_be_visible()
    person.go("/audit")
    person.find("select[name=act]").select_option(index=1)
    expect(person.find("[aria-busy]")).to_have_count(0)
    person.page.wait_for_url("**act=**")
    acts = {row["act"] for row in person.asks(person.page.url.removeprefix(shared.address))["all"]["acts"]}
    assert len(acts) == 1
    person.find('form[action="/audit/verify"] button').click()
    person.settles()
    expect(person.find("p.good").first).to_be_visible()
    person.fits()


@BOTH
def test_what_was_typed_is_there_again_after_a_refusal(shared: Shop, visit: Visit, language: str, width: str) -> None:
    person = visit(shared.address, f"Dov {language}", language, width)
    person.foreseen.append("422 (Unprocessable Entity)")
    person.go("/")
    person.find("tr[data-row] td.head a").first.click()
    form = person.find("details.mine form")
    person.find("details.mine summary").click()
    form.locator("input[name=price]").fill("0.01")
    form.locator("input[name=why]").fill("as the neighbour has it")
    form.locator("button").click()
    expect(person.find("section.empty[role=alert]")).to_be_visible()
    person.page.get_by_role("link", name=person.words("problem_back"), exact=True).click()
    expect(form.locator("input[name=price]")).to_have_value("0.01")
    expect(form.locator("input[name=why]")).to_have_value("as the neighbour has it")


@BOTH
def test_people_get_accounts_and_a_key_is_shown_once(shop: Shop, visit: Visit, language: str, width: str) -> None:
    boss, newcomer = visit(shop.address, "", language, width), visit(shop.address, "", language, width)
    boss.go("/people")
    fill(boss.find('form[action="/people"]'), {"name": "Ida", "password": PASSWORD, "role": "admin"})
    boss.find('form[action="/people"] button').click()
    boss.told("said_person", name="Ida")
    sign_in(boss, "Ida")
    boss.go("/people")
    fill(boss.find('form[action="/people"]'), {"name": "Jon", "password": PASSWORD, "role": "analyst"})
    boss.find('form[action="/people"] button').click()
    boss.told("said_person", name="Jon")
    newcomer.go("/")
    sign_in(newcomer, "Jon")
    newcomer.go("/keys")
    newcomer.find('form[action="/keys"] input[name=label]').fill("till")
    newcomer.find('form[action="/keys"] button').click()
    key = newcomer.find("pre").inner_text()
    assert len(key) > 40
    newcomer.fits()
    newcomer.find('main a[href="/keys"]').click()
    expect(newcomer.find("tr[data-row]")).to_have_count(1)
    assert key not in newcomer.page.content()


@BOTH
def test_a_webhook_is_added_and_a_test_of_it_is_seen(shop: Shop, visit: Visit, language: str, width: str) -> None:
    anna = visit(shop.address, "Anna", language, width)
    anna.go("/prices")
    anna.find('.top nav a[href="/people"]').click()
    anna.find('main a[href="/webhooks"]').click()
    form = anna.find('form[action="/webhooks"]')
    fill(form, {"name": "erp", "address": "https://hooks.example.com/prices"})
    form.locator("input[value=stopped]").check()
    form.locator("button").click()
    secret = anna.find("pre").inner_text()
    assert secret.startswith("whsec_")
    anna.fits()
    anna.find('main a[href="/webhooks"]').click()
    assert secret not in anna.page.content()
    anna.find('form[action="/webhooks/test"] button').click()
    anna.told("said_webhook_test", name="erp")
    expect(anna.find("tr[data-row]")).to_have_count(1, timeout=LONG)
    (row,) = anna.asks("/webhooks")["webhooks"][0]["deliveries"]
    assert row["act"] == "test" and row["error"], "no address is reached from here"
    anna.fits()
    anna.page.on("dialog", lambda dialog: dialog.accept())
    anna.find('form[action="/webhooks/remove"] button').click()
    anna.told("said_webhook_gone", name="erp")


def sign_in(person: Person, name: str) -> None:
    fill(person.find('form[action="/sign-in"]'), {"name": name, "password": PASSWORD})
    person.find('form[action="/sign-in"] button').click()
    expect(person.find(".tools details.menu:not(.stop) summary")).to_have_text(name)


@BOTH
def test_the_kill_switch_is_thrown_and_released_by_two(shop: Shop, visit: Visit, language: str, width: str) -> None:
    anna, ben = visit(shop.address, "Anna", language, width), visit(shop.address, "Ben", language, width)
    anna.go("/prices")
    anna.find("details.stop > summary").click()
    anna.find('form[action="/stop"] input[name=why]').fill("a wrong cost")
    anna.button("stop_now").click()
    expect(anna.find(".banner.bad")).to_be_visible()
    for person, said in ((anna, "said_release_asked"), (ben, "said_released")):
        person.go("/")
        person.find("details.stop > summary").click()
        person.find('form[action="/resume"] button').click()
        person.told(said)
        person.fits()
    expect(ben.find(".banner.bad")).to_have_count(0)


@BOTH
def test_one_product_is_stopped_from_the_menu(shop: Shop, visit: Visit, language: str, width: str) -> None:
    anna = visit(shop.address, "Anna", language, width)
    anna.go("/prices")
    sku = str(anna.find("input[name=products]").first.get_attribute("value")).partition("\x1f")[0]
    anna.find("details.stop > summary").click()
    form = anna.find('form[action="/stop"]')
    expect(form.locator("input[name=name]")).to_be_hidden()
    form.locator("select[name=scope]").select_option("sku")
    form.locator("input[name=name]").fill(sku)
    anna.button("stop_now").click()
    expect(anna.find(".banner.bad")).to_contain_text(anna.words("stopped_part", what=anna.words.scope("sku", sku)))
    anna.fits()


@pytest.mark.parametrize("width", chrome.WIDTHS)
def test_language_and_light_are_switched(shared: Shop, visit: Visit, width: str) -> None:
    person = visit(shared.address, "", "en", width)
    person.go("/rules")
    person.find(".tools details.menu:not(.stop) summary").click()
    person.find("button[name=language][value=zh]").click()
    expect(person.find("html")).to_have_attribute("lang", "zh")
    assert person.page.url == f"{shared.address}/rules"
    person.find(".tools details.menu:not(.stop) summary").click()
    person.find("button[name=theme][value=dark]").click()
    expect(person.find("html")).to_have_attribute("data-theme", "dark")
    person.fits()


@BOTH
def test_a_new_shop_is_led_to_its_first_prices(tmp_path: Path, visit: Visit, language: str, width: str) -> None:
    example.write(tmp_path / "example")
    (tmp_path / "new").mkdir()
    with chrome.served(tmp_path / "new") as address:
        person = visit(address, "", language, width)
        person.go("/")
        assert person.page.url == f"{address}/start"
        for table in ("sales", "products", "costs"):
            bring(person, tmp_path / "example" / "data", table)
        values = {"name": "Lantern Ltd", "currency": "EUR", "tax": "gross", "period": "day"}
        fill(person.find('form[action="/start/choose"]'), values)
        person.find('form[action="/start/choose"] button').click()
        person.told("said_settled")
        expect(person.find("#saved")).to_be_in_viewport()
        person.fits()
        person.find('form[action="/jobs/price"] button').click()
        person.settles()
        person.go("/")
        expect(person.find("tr[data-row] td.head a").first).to_be_visible()


def bring(person: Person, folder: Path, table: str) -> None:
    """Send a file, look at how it would be read, and take it."""
    form = person.find('form[action="/start/send"]')
    form.locator("select[name=table]").select_option(table)
    expect(person.find(f"#columns-{table}")).to_have_attribute("open", "")
    expect(person.find('details[id^="columns-"][open]')).to_have_count(1)
    form.locator("input[name=file]").set_input_files(folder / f"{table}.csv")
    form.locator("button").click()
    match = person.find('form[action="/start/match"]')
    expect(match).to_be_visible()
    person.fits()
    as_written(person, (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0].split(","))
    match.locator("select[name=decimal]").select_option("point")
    if match.locator("select[name=dates]").is_visible():
        match.locator("select[name=dates]").select_option("ymd-")
    match.locator("button").click()
    expect(person.find(".banner.good")).to_be_visible()


def as_written(person: Person, headers: list[str]) -> None:
    """The headers of a file stand there letter for letter, and no name of a column is broken within a word."""
    shown = person.find("#match table").first.locator("thead th")
    assert shown.all_inner_texts() == headers
    assert {one.evaluate("one => getComputedStyle(one, '::first-letter').textTransform") for one in shown.all()} == {"none"}
    words_whole(person)


def words_whole(person: Person) -> None:
    broken = """() => [...document.querySelectorAll('code.word')].flatMap((code) => [...code.childNodes])
        .filter((part) => part.nodeType === Node.TEXT_NODE)
        .filter((part) => { const all = document.createRange(); all.selectNodeContents(part); return all.getClientRects().length > 1; })
        .map((part) => part.textContent)"""
    assert person.page.evaluate(broken) == []
