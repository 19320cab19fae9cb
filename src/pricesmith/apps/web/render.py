"""Answers -> HTML. Everything that was not written here is escaped; no script and no style stands in a page."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pricesmith.contracts.errors import LedgerError, PolicyError
from pricesmith.flows.desk.forms.last_digit import endings_shown
from pricesmith.flows.desk.forms.per_cent import in_field, in_percent
from pricesmith.flows.desk.prices.counts import several
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.what_if.compared import MOST_SHOWN
from pricesmith.flows.publishing.answers.people import same_person
from pricesmith.flows.publishing.sending.switch import state_of

from .addresses import address
from .barred import breaks_said, left_said, own_said, own_todo, unjudged_said
from .charts import charts
from .coded import coded
from .figures import FILTERS
from .rule_products import rules_told
from .rule_words import about_said, choice_said, named_anywhere, place_said, rule_said, setting_asked, setting_named, value_said
from .words import LANGUAGES, Words, catalogue, messages

if TYPE_CHECKING:
    from pricesmith.apps.service.ask import Ask
    from pricesmith.apps.service.problem import Problem
    from pricesmith.apps.service.route import Route
    from pricesmith.flows.desk.reading.ledger import Reading

SECTIONS = ("today", "prices", "what_if", "rules", "approvals", "shops", "outcome", "data", "models", "audit", "access")
"""The navigation, in the order of a day's work; a section shows where its page is there."""
FIRST = {"today": "/", "access": "/people"}
"""Address of a section that is not its name; people who are no admins begin theirs with the keys."""
WIDE, TIGHT = tuple("：，、；。（"), "\ufdd0"
"""Marks as wide as a character, after which no space is written, and what stands behind one until a page is whole: no character."""
LOOSE = re.compile(TIGHT + r"((?:</[a-z0-9]+>)*)\s+")


class Placed(Words):
    """Words on their way into a page: a template writes a space between two parts, which a wide mark at the end of the first swallows.

    bound    name of a rule -> the products that it names, which are said with it
    several  whether products of the shop have prices in several places, so that what a page counts are prices
    """

    def __init__(self, language: str, bound: Mapping[str, str] | None = None, several: Callable[[], bool] = lambda: False) -> None:
        super().__init__(language)
        self.bound, self.several = bound or {}, several

    def priced(self, key: str, **values: object) -> str:
        """What is counted: `KEY_prices` where a product has several prices and there is such a word, else `KEY`."""
        prices = f"{key}_prices" in catalogue() and self.several()
        return self(f"{key}_prices" if prices else key, **values)

    def rule(self, name: str) -> str:
        said, told = super().rule(name), self.bound.get(name)
        number = name.partition(":")[2]
        if not told:
            return said
        kind = said.removesuffix(f" ({number})") if number else said
        return kind + self("in_brackets", text=self("rule_bound", number=number, products=told) if number else told)

    def __call__(self, key: str, **values: object) -> str:
        said = super().__call__(key, **values)
        return said + TIGHT if said.endswith(WIDE) else said


def whole(html: str) -> str:
    """A page whose wide marks have no space behind them."""
    return LOOSE.sub(r"\1", html).replace(TIGHT, "")


@cache
def environment() -> Environment:
    loader = PackageLoader("pricesmith.apps.web", "templates")
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found.filters.update(
        FILTERS, rule_said=rule_said, setting_said=setting_asked, word=word, parted=parted, own_said=own_said, own_todo=own_todo
    )
    found.filters.update(
        breaks_said=breaks_said, left_said=left_said, unjudged_said=unjudged_said, in_percent=in_percent, in_field=in_field, address=address
    )
    found.filters.update(setting_named=setting_named, choice_said=choice_said, about_said=about_said)
    found.filters.update(place_said=place_said, value_said=value_said, named_anywhere=named_anywhere, coded=coded, endings=endings_shown)
    found.tests.update(same_person=same_person)
    found.globals.update(asset=asset, languages=LANGUAGES, query=query, hidden_of=hidden_of, charts=charts(), most_differing=MOST_SHOWN)
    return found


