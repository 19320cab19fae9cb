"""A real Medusa with 200 variants, prices in two currencies, and a customer who orders there."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx

from tests.postgres import Server
from tests.shops.catalogue import Article, articles
from tests.shops.processes import LOOPBACK, Child, clean_env, free_port, npm_install, run

PACKAGES = ("@medusajs/medusa@2.21.2", "@medusajs/framework@2.21.2", "@medusajs/cli@2.21.2")
CONFIG = Path(__file__).parent / "js" / "medusa-config.js"
CLI = ("node", "../node_modules/@medusajs/cli/cli.js")


@dataclass
class Medusa:
    """A running Medusa. Prices contain tax; `key` is a secret API key, `known` holds ids made while it was filled."""

    url: str
    email: str
    password: str
    key: str = ""
    token: str = ""
    known: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **params: str) -> Any:
        """An answer to the administrator."""
        headers = {"authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, f"{self.url}{path}", json=body, params=params, headers=headers, timeout=120.0, trust_env=False)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer.json()

    def store(self, method: str, path: str, body: dict[str, Any] | None = None, **params: str) -> Any:
        """An answer to a customer."""
        headers = {"x-publishable-api-key": self.known["publishable"]}
        answer = httpx.request(method, f"{self.url}{path}", json=body, params=params, headers=headers, timeout=60.0, trust_env=False)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer.json()

    def order(self, variant: str, units: int) -> dict[str, Any]:
        """A customer buys something; the order as the shop has it."""
        address = {"first_name": "A", "last_name": "B", "address_1": "Ring 1", "city": "Wien", "postal_code": "1010", "country_code": "at"}
        cart = self.store("POST", "/store/carts", {"region_id": self.known["region"], "email": "a@shop.example"})["cart"]["id"]
        self.store("POST", f"/store/carts/{cart}/line-items", {"variant_id": variant, "quantity": units})
        self.store("POST", f"/store/carts/{cart}", {"shipping_address": address, "billing_address": address})
        ways = self.store("GET", "/store/shipping-options", cart_id=cart)["shipping_options"]
        self.store("POST", f"/store/carts/{cart}/shipping-methods", {"option_id": ways[0]["id"]})
        paying = self.store("POST", "/store/payment-collections", {"cart_id": cart})["payment_collection"]["id"]
        self.store("POST", f"/store/payment-collections/{paying}/payment-sessions", {"provider_id": "pp_system_default"})
        done = self.store("POST", f"/store/carts/{cart}/complete")
        assert done["type"] == "order", done
        order: dict[str, Any] = done["order"]
        return order

    def variants(self, fields: str = "id,sku,product_id,updated_at") -> dict[str, dict[str, Any]]:
        """Fields of every variant, by product key."""
        rows = self.ask("GET", "/admin/product-variants", limit="500", fields=fields)["variants"]
        return {row["sku"]: row for row in rows}

    def touched(self) -> dict[str, str]:
        """When each variant was last changed, as the platform says."""
        return {sku: row["updated_at"] for sku, row in self.variants().items()}

    def shown(self) -> dict[str, int]:
        """Prices as a customer sees them, in minor units."""
        fields = "id,variants.sku,*variants.calculated_price"
        found = self.store("GET", "/store/products", limit="100", region_id=self.known["region"], fields=fields)["products"]
        rows = [variant for product in found for variant in product["variants"]]
        return {row["sku"]: round(100 * row["calculated_price"]["calculated_amount"]) for row in rows}

    def sell(self, sku: str, units: int) -> int:
        """A customer buys something; the unit price paid, in minor units."""
        (item,) = self.order(self.variants()[sku]["id"], units)["items"]
        assert (item["variant_sku"], item["quantity"]) == (sku, units)
        return round(100 * item["unit_price"])

    def reprice(self, prices: Mapping[str, int]) -> None:
        """The shopkeeper changes prices by hand; the set of a variant's prices is sent whole."""
        known = self.variants("id,sku,product_id,*prices")
        for sku, price in prices.items():
            row = known[sku]
            amounts = {one["currency_code"]: one["amount"] for one in row["prices"]} | {"eur": price / 100}
            kept = [
                {"id": one["id"], "currency_code": one["currency_code"], "amount": amounts[one["currency_code"]]} for one in row["prices"]
            ]
            self.ask("POST", f"/admin/products/{row['product_id']}/variants/batch", {"update": [{"id": row["id"], "prices": kept}]})


