"""The page Rules: drafts of shop.toml, what they would change, putting one into force, and the versions before."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused, on_form
from pricesmith.apps.service.route import Route, act, page
from pricesmith.apps.web.rule_words import named
from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.rule import SELECTABLE
from pricesmith.flows import shop_toml
from pricesmith.flows.desk.rules import drafts, fees, policy_file
from pricesmith.flows.desk.rules.caution import Asked, with_caution
from pricesmith.flows.desk.rules.filled_in import rule_of, taken_as
from pricesmith.flows.desk.rules.page import Rules, Wanted, rules
from pricesmith.flows.desk.rules.rule_kinds import Form, fields
from pricesmith.flows.desk.rules.setting_text import with_setting
from pricesmith.flows.desk.rules.typed import blamed, edited
from pricesmith.flows.desk.rules.versions import FILE, Compared, apart, compare, text_at, versions
from pricesmith.rules import RULES

FIELDS = tuple(dict.fromkeys(one.name for kind in RULES.values() for one in fields(kind)))
_OWN: tuple[tuple[str, Any, Any], ...] = (
    ("draft", str, ""),
    ("number", int, -1),
    ("kind", str, ""),
    ("do", Literal["change", "remove"], "change"),
    ("hard", bool, True),
    ("priority", int, 0),
)
Edited: type[msgspec.Struct] = msgspec.defstruct(
    "Edited",
    [*_OWN, *((f"where_{name}", str, "") for name in SELECTABLE), *((f"field_{name}", str, "") for name in FIELDS)],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    namespace={"__doc__": 'One rule as a form has it. number: of the rule, -1 to add one; draft: "" to begin with what is in force.'},
)


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole text. draft: whose text it is, "" for a new one; base: version of the file that it began with; dry: look at prices."""

    text: str
    base: str = ""
    draft: str = ""
    name: str = ""
    dry: bool = False


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    draft: str


class Unsold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days without a sale after which a product is held; never where it is empty. draft: "" to begin with what is in force."""

    draft: str = ""
    stale_after_days: str = ""


class Cautious(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a price may move by how little of its own it rests on, in percent; as far as the rules let it where that is empty.

    draft  "" to begin with what is in force
    """

    draft: str = ""
    pooled: str = ""
    prior: str = ""


class Taken(fees.Asked, frozen=True, forbid_unknown_fields=True):
    """What a channel takes, as it is typed. draft: "" to begin with what is in force."""

    draft: str = ""


class Opened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version that is to be opened as a draft."""

    version: str


class Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A draft that is to be in force, and why."""

    draft: str
    why: str = ""


