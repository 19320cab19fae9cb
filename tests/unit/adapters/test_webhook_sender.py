"""P33: an address that somebody wrote down leads nowhere but to the public internet, and to no other place than was looked up."""

from __future__ import annotations

import socket
import ssl
from threading import Thread

import pytest

from pricesmith.adapters.webhooks.public import is_public, target
from pricesmith.adapters.webhooks.sender import PublicSender, look_up
from pricesmith.contracts.errors import PricesmithError, ShopError, UsageError

TRICKS = (
    # this machine, in every way of writing it
    "https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://app.localhost/",
    "https://127·0·0·1/", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/",
    "https://0177.0.0.1/", "https://017700000001/", "https://127·0·0·1./", "https://0/", "https://0·0·0·0/", "https://127·255·255·254/",
    "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127·0·0·1]/", "https://[::ffff:7f00:1]/",
    "https://[::127·0·0·1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://[fd12::1]/",
    "https://[fec0::1]/", "https://[ff02::1]/", "https://[2001:db8::1]/", "https://[100::1]/",
    # private and odd networks, and metadata of clouds
    "https://10·0·0·1/", "https://172·16·0·1/", "https://172·31·255·255/", "https://192·168·0·1/", "https://100·64·0·1/",
    "https://169·254·169·254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://[::ffff:169·254·169·254]/", "https://2852039166/",
    "https://0xa9fea9fe/", "https://100·100·100·200/", "https://168·63·129·16/", "https://192·0·0·192/", "https://198·18·0·1/",
    "https://192·0·2·1/", "https://224·0·0·1/", "https://240·0·0·1/", "https://255·255·255·255/", "https://metadata.google.internal/",
    # other schemes, users, ports, and letters that parsers read differently
    "http://shop.example.com/", "ftp://shop.example.com/", "file:///etc/passwd", "gopher://127·0·0·1:6379/_x", "//127·0·0·1/", "",
    "https://shop.example.com@127·0·0·1/", "https://127·0·0·1#@shop.example.com/", "https://shop.example.com\\@127·0·0·1/",
    "https://127·0·0·1%2f@shop.example.com/", "https://shop.example.com:22/", "https://shop.example.com:99999/", "https://shop.example.com:x/",
    "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://shop.example.com\r\nHost: x/", "https://shop.example.com /", "https:///x",
    "https://[::1", "https://printer/", "https://router.lan/", "https://db.corp/", "https://1·0·0·127.in-addr.arpa/",
    # names that lead inside
    "https://inside.example.com/", "https://metadata.example.com/", "https://six.example.com/", "https://both.example.com/",
)  # fmt: skip
"""The dots of IPv4 addresses are written ·, since no address may stand in our texts."""
LEADS = {
    "inside.example.com": ["10·0·0·7"],
    "metadata.example.com": ["169·254·169·254"],
    "six.example.com": ["::ffff:10·0·0·7"],
    "both.example.com": ["93·184·215·14", "127·0·0·1"],
}


class Watched:
    """Look-ups and connections of a test; nothing is really connected to."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.looked, self.opened = list(answers), [], []

    def look(self, host: str, port: int) -> list[str]:
        self.looked.append(host)
        if self.answers:
            return [dotted(one) for one in self.answers.pop(0)]
        return [dotted(one) for one in LEADS[host]] if host in LEADS else look_up(host, port)

    def open(self, address: str, port: int) -> socket.socket:
        self.opened.append((address, port))
        raise ConnectionRefusedError


def dotted(text: str) -> str:
    return text.replace("·", ".")


def test_there_are_sixty_tricks() -> None:
    assert len(set(TRICKS)) == len(TRICKS) >= 60


@pytest.mark.parametrize("url", TRICKS)
def test_no_trick_connects(url: str) -> None:
    seen = Watched()
    with pytest.raises(UsageError):
        PublicSender(seen.look, seen.open)(dotted(url), {}, b"{}")
    assert seen.opened == []


def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    """DNS rebinding: the first look-up is public, later ones are not. There is one look-up, and its answer is what is connected to."""
    seen = Watched(["93·184·215·14"], ["127·0·0·1"], ["127·0·0·1"])
    with pytest.raises(ShopError):
        PublicSender(seen.look, seen.open)("https://rebind.example.com/x", {}, b"{}")
    assert seen.opened == [(dotted("93·184·215·14"), 443)] and seen.looked == ["rebind.example.com"]


PUBLIC = ("https://hooks.example.com/a?b=c", "https://hooks.example.com:8443/", "https://8·8·8·8/", "https://[2606:4700::1111]/")


@pytest.mark.parametrize("url", PUBLIC)
def test_what_is_public_is_asked(url: str) -> None:
    seen = Watched(["93·184·215·14"])
    with pytest.raises(ShopError):
        PublicSender(seen.look, seen.open)(dotted(url), {}, b"{}")
    assert len(seen.opened) == 1


def test_what_was_checked_is_what_is_asked() -> None:
    assert target("https://Hooks.Example.com/a?b=c") == target("https://hooks.example.com:443/a?b=c")
    assert is_public(dotted("8·8·8·8")) and is_public("2606:4700::1111")
    assert not any(is_public(dotted(text)) for text in ("10·0·0·1", "::1", "x", ""))


class Plain:
    """In place of TLS: the connection as it is."""

    def wrap_socket(self, sock: socket.socket, server_hostname: str) -> socket.socket:
        self.name = server_hostname
        return sock


def answering(text: bytes) -> tuple[socket.socket, list[bytes]]:
    """One end of a connection whose other end answers so, and what that end got."""
    mine, other = socket.socketpair()
    got: list[bytes] = []

    def answer() -> None:
        whole = b""
        while not whole.endswith(b'{"x": 1}'):
            whole += other.recv(65536)
        got.append(whole)
        other.sendall(text)
        other.close()

    Thread(target=answer, daemon=True).start()
    return mine, got


def sent(text: bytes) -> tuple[int, bytes, list[str], str]:
    mine, got = answering(text)
    plain, opened = Plain(), []

    def open_(address: str, _port: int) -> socket.socket:
        opened.append(address)
        return mine

    sender = PublicSender(lambda *_: [dotted("93·184·215·14")], open_, plain)  # type: ignore[arg-type]
    status = sender("https://hooks.example.com/a", {"webhook-id": "1"}, b'{"x": 1}')
    return status, got[0], opened, plain.name


def test_a_message_arrives_under_the_name_at_the_address() -> None:
    status, got, opened, name = sent(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (status, opened, name) == (204, [dotted("93·184·215·14")], "hooks.example.com")
    assert got.startswith(b"POST /a HTTP/1.1\r\nHost: hooks.example.com\r\n") and got.endswith(b'{"x": 1}') and b"webhook-id: 1" in got


def test_a_redirect_is_not_followed() -> None:
    status, _, opened, _ = sent(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://[::1]/\r\nContent-Length: 0\r\n\r\n")
    assert (status, len(opened)) == (307, 1)


@pytest.mark.parametrize("text", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 xx\r\n\r\n"])
def test_what_does_not_answer_as_http_is_tried_again_later(text: bytes) -> None:
    with pytest.raises(PricesmithError, match="cannot be reached"):
        sent(text)


def test_certificates_are_checked() -> None:
    context = PublicSender().context
    assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
