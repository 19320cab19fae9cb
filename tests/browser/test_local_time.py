"""Moments stand in the time of whoever looks, and what the pointer shows is UTC."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Browser

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
