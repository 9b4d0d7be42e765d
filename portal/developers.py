"""Examples for people who write programs: each by curl and in Python, run by the tests as they stand here."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CALL, COMMITTEE, PAPER = "fair-workweek-2027-01-14-k7qd", "economic-justice", 42

PYTHON = """\
import json, os
from urllib.request import Request, urlopen

def ask(path, method="GET", body=None):
    headers = {"Authorization": "Bearer " + os.environ["PORTAL_TOKEN"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return urlopen(Request("%(base)s" + path, data, headers, method=method)).read()

def tell(path, method="GET", body=None):
    return json.loads(ask(path, method, body))
"""


@dataclass(frozen=True)
class Example:
    """What it does, and what is typed. `%(base)s` is the address of the API."""

    title: str | Promise
    path: str
    python: str
    options: str = ""

    @property
    def curl(self) -> str:
        line = f'curl -H "Authorization: Bearer $PORTAL_TOKEN" {self.options}'.rstrip()
        return f'{line} "{base()}{self.path}"'


def base() -> str:
    return settings.SITE_URL + reverse("api-root")


def python() -> str:
    return PYTHON % {"base": base()}


EXAMPLES = (
    Example(_("Who am I?"), "me/", 'print(tell("me/")["name"])'),
    Example(
        _("My calls ahead"),
        "meetings/?mine=true&upcoming=true",
        'for call in tell("meetings/?mine=true&upcoming=true")["results"]:\n'
        '    print(call["my_starts_at"], call["title"], call["join_url"])',
    ),
    Example(
        _("What changed since a moment, canceled calls among it"),
        "meetings/?mine=true&cancelled=any&updated_since=2026-01-01T00:00:00Z",
        'for call in tell("meetings/?mine=true&cancelled=any&updated_since=2026-01-01T00:00:00Z")["results"]:\n'
        '    print(call["updated_at"], call["title"], call["cancelled_at"])',
    ),
    Example(
        _("The agenda of a call, with its papers"),
        f"meetings/{CALL}/agenda/",
        f'for item in tell("meetings/{CALL}/agenda/"):\n'
        '    print(item["starts_at"], item["title"], item["presenter"], item["papers"])',
    ),
    Example(
        _("Say that I’m going"),
        f"meetings/{CALL}/rsvp/",
        f'answer = tell("meetings/{CALL}/rsvp/")\n'
        'new = {"response": "accepted", "version": answer["version"]}\n'
        f'print(tell("meetings/{CALL}/rsvp/", "PUT", new)["response"])',
        """-X PUT -H "Content-Type: application/json" -d '{"response": "accepted", "version": 0}'""",
    ),
    Example(
        _("Take my answer back"),
        f"meetings/{CALL}/rsvp/",
        f'print(tell("meetings/{CALL}/rsvp/", "DELETE")["response"])',
        "-X DELETE",
    ),
    Example(
        _("The papers of two committees"),
        f"documents/?committee={COMMITTEE},housing",
        f'for paper in tell("documents/?committee={COMMITTEE},housing")["results"]:\n'
        '    print(paper["title"], paper["file"])',
    ),
    Example(
        _("A paper itself"),
        f"documents/{PAPER}/file/",
        f'open("paper", "wb").write(ask("documents/{PAPER}/file/"))',
        "-o paper",
    ),
    Example(
        _("Who is on a committee"),
        f"committees/{COMMITTEE}/people/",
        f'for person in tell("committees/{COMMITTEE}/people/")["results"]:\n'
        '    print(person["role"], person["name"], person["office"])',
    ),
    Example(
        _("My calls in a calendar program"),
        "me/calendar/",
        'print(tell("me/calendar/")["feed_url"])',
    ),
)
