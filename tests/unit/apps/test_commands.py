"""The commands on a tiny shop, from the folder to the files and the printed words."""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.cli import demo, main, serve
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows import example
from pricesmith.flows.desk.data.page import state
from pricesmith.flows.desk.reading.kept import check_file
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office

KEPT = ("G012", "G013", "K000", "K001")
AS_OF = "2026-06-01"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example shop with four of its products."""
    folder = tmp_path_factory.mktemp("commands") / "shop"
    for file in example.write(folder):
        if file.suffix == ".csv" and "sku" in (header := file.read_text(encoding="utf-8").splitlines()[0].split(",")):
            rows = list(csv.reader(file.open(encoding="utf-8", newline="")))
            with file.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows([rows[0], *(row for row in rows[1:] if row[header.index("sku")] in KEPT)])
    return folder


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main.main([str(word) for word in words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture(scope="module")
def priced(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("priced")
    assert run("price", shop, "--as-of", AS_OF, "--out", place / "prices.csv", "--report", place / "report.html") == 0
    return place


def test_the_list_has_a_row_for_every_product(priced: Path) -> None:
    rows = list(csv.DictReader((priced / "prices.csv").open(encoding="utf-8", newline="")))
    assert list(rows[0]) == DECISIONS.schema.names()
    assert [row["sku"] for row in rows] == list(KEPT)
    assert all(row["price"].count(".") == 1 and len(row["price"].split(".")[1]) == 2 for row in rows)


def test_pricing_keeps_what_its_check_of_the_data_found_for_the_price_desk(shop: Path, priced: Path, tmp_path: Path) -> None:
    now = state(Reading(office(shop)))
    assert now.checked is not None and not now.changed
    assert (now.checked.tables["products"]["accepted"], now.checked.blocked) == (len(KEPT), False)
    assert run("check", shop, "--out", tmp_path / "check.json") == 0
    own, anew = (json.loads(path.read_text(encoding="utf-8")) for path in (check_file(shop), tmp_path / "check.json"))
    assert {**own, "at": ""} == {**anew, "at": ""} and own["at"] < anew["at"]


def test_the_check_that_is_kept_hangs_on_no_language_of_the_report(shop: Path, priced: Path, tmp_path: Path) -> None:
    own, folder = check_file(shop).read_text(encoding="utf-8"), tmp_path / "zh"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns(".desk", "ledger.db*"), copy_function=shutil.copy2)
    assert run("price", folder, "--as-of", AS_OF, "--out", tmp_path / "prices.csv", "--locale", "zh") == 0
    anew = check_file(folder).read_text(encoding="utf-8")
    assert {**json.loads(own), "at": ""} == {**json.loads(anew), "at": ""}
    assert (tmp_path / "prices.csv").read_bytes() == (priced / "prices.csv").read_bytes()


def test_a_rule_about_no_product_is_told_by_check_and_price(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns(".desk", "ledger.db*"))
    policy = folder / "shop.toml"
    line = len(policy.read_text(encoding="utf-8").splitlines()) + 4
    with policy.open("a", encoding="utf-8") as text:
        text.write('\n[[rule]]\nkind = "exclude"\nwhere = { category = "home/gardn" }\n')
    place = f"shop.toml:{line} $.rule[4].where"
    said = "shop.toml: $.rule[4] (exclude) acts on no product: none has category = home/gardn; write what products have there: home/garden"
    assert run("check", folder) == 0
    assert f"{said}, home/kitchen [idle_rule] at {place}\n" in capsys.readouterr().out
    assert run("check", folder, "--json") == 0
    assert place in [where for one in json.loads(capsys.readouterr().out)["warnings"] for where in one["places"]]
    report = tmp_path / "report.html"
    assert run("price", folder, "--as-of", AS_OF, "--out", tmp_path / "p.csv", "--report", report, "--no-record", "--json") == 0
    assert [one["places"] for one in json.loads(capsys.readouterr().out)["warnings"] if one["code"] == "idle_rule"] == [[place]]
    assert f"write what products have there: home/garden, home/kitchen ({place})" in report.read_text(encoding="utf-8")
    assert run("price", folder, "--as-of", AS_OF, "--out", tmp_path / "p.csv", "--no-record", "--locale", "zh") == 0
    assert f"请改为商品中已有的值：home/garden, home/kitchen（{place}）" in capsys.readouterr().out


def test_repeated_rows_are_told_by_check_and_price(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns(".desk", "ledger.db*"))
    sales = folder / "data" / "sales.csv"
    lines = sales.read_text(encoding="utf-8").splitlines()
    sales.write_text("\n".join([*lines, *lines[1:4], ""]), encoding="utf-8")
    assert run("check", folder) == 0
    assert "sales: 3 rows repeat another row in every column that is read" in capsys.readouterr().out
    report = tmp_path / "report.html"
    assert run("price", folder, "--as-of", AS_OF, "--out", tmp_path / "p.csv", "--report", report, "--no-record") == 0
    said = "3 rows of data repeat another row in every column that is read and were left out; of each such row one is read."
    assert said in capsys.readouterr().out.splitlines() and said in report.read_text(encoding="utf-8")


def test_the_same_run_writes_the_same_files(shop: Path, priced: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, report = tmp_path / "prices.csv", tmp_path / "report.html"
    assert run("price", shop, "--as-of", AS_OF, "--out", out, "--report", report, "--json") == 0
    assert out.read_bytes() == (priced / "prices.csv").read_bytes()
    assert report.read_bytes() == (priced / "report.html").read_bytes()
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["products"] == len(KEPT) == document["change"] + document["keep"] + document["hold"]
    assert document["profit_change_lo"] <= document["profit_change"] <= document["profit_change_hi"]
    assert 0.0 <= document["gap"] < 0.01
    assert told.err.splitlines() == [
        "reading shop.toml ...",
        "reading and checking the data ...",
        "laying out the history ...",
        "learning demand ...",
        "choosing prices ...",
        "writing the report ...",
        "writing the run into the ledger ...",
    ]


def test_parquet_holds_the_same_prices(shop: Path, priced: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("price", shop, "--as-of", AS_OF, "--out", tmp_path / "prices.parquet") == 0
    table = pl.read_parquet(tmp_path / "prices.parquet")
    text = pl.read_csv(priced / "prices.csv", schema=table.schema)
    assert table.equals(text.with_columns(pl.col("binding_rules").fill_null("")))
    assert "price list: " in capsys.readouterr().out


def test_explain_agrees_with_the_list(shop: Path, priced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["sku"]: row for row in csv.DictReader((priced / "prices.csv").open(encoding="utf-8", newline=""))}
    capsys.readouterr()
    assert run("explain", shop, "K001", "--as-of", AS_OF, "--json") == 0
    story = json.loads(capsys.readouterr().out)
    row = rows["K001"]
    assert (story["price"], story["reason"], story["action"]) == (float(row["price"]), row["reason"], row["action"])
    assert {"sku", "current_price", "evidence", "elasticity", "curve", "drivers", "rules"} <= set(story)
    curve = story["curve"]
    assert [point["price"] for point in curve] == sorted(point["price"] for point in curve)
    assert all(one["units"] >= other["units"] for one, other in itertools.pairwise(curve))
    assert all(point["units_lo"] <= point["units"] <= point["units_hi"] for point in curve)
    assert sum(driver["effect"] for driver in story["drivers"]) == pytest.approx(float(row["profit_change"]), abs=1e-4)
    chosen = next(point for point in curve if point["price"] == story["price"])
    assert chosen["units"] == pytest.approx(float(row["expected_units"]), rel=1e-4)
    assert chosen["profit"] == pytest.approx(float(row["expected_profit"]), rel=1e-4)
    assert chosen["allowed"] or story["action"] != "change"
    kept = next(point for point in curve if point["price"] == story["current_price"])
    assert kept["family_change"] == 0.0
    assert all(point["profit_with_family"] == pytest.approx(point["profit"] + point["family_change"]) for point in curve)
    assert chosen["profit_with_family"] - kept["profit_with_family"] == pytest.approx(float(row["profit_change"]), abs=1e-4)
    assert chosen["family_change"] == pytest.approx(next(one["effect"] for one in story["drivers"] if one["name"] == "family"), abs=1e-4)
    limits = {rule["name"]: rule for rule in story["rules"]}
    assert {one["side"] for one in story["out_of_reach"]} == {"above", "below"}
    for one in story["out_of_reach"]:
        side = "high" if one["side"] == "above" else "low"
        assert one["bound"] == side + "est" and one["limit"] == limits[one["rule"]][side]
        assert (one["price"] > one["limit"]) == (one["price"] > story["price"]) == (side == "high")
        assert round(100 * one["price"]) % 100 in (99, 49)
        assert not any(min(one["price"], one["limit"]) < point["price"] < max(one["price"], one["limit"]) for point in curve)
    beside = story["beside"]
    assert beside["changes"] > 0 and beside["units"] != pytest.approx(story["expected_units"], rel=1e-6)
    parts = dict(story["unit"])
    assert parts.pop("profit") == pytest.approx(sum(parts.values()))
    assert 0.0 <= story["support"]["own_share"] <= 1.0
    assert story["support"]["alike"]["elasticity"] < 0.0
    assert {rule["name"] for rule in story["rules"]} >= {"margin_floor", "max_change", "price_endings", "price_bounds"}


def test_explain_for_people_says_the_same(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", shop, "K001", "--as-of", AS_OF) == 0
    told = capsys.readouterr().out
    assert told.startswith("K001  Birch Frying pan\n")
    shown = (
        "One unit",
        "landed cost",
        "margin floor",
        "units a day",
        "now",
        "after tax and returns",
        "together",
        "with an allowed ending",
        "units while its related products keep today's prices; ",
    )
    assert all(words in told for words in shown)


FORBIDDEN = "an allowed ending that the rules forbid"


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "No price meets all limits. Lowest allowed: {low} (price bounds). Highest allowed: {high} (price bounds (2)).",
                "The nearest price above with " + FORBIDDEN + ", {above}, is too high (price bounds (2): at most {high}).",
                "The nearest price above with " + FORBIDDEN + ", {above}, is too low (price bounds: at least {low}).",
                "The nearest price below with " + FORBIDDEN + ", {below}, is too high (price bounds (2): at most {high}).",
                "The nearest price below with " + FORBIDDEN + ", {below}, is too low (price bounds: at least {low}).",
            ],
        ),
        (
            "zh",
            [
                "没有价格能同时满足所有限制：价格上下限要求不低于 {low}，价格上下限 (2)要求不高于 {high}。",
                "此价之上，符合尾数但规则不允许的最近价格 {above}：太高（价格上下限 (2)：不高于 {high}）。",
                "此价之上，符合尾数但规则不允许的最近价格 {above}：太低（价格上下限：不低于 {low}）。",
                "此价之下，符合尾数但规则不允许的最近价格 {below}：太高（价格上下限 (2)：不高于 {high}）。",
                "此价之下，符合尾数但规则不允许的最近价格 {below}：太低（价格上下限：不低于 {low}）。",
            ],
        ),
    ],
)
def test_where_limits_cross_the_endings_on_either_side_are_said_with_what_forbids_them(
    shop: Path, tmp_path: Path, language: str, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "crossed"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns(".desk", "ledger.db*"), copy_function=shutil.copy2)
    assert run("explain", folder, "K001", "--as-of", AS_OF, "--json") == 0
    now = json.loads(capsys.readouterr().out)["current_price"]
    low, high = round(now + 0.8, 2), round(now - 0.8, 2)
    rules = (folder / "shop.toml").read_text(encoding="utf-8").split('[[rule]]\nkind = "price_bounds"')[0]
    limits = (("min_price", low, "K001"), ("max_price", high, "K00*"))
    bounds = "".join(f'[[rule]]\nkind = "price_bounds"\n{name} = {at}\nwhere = {{ sku = "{sku}" }}\n' for name, at, sku in limits)
    (folder / "shop.toml").write_text(rules + bounds, encoding="utf-8")
    assert run("explain", folder, "K001", "--as-of", AS_OF, "--locale", language) == 0
    told = capsys.readouterr().out.splitlines()
    values = {"low": f"{low:.2f}", "high": f"{high:.2f}", "above": f"{now + 0.5:.2f}", "below": f"{now - 0.5:.2f}"}
    start = told.index(expected[0].format(**values))
    assert told[start : start + len(expected)] == [line.format(**values) for line in expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("K002",), "did you mean K001"),
        (("birch",), "2 products have it in their name: "),
        (("K00",), "did you mean K000 ("),
        (("bir",), "did you mean "),
        (("K001", "--channel", "web"), "unknown channel 'web'"),
    ],
)
def test_explain_refuses_what_is_not_there(shop: Path, words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", shop, *words, "--as-of", AS_OF) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert expected in told.err
    assert sum(line.startswith("error: ") for line in told.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("K002",), "error: 没有商品 'K002' (是否指 K001"),
        (("birch",), "error: 没有商品 'birch' (有 2 个商品的名称包含它："),
        (("K001", "--channel", "web"), "error: 没有渠道 'web' (可选：default)"),
    ],
)
def test_explain_in_chinese_refuses_in_chinese(
    shop: Path, words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", shop, *words, "--as-of", AS_OF, "--locale", "zh") == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(expected)


def test_predict_falls_with_the_price(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, out = tmp_path / "plan.csv", tmp_path / "predicted.csv"
    scenario.write_text("date,sku,price,note\n" + "".join(f"{AS_OF},K001,{price},x\n" for price in (35, 40, 45)), encoding="utf-8")
    assert run("predict", shop, "--as-of", AS_OF, "--scenario", scenario, "--out", out) == 0
    rows = pl.read_csv(out)
    assert rows.columns == ["date", "sku", "price", "note", "units", "units_lo", "units_hi"]
    assert rows["units"].is_sorted(descending=True)
    assert ((rows["units_lo"] <= rows["units"]) & (rows["units"] <= rows["units_hi"])).all()
    assert "3 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date;sku;price\n2026-06-01;K001;40,5\n", "plan.csv:1: columns are separated by semicolons"),
        (
            f"date,sku,price\n{AS_OF},K001,40\n01.06.2026,K001,40\n",
            "plan.csv:3: date = '01.06.2026' is no date (write dates as 2026-11-24)",
        ),
        (f'date,sku,price\n{AS_OF},K001,"40,5"\n', "plan.csv:2: price = '40,5' is no price (write a number above 0 with a decimal point"),
        (f"date,sku,price\n{AS_OF},K001,40\n{AS_OF},K1,40\n", "plan.csv:3: unknown product 'K1' (did you mean"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_with_its_line(
    shop: Path, tmp_path: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "plan.csv"
    scenario.write_text(text, encoding="utf-8")
    assert run("predict", shop, "--as-of", AS_OF, "--scenario", scenario, "--out", tmp_path / "out.csv") == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_the_language_can_be_chosen_for_one_run(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", shop, "K001", "--as-of", AS_OF, "--locale", "zh") == 0
    assert "单件利润明细" in capsys.readouterr().out
    assert run("explain", shop, "K001", "--locale", "fr") == 1
    assert "--locale: unknown language of reports 'fr' (valid: en, zh)" in capsys.readouterr().err


def test_one_fault_does_not_fill_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "comma"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\nA,1\n", encoding="utf-8")
    rows = "".join(f'2026-01-{day:02d},A,1,"2,50"\n' for day in range(1, 10)) + "10.01.2026,A,1,2.50\n"
    (folder / "data" / "sales.csv").write_text(f"date,sku,units,price\n{rows}", encoding="utf-8")
    assert run("check", folder) == 1
    told, error = capsys.readouterr()
    assert told.count("write a decimal point: 2.50") == 5
    assert "look at the first one, data/sales.csv:2 (price), and mend what is alike in all of them" in error
    assert "max_bad_share" not in told + error
    assert "year-month-day: 2026-01-10" in told
    assert "... and 4 more" in told


def test_check_says_where_an_odd_price_and_a_repeated_row_stand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    (tmp_path / "data" / "products.csv").write_text("sku,unit_cost\nA,1\n", encoding="utf-8")
    rows = [f"2026-01-{day:02d},A,1,{250 if day == 4 else 2.5}" for day in range(1, 10)]
    (tmp_path / "data" / "sales.csv").write_text("\n".join(["date,sku,units,price", *rows, rows[0], ""]), encoding="utf-8")
    assert run("check", tmp_path) == 0
    told = capsys.readouterr().out
    assert "[unit_slip] e.g. A at data/sales.csv:5\n" in told
    assert (
        "of each such row one is read, the rest are left out; where they are no repeats, add their units up in one row "
        "[exact_duplicate] at data/sales.csv:11\n" in told
    )


def test_check_lists_bad_rows_and_blocks(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", shop, "--json") == 0
    clean = json.loads(capsys.readouterr().out)
    assert clean["quarantine"] == []
    assert clean["blocked"] is False
    assert clean["tables"]["sales"]["rows"] == clean["tables"]["sales"]["accepted"] > 0
    folder = tmp_path / "dirty"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\nA,1\n", encoding="utf-8")
    good = "".join(f"2026-01-{day:02d},A,1,2.50\n" for day in range(1, 10))
    (folder / "data" / "sales.csv").write_text(f"date,sku,units,price\n{good}2026-01-10,A,1,nan\n", encoding="utf-8")
    assert run("check", folder) == 1
    told = capsys.readouterr()
    assert "sales.csv:11  price = 'nan'  not_finite: write the number" in told.out
    assert "Blocks pricing" in told.out
    assert told.err.count("\n") == 1
    assert "sales" in told.err
    assert run("price", folder, "--out", tmp_path / "no.csv") == 1
    assert not (tmp_path / "no.csv").exists()


def test_check_says_which_rules_allow_more_than_a_guard_lets_through(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "wide"
    shutil.copytree(shop, folder)
    settings = folder / "shop.toml"
    text = settings.read_text(encoding="utf-8").replace("\nmax_step = 0.15", "\nmax_step = 0.12")
    settings.write_text(text, encoding="utf-8")
    assert run("check", shop) == run("check", folder) == 0
    line = text.splitlines().index(next(one for one in text.splitlines() if one.startswith("max_step"))) + 1
    told = capsys.readouterr().out
    assert told.count("A guard stops what these rules allow") == 1
    assert f"still stops at 12.0 % ([guards] max_step, line {line}); the rule allows 15.0 %" in told
    assert run("check", folder, "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)["stricter"]
    assert (one["rule"], one["guard"], one["setting"], one["allows"], one["limit"], one["line"]) == (
        "max_change", "G3", "max_step", 0.15, 0.12, line,
    )  # fmt: skip


def test_fit_reports_the_model(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", shop, "--as-of", AS_OF, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["as_of"] == AS_OF
    assert run("fit", shop, "--as-of", AS_OF) == 0
    told = capsys.readouterr().out
    assert "elasticity by category" in told
    assert re.search(r"category +items +elasticity +four in five products from +four in five products to\n", told)
    assert "how they differ, not how surely the mean is known" in told and "p10" not in told


def test_init_tells_what_it_wrote_and_refuses_to_overwrite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "shop"
    assert run("init", place) == 0
    assert "Next:  pricesmith check" in capsys.readouterr().out
    before = {file: file.read_bytes() for file in place.rglob("*") if file.is_file()}
    assert run("init", place) == 1
    assert "not empty" in capsys.readouterr().err
    assert before == {file: file.read_bytes() for file in place.rglob("*") if file.is_file()}


def test_unknown_model_and_kind_list_the_choices(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", shop, "--model", "magic") == 1
    assert "valid: " in capsys.readouterr().err
    assert run("exam", "--kind", "magic") == 1
    assert "plain" in capsys.readouterr().err


@pytest.mark.real  # long
def test_exam_marks_a_small_shop(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("exam", "--kind", "plain", "--seed", 3, "--products", 12, "--days", 90)
    assert run(*words, "--json") == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["kind"] for entry in entries] == ["plain"]
    assert {"captured", "coverage90", "rule_violations", "wrong_sign", "seconds", "baselines"} <= set(entries[0])
    assert entries[0]["rule_violations"] == 0
    assert run(*words) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.split()[0] == "kind"
    assert "by per product" in header
    assert line.startswith("plain")


@pytest.mark.real  # long
def test_backtest_stands_beside_its_baselines(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("backtest", shop, "--folds", 1, "--horizon", 7, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["folds"]) == 1
    assert {"wape", "bias", "pinball", "coverage90", "baselines"} <= set(report)
    assert "seasonal_naive" in report["baselines"]


@pytest.mark.parametrize(("port", "elsewhere"), [(None, True), (demo.PORT, False), (8700, False)])
def test_a_port_that_was_asked_for_is_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: int | None, elsewhere: bool) -> None:
    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(serve, "lacking", list)
    monkeypatch.setattr(serve, "served", lambda *given, **more: told.append((*given, more["elsewhere"])))
    demo.desk(tmp_path, tmp_path / "report.html", port)
    assert told == [(tmp_path, "localhost", port or demo.PORT, elsewhere)]


@pytest.mark.parametrize(("period", "last"), [("day", "2026-01-22"), ("week", "2026-01-28"), ("month", "2026-02-21")])
def test_check_says_the_last_day_that_sales_tell_of(tmp_path: Path, capsys: pytest.CaptureFixture[str], period: str, last: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "shop.toml").write_text(f'currency = "EUR"\nperiod = "{period}"\n', encoding="utf-8")
    (tmp_path / "data" / "products.csv").write_text("sku,unit_cost\nA,1\n", encoding="utf-8")
    rows = [f"2026-01-{day:02d},A,1,2.5" for day in (1, 8, 15, 22)]
    (tmp_path / "data" / "sales.csv").write_text("\n".join(["date,sku,units,price", *rows, ""]), encoding="utf-8")
    run("check", tmp_path)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["sales", "4", "4", "0", "2026-01-01", last] in lines and ["products", "1", "1", "0"] in lines
