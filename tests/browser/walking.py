"""Somebody at a browser: a window of a language and a width, a name, and whatever the browser complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Error, Locator, Page, expect

from pricesmith.apps.web.words import Words

from .chrome import WIDTHS

LOCALES = {"en": "en-GB", "zh": "zh-CN"}
LONG = 90_000
"""Milliseconds for what the desk does in the background."""
FITS = "document.readyState === 'complete' && document.documentElement?.scrollWidth <= window.innerWidth"


@dataclass(frozen=True, slots=True)
class Person:
    page: Page
    words: Words
    address: str
    name: str
    foreseen: list[str]
    """Parts of the browser's complaints that the task brings about."""

    def go(self, place: str) -> None:
        answer = self.page.goto(self.address + place)
        assert answer is not None
        assert answer.status == 200, f"{place}: {answer.status}"

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def button(self, key: str) -> Locator:
        return self.page.get_by_role("button", name=self.words(key), exact=True)

    def open(self, key: str) -> None:
        """Open a menu by its name."""
        self.find("summary").filter(has_text=self.words(key)).first.click()

    def asks(self, place: str) -> dict[str, Any]:
        """The JSON twin of a page."""
        answer = self.page.request.get(self.address + place, headers={"Accept": "application/json"})
        assert answer.ok, answer.text()
        return answer.json()  # type: ignore[no-any-return]

    def told(self, key: str, **values: object) -> None:
        """The page says what was done."""
        expect(self.find(".banner.good")).to_contain_text(self.words(key, **values))

    def waits_for(self, selector: str, lost: str = "") -> None:
        """Until something is there, asking again where the page offers that by a link."""
        there = self.find(selector).first
        for _ in range(LONG // 1000):
            if there.count():
                return
            again = self.find(lost) if lost else None
            if again is not None and again.count():
                again.first.click()
            self.page.wait_for_timeout(1000)
        raise AssertionError(f"{selector} did not come: {self.find('main').inner_text()[:600]}")

    def settles(self) -> None:
        """Until nothing moves any more: what renews itself has ended, and the page that is asked for then has come too (hence twice)."""
        for _ in range(2):
            expect(self.find("[data-live], html[data-renews]")).to_have_count(0, timeout=LONG)
            self.page.wait_for_load_state("networkidle")

    def fits(self) -> None:
        """Nothing sticks out on the right, once the page is whole (a click may still be bringing it)."""
        for _ in range(100):
            if self._whole():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.page.url} is wider than the window")

    def _whole(self) -> bool:
        """Asked from here again and again: what a page would ask itself again, its security policy forbids."""
        try:
            return bool(self.page.evaluate(FITS))
        except Error:
            return False


Visit = Callable[..., Person]


@contextmanager
def visiting(browser: Browser) -> Iterator[Visit]:
    """Opens windows, closes them all, and passes on what the browsers complained about."""
    complaints: list[str] = []
    foreseen: list[str] = []
    contexts = []

    def visit(address: str, name: str = "", language: str = "en", width: str = "desktop", **more: Any) -> Person:
        size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
        context = browser.new_context(viewport=size, locale=LOCALES[language], timezone_id="UTC", **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        person = Person(page, Words(language), address, name, foreseen)
        if name:
            named(person)
        return person

    yield visit
    for context in contexts:
        context.close()
    left = [one for one in complaints if not any(part in one for part in foreseen)]
    assert not left, "\n".join(left)


def named(person: Person) -> None:
    """Say who one is, where nobody has an account."""
    person.go("/keys")
    person.find(".tools details.menu:not(.stop) summary").click()
    person.find('form[action="/me/name"] input[name=name]').fill(person.name)
    person.find('form[action="/me/name"] button').click()
    person.told("said_name", name=person.name)


def fill(form: Locator, values: Mapping[str, str]) -> None:
    """Fill the fields of a form by their names."""
    for name, value in values.items():
        field = form.locator(f'[name="{name}"]')
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
