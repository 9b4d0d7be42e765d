"""What Lighthouse says of the pages that strangers and members read, on its phone profile.

    .venv/bin/python -m bench.lighthouse http://127.0.0.1:8000 [--rounds 3] [--only issue]

Against a running demo. Needs Chromium on PATH and Lighthouse, which is no part of the project: `npm install lighthouse` in a
folder of its own, and that folder's node_modules/.bin on PATH, or the program's place in LIGHTHOUSE. Prints a table in
Markdown with the median of the rounds, and below it each rule that a page broke. Ends with 1 when a page is under its goal.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

CHROME = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
STORY = "/issues/economic-justice/a-schedule-is-a-promise/"
REPORT = "/issues/economic-justice/what-local-governments-have-done-for-working-people-an-overview/"
ISSUE = "/issues/economic-justice/"
PUBLIC = {"issue": ISSUE, "article": STORY, "report": REPORT, "all news": f"{ISSUE}news/", "front": "/"}
MEMBERS = {"search": "/search/?q=wage", "library": "/library/"}
MEMBER = "teresa@portal.example"


def main() -> int:
    arguments = _arguments()
    program = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    if not program or not shutil.which(program):
        print(
            "Lighthouse is not installed: npm install lighthouse, then put node_modules/.bin on PATH.", file=sys.stderr
        )
        return 2
    pages = [(name, path, "") for name, path in PUBLIC.items()]
    cookies = sign_in(arguments.base, MEMBER)
    pages += [(name, path, cookies) for name, path in MEMBERS.items()]
    print("| page |", " | ".join(GOALS), "| kB | largest paint s |")
    print("|---|" + "---|" * (len(GOALS) + 2))
    short: list[str] = []
    for name, path, cookie in pages:
        if not arguments.only or name in arguments.only:
            reports = [audit(program, arguments.base + path, cookie) for _round in range(arguments.rounds)]
            print(row(name, reports), flush=True)
            short += [f"{name}: {words}" for words in shortcomings(reports, public=not cookie)]
    print("\n".join(["", *short]) if short else "\nEvery page reaches its goals.")
    return 1 if short else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="of a running demo")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="names of pages")
    return parser.parse_args()


def sign_in(base: str, email: str) -> str:
    """The Cookie header of somebody of the demo."""
    jar = http.cookiejar.CookieJar()
    client = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = client.open(f"{base}/demo/").read().decode()
    form = re.search(rf'<form[^>]*action="([^"]+)"(?:(?!</form>).)*?value="{re.escape(email)}"', page, re.DOTALL)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if not form or not token:
        raise SystemExit(f"{base} is no demo in which one can be {email}.")
    fields = urllib.parse.urlencode({"email": email, "csrfmiddlewaretoken": token[1]}).encode()
    client.open(urllib.request.Request(base + form[1], fields, {"Referer": f"{base}/demo/"}))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def audit(program: str, address: str, cookie: str) -> dict[str, Any]:
    command = [program, address, "--output=json", "--quiet", f"--chrome-flags={CHROME}"]
    command += [f"--only-categories={','.join(GOALS)}"]
    if cookie:
        command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    chrome = {"CHROME_PATH": shutil.which("chromium") or ""}
    done = subprocess.run(command, capture_output=True, env=os.environ | chrome, timeout=300, check=False)
    if done.returncode:
        raise SystemExit(f"{address} could not be looked at: {done.stderr.decode()[-400:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if found["finalDisplayedUrl"] != address:
        raise SystemExit(f"{address} led to {found['finalDisplayedUrl']}.")
    return found


def scores(report: dict[str, Any]) -> dict[str, int]:
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in GOALS}


def median(reports: list[dict[str, Any]]) -> dict[str, int]:
    return {name: round(statistics.median(scores(each)[name] for each in reports)) for name in GOALS}


def row(name: str, reports: list[dict[str, Any]]) -> str:
    def middle(audit: str) -> float:
        return statistics.median(each["audits"][audit]["numericValue"] for each in reports)

    found = [name, *median(reports).values()]
    found += [round(middle("total-byte-weight") / 1000), round(middle("largest-contentful-paint") / 1000, 1)]
    return f"| {' | '.join(map(str, found))} |"


def shortcomings(reports: list[dict[str, Any]], *, public: bool) -> Iterator[str]:
    """Each category under its goal with the rules that were broken; pages for members need no search engine."""
    for name, score in median(reports).items():
        if score < GOALS[name] and (public or name != "seo"):
            yield f"{name} {score}, {'; '.join(broken(reports[-1], name))}"


def broken(report: dict[str, Any], category: str) -> Iterator[str]:
    for reference in report["categories"][category]["auditRefs"]:
        found = report["audits"][reference["id"]]
        if reference["weight"] and found["score"] is not None and found["score"] < 1:
            yield f"{found['title']} {found.get('displayValue', '')}".strip()


if __name__ == "__main__":
    sys.exit(main())
