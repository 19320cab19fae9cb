"""What the latest runs said of a product stands side by side on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from .place import overridden, place, priced, priced_anew

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


@pytest.mark.real  # long
def test_what_two_runs_said_of_a_product_stands_side_by_side(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    client = desk.client("viewer")
    row = desk.desk.reading.run(desk.run).changes.row(0, named=True)
    address = f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}"
    (one,) = client.get(address, headers=JSON).json()["run_by_run"]
    assert (
        one["run"] == desk.run and {name: row[name] for name in ("price", "current_price", "reason", "elasticity")}.items() <= one.items()
    )
    assert 'id="run-by-run"' not in client.get(address, headers=HTML).text
    overridden(desk, "ana")
    newer = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nstep = 0.03\n')
    told = client.get(address, headers=JSON).json()["run_by_run"]
    assert [one["run"] for one in told] == [newer, desk.run], "runs of own prices decide nothing of their own"
    assert told[1] == one and told[0]["price"] != one["price"]
    for language, title in (("en", "What the latest runs said of it"), ("zh", "最近各批次对该商品的结论")):
        page = client.get(address, headers={**HTML, "Accept-Language": language}).text
        part = page.partition('<section id="run-by-run">')[2].partition("</section>")[0]
        assert title in part and f"run={desk.run}" in part and f'<data value="{one["elasticity"]}">' in part


@pytest.mark.real  # long
def test_a_run_in_another_currency_is_told_in_its_own_and_compared_with_none(tmp_path: Path) -> None:
    """Somebody said JPY, priced, and said EUR again."""
    desk = place(tmp_path / "shop")
    client = desk.client("viewer")
    row = desk.desk.reading.run(desk.run).changes.row(0, named=True)
    address = f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}"
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('currency = "EUR"', 'currency = "JPY"').replace("[0.99, 0.49]", "[0, 5]"), encoding="utf-8")
    other = priced(desk.folder).run
    path.write_text(text, encoding="utf-8")
    newest = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nstep = 0.03\n')
    found = client.get(address, headers=JSON).json()
    assert [(one["run"], one["currency"]) for one in found["run_by_run"]] == [(newest, "EUR"), (other, "JPY"), (desk.run, "EUR")]
    yen = found["run_by_run"][1]["current_price"]
    assert yen == round(found["run_by_run"][0]["current_price"] / 100)
    page = client.get(address, headers=HTML).text
    for name in ("run-by-run", "events"):
        part = page.partition(f'<section id="{name}">')[2].partition("</section>")[0]
        told = part.partition(f"run={other}")[2].partition("</tr>")[0]
        assert f"{yen:,}<" in told and " JPY" in told and f"{yen / 100:.2f}" not in told
        assert " EUR" not in part and part.count(" JPY") == 1
    assert client.get("/", headers=JSON).json()["earlier"] == desk.run
    apart = client.get(f"/runs/{newest}/compare", headers=JSON).json()
    assert apart["other"] == desk.run and other not in apart["runs"]
