"""Makes the two bundled demo shops from the public data sets they come from.

    python examples/bundle_demo_data.py [--source ../shared/data] [--target src/pricesmith/data]

grocery  The Complete Journey 2.0 (84.51°/dunnhumby), CC0
gifts    Online Retail I and II (Daqing Chen, UCI Machine Learning Repository), CC BY 4.0
Only the tables are written here; shop.toml and README.md of each shop stand beside them and are edited by hand.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import polars as pl

GROCERY_PRODUCTS, GIFT_PRODUCTS = 400, 320
FIRST_MONDAY = dt.date(2017, 1, 2)  # first day of week 2 of the panel; week 1 is a single Sunday
SAME_PRICE = 0.02  # two prices within 2 % count as one

MARGIN = {"GROCERY": 0.26, "PRODUCE": 0.34, "MEAT": 0.27, "MEAT-PCKGD": 0.30, "DRUG GM": 0.30, "PASTRY": 0.45, "DELI": 0.40}
"""ASSUMED gross margin at the median price paid, by department; the source has no costs."""
OTHER_MARGIN, GIFT_MARGIN = 0.30, 0.45

US_DAYS = {
    "2017-02-05": "Super Bowl",
    "2017-02-14": "Valentine's Day",
    "2017-04-16": "Easter",
    "2017-05-29": "Memorial Day",
    "2017-07-04": "Independence Day",
    "2017-09-04": "Labor Day",
    "2017-10-31": "Halloween",
    "2017-11-23": "Thanksgiving",
    "2017-12-25": "Christmas",
}
UK_DAYS = {
    "2009-12-25": "Christmas",
    "2010-02-14": "Valentine's Day",
    "2010-03-14": "Mother's Day",
    "2010-04-04": "Easter",
    "2010-12-25": "Christmas",
    "2011-02-14": "Valentine's Day",
    "2011-04-03": "Mother's Day",
    "2011-04-24": "Easter",
    "2011-12-25": "Christmas",
}


_PLAIN_WORDS = (
    "and antique apple assorted bird black blue butterfly cakes ceramic colour craft cream design doily dolly dot enamel felt "
    "feltcraft girl glass green hand hanging heart hearts home hot in ivory jack jumbo large london metal mini natural of pack "
    "paisley paper pink polkadot red regency retro retrospot rose set silver skull small spaceboy spot spotty strawberry sweet tea "
    "the traditional union vintage white with wooden woodland zinc "
)
PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words of gift titles that name a colour, pattern or material, not a thing."""


def modal(rows: pl.DataFrame, keys: list[str], value: str) -> pl.DataFrame:
    """One row a group: the value most rows have, the higher one where two are equally frequent."""
    counts = rows.group_by([*keys, value]).len()
    return counts.sort("len", value, descending=True).group_by(keys, maintain_order=True).first().select([*keys, value])


def grocery_rows(source: Path) -> pl.DataFrame:
    """Purchases of whole weeks with the price paid and the regular price of one unit."""
    rows = pl.read_parquet(source / "transactions.parquet").filter((pl.col("week") >= 2) & (pl.col("quantity") > 0))
    received = pl.col("sales_value") + pl.col("coupon_match_disc")
    return rows.with_columns(
        price=(received / pl.col("quantity")).round(2),
        list_price=((received + pl.col("retail_disc")) / pl.col("quantity")).round(2),
        date=pl.lit(FIRST_MONDAY) + pl.duration(weeks=pl.col("week") - 2),
    ).filter(pl.col("price") > 0)


def steady(rows: pl.DataFrame) -> pl.DataFrame:
    """Products sold in nearly every week by the piece: most buyers of a week paid the same price."""
    weekly = pl.col("price").median().over("product_id", "week")
    near = rows.with_columns(near=((pl.col("price") / weekly - 1).abs() <= SAME_PRICE).mean().over("product_id", "week"))
    counts = near.group_by("product_id").agg(weeks=pl.col("week").n_unique(), bought=pl.len(), near=pl.col("near").mean())
    return counts.filter((pl.col("weeks") >= 40) & (pl.col("near") >= 0.8)).sort("bought", "product_id", descending=[True, False])


