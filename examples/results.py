"""Write docs/results.md from the real data sets: `python -m examples.results [NAME ...] [--folds N]`.

Every set is built as a shop folder, backtested, learned as of the day after its last sale and priced. Figures of each set are kept as JSON
beside the page (docs/results/NAME.json), so that one set can be run again without the others; the page is written from all of them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from msgspec.structs import replace

from pricesmith import engine
from pricesmith.contracts.policy import Policy
from pricesmith.flows import backtest, batch
from pricesmith.preparation import last_day

from .build import NAMES, build
from .published import PUBLISHED

DOCS = Path(__file__).resolve().parents[1] / "docs"
FORECASTERS = {
    "seasonal_naive": "seasonal naive",
    "price_blind_mean": "price-blind mean",
    "pooled_log_log": "pooled log-log",
    "lightgbm": "LightGBM",
}


def measure(name: str, folds: int) -> dict[str, Any]:
    """All figures of one set."""
    with tempfile.TemporaryDirectory() as folder:
        shop = build(name)
        shop.write(Path(folder))
        loaded = batch.load(Path(folder))
        last = last_day(loaded.prepared)

        def tested(policy: Policy, compare: bool) -> dict[str, Any]:
            return backtest.backtest(lambda day: batch.take(loaded, day), last, policy, engine.learn, folds=folds, compare=compare)

        report, without = tested(loaded.policy, True), tested(without_trees(loaded.policy), False)
        priced = batch.price(loaded)
    return {
        "title": shop.name,
        "cost_assumed": shop.cost_assumed,
        "items": priced.snapshot.items.height,
        "rows": priced.snapshot.cells.height,
        "backtest": report,
        "without_trees": without,
        "elasticities": _elasticities(priced),
        "prices": _prices(priced.decided.decisions),
    }


def without_trees(policy: Policy) -> Policy:
    """The same settings, as if LightGBM were not installed."""
    return replace(policy, model=replace(policy.model, boosting="never"))


def _elasticities(priced: batch.Priced) -> dict[str, Any]:
    """Posterior means by product, over places by their mean; and over all items."""
    table = priced.decided.decisions.drop_nulls("elasticity")
    by_sku = table.group_by("sku").agg(pl.col("elasticity").mean()).sort("sku")
    spread = table["elasticity"]
    return {
        "median": spread.median(),
        "p10": spread.quantile(0.1),
        "p90": spread.quantile(0.9),
        "by_sku": dict(by_sku.iter_rows()) if by_sku.height <= 20 else {},
        "evidence": {str(grade): int(count) for grade, count in table["evidence"].value_counts().sort("evidence").iter_rows()},
    }


def _prices(decisions: pl.DataFrame) -> dict[str, Any]:
    """What the price list would change under the shop's rules."""
    count = {str(action): int(rows) for action, rows in decisions["action"].value_counts().sort("action").iter_rows()}
    changed = decisions.filter(pl.col("action") == "change")
    move = (changed["price"] / changed["current_price"] - 1.0) if changed.height else pl.Series([], dtype=pl.Float64)
    profit, gain = decisions["expected_profit"].sum(), decisions["profit_change"].sum()
    return {
        "actions": count,
        "raised": int((move > 0).sum()),
        "lowered": int((move < 0).sum()),
        "median_move": move.abs().median() if changed.height else None,
        "profit_share": gain / (profit - gain) if profit - gain > 0 else None,
    }


def write(found: dict[str, dict[str, Any]]) -> str:
    """The page."""
    parts = [
        "# Results on real data",
        "",
        "Written by `python -m examples.results` from public data sets; every figure is measured, none is copied by hand. "
        "The shops are those of",
        "`python -m examples.build`, samples of the larger sets (the builders say which).",
        "",
        "**Backtest.** At up to four origins, one horizon apart (28 days, 8 weeks or 6 months), everything is learned again from what was "
        "known before, and",
        "the rows after it are forecast from their prices and promotions. WAPE: sum of absolute errors of the mean forecast over sum of "
        "units. Bias: forecast",
        "over actual units, less one. Pinball: mean loss of the 5, 50 and 95 % quantiles over mean units. Coverage: share of rows inside "
        "the 90 % interval.",
        "Slope: Poisson regression of units on the log forecast over rows whose price moved by more than 5 % since "
        "the origin; 1 is right. Followed: share of the answer to price moves that came of what the curves foretell by which prices are "
        "chosen; every item has a level of its own (`flows/followed.py`); 1 is right, and below it lies also what a shop does that answers "
        "demand with prices. Ranges: share of products whose units over the days ahead that prices are chosen for lie inside the range "
        "beside their price (`flows/hindsight.py`), .9 is right. Lower is better for",
        "WAPE and pinball. Rows without a sale count. In brackets: 90 % intervals, where errors of one item, and of one period, come",
        "together (two-way clusters). Gain: share by which the loss is below that of the best baseline; where its interval holds 0, chance",
        "alone could have made the difference.",
        "",
    ]
    parts += _summary(found)
    for name in NAMES:
        if name in found:
            parts += _section(name, found[name])
    return "\n".join(parts) + "\n"


