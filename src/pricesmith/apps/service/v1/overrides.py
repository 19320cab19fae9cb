"""A price of one's own in place of a proposed one."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages.mine import set_price
from pricesmith.flows.desk.product.page import Asked, placed

from ._key import Name


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price, minor units of `currency`, which must be that of the run. channel and region may be left out where there is only one.

    anyway  it may go against soft rules that hold for the product, and move further than its evidence lets a price move by itself
    """

    sku: Name
    price: Annotated[int, msgspec.Meta(ge=1, le=10**12, description="minor units")]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    channel: Annotated[str, msgspec.Meta(max_length=200)] = ""
    region: Annotated[str, msgspec.Meta(max_length=200)] = ""
    anyway: bool = False


class Set(msgspec.Struct, frozen=True):
    """run: the new run that holds the price, null where `job` makes it; somebody else approves it."""

    run: str | None
    job: str | None


def override(ask: Ask) -> Set:
    given: Override = ask.given
    run = ask.reading.run(ask.path["run"])
    if given.currency != run.currency:
        raise Refused(422, "other_currency", f"this run is in {run.currency}, not in {given.currency}")
    key = placed(run, given.sku, Asked(channel=given.channel, region=given.region))[0]
    facts = set_price(ask, run, key, given.price, given.why, anyway=given.anyway).facts
    return Set(facts.get("run"), facts.get("job"))


ROUTES = (Route("api.override", "POST", "/api/v1/runs/{run}/overrides", "draft", override, Override, Set),)
