"""The data report: each warning appears where its fault is planted, and only there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.report.words import Words
from pricesmith.contracts.policy import DataPolicy, Policy, parse_policy
from pricesmith.preparation.rhythm import rhythm
from pricesmith.rules import RULES
from tests.shop_folders import EUR, codes, prepared

HEAD = "date,sku,units,price\n"
DAYS = [(dt.date(2025, 1, 1) + dt.timedelta(days=k)).isoformat() for k in range(30)]
STEADY = HEAD + "".join(f"{day},a,1,5\n{day},b,1,7\n" for day in DAYS)

LONG = HEAD + "".join(f"{dt.date(2025, 1, 1) + dt.timedelta(days=k)},{sku},1,5\n" for k in range(90) for sku in "ab")


WEEKS = HEAD + "".join(f"{dt.date(2025, 1, 6) + dt.timedelta(weeks=k)},{sku},7,5\n" for k in range(12) for sku in "ab")
MONTHS = HEAD + "".join(f"2025-{month:02},{sku},30,5\n".replace(",", "-01,", 1) for month in range(1, 13) for sku in "ab")

TOTALS = HEAD + "".join(f"{day},{sku},{1 + k % 7},{(1 + k % 7) * 5}\n" for k, day in enumerate(DAYS) for sku in "ab")
FIVE = STEADY + "".join(f"{day},{sku},1,5\n" for day in DAYS for sku in "cde")
DEAR = HEAD + "".join(f"{day},{sku},1,25\n" for day in DAYS for sku in "abcde")
SHARES = "sku,unit_cost\n" + "".join(f"{sku},0.55\n" for sku in "abcde")
OFFERS = "observed_at,sku,competitor,price\n"
OWN = OFFERS + "".join(f"{day}T09:00:00Z,{sku},comp,{price}\n" for day in DAYS[-8:] for sku, price in (("a", 5), ("b", 7)))
SWAPPED = "sku,unit_cost\n" + "".join(f"{sku},9\n" for sku in "abcde")


def with_last(price: str) -> str:
    return STEADY + f"2025-01-31,a,1,{price}\n"


def test_a_clean_shop_has_no_warning(tmp_path: Path) -> None:
    assert codes(prepared(tmp_path, sales=STEADY)) == {"missing_table"}


@pytest.mark.parametrize(
    ("code", "tables"),
    [
        ("line_totals", {"sales": TOTALS}),
        ("costs_for_prices", {"products": SWAPPED, "sales": FIVE}),
        ("cost_as_share", {"products": SHARES, "sales": DEAR}),
        ("own_offers", {"competitor_prices": OWN}),
        ("unit_slip", {"sales": with_last("500")}),
        ("unit_slip", {"sales": with_last("0.5")}),
        ("price_outlier", {"sales": with_last("12.5")}),
        ("price_outlier", {"sales": with_last("1700")}),
        ("pack_slip", {"sales": with_last("30"), "products": "sku,unit_cost,pack_size\na,1,6\nb,1,\n"}),
        ("zero_price", {"sales": with_last("0")}),
        ("price_outside_limits", {"products": "sku,unit_cost,max_price\na,1,4.99\nb,1,\n"}),
        ("price_outside_limits", {"products": "sku,unit_cost,min_price\na,1,5.01\nb,1,\n"}),
        ("currency_mismatch", {"products": "sku,unit_cost,currency\na,1,USD\nb,1,EUR\n"}),
        ("missing_cost", {"products": "sku,unit_cost\na,1\nb,\n"}),
        ("coming_cost", {"costs": "sku,valid_from,unit_cost\na,2025-01-01,1\na,2026-01-15,2\n"}),
        ("zero_cost", {"products": "sku,unit_cost\na,1\nb,0\n"}),
        ("cost_above_price", {"products": "sku,unit_cost,tax_rate\na,4.5,0.2\nb,1,0.2\n"}),
        ("missing_tax_rate", {"products": "sku,unit_cost\na,1\nb,2\n"}),
        ("missing_tax_rate", {"products": "sku,unit_cost,tax_rate\na,1,0.2\nb,2,\n"}),
        ("product_gap", {"sales": STEADY + "2025-03-30,a,1,5\n" + "".join(f"2025-02-{d:02},b,1,7\n" for d in range(1, 29))}),
        ("date_outlier", {"sales": LONG + "2062-01-31,a,1,5\n"}),
        ("date_outlier", {"sales": STEADY + "2062-01-31,a,1,5\n"}),
        ("date_jump", {"sales": STEADY + "2026-06-01,a,1,5\n"}),
        ("date_jump", {"sales": STEADY + "2025-06-01,a,1,5\n"}),
        ("stale_table", {"stock": "date,sku,on_hand\n2024-11-01,a,3\n"}),
        ("stale_table", {"competitor_prices": "observed_at,sku,competitor,price\n2025-01-02,a,x,5\n"}),
        ("impossible_offer", {"competitor_prices": "observed_at,sku,competitor,price\n2025-01-30,a,x,50\n"}),
        ("orders_unused", {"orders": "order_id,at,sku,units,price\n1,2025-01-01T10:00:00Z,a,1,5\n"}),
        ("weekly_rows", {"sales": WEEKS}),
        ("weekly_rows", {"sales": WEEKS + "2025-03-05,a,1,5\n"}),
        ("monthly_rows", {"sales": MONTHS}),
        ("exact_duplicate", {"sales": STEADY + STEADY.splitlines()[1] + "\n"}),
        ("unknown_column", {"products": "sku,unit_cost,colour\na,1,red\nb,2,blue\n"}),
    ],
)
def test_a_fault_is_reported(tmp_path: Path, code: str, tables: dict[str, str]) -> None:
    clean = codes(prepared(tmp_path / "clean", sales=STEADY))
    found = codes(prepared(tmp_path / "planted", **{"sales": STEADY, **tables}))
    assert code in found - clean


@pytest.mark.parametrize(("honest", "level"), [("", "blocking"), ("cdef", "warning")])
def test_amounts_taken_for_prices_stop_pricing_where_they_are_the_rule(tmp_path: Path, honest: str, level: str) -> None:
    """Products `a` and `b` have amounts, the others prices that fall a little as more is sold."""
    fair = "".join(f"{day},{sku},{1 + k % 7},{5 - k % 7 / 10}\n" for k, day in enumerate(DAYS) for sku in honest)
    skus = "sku,unit_cost\n" + "".join(f"{sku},1\n" for sku in "ab" + honest)
    shop = prepared(tmp_path, sales=TOTALS + fair, products=skus)
    (told,) = (one for one in shop.warnings if one["code"] == "line_totals")
    assert (told["level"], told["examples"], shop.blocked) == (level, ["a", "b"], level == "blocking")


def test_amounts_are_seen_in_order_lines_too(tmp_path: Path) -> None:
    lines = "order_id,at,sku,units,price\n" + "".join(
        f"{k},{day}T10:00:00Z,a,{1 + k % 4},{(1 + k % 4) * 5}\n" for k, day in enumerate(DAYS)
    )
    assert "line_totals" in codes(prepared(tmp_path, sales="", orders=lines))


@pytest.mark.parametrize(("price", "told"), [("50", True), ("49", False), ("0.5", True), ("0.51", False)])
def test_an_order_line_at_a_price_that_cannot_be_is_reported(tmp_path: Path, price: str, told: bool) -> None:
    """The list price of its day is that of the other lines."""
    lines = "order_id,at,sku,units,price\n" + "".join(
        f"{k}{sku},{day}T10:00:00Z,{sku},1,5\n" for k, day in enumerate(DAYS) for sku in "abc"
    )
    found = prepared(tmp_path, sales="", orders=f"{lines}x,{DAYS[9]}T11:00:00Z,b,60,{price}\n").warnings
    (one,) = [each for each in found if each["code"] == "line_price"] or [None]
    assert (one is not None) == told
    if one is not None:
        assert one["count"] == 1 and one["examples"] == ["b"] and "price_outlier" not in {each["code"] for each in found}


def test_a_shop_that_sells_a_few_products_below_their_cost_is_not_doubted(tmp_path: Path) -> None:
    few = "sku,unit_cost\na,9\nb,9\nc,9\nd,9\ne,1\n"
    assert "costs_for_prices" not in codes(prepared(tmp_path, sales=FIVE, products=few))


@pytest.mark.parametrize(("paid", "told"), [(5.0, True), (7.4, True), (7.6, False), (9.0, False)])
def test_a_list_price_that_hardly_any_unit_was_sold_at_is_reported(tmp_path: Path, paid: float, told: bool) -> None:
    """A single piece at 10 a day, and nine at another price."""
    days = [f"2025-01-{day:02}T10:00:00Z" for day in range(1, 32)]
    orders = "order_id,at,sku,units,price\n" + "".join(f"{k},{at},a,1,10\n9{k},{at},a,9,{paid}\n" for k, at in enumerate(days))
    assert ("list_price_rare" in codes(prepared(tmp_path / "orders", sales="", orders=orders))) == told
    channels = orders.replace("price\n", "price,channel\n").replace(",10\n", ",10,web\n").replace(f",9,{paid}\n", f",9,{paid},trade\n")
    assert "list_price_rare" not in codes(prepared(tmp_path / "channels", sales="", orders=channels))


def test_rows_of_weeks_and_months_are_taken_for_days_only_where_the_policy_says_day(tmp_path: Path) -> None:
    for number, (sales, period) in enumerate([(WEEKS, "week"), (MONTHS, "month"), (STEADY, "day")]):
        found = codes(prepared(tmp_path / str(number), Policy(currency="EUR", period=period), sales=sales))
        assert not found & {"weekly_rows", "monthly_rows", "irregular_periods"}, period
    (told,) = [one["message"] for one in prepared(tmp_path / "told", sales=WEEKS).warnings if one["code"] == "weekly_rows"]
    assert told.startswith("sales: 24 of 24 rows lie on one weekday") and told.endswith('a week, set period = "week"')
    lines = [f"{number},{line.split(',')[0]}T08:00:00Z,a,1,5\n" for number, line in enumerate(WEEKS.split()[1:])]
    orders = "order_id,at,sku,units,price\n" + "".join(lines)
    assert "weekly_rows" not in codes(prepared(tmp_path / "orders", sales="", orders=orders))


@pytest.mark.parametrize(
    ("days", "period"),
    [
        ([dt.date(2025, 1, 6) + dt.timedelta(weeks=k) for k in range(4)], "week"),
        ([dt.date(2025, 1, 6) + dt.timedelta(weeks=k) for k in range(3)], None),
        ([dt.date(2025, month, 15) for month in range(1, 5)], "month"),
        ([dt.date(2025, 1, 6) + dt.timedelta(days=k) for k in range(5)], "day"),
        ([*(dt.date(2025, 1, 6) + dt.timedelta(weeks=k) for k in range(4)), dt.date(2025, 1, 7)], "day"),
        ([None] * 9, None),
    ],
)
def test_the_rhythm_of_dates(days: list[dt.date | None], period: str | None) -> None:
    found = rhythm(pl.Series(days, dtype=pl.Date))
    assert (found.period if found else None) == period


def test_odd_prices_and_repeated_rows_name_their_lines(tmp_path: Path) -> None:
    lines = STEADY.splitlines()
    lines[10] = lines[10].rpartition(",")[0] + ",700"
    lines[20] = lines[20].rpartition(",")[0] + ",0"
    lines += [lines[3], lines[5]]
    places = {one["code"]: one["places"] for one in prepared(tmp_path, sales="\n".join(lines) + "\n").warnings}
    assert places["unit_slip"] == ["data/sales.csv:11"] and places["zero_price"] == ["data/sales.csv:21"]
    assert places["exact_duplicate"] == ["data/sales.csv:62", "data/sales.csv:63"]
    assert places["missing_table"] == []


def test_contradicting_limits(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, sales=STEADY, products="sku,unit_cost,min_price,max_price\na,1,9,8\nb,1,,\n")
    assert "limits_contradict" in codes(outcome, "warning")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('kind = "margin_floor"\nmin_margin = 5', "shop.toml: min_margin = 5 of margin_floor means 500%; if 5 % is meant, write 0.05"),
        (
            'kind = "price_endings"\nendings = [99, 0.49]',
            "shop.toml: an ending of 99 allows 99.00 and not 0.99; if the decimals are meant, write 0.99",
        ),
        ('kind = "price_endings"\nendings = [5, 7]', None),
        (
            'kind = "price_endings"\nendings = [8, 5]',
            "shop.toml: an ending of 8 allows 8.00 and not 0.98; "
            "if the last digit is meant, write every ending that has it: 0.08, 0.18, ..., 0.98",
        ),
        ('kind = "margin_floor"\nmin_margin = 0.5', None),
        ('kind = "price_endings"\nendings = [9.99, 0.49]', None),
    ],
)
def test_settings_that_are_hardly_meant_are_told(tmp_path: Path, rule: str, said: str | None) -> None:
    policy = parse_policy(f'currency = "EUR"\n[[rule]]\n{rule}\n', RULES)
    warnings = prepared(tmp_path, policy, sales=STEADY).warnings
    told = [one["message"] for one in warnings if one["table"] == "shop.toml"]
    assert told == ([said] if said else [])
    yen = parse_policy('currency = "JPY"\n[[rule]]\nkind = "price_endings"\nendings = [80]\n', RULES)
    assert "whole_ending" not in codes(prepared(tmp_path, yen, sales=STEADY))


@pytest.mark.parametrize(
    ("prices", "currency", "said"),
    [
        (("4.99", "9.00"), "EUR", None),
        (("4.99", "9.00", "7.49"), "EUR", "0.09, 0.19, ..., 0.99"),
        (("9.00", "19.00", "4.99"), "EUR", None),
        (("4.999", "9.000", "7.499"), "KWD", "0.009, 0.019, ..., 0.999"),
        (("499", "9", "749"), "JPY", None),
    ],
)
def test_a_last_digit_is_asked_about_where_most_prices_have_decimals(
    tmp_path: Path, prices: tuple[str, ...], currency: str, said: str | None
) -> None:
    """Though one of them happens to end in 9.00: with `endings = [9]` all the others would be held."""
    policy = parse_policy(f'currency = "{currency}"\n[[rule]]\nkind = "price_endings"\nendings = [9]\n', RULES)
    skus = [f"s{number}" for number in range(len(prices))]
    sales = HEAD + "".join(f"{day},{sku},1,{price}\n" for day in DAYS for sku, price in zip(skus, prices, strict=True))
    outcome = prepared(tmp_path, policy, products="sku,unit_cost\n" + "".join(f"{sku},1\n" for sku in skus), sales=sales)
    told = [one["message"] for one in outcome.warnings if one["code"] == "last_digit"]
    assert (said is None and not told) or (said is not None and told[0].endswith(f"write every ending that has it: {said}"))
    if told:
        assert "若指最后一位数字" in Words("zh").warning("last_digit", told[0])


@pytest.mark.parametrize("units", ["1", "0"])
def test_prices_of_nothing_stop_pricing(tmp_path: Path, units: str) -> None:
    free = HEAD + "".join(f"{day},{sku},{units},0\n" for day in DAYS for sku in "ab")
    outcome = prepared(tmp_path, sales=free)
    (told,) = (one for one in outcome.warnings if one["level"] == "blocking")
    assert outcome.blocked and told["code"] == "no_prices"
    assert told["message"] == "sales: not one row has a price above 0, so nothing can be learned or priced; write the prices charged"
    assert not prepared(tmp_path / "one", sales=free + "2025-02-01,a,1,5\n").blocked


def test_a_product_that_fell_silent(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", data=DataPolicy(stale_after_days=10))
    sales = STEADY + "".join(f"2025-02-{day:02},b,1,7\n" for day in range(1, 29)) + "2025-02-18,c,1,7\n2025-02-19,d,1,7\n"
    products = "sku,unit_cost\na,1\nb,1\nc,1\nd,1\n"
    warnings = prepared(tmp_path, policy, sales=sales, products=products).warnings
    stale = [warning for warning in warnings if warning["code"] == "stale_product"]
    assert [one["examples"] for one in stale] == [["a", "c"]], "as holds() counts for a run on the day after the last sale"


def test_a_week_counts_as_sold_until_its_last_day(tmp_path: Path) -> None:
    policy = Policy(currency="EUR", period="week", data=DataPolicy(stale_after_days=8))
    weeks = [dt.date(2025, 1, 6) + dt.timedelta(weeks=week) for week in range(8)]
    every = "".join(f"{week},a,1,7\n{week},b,1,7\n" for week in weeks[:-2])
    sales = f"{HEAD}{every}{weeks[-2]},a,1,7\n{weeks[-1]},c,1,7\n"
    warnings = prepared(tmp_path, policy, sales=sales, products="sku,unit_cost\na,1\nb,1\nc,1\n").warnings
    (stale,) = (warning for warning in warnings if warning["code"] == "stale_product")
    assert stale["examples"] == ["b"], "its last week ended fifteen days before the day after the last one, that of a eight"


def test_a_shop_without_a_usable_row_is_blocked(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, sales=HEAD)
    assert outcome.blocked
    assert "no_sales" in codes(outcome, "blocking")


def test_every_warning_names_table_level_count_and_what_to_do(tmp_path: Path) -> None:
    outcome = prepared(tmp_path, EUR, sales=with_last("500"), products="sku,unit_cost,colour\na,0,x\nb,,y\n")
    assert len(outcome.warnings) > 5
    for warning in outcome.warnings:
        assert set(warning) == {"code", "table", "level", "message", "count", "examples", "places", "products"}
        assert warning["level"] in ("blocking", "warning", "info")
        assert warning["message"].startswith(warning["table"])
        assert warning["count"] > 0
        assert len(warning["examples"]) <= 5
        assert not warning["products"] or warning["examples"] == warning["products"][:5] == sorted(warning["products"])[:5]


def test_products_that_fell_silent_are_told_where_they_are_priced_all_the_same(tmp_path: Path) -> None:
    sold = [(month, sku) for month in range(1, 10) for sku in "ab" if month < 4 or sku == "a"]
    rows = HEAD + "".join(f"2025-{month:02}-01,{sku},3,5\n" for month, sku in sold)
    policy = Policy(currency="EUR", period="month")
    (told,) = (one for one in prepared(tmp_path, policy, sales=rows).warnings if one["code"] == "silent_product")
    assert told["count"] == 1 and told["examples"] == ["b"] and "stale_after_days" in str(told["message"])


def test_a_seller_that_follows_now_and_then_is_none_of_ours(tmp_path: Path) -> None:
    rivals = {"few": OFFERS + "".join(f"{day},a,x,5\n" for day in DAYS[-9:]), "half": OWN.replace(",5\n", ",5.2\n")}
    for name, offers in rivals.items():
        assert "own_offers" not in codes(prepared(tmp_path / name, sales=STEADY, competitor_prices=offers))
    (told,) = (one for one in prepared(tmp_path / "own", sales=STEADY, competitor_prices=OWN).warnings if one["code"] == "own_offers")
    assert "nearly all offers of comp are what this shop charged itself" in told["message"] and told["products"] == ["a", "b"]
    assert "16 条报价" in Words("zh").warning(told["code"], told["message"])


def test_a_cost_below_one_may_be_right(tmp_path: Path) -> None:
    few = "sku,unit_cost\n" + "".join(f"{sku},0.55\n" for sku in "abcd")
    cheap = HEAD + "".join(f"{day},{sku},1,2.5\n" for day in DAYS for sku in "abcde")
    for name, tables in {
        "few": {"products": few, "sales": DEAR.replace("e,1", "d,0")},
        "cheap": {"products": SHARES, "sales": cheap},
    }.items():
        assert "cost_as_share" not in codes(prepared(tmp_path / name, **tables))


def test_a_competitor_that_is_named_and_offers_nothing_is_told_with_those_that_do(tmp_path: Path) -> None:
    offers = "observed_at,sku,competitor,price\n2025-01-28,a,Acme,5\n2025-01-28,b,Bolt,7\n"
    policy = Policy(currency="EUR", data=DataPolicy(competitors=("Acme", "bolt")))
    (told,) = (
        one for one in prepared(tmp_path, policy, sales=STEADY, competitor_prices=offers).warnings if one["code"] == "unheard_competitor"
    )
    assert "bolt, of whom there is no offer; offers are of Acme, Bolt" in str(told["message"]) and told["examples"] == ["bolt"]


def test_a_band_that_no_offer_stands_behind_is_told_with_what_it_leaves_free(tmp_path: Path) -> None:
    """Offers count for fourteen days; the rules are about all products, and about `b` alone."""
    rules = "".join(f'[[rule]]\nkind = "competitor_band"\nhigh = 1.1\n{where}\n' for where in ("", 'where = { sku = "b" }'))
    policy = parse_policy(f'currency = "EUR"\n{rules}', RULES)
    offers = "observed_at,sku,competitor,price\n2025-01-{day},a,x,5\n2025-01-02,b,x,7\n"
    told = {}
    for day in ("02", "28"):
        shop = prepared(tmp_path / day, policy, sales=STEADY, competitor_prices=offers.format(day=day))
        told[day] = [(one["code"], one["products"], one["level"]) for one in shop.warnings if "band" in one["code"]]
    assert told["02"] == [("unbound_band", ["a", "b"], "warning"), ("unbound_band", ["b"], "warning")]
    assert told["28"] == [("partly_unbound_band", ["b"], "info"), ("unbound_band", ["b"], "warning")]
    assert not [one for one in prepared(tmp_path / "none", policy, sales=STEADY).warnings if "band" in one["code"]]


def test_a_rule_about_no_product_is_told_with_its_place(tmp_path: Path) -> None:
    rules = "".join(f'[[rule]]\nkind = "exclude"\nwhere = {{ {part} }}\n' for part in ('sku = "a"', 'sku = "A"', 'category = "x/*"'))
    shop = prepared(tmp_path, parse_policy(f'currency = "EUR"\n{rules}', RULES), sales=STEADY)
    told = [(one["message"], one["places"], one["level"]) for one in shop.warnings if one["code"] == "idle_rule"]
    assert [place for _, places, _ in told for place in places] == ["shop.toml $.rule[1].where", "shop.toml $.rule[2].where"]
    assert told[0][0].endswith("none has sku = A; write what products have there: a, b") and told[0][2] == "warning"
    assert "none names a category at all" in told[1][0] and not shop.blocked


PLACES = "sku\n" + "".join(f"{sku}\n" for sku in "abc")


def in_two_regions(tmp_path: Path, step: int, silent: int, period: str) -> dict[str, object]:
    days = [dt.date(2025, 1, 6) + dt.timedelta(days=step * k) for k in range(20)]
    rows = "".join(
        f"{day},{sku},2,5,{region}\n" for k, day in enumerate(days) for sku in "abc" for region in "xy" if region == "x" or k < 20 - silent
    )
    policy = parse_policy(f'currency = "EUR"\nperiod = "{period}"\n', RULES)
    found = prepared(tmp_path, policy, products=PLACES, sales="date,sku,units,price,region\n" + rows).warnings
    return {one["code"]: (one["count"], one["examples"]) for one in found if one["code"].startswith("quiet_places")}


def test_regions_whose_last_rows_are_missing_are_told(tmp_path: Path) -> None:
    assert in_two_regions(tmp_path / "a", 7, 1, "week") == {"quiet_places": (1, ["y"])}
    assert in_two_regions(tmp_path / "b", 1, 10, "day") == {"quiet_places_days": (1, ["y"])}
    assert in_two_regions(tmp_path / "c", 7, 0, "week") == {} and in_two_regions(tmp_path / "d", 7, 9, "week") == {}


def test_offers_that_no_rule_follows_are_told_with_what_they_do(tmp_path: Path) -> None:
    offers = "observed_at,sku,competitor,price\n2025-01-28,a,x,5\n2025-01-28,b,x,7\n"
    band = parse_policy('currency = "EUR"\n[[rule]]\nkind = "competitor_band"\nhigh = 1.1\n', RULES)
    told = {}
    for name, policy in (("none", Policy(currency="EUR")), ("band", band)):
        shop = prepared(tmp_path / name, policy, sales=STEADY, competitor_prices=offers)
        told[name] = [one for one in shop.warnings if one["code"] == "unfollowed_offers"]
    (one,) = told["none"]
    assert (one["level"], one["count"], one["products"]) == ("info", 2, ["a", "b"]) and told["band"] == []
    assert "move no price, as no rule of the kind competitor_band follows them" in str(one["message"])
    assert "unfollowed_offers" not in codes(prepared(tmp_path / "without", sales=STEADY))