class Between(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two versions to be compared; `file` is what is in force."""

    old: str = ""
    new: str = FILE


def show(ask: Ask) -> Rules:
    return rules(ask.reading, ask.desk.accounts.kept, ask.who.name, ask.given)


def keep(ask: Ask) -> Done:
    """Keep a text, whatever is wrong with it: nothing that was typed is lost."""
    given: Text = ask.given
    text = given.text.replace("\r\n", "\n").rstrip("\n") + "\n"
    base = given.base or drafts.digest(shop_toml.text_of(ask.reading.folder))
    handle = _kept(ask, given.draft, drafts.Draft(text, base), given.name)
    return Done(
        "" if given.dry else "said_rules_kept", f"/rules?draft={handle}{'&dry=1#difference' if given.dry else ''}", {"draft": handle}
    )


def rule(ask: Ask) -> Done:
    """Change, add or take out one rule; what would not parse changes nothing."""
    given: Any = ask.given
    draft = _draft(ask, given.draft)
    number = given.number if given.number >= 0 else None
    form = _form(given)
    text = edited(draft.text, given.number, None) if given.do == "remove" else _entered(ask, form, draft.text, number)
    beside = {} if given.do == "remove" else _taken(ask, form)
    handle = _kept(ask, given.draft, drafts.Draft(text, draft.base))
    return Done("said_rule", f"/rules?draft={handle}", {"draft": handle, **beside})


def _form(given: Any) -> Form:
    values = {name: told for name in FIELDS if (told := getattr(given, f"field_{name}"))}
    where = {name: told for name in SELECTABLE if (told := getattr(given, f"where_{name}"))}
    return Form(kind=given.kind, number=given.number, values=values, where=where, hard=given.hard, priority=given.priority)


def _taken(ask: Ask, form: Form) -> dict[str, str]:
    """What values without a column were taken as, in words; empty where each had one."""
    told = [
        ask.words(
            "said_taken_as", field=named(ask.words, form.kind, one.field), value=one.value,
            what=f"{ask.words(f'told_by_{one.column}')} {one.pattern}",
        )
        for one in taken_as(ask.reading, form)
    ]  # fmt: skip
    return {"taken": " ".join(told)} if told else {}


def _entered(ask: Ask, form: Form, text: str, number: int | None) -> str:
    """The text with the rule of a form; what is wrong with one of its fields is told there."""
    given = ask.given
    try:
        return edited(text, number, rule_of(ask.reading, text, form))
    except PricesmithError as error:
        if not blamed(form, error).field:
            raise
        asked = {"draft": given.draft, "add": given.kind if number is None else "", "typed": msgspec.json.encode(form).decode()}
        raise on_form(error, f"/rules?{urlencode({name: one for name, one in asked.items() if one})}#typed") from None


def unsold(ask: Ask) -> Done:
    """Say after how many days without a sale a product is held."""
    given: Unsold = ask.given
    days, draft = given.stale_after_days.strip(), _draft(ask, given.draft)
    if days and not days.isdecimal():
        raise UsageError(f"{days!r} is no number", where="stale_after_days", hint="a whole number of days, or nothing for never")
    text = with_setting(draft.text, "data", "stale_after_days", int(days) if days else None)
    handle = _kept(ask, given.draft, drafts.Draft(text, draft.base))
    return Done("said_setting", f"/rules?draft={handle}", {"draft": handle})


def caution(ask: Ask) -> Done:
    """Say how far prices may move that rest mostly on similar products."""
    given: Cautious = ask.given
    draft, form = _draft(ask, given.draft), Asked(given.pooled, given.prior)
    try:
        limits = form.limits()
    except UsageError as error:
        asked = {"draft": given.draft, "cautious": msgspec.json.encode(form).decode()}
        raise on_form(error, f"/rules?{urlencode({name: one for name, one in asked.items() if one})}#typed") from None
    text = with_caution(draft.text, limits)
    handle = _kept(ask, given.draft, drafts.Draft(text, draft.base))
    return Done("said_setting", f"/rules?draft={handle}", {"draft": handle})


def taken(ask: Ask) -> Done:
    """Say what a channel takes of every product."""
    given: Taken = ask.given
    draft = _draft(ask, given.draft)
    text = fees.with_fee(draft.text, fees.typed(given))
    handle = _kept(ask, given.draft, drafts.Draft(text, draft.base))
    return Done("said_setting", f"/rules?draft={handle}", {"draft": handle})


def drop(ask: Ask) -> Done:
    ask.desk.accounts.kept.drop(drafts.KIND, ask.who.name, ask.given.draft)
    return Done("said_rules_dropped", "/rules")


def open_version(ask: Ask) -> Done:
    """Go back: an old version becomes a draft on what is in force now."""
    text = text_at(ask.reading, ask.given.version)
    base = drafts.digest(shop_toml.text_of(ask.reading.folder))
    handle = _kept(ask, "", drafts.Draft(text, base), ask.given.version[:8])
    return Done("said_rules_opened", f"/rules?draft={handle}", {"draft": handle})


def renew(ask: Ask) -> Done:
    """Take note that the file is another one by now: the draft's text stays, and goes on from there."""
    name, draft = drafts.get(ask.desk.accounts.kept, ask.who.name, ask.given.draft)
    base = drafts.digest(shop_toml.text_of(ask.reading.folder))
    drafts.keep(ask.desk.accounts.kept, ask.who.name, name, drafts.Draft(draft.text, base), ask.at)
    return Done("said_rules_renewed", f"/rules?draft={ask.given.draft}")


def save(ask: Ask) -> Done:
    given: Saved = ask.given
    _, draft = drafts.get(ask.desk.accounts.kept, ask.who.name, given.draft)
    try:
        version = policy_file.put_into_force(ask.reading, draft.text, draft.base, by=ask.who.name, why=given.why, at=ask.at)
    except policy_file.ChangedMeanwhileError:
        what, back = "changed_meanwhile", f"/rules?draft={given.draft}"
        raise Refused(
            409, what, "shop.toml was changed by somebody else since you began", "your text is kept as a draft", to=back
        ) from None
    ask.desk.accounts.kept.drop(drafts.KIND, ask.who.name, given.draft)
    return Done("said_rules_saved", "/rules", {"version": version})


def differ(ask: Ask) -> Compared:
    """Two versions beside one another; by itself the one before against what is in force."""
    given, known = ask.given, apart(versions(ask.reading))
    before = next((one.version for one in known if not one.in_force), FILE)
    old, new = given.old or before, given.new
    found = compare(text_at(ask.reading, old), text_at(ask.reading, new), (old, new))
    return msgspec.structs.replace(found, versions=known)


def _draft(ask: Ask, handle: str) -> drafts.Draft:
    if handle:
        return drafts.get(ask.desk.accounts.kept, ask.who.name, handle)[1]
    text = shop_toml.text_of(ask.reading.folder)
    return drafts.Draft(text, drafts.digest(text))


def _kept(ask: Ask, handle: str, draft: drafts.Draft, name: str = "") -> str:
    kept = ask.desk.accounts.kept
    named = drafts.get(kept, ask.who.name, handle)[0] if handle else drafts.free_name(kept, ask.who.name, name, ask.at)
    if not draft.text.strip():
        raise UsageError("the text is empty", hint="a shop.toml needs at least a currency")
    return drafts.keep(kept, ask.who.name, named, draft, ask.at)


ROUTES = (
    page("rules", "/rules", show, Rules, asks=Wanted),
    Route("rules.versions", "GET", "/rules/versions", "read", differ, Between, Compared, "rules_versions.html", "rules"),
    act("rules.keep", "/rules/keep", "draft", keep, Text),
    act("rules.rule", "/rules/rule", "draft", rule, Edited),
    act("rules.unsold", "/rules/unsold", "draft", unsold, Unsold),
    act("rules.caution", "/rules/caution", "draft", caution, Cautious),
    act("rules.fees", "/rules/fees", "draft", taken, Taken),
    act("rules.drop", "/rules/drop", "draft", drop, Chosen),
    act("rules.open", "/rules/open", "draft", open_version, Opened),
    act("rules.renew", "/rules/renew", "draft", renew, Chosen),
    act("rules.save", "/rules/save", "admin", save, Saved),
)
