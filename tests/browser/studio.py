"""Ways into the studio for tests in a browser: an author at a draft, and what stands in its files."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Site, until

AUTHORS = {"secret5": "s5", "secret6": "s6"}


def author(site: Site, language: str = "fr", *, secret: str = "secret5", width: int = 1440, scheme: Any = "light", **options: Any) -> Page:
    """A signed-in author."""
    context = site.context(viewport={"width": width, "height": 900 if width > 500 else 740}, color_scheme=scheme, **options)
    context.add_cookies([{"name": "desk", "value": secret, "url": site.url}])
    site.run(site.stage.me(AUTHORS[secret], language=language))
    return site.watched(context.new_page())


def begun(site: Site, page: Page, title: str = "Une question de plus") -> str:
    """Begin a change by hand; gives the draft."""
    page.goto(f"{site.url}/studio")
    page.locator("#title").fill(title)
    page.locator("#title").press("Enter")
    page.wait_for_url("**/studio/d/*")
    return page.url.rpartition("/")[2]


def opened(site: Site, page: Page, draft: str, flow: str = "menu") -> None:
    """Open the script of a flow, once its scripts run."""
    page.goto(f"{site.url}/studio/d/{draft}/flows/{flow}")
    page.locator("#script .step").first.wait_for()
    until(page, "!!window.studio && !!studio.forms && !!studio.forms.known")


def saved(page: Page) -> None:
    """Wait until everything is saved."""
    until(page, "!studio.pending() && document.querySelector('#saved').dataset.state === 'saved'")


def files(site: Site, draft: str) -> dict[str, str]:
    """The files of a draft as they stand in the store."""
    return dict(site.run(site.stage.workshop.bundle(draft)))


def area(page: Page, id_: str, language: str) -> Any:
    """Where a text is written."""
    return page.locator(f'.edit [data-id="{id_}"][data-language="{language}"]')
