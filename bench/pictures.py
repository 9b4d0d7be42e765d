"""Pictures of every page of a running demo, to be looked at beside the design.

    .venv/bin/python -m bench.pictures http://127.0.0.1:8000 .demo/pictures [page ...]

At 390 and 1280 px, in light and dark, as the person the page is for. Needs Chromium on PATH and playwright (bin/test
installs it). Prints what the console said and every status that is no 200.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
COMMITTEE = "/committees/economic-justice/"
PAGES = {
    "": ["/", "/issues/", "/issues/economic-justice/", "/committees/", COMMITTEE, "/account/login/", "/apply/", "/about/", "/demo/", "/demo/mail/"],
    "teresa": ["/", "/calls/", "{call}", "{call}join", "/committees/", COMMITTEE, f"{COMMITTEE}people/", f"{COMMITTEE}documents/", "/library/", "/people/", "/search/?q=wage", "/settings/details/", "/settings/notifications/", "/settings/privacy/", "/settings/security/"],
    "denise": ["{call}agenda/", "{call}move/", "{call}cancel/", "{call}answers/", f"{COMMITTEE}calls/new/", f"{COMMITTEE}requests/"],
    "jonah": ["/staff/", "/staff/applications/", "/staff/members/", "/staff/activity/", "/staff/messages/"],
    "priya": ["/staff/committees/", "/staff/publications/"],
    "newcomer": ["/"],
}  # fmt: skip


def main(base: str, folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for who, addresses in PAGES.items():
            for width, scheme in VIEWS:
                for page, address in visits(browser, base, who, addresses, width, scheme, wanted):
                    page.screenshot(path=folder / f"{file_name(who, address)}-{width}-{scheme}.png", full_page=True)
        browser.close()


def visits(
    browser: Browser, base: str, who: str, addresses: list[str], width: int, scheme: str, wanted: list[str]
) -> Iterator[tuple[Page, str]]:
    """Each page opened, with the address it was asked for."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=base)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("console", lambda message: print(page.url, message.text) if message.type in ("error", "warning") else None)
    if who:
        page.goto("/demo/")
        page.click(f'form:has(input[value="{who}@portal.example"]) button')
    page.goto("/issues/economic-justice/")
    call = next_call(page) if who in ("teresa", "denise") else ""
    for address in addresses:
        if not wanted or address in wanted:
            response = page.goto(address.format(call=call))
            if response and response.status != 200:
                print(response.status, page.url)
            yield page, address
    context.close()


def next_call(page: Page) -> str:
    page.goto(f"{COMMITTEE}calls/")
    return page.get_attribute("main a[href^='/calls/fair-workweek']", "href") or "/calls/"


def file_name(who: str, address: str) -> str:
    words = re.sub(r"[^a-z]+", "-", address.replace("{call}", "call-").lower()).strip("-") or "home"
    return f"{who or 'visitor'}-{words}"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
