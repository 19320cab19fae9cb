"""The same features by SQL: DuckDB joins each row with its own past."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.snapshot import Snapshot
from pricesmith.features.build import ROW, build
from pricesmith.testing.fakes import made_snapshot

SINCE = "h.date >= least(r.date, as_of) -"
PAST = {
    "units_7": f"sum(h.units) filter (where {SINCE} 7) / sum(h.days * h.available) filter (where {SINCE} 7)",
    "units_28": f"sum(h.units) filter (where {SINCE} 28) / sum(h.days * h.available) filter (where {SINCE} 28)",
    "sold_share_28": f"avg((h.units > 0)::int) filter (where {SINCE} 28)",
    "days_since_sale": "r.date - max(h.date) filter (where h.units > 0)",
    "available_before": "arg_max(h.available, h.date)",
    "missing_days_28": f"coalesce(sum(h.days * (1 - h.available)) filter (where {SINCE} 28), 0)",
    "price_relative_to_usual": f"ln(r.price / avg(h.list_price) filter (where {SINCE} 91))",
    "price_relative_to_list": "ln(r.price / arg_max(h.list_price, h.date))",
    "price_change": "ln(r.price / arg_max(h.price, h.date))",
    "promo_share_91": f"avg(h.promo) filter (where {SINCE} 91)",
    "days_since_promo": "r.date - max(h.date) filter (where h.promo = 1)",
    "promo_depth": "if(r.promo = 1, if(r.price > arg_max(h.list_price, h.date), 0, 1 - r.price / arg_max(h.list_price, h.date)), 0)",
    "price_relative_to_competitor": "ln(r.price / arg_max_null(h.competitor_price, h.date))",
    "competitor_change_28": f"ln(arg_max_null(h.competitor_price, h.date) / avg(h.competitor_price) filter (where {SINCE} 28))",
    "views_7": f"avg(h.views) filter (where {SINCE} 7)",
    "conversion_28": f"sum(h.units) filter (where {SINCE} 28) / nullif(sum(h.views) filter (where {SINCE} 28), 0)",
}
"""Feature -> aggregate over the rows h of the item before the day of row r and before as_of."""

OTHER = {
    "stars_so_far": "select r.n, sum(v.stars) / sum(v.reviews) as value from asked r "
    "left join reviews v on v.item = r.item and v.date < least(r.date, as_of) group by r.n",
    "days_to_event": "select r.n, least(60, coalesce(min(c.date - r.date), 60)) as value from asked r "
    "left join calendar c on c.date >= r.date group by r.n",
    "days_since_event": "select r.n, least(60, coalesce(min(r.date - c.date), 60)) as value from asked r "
    "left join calendar c on c.date <= r.date group by r.n",
    "promo_planned": "select r.n, (count(p.start) > 0)::int as value from asked r join items i on i.item = r.item "
    'left join promotions p on p.sku = i.sku and r.date between p.start and p."end" group by r.n',
    "category_units_28": f"select r.n, sum(h.units) / sum(h.days * h.available) as value from asked r join items i on i.item = r.item "
    f"left join items j on split_part(j.category, '/', 1) = split_part(i.category, '/', 1) "
    f"left join cells h on h.item = j.item and h.date < least(r.date, as_of) and {SINCE} 28 group by r.n",
    "days_since_change": """
        with moves as (
            select item, date, list_price, abs(ln(list_price / lag(list_price) over (partition by item order by date))) > 0.005 as moved
            from cells
        ), past as (
            select r.n, max(m.date) filter (where m.moved) as day, arg_max(m.list_price, m.date) as usual
            from asked r left join moves m on m.item = r.item and m.date < least(r.date, as_of) group by r.n
        )
        select r.n, if(r.promo = 0 and abs(ln(r.price / p.usual)) > 0.005, 0, r.date - p.day) as value from asked r join past p using (n)
    """,
}
"""Feature -> whole query."""

Case = tuple[Snapshot, pl.DataFrame, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module", params=["history", "horizon"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    snapshot = made_snapshot(3, products=8, days=150)
    rows = snapshot.cells.select(ROW)
    if request.param == "horizon":
        ends = snapshot.cells.group_by("item", maintain_order=True).last().select(ROW)
        rows = pl.concat([ends.with_columns(pl.col("date").dt.offset_by(f"{ahead}d"), pl.col("price") * 1.1) for ahead in (1, 2, 6, 30)])
    return snapshot, rows, database(snapshot, rows, tmp_path_factory.mktemp("oracle"))


def database(snapshot: Snapshot, rows: pl.DataFrame, place: Path) -> duckdb.DuckDBPyConnection:
    """The rows that are asked about as `asked`, and the tables of the snapshot."""
    connection = duckdb.connect()
    tables = {name: getattr(snapshot, name) for name in ("cells", "items", "reviews", "calendar", "promotions")}
    tables["asked"] = rows.with_row_index("n").with_columns(pl.lit(snapshot.as_of).alias("as_of"))
    for name, table in tables.items():
        table.write_parquet(place / f"{name}.parquet")
        connection.execute(f"create table {name} as from read_parquet('{place / name}.parquet')")
    return connection


def by_sql(connection: duckdb.DuckDBPyConnection, query: str) -> np.ndarray:
    """(n,) the column `value` of a query, in the order of the rows; null is NaN."""
    found = connection.execute(f"select value::double from ({query}) order by n").fetchall()
    return np.array([np.nan if value is None else value for (value,) in found], dtype=float)


def compare(name: str, case: Case, query: str) -> None:
    snapshot, rows, connection = case
    built = build(snapshot, rows)[name].to_numpy()
    expected = by_sql(connection, query)
    assert np.isfinite(expected).any(), "the oracle says nothing"
    np.testing.assert_allclose(built, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", PAST)
def test_past(name: str, case: Case) -> None:
    join = "from asked r left join cells h on h.item = r.item and h.date < least(r.date, as_of)"
    compare(name, case, f"select r.n, {PAST[name]} as value {join} group by r.n, r.date, r.price, r.promo, r.as_of")


@pytest.mark.parametrize("name", OTHER)
def test_other(name: str, case: Case) -> None:
    compare(name, case, OTHER[name])