def lay_out() -> None:
    """Read every template and every word, so that no reader waits for it."""
    for name in environment().list_templates():
        environment().get_template(name)
    catalogue()
    messages()


def word(name: str) -> Markup:
    """The name of a table or column, which a narrow place breaks where its parts meet."""
    return Markup(f'<code class="word">{escape(name).replace("_", Markup("_<wbr>"))}</code>')


def parted(name: str) -> Markup:
    """The name of a product, which a narrow place may break behind / and & too."""
    return Markup(escape(name).replace("/", Markup("/<wbr>")).replace("&amp;", Markup("&amp;<wbr>")))


@cache
def asset(name: str) -> str:
    """Address of a file of ours that may be kept for ever: it changes with its content."""
    data = files(__package__).joinpath("static", name).read_bytes()
    return f"/static/{hashlib.sha256(data).hexdigest()[:12]}/{name}"


def hidden_of(asked: Mapping[str, Any], *without: str) -> list[tuple[str, Any]]:
    """The fields of a question that are not as they are by themselves, a pair for each value."""
    pairs = [(name, value) for name, value in asked.items() if name not in without and value not in ("", [], None, False)]
    return [(name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value])]


def query(asked: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """The question as the query of an address, some of its fields changed."""
    return urlencode(hidden_of({**asked, **changes}))


def page(route: Route, ask: Ask, twin: Mapping[str, Any], said: str = "", part: str = "") -> str:
    """A page, or one of its parts alone, from the very values of its JSON twin."""
    key = last_act(said)
    last = {
        "said": told(ask.words, said),
        "said_key": key,
        "said_on": going_on(ask.words, said),
        "said_bad": key in TROUBLE or DOUBTED in facts_of(said),
    }
    name = route.template.replace(".html", f"_{part}.html") if part else route.template
    return whole(environment().get_template(name).render(**_common(ask, route.section, twin), **twin, **last, part=part))


def error_page(ask: Ask, problem: Problem, back: str = "") -> str:
    """back: where the person was, "" where that is not known."""
    common = {**_common(ask, ""), "here": back or "/"}
    return whole(environment().get_template("problem.html").render(**common, problem=problem, back=back, said="", said_on=None))


def bare_page(words: Words, problem: Problem) -> str:
    """A problem told without anything that is read from the shop folder."""
    told = Placed(words.language)
    return whole(environment().get_template("bare.html").render(w=told, problem=problem))


def landing_page(ask: Ask, to: str) -> str:
    """What leads on, by itself, to a page of ours."""
    return whole(environment().get_template("landed.html").render(**_common(ask, ""), to=to, said="", said_on=None))


BESIDE = (
    "second",
    "taken",
    "unset",
    "short",
    "spared",
    "contradicts",
    "left_out",
    "converted",
    "unmatched",
    "to_be_held",
    "doubted",
    "breaks",
    "rest",
    "unjudged",
    "waits",
)
"""Facts of an act that are sentences, in their order behind what it did."""


TROUBLE = frozenset({"said_table_barred"})
"""Acts that were done and leave something to be mended first."""
DOUBTED = "doubted"
"""The fact of an act that says that something is to be looked at on the page Data before it is used."""


def told(words: Words, cookie: str) -> str:
    """What the last act did, in words; "" where the cookie is none of ours."""
    try:
        key, facts = json.loads(unquote(cookie))
        written = {name: f"{fact:,}" if type(fact) is int else fact for name, fact in facts.items()}
        return " ".join([words(key, **written), *(facts[name] for name in BESIDE if name in facts)])
    except (ValueError, TypeError, KeyError):
        return ""


def last_act(cookie: str) -> str:
    """The key of what the last act did; "" where the cookie is none of ours."""
    try:
        return str(json.loads(unquote(cookie))[0])
    except (ValueError, TypeError, KeyError, IndexError):
        return ""


def facts_of(cookie: str) -> Mapping[str, Any]:
    """What the last act told beside its key; empty where the cookie is none of ours."""
    try:
        found = json.loads(unquote(cookie))[1]
    except (ValueError, TypeError, KeyError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}


def going_on(words: Words, cookie: str) -> tuple[str, str] | None:
    """Where a person goes on after the last act, and the words of the link: what is doubted, or an act about a run for which there are
    words `KEY_on`."""
    try:
        key, facts = last_act(cookie), facts_of(cookie)
        if DOUBTED in facts:
            return "/data", words("said_doubted_on")
        part = "publishing" if key == "said_accept" else "approval"
        return (f"/runs/{quote(facts['run'])}#{part}", words(f"{key}_on")) if "run" in facts else None
    except (ValueError, TypeError, KeyError):
        return None


def _common(ask: Ask, section: str, twin: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """twin: of the page, none of what is no page of ours."""
    words = Placed(ask.words.language, None if twin is None else rules_told(ask.words, ask.reading, twin), partial(several, ask.reading))
    return {
        "words": words, "w": words, "who": ask.who, "csrf": ask.csrf, "here": ask.address, "section": section,
        "theme": ask.theme, "once": secrets.token_hex(12), "path": ask.path, "sections": {name: _begins(name, ask) for name in SECTIONS},
        **standing(ask), "settings_answered": _answered(ask.reading), "one_person": _alone(ask.reading) is True,
        "people_known": _alone(ask.reading) is not None,
        "tested": _tested(ask), "assumed_costs": _assumed(ask.reading),
        "jobs_open": sum(job.ended is None for job in ask.desk.jobs.all()),
    }  # fmt: skip


def _tested(ask: Ask) -> bool:
    """Whether the forecasts were tested on the shop's past, or are being tested: then a run need not begin a test."""
    return bool(kept.backtest_files(ask.reading.folder) or ask.desk.jobs.under_way("backtest"))


def _assumed(reading: Reading) -> bool:
    """Whether all costs are said to be assumed, which every page says."""
    try:
        return reading.policy.data.cost_assumed
    except PolicyError:
        return False


def _answered(reading: Reading) -> bool:
    """Whether somebody has said what the shop wants; a file that cannot be read is told of elsewhere."""
    try:
        return reading.settled
    except PolicyError:
        return True


def _alone(reading: Reading) -> bool | None:
    """Whether one person runs the shop; None while its settings cannot be read."""
    try:
        return reading.policy.approval.alone
    except PolicyError:
        return None


def _begins(section: str, ask: Ask) -> str:
    """Address of the first page of a section."""
    if section == "access" and not ask.who.may("admin"):
        return "/keys"
    return FIRST.get(section, "/" + section.replace("_", "-"))


def standing(ask: Ask) -> dict[str, Any]:
    """What every page shows: the shop's name, whether its settings can be read, and what the kill switch stops: everything, or a part."""
    found = {**_settings(ask.reading), **_switches(ask.reading)}
    return {**found, "all_stopped": _all_stopped(found["stopped"], found["shops_here"])}


def _all_stopped(stopped: list[dict[str, Any]], shops: list[str] | None) -> bool:
    """Whether nothing may leave to any shop; where the shops cannot be read, any stop counts as that."""
    if shops is None:
        return bool(stopped)
    targets = {one["name"] for one in stopped if one["scope"] == "target"}
    return any(one["scope"] == "all" for one in stopped) or (bool(shops) and targets >= set(shops))


def _settings(reading: Reading) -> dict[str, Any]:
    try:
        policy = reading.policy
        return {"shop": policy.name or reading.folder.name, "policy_read": True, "shops_here": list(policy.shops)}
    except PolicyError:
        return {"shop": reading.folder.name, "policy_read": False, "shops_here": None}


def _switches(reading: Reading) -> dict[str, Any]:
    try:
        held = state_of(reading.rows("switches"))
    except LedgerError:
        return {"stopped": [], "readable": False}
    stopped = [{"scope": scope, "name": name, **row} for (scope, name), row in held.items()]
    return {"stopped": stopped, "readable": True}
