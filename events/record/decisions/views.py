"""The register of a committee, and the permanent page of each decision."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from committees.models import Committee, Membership
from events.models import Decision, Minutes
from events.models.decisions import MAY_VOTE
from events.record.decisions.filters import DecisionFilter
from events.record.decisions.forms import CorrectionForm, DecisionForm, report
from events.record.finding import KEEPING, of_committee
from members.models import User
from members.queries.paging import count_up_to, page_of
from members.times import clock
from members.web import kept
from members.web.acts import page_or_post
from members.web.fragments import page_or_fragment
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words
from members.web.tables import csv_file

ORDER = ("-year", "-number", "-pk")
CONFLICT = "changed meanwhile"
COLUMNS = (
    gettext_lazy("Number"),
    gettext_lazy("Decided on"),
    gettext_lazy("Motion"),
    gettext_lazy("Outcome"),
    gettext_lazy("How it was decided"),
    gettext_lazy("For"),
    gettext_lazy("Against"),
    gettext_lazy("Abstained"),
    gettext_lazy("Could vote"),
    gettext_lazy("Here"),
    gettext_lazy("Needed"),
    gettext_lazy("Moved by"),
    gettext_lazy("Seconded by"),
    gettext_lazy("Call"),
    gettext_lazy("Supersedes"),
    gettext_lazy("Superseded by"),
    gettext_lazy("Address"),
)


@require_safe
@of_committee()
def committee_decisions(request: HttpRequest, committee: Committee) -> HttpResponse:
    found = _found(request, committee)
    context = {
        **page_at("committees", back=committee),
        "committee": committee,
        "filter": found,
        "count": count_up_to(found.qs),
        "page": page_of(found.qs, ORDER, request.GET),
        "may_keep": request.user.has_perm(KEEPING, committee),
        "narrowed": any(request.GET.get(name) for name in ("q", "year", "outcome")),
    }
    return page_or_fragment(request, "events/decisions/register.html", context)


def _found(request: HttpRequest, committee: Committee) -> DecisionFilter:
    decisions = Decision.objects.for_listing(request.user).filter(committee=committee)
    return DecisionFilter(request.GET, decisions, request=request, committee=committee)


@require_safe
@of_committee()
def committee_decisions_csv(request: HttpRequest, committee: Committee) -> HttpResponse:
    """All that the filter finds, for a spreadsheet."""
    decisions = _found(request, committee).qs.select_related("meeting", "mover", "seconder", "supersedes")
    rows = [_row(committee, decision) for decision in decisions]
    return csv_file(f"decisions-{committee.slug}.csv", COLUMNS, rows)


def _row(committee: Committee, decision: Decision) -> list[Any]:
    return [
        decision.reference,
        decision.decided_at.astimezone(ZoneInfo(committee.timezone)).date().isoformat(),
        decision.motion,
        decision.get_outcome_display(),
        decision.get_method_display(),
        *((decision.ayes, decision.noes, decision.abstentions) if decision.is_counted else ("", "", "")),
        decision.eligible,
        decision.here,
        decision.needed,
        decision.mover and decision.mover.name,
        decision.seconder and decision.seconder.name,
        decision.meeting and decision.meeting.title,
        decision.supersedes and decision.supersedes.reference,
        decision.successor,
        settings.SITE_URL + reverse("decision_detail", args=[committee.slug, decision.reference]),
    ]


@require_safe
@of_committee()
def decision_detail(request: HttpRequest, committee: Committee, reference: str) -> HttpResponse:
    decision = _find(request, committee, reference)
    minutes = Minutes.objects.visible_to(request.user).filter(meeting=decision.meeting_id or 0)
    context = {
        **page_at("committees", back=reverse("committee_decisions", args=[committee.slug]), label=_("Decisions")),
        "committee": committee,
        "decision": decision,
        "votes": decision.votes.select_related("voter").order_by("choice", "voter__name"),
        "minutes": minutes.first() if decision.meeting_id else None,
        "may_keep": request.user.has_perm(KEEPING, committee),
        "is_settled": decision.is_settled,
    }
    return render(request, "events/decisions/detail.html", context)


def _find(request: HttpRequest, committee: Committee, reference: str) -> Decision:
    decisions = Decision.objects.for_page(request.user).filter(committee=committee)
    decision = get_object_or_404(decisions.referenced(reference))
    if decision.reference != reference:
        raise Http404
    decision.committee = committee  # which knows the reader's role
    return decision


# Writing down --------------------------------------------------------------------------------------


@page_or_post
@of_committee(KEEPING)
def decision_new(request: HttpRequest, committee: Committee) -> HttpResponse:
    """`?call=<slug>` and `?supersedes=<number>` fill the form in."""
    meeting = committee.meetings.filter(slug=request.GET.get("call", "")).first()
    initial = {"meeting": meeting, "replaces": request.GET.get("supersedes", "")[:20]}
    decision = Decision(committee=committee, meeting=meeting)
    people, voters = _people(committee, decision)
    form = DecisionForm(
        request.POST or None, instance=decision, initial=initial, committee=committee, people=people, voters=voters
    )
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, partial(_record, request, committee, form))
        except ValidationError as error:
            report(form, in_plain_words(error))
    kept.bring_back(request, form)
    context = _form_context(committee) | {"form": form}
    return kept.page(request, "events/decisions/new.html", context, form)


def _record(request: HttpRequest, committee: Committee, form: DecisionForm) -> HttpResponse:
    words = form.words | {"here": None}  # by hand nobody says how many were in the room
    decision = Decision.record(committee, request.user, key=uuid.uuid4(), **words)
    said = _("Recorded as %(number)s: %(outcome)s.")
    messages.success(request, said % {"number": decision, "outcome": decision.get_outcome_display().lower()})
    return redirect("decision_detail", committee.slug, decision.reference)


@page_or_post
@of_committee(KEEPING)
def decision_correct(request: HttpRequest, committee: Committee, reference: str) -> HttpResponse:
    decision = _find(request, committee, reference)
    if decision.is_settled:
        messages.info(
            request,
            _("This decision stays as it is. Record a new one that supersedes it if the committee decides anew."),
        )
        return redirect(decision)
    shown = {f"vote-{vote.voter_id}": vote.choice for vote in decision.votes.all()}
    people, voters = _people(committee, decision)
    initial = shown | {
        "seen": decision.version,
        "replaces": str(decision.supersedes or ""),
        "decided_on": decision.decided_at.astimezone(ZoneInfo(committee.timezone)).date(),
        "withdrawn": decision.outcome == Decision.Outcome.WITHDRAWN,
    }
    form = CorrectionForm(
        request.POST or None, instance=decision, initial=initial, committee=committee, people=people, voters=voters
    )
    context = _form_context(committee) | {"form": form, "decision": decision}
    if request.method == "POST" and form.is_valid():
        try:
            return _correct(request, decision, form)
        except ChangedMeanwhile as other:
            changed = {"seen": str(other.current.version)}
            context["current"] = other.current
            return kept.page(
                request, "events/decisions/correct.html", context, form, status=409, note=CONFLICT, changed=changed
            )
        except ValidationError as error:
            report(form, in_plain_words(error))
    if request.method != "POST" and kept.bring_back(request, form) == CONFLICT:
        context["current"] = Decision.objects.select_related("corrected_by").get(pk=decision.pk)
    return kept.page(request, "events/decisions/correct.html", context, form)


def _correct(request: HttpRequest, decision: Decision, form: CorrectionForm) -> HttpResponse:
    reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
    corrected = Decision.objects.get(pk=decision.pk).correct(request.user, reason=reason, seen=seen, **form.words)
    messages.success(request, _("%(number)s is corrected.") % {"number": corrected})
    return redirect(corrected)


def _people(committee: Committee, decision: Decision) -> tuple[list[User], list[User]]:
    """Who may move and second, and who may vote: those on the committee on the day, where it is known."""
    moment = decision.decided_at or (decision.meeting and decision.meeting.starts_at)
    seats = committee.memberships.held(clock.day_of(moment) if moment else None).select_related("user")
    people = sorted(seats, key=lambda seat: seat.user.name)
    voting: list[Membership] = [seat for seat in people if seat.role in MAY_VOTE]
    return [seat.user for seat in people], [seat.user for seat in voting]


def _form_context(committee: Committee) -> dict[str, Any]:
    back = reverse("committee_decisions", args=[committee.slug])
    return {**page_at("committees", back=back, label=_("Decisions")), "committee": committee}
