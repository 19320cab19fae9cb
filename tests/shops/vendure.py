"""A real Vendure with 200 variants, and a customer who orders there."""

from __future__ import annotations

import csv
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.postgres import Server
from tests.shops.catalogue import Article, articles
from tests.shops.processes import LOOPBACK, Child, clean_env, free_port, npm_install, run

PACKAGES = ("@vendure/core@3.7.3", "pg@8")
HEADER = (
    "name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,"
    "variantAssets,variantFacets"
)
SCRIPT = Path(__file__).parent / "js" / "vendure.js"


@dataclass
class Vendure:
    """A running Vendure. Prices contain tax, in USD; `key` is an API key of its administrator."""

    url: str
    admin: str
    password: str
    key: str = ""

    def ask(self, document: str, variables: dict[str, Any] | None = None, *, api: str = "admin-api", token: str = "") -> tuple[Any, str]:
        """Data of an answer, and the session's token."""
        headers = {"vendure-api-key": self.key} if api == "admin-api" and self.key and not token else {}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        answer = httpx.post(
            f"{self.url}/{api}", json={"query": document, "variables": variables or {}}, headers=headers, timeout=60.0, trust_env=False
        )
        document_back = answer.json()
        assert "errors" not in document_back, document_back
        return document_back["data"], answer.headers.get("vendure-auth-token", token)

    def order(self, variant: str, units: int) -> dict[str, Any]:
        """A customer buys something; the order as the shop has it."""
        token = ""
        steps = (
            (
                "mutation($v: ID!, $n: Int!) { addItemToOrder(productVariantId: $v, quantity: $n) "
                "{ __typename ... on ErrorResult { message } } }",
                {"v": variant, "n": units},
            ),
            (
                "mutation($i: CreateCustomerInput!) { setCustomerForOrder(input: $i) { __typename ... on ErrorResult { message } } }",
                {"i": {"firstName": "A", "lastName": "B", "emailAddress": f"{secrets.token_hex(4)}@shop.example"}},
            ),
            (
                "mutation($i: CreateAddressInput!) { setOrderShippingAddress(input: $i) { __typename ... on ErrorResult { message } } }",
                {"i": {"fullName": "A B", "streetLine1": "Ring 1", "city": "Wien", "postalCode": "1010", "countryCode": "AT"}},
            ),
        )
        for document, variables in steps:
            done, token = self.ask(document, variables, api="shop-api", token=token)
            assert all(part["__typename"] == "Order" for part in done.values()), done
        methods, token = self.ask("{ eligibleShippingMethods { id } }", api="shop-api", token=token)
        for document, variables in (
            (
                "mutation($m: [ID!]!) { setOrderShippingMethod(shippingMethodId: $m) { __typename } }",
                {"m": [methods["eligibleShippingMethods"][0]["id"]]},
            ),
            ('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }', {}),
        ):
            done, token = self.ask(document, variables, api="shop-api", token=token)
            assert all(part["__typename"] == "Order" for part in done.values()), done
        paid, _ = self.ask(
            "mutation($i: PaymentInput!) { addPaymentToOrder(input: $i) { __typename ... on Order { code state lines "
            "{ quantity unitPriceWithTax productVariant { sku } } } ... on ErrorResult { message } } }",
            {"i": {"method": "dummy", "metadata": {}}},
            api="shop-api",
            token=token,
        )
        order: dict[str, Any] = paid["addPaymentToOrder"]
        assert order["__typename"] == "Order", order
        return order

    def variants(self) -> dict[str, dict[str, str]]:
        """Id and last change of every variant, by product key."""
        found, _ = self.ask("{ productVariants(options: { take: 500 }) { items { id sku updatedAt } } }")
        return {row["sku"]: row for row in found["productVariants"]["items"]}

    def touched(self) -> dict[str, str]:
        """When each variant was last changed, as the platform says."""
        return {sku: row["updatedAt"] for sku, row in self.variants().items()}

    def shown(self) -> dict[str, int]:
        """Prices as a customer sees them, in minor units."""
        document = "{ products(options: { take: 100 }) { items { variants { sku priceWithTax } } } }"
        found, _ = self.ask(document, api="shop-api")
        return {variant["sku"]: variant["priceWithTax"] for product in found["products"]["items"] for variant in product["variants"]}

    def sell(self, sku: str, units: int) -> int:
        """A customer buys something; the unit price paid, in minor units."""
        (line,) = self.order(self.variants()[sku]["id"], units)["lines"]
        assert (line["productVariant"]["sku"], line["quantity"]) == (sku, units)
        return int(line["unitPriceWithTax"])

    def reprice(self, prices: Mapping[str, int]) -> None:
        """The shopkeeper changes prices by hand."""
        known = self.variants()
        inputs = [{"id": known[sku]["id"], "prices": [{"currencyCode": "USD", "price": price}]} for sku, price in prices.items()]
        self.ask("mutation($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }", {"i": inputs})