def grocery_products(source: Path, rows: pl.DataFrame) -> pl.DataFrame:
    known = pl.read_parquet(source / "products.parquet").with_columns(pl.col("product_id").cast(pl.Int32))
    known = known.filter(~pl.col("department").is_in(["FUEL", "COUPON", "MISCELLANEOUS"]) & pl.col("product_type").is_not_null())
    chosen = steady(rows).join(known, on="product_id").sort("bought", "product_id", descending=[True, False]).head(GROCERY_PRODUCTS)
    usual = rows.group_by("product_id").agg(usual=pl.col("price").median())
    margin = pl.col("department").replace_strict(MARGIN, default=OTHER_MARGIN, return_dtype=pl.Float64)
    size = pl.col("package_size").fill_null("").str.to_lowercase()
    same_start = words("product_type").str.split(" ").list.first().str.slice(0, 4) == words("product_category").str.slice(0, 4)
    kind = pl.when(same_start).then(words("product_type")).otherwise(words("product_category") + ": " + words("product_type"))
    return (
        chosen.join(usual, on="product_id")
        .select(
            sku=pl.col("product_id").cast(pl.String),
            name=(kind + " " + size).str.strip_chars(),
            brand=pl.col("brand").str.to_lowercase() + "-" + pl.col("manufacturer_id").cast(pl.String),
            category=slug("department") + "/" + slug("product_category"),
            family=slug("product_category") + "." + slug("product_type"),
            unit_cost=(pl.col("usual") * (1 - margin)).round(2),
        )
        .sort("sku")
    )


def words(column: str) -> pl.Expr:
    return pl.col(column).str.to_titlecase().str.replace_all(r"\s+", " ").str.strip_chars()


def slug(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "-").str.strip_chars("-")


