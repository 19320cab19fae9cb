"""P32: no text of a shop, of a person, or of an address runs as a script, in the real browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from pricesmith.apps.service.routes import every
from pricesmith.flows import batch
from pricesmith.flows.desk.prices.table import COLUMNS
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.office import Office, office, record_run
from pricesmith.flows.publishing.sending import switch
from tests.browser import chrome, payloads
from tests.browser.payloads import PAYLOADS

pytestmark = pytest.mark.real
CANARY = """
window.__fired = []; window.__blocked = [];
window.alert = window.confirm = window.prompt = (text) => { window.__fired.push(String(text)); };
document.addEventListener('securitypolicyviolation', (event) => window.__blocked.push(event.violatedDirective + ' ' + event.sample));
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A priced shop of payloads; people with payloads for names gave payloads for reasons."""
    folder = payloads.write(tmp_path_factory.mktemp("xss") / "shop")
    loaded = batch.load(folder)
    run = record_run(folder, batch.price(loaded), loaded.prepared.tables["competitor_prices"], PAYLOADS[7]).run
    place = office(folder)
    for text in PAYLOADS[8:14]:
        answer(place.book, run, "reject", by=text, at=place.now(), policy=place.policy, why=PAYLOADS[1])
    switch.stop(place.book, by=PAYLOADS[2], at=place.now(), why=PAYLOADS[3], scope=("sku", PAYLOADS[4]))
    return place


@pytest.fixture(scope="module")
def served(shop: Office) -> Iterator[str]:
    with chrome.served(shop.folder) as address:
        yield address


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(CANARY)
    yield context.new_page()
    context.close()


def quiet(page: Page, address: str) -> int:
    """Open an address, press what can be opened, and see that nothing ran and nothing had to be blocked."""
    answer = page.goto(address, wait_until="load")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.wait_for_timeout(20)
    assert page.evaluate("window.__fired") == [], address
    assert page.evaluate("window.__blocked") == [], address
    assert answer is not None
    return answer.status


def test_no_text_runs_on_any_page(page: Page, served: str) -> None:
    plain = [route.path for route in every() if route.template and "{" not in route.path]
    for path in plain:
        assert quiet(page, served + path) == 200, path


def test_no_text_of_a_product_runs(page: Page, served: str) -> None:
    columns = "&".join(f"columns={name}" for name in COLUMNS)
    for number in (1, 2):
        assert quiet(page, f"{served}/prices?size=100&page={number}&{columns}") == 200
    shown = page.inner_text("main")
    assert "<script>" in shown
    for sku in PAYLOADS:
        quiet(page, f"{served}/products/{quote(sku, safe='')}")


def test_no_address_runs(page: Page, served: str) -> None:
    for text in PAYLOADS:
        quiet(page, f"{served}/prices?search={quote(text)}")
        quiet(page, f"{served}/prices?sort={quote(text)}")
    for text in PAYLOADS[::8]:
        quiet(page, f"{served}/{quote(text)}")
        quiet(page, f"{served}/sign-in?to={quote(text)}")
        quiet(page, f"{served}/runs/{quote(text, safe='')}")
