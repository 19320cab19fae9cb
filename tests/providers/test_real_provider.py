"""Signing in through a certified provider of OpenID Connect, in a real browser, from one site to the other and back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pricesmith.flows import wiring
from pricesmith.flows.publishing.office import office
from tests.browser import chrome
from tests.desk.place import place
from tests.shops.processes import LOOPBACK, Child, MissingError, clean_env, free_port, npm_install

pytestmark = pytest.mark.real
PACKAGE = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).with_name("oidc.mjs")
SETTINGS = """
[desk.oidc]
issuer = "http://{loopback}:{port}"
client_id = "desk"
scopes = ["profile", "groups"]
label = "Company login"
roles = {{ heads = "approver", it = "admin" }}
"""


@dataclass
class World:
    """A desk and a provider, and the secret between them."""

    desk: str
    folder: Path
    provider: Child
    secret: str


browser = pytest.fixture(scope="module")(chrome.browser_or_skip)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    try:
        installed = npm_install("oidc", [PACKAGE])
    except MissingError as reason:
        pytest.skip(str(reason))
    folder, port, secret = place(tmp_path_factory.mktemp("provider") / "shop").folder, free_port(), secrets.token_urlsafe(24)
    with (folder / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format(loopback=LOOPBACK, port=port))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRICESMITH_SECRET_OIDC", secret)
        with chrome.served(folder) as desk:
            words = ["node", SCRIPT, LOOPBACK, str(port), f"{desk}/sign-in/back", secret]
            child = Child.start(words, folder.parent / "provider.log", cwd=installed, env=clean_env())
            with closing(_Stopped(child)):
                child.wait_for(f"http://{LOOPBACK}:{port}/.well-known/openid-configuration", 60.0)
                yield World(desk, folder, child, secret)


@dataclass
class _Stopped:
    child: Child

    def close(self) -> None:
        self.child.stop()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(locale=getattr(request, "param", "en-GB"))
    yield context.new_page()
    context.close()


def signs_in(page: Page, world: World, name: str) -> None:
    """From the page on which people sign in, over the pages of the provider."""
    page.goto(f"{world.desk}/prices")
    page.get_by_role("link", name="Company login").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()


def test_somebody_with_a_role_comes_in(page: Page, world: World) -> None:
    signs_in(page, world, "clara")
    page.wait_for_url(f"{world.desk}/prices")
    expect(page.locator("tr[data-row]").first).to_be_visible()
    expect(page.locator(".tools")).to_contain_text("clara")
    people = wiring.accounts_of(world.folder, office(world.folder).policy).people.all()
    assert list(people.select("name", "role").iter_rows()) == [("clara", "approver")]
    page.locator(".tools details.menu:not(.stop) summary").click()
    page.locator('form[action="/sign-out"] button').click()
    page.goto(f"{world.desk}/prices")
    assert "/sign-in" in page.url


def test_the_second_time_finds_the_same_account(page: Page, world: World) -> None:
    signs_in(page, world, "clara")
    page.wait_for_url(f"{world.desk}/prices")
    acts = office(world.folder).book.read("audit")["act"].to_list()
    assert acts.count("added_person") == 1


def test_somebody_without_a_role_does_not(page: Page, world: World) -> None:
    signs_in(page, world, "emil")
    expect(page.locator("main")).to_contain_text("emil has no role at this desk")
    page.goto(f"{world.desk}/prices")
    assert "/sign-in" in page.url


def test_an_answer_for_another_browser_is_refused(page: Page, browser: Browser, world: World) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if "/sign-in/back?" in request.url else None)
    signs_in(page, world, "ida")
    page.wait_for_url(f"{world.desk}/prices")
    context = browser.new_context(locale="en-GB")
    other = context.new_page()
    other.goto(seen[0])
    expect(other.locator("main")).to_contain_text("was not begun in this browser")
    other.goto(f"{world.desk}/sign-in")
    other.get_by_role("link", name="Company login").click()
    other.goto(seen[0])
    expect(other.locator("main")).to_contain_text("was not begun in this browser")
    context.close()


def test_the_secret_is_nowhere(world: World) -> None:
    assert not [path for path in world.folder.rglob("*") if path.is_file() and world.secret.encode() in path.read_bytes()]


@pytest.mark.parametrize(("page", "said"), [("en-GB", "cannot be reached"), ("zh-CN", "无法连接身份提供方")], indirect=["page"])
def test_a_provider_that_was_killed_is_told(page: Page, world: World, said: str) -> None:
    """The last one: it is not started again."""
    world.provider.stop()
    page.goto(f"{world.desk}/sign-in")
    page.get_by_role("link", name="Company login").click()
    expect(page.locator("main")).to_contain_text(said)
    page.goto(f"{world.desk}/sign-in")
    expect(page.locator("input[name=password]")).to_be_visible()
