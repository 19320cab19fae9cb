"""Two hundred texts that would run a script where they were not escaped, and a shop whose every text is one of them."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

CALLS = ("alert(1)", "alert`1`", "top.alert(1)", "window['al'+'ert'](1)", "setTimeout('alert(1)')")
CARRIERS = (
    "<script>{}</script>",
    "<ScRiPt>{}</sCrIpT>",
    "</title><script>{}</script>",
    '"><script>{}</script>',
    "'><script>{}</script>",
    "<img src=x onerror={}>",
    '"><img src=x onerror="{}">',
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<body onload={}>",
    "<iframe srcdoc='<script>{}</script>'>",
    '<a href="javascript:{}">x</a>',
    "javascript:{}",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    '" onmouseover="{}',
    "' autofocus onfocus='{}",
    "<video><source onerror={}></video>",
    '<math><mi xlink:href="javascript:{}">x</mi></math>',
    "<style>@import 'javascript:{}'</style>",
    "{{{{constructor.constructor('{}')()}}}}",
    "${{{}}}",
    "</textarea><script>{}</script>",
    "</svg><script>{}</script>",
    '<object data="javascript:{}">',
    '<embed src="javascript:{}">',
    '<form action="javascript:{}"><button>x</button></form>',
    '<base href="javascript:{}//">',
    '<link rel=stylesheet href="javascript:{}">',
    '<meta http-equiv=refresh content="0;url=javascript:{}">',
    "<marquee onstart={}>",
    "<select autofocus onfocus={}>",
    "<!--><script>{}</script>-->",
    "]]><script>{}</script>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "<scr<script>ipt>{}</scr</script>ipt>",
    '<img src="x` `<script>{}</script>">',
    "<x contenteditable onblur={}>x</x>",
)
PAYLOADS = [carrier.format(call) for carrier, call in product(CARRIERS, CALLS)]
assert len(PAYLOADS) == 200
START, DAYS = dt.date(2026, 5, 4), 60
TOML = """
name = {name}
currency = "EUR"
[model]
draws = 16
[[rule]]
kind = "max_change"
step = 0.08
[shop.web]
platform = "csv_feed"
url = "feed.csv"
"""


def write(folder: Path) -> Path:
    """A shop folder of 200 products whose every text is a payload, so that each payload stands once in every field."""
    import msgspec

    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text(TOML.format(name=msgspec.json.encode(PAYLOADS[5]).decode()), encoding="utf-8")
    turned = [PAYLOADS[shift:] + PAYLOADS[:shift] for shift in range(7)]
    names = ("sku", "name", "brand", "category", "family", "role", "description")
    texts = dict(zip(names, turned, strict=True))
    pl.DataFrame({**texts, "unit_cost": 1.0}).write_csv(folder / "data" / "products.csv")
    rng = np.random.default_rng(3)
    rows = {
        "date": [START + dt.timedelta(days=day) for _ in texts["sku"] for day in range(0, DAYS, 3)],
        "sku": [sku for sku in texts["sku"] for _ in range(0, DAYS, 3)],
    }
    count = len(rows["sku"])
    prices = np.round(rng.uniform(2.0, 3.0, count), 1)
    pl.DataFrame({**rows, "units": rng.poisson(4.0, count), "price": prices}).write_csv(folder / "data" / "sales.csv")
    offers = {
        "observed_at": START + dt.timedelta(days=DAYS - 3),
        "sku": texts["sku"],
        "competitor": turned[1],
        "price": 2.5,
        "url": turned[2],
    }
    pl.DataFrame(offers).write_csv(folder / "data" / "competitor_prices.csv")
    events = {"date": [START + dt.timedelta(days=day) for day in range(20)], "event": PAYLOADS[:20]}
    pl.DataFrame(events).write_csv(folder / "data" / "calendar.csv")
    with (folder / "data" / "sales.csv").open("a", encoding="utf-8") as file:
        file.writelines(
            f'2026-05-0{number % 7 + 4},"nobody","{text}",1\n' for number, text in enumerate(t.replace('"', '""') for t in PAYLOADS[:30])
        )
    return folder
