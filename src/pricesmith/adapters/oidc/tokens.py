"""What an ID token must be (OpenID Connect Core 1.0, ID Token Validation): signed by the issuer, for us, for this sign-in, not over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pricesmith.contracts.errors import ProviderError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Asymmetric ones alone: whoever knows the client's secret could sign with another."""
KINDS = ("RSA", "EC", "OKP")
LEEWAY = 60
"""Seconds by which clocks may differ."""


def claims_of(token: str, keys: Any, *, issuer: str, client: str, nonce: str, at: dt.datetime) -> Mapping[str, Any]:
    """The claims of an ID token. Raises ProviderError where it cannot be believed.

    keys  the issuer's JWKS, as it came
    """
    needed = {"essential": True}
    rules: Any = {
        "iss": {**needed, "value": issuer},
        "aud": {**needed, "value": client},
        "nonce": {**needed, "value": nonce},
        **dict.fromkeys(("sub", "exp", "iat"), needed),
    }
    try:
        found = jwt.decode(token, _public(keys), algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(now=int(at.timestamp()), leeway=LEEWAY, **rules).validate(found)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _unbelieved(type(error).__name__) from None
    if found.get("azp", client) != client or (isinstance(found["aud"], list) and len(found["aud"]) > 1 and "azp" not in found):
        raise _unbelieved("it is for somebody else")
    if not isinstance(found["sub"], str) or not 0 < len(found["sub"]) <= 255:
        raise _unbelieved("it names nobody")
    return found


def _public(keys: Any) -> KeySet:
    """Those keys of a JWKS that can have signed."""
    listed = keys.get("keys") if isinstance(keys, dict) else None
    able = [
        {name: value for name, value in key.items() if name not in ("key_ops", "d")}
        for key in listed or []
        if isinstance(key, dict) and key.get("kty") in KINDS and key.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": able})


def _unbelieved(why: str) -> ProviderError:
    return ProviderError(f"the provider's ID token is not to be believed: {why}", hint="sign in again")
