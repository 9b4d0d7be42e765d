"""Calls and what is on their agendas, as search finds them."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import AgendaItem, Decision, Meeting, Minutes
from events.models.decisions import DECISION
from events.models.meetings import AGENDA_ITEM, CALL, MINUTES
from members.findables.kinds import Kind, Row, moment, register
from members.times import formats


def _call(key: int, title: str, facts: dict[str, Any]) -> Row:
    starts_at = moment(facts["starts_at"])
    said = [formats.listed(starts_at), facts["committee"]]
    said += [_("Canceled")] if facts["cancelled_at"] else [] if facts["told_at"] else [_("Draft")]
    return Row(reverse("meeting_detail", args=[facts["slug"]]), " · ".join(said), "date", starts_at)


def _agenda_item(key: int, title: str, facts: dict[str, Any]) -> Row:
    starts_at = moment(facts["starts_at"])
    where = _("On the agenda of %(call)s") % {"call": facts["call"]}
    url = reverse("meeting_detail", args=[facts["slug"]])
    return Row(f"{url}#agenda", f"{where} · {formats.listed(starts_at)}", "date", starts_at)


def _decision(key: int, title: str, facts: dict[str, Any]) -> Row:
    decided_at = moment(facts["decided_at"])
    reference = Decision.reference_of(facts["year"], facts["number"])
    said = [facts["committee"], formats.date_only(decided_at), str(Decision.Outcome(facts["outcome"]).label)]
    return Row(reverse("decision_detail", args=[facts["slug"], reference]), " · ".join(said), "gavel")


def _minutes(key: int, title: str, facts: dict[str, Any]) -> Row:
    starts_at = moment(facts["starts_at"])
    said = [_("Minutes"), formats.listed(starts_at), facts["committee"]]
    return Row(reverse("meeting_minutes", args=[facts["slug"]]), " · ".join(said), "date", starts_at)


register(
    Kind(
        CALL,
        gettext_lazy("Calls"),
        may_open=Meeting.objects.visible_to,
        facts={
            "slug": F("slug"),
            "starts_at": F("starts_at"),
            "told_at": F("told_at"),
            "cancelled_at": F("cancelled_at"),
            "committee": F("committee__name"),
        },
        row=_call,
    )
)
register(
    Kind(
        AGENDA_ITEM,
        gettext_lazy("Agenda items"),
        may_open=AgendaItem.objects.visible_to,
        facts={"slug": F("meeting__slug"), "call": F("meeting__title"), "starts_at": F("meeting__starts_at")},
        row=_agenda_item,
    )
)
register(
    Kind(
        DECISION,
        gettext_lazy("Decisions"),
        may_open=Decision.objects.visible_to,
        facts={
            "slug": F("committee__slug"),
            "committee": F("committee__name"),
            "year": F("year"),
            "number": F("number"),
            "decided_at": F("decided_at"),
            "outcome": F("outcome"),
        },
        row=_decision,
    )
)
register(
    Kind(
        MINUTES,
        gettext_lazy("Minutes"),
        may_open=Minutes.objects.visible_to,
        facts={
            "slug": F("meeting__slug"),
            "starts_at": F("meeting__starts_at"),
            "committee": F("meeting__committee__name"),
        },
        row=_minutes,
    )
)
