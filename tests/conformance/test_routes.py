"""Every route, page and word of the desk: each new file in apps/web/pages is checked here at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import nodes
from starlette.testclient import TestClient

from pricesmith.apps.service.route import Route
from pricesmith.apps.service.routes import every
from pricesmith.apps.web.render import environment
from pricesmith.apps.web.words import LANGUAGES, LINES, catalogue, messages
from pricesmith.contracts.accounts import ROLES
from pricesmith.contracts.shop import Key
from tests.desk import came
from tests.desk.place import Place, overridden, place

PAGES = [route for route in every() if route.template]
PARTS = [(route, part) for route in PAGES for part in route.parts]
CHANGES = [route for route in every() if route.changes and route.scope is not None]
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("desk") / "shop")


@pytest.fixture(scope="module")
def client(desk: Place) -> TestClient:
    return desk.client()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A desk with accounts."""
    found = place(tmp_path_factory.mktemp("guarded") / "shop")
    for role in ROLES:
        found.person(role, role)
    return found


@pytest.fixture(scope="module")
def stranger(guarded: Place) -> TestClient:
    """A browser of which nobody knows whose it is."""
    return guarded.client()


@pytest.fixture(scope="module")
def signed_in(guarded: Place) -> dict[str, TestClient]:
    """A browser of each role."""
    return {role: guarded.client(role) for role in ROLES}


