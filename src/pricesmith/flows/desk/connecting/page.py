"""The page Shops: where prices go, and a shop that is being connected: what its kind asks for, what was read of it, and saving it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Literal

import msgspec
import polars as pl

from pricesmith.contracts.errors import PolicyError, PricesmithError, ShopError, UnknownChoice, UsageError
from pricesmith.contracts.money import EXPONENTS, format_minor
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import UNNAMED, Platform
from pricesmith.flows import wiring
from pricesmith.flows.desk.publishing.pace import Pace, pace
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules import policy_file
from pricesmith.flows.desk.rules.drafts import digest
from pricesmith.flows.publishing.sending.reconcile import noted
from pricesmith.flows.publishing.shops import trial
from pricesmith.preparation.list_share import doubted

from .feeds import FEED, FILE, Signs, file_here, signs
from .removing import Removal, removal
from .starting_from import refusal

NAME = re.compile(r"[\w.-]{1,40}")
"""What a shop may be called."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop as a form describes it. shop: the one that is changed, "" for a new one; secret: the name of the variable, never the secret.

    options, values  names of what only this kind of shop knows, and their values in the same order; an empty value is none. A form keeps
    empty fields only of names that begin with `_`
    """

    platform: str = ""
    shop: str = ""
    name: str = ""
    url: str = ""
    channel: str = UNNAMED
    region: str = UNNAMED
    currency: str = ""
    tax: Literal["", "gross", "net"] = ""
    secret: str = ""
    options: list[str] = []
    values: list[str] = msgspec.field(name="_values", default_factory=list)


class Failed(msgspec.Struct, frozen=True):
    """Why something of a shop could not be done."""

    what: str
    where: str
    hint: str


class Connected(msgspec.Struct, frozen=True):
    """A shop of shop.toml. prices: that the ledger has seen there, the last time at `read_at`; file: its feed can be had here.

    no_start  why the next run cannot start from its prices, null where it can
    """

    name: str
    platform: str
    url: str
    channel: str
    region: str
    prices: int
    read_at: dt.datetime | None
    file: bool
    no_start: Failed | None = None


class Kind(msgspec.Struct, frozen=True):
    """A kind of shop. proven: `real` or `contract`, as in `contracts.shop.Capability`; file: its address is a file."""

    platform: str
    proven: str
    file: bool


class Option(msgspec.Struct, frozen=True):
    """What only this kind of shop knows, with its value now; choices: the few values that it can have, else empty."""

    name: str
    meaning: str
    value: str
    choices: list[str]


class Form(msgspec.Struct, frozen=True):
    """What a kind of shop asks for, filled in as far as it is known.

    secret    what the secret is, in words, "" where none is needed;  variable: where it is looked for;  there: it was found there
    example   of an address
    """

    asked: Asked
    file: bool
    proven: str
    secret: str
    variable: str
    there: bool
    example: str
    options: list[Option]


class Missing(msgspec.Struct, frozen=True):
    """As `trial.Missing`."""

    code: str
    count: int
    examples: list[str]


class Found(msgspec.Struct, frozen=True):
    """What a trial read. products: of ours, null where there is no list of them yet;  found: of them there;  unknown: the others.

    others  prices there of no product of ours
    apart   products found whose price there is not today's price of the newest list;  of_them: (product, there, in the list), minor units
             of `currency`;  no_start: as `Connected.no_start`
    """

    prices: int
    products: int | None
    found: int
    unknown: int
    missing: list[Missing]
    others: int
    examples: list[str]
    currency: str
    apart: int
    of_them: list[tuple[str, int, int | None]]
    no_start: Failed | None = None


class Shops(msgspec.Struct, frozen=True):
    """The page. form: where a kind was chosen; found or failed: of a shop that was just tried.

    places    channel and region of the newest price list;  makes: a feed can be made, for there is one
    pace      how fast approved prices leave for a shop
    signs     how the feed of the shop that is changed is written, null where it is none of this folder or cannot be read
    removal   what removing the shop that is changed does
    doubted   products of it that a feed is made without: their price is likely that of small orders alone
    """

    shops: list[Connected]
    kinds: list[Kind]
    places: list[tuple[str, str]]
    makes: bool
    currencies: list[str]
    pace: Pace
    form: Form | None = None
    found: Found | None = None
    failed: Failed | None = None
    signs: Signs | None = None
    removal: Removal | None = None
    doubted: int = 0


def shops(reading: Reading, asked: Asked) -> Shops:
    """The page before anything is tried. Raises UnknownChoice for a shop or a kind of shop that there is not."""
    known = reading.policy.shops
    if asked.shop and asked.shop not in known:
        raise UnknownChoice("shop", asked.shop, known)
    if asked.shop and not asked.platform:
        asked = as_it_is(asked.shop, known[asked.shop])
    kinds = [Kind(name, one.capability.proven, _file(one)) for name, one in wiring.platforms().items()]
    run = reading.latest()
    places = [] if run is None else sorted(reading.run(run).decided.select("channel", "region").unique().iter_rows())
    return Shops(
        [_connected(reading, name) for name in known], kinds, places, run is not None, sorted(EXPONENTS), pace(reading.policy.guards),
        form(asked) if asked.platform else None, signs=signs(reading, asked.shop) if asked.shop else None,
        removal=removal(reading, asked.shop) if asked.shop else None,
        doubted=0 if run is None else doubted(reading.run(run).decided).height,
    )  # fmt: skip


def form(asked: Asked) -> Form:
    """Raises UnknownChoice for a kind of shop that there is not."""
    kind = _kind(asked.platform)
    given = dict(zip(asked.options, asked.values, strict=False))
    rows = [Option(name, meaning, given.get(name, ""), list(kind.choices.get(name, ()))) for name, meaning in kind.options.items()]
    settings, variable, there = settings_of(asked), "", False
    if kind.secret:
        variable = wiring.secret_name(asked.name or "NAME", settings)
        there = bool(asked.name) and _has_secret(asked.name, settings)
    example = next(iter(tomllib.loads(kind.example)["shop"].values())).get("url", "")
    return Form(asked, _file(kind), kind.capability.proven, kind.secret, variable, there, example, rows)


def settings_of(asked: Asked) -> ShopPolicy:
    """The section that a form describes."""
    pairs = zip(asked.options, asked.values, strict=False)
    options = {name: {"true": True, "false": False}.get(value.strip(), value if value == "\t" else value.strip()) for name, value in pairs}
    return ShopPolicy(
        platform=asked.platform, url=asked.url.strip(), channel=asked.channel.strip() or UNNAMED,
        region=asked.region.strip() or UNNAMED, currency=asked.currency, tax=asked.tax, secret=asked.secret.strip(),
        options={name: value for name, value in options.items() if value != ""},
    )  # fmt: skip


def try_out(reading: Reading, asked: Asked) -> Shops:
    """The page with what was read of the shop, or with why it could not be read; nothing is written."""
    page = shops(reading, asked)
    try:
        found = _tried(reading, asked)
    except (ShopError, PolicyError, UsageError) as error:
        return msgspec.structs.replace(page, failed=Failed(error.what, error.where, error.hint))
    unknown = 0 if found.products is None else found.products - found.found
    missing = [Missing(one.code, one.count, one.examples) for one in found.missing]
    told = Found(
        len(found.seen), found.products, found.found, unknown, missing, found.others, found.examples, reading.policy.currency,
        found.apart, found.of_them, _no_start(reading, settings_of(asked)),
    )  # fmt: skip
    return msgspec.structs.replace(page, found=told)


def save(reading: Reading, asked: Asked, *, by: str, at: dt.datetime) -> int:
    """Try a shop, write its section into shop.toml and its prices into the ledger; returns how many were read.

    Raises ShopError where it cannot be read, PolicyError where the section cannot be; nothing is written then.
    """
    found = _tried(reading, asked)
    why = f"connected shop {asked.name.strip()}" if not asked.shop else f"changed shop {asked.name.strip()}"
    if found.before != found.after:
        policy_file.put_into_force(reading, found.after, digest(found.before), by=by, why=why, at=at)
    noted(found.desk, found.seen)
    return len(found.seen)


def make_feed(reading: Reading, asked: Asked, *, by: str, at: dt.datetime) -> tuple[int, int]:
    """Write a new feed of the products of the newest price list with their current prices, and connect it; returns how many, and how many
    were left out, whose price is likely that of small orders alone: the file would change what the shop asks with nothing approved.

    Raises UsageError where nothing was priced yet or the file has another name than a feed may, ShopError where it is there already.
    """
    run = reading.latest()
    if run is None:
        raise UsageError("this shop has not been priced", hint="make the first run")
    if asked.platform != FEED or not FILE.fullmatch(asked.url.strip()):
        raise UsageError("a feed is made in the shop folder, under a plain name", hint="such as feed.csv")
    _named(reading, asked)
    settings, one = settings_of(asked), reading.run(run)
    here = (pl.col("channel") == settings.channel) & (pl.col("region") == settings.region) & (pl.col("current_price") > 0)
    every, guessed = one.decided.filter(here), doubted(one.decided).select("sku", "channel", "region")
    rows = every.join(guessed, on=["sku", "channel", "region"], how="anti").select("sku", "current_price").sort("sku")
    if rows.is_empty() and every.height:
        raise UsageError(
            "of no product it is known what the shop asks", hint="put its own export into the shop folder and connect that file"
        )
    if rows.is_empty():
        raise UsageError("no product of this channel and region has a price yet", hint="choose another one")
    amounts = {sku: format_minor(price, one.currency) for sku, price in rows.iter_rows()}
    path = reading.folder / settings.url
    wiring.feed_file(path, settings.options).make(amounts)
    try:
        save(reading, asked, by=by, at=at)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return len(amounts), every.height - len(amounts)


def _tried(reading: Reading, asked: Asked) -> trial.Trial:
    _named(reading, asked)
    _kind(asked.platform)
    return trial.tried(reading.place, asked.name.strip(), settings_of(asked), anew=bool(asked.shop))


def _named(reading: Reading, asked: Asked) -> None:
    """Raises UsageError where the shop cannot be called so."""
    if not NAME.fullmatch(asked.name.strip()):
        raise UsageError("a shop needs a name of letters, digits, - and _", hint="a short one, such as web")
    if asked.shop and asked.shop != asked.name.strip():
        raise UsageError("a shop keeps its name", hint="its prices stand in the ledger under that name; connect another one beside it")
    if not asked.shop and asked.name.strip() in reading.policy.shops:
        raise UsageError(f"there is a shop {asked.name.strip()!r} already", hint="change it above, or choose another name")


def _kind(platform: str) -> Platform:
    kinds = wiring.platforms()
    if platform not in kinds:
        raise UnknownChoice("platform", platform, kinds)
    return kinds[platform]


def _file(kind: Platform) -> bool:
    """Whether its address is a file."""
    return "://" not in next(iter(tomllib.loads(kind.example)["shop"].values())).get("url", "")


def _has_secret(name: str, settings: ShopPolicy) -> bool:
    try:
        return bool(wiring.secret_of(name, settings))
    except PricesmithError:
        return False


def as_it_is(name: str, one: ShopPolicy) -> Asked:
    """The form of a shop that is connected."""
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in one.options.values()]
    return Asked(one.platform, name, name, one.url, one.channel, one.region, one.currency, one.tax, one.secret, list(one.options), values)


def _connected(reading: Reading, name: str) -> Connected:
    one = reading.policy.shops[name]
    seen = reading.rows("applied").filter(pl.col("target") == name)
    read_at: dt.datetime | None = seen["at"].max()  # type: ignore[assignment]
    return Connected(
        name, one.platform, one.url, one.channel, one.region, seen["sku"].n_unique(), read_at, file_here(reading, one),
        _no_start(reading, one),
    )  # fmt: skip


def _no_start(reading: Reading, one: ShopPolicy) -> Failed | None:
    """As `Connected.no_start`."""
    found = refusal(reading, one)
    return None if found is None else Failed(found.what, found.where, found.hint)
