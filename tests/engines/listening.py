"""What a page has to complain about, told to the test by the page itself: the same in every engine.

WebKit's driver gives nothing of the console away, so a script that stands first on each page posts it to the server of the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SCRIPT, SAID, EMPTY = "/listening/listener.js", "/listening/said", "/listening/"
TAG = f'<script src="{SCRIPT}"></script>'.encode()
LISTENER = """
const say = (kind, words) => navigator.sendBeacon("ADDRESS", JSON.stringify({kind, words: String(words), page: location.pathname}))
for (const level of ["error", "warn"]) {
  const known = console[level]
  console[level] = (...words) => { say(`console.${level}`, words.map((each) => each?.outerHTML?.slice(0, 120) ?? each).join(" ")); known.apply(console, words) }
}
addEventListener("error", (event) => say("script", event.message || `not loaded: ${event.target?.src || event.target?.href}`), true)
addEventListener("unhandledrejection", (event) => say("promise", event.reason?.stack || event.reason))
document.addEventListener("securitypolicyviolation", (event) => say("policy", `${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
addEventListener("pageshow", (event) => { window.cameBackWhole = event.persisted })
""".replace("ADDRESS", SAID)

said: list[str] = []
answered: list[tuple[int, str]] = []


class ListeningMiddleware:
    """First of all: puts the listener on each page, takes what it posts, and notes how each request was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == SCRIPT:
            return HttpResponse(LISTENER, content_type="text/javascript")
        if request.path == EMPTY:  # of the portal’s origin, without its scripts
            return HttpResponse("<!DOCTYPE html><title>Nothing</title>")
        if request.path == "/favicon.ico":  # asked for where a page names none, as the one above
            return HttpResponse(status=204)
        if request.path == SAID:
            found = json.loads(request.body)
            said.append(f"{found['page']} {found['kind']}: {found['words'][:300]}")
            return HttpResponse(status=204)
        response = self.get_response(request)
        answered.append((response.status_code, request.path))
        if not response.streaming and b"<head>" in response.content:
            response.content = response.content.replace(b"<head>", b"<head>" + TAG, 1)
            if response.has_header("Content-Length"):
                response.headers["Content-Length"] = str(len(response.content))
        return response
