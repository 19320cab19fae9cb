"""Bytes of a connection -> requests (RFC 9112), strictly: what two readers could understand in two ways is refused.

Requests are the same however the bytes were split. The header block of a connection is checked once and known again by its bytes.
"""

from __future__ import annotations

import re

from msgspec import Struct

from .records import Refused

MOST_HEAD, MOST_BODY, MOST_HEADERS = 8192, 512 * 1024, 64
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
_BLOCK = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t \x21-\x7e\x80-\xff]*\r\n)*")
_LENGTH = re.compile(rb"[0-9]{1,10}")
_PORT = re.compile(rb":[0-9]*$")
_ONCE = frozenset({b"host", b"content-length", b"transfer-encoding", b"authorization", b"content-type", b"expect"})


class Headers(Struct, frozen=True):
    """The header lines that matter.

    name    of the host, without a port
    length  bytes of the body
    close   the client wants the connection to end after the answer
    expect  it waits for a word before it sends the body
    """

    length: int = 0
    name: bytes = b""
    authorization: bytes = b""
    match: bytes = b""
    media: bytes = b""
    close: bool = False
    expect: bool = False


class Request(Struct, frozen=True, gc=False):
    method: bytes
    target: bytes
    headers: Headers
    body: bytes = b""


class Parser:
    """The requests of one connection. After Refused it must not be asked again.

    waits  a request has begun and is not complete
    """

    __slots__ = ("_block", "_buffer", "_headers", "_missing", "_open", "_parts", "_place", "continues")

    def __init__(self) -> None:
        self._buffer, self._place = b"", 0
        self._block, self._headers = b"", Headers()
        self._open: Request | None = None
        self._parts: list[bytes] = []
        self._missing = 0
        self.continues = False

    @property
    def waits(self) -> bool:
        return self._open is not None or self._place < len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer = data if self._place == len(self._buffer) else self._buffer[self._place :] + data
        self._place = 0

    def next(self) -> Request | None:
        """The next complete request, None until more bytes come. Raises Refused.

        continues  is set where the client waits for a word before it sends the body
        """
        if self._open is not None:
            return self._body(self._open)
        buffer, start = self._buffer, self._place
        while buffer.startswith(b"\r\n", start):
            start += 2
        self._place = start
        end = buffer.find(b"\r\n\r\n", start)
        if (end if end >= 0 else len(buffer) - 3) - start > MOST_HEAD:
            raise Refused(431, "head_too_large", f"the head of a request is at most {MOST_HEAD:,} bytes", close=True)
        if end < 0:
            return None
        first = buffer.find(b"\r\n", start)
        method, target, newest = _line(buffer[start:first])
        headers = self._known(buffer[first + 2 : end + 2], newest)
        self._place = end + 4
        if not headers.length:
            return Request(method, target, headers)
        self._open, self._missing = Request(method, target, headers), headers.length
        return self._body(self._open)

    def _known(self, block: bytes, newest: bool) -> Headers:
        """The headers of a block; HTTP/1.0 ends after one request and needs no Host."""
        if not newest:
            return _headers(block, newest)
        if block != self._block or not block:
            self._headers = _headers(block, newest)
            self._block = block
        return self._headers

    def _body(self, request: Request) -> Request | None:
        part = self._buffer[self._place : self._place + self._missing]
        self._place += len(part)
        self._missing -= len(part)
        self._parts.append(part)
        if self._missing:
            self.continues = request.headers.expect and not any(self._parts)
            return None
        body = b"".join(self._parts)
        self._open, self._parts = None, []
        return Request(request.method, request.target, request.headers, body)


def _line(line: bytes) -> tuple[bytes, bytes, bool]:
    """Method, target, and whether it is HTTP/1.1."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise Refused(400, "bad_request_line", "the first line is not `METHOD TARGET HTTP/1.1`", close=True)
    method, target, major, minor = found.groups()
    if major != b"1" or minor not in b"01":
        raise Refused(505, "http_version", "HTTP/1.1 is spoken here", close=True)
    return method, target, minor == b"1"


def _headers(block: bytes, newest: bool) -> Headers:
    """Check a block of header lines, each with its end."""
    if _BLOCK.fullmatch(block) is None or block.count(b"\r\n") > MOST_HEADERS:
        raise Refused(400, "bad_header", f"a header line is not `Name: value`, or there are more than {MOST_HEADERS}", close=True)
    found: dict[bytes, bytes] = {}
    for line in block.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name in found and name in _ONCE:
            raise Refused(400, "header_twice", f"{name.decode()} comes twice", close=True)
        found[name] = found[name] + b", " + value if name in found else value
    if newest and not found.get(b"host"):
        raise Refused(400, "no_host", "a request names its Host", close=True)
    expect = _expects(found)
    return Headers(
        length=_length(found),
        name=_PORT.sub(b"", found.get(b"host", b"").lower()),
        authorization=found.get(b"authorization", b""),
        match=found.get(b"if-none-match", b""),
        media=found.get(b"content-type", b"").partition(b";")[0].strip().lower(),
        close=not newest or b"close" in [word.strip() for word in found.get(b"connection", b"").lower().split(b",")],
        expect=expect,
    )


def _length(found: dict[bytes, bytes]) -> int:
    if b"transfer-encoding" in found:
        raise Refused(411, "length_required", "a body comes with Content-Length, not in chunks", close=True)
    text = found.get(b"content-length", b"0")
    if _LENGTH.fullmatch(text) is None:
        raise Refused(400, "bad_length", "Content-Length is no number", close=True)
    if int(text) > MOST_BODY:
        raise Refused(413, "too_large", f"the body is larger than {MOST_BODY:,} bytes", close=True)
    return int(text)


def _expects(found: dict[bytes, bytes]) -> bool:
    text = found.get(b"expect", b"").lower()
    if text not in (b"", b"100-continue"):
        raise Refused(417, "expectation", "nothing but 100-continue can be expected", close=True)
    return bool(text)
