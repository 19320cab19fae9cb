"""The runner finds every benchmark, keeps its lines, and says what failed or was absent."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import run
from benchmarks.registry import HERE, Case, cases
from benchmarks.support.measure import installed, report, timed
from benchmarks.support.panel import weekly_panel


def test_every_file_is_a_case_with_a_title() -> None:
    found = cases()
    assert set(found) == {path.stem for path in HERE.glob("*.py")} - {"run", "registry"}
    assert all(case.title and case.title != case.name for case in found.values())


def test_ratio_is_per_product_and_within_the_task() -> None:
    lines = [
        {"case": "a", "method": "pricesmith one", "products": 1000, "cpu_s": 0.001, "task": "x"},
        {"case": "a", "method": "pricesmith two", "products": 1000, "cpu_s": 0.1, "task": "y"},
        {"case": "a", "method": "peer", "products": 10, "cpu_s": 0.005, "task": "x", "rmse": 0.912345},
        {"case": "b", "method": "lonely", "products": 10, "cpu_s": 0.005},
        {"case": "a", "goal": ">= 50x", "figure": "500x", "met": True},
        {"case": "a", "goal": "<= 1 s", "figure": "2 s", "met": False},
        {"case": "a", "absent": "somepeer"},
    ]
    page = run.render(
        {
            "a": {"day": "2026-01-02", "lines": lines, "text": "", "trouble": ""},
            "b": {"day": "2026-01-02", "lines": [], "text": "free text", "trouble": ""},
            "c": {"day": "2026-01-02", "lines": [], "text": "", "trouble": "broke"},
        }
    )
    rows = {row.split("|")[2].strip(): row for row in page.splitlines() if row.startswith("|")}
    assert rows["peer"].split("|")[6].strip() == "500"
    assert "rmse 0.9123" in rows["peer"]
    assert rows["lonely"].split("|")[6].strip() == ""
    assert "| met" in rows[">= 50x"]
    assert "**short**" in rows["<= 1 s"]
    assert "Peers not installed, so not measured: a: somepeer." in page
    assert "free text" in page
    assert "Failed: c: broke." in page


def test_case_runs_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "good.py").write_text('print("{\\"method\\": \\"m\\", \\"cpu_s\\": 1.0}")\nprint("words")\n')
    (folder / "bad.py").write_text('raise SystemExit("it broke")\n')
    (folder / "slow.py").write_text("import time\ntime.sleep(30)\n")
    monkeypatch.setattr(run, "HERE", folder)
    good = run.run_case(Case("good", ""), 60)
    assert (good["lines"], good["text"], good["trouble"]) == ([{"case": "good", "method": "m", "cpu_s": 1.0}], "words", "")
    assert run.run_case(Case("bad", ""), 60)["trouble"] == "it broke"
    assert "not finished" in run.run_case(Case("slow", ""), 1)["trouble"]


def test_saved_page_keeps_cases_that_are_not_run_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "page.md"

    def pretend(case: Case, limit: int) -> run.Outcome:
        return {"day": "2026-01-02", "lines": [{"case": case.name, "method": "m", "cpu_s": limit / 10}], "text": "", "trouble": ""}

    monkeypatch.setattr(run, "run_case", pretend)
    for arguments in (["startup", "--limit", "10"], ["ladder", "--limit", "20"]):
        monkeypatch.setattr(sys, "argv", ["run", *arguments, "--save", str(page)])
        assert run.main() == 0
    text = page.read_text()
    assert "| startup | m      |          | 1     |" in text
    assert "| ladder  | m      |          | 2     |" in text


def test_unknown_case_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["run", "nosuch"])
    with pytest.raises(SystemExit):
        run.main()
    assert "unknown case 'nosuch'; known: " in capsys.readouterr().err


def test_timing_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    result, timing = timed(lambda: sum(range(1000)), 3)
    assert (result, timing.repeats) == (499500, 3)
    assert report("a", "m", 10, timing, rmse=1.0) == timing.cpu / 10
    assert not installed("a", "no_such_package_here")
    assert '{"case": "a", "absent": "no_such_package_here"}' in capsys.readouterr().out


@pytest.mark.parametrize("bent", [False, True])
def test_panel_hides_what_it_says(bent: bool) -> None:
    panel = weekly_panel(200, 104, hidden=0.2, bent=bent)
    assert panel.regressors.shape == (200, 104, 7)
    assert (panel.elasticity < 0).all()
    rival = _within(panel.rival)
    cell = np.searchsorted(np.quantile(rival, np.linspace(0, 1, 200)[1:-1]), rival.ravel())
    unexplained = panel.outcome - panel.elasticity[:, None] * panel.price
    cost, price, error = (_free(_within(values).ravel(), cell) for values in (panel.cost, panel.price, unexplained))
    assert abs(np.corrcoef(cost, error)[0, 1]) < 0.03  # moves demand only by the competitor, who is a control
    assert np.corrcoef(price, error)[0, 1] > 0.1


def _within(values: np.ndarray) -> np.ndarray:
    return np.asarray(values - values.mean(axis=1, keepdims=True))


def _free(values: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Values less the mean of their cell."""
    return np.asarray(values - (np.bincount(cell, values) / np.bincount(cell))[cell])
