"""The story of one price in words."""

from __future__ import annotations

from typing import Any

from pricesmith.apps.report import numbers
from pricesmith.apps.report.words import Words
from pricesmith.contracts.money import exponent
from pricesmith.contracts.shop import placed

Document = dict[str, Any]
ROWS = 16
"""Points of a curve shown to people; --json has them all."""
FEW = 0.005
"""Units a day below which a change would show as nothing."""
LOSING = 3
"""Related products among which those that lose are told, the largest effects first."""


def text(told: Document) -> str:
    """The story for people."""
    words, currency = Words(told["locale"]), told["currency"]
    price = {name: numbers.price(told[name], currency) for name in ("current_price", "price")}
    place = "".join(f" · {part}" for part in placed(told["channel"], told["region"]))
    lines = [f"{told['sku']}{place}  {told['name'] or ''}".rstrip()]
    arrow = f"{price['current_price']} → {price['price']}" if told["action"] == "change" else price["current_price"]
    why = because(told, words)
    lines += [f"{words.code('action', told['action'])}: {arrow} {currency} ({why}) [{told['reason']}]"]
    lines += [words.remedy(told["reason"])] if told["action"] == "hold" and words.remedy(told["reason"]) else []
    lines += [words("costs_assumed")] if told["cost_assumed"] else []
    lines += [words("price_stated")] if told["price_stated"] else []
    lines += [rare(told, words, price["current_price"])] if told["list_rare"] is not None else []
    middle, low, high = (numbers.plain(told[name]) for name in ("elasticity", "elasticity_lo", "elasticity_hi"))
    lines += ["", words("elasticity_line", elasticity=middle, low=low, high=high), words.code("evidence", told["evidence"])]
    lines += [supported(told, words)] if told["support"] else []
    lines += ["", *expected(told, words)] if told["expected_units"] is not None else []
    lines += ["", *effects(told, words)] if told["action"] == "change" else []
    lines += ["", *waterfall(told, words)] if told["unit"] else []
    lines += ["", *ruled(told, words)] if told["rules"] else []
    return "\n".join([*lines, "", *curved(told, words)]) if told["curve"] else "\n".join(lines)


def rare(told: Document, words: Words, price: str) -> str:
    """That hardly any unit is sold at the current price."""
    return words("list_rare", share=numbers.percent(told["list_rare"], 0), price=price, currency=told["currency"])


def because(told: Document, words: Words) -> str:
    """The reason; where today's price breaks a limit, with that limit."""
    if broken := told["outside"]:
        return words.outside(told["reason"], broken["rule"], numbers.price(broken["limit"], told["currency"]))
    alone = sum(part["effect"] for part in told["drivers"] if part["name"] != "family") if told["drivers"] else None
    return words.reason(told["reason"], told["profit_change"], alone)


def supported(told: Document, words: Words) -> str:
    """What its own sales settle, and the middle of its other stores and of similar products beside it."""
    support = told["support"]
    share, same = numbers.percent(support["own_share"], 0), support["elsewhere"]
    parts = [words("support", share=share)]
    if same is not None:
        parts = [words("support_elsewhere", share=share, count=f"{same['places']:,}", others=numbers.plain(same["elasticity"]))]
    if (alike := support["alike"]) is not None:
        key = "support_category" if alike["category"] else "support_shop"
        parts.append(words(key, count=f"{alike['products']:,}", others=numbers.plain(alike["elasticity"])))
        parts.append(words("support_moves", moves=numbers.plain(support["sensitivity"])))
    return "".join(parts)


def expected(told: Document, words: Words) -> list[str]:
    """Units, revenue and profit a day at the price of the list; the units before and after related products have their new prices."""
    revenue, profit = (
        words("not_known") if told[name] is None else f"{numbers.money(told[name], told['currency'])} {told['currency']}"
        for name in ("expected_revenue", "expected_profit")
    )
    facts = {"units": numbers.plain(told["expected_units"]), "revenue": revenue, "profit": profit}
    beside = told["beside"]
    if beside is None:
        return [words("expected_at", **facts)]
    key = "expected_beside_1" if beside["changes"] == 1 else "expected_beside"
    return [words(key, today=numbers.plain(beside["units"]), count=beside["changes"], **facts)]


