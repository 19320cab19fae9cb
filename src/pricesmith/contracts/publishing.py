"""The policy of what happens after a price list: approval, guards, publishing, hold-outs, shops."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Share = Annotated[float, Meta(gt=0.0, le=1.0)]
LONG = 500_000.0
"""The longest time, in hours, minutes or seconds: a moment so long before or after any of ours is one of the calendar still."""
MANY, TIMES = 100_000_000, 1e6
"""The largest number of products or tries, and the largest ratio."""
Span = Annotated[float, Meta(gt=0.0, le=LONG)]
Count = Annotated[int, Meta(ge=1, le=MANY)]
Ratio = Annotated[float, Meta(gt=1.0, le=TIMES)]


class GuardPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[guards]`: thresholds of the last gate. They can be set, not switched off."""

    min_margin: Annotated[
        float, Meta(ge=0.0, le=10.0, description="G1: least margin over landed cost and fees, on the net price after discounts")
    ] = 0.0
    exception_days: Annotated[int, Meta(ge=1, le=7, description="G1: days for which two people may except a product from the floor")] = 7
    ceiling: Annotated[float, Meta(gt=1.0, le=10.0, description="G2: highest price over the median of 30 days")] = 1.5
    max_step: Annotated[Share, Meta(description="G3: largest move of one step")] = 0.10
    max_day: Annotated[Share, Meta(description="G3: largest move within 24 hours")] = 0.20
    max_week: Annotated[Share, Meta(description="G3: largest move against 7 days ago")] = 0.35
    dwell_minutes: Annotated[Span, Meta(description="G4: least time between two changes of a price")] = 15.0
    changes_day: Annotated[Count, Meta(description="G4: most changes of a price within 24 hours")] = 4
    breaker_share: Annotated[Share, Meta(description="G5: share of prices caught by a guard within 10 minutes that stops the channel")] = (
        0.02
    )
    breaker_count: Annotated[Count, Meta(description="G5: least number of prices caught for that")] = 20
    index_hour: Annotated[Share, Meta(description="G5: move of the revenue-weighted price index within an hour that stops the channel")] = (
        0.03
    )
    index_day: Annotated[Share, Meta(description="G5: the same within a day")] = 0.05
    same_count: Annotated[int, Meta(ge=2, le=MANY, description="G6: products with one price that are suspicious")] = 10
    same_share: Annotated[Share, Meta(description="G6: share of the batch with one price that is suspicious")] = 0.05
    same_cost_ratio: Annotated[Ratio, Meta(description="G6: highest over lowest cost of those products")] = 3.0
    ratio_low: Annotated[float, Meta(gt=0.0, lt=1.0, description="G7: lowest new over old price")] = 0.5
    ratio_high: Annotated[Ratio, Meta(description="G7: highest new over old price")] = 2.0
    unit_tolerance: Annotated[
        float, Meta(gt=0.0, lt=0.5, description="G7: distance from 10, 100, 1000 or an exchange rate that is a slip")
    ] = 0.03
    approval_hours: Annotated[Span, Meta(description="G10: hours after which an approval expires")] = 24.0
    canary: Annotated[tuple[Share, ...], Meta(description="G11: share of the changes in each wave; the rest follows")] = (0.01, 0.10, 0.50)
    canary_least: Annotated[Count, Meta(description="G11: least number of prices in the first wave")] = 20
    canary_minutes: Annotated[float, Meta(ge=0.0, le=LONG, description="G11: minutes after which the next wave may leave")] = 60.0
    canary_margin: Annotated[Share, Meta(description="G11: loss of realised margin that ends the canary")] = 0.05
    shadow_days: Annotated[
        float, Meta(ge=0.0, le=365.0, description="G12: days of shadow mode before prices are published without a person")
    ] = 14.0
    cost_hours: Annotated[Span, Meta(description="G13: oldest cost")] = 24.0
    competitor_hours: Annotated[Span, Meta(description="G13: oldest competitor price, where a price follows it")] = 6.0
    stock_hours: Annotated[Span, Meta(description="G13: oldest stock, where a price depends on it")] = 2.0
    rates_hours: Annotated[Span, Meta(description="G13: oldest exchange rate, where one is used")] = 24.0
    clock_seconds: Annotated[Span, Meta(description="G13: largest difference between the clocks of shop and machine")] = 60.0
    sellers: Annotated[Count, Meta(description="G14: sellers below which a competitor moves a price only a little")] = 3
    one_seller_day: Annotated[Share, Meta(description="G14: largest move within a day that follows fewer sellers")] = 0.05
    drift: Annotated[Share, Meta(description="G15: largest distance from the price that cost and demand alone would give")] = 0.15
    alternations: Annotated[Count, Meta(description="G15: reactions back and forth within 48 hours that freeze following for a day")] = 4
    orders_times: Annotated[Ratio, Meta(description="G16: orders over the usual that revert a cut")] = 5.0
    readback_minutes: Annotated[Span, Meta(description="G18: minutes within which a published price is read again")] = 10.0
    readback_tries: Annotated[Count, Meta(description="G18: mismatch in a row that stops the channel")] = 3


class ApprovalPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[approval]`: how many people must agree before prices leave."""

    automatic_move: Annotated[float, Meta(ge=0.0, le=1.0, description="moves up to this need no person; 0: every change needs one")] = 0.0
    automatic_products: Annotated[
        int, Meta(ge=0, le=MANY, description="runs of up to this many changes need no person, where their moves are small")
    ] = 0
    two_people_move: Annotated[float, Meta(gt=0.0, le=0.20, description="moves beyond this need two people")] = 0.20
    two_people_products: Annotated[
        int,
        Meta(ge=1, le=500, description="runs that change more products than this need two people; one counts once in however many stores"),
    ] = 500
    rule_change_people: Annotated[int, Meta(ge=1, le=2, description="people needed after a change of rules, guards or approval")] = 2
    alone: Annotated[
        bool,
        Meta(
            description="one person runs the shop: prices of the desk, also those that this person sets, are recorded as asked for by "
            "the program, as a schedule's are; this person accepts them where one is needed, after a change of rules too, and attests. "
            "What needs two people for its size, and the release of what was stopped, need two still"
        ),
    ] = False

    @property
    def changed_people(self) -> int:
        """People needed after a change of rules, guards or approval."""
        return 1 if self.alone else self.rule_change_people


class PublishPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[publish]`: how prices leave."""

    expires_hours: Annotated[Span, Meta(description="hours after which a price that could not be sent is given up")] = 24.0
    attempts: Annotated[Count, Meta(description="tries after which a price goes to the dead letters")] = 8
    lease_seconds: Annotated[Span, Meta(description="seconds within which a worker sends the prices that it has taken")] = 60.0
    doubt_seconds: Annotated[Span, Meta(description="seconds for which a price sent without an answer may still arrive")] = 360.0


class HoldoutPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[holdout]`: clusters of products that keep their prices, so that the effect of the others can be measured."""

    share: Annotated[float, Meta(ge=0.0, le=0.5, description="share of the clusters that keep their prices; 0: none")] = 0.0
    by: Annotated[Literal["family", "category", "product"], Meta(description="what is a cluster: products that substitute one another")] = (
        "family"
    )
    salt: Annotated[str, Meta(description="changes the draw; keep it for the length of a measurement")] = ""


class ShopPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[shop.NAME]`: where prices go and data come from. Secrets stand in the environment or a keyring, never here."""

    platform: Annotated[str, Meta(description="kind of shop: vendure, medusa, woocommerce, shopify, ..., csv_feed, webhook")]
    url: Annotated[str, Meta(description="address of its API; a file for feeds")] = ""
    channel: Annotated[str, Meta(description="channel of the price list that goes there")] = "default"
    region: Annotated[str, Meta(description="region of the price list that goes there")] = "default"
    currency: Annotated[str, Meta(description="currency of its prices; the shop's where left out")] = ""
    tax: Annotated[Literal["gross", "net", ""], Meta(description="whether its prices contain tax; as the shop's where left out")] = ""
    secret: Annotated[str, Meta(description="name under which the secret is kept; PRICESMITH_SECRET_<NAME> where left out")] = ""
    options: Annotated[
        dict[str, str | int | float | bool], Meta(description="what only this platform knows: location, marketplace, price list")
    ] = {}
