"""What a first visit transfers: each page in headless Chromium with an empty cache, at the size of a phone.

usage: .venv/bin/python -m bench.browser [--members 500]

Everything is started as in run.py, but in demo mode, which compresses as the proxy does in production. Bytes are those on the
wire, headers included, by what they are.
"""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Iterator

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench.run import manage, portal_environment, portal_site, servers
from portal.embedded.servers import free_port

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
VITALS = """() => new Promise(done => {
  const seen = {lcp: 0, cls: 0};
  new PerformanceObserver(list => { for (const e of list.getEntries()) seen.lcp = e.startTime }).observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.cls += e.value }).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(seen), 300);
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description="What a first visit transfers.")
    parser.add_argument("--members", type=int, default=500)
    asked = parser.parse_args()
    with servers() as (room, database, valkey):
        port = free_port()
        env = portal_environment(room, database, valkey, port) | {"DEMO": "1"}
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "demo", "--outside-demo", "--members", str(asked.members))
        with portal_site(env, port) as site:
            pages = {page.name: page.url for page in site.pages if not page.fields}
            print("\n".join(lines(f"http://127.0.0.1:{port}", site.cookies, pages)))


def lines(base: str, cookies: dict[str, str], pages: dict[str, str]) -> Iterator[str]:
    yield "| page | requests | kB | HTML | CSS | JS | fonts | other | LCP ms | CLS | errors |"
    yield "|---" * 11 + "|"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, url in {"start (signed out)": "/", "issue (signed out)": "/issues/economic-justice/"}.items():
            yield row(name, *visit(browser, base, {}, url))
        for name, url in pages.items():
            yield row(name, *visit(browser, base, cookies, url))
        browser.close()


def visit(
    browser: Browser, base: str, cookies: dict[str, str], url: str
) -> tuple[Counter[str], int, dict[str, float], list[str]]:
    """(bytes by type, requests, vitals, errors of a fresh profile)."""
    context = browser.new_context(viewport=PHONE)
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    session = context.new_cdp_session(page)
    kinds, sizes = watch(session)
    page.goto(base + url, wait_until="networkidle")
    vitals = page.evaluate(VITALS)
    by_kind: Counter[str] = Counter()
    for request, size in sizes.items():
        by_kind[kinds.get(request, "Other")] += size
    context.close()
    return by_kind, len(sizes), vitals, errors


def watch(session: CDPSession) -> tuple[dict[str, str], dict[str, int]]:
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on(
        "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    session.send("Network.enable")
    return kinds, sizes


def row(name: str, sizes: Counter[str], requests: int, vitals: dict[str, float], errors: list[str]) -> str:
    for error in errors:
        print(f"{name}: {error}", file=sys.stderr)
    known = ("Document", "Stylesheet", "Script", "Font")
    other = sum(size for kind, size in sizes.items() if kind not in known)
    cells = [f"{sizes[kind] / 1000:.1f}" for kind in known] + [f"{other / 1000:.1f}"]
    return (
        f"| {name} | {requests} | {sum(sizes.values()) / 1000:.1f} | "
        + " | ".join(cells)
        + f" | {vitals['lcp']:.0f} | {vitals['cls']:.3f} | {len(errors)} |"
    )


if __name__ == "__main__":
    main()
