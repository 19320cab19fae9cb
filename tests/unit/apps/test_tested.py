"""What the last backtest says against a model stands where its prices are made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pricesmith.flows.desk.reading.kept import backtest_file, backtest_files
from pricesmith.flows.publishing.office import office
from tests.desk.place import place

from .test_foretell import said

TEST = {"at": "2026-03-02T08:00:00+00:00", "last": "2026-03-01", "rows": 50, "folds": [{}], "wape": 0.5, "bias": 0.0, "pinball": 0.12}
MOVED = {"share": 0.7, "share_lo": 0.5, "share_hi": 0.9, "rows": 40, "items": 9}
SUMS = {"bias": -0.163, "bias_lo": -0.267, "bias_hi": -0.059}
LOST = {"seasonal_naive": {"pinball": 0.1, "pinball_gain": -0.09, "pinball_gain_lo": -0.15, "pinball_gain_hi": -0.02}}
LITTLE = {"seasonal_naive": {"pinball": 0.119, "pinball_gain": -0.006, "pinball_gain_lo": -0.011, "pinball_gain_hi": -0.001}}


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("more", "told", "kind"),
    [
        (None, "was not tested on this shop's own past yet: `pricesmith backtest", "untested"),
        ({"coverage90": 0.9, "slope": 1.0, "followed": MOVED | {"share_lo": 0.7}, "baselines": {}}, "", None),
        (
            {"coverage90": 0.9, "slope": 1.0, "followed": MOVED | {"share": 0.6, "share_hi": 0.7}, "baselines": {}},
            "price moves clearly less",
            "",
        ),
        (
            {"coverage90": 0.9, "slope": 1.0, "followed": MOVED | {"share": 1.6, "share_lo": 1.3, "share_hi": 1.9}, "baselines": {}},
            "price moves clearly more",
            "",
        ),
        (
            {"coverage90": 0.9, "slope": 1.0, "followed": MOVED | {"share": 0.21, "share_lo": -0.82, "share_hi": 1.25}, "baselines": {}},
            "could not tell: too few prices moved. 0.21 of the foretold answer came",
            "",
        ),
        (
            {"coverage90": 0.9, "slope": 1.0, "followed": MOVED | {"share": -0.3, "share_lo": -0.9, "share_hi": 0.3}, "baselines": {}},
            "price moves clearly less",
            "",
        ),
        (
            {"coverage90": 0.9, "slope": 1.0, "expected": SUMS, "baselines": {}},
            "expected 16.3 % less than was sold (90 % interval: −26.7 % to",
            "",
        ),
        ({"coverage90": 0.9, "slope": 1.0, "expected": SUMS | {"bias_hi": 0.01}, "baselines": {}}, "", None),
        ({"coverage90": 0.9, "slope": 1.0, "expected": {name: -SUMS[name] / 2 for name in SUMS}, "baselines": {}}, "", None),
        ({"coverage90": 0.9, "slope": 1.0, "baselines": LOST}, "Do not trust these prices yet", ""),
        ({"coverage90": 0.9, "slope": 1.0, "baselines": LITTLE}, "a little worse than", ""),
        ({"coverage90": 0.7, "slope": 1.0, "baselines": {}}, "90 % intervals too narrow: they covered 70.0 %", "few"),
        (
            {"coverage90": 0.9, "slope": 1.0, "baselines": {}, "ranges": {"coverage90": 0.31, "rows": 52, "days": 28}},
            "90 % intervals too narrow: they covered 31.0 % of the products' sales over 28 days",
            "few",
        ),
        ({"coverage90": 0.7, "slope": 1.0, "baselines": {}, "ranges": {"coverage90": 0.9, "rows": 52, "days": 28}}, "", None),
    ],
)
def test_price_tells_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: dict[str, object] | None, told: str, kind: str | None
) -> None:
    folder = place(tmp_path / "shop").folder
    for name, one in (("other", {"coverage90": 0.1, "slope": 0.1, "baselines": LOST}), ("response", more)):
        if one is not None:
            file = backtest_file(folder, office(folder).now().replace(hour=9 if name == "other" else 8))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({**TEST, "name": name, **one}), encoding="utf-8")
    asked = ("price", folder, "--out", tmp_path / "prices.csv", "--no-record")
    text = said(capsys, *asked).replace("\u00a0", " ")
    phrases = (
        "not tested",
        "price moves clearly",
        "could not tell",
        "Do not trust",
        "a little worse",
        "too narrow",
        "less than was sold",
        "more than was sold",
    )
    assert told in text and sum(one in text for one in phrases) == bool(told)
    against = json.loads(said(capsys, *asked, "--json"))["said_against_its_forecasts"]
    assert (against and against["kind"]) == kind
    if not told:
        return
    assert text not in said(capsys, *asked, "--locale", "zh")


@pytest.mark.real  # long
@pytest.mark.real
def test_a_backtest_is_kept_for_it_and_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "shop").folder
    toml = folder / "shop.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('boosting = "auto"', 'boosting = "never"'), encoding="utf-8")
    said(capsys, "backtest", folder, "--folds", 1, "--horizon", 7)
    (one,) = backtest_files(folder)
    kept = json.loads(one.read_text(encoding="utf-8"))
    assert kept["name"] == "response" and kept["about"]["horizon"] == 7
    one.unlink()
    said(capsys, "backtest", folder, "--folds", 1, "--horizon", 7, "--out", one)
    assert backtest_files(folder) == [one]
