"""The commented shop.toml of an example shop: every setting and every rule kind with its meaning."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Mapping

from pricesmith.contracts.rule import Rule

HEAD = """\
# What you want from pricesmith. Lines that start with # are explanations or settings that are switched off.
# After a change:  pricesmith check DIR

name = "Example shop"
currency = "EUR"            # ISO 4217 code; decides how many decimals a price has
tax = "gross"               # "gross": prices in the data contain products.tax_rate; "net": they do not
objective = "profit"        # "profit", "revenue", "units", or weights: { profit = 0.7, revenue = 0.3 }
horizon_days = 28           # expectations are averages per day over so many days from the day of the run
period = "day"              # what one sales row adds up: "day", "week" or "month"; it starts on the row's date
timezone = "UTC"            # times of orders and offers are dropped to days in this zone
locale = "en"               # language of the report: "en" or "zh"
# ledger = "ledger.db"      # where runs are recorded

[data]
max_bad_share = 0.05        # more bad rows than this in one table, and nothing is priced
competitor_max_age_days = 14        # older offers do not count
competitor_min_confidence = 0.5     # offers matched with less confidence do not count
# competitors = ["Acme", "Bolt"]    # only the offers of these count
competitor_shipping = false         # true: what the customer pays for shipping counts as price
# tax_rate = 0.2            # tax inside the prices of products that name none; without it they are not published where tax = "gross"
cost_assumed = false        # true: costs are guesses; every report then says so
unmarked_specials = "found" # where nothing marks promotions, daily prices that fell for two weeks at most and came back; or "ignored"
# stale_after_days = 60     # hold products that have not sold for so long

# [[fees]]                  # what a channel or region takes of every product for which data/costs.csv does not say it
# channel = "marketplace"
# fee_rate = 0.15           # of the net price
# shipping = 0.5            # of one unit, paid by the shop

[model]
name = "response"           # demand model
instrument = "auto"         # cost changes as clean price variation: "auto" uses them where they test as needed
boosting = "auto"           # gradient boosting for the baseline where installed
nuisance = "smooth"         # "boosted": trees also foretell the prices that were set, so that only the unforeseen part tells the response
draws = 64                  # draws of what is not known for certain
seed = 0                    # same seed, same prices
# max_move = { prior = 0.05, pooled = 0.10 }  # how far a price may move by the evidence behind its elasticity

[risk]
measure = "mean"            # "mean": expected profit; "quantile" or "cvar": the bad cases, see level
level = 0.2                 # share of bad cases that "quantile" and "cvar" look at

# ---------------------------------------------------------------------------------------------------------------------
# After the price list: who must agree, what the last gate lets through, where prices go. docs/policy.md lists every setting.
# ---------------------------------------------------------------------------------------------------------------------

[approval]
automatic_move = 0.0        # moves up to this need no person; 0: every change needs one
two_people_move = 0.20      # moves beyond this need two people, and so do runs that change more than two_people_products products
two_people_products = 500   # a product counts once, in however many stores its price changes
# alone = true              # one person runs the shop: prices are recorded as asked for by the program, and that person accepts them

[guards]
max_step = 0.15             # largest move of one step, as the rule max_change below; docs/guards.md tells of all nineteen
cost_hours = 24.0           # costs that nobody has looked at for so long hold a price: save data/products.csv anew, or set more hours

[publish]
expires_hours = 24.0        # a price that could not be sent by then is given up

# [holdout]                 # clusters of products that keep their prices, so that the effect of the others can be measured
# share = 0.1

# [shop.web]                # `pricesmith connect` writes such a section
# platform = "csv_feed"
# url = "feed.csv"

# [webhook.mine]             # who is told of acts, signed; only while the price desk runs
# url = "https://example.org/pricesmith"

# [desk.oidc]                # who signs people in beside passwords; docs/accounts.md
# issuer = "https://login.example.org"
# client_id = "pricesmith"
# roles = { pricing = "analyst", heads = "approver", it = "admin" }

# ---------------------------------------------------------------------------------------------------------------------
# Rules. Each may carry:  where = { category = "home/*", brand = "Acme" }   the products it is about
#                         hard = false                                       gives way where a product has no price left
#                         priority = 2                                       the higher, the later it gives way
# ---------------------------------------------------------------------------------------------------------------------
"""

SWITCHED_ON = ("margin_floor", "max_change", "price_endings", "price_bounds")
"""Rules of the example that act; the others stand in it switched off."""


def text(kinds: Mapping[str, type[Rule]]) -> str:
    """The whole shop.toml.

    kinds  rule kinds by name (the registry of rules); each module's EXAMPLE is shown with the meaning of the kind
    """
    order = [*(kind for kind in SWITCHED_ON if kind in kinds), *(kind for kind in kinds if kind not in SWITCHED_ON)]
    return HEAD + "".join("\n" + section(kind, kinds[kind]) for kind in order)


def section(name: str, kind: type[Rule]) -> str:
    meaning = inspect.cleandoc(kind.__doc__ or name)
    example = str(getattr(sys.modules[kind.__module__], "EXAMPLE", f'[[rule]]\nkind = "{name}"')).strip()
    shown = example if name in SWITCHED_ON else textwrap.indent(example, "# ")
    said = "".join(f"# {line}".rstrip() + "\n" for line in meaning.splitlines())
    return said + shown + "\n"