def effects(told: Document, words: Words) -> list[str]:
    change = numbers.money(told["profit_change"], told["currency"], plus=True)
    low, high = numbers.interval(told["profit_change_lo"], told["profit_change_hi"], told["currency"], plus=True)
    lines = [words("expected", change=change, currency=told["currency"]) + " · " + words("interval", low=low, high=high)]
    rows = [
        [f"  {words('driver_' + part['name'])}", numbers.money(part["effect"], told["currency"], plus=True)] for part in told["drivers"]
    ]
    return [
        *lines,
        *numbers.aligned(rows),
        *(losing(one, words) for one in told["related"][:LOSING] if one["loses"] and abs(one["sold"]) >= FEW),
    ]


def losing(one: Document, words: Words) -> str:
    """How a related product whose price does not bring its cost back gains by selling fewer, and loses by selling more."""
    key = "related_loses_less" if one["sold"] < 0 else "related_loses_more"
    return "  " + words(key, product=one["name"] or one["sku"], units=numbers.plain(abs(one["sold"])))


def waterfall(told: Document, words: Words) -> list[str]:
    rows = [
        [f"  {words('unit_' + name)}", numbers.plain(value, exponent(told["currency"]))]
        for name, value in told["unit"].items()
        if value != 0 and (value is not None or name in ("landed_cost", "profit"))
    ]
    return [words("one_unit"), *numbers.aligned(rows)]


def ruled(told: Document, words: Words) -> list[str]:
    header, mark = [words("rule"), words("lowest"), words("highest"), ""], "clashes" if told["reason"] == "no_feasible_price" else "stops"
    rows = [
        [words.rule(rule["name"]), numbers.price(rule["low"], told["currency"]), numbers.price(rule["high"], told["currency"]),
         words("gave_way") if rule["gave_way"] else words(mark) if rule["binding"] else ""]
        for rule in told["rules"]
    ]  # fmt: skip
    near = [beyond(one, told, words) for one in told["out_of_reach"]]
    thin = [words("endings_thinned", count=told["one_in"])] if told["one_in"] > 1 else []
    return [*numbers.aligned([header, *rows], left=1), *crossing(told, words), *near, *thin]


def crossing(told: Document, words: Words) -> list[str]:
    """That two limits leave no price between them."""
    if not (pair := told["crossed"]):
        return []
    low, high = (numbers.price(pair[name], told["currency"]) for name in ("low", "high"))
    return [words("limits_cross", low_rule=words.rule(pair["low_rule"]), low=low, high_rule=words.rule(pair["high_rule"]), high=high)]


def beyond(one: Document, told: Document, words: Words) -> str:
    """The nearest forbidden ending on one side of the price, and a limit that forbids it."""
    price, limit = (numbers.price(one[name], told["currency"]) for name in ("price", "limit"))
    return words(f"next_{one['side']}_{one['bound']}", price=price, rule=words.rule(one["rule"]), limit=limit)


def curved(told: Document, words: Words) -> list[str]:
    marks = {told["current_price"]: words("mark_now"), told["price"]: words("mark_new")}
    if told["price"] == told["current_price"]:
        marks = {told["price"]: words("mark_now")}
    related = any(abs(point["family_change"]) >= 0.5 * 10.0 ** -exponent(told["currency"]) for point in told["curve"])
    header = [words("price"), words("units"), words("interval_short"), words("own_profit" if related else "objective_profit")]
    header += [words("related"), words("together"), ""] if related else [""]
    rows = []
    for point in thinned(told["curve"], set(marks)):
        spread = f"{numbers.plain(point['units_lo'])} … {numbers.plain(point['units_hi'])}"
        note = marks.get(point["price"], "" if point["allowed"] else words("not_allowed"))
        rows.append(
            [numbers.price(point["price"], told["currency"]), numbers.plain(point["units"]), spread, *earned(point, told, related), note]
        )
    return [*numbers.aligned([header, *rows], left=0), *([words("curve_beside")] if told["beside"] else [])]


def earned(point: Document, told: Document, related: bool) -> list[str]:
    """Profit of one point; with the change of the family and the sum where products are related."""
    places = exponent(told["currency"])
    own, both = (numbers.plain(point[name], places) for name in ("profit", "profit_with_family"))
    change = point["family_change"]
    return [own, numbers.signed(f"{abs(change):,.{places}f}", change, True), both] if related else [own]


def thinned(curve: list[Document], marked: set[float]) -> list[Document]:
    """At most about ROWS points of a curve: evenly spread ones and the marked ones."""
    step = max(1, -(-len(curve) // ROWS))
    return [point for number, point in enumerate(curve) if number % step == 0 or point["price"] in marked]
