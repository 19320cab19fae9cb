"""The outcome of runs in words, tables and a chart of characters, from the documents that `outcome --json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pricesmith.apps.report.numbers import aligned, money, percent, plain

from .recorded import placed

SHOWN = 15
WIDE = 31
Document = Mapping[str, Any]


def told(found: Document) -> str:
    """One run."""
    currency = found["currency"]
    days = (found["until"] - found["since"]).days
    lines = [f"run {found['run']}: {days} days from {found['since']}; figures a day, money in {currency}"]
    lines += _promises(found)
    effect = found["effect"]
    promised = money(found["effect_promised"], currency, plus=True)
    lines += ["", f"what the prices brought: {_span(effect, currency)}; promised {promised}"]
    if found["coverage90"] is not None:
        lines.append(
            f"inside their 90 % interval: {percent(found['coverage90'], 0)} of the products; units {percent(found['bias'], plus=True)} "
            "against the promise"
        )
    stayed = found["drift"]["products_that_stayed"]
    how = f"measured on {stayed} products whose price stayed" if stayed else "unknown, no price stayed; the interval is wide for that"
    lines.append(f"demand by itself: {how}")
    if found["elsewhere"]:
        lines.append(f"not judged: {found['elsewhere']} products that mostly sold at another price than the one in force")
    lines += _held(found["holdout"])
    lines += _regret(found["regret"], currency)
    return "\n".join(lines + _worst(found["products"], currency))


def listed(found: Document) -> str:
    """All runs."""
    if not found["runs"]:
        return "no price of a recorded run came into a shop yet: `pricesmith publish` sends them"
    currency, runs = found["currency"], found["runs"]
    known = [row for row in runs if row["realised"] is not None]
    header = ["run", "from", "until", "products", "inside 90 %", "units", "promised", "brought", "90 %"]
    rows = [_run(row, currency) for row in runs]
    table = aligned([header, *rows], left=3)
    reach = max((abs(value) for row in known for value in (row["realised_lo"], row["realised_hi"], row["promised"])), default=0.0)
    bands = ["", *(band(row, reach) if row["realised"] is not None else "" for row in runs)]
    widest = max(len(line) for line in table)
    lines = [f"{line.ljust(widest)}  {chart}".rstrip() for line, chart in zip(table, bands, strict=True)]
    lines.append(f"gains a day, money in {currency}; chart: ( 90 % interval ), o brought, x promised, : nothing")
    return "\n".join(lines + _together(found["together"], currency) + _regret(found["regret"], currency))


def band(row: Document, reach: float) -> str:
    """A line of WIDE characters from -reach to reach: the interval of what was brought, and what was promised."""
    line = [" "] * WIDE

    def place(value: float) -> int:
        return round((value / reach + 1.0) / 2.0 * (WIDE - 1)) if reach > 0 else WIDE // 2

    low, high = place(row["realised_lo"]), place(row["realised_hi"])
    line[low : high + 1] = "-" * (high + 1 - low)
    line[place(0.0)] = ":"
    line[low], line[high] = "(", ")"
    line[place(row["realised"])] = "o"
    line[place(row["promised"])] = "x"
    return "".join(line)


def _promises(found: Document) -> list[str]:
    rows = [["", "promised", "90 %", "realised"]]
    for name, promise in found["promised"].items():
        low, high, value, real = (
            plain(figure) if name == "units" else money(figure, found["currency"])
            for figure in (promise["low"], promise["high"], promise["value"], found["realised"][name])
        )
        rows.append([name, value, f"{low} … {high}", real])
    return aligned(rows)


def _span(total: Document, currency: str) -> str:
    value, low, high = (money(total[side], currency, plus=True) for side in ("value", "low", "high"))
    return f"{value} {currency} a day (90 %: {low} … {high})"


def _run(row: Document, currency: str) -> list[str]:
    head = [row["run"], str(row["since"])]
    if row["realised"] is None:
        return [*head, "", str(row["products"]), "", "", "", "no sales yet", ""]
    gains = [money(row[name], currency, plus=True) for name in ("promised", "realised")]
    low, high = (money(row[name], currency, plus=True) for name in ("realised_lo", "realised_hi"))
    figures = [str(row["products"]), percent(row["coverage90"], 0), percent(row["bias"], plus=True)]
    return [*head, str(row["until"]), *figures, *gains, f"{low} … {high}"]


def _together(found: Document | None, currency: str) -> list[str]:
    if found is None:
        return []
    promised, realised, low, high = (money(found[name], currency, plus=True) for name in ("promised", "realised", "low", "high"))
    return [
        "",
        f"together: promised {promised}, brought {realised} (90 %: {low} … {high}); the promise lies inside the interval in "
        f"{found['inside']} of {found['runs']} runs, units in {percent(found['coverage'], 0)} of {found['products']} products",
    ]


def _held(found: Document | None) -> list[str]:
    """What the hold-out says."""
    if found is None:
        return []
    one = found["clusters"]
    if one is None:
        return ["hold-out: too few clusters to compare"]
    low, high = percent(one["low"], plus=True), percent(one["high"], plus=True)
    lines = [
        f"hold-out: profit {percent(one['lift'], plus=True)} (90 %: {low} … {high}), {one['treated']} clusters with new prices, "
        f"{one['kept']} without"
    ]
    if found["split"]:
        lines.append(
            '  products of one family were drawn apart: sales that only moved between them are counted; use [holdout] by = "family"'
        )
    return lines


def _regret(found: Document, currency: str) -> list[str]:
    """Where people beat the model, and the reverse."""
    if not found["by_answer"]:
        return []
    header = ["proposals", "number", "worth a day", "better: proposed", "better: other", "open"]
    rows = [
        [row["answer"], str(row["proposals"]), money(row["value"], currency, plus=True), *(str(row[f"better_{name}"]) for name in _SIDES)]
        for row in found["by_answer"]
    ]
    lines = ["", "by what was learned since, what the proposals bring more than the other price (the one before, or the one charged)"]
    lines += aligned([header, *rows])
    refused = [row for row in found["proposals"] if row["answer"] != "accepted" and row["better"] != "open"]
    return lines + [_refused(row, currency) for row in sorted(refused, key=lambda row: row["value"])[:SHOWN]]


_SIDES = ("proposed", "other", "open")


def _refused(row: Document, currency: str) -> str:
    who = "people were right" if row["better"] == "other" else "the proposal was right"
    low, high, value = (money(row[name], currency, plus=True) for name in ("value_lo", "value_hi", "value"))
    prices = f"{money(row['proposed'], currency)} {row['answer']} for {money(row['other'], currency)}"
    return f"  {placed(row)}: {prices}: {value} a day ({low} … {high}), {who}"


def _worst(products: Sequence[Document], currency: str) -> list[str]:
    changed = sorted((row for row in products if row["changed"] and row["days"] > 0), key=lambda row: row["effect"])
    if not changed:
        return []
    rows = [["product", "units promised", "units", "gain promised", "gain", "90 %"]]
    for row in changed[:SHOWN]:
        promised, gain, low, high = (
            money(row[name], currency, plus=True) for name in ("effect_promised", "effect", "effect_lo", "effect_hi")
        )
        rows.append([placed(row), plain(row["units_promised"]), plain(row["units"]), promised, gain, f"{low} … {high}"])
    return ["", "least gain first", *aligned(rows)]
