"""What `check` warns of is told by `price` too where it makes the list mean something else than it seems to."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from tests.unit.apps.test_commands import run

HEAD = "date,sku,units,price\n"
STEADY = HEAD + "".join(
    f"{dt.date(2026, 1, 1) + dt.timedelta(days=k)},{sku},{2 + (k + n) % 3},{6 + n}.99\n" for k in range(40) for n, sku in enumerate("abc")
)
RULE = '[[rule]]\nkind = "{}"\n{}\n'


def shop(folder: Path, sales: str, settings: str = "") -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text(f'currency = "EUR"\ntax = "net"\n{settings}', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\na,2\nb,2\nc,2\n", encoding="utf-8")
    (folder / "data" / "sales.csv").write_text(sales, encoding="utf-8")
    return folder


def told(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run("price", folder, "--out", folder / "prices.csv", "--no-record", *words) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "setting", "hint"),
    [
        ("margin_floor", "min_margin = 12", "min_margin = 12 of margin_floor means 1200%; if 12 % is meant, write 0.12"),
        ("price_endings", "endings = [9]", "if the last digit is meant, write every ending that has it: 0.09, 0.19, ..., 0.99"),
        ("price_endings", "endings = [95]", "an ending of 95 allows 95.00 and not 0.95; if the decimals are meant, write 0.95"),
    ],
)
def test_a_setting_that_holds_every_product_is_doubted_where_its_prices_are(
    tmp_path: Path, kind: str, setting: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shop(tmp_path / "shop", STEADY, RULE.format(kind, setting) + RULE.format("max_change", "step = 0.1"))
    assert run("check", folder) == 0
    assert hint in capsys.readouterr().out
    said = told(folder, capsys)
    assert hint in said and re.search("No price (may be set|should change) today", said)
    assert "请写" in told(folder, capsys, "--locale", "zh")


def test_a_row_of_another_age_is_told_by_check_and_by_price(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slip, jump = (shop(tmp_path / name, STEADY + f"{day},a,1,6.99\n") for name, day in (("slip", "2062-05-01"), ("jump", "2026-08-01")))
    for folder, line in ((slip, "a run starts after that; mend them"), (jump, "set the day of every run that is given none")):
        assert run("check", folder) == 0
        assert f"{line}" in (said := capsys.readouterr().out) and "data/sales.csv:122" in said
        assert line in told(folder, capsys)
    assert "as of 2026-02-10" in told(slip, capsys) and "as of 2026-08-02" in told(jump, capsys)


def test_rows_after_the_day_that_was_given_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop(tmp_path / "shop", STEADY + "2062-05-01,a,1,6.99\n")
    line = "sales: 4 rows are dated on or after 2026-02-09, the last of them 2062-05-01; a run as of that day ignores them"
    assert run("check", folder, "--as-of", "2026-02-09", "--json") == 0
    assert [one["message"] for one in json.loads(capsys.readouterr().out)["warnings"] if one["code"] == "after_as_of"] == [line]
    assert line in told(folder, capsys, "--as-of", "2026-02-09")
    assert run("check", folder) == 0
    assert "on or after" not in capsys.readouterr().out


def test_prices_of_nothing_end_check_and_price_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop(tmp_path / "shop", HEAD + "2026-01-01,a,1,0\n2026-01-02,a,2,0\n")
    for words in (("check", folder), ("price", folder, "--out", folder / "prices.csv")):
        assert run(*words) == 1
        assert "not one row has a price above 0" in capsys.readouterr().err
