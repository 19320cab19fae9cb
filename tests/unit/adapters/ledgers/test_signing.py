"""The key that signs, and what is made of signed heads."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pricesmith.adapters.ledgers import signing
from pricesmith.adapters.ledgers.checkpoints import Checkpoint, export, judged, parse, signed
from pricesmith.adapters.ledgers.signing import Ed25519Signer, is_signed, signer_at
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import Act
from pricesmith.testing.ledger_rows import AT
from tests.ledger_places import SqlitePlace


def test_published_vector() -> None:
    """RFC 8032, 7.1, test 2."""
    seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))
    assert signer.key == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert signer.sign(b"\x72") == signature and is_signed(b"\x72", signature, signer.key)
    assert not is_signed(b"\x73", signature, signer.key)
    assert not is_signed(b"\x72", "no", signer.key) and not is_signed(b"\x72", signature, "00")


def test_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    signer = signer_at(path)
    assert path.stat().st_mode & 0o777 == 0o600 and signer_at(path).key == signer.key
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.key"]
    path.chmod(0o640)
    with pytest.raises(LedgerError, match="others can read"):
        signer_at(path)


def test_another_process_was_first(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    key = signer_at(path).key
    signing._make(path)
    assert signer_at(path).key == key


def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    path.write_bytes(b"secret")
    path.chmod(0o600)
    with pytest.raises(LedgerError, match="cannot be read") as caught:
        signer_at(path)
    path.write_bytes(X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(LedgerError, match="another kind"):
        signer_at(path)
    with pytest.raises(LedgerError, match="cannot be written"):
        signer_at(tmp_path / "no" / "ledger.key")
    assert "b'secret'" not in caught.value.line


def test_checkpoints_come_back_from_their_file(tmp_path: Path) -> None:
    signer = signer_at(tmp_path / "ledger.key")
    heads = [signed(seq, 5, "0" * 64, signer) for seq in (1, 2)]
    for head in heads:
        export(tmp_path / "out.jsonl", head)
    assert parse((tmp_path / "out.jsonl").read_bytes()) == heads
    assert judged(heads, heads, signer.key) == (heads, []) == judged(heads, [], None)


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'{"seq": "1"}', b"\xff", b'{"seq": 1, "at": 1, "chain": "", "key": "", "signature": "", "more": 1}']
)
def test_a_line_that_is_no_checkpoint_is_named(line: bytes) -> None:
    good = b'{"seq": 1, "at": 1, "chain": "", "key": "", "signature": ""}'
    with pytest.raises(LedgerError, match=r"file:2: is no checkpoint"):
        parse(good + b"\n" + line, "file")


def test_export_that_fails_says_that_the_ledger_has_it(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="it stands in the ledger"):
        export(tmp_path / "no" / "out.jsonl", Checkpoint(1, 1, "", "", ""))


def test_verify_needs_no_key_and_no_file(tmp_path: Path) -> None:
    """Each checkpoint is then judged by its own key."""
    books = SqlitePlace(tmp_path).open()
    books.append(Act(AT, "anna", "noted", "it"), {})
    books.checkpoint(AT)
    books.key.unlink()
    books.exported.unlink()
    assert books.verify().checkpoints == 1
