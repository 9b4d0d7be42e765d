"""Summaries of a day and of a week, in one mail at 8:00 AM of the reader's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Document, Publication
from events.messages import call_context
from events.models import Meeting, Rsvp
from events.templatetags.subjects import SHOWN as SUBJECT_SHOWN
from members.mail import links
from members.mail.kinds import Cadence, Line
from members.mail.outgoing.digests import DAY, WEEK, DigestedRows, Summary, morning_of
from members.models import Delivery, User
from members.times import formats
from portal import digest
from portal.digest import Week
from portal.home import Waiting

SHOWN = 6  # documents by name
PREHEADER = 2  # sentences


class DailyDigest(Summary):
    """What was kept for it, and nothing else."""

    kind, label = "daily_digest", gettext_lazy("Your day")
    sent_label = gettext_lazy("They were sent the summary of a day")
    queued_label = gettext_lazy("They’re to be sent the summary of a day")
    unsent_label = gettext_lazy("They weren’t sent the summary of a day")
    hint = gettext_lazy("What you chose to get once a day, at 8 AM your time")
    period, helps_for = DAY, timedelta(hours=12)
    cadence, cadences = Cadence.DAILY, (Cadence.DAILY, Cadence.NEVER)

    def context(self, delivery: Delivery, facts: DigestedRows) -> dict[str, Any]:
        lines = list(facts.lines(delivery).values())
        if not lines:
            raise self.nothing()
        return _head(delivery) | {
            "lines": lines,
            "headline_of_lines": _headline(lines),
            "preheader": _sentences([lines[0].words, *(line.title for line in lines[1:])]),
        }


@dataclass
class Weekly:
    """The facts of a batch of weekly mails."""

    digested: DigestedRows
    weeks: dict[int, Week]


class WeeklyDigest(Summary):
    """Calls, what waits, new documents, and what was kept for it; on Mondays what was kept for the day too."""

    kind, label = "weekly_digest", gettext_lazy("Your week")
    sent_label = gettext_lazy("They were sent the summary of a week")
    queued_label = gettext_lazy("They’re to be sent the summary of a week")
    unsent_label = gettext_lazy("They weren’t sent the summary of a week")
    hint = gettext_lazy("Mondays at 8 AM your time; skipped when there’s nothing")
    period, helps_for = WEEK, timedelta(hours=24)
    cadence, cadences = Cadence.WEEKLY, (Cadence.WEEKLY, Cadence.NEVER)

    def people(self) -> QuerySet[User]:
        return digest.may_have_a_week()

    def load(self, deliveries: Sequence[Delivery]) -> Weekly:  # type: ignore[override]  # with more beside it
        mornings = {row.recipient_id: min(morning_of(row), timezone.now()) for row in deliveries if row.recipient_id}
        return Weekly(super().load(deliveries), digest.weeks_of(list(mornings), mornings))

    def context(self, delivery: Delivery, facts: Weekly) -> dict[str, Any]:
        assert delivery.recipient_id
        week = facts.weeks[delivery.recipient_id]
        digested = facts.digested.lines(delivery)
        lines = [line for thing, line in digested.items() if thing not in week.shown]
        if not lines and not week.is_worth_a_mail():
            raise self.nothing()
        calls, waiting = week.calls, week.waiting
        return _head(delivery) | {
            "counts": _counts(len(calls), len(waiting), len(week.documents), len(week.publications)),
            "calls": [_call(week, call, digested.get(call.about), delivery.recipient_id) for call in calls],
            "waiting": [_waiting(thing, digested.get(thing.thing)) for thing in waiting],
            "documents": [_document(document) for document in week.documents[:SHOWN]],
            "more_documents": max(0, len(week.documents) - SHOWN),
            "publications": [_publication(each) for each in week.publications[:SHOWN]],
            "library_url": links.absolute("library"),
            "lines": lines,
            "headline_of_lines": _headline(lines),
            "preheader": _sentences(
                [
                    *(_("%(when)s, %(call)s") % _when(call) for call in calls),
                    *(thing.title for thing in waiting),
                    *(document.title for document in week.documents),
                    *(publication.title for publication in week.publications),
                    *(line.title for line in lines),
                ]
            ),
        }


# Words ---------------------------------------------------------------------------------------------


def _head(delivery: Delivery) -> dict[str, Any]:
    assert delivery.recipient
    words = {"day": formats.day(timezone.now()), "name": delivery.recipient.get_short_name()}
    return {"kind": _("%(day)s, for %(name)s") % words, "home_url": links.absolute("home")}


def _counts(calls: int, waiting: int, documents: int, publications: int = 0) -> str:
    """1 call, 2 things waiting, 3 new documents"""
    parts = [
        calls and ngettext("%(n)s call", "%(n)s calls", calls) % {"n": calls},
        waiting and ngettext("%(n)s thing waiting", "%(n)s things waiting", waiting) % {"n": waiting},
        documents and ngettext("%(n)s new document", "%(n)s new documents", documents) % {"n": documents},
        publications and ngettext("%(n)s new story", "%(n)s new stories", publications) % {"n": publications},
    ]
    return ", ".join(part for part in parts if part)


def _headline(lines: Sequence[Line]) -> str:
    """Fair workweek has its agenda, and 2 more; a long title is shortened."""
    if not lines:
        return ""
    first, more = Truncator(lines[0].title).chars(SUBJECT_SHOWN), len(lines) - 1
    if not more:
        return first
    return ngettext("%(first)s, and %(n)s more", "%(first)s, and %(n)s more", more) % {"first": first, "n": more}


def _sentences(parts: Sequence[str]) -> str:
    full = [part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part]
    return " ".join(full[:PREHEADER])


def _when(call: Meeting) -> dict[str, str]:
    return {"when": call_context.weekday_and_clock(call.starts_at, timezone.now()), "call": call.title}


def _column(moment: datetime) -> str:
    """Thu 11"""
    return date_format(timezone.localtime(moment), "D j")


def _call(week: Week, call: Meeting, line: Line | None, person: int) -> dict[str, str]:
    papers = week.papers(call)
    to_read = ngettext("%(n)s document to read.", "%(n)s documents to read.", papers) % {"n": papers}
    words = [_answer(call), line.news if line else "", to_read if papers else ""]
    return {
        "day": _column(call.starts_at),
        "title": call.title,
        "url": settings.SITE_URL + call.get_absolute_url(),
        "clock": formats.clock(call.starts_at),
        "words": " ".join(filter(None, words)),
        "answer_url": links.absolute("rsvp_link", links.rsvp_token(person, call.pk)),
    }


def _waiting(thing: Waiting, line: Line | None) -> dict[str, str]:
    return {
        "day": _column(thing.due_at) if thing.due_at else "",
        "title": thing.title,
        "url": settings.SITE_URL + thing.url,
        "words": f"{thing.about}. {line.news}" if line and line.news else thing.about,
    }


def _answer(call: Meeting) -> str:
    if call.needs_new_answer:
        return _("It moved. Does it still work?")
    words = {
        Rsvp.Response.ACCEPTED: _("You’re going."),
        Rsvp.Response.TENTATIVE: _("You said maybe."),
        Rsvp.Response.DECLINED: _("You said you can’t."),
        Rsvp.Response.WAITING: _("A seat is free for you.") if call.my_seat_until else _("You’re on the wait list."),
    }
    return words.get(Rsvp.Response(call.my_response or Rsvp.Response.NEEDS_ACTION), _("You haven’t answered."))


def _document(document: Document) -> tuple[str, str]:
    return document.title, settings.SITE_URL + document.get_absolute_url()


def _publication(publication: Publication) -> dict[str, str]:
    """The title leads to the site it stands on, which is named."""
    address = publication.external_url or settings.SITE_URL + publication.get_absolute_url()
    return {"title": publication.title, "url": address, "words": publication.host or str(publication.issue)}
