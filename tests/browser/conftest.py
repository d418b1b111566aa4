"""One browser for each file of tests here, one fresh stage for each test."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.running import chromium, serving
from tests.web.stage import Stage

SHOTS = Path(__file__).parent / "shots"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one file of tests: while it is open its own event loop runs in this thread, and no test with another loop may."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: install the package `chromium`, then run these tests again")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


def until(page: Page, holds: str, *, seconds: float = 8.0) -> None:
    """Wait until this expression holds; the policy of the pages lets nothing be evaluated by themselves."""
    ends = time.monotonic() + seconds
    while not page.evaluate(holds):
        assert time.monotonic() < ends, holds
        page.wait_for_timeout(30)


@dataclass
class Site:
    """The running pages, and doors into them."""

    stage: Stage
    url: str
    run: Callable[..., Any]
    browser: Browser
    contexts: list[BrowserContext]
    wrong: list[str]

    def context(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(**{"viewport": {"width": 360, "height": 740}, **options})
        self.contexts.append(context)
        return context

    def phone(self, **options: Any) -> Page:
        """A small phone; fails the test on any error of the page, and on any request that leaves the house."""
        page = self.context(has_touch=True, is_mobile=True, **options).new_page()
        return self.watched(page)

    def desk(self, language: str, *, width: int, scheme: Any = "light", **options: Any) -> Page:
        """A signed-in caseworker."""
        context = self.context(**{"viewport": {"width": width, "height": 740 if width < 500 else 900}, "color_scheme": scheme, **options})
        context.add_cookies([{"name": "desk", "value": "secret", "url": self.url}])
        self.run(self.stage.me(language=language))
        return self.watched(context.new_page())

    def colleague(self, language: str, *, width: int = 1440) -> Page:
        """The desk of another caseworker of the same team."""
        context = self.context(viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "desk", "value": "secret2", "url": self.url}])
        self.run(self.stage.me("s2", language=language))
        return self.watched(context.new_page())

    def watched(self, page: Page) -> Page:
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text) if "Content Security Policy" in message.text else None)
        page.on("request", lambda request: self.wrong.append(request.url) if not request.url.startswith((self.url, "data:")) else None)
        return page

    def begin(self, page: Page, language: str) -> None:
        """Open the chat and choose the language."""
        page.goto(f"{self.url}/chat?lang={language}")
        page.locator(f"button[name=start][value={language}]").click()
        page.locator("button[name=a]").first.wait_for()

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture to look at."""
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{re.sub('[^a-z0-9-]', '-', name)}.png")


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    with serving() as (stage, url, run):
        here = Site(stage, url, run, browser, [], [])
        yield here
        for context in here.contexts:
            context.close()
        assert here.wrong == []


@pytest.fixture
def studio_site(browser: Browser) -> Iterator[Site]:
    """The running pages where authors are served."""
    with serving(studio=True) as (stage, url, run):
        here = Site(stage, url, run, browser, [], [])
        yield here
        for context in here.contexts:
            context.close()
        assert here.wrong == []