def grocery_sales(rows: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """One row a week and product: units, the price most buyers paid, and the price usual at that time.

    The source names a regular price that many products are hardly ever sold at, so the regular price here is the upper quartile of the
    weekly prices of a quarter (six weeks before to six weeks after); a week more than 2 % below it counts as a promotion.
    """
    chosen = rows.with_columns(sku=pl.col("product_id").cast(pl.String)).join(products.select("sku"), on="sku")
    keys = ["date", "sku"]
    weekly = chosen.group_by(keys).agg(units=pl.col("quantity").sum()).join(modal(chosen, keys, "price"), on=keys).sort("sku", "date")
    usual = pl.col("price").rolling_quantile(0.75, "nearest", window_size=13, min_samples=1, center=True).over("sku")
    regular = pl.max_horizontal("price", usual)
    return weekly.select(
        *keys, "units", "price", promo=(pl.col("price") < regular * (1 - SAME_PRICE)).cast(pl.Int8), list_price=regular
    ).sort(keys)


def grocery_promotions(source: Path, rows: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Weeks in which at least half of a product's purchases came from stores that advertised or displayed it, neighbours joined."""
    placed = pl.read_parquet(source / "promotions.parquet").select(
        "product_id", "store_id", "week", mailer=pl.col("mailer_location") != "0", display=pl.col("display_location") != "0"
    )
    placed = placed.group_by("product_id", "store_id", "week").agg(pl.col("mailer", "display").max())
    bought = rows.join(placed, on=["product_id", "store_id", "week"], how="left").with_columns(pl.col("mailer", "display").fill_null(False))
    share = bought.group_by("date", sku=pl.col("product_id").cast(pl.String)).agg(pl.col("mailer", "display").mean())
    kind = pl.when(pl.col("mailer") >= 0.5).then(pl.lit("mailer")).when(pl.col("display") >= 0.5).then(pl.lit("display"))
    weeks = share.join(products.select("sku"), on="sku").with_columns(kind=kind).filter(pl.col("kind").is_not_null()).sort("sku", "date")
    fresh = (pl.col("date").diff() != pl.duration(weeks=1)).fill_null(True) | (pl.col("kind") != pl.col("kind").shift()).fill_null(True)
    runs = weeks.with_columns(run=fresh.cum_sum().over("sku"))
    joined = runs.group_by("sku", "run", "kind").agg(start=pl.col("date").min(), end=pl.col("date").max() + pl.duration(days=6))
    return joined.select("sku", "start", "end", "kind").sort("sku", "start")


def gift_lines(source: Path) -> pl.DataFrame:
    """Order lines of goods sold within the United Kingdom: cancellations, corrections and services are dropped."""
    rows = pl.read_parquet(source / "transactions.parquet")
    goods = pl.col("stock_code").str.contains(r"^\d{5}[A-Za-z]{0,2}$")
    real = (pl.col("quantity") > 0) & (pl.col("unit_price_gbp") > 0) & ~pl.col("invoice").str.contains("^[CA]")
    return rows.filter(goods & real & (pl.col("country") == "United Kingdom")).with_columns(
        sku=pl.col("stock_code").str.to_uppercase(), week=pl.col("invoice_date").dt.truncate("1w").dt.date()
    )


def gift_products(lines: pl.DataFrame) -> pl.DataFrame:
    """Goods on sale over the whole time; the kind of thing a title names is the category.

    A family are the variants of one article (five digits plus letter), else titles that start with the same two words (`lunch bag ...`).
    """
    last = lines["week"].max()
    counts = lines.group_by("sku").agg(
        weeks=pl.col("week").n_unique(), lines=pl.len(), first=pl.col("week").min(), last=pl.col("week").max()
    )
    chosen = counts.filter((pl.col("weeks") >= 60) & (pl.col("last") >= last - dt.timedelta(weeks=3)))  # type: ignore[operator]
    chosen = chosen.sort("lines", "sku", descending=[True, False]).head(GIFT_PRODUCTS)
    named = chosen.join(modal(lines.filter(pl.col("description").is_not_null()), ["sku"], "description"), on="sku")
    retail = lines.filter(pl.col("customer_id").is_not_null()).group_by("sku").agg(usual=pl.col("unit_price_gbp").median())
    kind = things(named)
    article = pl.col("sku").str.slice(0, 5)
    start = pl.col("description").str.to_lowercase().str.replace(r"^(set|pack|box)( of)? *[0-9]* *", "").str.extract(r"^([a-z]+ [a-z]+)")
    told = ~start.str.extract("^([a-z]+)").is_in(sorted(PLAIN))
    start = pl.when((pl.len().over(start) > 1) & told).then(start.str.replace(" ", "-"))
    return (
        named.join(retail, on="sku")
        .join(kind, on="sku")
        .select(
            "sku",
            name=words("description"),
            category=pl.lit("gifts/") + pl.col("thing"),
            family=pl.when(pl.len().over(article) > 1).then(article).otherwise(start),
            unit_cost=(pl.col("usual") * (1 - GIFT_MARGIN)).round(2),
        )
        .sort("sku")
    )


def things(products: pl.DataFrame) -> pl.DataFrame:
    """The kind of thing a title names: of its words, the one that most titles of the catalogue hold; `other` where fewer than five do."""
    word = products.select("sku", word=pl.col("description").str.to_lowercase().str.extract_all(r"[a-z]{3,}")).explode("word")
    word = word.filter(~pl.col("word").is_in(sorted(PLAIN))).with_columns(word=pl.col("word").str.replace(r"([^s])s$", "${1}"))
    counts = word.unique().with_columns(titles=pl.len().over("word")).sort("titles", "word", descending=[True, False])
    best = counts.group_by("sku", maintain_order=True).first()
    thing = pl.when(pl.col("titles") >= 5).then(pl.col("word")).otherwise(pl.lit("other"))
    return (
        products.select("sku").join(best.select("sku", thing=thing), on="sku", how="left").with_columns(pl.col("thing").fill_null("other"))
    )


def gift_orders(lines: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Order lines by price list: customers with an account, and sales without one at about twice the price."""
    channel = pl.when(pl.col("customer_id").is_null()).then(pl.lit("guest")).otherwise(pl.lit("account"))
    chosen = lines.join(products.select("sku"), on="sku")
    same_line = ["order_id", "at", "sku", "price", "channel"]
    orders = chosen.select(
        order_id=pl.col("invoice"),
        at=pl.col("invoice_date"),
        sku="sku",
        units=pl.col("quantity"),
        price=pl.col("unit_price_gbp"),
        channel=channel,
    )
    return (
        orders.group_by(same_line)
        .agg(pl.col("units").sum())
        .select("order_id", "at", "sku", "units", "price", "channel")
        .sort("at", "order_id", "sku", "price")
    )


def calendar(days: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"date": list(days), "event": list(days.values())}).with_columns(pl.col("date").str.to_date())


def write(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd", compression_level=19)
        print(f"{folder.name}/{name}.parquet: {table.height} rows, {(folder / f'{name}.parquet').stat().st_size} bytes")


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", type=Path, default=root.parent / "shared" / "data")
    options.add_argument("--target", type=Path, default=root / "src" / "pricesmith" / "data")
    chosen = options.parse_args()
    rows = grocery_rows(chosen.source / "completejourney")
    products = grocery_products(chosen.source / "completejourney", rows)
    promotions = grocery_promotions(chosen.source / "completejourney", rows, products)
    write(
        chosen.target / "grocery",
        {"products": products, "sales": grocery_sales(rows, products), "promotions": promotions, "calendar": calendar(US_DAYS)},
    )
    lines = gift_lines(chosen.source / "uci_online_retail")
    gifts = gift_products(lines)
    write(chosen.target / "gifts", {"products": gifts, "orders": gift_orders(lines, gifts), "calendar": calendar(UK_DAYS)})


if __name__ == "__main__":
    main()
