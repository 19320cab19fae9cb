"""A rush of orders after a cut stops the channel between waves too, and when nothing is left to be sent: guard G16 without a price."""

from __future__ import annotations

from pricesmith.contracts.guard import State
from pricesmith.contracts.tables import CHANGES
from pricesmith.flows.publishing.desk import Desk
from pricesmith.guards.order_velocity import GUARD

from . import orders, switch
from .patience import asking


def watch_orders(desk: Desk) -> str:
    """Read the shop's orders, and throw the switch of the target where they rush in; prices may go back. Returns why, "" where they do not.

    Raises ShopError where the shop wants no call yet.
    """
    with asking(desk):
        told = orders.read(desk)
    if told is None:
        return ""
    now = desk.now()
    count, usual = orders.rush(told, orders.last_cut(desk.read("applied"), now), now)
    state = State(now, desk.target, desk.settings.currency or desk.policy.currency, orders=count, usual=usual)
    stop = GUARD.judge(CHANGES.empty(), state, desk.policy.guards).stop
    if not stop:
        return ""
    why = f"{stop}: {count} orders within an hour after a cut, usually at most {usual:g}"
    if not switch.tripped(desk.read("switches"), desk.target):
        switch.stop(desk.book, by=GUARD.number, at=now, why=why, scope=("target", desk.target), let_undo=True)
    return f"{GUARD.number} {why}"
