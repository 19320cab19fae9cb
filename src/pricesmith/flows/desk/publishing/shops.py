"""A shop of the policy, and what of a run goes there: what may leave, what came, what waits, and how far its canary is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import polars as pl

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import GuardPolicy, ShopPolicy
from pricesmith.flows.desk.approval.foreseen import Foreseen, foreseen_of
from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.sending.reasons import SHOWN, Reason, reasons
from pricesmith.flows.publishing.sending.switch import ALL, state_of, stopped_products
from pricesmith.flows.publishing.sending.waves import ARRIVED, ENDED, Wave, came, leaving, most, wave_at
from pricesmith.guards.gate import CANARY, ENDS_CANARY
from pricesmith.guards.rank import wave_share

from .ahead import Coming, ahead, in_order
from .dry import Dry, last
from .ended import with_ends
from .receipts import WAITING, of_run, went
from .sending import unfinished
from .waits import ANY_TIME, Wait, waiting, waits_of


class First(msgspec.Struct, frozen=True):
    """The first wave: how many of how many prices. least: so many because of `canary_least` of [guards], more than its share."""

    count: int
    of: int
    least: bool


class Shop(msgspec.Struct, frozen=True):
    """A shop of the policy, and what of the run goes there.

    changes, ready  changes of its channel and region, and those with enough people behind them that were not sent yet and may leave
    stopped         as `ready`, but the product is stopped: it stays until two people release it
    sent            prices that were to leave;  arrived, undone: that came, and that went back;  now: that stand there now
    back            of `now` those that were sent and did not stand there before: what taking back the run takes back
    fates           what became of them; `undone`, `replaced`, `changed` where another price took their place
    waiting, due    still to leave or to go back, and when the first of them may, null where some may now;  waits: what for
    coming          the waves of those that are still to leave;  ahead: the same, were what is `ready` published now, empty where nothing is
    here            it was asked for at the desk, which goes on with it by itself
    share, next_at  of the canary: the share that may have left by now, and when the next wave of `coming` may;  wave: that share in prices
    reasons         why prices did not come, the most frequent first
    first           of the canary: its first wave, of the prices that may leave (`ready`) and those of the run that left or are on their way
    held            of `ready` what guards would hold, all of it sent together, and which of them would stop the channel
    """

    name: str
    platform: str
    channel: str
    region: str
    changes: int
    ready: int
    stopped: int
    sent: int
    arrived: int
    undone: int
    now: int
    back: int
    fates: dict[str, int]
    waiting: int
    due: dt.datetime | None
    waits: list[Wait]
    here: bool
    share: float
    wave: First
    next_at: dt.datetime | None
    dry: Dry | None
    first: First
    coming: list[Coming]
    ahead: list[Coming]
    reasons: list[Reason] = []
    held: Foreseen = Foreseen()


def shops(reading: Reading, run: Run, table: pl.DataFrame, policy: Policy, at: dt.datetime) -> list[Shop]:
    """Every shop of the policy."""
    here = {one.target for one in unfinished(reading, at) if one.run == run.name}
    sent = of_run(reading, run.name).join(reading.lately(run.name).intents.select("intent"), on="intent", how="semi", maintain_order="left")
    found = [_shop(reading, run, name, table, sent.filter(pl.col("target") == name), policy, at) for name in policy.shops]
    return [msgspec.structs.replace(one, here=one.name in here, held=_held(reading, run, table, one, at)) for one in found]


def ready_at(reading: Reading, table: pl.DataFrame, place: ShopPolicy | Shop) -> pl.DataFrame:
    """Rows of `standing` of what may leave to a shop now: accepted, not sent yet, and the product is not stopped."""
    ready = table.filter((pl.col("channel") == place.channel) & (pl.col("region") == place.region) & (pl.col("state") == "ready"))
    return ready.filter(~pl.col("sku").is_in(stopped_products(reading.rows("switches"))))


def ready_everywhere(reading: Reading, run: Run, at: dt.datetime) -> dict[str, int]:
    """Shops that are not stopped and for which something of the run may leave now, with how many prices, in the order of the policy."""
    scopes, table = state_of(reading.rows("switches")), standing(reading, run, at)
    shut = {name for scope, name in scopes if scope == "target"}
    open_ = {} if ALL in scopes else {name: one for name, one in reading.policy.shops.items() if name not in shut}
    found = {name: ready_at(reading, table, one).height for name, one in open_.items()}
    return {name: count for name, count in found.items() if count}


def _held(reading: Reading, run: Run, table: pl.DataFrame, shop: Shop, at: dt.datetime) -> Foreseen:
    """`Shop.held`; some guards stop the channel while only a wave of the canary may leave."""
    found = foreseen_of(reading, run, ready_at(reading, table, shop).select(KEY), at)
    ends = shop.first.count < shop.first.of and any(row.guard in ENDS_CANARY for row in found.caught)
    return msgspec.structs.replace(found, stops=[*found.stops, f"{CANARY} canary_hit"]) if ends else found


def _shop(reading: Reading, run: Run, name: str, table: pl.DataFrame, own: pl.DataFrame, policy: Policy, at: dt.datetime) -> Shop:
    """One shop; own: the run's intents there, as `receipts.of_run` has them."""
    settings = policy.shops[name]
    here = table.filter((pl.col("channel") == settings.channel) & (pl.col("region") == settings.region))
    ready = here.filter(pl.col("state") == "ready")
    going_now = ready_at(reading, ready, settings)
    halted = ready.height - going_now.height
    published, went_back = (own.filter(pl.col("kind") == kind) for kind in ("publish", "undo"))
    told = with_ends(reading, published)
    left = own.filter(pl.col("fate") == WAITING)
    wave, going, counted, arrived = _wave(reading, published, here.height, policy, at)
    open_ = waiting(reading, name, left, at)
    asked, every = in_order(reading, run, name, going_now, open_, at)
    coming = ahead(policy.guards, arrived, counted, asked, at)
    next_at = next((one.at for one in coming if one.why == "wave"), None)
    return Shop(
        name=name,
        platform=settings.platform,
        channel=settings.channel,
        region=settings.region,
        changes=here.height,
        ready=going_now.height,
        stopped=halted,
        sent=published.height,
        arrived=_arrived(published),
        undone=_arrived(went_back.filter(went())),
        now=_arrived(told),
        back=_arrived(told.join(published.filter(pl.col("fate") == "applied").select(KEY), on=KEY, how="semi")),
        fates=counts(told, "fate"),
        waiting=left.height,
        due=_due(open_, coming),
        waits=waits_of(open_, replace(wave, next_at=next_at), going),
        here=False,
        share=wave.share,
        wave=First(most(wave.share, going), going, wave.share not in (*policy.guards.canary, 1.0)),
        next_at=next_at,
        dry=last(reading, run.name, name, at),
        first=_first(policy.guards, counted + going_now.height),
        coming=coming,
        ahead=ahead(policy.guards, arrived, counted + going_now.height, every, at) if going_now.height else [],
        reasons=_reasons(own)[:SHOWN],
    )


