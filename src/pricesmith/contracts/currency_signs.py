"""Amounts as people write them: a currency's sign or code before or after the number, and which currencies it can mean."""

from __future__ import annotations

import re

from .money import EXPONENTS

_DOLLARS = "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP UYU BRL BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD DOP"
_SIGNS = {
    "$": _DOLLARS, "US$": "USD", "U$": "USD", "R$": "BRL", "C$": "CAD NIO", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN",
    "€": "EUR", "£": "GBP EGP LBP SYP SSP SDG GIP FKP SHP", "¥": "CNY JPY", "￥": "CNY JPY", "元": "CNY TWD HKD", "RMB": "CNY",
    "人民币": "CNY", "円": "JPY", "₩": "KRW", "₹": "INR", "Rs": "INR PKR LKR NPR MUR", "Rs.": "INR PKR LKR NPR MUR", "฿": "THB",
    "₫": "VND", "đ": "VND", "₱": "PHP", "Rp": "IDR", "RM": "MYR", "zł": "PLN", "kr": "SEK NOK DKK ISK", "kr.": "DKK SEK NOK ISK",
    "Kč": "CZK", "Ft": "HUF", "lei": "RON MDL", "лв": "BGN", "лв.": "BGN", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "₴": "UAH",
    "\\": "JPY KRW",  # the byte of a backslash is the yen sign in Shift_JIS, the won sign in Korean code pages
    "₺": "TRY", "TL": "TRY", "₪": "ILS", "Fr.": "CHF", "SFr.": "CHF", "R": "ZAR", "₦": "NGN", "S/": "PEN",
}  # fmt: skip
SIGNS: dict[str, frozenset[str]] = {code.casefold(): frozenset((code,)) for code in EXPONENTS} | {
    sign.casefold(): frozenset(codes.split()) for sign, codes in _SIGNS.items()
}
"""A sign or an ISO 4217 code, case folded -> the codes of the currencies that it can mean."""
_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_GAP = r"[ \u00a0\u202f\u2009]*"
_AMOUNT = re.compile(
    rf"{_GAP}(?P<minus>[+-]?){_GAP}(?P<before>{_SIGN})?{_GAP}(?P<inner>[+-]?)"
    rf"(?P<number>[\d.,'’ \u00a0\u202f]*?){_GAP}(?P<after>{_SIGN})?{_GAP}"
)


def unsigned(text: str) -> tuple[str, frozenset[str] | None]:
    """The number of an amount, and the currencies that what stands beside it can mean: `-R$ 5,00` is `-5,00` in BRL.

    None where nothing stands beside it. A text that is written otherwise, or whose signs mean different currencies, comes back as it is.
    """
    found = _AMOUNT.fullmatch(text.casefold())
    if found is None or not found["number"] or (found["minus"] and found["inner"]):
        return text, None
    meant = [SIGNS[sign] for sign in (found["before"], found["after"]) if sign]
    codes = frozenset.intersection(*meant) if meant else None
    if codes is not None and not codes:
        return text, None
    return found["minus"] + found["inner"] + found["number"], codes
