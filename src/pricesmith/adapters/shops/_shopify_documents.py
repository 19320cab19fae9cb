"""The documents that are sent to Shopify; each is validated against the published schemas of several versions."""

from __future__ import annotations

SHOP_FACTS = "query ShopFacts { shop { currencyCode taxesIncluded } }"

PRICES = """query Prices($first: Int!, $after: String, $query: String) {
  productVariants(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes { id sku price product { id } } pageInfo { hasNextPage endCursor }
  }
}"""

BY_ID = "query ById($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant { id sku price product { id } } } }"

WRITE = """mutation SetPrices($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants, allowPartialUpdates: true) {
    productVariants { id price } userErrors { code field message }
  }
}"""

VARIANTS = """query Variants($first: Int!, $after: String, $query: String) {
  productVariants(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes {
      sku displayName inventoryQuantity inventoryPolicy inventoryItem { tracked unitCost { amount currencyCode } }
      product { handle vendor productType status }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

ORDERS = """query Orders($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes {
      id createdAt cancelledAt test taxesIncluded
      lineItems(first: 250) { nodes { sku currentQuantity discountedUnitPriceAfterAllDiscountsSet { shopMoney { amount currencyCode } } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

ALL = (SHOP_FACTS, PRICES, BY_ID, WRITE, VARIANTS, ORDERS)
