"""Publishing an agenda: what it says now is kept and told, in one transaction, and the next time says what changed.

Until the first time members know the time and no agenda (save the date). From then on they read it on the call's page as it
is changed, and publishing again tells them what changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events.messages import agendas, call_context
from events.models import AgendaItem, AgendaPublication, Meeting
from events.models.publishing import NOTHING, Changes, Snapshot, changes, snapshot
from members.models import AuditEntry, User


@dataclass(frozen=True)
class PublicationState:
    """The last publication of a call's agenda, and what changed since."""

    last: AgendaPublication | None
    now: Snapshot
    changes: Changes


def publication_state(meeting: Meeting) -> PublicationState:
    last = AgendaPublication.last_of(meeting)
    now = snapshot(AgendaItem.objects.filter(meeting=meeting).in_order(), call_context.papers_by_item([meeting.pk]))
    return PublicationState(last, now, changes(last.snapshot if last else NOTHING, now))


def news(meeting: Meeting, items: list[AgendaItem]) -> Changes:
    """The changes since the last publication; `items` come with their papers, as a page has loaded them."""
    last = AgendaPublication.last_of(meeting)
    papers = {
        item.pk: [paper for paper in item.papers.all() if paper.withdrawn_at is None and paper.latest_id]
        for item in items
    }
    return changes(last.snapshot if last else NOTHING, snapshot(items, papers))


@transaction.atomic
def publish_agenda(meeting: Meeting, by: User) -> AgendaPublication | None:
    """Publish the agenda and tell the committee what changed; None when nothing did.

    Raises ValidationError for a call that is over or canceled, or that the committee is not told of: its invitation
    brings the agenda.
    """
    locked = Meeting.objects.select_for_update().select_related("committee").get(pk=meeting.pk)
    refuse_closed(locked)
    if not locked.is_told:
        raise ValidationError(
            _("The committee isn’t told of this call yet. Its invitation brings the agenda."), "draft"
        )
    publication = keep(locked, by)
    if publication:
        agendas.tell_agenda(publication)
    return publication


def keep(meeting: Meeting, by: User) -> AgendaPublication | None:
    """Store the agenda as it is now as a publication; None when nothing changed."""
    found = publication_state(meeting)
    if not found.changes or not found.now["items"]:
        return None
    number = meeting.agenda_publications.count() + 1
    AuditEntry.record(by, "published the agenda", meeting, after={"items": len(found.now["items"])})
    return AgendaPublication.objects.create(meeting=meeting, number=number, published_by=by, snapshot=found.now)


def refuse_closed(meeting: Meeting) -> None:
    if meeting.is_cancelled:
        raise ValidationError(_("This call is canceled, so its agenda isn’t sent."), "cancelled")
    if meeting.is_over:
        raise ValidationError(_("This call is over, so its agenda isn’t sent."), "over")
