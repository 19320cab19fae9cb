"""The key that signs: Ed25519, in a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from pricesmith.contracts.errors import LedgerError


class Ed25519Signer:
    """Signs bytes (the protocol Signer)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @property
    def key(self) -> str:
        """The public key, in hexadecimal: what others need to check a signature."""
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, data: bytes) -> str:
        """The signature, in hexadecimal. The same bytes give the same one."""
        return self._private.sign(data).hex()


def is_signed(data: bytes, signature: str, key: str) -> bool:
    """Whether the holder of that public key signed these bytes; False too where key or signature cannot be read."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def signer_at(path: Path) -> Ed25519Signer:
    """The signer whose key is in a PEM file; a new key where there is none. A key that others can read raises LedgerError."""
    if not path.exists():
        _make(path)
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise LedgerError("others can read the key that signs", where=str(path), hint=f"chmod 600 {path.name}, or make a new one")
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise LedgerError(f"the key that signs cannot be read: {error}", where=str(path), hint="an Ed25519 key in PEM form") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise LedgerError("the key that signs is of another kind", where=str(path), hint="an Ed25519 key in PEM form")
    return Ed25519Signer(private)


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; where another process was first, its key stays."""
    data = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        return
    except OSError as error:
        raise LedgerError(f"the key that signs cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        partial.unlink(missing_ok=True)