def _summary(found: dict[str, dict[str, Any]]) -> list[str]:
    lines = [
        "The three figures at the end are of the same forecasts where LightGBM is not installed.",
        "",
        "| set | WAPE | best baseline | gain, % | pinball | best baseline | gain, % "
        "| coverage | ranges | slope | followed | without: WAPE | pinball | coverage |",
        "|---|---:|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in NAMES:
        if name in found:
            report = found[name]["backtest"]
            values = [
                *(told for figure in ("wape", "pinball") for told in (_number(report[figure]), *_best(report["baselines"], figure))),
                _number(report["coverage90"]),
                _number((report.get("ranges") or {}).get("coverage90")),
                _slope(report),
                _followed(report),
                *(_number(found[name].get("without_trees", {}).get(figure)) for figure in ("wape", "pinball", "coverage90")),
            ]
            lines.append(f"| {found[name]['title']} | " + " | ".join(values) + " |")
    return [*lines, ""]


def _best(baselines: dict[str, Any], figure: str) -> tuple[str, str]:
    """The best baseline by a figure, and what the model gains on it."""
    scored = {name: values[figure] for name, values in baselines.items() if figure in values}
    name = min(scored, key=lambda key: scored[key])
    gain = [baselines[name].get(f"{figure}_gain{end}") for end in ("", "_lo", "_hi")]
    told = "–" if None in gain else "{:+.1f} ({:+.1f} to {:+.1f})".format(*(100.0 * one for one in gain))
    return f"{_number(scored[name])} {FORECASTERS[name]}", told


def _slope(values: dict[str, Any]) -> str:
    ends = [values.get(f"slope{end}") for end in ("_lo", "_hi")]
    return _number(values.get("slope")) + ("" if None in ends else f" ({_number(ends[0], 2)} to {_number(ends[1], 2)})")


def _followed(report: dict[str, Any]) -> str:
    told = report.get("followed")
    return "–" if told is None else f"{_number(told['share'], 2)} ({_number(told['share_lo'], 2)} to {_number(told['share_hi'], 2)})"


def _section(name: str, figures: dict[str, Any]) -> list[str]:
    report = figures["backtest"]
    lines = [
        f"## {figures['title']} (`{name}`)",
        "",
        f"{figures['items']} items, {figures['rows']} {report['about']['period']} cells; {len(report['folds'])} origins, "
        f"{report['about']['horizon']} {report['about']['period']}s ahead, {report['rows']} rows, "
        f"{report['moved']} of them at a moved price.",
        "",
        "| | WAPE | bias | pinball | coverage | slope |",
        "|---|---:|---:|---:|---:|---:|",
        _row("**pricesmith**", report),
        _row("pricesmith without LightGBM", figures.get("without_trees", {})),
        *(_row(FORECASTERS[key], report["baselines"].get(key, {})) for key in FORECASTERS),
        "",
    ]
    return lines + _elasticity_lines(name, figures["elasticities"]) + _price_lines(figures)


def _row(label: str, values: dict[str, Any]) -> str:
    if "absent" in values:
        return f"| {label} | {values['absent']} | | | | |"
    return (
        f"| {label} | "
        + " | ".join([*(_number(values.get(key)) for key in ("wape", "bias", "pinball", "coverage90")), _slope(values)])
        + " |"
    )


def _elasticity_lines(name: str, found: dict[str, Any]) -> list[str]:
    grades = ", ".join(f"{count} {grade}" for grade, count in found["evidence"].items())
    lines = [
        f"Elasticities at current prices: median {_number(found['median'], 2)}, four in five between {_number(found['p10'], 2)} and "
        f"{_number(found['p90'], 2)}. Evidence: {grades}.",
        "",
    ]
    if name in PUBLISHED:
        known = PUBLISHED[name]
        lines += [f"Published: {known.source}", "", "| product | here | published |", "|---|---:|---:|"]
        lines += [f"| {label} | {_number(found['by_sku'].get(sku), 2)} | {text} |" for sku, label, text in known.rows]
        lines.append("")
    return lines


def _price_lines(figures: dict[str, Any]) -> list[str]:
    prices = figures["prices"]
    counts = ", ".join(f"{count} {action}" for action, count in prices["actions"].items())
    cost = "Costs are assumed, so this shows the mechanics, not advice." if figures["cost_assumed"] else "Costs are the source's own."
    gain = "" if prices["profit_share"] is None else f" Expected profit {prices['profit_share']:+.1%}."
    move = (
        ""
        if prices["median_move"] is None
        else f" Median move {prices['median_move']:.1%}; {prices['raised']} up, {prices['lowered']} down."
    )
    return [f"Prices under the shop's rules (at most 15 % a step, margin floor): {counts}.{move}{gain} {cost}", ""]


def _number(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.results", description="Measure the real data sets and write docs/results.md.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="sets to measure; all by default")
    parser.add_argument("--folds", type=int, default=4)
    options = parser.parse_args(arguments)
    store = DOCS / "results"
    store.mkdir(exist_ok=True)
    for name in options.names or NAMES:
        print(f"{name}: measuring", flush=True)
        (store / f"{name}.json").write_text(json.dumps(measure(name, options.folds), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(store.glob("*.json"))}
        (DOCS / "results.md").write_text(write(found), encoding="utf-8")


if __name__ == "__main__":
    main()
