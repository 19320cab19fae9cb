"""Moments stand in the time of whoever looks, and what the pointer shows is UTC."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pricesmith.flows.desk.guide.start import begin
from tests.browser import chrome
from tests.browser.conftest import Shop

pytestmark = pytest.mark.real
SEEN = "[...document.querySelectorAll('main time[datetime*=\"T\"]')].map((one) => [one.dateTime, one.textContent, one.title])"


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Taipei", 8), ("UTC", 0)])
def test_moments_are_local(shared: Shop, browser: Browser, zone: str, hours: int) -> None:
    context = browser.new_context(timezone_id=zone)
    page = context.new_page()
    page.goto(f"{shared.address}/audit")
    seen = page.evaluate(SEEN)
    context.close()
    assert seen
    for moment, text, title in seen:
        at = dt.datetime.fromisoformat(moment)
        assert at.utcoffset() == dt.timedelta(0)
        utc, there = f"{at:%Y-%m-%d %H:%M} UTC", f"{at + dt.timedelta(hours=hours):%Y-%m-%d %H:%M}"
        assert (text, title) == ((there, utc) if hours else (utc, ""))


def test_the_guide_proposes_the_time_zone_of_the_browser(tmp_path: Path, browser: Browser) -> None:
    """Only where nobody has said one, and where order lines have times."""
    begin(tmp_path)
    (tmp_path / "data" / "orders.csv").write_text("order_id,at,sku,units,price\n1,2026-01-05T00:30:00,A0,2,4.95\n", encoding="utf-8")
    context = browser.new_context(timezone_id="Asia/Taipei")
    with chrome.served(tmp_path) as address:
        page = context.new_page()
        page.goto(f"{address}/start")
        assert page.locator("input[name=timezone]").input_value() == "Asia/Taipei"
    context.close()
