"""Amounts with a currency beside them: the number without it, and which currencies are meant."""

from __future__ import annotations

import pytest

from pricesmith.contracts.currency_signs import SIGNS, unsigned
from pricesmith.contracts.money import EXPONENTS


def test_every_sign_means_currencies_that_there_are() -> None:
    assert all(codes and codes <= EXPONENTS.keys() for codes in SIGNS.values())


@pytest.mark.parametrize(
    ("text", "number", "meant"),
    [
        ("R$ 12,90", "12,90", "BRL"), ("R$\u00a01.600,92", "1.600,92", "BRL"), ("-R$ 5,00", "-5,00", "BRL"), ("R$ -5,00", "-5,00", "BRL"),
        ("12,90 zł", "12,90", "PLN"), ("1 299 Kč", "1 299", "CZK"), ("CHF 12.50", "12.50", "CHF"), ("12.50 eur", "12.50", "EUR"),
        ("US$12.90", "12.90", "USD"), ("$12.90 CAD", "12.90", "CAD"), ("￥12.50元", "12.50", "CNY"), ("1200円", "1200", "JPY"),
        ("\\1,350", "1,350", "JPY"), ("£5", "5", "GBP"), ("Rs. 250", "250", "INR"),
    ],
)  # fmt: skip
def test_a_currency_stands_before_or_after(text: str, number: str, meant: str) -> None:
    found, codes = unsigned(text)
    assert found == number and codes is not None and meant in codes


@pytest.mark.parametrize("text", ["12 kg", "3\\50", "12 EUR/kg", "EUR", "", "--5 €", "-€ -5", "€ 5 USD", "1e3", "R$", "about 5 €", "12.50"])
def test_everything_else_comes_back_as_it_is(text: str) -> None:
    assert unsigned(text) == (text, None)
