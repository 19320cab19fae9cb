"""`pricesmith backtest`: how well the model would have forecast the past."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from pricesmith.flows.backtest import Verdict

TRY = "More history, the promotion mark (promo) or days out of stock (stock) usually help."
READING = (
    "wape: sum of the errors over the units sold; pinball: loss of the middle and both ends of the interval; the lower, the better",
    "bias: 0 is right; above 0 more was forecast than was sold, below 0 less",
    "coverage90: share of {periods} inside the 90 % interval, 0.9 is right; "
    "slope: 1 where forecasts at moved prices are right, levels included",
)
"""How to read the figures. periods: of PERIODS"""
FEWER = {
    "short_history": "at least half of the history lies before the first one, and there is no room for more behind it",
    "nothing_sold": "after the others nothing was sold of what had sold before",
}
"""Why there are fewer forecasts than were asked for."""
PERIODS = {"day": "days", "week": "weeks", "month": "months"}
"""What a sales row adds up, in the plural."""


@click.command(
    name="backtest",
    short_help="Forecast the past from the past, beside four baselines.",
    epilog="Example:  pricesmith backtest myshop --folds 2",
)
@options.folder
@options.model
@click.option("--folds", type=click.IntRange(1, 52), default=4, show_default=True, help="Days to start a forecast from, at most.")
@click.option("--horizon", type=click.IntRange(1, 366), help="Periods ahead. Default: 28 days, 8 weeks or 6 months.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.json", help="Keep the JSON document in a file.")
@options.as_json
def command(folder: Path, model: str | None, folds: int, horizon: int | None, out: Path | None, as_json: bool) -> None:
    """Learn up to several past days, forecast what came after them, and compare with what happened.

    Figures are on days that the model did not see; the same figures of four simple baselines stand beside them. The newest ones are kept
    in DIR, where the price desk shows them and `price` tells what they say against its prices.
    """
    from pricesmith import engine
    from pricesmith.flows import backtest, batch, wiring
    from pricesmith.flows.desk.reading.kept import backtest_file
    from pricesmith.preparation import last_day

    from .output import as_json_text, print_json, write_text
    from .progress import steps

    with steps(2 + folds) as step:
        loaded = batch.load(folder, model, step)
        report = backtest.backtest(
            lambda day: batch.take(loaded, day),
            last_day(loaded.prepared),
            loaded.policy,
            engine.learn,
            horizon=horizon,
            folds=folds,
            tell=step,
        )
    document = as_json_text({"at": wiring.clock(), "last": last_day(loaded.prepared), "name": loaded.policy.model.name, **report})
    own = backtest_file(folder, wiring.clock())
    if out is not None:
        write_text(out, document)
    if out is None or out.resolve().parent != own.resolve().parent:
        with suppress(OSError):  # the folder may be read only: nothing is told of this test later
            own.parent.mkdir(parents=True, exist_ok=True)
            write_text(own, document)
    if as_json:
        print_json(report)
    else:
        click.echo("\n".join(table(report)))


def table(report: dict[str, Any]) -> list[str]:
    """One line a forecaster; figures that one of them does not have are left open."""
    from pricesmith.apps.report.numbers import aligned

    scored = {name: value for name, value in report["baselines"].items() if isinstance(value, dict)}
    figures = [name for name, value in report.items() if isinstance(value, (int, float)) and not name.endswith(("_lo", "_hi"))]
    rows = [["model", *(shown(report[name]) for name in figures)]]
    rows += [[name.replace("_", " "), *(shown(values.get(name)) for name in figures)] for name, values in scored.items()]
    header = ["", *(name.replace("_", " ") for name in figures)]
    periods = PERIODS[report["about"]["period"]]
    reading, starts = [line.format(periods=periods) for line in READING], len(report["folds"])
    head = f"{report['rows']} forecasts of {periods} that were not seen, from {starts} starting point{'s' * (starts > 1)}"
    return [head, *fewer(report["about"]), "", *aligned([header, *rows]), "", *judged(report), *reading]


def fewer(about: Mapping[str, Any]) -> list[str]:
    """Why there are fewer forecasts than were asked for, where there are."""
    whys = "; ".join(FEWER[reason] for reason in about["origins_fewer"])
    room = f"; --horizon {about['horizon_for_all']} makes room for all" if about["horizon_for_all"] else ""
    return [f"of {about['origins_asked']} that were asked for: {whys}{room}"] if whys else []


def judged(report: dict[str, Any]) -> list[str]:
    """The model beside the best of the others, and its slope, in words."""
    from pricesmith.flows.backtest import verdict

    found = verdict({name: value for name, value in report["baselines"].items() if isinstance(value, dict)})
    return [*([] if found is None else compared(found)), *missed(report), *lost(report), *answered(report), *summed(report)]


def missed(report: Mapping[str, Any]) -> list[str]:
    """Methods whose forecasts of single periods are told to be nearer: the loss judges the whole interval, and may not show it."""
    from pricesmith.apps.report.numbers import percent

    nearer = {name: one for name, one in report["baselines"].items() if one and (one.get("wape_gain_hi") or 0.0) < 0.0}
    said = (
        f"{name.replace('_', ' ')} ({percent(-one['wape_gain'])}, {percent(-one['wape_gain_hi'])} to {percent(-one['wape_gain_lo'])})"
        for name, one in nearer.items()
    )
    return [f"Its middle forecasts err more (wape, with 90 % interval) than those of {'; '.join(said)}."] if nearer else []


def summed(report: Mapping[str, Any]) -> list[str]:
    """What a price list would have expected against what was sold: prices are chosen without the forecasters that `predict` adds."""
    from pricesmith.apps.report.numbers import percent

    def signed_percent(share: float) -> str:
        return f"{'+' if share > 0 else ''}{percent(share)}"

    found = report.get("expected")
    if not found:
        return []
    more, low, high = found["bias"], found["bias_lo"], found["bias_hi"]
    way = "more" if more >= 0 else "less"
    range_ = f"{signed_percent(low)} to {signed_percent(high)}"
    return [
        f"A price list would have expected {percent(abs(more))} {way} than was sold, in all (90 % interval of the difference: {range_})."
    ]


def lost(report: Mapping[str, Any]) -> list[str]:
    """Where single forecasts are worse than none at all."""
    from pricesmith.flows.backtest import NOTHING

    wape = report["wape"]
    if wape is None or wape < NOTHING:
        return []
    return [
        f"All errors add up to more than all that was sold (wape {wape:.2f}): forecasts of 0 would have had 1. That happens "
        "where sales are rare or leap; read the forecasts of single periods by their intervals, and sums by the bias."
    ]


def compared(found: Verdict) -> list[str]:
    """Which of the two forecasts better, where that can be told."""
    from pricesmith.apps.report.numbers import percent

    name, gain = found.best.replace("_", " "), found.gain
    way, low, high = "below" if gain.value >= 0 else "above", percent(abs(gain.lo)), percent(abs(gain.hi))
    range_ = {"better": f"{low} to {high}", "worse": f"{high} to {low}", "level": f"from {low} above to {high} below"}[found.kind]
    said = f"The model's loss (pinball) is {percent(abs(gain.value))} (90 % interval: {range_}) {way} that of the best other method, {name}"
    return {
        "better": [f"{said}."],
        "worse": [f"{said}: {'that is small.' if found.small else 'do not trust its prices yet.'}", TRY],
        "level": [f"{said}, which may be chance: neither is shown to be better."],
    }[found.kind]


def answered(report: dict[str, Any]) -> list[str]:
    """Whether sales answered price moves as the curves foretold."""
    if "followed" not in report:
        return []
    found = report["followed"]
    if found is None:
        return ["How sales answer price moves could not be tested: too few prices moved after the days that forecasts started from."]
    share, low, high = found["share"], found["share_lo"], found["share_hi"]
    moved = "less than" if high < 1 else "more than" if low > 1 else "as"
    if low <= 0.0 and moved == "as":
        return [
            f"Where prices moved, too little is known of how sales answered: {share:.2f} of the answer that the price curves foretell came "
            f"(90 % interval: {low:.2f} to {high:.2f}, which holds both 1, as foretold, and 0, no answer; {found['items']} products)."
        ]
    return [
        f"Where prices moved, sales answered {moved} foretold: {share:.2f} of the answer that the price curves foretell came "
        f"(90 % interval: {low:.2f} to {high:.2f}; 1 is right; {found['items']} products)."
    ]


def shown(value: float | None) -> str:
    """Counts as they are, shares to three digits."""
    from pricesmith.apps.report.numbers import plain

    return f"{value:,}" if isinstance(value, int) else plain(value, 3)
