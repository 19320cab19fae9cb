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


def test_it_names_the_page_on_which_the_first_account_is_made(tmp_path: Path) -> None:
    client = place(tmp_path / "shop").client()
    for language, said in (("en", "on the page Access → People, or by the command"), ("zh", "可在“权限管理 → 人员”页创建第一个账户")):
        page = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert said in page and '<a href="/people">' in page
    made = client.get("/people", headers={"Accept": "text/html"})
    assert made.status_code == 200 and '<form method="post" action="/people"' in made.text
