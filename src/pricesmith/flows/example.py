"""An example shop folder: a small made-up shop in every file format that pricesmith reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.tables import INPUT
from pricesmith.rules import RULES

from . import example_policy

START, DAYS = dt.date(2026, 1, 5), 210
THINGS = {
    "kitchen": ("Frying pan", "Saucepan", "Chef's knife", "Cutting board", "Mixing bowl", "Kettle"),
    "garden": ("Watering can", "Pruning shears", "Planter", "Garden hose", "Trowel", "Lantern"),
}
BRANDS = ("Alder", "Birch")
Rows = list[dict[str, Any]]


def write(folder: Path) -> list[Path]:
    """Write the example shop into a folder that is empty or not there yet; the files written.

    Raises DataError where the folder holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError("is not empty", where=str(folder), hint="name a folder that does not exist yet")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    policy = folder / "shop.toml"
    policy.write_text(example_policy.text(RULES), encoding="utf-8")
    written = [policy]
    for name, rows in tables().items():
        written.append(folder / "data" / f"{name}.csv")
        frame(name, rows).write_csv(written[-1], datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return written


def frame(name: str, rows: Rows) -> pl.DataFrame:
    """Rows as a table; a column of whole numbers is written without decimals."""
    table = pl.DataFrame(rows, schema=columns(name, rows), orient="row")
    whole = [column for column, dtype in table.schema.items() if dtype == pl.Float64 and (table[column].round(0) == table[column]).all()]
    return table.with_columns(pl.col(whole).cast(pl.Int64))


def columns(name: str, rows: Rows) -> pl.Schema:
    """The columns of a table that its rows fill, in the order of the definition."""
    filled = {key for row in rows for key in row}
    return pl.Schema({column.name: column.dtype for column in INPUT[name].columns if column.name in filled})


def tables() -> dict[str, Rows]:
    """Rows of every table of the example, made by a seeded generator: each run writes the same files."""
    rng = np.random.default_rng(7)
    made: dict[str, Rows] = {name: [] for name in ("products", "costs", "sales", "competitor_prices", "stock", "promotions", "calendar")}
    kinds = [(group, thing, brand) for group, things in THINGS.items() for thing in things for brand in BRANDS]
    for number, (group, thing, brand) in enumerate(kinds):
        sku, cost = f"{group[0].upper()}{number:03d}", float(np.round(rng.uniform(3, 25), 2))
        usual = np.floor(cost * rng.uniform(1.9, 2.4)) + 0.99
        made["products"].append(
            {"sku": sku, "name": f"{brand} {thing}", "brand": brand, "category": f"home/{group}", "family": thing.lower().replace(" ", "-"),
             "tax_rate": 0.19, "rrp": usual + 10.0, "launched": START, "active": 1}
        )  # fmt: skip
        made["costs"].append(
            {"sku": sku, "valid_from": START, "unit_cost": cost, "shipping": 0.45, "payment_rate": 0.02, "return_rate": 0.03}
        )
        history(made, sku, usual, number, rng)
    fair = START + dt.timedelta(days=95)
    made["calendar"] = [{"date": fair, "event": "Spring fair"}, {"date": START + dt.timedelta(days=DAYS + 20), "event": "Summer fair"}]
    return made


def history(made: dict[str, Rows], sku: str, usual: float, number: int, rng: np.random.Generator) -> None:
    """Sales of one product over the days, with price steps, one promotion, and a competitor."""
    elasticity, level, price = -rng.uniform(1.6, 3.2), rng.uniform(1.0, 8.0), usual
    sale = 60 + 3 * (number % 12)
    made["promotions"].append(
        {"sku": sku, "start": START + dt.timedelta(days=sale), "end": START + dt.timedelta(days=sale + 6), "depth": 0.2}
    )
    for day in range(DAYS):
        date = START + dt.timedelta(days=day)
        if day % 30 == 0 and day:
            price = float(np.floor(usual * rng.choice([0.9, 0.95, 1.0, 1.05, 1.1])) + 0.99)
        promo = sale <= day <= sale + 6
        charged = float(np.round(price * 0.8, 2)) if promo else price
        out = number % 8 == 5 and 120 <= day < 128
        rate = 0.0 if out else level * (charged / usual) ** elasticity * (1.3 if date.weekday() >= 5 else 1.0)
        units = int(rng.negative_binomial(8, 8 / (8 + rate))) if rate else 0
        made["sales"].append({"date": date, "sku": sku, "units": units, "price": charged, "promo": int(promo), "list_price": price})
        if number % 8 == 5:
            made["stock"].append({"date": date, "sku": sku, "on_hand": 0 if out else 40, "out_of_stock": int(out)})
        if number % 3 == 0 and day % 7 == 0:
            offer = float(np.round(usual * rng.uniform(0.93, 1.07), 2))
            noon = dt.datetime.combine(date, dt.time(12), dt.UTC)
            made["competitor_prices"].append({"observed_at": noon, "sku": sku, "competitor": "rival", "price": offer, "in_stock": 1})
