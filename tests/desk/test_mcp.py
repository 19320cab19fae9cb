"""What an assistant can do: look, and keep a draft. Nothing else, whatever it is told."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from pricesmith.apps.mcp.protocol import LONGEST, answered, serve
from pricesmith.apps.mcp.tools import TOOLS, Prices, Room
from pricesmith.contracts.ledger import LEDGER
from pricesmith.flows.desk.prices.table import Filters
from pricesmith.flows.desk.rules import drafts

from .place import Place, place


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


@pytest.fixture
def room(desk: Place) -> Room:
    return Room(desk.desk.reading, desk.accounts.kept, "anna")


def ask(room: Room, method: str, **params: Any) -> Any:
    answer = answered(room, json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    assert answer is not None and answer["id"] == 1
    return answer


def use(room: Room, tool: str, **given: Any) -> Any:
    result = ask(room, "tools/call", name=tool, arguments=given)["result"]
    assert not result["isError"], result
    return json.loads(result["content"][0]["text"])


def whole(desk: Place) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the ledger, row by row, and every file of the shop folder but the database."""
    tables = {name: desk.desk.reading.book.read(name).rows() for name in LEDGER}
    files = [(str(path), path.read_bytes()) for path in sorted(desk.folder.rglob("*")) if path.is_file() and ".db" not in path.name]
    return {**tables, "files": files}  # type: ignore[dict-item]


def test_no_tool_changes_the_ledger_or_the_shop(desk: Place, room: Room) -> None:
    """Every tool there is, used; each table and file compared before and after."""
    sku = desk.desk.reading.run(desk.run).decided["sku"][0]
    given: dict[str, dict[str, Any]] = {
        "list_runs": {},
        "list_prices": {"size": 3, "action": "change"},
        "show_product": {"sku": sku},
        "show_outcome": {},
        "show_audit": {},
        "show_policy": {},
        "save_draft_policy": {"text": "currency = 'EUR'\n", "about": "try"},
    }
    assert [tool.name for tool in TOOLS] == list(given), "a new tool is tried here too"
    before = whole(desk)
    assert before["runs"] and before["decided"] and before["files"]
    for name, one in given.items():
        assert use(room, name, **one)
    assert whole(desk) == before
    assert [one.name for one in drafts.listed(desk.accounts.kept, "anna")] and not drafts.listed(desk.accounts.kept, "ben")
    assert [tool.name for tool in TOOLS if not tool.reads] == ["save_draft_policy"]


@pytest.mark.parametrize("tool", ["approve", "publish", "stop", "resume", "override", "undo", "attest", "list_runs; approve", "", None, 7])
def test_what_is_for_people_is_no_tool(tool: Any, desk: Place, room: Room) -> None:
    before = whole(desk)
    assert ask(room, "tools/call", name=tool, arguments={})["error"]["code"] == -32602
    assert whole(desk) == before


def test_tools_reach_nothing_that_writes() -> None:
    """No file of theirs names an act of a person, a job or a shop."""
    import pricesmith.apps.mcp as home

    text = "".join(path.read_text(encoding="utf-8") for path in Path(home.__path__[0]).glob("*.py"))
    for word in ("flows.publishing", ".append(", "jobs.begin", "subprocess", "httpx", "shop_of", "accounts_of"):
        assert word not in text


def test_figures_are_those_of_the_desk(desk: Place, room: Room) -> None:
    shown = use(room, "list_prices", size=5)
    twin = desk.client().get("/prices?size=5", headers={"Accept": "application/json"}).json()
    assert shown["rows"] == twin["rows"] and shown["currency"] == "EUR"


def test_prices_are_filtered_as_the_page_filters_them(desk: Place, room: Room) -> None:
    offered = set(Filters.__struct_fields__) | {"brand", "family", "role"}
    assert offered <= set(Prices.__struct_fields__), "a filter of the page is one of the tool"
    found = use(room, "list_prices", outlook="may_lose", size=100)
    twin = desk.client().get("/prices?outlook=may_lose&size=100", headers={"Accept": "application/json"}).json()
    assert 0 < found["found"] == twin["found"] < found["of"]
    assert [row["sku"] for row in found["rows"]] == [row["sku"] for row in twin["rows"]]
    one = next(iter(twin["choices"]["state"]))
    assert use(room, "list_prices", state=one)["found"] == twin["choices"]["state"][one]


def test_the_protocol(room: Room) -> None:
    met = ask(room, "initialize", protocolVersion="2025-03-26", capabilities={}, clientInfo={"name": "test", "version": "1"})["result"]
    assert met["protocolVersion"] == "2025-03-26" and met["capabilities"] == {"tools": {}}
    assert ask(room, "initialize", protocolVersion="1999-01-01")["result"]["protocolVersion"] == "2025-06-18"
    assert ask(room, "ping")["result"] == {}
    tools = ask(room, "tools/list")["result"]["tools"]
    assert all(tool["inputSchema"]["type"] == "object" and tool["description"] for tool in tools)
    assert answered(room, '{"jsonrpc": "2.0", "method": "notifications/initialized"}') is None
    assert answered(room, '{"jsonrpc": "2.0", "method": "no such thing"}') is None
    assert ask(room, "resources/list")["error"]["code"] == -32601


@pytest.mark.parametrize(
    ("line", "code"),
    [("x", -32700), ("[" * 100_000, -32700), ("[]", -32600), ("{}", -32600), ('{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
     ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}', -32602), (" " * LONGEST + "{}", -32600)],
    ids=["text", "deep", "list", "empty", "old", "params", "long"],
)  # fmt: skip
def test_what_is_no_request_is_told_so(line: str, code: int, room: Room) -> None:
    answer = answered(room, line)
    assert answer is not None and answer["error"]["code"] == code


@pytest.mark.parametrize(
    ("tool", "given"),
    [("show_product", {"sku": "none"}), ("show_product", {}), ("list_prices", {"size": 10**6}), ("list_prices", {"sort": "x"}),
     ("list_runs", {"page": "1"}), ("save_draft_policy", {"text": ""}), ("show_audit", {"else": 1}), ("list_prices", [1])],
)  # fmt: skip
def test_a_wrong_question_is_told_so(tool: str, given: Any, room: Room) -> None:
    result = ask(room, "tools/call", name=tool, arguments=given)["result"]
    assert result["isError"] and result["content"][0]["text"]


def test_a_whole_talk_over_streams(room: Room) -> None:
    asked = [{"jsonrpc": "2.0", "id": "a", "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/initialized"},
             {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_runs"}}]  # fmt: skip
    sink = io.StringIO()
    serve(room, [json.dumps(one) + "\n" for one in asked] + ["\n"], sink)
    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [one["id"] for one in answers] == ["a", 2]
