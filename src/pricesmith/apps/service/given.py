"""What a request brings along -> the record that its route asks for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Literal, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from .problem import Refused
from .route import Route

FORM, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"
MOST_FIELDS = 20_000


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that came with a form: the name that its sender gave it, and its bytes on disk, gone when the request is over."""

    name: str
    data: IO[bytes]


@dataclass(frozen=True, slots=True)
class Body:
    """Fields by name, the bytes that they came as (of a form with a file: a digest of all of it), and the file.

    strict  text stands for text alone, not for numbers or dates
    """

    fields: dict[str, Any]
    raw: bytes
    file: Sent | None = None
    strict: bool = False


async def body_of(request: Request, route: Route) -> Body:
    """Query of a GET, form or JSON object of a change. Raises Refused where it is too large or is neither."""
    if not route.changes:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "format"]
        return Body(gathered(query), b"")
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == MULTIPART and route.files:
        return await _with_file(request, route.large)
    raw = await _read(request, route.large)
    if not raw and media not in (FORM, JSON):
        return Body({}, raw)
    if media == FORM and not route.api:
        return Body(gathered(_pairs(raw)), raw)
    if media == JSON:
        return Body(_object(raw), raw, strict=route.api)
    if route.api:
        raise Refused(415, "media_type", f"{media or 'a body of unknown kind'} is not understood", f"send {JSON}")
    raise Refused(415, "media_type", f"{media or 'a body of unknown kind'} is not understood", f"send {JSON} or a form")


async def _read(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Refused(413, "too_large", f"the body is larger than {most:,} bytes")
        parts.append(part)
    return b"".join(parts)


async def _with_file(request: Request, most: int) -> Body:
    """A form with one file, which goes to disk as it comes."""
    from starlette.formparsers import MultiPartException, MultiPartParser

    size = 0

    async def counted() -> AsyncGenerator[bytes, None]:
        nonlocal size
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise Refused(413, "too_large", f"the body is larger than {most:,} bytes")
            yield part

    try:
        form = await MultiPartParser(request.headers, counted(), max_files=1, max_fields=100).parse()
    except MultiPartException:
        raise Refused(400, "bad_form", "the form cannot be read", "send one file and its fields") from None
    fields, file = [], None
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.append((name, value))
        elif value.filename:
            file = Sent(value.filename, value.file)
    return Body(gathered(fields), _digest(fields, file), file)


def _digest(fields: list[tuple[str, str]], file: Sent | None) -> bytes:
    """The same for the same form and file, whatever the browser puts between them."""
    total = hashlib.sha256(repr([pair for pair in fields if pair[0] != "_csrf"]).encode())
    if file is not None:
        total.update(file.name.encode() + b"\0")
        while part := file.data.read(2**20):
            total.update(part)
        file.data.seek(0)
    return total.digest()


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(400, "bad_form", "the form cannot be read", "send it as UTF-8, percent-encoded") from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "bad_json", str(error).splitlines()[0], "send one JSON object") from None


def gathered(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Fields by name; a name that comes several times gathers its values. An empty field is one that was left out."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if value == "" and not name.startswith("_"):
            continue
        if name in found:
            earlier = found[name]
            found[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            found[name] = value
    return found


def filled(route: Route, fields: Mapping[str, Any], strict: bool = False) -> Any:
    """The record of the route. Raises Refused (422) that names the field; unknown fields are refused with the known ones."""
    known = {field.encode_name: field for field in msgspec.structs.fields(route.asks)}
    stranger = next((name for name in fields if name not in known), None)
    if stranger is not None and not route.lenient:
        raise Refused(422, "unknown_field", f"unknown field {stranger!r}", f"known: {', '.join(sorted(known)) or 'none'}")
    fields = {name: value for name, value in fields.items() if name in known}
    alone = {name for name, value in fields.items() if not strict and isinstance(value, str) and _is_list(known[name].type)}
    several = {name: [value] if name in alone else value for name, value in fields.items()}
    try:
        return msgspec.convert(several, route.asks, strict=strict)
    except msgspec.ValidationError as error:
        place = re.match(r"Invalid enum value .* - at `\$\.(\w+)", str(error))
        valid = _choices(known[place[1]].type) if place else []
        hint = f"valid: {', '.join(valid)}" if valid else ""
        raise Refused(422, "bad_field", str(error).replace("`", "'"), hint) from None


def _choices(kind: Any) -> list[str]:
    """What a field of a few values, or a list of such, may hold; an empty one is one that was left out."""
    if get_origin(kind) is Literal:
        return [str(one) for one in get_args(kind) if one != ""]
    return [choice for part in get_args(kind) for choice in _choices(part)]


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) in (list, tuple) or kind in (list, tuple)
