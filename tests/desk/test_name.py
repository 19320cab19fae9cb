"""Saying who one is, at a desk without accounts."""

from __future__ import annotations

import re
from pathlib import Path

from .place import place


def test_it_leads_back_to_the_page_on_which_it_was_said(tmp_path: Path) -> None:
    client = place(tmp_path / "shop").client()
    page = client.get("/prices?search=milk", headers={"Accept": "text/html"}).text
    form = re.search(r'<form[^>]*action="/me/name".*?</form>', page, re.DOTALL)
    assert form is not None
    assert 'name="to" value="/prices?search=milk"' in form.group()
