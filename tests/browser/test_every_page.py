"""Every page in a real browser: both languages, wide and narrow, light and dark; usable by everybody, with nothing blocked or failing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from pricesmith.apps.service.routes import every
from tests.browser.chrome import WIDTHS
from tests.browser.pages import addresses
from tests.desk.place import Place

pytestmark = pytest.mark.real
NAMES = sorted(route.name for route in every() if route.template)
CASES = [("en", "desktop", "light"), ("zh", "phone", "dark"), ("en", "phone", "light"), ("zh", "desktop", "dark")]


@pytest.fixture(params=CASES, ids=["-".join(case) for case in CASES], scope="module")
def page(request: pytest.FixtureRequest, browser: Browser) -> Any:
    language, width, light = request.param
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    context = browser.new_context(viewport=size, locale={"en": "en-GB", "zh": "zh-CN"}[language], color_scheme=light, timezone_id="UTC")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def judged(page: Page, axe: str) -> Any:
    """What axe says of a page; a page that renews itself meanwhile, as when a job it waited for has ended, is judged once it has."""
    script = f"async () => {{ {axe}; return await axe.run(document, {{resultTypes: ['violations']}}); }}"
    for _ in range(4):
        try:
            return page.evaluate(script)
        except Error as error:
            if "navigation" not in str(error):
                raise
            page.wait_for_load_state("load")
    return page.evaluate(script)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_can_be_used_by_everybody(name: str, page: Page, served: str, desk: Place, axe: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served + addresses(desk.desk.reading)[name])
    found = judged(page, axe)
    broken = [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found["violations"]]
    assert not broken, "\n".join(broken)
    assert not complaints
    for what in ("the page", "a menu"):
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{what} is wider than the window"
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