@contextmanager
def vendure(server: Server) -> Iterator[Vendure]:
    """Install it where needed, fill it, start it, and stop it at the end."""
    folder = npm_install("vendure", PACKAGES)
    place = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
    try:
        shutil.copy(SCRIPT, place / SCRIPT.name)
        catalogue = place / "catalogue.csv"
        write_catalogue(catalogue, articles())
        shop = Vendure(f"http://{LOOPBACK}:{free_port()}", "superadmin", secrets.token_hex(12))
        env = clean_env(
            HOST=LOOPBACK,
            PORT=shop.url.rpartition(":")[2],
            ADMIN=shop.admin,
            PASSWORD=shop.password,
            COOKIE_SECRET=secrets.token_hex(16),
            DATABASE_URL=server.database("vendure"),
        )
        run(["node", SCRIPT.name, "fill", catalogue], place / "fill.log", cwd=place, env=env)
        child = Child.start(["node", SCRIPT.name, "serve"], place / "serve.log", cwd=place, env=env)
        try:
            child.wait_for(f"{shop.url}/health")
            set_up(shop)
            yield shop
        finally:
            child.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def write_catalogue(path: Path, listed: list[Article]) -> None:
    """The catalogue as Vendure imports it: a product's first variant on its own row, its siblings below."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER.split(","))
        for article in listed:
            first = article.first
            group, value = ("size", article.variant) if article.variant else ("", "")
            name = (article.product, article.product.lower().replace(" ", "-"), article.product) if first else ("", "", "")
            facets = "category:Kitchen|brand:Acme" if first else ""
            out.writerow(
                [
                    *name,
                    "",
                    facets,
                    group if first else "",
                    value,
                    article.sku,
                    article.price_text,
                    "standard",
                    article.stock,
                    "true",
                    "",
                    "",
                ]
            )


def set_up(shop: Vendure) -> None:
    """Prices contain tax, a second currency has prices, costs are known, and there is an API key."""
    _, token = shop.ask(
        "mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }", {"u": shop.admin, "p": shop.password}
    )
    found, _ = shop.ask(
        "{ activeChannel { id } roles { items { id code } } productVariants(options: { take: 500 }) { items { id sku } } }", token=token
    )
    shop.ask(
        "mutation($i: UpdateChannelInput!) { updateChannel(input: $i) { __typename ... on ErrorResult { message } } }",
        {"i": {"id": found["activeChannel"]["id"], "pricesIncludeTax": True, "availableCurrencyCodes": ["USD", "EUR"]}},
        token=token,
    )
    by_sku = {article.sku: article for article in articles()}
    inputs = [
        {
            "id": variant["id"],
            "prices": [{"currencyCode": "EUR", "price": by_sku[variant["sku"]].price - 100}],
            "customFields": {"costPrice": by_sku[variant["sku"]].cost},
        }
        for variant in found["productVariants"]["items"]
    ]
    for start in range(0, len(inputs), 100):
        document = "mutation($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }"
        shop.ask(document, {"i": inputs[start : start + 100]}, token=token)
    role = next(role["id"] for role in found["roles"]["items"] if role["code"] == "__super_admin_role__")
    made, _ = shop.ask(
        "mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { apiKey } }",
        {"i": {"roleIds": [role], "translations": [{"languageCode": "en", "name": "pricesmith"}]}},
        token=token,
    )
    shop.key = made["createApiKey"]["apiKey"]
