"""Somebody whom a provider vouches for comes in: their account is made the first time, and their role is what the provider says each time.

asked_person    added_person      clara as approver, by https://login.example
asked_change    changed_person    clara: role analyst, by https://login.example
"""

from __future__ import annotations

import datetime as dt

from pricesmith.contracts.accounts import Accounts, Role
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.signing_in import Identity

from .acts import told


def enter(accounts: Accounts, ledger: Ledger, identity: Identity, role: Role, at: dt.datetime) -> str:
    """The token of a new session.

    Raises UsageError where the name is another's, the person is inactive, or it is the last admin who is to be one no more.
    """
    known = accounts.identities.known(identity.issuer, identity.subject)
    if known is None:
        name = identity.name
        subject = f"{name} as {role}, by {identity.issuer}"
        told(ledger, at, name, "asked_person", subject)
        accounts.identities.add(identity.issuer, identity.subject, name, role, at)
        told(ledger, at, name, "added_person", subject)
    else:
        name, had = known
        if had != role:
            subject = f"{name}: role {role}, by {identity.issuer}"
            told(ledger, at, name, "asked_change", subject)
            accounts.people.change(name, role=role)
            told(ledger, at, name, "changed_person", subject)
    return accounts.sessions.begin(name, at)
