"""What every platform does with prices: refuse what cannot be one, settle each alone, and never guess whose a price is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Fate, Key, Reading, Writing, Written

from ._caller import NoAnswerError
from ._money import is_price

Send = Callable[[Sequence[Writing]], Iterable[Written]]


def settle(writings: Sequence[Writing], capability: Capability, policy: ShopPolicy, send: Send) -> list[Written]:
    """Send what may be sent, and answer each: refused here, as the platform says, or unknown where no answer came.

    Raises ShopError for more prices than one call may hold, and for two prices of one thing.
    """
    if len(writings) > capability.batch:
        raise ShopError(f"{len(writings)} prices in one call", where=policy.platform, hint=f"at most {capability.batch}")
    if any(count > 1 for count in Counter(writing.key for writing in writings).values()):
        raise ShopError("two prices of one product in one call", where=policy.platform)
    refused = [refusal for writing in writings if (refusal := _refusal(writing, policy))]
    named = {answer.key for answer in refused}
    good = [writing for writing in writings if writing.key not in named]
    return refused + (_sent(good, send) if good else [])


def by_group(groups: Iterable[Sequence[Writing]], send: Send) -> Iterable[Written]:
    """Send one call a group, for platforms that take the prices of one product only.

    Where a later call is not made or not answered, what the earlier ones did still counts: the rest is unknown. A first one raises.
    """
    answered = False
    for group in groups:
        try:
            yield from send(group)
        except NoAnswerError as lost:
            yield from every(group, "unknown", lost.code, lost.what)
        except ShopError as error:
            if not answered:
                raise
            yield from every(group, "unknown", "busy" if isinstance(error, ShopBusy) else "not_sent", error.what)
        answered = True


def _sent(good: Sequence[Writing], send: Send) -> list[Written]:
    try:
        answers = {answer.key: answer for answer in send(good)}
    except NoAnswerError as lost:
        return every(good, "unknown", lost.code, lost.what)
    return [answers.get(writing.key) or Written(writing.key, "unknown", "no_word", "the shop said nothing of it") for writing in good]


def every(writings: Sequence[Writing], fate: Fate, code: str = "", detail: str = "") -> list[Written]:
    """The same answer for each."""
    return [Written(writing.key, fate, code, detail) for writing in writings]


def _refusal(writing: Writing, policy: ShopPolicy) -> Written | None:
    if not is_price(writing.price, writing.currency):
        return Written(writing.key, "rejected", "no_price", "not a whole number of minor units above zero")
    if writing.currency != policy.currency:
        return Written(writing.key, "rejected", "currency", f"prices of this shop are in {policy.currency}")
    if (writing.key.channel, writing.key.region) != (policy.channel, policy.region):
        return Written(writing.key, "rejected", "elsewhere", "the price is of another channel or region")
    return None if writing.handle else Written(writing.key, "rejected", "no_handle", "the product was not read in the shop")


def key_of(sku: str, policy: ShopPolicy) -> Key:
    return Key(sku, policy.channel, policy.region)


def skus_of(keys: Sequence[Key] | None, policy: ShopPolicy) -> list[str] | None:
    """Product keys of this channel and region, each once; None for all."""
    if keys is None:
        return None
    return list(dict.fromkeys(key.sku for key in keys if (key.channel, key.region) == (policy.channel, policy.region)))


def told_apart(found: Iterable[tuple[str, Reading | None]], policy: ShopPolicy, wanted: Sequence[str] | None) -> Mapping[Key, Reading]:
    """Readings by key: only of wanted products, none whose price is no price, and none where two things share a product key."""
    among = None if wanted is None else frozenset(wanted)
    rows = [(sku, reading) for sku, reading in found if sku and (among is None or sku in among)]
    seen = Counter(sku for sku, _ in rows)
    return {key_of(sku, policy): reading for sku, reading in rows if reading is not None and seen[sku] == 1}