@contextmanager
def medusa(server: Server) -> Iterator[Medusa]:
    """Install it where needed, make its database, start it, fill it, and stop it at the end."""
    folder = npm_install("medusa", PACKAGES)
    place = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
    try:
        shutil.copy(CONFIG, place / CONFIG.name)
        needs = {name: version for name, _, version in (package.rpartition("@") for package in PACKAGES)}
        (place / "package.json").write_text(json.dumps({"name": "shop-under-test", "private": True, "dependencies": needs}))
        shop = Medusa(f"http://{LOOPBACK}:{free_port()}", "admin@shop.example", secrets.token_hex(12))
        port = shop.url.rpartition(":")[2]
        env = clean_env(HOST=LOOPBACK, PORT=port, COOKIE_SECRET=secrets.token_hex(16), DATABASE_URL=server.database("medusa"))
        run([*CLI, "db:migrate"], place / "fill.log", cwd=place, env=env)
        run([*CLI, "user", "-e", shop.email, "-p", shop.password], place / "fill.log", cwd=place, env=env)
        child = Child.start([*CLI, "start", "-H", LOOPBACK, "-p", port], place / "serve.log", cwd=place, env=env)
        try:
            child.wait_for(f"{shop.url}/health")
            set_up(shop)
            yield shop
        finally:
            child.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def set_up(shop: Medusa) -> None:
    """Currencies, a region, a stock location, shipping, the catalogue with stock, and keys."""
    login = {"email": shop.email, "password": shop.password}
    shop.token = httpx.post(f"{shop.url}/auth/user/emailpass", json=login, timeout=60.0, trust_env=False).json()["token"]
    store = shop.ask("GET", "/admin/stores")["stores"][0]
    money = [
        {"currency_code": "eur", "is_default": True, "is_tax_inclusive": True},
        {"currency_code": "usd", "is_default": False, "is_tax_inclusive": True},
    ]
    shop.ask("POST", f"/admin/stores/{store['id']}", {"supported_currencies": money})
    region = {
        "name": "Europe",
        "currency_code": "eur",
        "countries": ["at"],
        "payment_providers": ["pp_system_default"],
        "is_tax_inclusive": True,
    }
    shop.known["region"] = shop.ask("POST", "/admin/regions", region)["region"]["id"]
    shop.ask(
        "POST",
        "/admin/tax-regions",
        {"country_code": "at", "provider_id": "tp_system", "default_tax_rate": {"rate": 20, "code": "VAT", "name": "VAT"}},
    )
    channels = shop.ask("GET", "/admin/sales-channels")["sales_channels"]
    shop.known["channel"] = channels[0]["id"]
    _set_up_stock(shop)
    for start in range(0, 80, 20):
        _add_products(shop, [list(part) for _, part in groupby(articles(), key=lambda article: article.product)][start : start + 20])
    _fill_stock(shop)
    made = shop.ask("POST", "/admin/api-keys", {"title": "pricesmith", "type": "secret"})
    shop.key = made["api_key"]["token"]
    public = shop.ask("POST", "/admin/api-keys", {"title": "store", "type": "publishable"})["api_key"]
    shop.ask("POST", f"/admin/api-keys/{public['id']}/sales-channels", {"add": [shop.known["channel"]]})
    shop.known["publishable"] = public["token"]


def _set_up_stock(shop: Medusa) -> None:
    place = shop.ask("POST", "/admin/stock-locations", {"name": "Wien"})["stock_location"]["id"]
    shop.known["location"] = place
    shop.ask("POST", f"/admin/stock-locations/{place}/sales-channels", {"add": [shop.known["channel"]]})
    profiles = shop.ask("GET", "/admin/shipping-profiles")["shipping_profiles"]
    profile = (
        profiles[0]
        if profiles
        else shop.ask("POST", "/admin/shipping-profiles", {"name": "default", "type": "default"})["shipping_profile"]
    )
    shop.known["profile"] = profile["id"]
    shop.ask("POST", f"/admin/stock-locations/{place}/fulfillment-providers", {"add": ["manual_manual"]})
    made = shop.ask(
        "POST", f"/admin/stock-locations/{place}/fulfillment-sets", {"name": "Post", "type": "shipping"}, fields="*fulfillment_sets"
    )
    ways = made["stock_location"]["fulfillment_sets"][0]["id"]
    zone = {"name": "Austria", "geo_zones": [{"type": "country", "country_code": "at"}]}
    zones = shop.ask("POST", f"/admin/fulfillment-sets/{ways}/service-zones", zone)["fulfillment_set"]["service_zones"]
    option = {
        "name": "Post",
        "service_zone_id": zones[0]["id"],
        "shipping_profile_id": profile["id"],
        "provider_id": "manual_manual",
        "price_type": "flat",
        "type": {"label": "Post", "description": "Post", "code": "post"},
        "prices": [{"currency_code": "eur", "amount": 5}, {"currency_code": "usd", "amount": 5}],
        "rules": [],
    }
    shop.ask("POST", "/admin/shipping-options", option)


def _add_products(shop: Medusa, products: Sequence[list[Article]]) -> None:
    shop.ask("POST", "/admin/products/batch", {"create": [_product(shop, part) for part in products]})


def _product(shop: Medusa, part: list[Article]) -> dict[str, Any]:
    sizes = [article.variant or "one" for article in part]
    return {
        "title": part[0].product,
        "status": "published",
        "shipping_profile_id": shop.known["profile"],
        "sales_channels": [{"id": shop.known["channel"]}],
        "options": [{"title": "size", "values": sizes}],
        "variants": [
            {
                "title": size,
                "sku": article.sku,
                "manage_inventory": True,
                "options": {"size": size},
                "metadata": {"cost": f"{article.cost // 100}.{article.cost % 100:02d}"},
                "prices": [
                    {"currency_code": "eur", "amount": article.price / 100},
                    {"currency_code": "usd", "amount": (article.price + 100) / 100},
                ],
            }
            for article, size in zip(part, sizes, strict=True)
        ],
    }


def _fill_stock(shop: Medusa) -> None:
    stock = {article.sku: article.stock for article in articles()}
    things = shop.ask("GET", "/admin/inventory-items", limit="1000", fields="id,sku")["inventory_items"]
    rows = [
        {"inventory_item_id": thing["id"], "location_id": shop.known["location"], "stocked_quantity": stock[thing["sku"]]}
        for thing in things
    ]
    shop.ask("POST", "/admin/inventory-items/location-levels/batch", {"create": rows})
