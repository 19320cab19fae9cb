"""A shop whose costs are not known is told so first, and what to do, before anything about the choice."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pricesmith.apps.cli import main
from pricesmith.flows import example

KEPT = ("G012", "G013", "K000")
REMEDY = "products, so their prices stay: write products.unit_cost, or a row of costs.csv."


def shop(folder: Path, costed: tuple[str, ...]) -> Path:
    """The example shop with three of its products, of which `costed` have a cost."""
    for file in example.write(folder):
        rows = list(csv.reader(file.open(encoding="utf-8", newline=""))) if file.suffix == ".csv" else [[]]
        if "sku" not in rows[0]:
            continue
        wanted = costed if file.name == "costs.csv" else KEPT
        kept = [row for row in rows[1:] if row[rows[0].index("sku")] in wanted]
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([rows[0], *kept])
    if not costed:
        (folder / "data" / "costs.csv").unlink()
    return folder


@pytest.mark.parametrize(
    ("costed", "language", "first", "then"),
    [
        ((), "en", "No price may be set today: all 3 products are held", f"No cost is known of 3 of 3 {REMEDY}"),
        ((), "zh", "今天无法定价：全部 3 个商品均暂不改价", "3 个商品中有 3 个成本未知，其价格保持不变：请填写 products.unit_cost"),
        (("G012", "K000"), "en", "", f"No cost is known of 1 of 3 {REMEDY}"),
    ],
)  # fmt: skip
def test_missing_costs_are_told_first(
    costed: tuple[str, ...], language: str, first: str, then: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shop(tmp_path / "shop", costed)
    report = tmp_path / "report.html"
    words = ["price", str(folder), "--out", str(tmp_path / "p.csv"), "--report", str(report), "--locale", language, "--no-record"]
    with pytest.raises(SystemExit) as ended:
        main.main(words)
    assert ended.value.code == 0
    said, page = capsys.readouterr().out, report.read_text(encoding="utf-8")
    assert first in said and then in said and then in page
    lines = said.split("\n")
    assert next(number for number, line in enumerate(lines) if then in line) <= (3 if first else 6)
    bound = "can bring more than" in said or "最多带来" in said
    assert bound == bool(costed), "nothing is said of the best choice where there was none"
