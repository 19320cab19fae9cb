"""A provider of OpenID Connect: authorization code flow with PKCE (RFC 7636), state and nonce.

Its document and keys are asked for each time: sign-ins are rare, and a key that was changed is known at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client

from pricesmith.contracts.errors import ProviderError
from pricesmith.contracts.signing_in import Errand, Identity, OidcPolicy

from .fenced import HEADERS, Fenced, safe
from .tokens import claims_of

TIMEOUT = 10.0
WELL_KNOWN = "/.well-known/openid-configuration"
Document = Mapping[str, Any]


class OidcProvider:
    """The protocol Provider.

    secret  of the client
    inner   carries the calls once they are allowed; None: the network
    """

    def __init__(self, policy: OidcPolicy, secret: str, inner: httpx2.BaseTransport | None = None) -> None:
        self.policy = policy
        safe(policy.issuer, policy.issuer)
        self._secret, self._inner = secret, inner

    def begin(self, back: str, to: str) -> tuple[str, Errand]:
        with self._client(back) as client:
            place = _address(self._document(client), "authorization_endpoint", self.policy.issuer)
            nonce, verifier = generate_token(43), generate_token(64)
            address, state = client.create_authorization_url(place, code_verifier=verifier, nonce=nonce)
        return address, Errand(state, nonce, verifier, back, to)

    def finish(self, errand: Errand, code: str, issuer: str, at: dt.datetime) -> Identity:
        with self._client(errand.back) as client:
            document = self._document(client)
            self._sent_by(issuer, document)
            token = self._token(client, document, code, errand.verifier)
            keys = self._asked(client, _address(document, "jwks_uri", self.policy.issuer))
            named = {"issuer": self.policy.issuer, "client": self.policy.client_id, "nonce": errand.nonce}
            claims = claims_of(token["id_token"], keys, **named, at=at)
            return self._identity({**self._told(client, document, token, claims), **claims})

    def _sent_by(self, issuer: str, document: Document) -> None:
        """Who sent the browser back (RFC 9207), so that no other provider's answer is taken for this one's."""
        needed = document.get("authorization_response_iss_parameter_supported") is True
        if issuer != self.policy.issuer and (issuer or needed):
            raise ProviderError("another provider sent this answer", hint="sign in again")

    def _token(self, client: OAuth2Client, document: Document, code: str, verifier: str) -> Document:
        known = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        client.token_endpoint_auth_method = "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"
        place = _address(document, "token_endpoint", self.policy.issuer)
        try:
            found: Document = client.fetch_token(place, code=code, code_verifier=verifier)
        except AuthlibBaseError as error:
            raise ProviderError(f"the provider refuses the sign-in: {str(error.error)[:60]}", hint="sign in again") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise _failed(place, type(error).__name__) from None
        if not isinstance(found.get("id_token"), str):
            raise ProviderError("the provider sent no ID token", hint="is the scope openid allowed there?")
        return found

    def _told(self, client: OAuth2Client, document: Document, token: Document, claims: Document) -> Document:
        """What the provider says of the person beside the ID token, where that does not say all."""
        place = document.get("userinfo_endpoint")
        if not place or (self.policy.claim in claims and self.policy.name in claims):
            return {}
        bearer = {"authorization": f"Bearer {token.get('access_token', '')}"}
        found = self._asked(client, safe(str(place), self.policy.issuer), bearer)
        if not isinstance(found, dict) or found.get("sub") != claims["sub"]:
            raise ProviderError("the provider speaks of somebody else", hint="sign in again")
        return found

    def _identity(self, claims: Document) -> Identity:
        name, given = claims.get(self.policy.name), claims.get(self.policy.claim, [])
        if not isinstance(name, str) or not name.strip():
            hint = "`name` and `scopes` of [desk.oidc] say what is asked for"
            raise ProviderError(f"the provider tells no {self.policy.name}", hint=hint)
        values = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        return Identity(self.policy.issuer, claims["sub"], name, tuple(value for value in values if isinstance(value, str)))

    def _document(self, client: OAuth2Client) -> Document:
        found = self._asked(client, self.policy.issuer.rstrip("/") + WELL_KNOWN)
        if not isinstance(found, dict) or found.get("issuer") != self.policy.issuer:
            raise ProviderError("the provider calls itself otherwise", where=self.policy.issuer, hint="`issuer` must be as it calls itself")
        return found

    def _asked(self, client: OAuth2Client, place: str, headers: Mapping[str, str] | None = None) -> Any:
        try:
            answer = client.request("GET", place, headers=headers, withhold_token=True)
            if answer.status_code != 200:
                raise _failed(place, f"status {answer.status_code}")
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise _failed(place, type(error).__name__) from None

    def _client(self, back: str) -> OAuth2Client:
        asked = " ".join(dict.fromkeys(["openid", *self.policy.scopes]))
        transport = Fenced(self.policy.issuer, inner=self._inner)
        how = {"transport": transport, "timeout": TIMEOUT, "trust_env": False, "follow_redirects": False, "headers": HEADERS}
        named = {"scope": asked, "redirect_uri": back, "code_challenge_method": "S256"}
        return OAuth2Client(self.policy.client_id, self._secret, **named, **how)


def _address(document: Document, name: str, issuer: str) -> str:
    """An address of the provider's document."""
    return safe(str(document.get(name) or ""), issuer)


def _failed(place: str, why: str) -> ProviderError:
    hint = "try again later, or sign in with a password"
    return ProviderError(f"the provider cannot be reached: {why}", where=urlsplit(place).netloc, hint=hint)
