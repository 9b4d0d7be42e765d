"""The message that brings a published agenda."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from events.messages import agenda_changes, call_context, suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice, number_in
from events.models import AgendaPublication
from events.models.publishing import Changes, changes
from members.mail.kinds import Cadence, Category, Line
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User
from members.times import formats


def tell_agenda(publication: AgendaPublication) -> None:
    meeting = publication.meeting
    key = f"agenda_published:{publication.number}"
    AgendaPublished.enqueue(meeting.invitees(), meeting.about, dedupe_key=key, scope=meeting.scope_of_each)


class AgendaPublished(CallNotice):
    """A published agenda with its papers. By default it waits for the daily digest, unless the call is near."""

    kind, label, category = "agenda_published", _("Agendas and papers"), Category.ROUTINE
    sent_label = _("They were sent an agenda")
    queued_label = _("They’re to be sent an agenda")
    unsent_label = _("They weren’t sent an agenda")
    cadence, cadences = Cadence.DAILY, Cadence.values
    mailer, method, page, hurries = "default", "", "meeting_agenda", True
    title = _("Agenda")
    hint = _("When co-chairs publish an agenda or a change of it. At once when the call is within two days")

    @classmethod
    def enqueue(
        cls, people: Iterable[User] | QuerySet[User], about: str, *, dedupe_key: str = "", scope: str = ""
    ) -> None:
        """As `Notice.enqueue`; members read the agenda from the end of the hold of this message on."""
        super().enqueue(people, about, dedupe_key=dedupe_key, scope=scope)
        waiting = Delivery.objects.filter(kind=cls.kind, about=about, dedupe_key=dedupe_key)
        goes_at = waiting.unsent().order_by("due_at").values("due_at")[:1]
        told = AgendaPublication.objects.filter(meeting=int(number_in(about)), number=number_in(dedupe_key))
        told.update(published_at=Coalesce(Subquery(goes_at), Now()))

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.OVER,
            suppression.AGENDA_TAKEN_BACK,
            suppression.NEWER_AGENDA,
            suppression.NOT_ON_COMMITTEE,
            suppression.DECLINED,
        ]

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """Unpublish the agenda when nobody had it yet, so that the next publication tells these changes too."""
        meeting = self._meeting(sending)
        if meeting and not sending.deliveries().filter(handovers__gt=0).exists():
            meeting.agenda_publications.filter(number=number_in(sending.dedupe_key)).update(taken_back_at=Now())

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = call_context.load(deliveries)
        calls.changes = _changes(calls.by_id)
        return calls

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        changed = facts.changes.get((call.meeting.pk, delivery.dedupe_number))
        return super().context(delivery, facts) | {
            "to_read": call_context.to_read(call),
            "changes": agenda_changes.listed(changed) if changed else [],
            "changes_counted": agenda_changes.counted(changed) if changed else "",
        }

    def line(self, delivery: Delivery, facts: Calls) -> Line:
        call, when = facts.of(delivery), formats.listed(facts.of(delivery).meeting.starts_at)
        changed = facts.changes.get((call.meeting.pk, delivery.dedupe_number))
        title, news = _("%(call)s has its agenda"), str(_("The agenda is up."))
        words = f"{when}. {call_context.to_read(call)}"
        if changed:
            news = _("Its agenda changed: %(what)s.") % {"what": agenda_changes.counted(changed)}
            title, words = _("%(call)s has a new agenda"), f"{when}. {news}"
        return Line(title % {"call": call.meeting.title}, words, call.url, news)


def _changes(calls: Collection[int]) -> dict[tuple[int, int], Changes | None]:
    """By call and number, in one query."""
    found: dict[tuple[int, int], Changes | None] = {}
    before: dict[int, Any] = {}
    for each in AgendaPublication.objects.filter(meeting__in=calls, taken_back_at=None).order_by("number"):
        earlier = before.get(each.meeting_id)
        found[each.meeting_id, each.number] = changes(earlier, each.snapshot) if earlier is not None else None
        before[each.meeting_id] = each.snapshot
    return found
