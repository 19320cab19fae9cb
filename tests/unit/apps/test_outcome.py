"""`pricesmith outcome`, from a priced folder to words and JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pricesmith.apps.cli import main
from pricesmith.apps.cli.reckoned import WIDE, band, listed, told
from pricesmith.flows import example

KEPT = ("G012", "G013", "K000", "K001", "K002")


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main.main([str(word) for word in words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example shop with some of its products."""
    folder = tmp_path_factory.mktemp("outcome") / "shop"
    for file in example.write(folder):
        if file.suffix == ".csv" and "sku" in (header := file.read_text(encoding="utf-8").splitlines()[0].split(",")):
            rows = list(csv.reader(file.open(encoding="utf-8", newline="")))
            with file.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows([rows[0], *(row for row in rows[1:] if row[header.index("sku")] in KEPT)])
    return folder


@pytest.fixture(scope="module")
def name(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of four weeks before the last sale."""
    assert run("price", shop, "--as-of", "2026-06-01", "--out", tmp_path_factory.mktemp("priced") / "prices.csv") == 0
    from pricesmith.flows.publishing.office import office

    found: str = office(shop).book.read("runs")["run"][0]
    return found


def test_a_run_whose_prices_never_came_says_what_to_do(shop: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("outcome", shop, name) == 1
    assert "--since DATE" in capsys.readouterr().err


def test_the_document_of_a_run(shop: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("outcome", shop, name, "--since", "2026-06-02", "--until", "2026-06-20", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    keys = (
        "run since until currency promised realised effect effect_promised coverage90 bias drift holdout regret products elsewhere recorded"
    )
    assert list(found) == keys.split()
    assert (found["run"], found["since"], found["until"], found["holdout"]) == (name, "2026-06-02", "2026-06-20", None)
    assert {row["sku"] for row in found["products"]} == set(KEPT)
    assert found["recorded"] > 0
    assert run("outcome", shop, name, "--since", "2026-06-02", "--json") == 0
    assert json.loads(capsys.readouterr().out)["recorded"] == 0


def test_the_words_of_a_run(shop: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("outcome", shop, name, "--since", "2026-06-02") == 0
    text = capsys.readouterr().out
    assert text.startswith(f"run {name}: ")
    for word in ("promised", "what the prices brought", "demand by itself"):
        assert word in text


def test_runs_are_listed(shop: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("outcome", shop) == 0
    assert "no price of a recorded run came" in capsys.readouterr().out
    assert run("outcome", shop, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["currency", "runs", "together", "regret", "recorded"]
    assert (found["runs"], found["together"]) == ([], None)


def test_dates_are_said_of_one_run(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("outcome", shop, "--since", "2026-06-02") == 2
    assert "name a RUN" in capsys.readouterr().err


ROW = {
    "run": "20260601-aa",
    "since": "2026-06-02",
    "until": "2026-06-30",
    "products": 7,
    "coverage90": 0.9,
    "bias": -0.02,
    "promised": 8.0,
    "realised": 5.0,
    "realised_lo": -5.0,
    "realised_hi": 15.0,
}
PROPOSAL = {
    "sku": "a",
    "channel": "default",
    "region": "default",
    "answer": "rejected",
    "proposed": 9.9,
    "other": 11.0,
    "value": -1.5,
    "value_lo": -2.0,
    "value_hi": -1.0,
    "better": "other",
}
REGRET = {
    "by_answer": [{"answer": "rejected", "proposals": 1, "value": -1.5, "better_proposed": 0, "better_other": 1, "better_open": 0}],
    "proposals": [PROPOSAL],
}


def test_the_chart_shows_interval_promise_and_nothing() -> None:
    line = band(ROW, 15.0)
    assert len(line) == WIDE
    middle = WIDE // 2
    assert (line[middle], line[middle - 5], line[-1], line[middle + 5], line[middle + 8]) == (":", "(", ")", "o", "x")


def test_a_list_of_runs_in_words() -> None:
    early = dict.fromkeys(ROW) | {"run": "20260701-bb", "since": "2026-07-02", "products": 3}
    together = {"runs": 1, "products": 7, "coverage": 0.9, "inside": 1, "promised": 8.0, "realised": 5.0, "low": -5.0, "high": 15.0}
    text = listed({"currency": "EUR", "runs": [ROW, early], "together": together, "regret": REGRET, "recorded": 0})
    assert "no sales yet" in text
    assert "the promise lies inside the interval in 1 of 1 runs" in text
    assert "a: 9.90 rejected for 11.00: −1.50 a day (−2.00 … −1.00), people were right" in text


def test_a_hold_out_in_words() -> None:
    zero = {"value": 0.0, "low": -1.0, "high": 1.0}
    import datetime as dt

    found = {
        "run": "r",
        "since": dt.date(2026, 6, 2),
        "until": dt.date(2026, 6, 30),
        "currency": "EUR",
        "promised": {"units": zero, "revenue": zero, "profit": zero},
        "realised": {"units": 0.0, "revenue": 0.0, "profit": 0.0},
        "effect": zero,
        "effect_promised": 0.0,
        "coverage90": None,
        "bias": None,
        "drift": {"products_that_stayed": 0},
        "holdout": {
            "clusters": {"lift": 0.04, "error": 0.01, "low": 0.02, "high": 0.06, "treated": 30, "kept": 8},
            "items": None,
            "split": True,
        },
        "regret": {"by_answer": [], "proposals": []},
        "products": [],
        "elsewhere": 2,
    }
    text = told(found)
    assert "hold-out: profit +4.0 % (90 %: +2.0 % … +6.0 %), 30 clusters with new prices, 8 without" in text
    assert "drawn apart" in text
    assert "unknown, no price stayed" in text
    assert "not judged: 2 products" in text
    found["holdout"] = {"clusters": None, "items": None, "split": False}
    assert "too few clusters" in told(found)
