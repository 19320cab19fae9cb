"""Headers about cases, cartons and packs: of how many units one holds, and of what one costs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pricesmith.contracts.exports import plain, words

_CASES = (
    "case cases carton cartons ctn ctns pack packs pk inner innerpack outer box boxes casepack "
    "karton kartons umkarton vpe ve verpackungseinheit gebinde kolli colis carton caisse cartons caja cajas caixa caixas "
    "cartone cartoni confezione imballo doos dozen verpakking verpakkingseenheid kartonie kartonu opakowanie opakowaniu opakowania zgrzewka"
)
CASES = frozenset(_CASES.split())
"""Words, as `exports.words` spells them, for what units are bought in."""
_UNITS = (
    "qty quantity size count ct unit units pack pk pcs pieces pc each eaches ea items item casepack innerpack "
    "menge inhalt anzahl grosse groesse stuck stueck stk unites unite pieces quantite nombre unidades uds und cantidad quantidade qtd "
    "pezzi pz qta quantita stuks aantal inhoud sztuk szt ilosc"
)
UNITS = frozenset(_UNITS.split())
"""Words for how many units."""
LINKS = frozenset({"per", "in", "a", "of", "the", "master", "pro", "je", "im", "par", "por", "da", "de", "dans", "w", "na", "z"})
BESIDE = frozenset({"net", "netto", "vendor", "supplier", "lieferant"})
"""Words beside the name of a cost that change nothing."""
_WHOLE = (
    "casepack casesize caseqty casequantity casecount unitspercase unitsincase itemspercase eachespercase packsize packqty packquantity "
    "unitsperpack innerpack innerqty innerquantity cartonqty cartonsize cartonquantity unitspercarton pcspercarton boxqty "
    "vpe ve vpemenge vemenge verpackungseinheit verpackungsmenge kartoninhalt kartonmenge gebindemenge gebindegröße gebindeinhalt "
    "stückprokarton stückprovpe colisage pcb unitésparcolis unitésparcarton unidadesporcaja udsporcaja unidadesporcaixa qtdporcaixa "
    "pezzipercartone pzpercartone doosinhoud stuksperdoos verpakkingseenheid sztukwkartonie ilośćwkartonie ilośćwopakowaniu"
)
WHOLE = frozenset(map(plain, _WHOLE.split()))
"""Headers of the units in a case in one word, plain."""
CHINESE = re.compile("箱[规規]|[装裝]箱[数數量]|每箱|箱入[数數]|箱[装裝][数數]|中包[数數]|箱容|件[装裝][数數]")
CHINESE_COST = re.compile("箱.*(成本|[进進][价價]|[进進][货貨][价價]|[采採][购購][价價])")


def units(header: str) -> bool:
    """Whether a header names how many units a case holds."""
    told = set(words(header))
    spoken = bool(told & CASES and told & UNITS and told <= CASES | UNITS | LINKS)
    return spoken or plain(header) in WHOLE or bool(CHINESE.search(plain(header)))


def says(header: str) -> bool:
    """Whether a header speaks of a case."""
    return bool(CASES & set(words(header))) or "箱" in plain(header) or plain(header).startswith(("case", "carton", "karton"))


def cost(headers: Sequence[str], names: Collection[str]) -> str:
    """The header of what a case costs, where another one names its units; "" where none does. names: usual headers of costs, plain"""
    if not any(map(units, headers)):
        return ""
    return next((header for header in headers if _cost(header, names)), "")


def _cost(header: str, names: Collection[str]) -> bool:
    told = words(header)
    rest = "".join(word for word in told if word not in CASES | LINKS | BESIDE)
    whole = any(plain(header) in (f"{case}{name}", f"{name}per{case}") for case in ("case", "carton", "pack") for name in names)
    return whole or bool(CASES & set(told) and rest in names) or bool(CHINESE_COST.search(plain(header)))


def alike(header: str, other: str) -> int:
    """How many words for cases two headers share: of inner packs and cases those that a cost is of are meant."""
    return len(CASES & {*words(header)} & {*words(other)})