def _due(open_: pl.DataFrame, coming: list[Coming]) -> dt.datetime | None:
    """When the next price may leave or go back; None where some may now, or where that is not known. open_: rows of `waiting`."""
    others = open_.filter(pl.col("kind") == "undo") if coming else open_
    if others.filter(pl.col("until").is_null() & pl.col("wait").is_in(ANY_TIME)).height or (coming and coming[0].at is None):
        return None
    return min([*others["until"].drop_nulls(), *(one.at for one in coming[:1] if one.at is not None)], default=None)


def _reasons(own: pl.DataFrame) -> list[Reason]:
    """Of all that is on its way there or back, each product by its last intent."""
    last = own.sort("version").unique(KEY, keep="last", maintain_order=True)
    groups = last.group_by("fate", "guard", "code", maintain_order=True).agg(pl.col("detail").first(), count=pl.len())
    return reasons(groups.iter_rows(named=True))


def _first(limits: GuardPolicy, changes: int) -> First:
    share = wave_share(0, changes, limits)
    return First(most(share, changes), changes, share > limits.canary[0])


def _wave(
    reading: Reading, published: pl.DataFrame, changes: int, policy: Policy, at: dt.datetime
) -> tuple[Wave, int, int, list[dt.datetime]]:
    """The canary among what is on its way, and how many that are; where nothing is, among all changes of the run that go there.

    Then how many of what was published left or are on their way, and when each of them was first seen in the shop.
    """
    table = leaving(published, reading.rows("receipts"))
    ended = table.filter(pl.col("turn") == ENDED).height
    on_its_way = table.filter(pl.col("turn").is_between(1, 2)).height
    going = (table.height if on_its_way else max(changes, table.height)) - ended
    arrived = came(table)
    return wave_at(policy.guards, arrived, going, at), going, table.height - ended, arrived


def _arrived(rows: pl.DataFrame) -> int:
    return rows.filter(pl.col("fate").is_in(ARRIVED)).select(KEY).n_unique() if rows.height else 0


def counts(table: pl.DataFrame, column: str) -> dict[str, int]:
    """Value of the column -> rows, the most common first."""
    return dict(table.group_by(column).len().sort("len", column, descending=[True, False]).iter_rows())