def address(route: Route, desk: Place) -> str:
    """An address of the route, its parts filled with what the desk has."""
    sku = desk.desk.reading.run(desk.run).decided["sku"][0]
    known = {"run": desk.run, "sku": sku, "name": "web"}
    return re.sub(r"\{(\w+)(?::path)?\}", lambda part: known.get(part[1], "none-such"), route.path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_a_page_is_whole(route: Route, language: str, client: TestClient, desk: Place) -> None:
    answer = client.get(address(route, desk), headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200, answer.text
    text = answer.text
    assert f'<html lang="{language}"' in text
    assert len(answer.content) <= MOST_BYTES
    assert text.count("<h1") == 1
    assert "<script>" not in text
    assert not re.search(r"\son\w+=|\sstyle=", text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("route", "part"), PARTS, ids=lambda one: getattr(one, "name", one))
def test_a_part_of_a_page_is_what_the_page_shows(route: Route, part: str, client: TestClient, desk: Place) -> None:
    asked = {"Accept": "text/html"}
    whole, alone = (client.get(address(route, desk), headers=headers) for headers in (asked, {**asked, "Part": part}))
    assert "Part" in alone.headers["vary"]
    assert "<html" not in alone.text
    bodies = re.findall("<tbody>.*?</tbody>", alone.text, re.DOTALL)
    assert bodies
    assert re.findall("<tbody>.*?</tbody>", whole.text, re.DOTALL) == bodies
    unknown = client.get(address(route, desk), headers={**asked, "Part": "none-such"})
    assert "<html" in unknown.text


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_no_space_stands_behind_a_wide_mark(route: Route, client: TestClient, desk: Place) -> None:
    text = client.get(address(route, desk), headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    inline = re.sub(r"</?(?:a|abbr|b|code|data|em|i|kbd|small|span|strong|time)\b[^>]*>", "", text)
    assert re.findall(r".{0,20}[：，、；。（]\s+(?!<|\s).{0,20}", inline) == []
    assert not re.search("[\ufdd0-\ufdef]", text)


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_every_figure_of_a_page_is_in_its_twin(route: Route, client: TestClient, desk: Place) -> None:
    place_ = address(route, desk)
    shown = re.findall(r'<data value="([^"]*)"', client.get(place_, headers={"Accept": "text/html"}).text)
    twin = client.get(place_, headers={"Accept": "application/json"})
    assert twin.headers["content-type"] == "application/json"
    known = {text for value in leaves(twin.json()) for text in (str(value), str(float(value)))}
    assert not [value for value in shown if value not in known]


def leaves(value: object) -> Iterator[float]:
    """Every number of a JSON document."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("route", [route for route in every() if route.scope is not None], ids=lambda route: route.name)
def test_nobody_gets_in_unasked(route: Route, guarded: Place, stranger: TestClient) -> None:
    answer = stranger.request(route.method, address(route, guarded), headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", [route for route in every() if route.scope is not None], ids=lambda route: route.name)
def test_a_role_may_what_it_may(route: Route, role: str, guarded: Place, signed_in: dict[str, TestClient]) -> None:
    client = signed_in[role]
    client.cookies.set("ps_session", guarded.accounts.sessions.begin(role, guarded.desk.reading.now()))
    answer = client.request(route.method, address(route, guarded), headers={"Accept": "application/json"})
    if route.scope in ROLES[role]:  # type: ignore[index]
        assert answer.status_code not in (401,)
        assert answer.json().get("code") != "not_allowed" if "json" in answer.headers.get("content-type", "") else True
    else:
        assert answer.status_code == 403
        assert answer.json()["code"] == "not_allowed"


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.name)
def test_another_site_changes_nothing(route: Route, desk: Place) -> None:
    client = desk.client()
    seq = desk.desk.reading.book.read("audit").height
    for headers in ({"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = client.request(route.method, address(route, desk), headers={"Accept": "application/json", **headers})
        assert answer.status_code == 403, answer.text
    assert desk.desk.reading.book.read("audit").height == seq


def test_words_stand_in_every_language() -> None:
    for key, one in catalogue().items():
        assert set(one) == set(LANGUAGES), key
        assert all(text.strip() for text in one.values()), key
        fields = [set(re.findall(r"\{(\w+)\}", text)) for text in one.values()]
        assert all(found == fields[0] for found in fields), key
    for _, one in (*messages(), *messages(LINES)):
        fields = [set(re.findall(r"\{(\d+)\}", text)) for text in one.values()]
        assert set(one) == set(LANGUAGES) and all(found == fields[0] for found in fields), one


def templates() -> list[Path]:
    return [Path(str(file)) for file in files("pricesmith.apps.web").joinpath("templates").iterdir()]


ONE_OF = ("act_", "ap_answer_", "ap_fate_", "ap_run_", "ap_verdict_", "grade_", "state_")
"""Beginnings of the words of which a thing has one."""


@pytest.mark.parametrize("begin", ONE_OF)
def test_two_states_are_never_one_word(begin: str) -> None:
    from pricesmith.apps.report import words as report

    said = {key: one for key, one in {**report.catalogue(), **catalogue()}.items() if key.startswith(begin)}
    assert len(said) > 2
    assert len({one["zh"] for one in said.values()}) == len({one["en"] for one in said.values()})


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_word_stands_in_a_template(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!doctype html>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    shown = re.findall(r">([^<]*)<", text) + re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]*)"', text)
    own = [one.strip() for one in shown if re.search(r"[A-Za-z]{2,}|[\u4e00-\u9fff]", one) and one.strip() not in ("&nbsp;", "SKU")]
    assert not own, own


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_every_word_of_a_template_is_known(path: Path) -> None:
    from pricesmith.apps.report import words as report

    used = re.findall(r"\b(?:w|words)\('([a-z0-9_]+)'[,)]", path.read_text(encoding="utf-8"))
    known = {**report.catalogue(), **catalogue()}
    assert not [key for key in used if key not in known]


def calls(text: str) -> Iterator[tuple[str, set[str]]]:
    """Every `w('key', name=...)` of a template whose key is written out: the key, and the names of its fields."""
    parser = environment()
    for node in parser.parse(text).find_all(nodes.Call):
        if isinstance(node.node, nodes.Name) and node.node.name in ("w", "words") and not node.dyn_kwargs:
            said = node.args[0] if node.args else None
            keys = [said] if isinstance(said, nodes.Const) else list(said.find_all(nodes.Const)) if isinstance(said, nodes.CondExpr) else []
            for key in keys:
                yield key.value, {one.key for one in node.kwargs}


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_every_word_of_a_template_gets_the_fields_that_it_needs(path: Path) -> None:
    needed = {key: set(re.findall(r"\{(\w+)\}", one["en"])) for key, one in catalogue().items()}
    wrong = [(key, given, needed[key]) for key, given in calls(path.read_text(encoding="utf-8")) if key in needed and given != needed[key]]
    assert not wrong, wrong


@pytest.mark.real  # long
@pytest.mark.parametrize("language", LANGUAGES)
def test_run_pages_are_whole_for_every_kind_of_run(language: str, tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    own = overridden(desk, "anna")
    came.arrive(desk.folder, desk.run)
    came.go_back(desk.folder, desk.run)
    client = desk.client()
    for run in (desk.run, own):
        for route in PAGES:
            if "{run}" in route.path:
                where = route.path.replace("{run}", run)
                answer = client.get(where, headers={"Accept": "text/html", "Accept-Language": language})
                assert answer.status_code == 200, answer.text
                shown = set(re.findall(r'<data value="([^"]*)"', answer.text))
                twin = client.get(where, headers={"Accept": "application/json"}).json()
                assert shown <= {text for value in leaves(twin) for text in (str(value), str(float(value)))}


def test_keys_of_a_product_have_three_parts() -> None:
    from pricesmith.apps.web.pages.prices import MARK, key_of

    assert key_of(MARK.join(("a", "web", "DE"))) == Key("a", "web", "DE")
