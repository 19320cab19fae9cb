"""Who asks, and whether they may: session, key, or a desk on this machine without accounts. What is not allowed is refused here alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from pricesmith.contracts.accounts import SCOPES, Who

from .ask import Desk
from .problem import Refused
from .route import Route

SESSION, LOCAL = "ps_session", "ps_local"
NAME = re.compile(r"^[\w .@-]{1,60}$")
SOMEBODY = "operator"
"""Who acts at a desk without accounts until they say their name."""


def who(desk: Desk, cookies: Mapping[str, str], authorization: str, at: dt.datetime) -> Who | None:
    """Who asks; None where nobody is signed in. A wrong key is refused, not taken for nobody."""
    if authorization:
        kind, _, key = authorization.partition(" ")
        found = desk.accounts.keys.of(key.strip(), at) if kind.lower() == "bearer" else None
        if found is None:
            raise Refused(401, "wrong_key", "this key is wrong, expired or revoked", "`pricesmith keys DIR make` makes one")
        return found
    if SESSION in cookies:
        found = desk.accounts.sessions.of(cookies[SESSION], at)
        if found is not None:
            return found
    if desk.open_ and LOCAL in cookies:
        name = unquote(cookies[LOCAL].partition(".")[2])
        return Who(name if NAME.match(name) else SOMEBODY, frozenset(SCOPES), "local")
    return Who(SOMEBODY, frozenset(SCOPES), "local") if desk.open_ else None


def allowed(route: Route, asker: Who | None) -> None:
    """Raises Refused where the route needs more than the asker may."""
    if route.scope is None:
        return
    if asker is None:
        raise Refused(401, "not_signed_in", "nobody is signed in", "sign in at /sign-in, or send a key: Authorization: Bearer ps_...")
    if not asker.may(route.scope):
        raise Refused(403, "not_allowed", f"{asker.name} may not {route.scope} here", "an admin can change the role")


def binding(cookies: Mapping[str, str]) -> str:
    """What a token against forgery is bound to: the session, else this browser's own cookie."""
    return cookies.get(SESSION) or cookies.get(LOCAL, "").partition(".")[0]


def token(desk: Desk, bound: str) -> str:
    """The token that forms carry; worthless to another session or browser."""
    return hmac.new(desk.secret, b"form\0" + bound.encode(), hashlib.sha256).hexdigest()


def genuine(desk: Desk, asker: Who | None, cookies: Mapping[str, str], headers: Mapping[str, str], given: str) -> None:
    """Raises Refused for a change that another site may have sent in the asker's name. A key is sent by programs alone."""
    if asker is not None and asker.via == "key":
        return
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "other_site", "this was sent from another site", "use the pages of this desk")
    origin = headers.get("origin", "")
    if origin and urlsplit(origin).netloc != headers.get("host", ""):
        raise Refused(403, "other_site", f"this was sent from {origin}", "use the pages of this desk")
    bound = binding(cookies)
    if not bound or not hmac.compare_digest(given.encode(), token(desk, bound).encode()):
        raise Refused(403, "old_page", "this form is from an earlier session", "load the page again")


def host_known(desk: Desk, host: str) -> bool:
    """Whether the request was meant for this desk: a name that another site points at this machine is not."""
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    return name.strip("[]").lower() in desk.hosts
