"""What a page says that refuses: what a person does here, not on the command line, and the way back."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import pricesmith
from pricesmith.apps.service.app import application
from pricesmith.apps.service.jobs import Jobs
from pricesmith.apps.service.routes import every
from pricesmith.apps.web.words import LANGUAGES, Words

from .place import Place, csrf, place, post

HTML = {"Accept": "text/html"}
COMMAND = re.compile(r"(^|[ `])--\w|`pricesmith|`explain`")


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def hints() -> Iterator[str]:
    """Every hint in what the desk calls that tells a command or an option of it."""
    root = Path(str(pricesmith.__file__)).parent
    files = [*root.glob("flows/publishing/**/*.py"), *root.glob("flows/desk/*/*.py"), root / "engine.py", root / "flows" / "shop_toml.py"]
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.keyword) and node.arg == "hint":
            inner = {one for part in ast.walk(node.value) if isinstance(part, ast.JoinedStr) for one in ast.walk(part) if one is not part}
            for part in (one for one in ast.walk(node.value) if one not in inner):
                if isinstance(part, ast.JoinedStr):
                    yield "".join(one.value if isinstance(one, ast.Constant) else "x" for one in part.values)  # type: ignore[misc]
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_no_hint_for_the_command_line_comes_onto_a_page() -> None:
    told = [hint for hint in hints() if COMMAND.search(hint) and " " in hint]
    assert len(told) > 8
    for language in LANGUAGES:
        left = [hint for hint in told if COMMAND.search(Words(language).error(hint))]
        assert not left, left


@pytest.mark.parametrize(("language", "said"), [("en", "write the reason in the field"), ("zh", "请在输入框中写明原因")])
def test_a_refusal_says_what_to_do_on_the_page_and_leads_back(desk: Place, language: str, said: str) -> None:
    client = desk.client("approver", "anna")
    fields = {"_csrf": csrf(client, "/sign-in"), "run": desk.run, "products": "x\x1fy\x1fz", "back": "/prices?state=open&sort=move"}
    answer = client.post(
        f"/runs/{desk.run}/reject",
        data={"_csrf": fields["_csrf"], "sure": "1"},
        headers={**HTML, "Accept-Language": language, "Referer": f"http://localhost/runs/{desk.run}"},
    )
    assert answer.status_code == 422
    assert said in answer.text and "--why" not in answer.text
    assert f'href="/runs/{desk.run}">' in answer.text
    answer = client.post("/prices/reject", data={**fields, "products": ""}, headers=HTML)
    assert 'href="/prices?state=open&amp;sort=move">' in answer.text
    elsewhere = client.post(
        "/prices/reject", data={**fields, "back": "//evil.example"}, headers={**HTML, "Referer": "http://evil.example/"}
    )
    assert "evil" not in elsewhere.text
    assert 'action="/stop"' in elsewhere.text, "the menu stays"


def test_a_wrong_address_is_nothing_here(desk: Place) -> None:
    client = desk.client("viewer")
    answer = client.get("/no-such-page", headers=HTML)
    assert answer.status_code == 404
    assert "<h1>There is nothing here</h1>" in answer.text and 'href="/prices"' in answer.text
    sku = str(desk.desk.reading.run(desk.run).decided["sku"][0])
    answer = client.get(f"/products/{sku}9", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert sku in answer.json()["hint"] and answer.json()["hint"].count(",") < 5
    stranger = desk.client().get("/no-such-page", headers=HTML)
    assert 'action="/stop"' not in stranger.text
    assert post(client, "/stop").status_code == 403


@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("en", "There is no such product", "run {run}: unknown product &#39;none-such&#39;"),
        ("zh", "没有这个商品", "批次 {run}：没有商品 &#39;none-such&#39;"),
    ],
)
def test_a_product_that_is_none_is_said_in_the_language_of_the_page(desk: Place, language: str, title: str, said: str) -> None:
    page = desk.client("viewer").get("/products/none-such", headers={**HTML, "Accept-Language": language}).text
    assert f"<h1>{title}</h1>" in page and said.format(run=desk.run) in re.sub("</?code>", "", page)


def test_settings_that_cannot_be_read_hide_no_kill_switch(desk: Place) -> None:
    """A mistake in shop.toml is told as one; what is stopped is still shown, and stopping still works."""
    client = desk.client()
    assert post(client, "/stop", why="a wrong cost").status_code == 303
    (desk.folder / "shop.toml").write_text('currency = "EUR"\n[[rule]]\nkind = "marginfloor"\n', encoding="utf-8")
    shown = client.get("/", headers={**HTML, "Accept-Language": "en"})
    words = Words("en")
    assert shown.status_code == 422
    assert words("settings_broken") in shown.text and words("ledger_gone") not in shown.text
    assert words("stopped_now", what=words.scope("all", "*")) in shown.text
    assert post(client, "/stop", why="again", scope="target", name="web").status_code == 303


def test_a_wrong_question_is_no_missing_page(desk: Place) -> None:
    client = desk.client()
    wrong = client.get("/prices?sort=colour", headers={**HTML, "Accept-Language": "en"})
    assert wrong.status_code == 422 and Words("en")("problem_4") in wrong.text
    assert client.get("/products/none-such", headers=HTML).status_code == 404


@pytest.mark.parametrize(("language", "name"), [("en", "operator"), ("zh", "操作员")])
def test_whoever_gave_no_name_is_the_operator_in_the_head_of_the_page(desk: Place, language: str, name: str) -> None:
    assert f"<summary>{name}</summary>" in desk.client().get("/", headers={**HTML, "Accept-Language": language}).text


@pytest.mark.parametrize(
    ("language", "said", "do"),
    [
        ("en", "the folder of this shop is not there any more", "put it back where it was and load this page again"),
        ("zh", "本店铺的文件夹已不存在", "请将其放回原处并重新加载此页"),
    ],
)
def test_a_shop_folder_that_is_gone_is_told_as_that(desk: Place, language: str, said: str, do: str) -> None:
    client = desk.client("admin")
    token, away = csrf(client, "/"), desk.folder.with_name("away")
    desk.folder.rename(away)
    header = {**HTML, "Accept-Language": language}
    for address in ("/", "/jobs", "/start", f"/runs/{desk.run}", "/sign-in", "/no-such-page"):
        answer = client.get(address, headers=header)
        assert (answer.status_code, said in answer.text, do in answer.text) == (503, True, True), address
    for address in ("/?format=json", "/api/v1/runs"):
        told = client.get(address).json()
        assert (told["status"], told["code"], told["where"]) == (503, "folder_gone", str(desk.folder))
        assert told["detail"] and told["hint"]
    stopped = client.post("/stop", data={"_csrf": token, "why": "a wrong cost"}, headers=header)
    assert (stopped.status_code, said in stopped.text) == (503, True), "nothing is said to be done that is lost"
    assert not desk.folder.exists(), "and nothing is written where the folder was"
    away.rename(desk.folder)
    assert client.get("/", headers=header).status_code == 200


def test_a_fault_is_told_also_where_the_menu_fails_with_it(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk I/O error")

    client = TestClient(application(desk.desk, every()), base_url="http://localhost", raise_server_exceptions=False)
    monkeypatch.setattr("pricesmith.apps.web.render._common", broken)
    answer = client.get("/", headers={**HTML, "Accept-Language": "en"})
    assert answer.status_code == 500 and answer.headers["content-type"].startswith("text/html")
    assert "unexpected OSError" in answer.text and "please report what you did" in answer.text and "disk" not in answer.text


def test_work_that_cannot_be_begun_has_failed(desk: Place) -> None:
    jobs = Jobs(desk.folder / "none", desk.desk.reading.now)
    name = jobs.begin("check", ["check"], "anna").name
    until = time.monotonic() + 30
    while jobs.one(name).ended is None and time.monotonic() < until:
        time.sleep(0.02)
    job = jobs.one(name)
    assert job.state == "failed" and "the work could not be begun: No such file or directory" in job.lines[-1]
    assert "任务无法启动" in Words("zh").line(job.lines[-1])
