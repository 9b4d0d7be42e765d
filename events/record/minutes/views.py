"""The pages that read minutes: the page itself, a preview, print, PDF, what changed, all of a committee."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from committees.views.finding import find_committee
from committees.views.refusing import refuse
from events.models import Minutes
from events.record.minutes import differences, reading, writing
from events.record.minutes.finding import KEEP, Found, context_of, find
from events.record.minutes.pdf import pdf_of, stage_words
from events.record.minutes.writing_views import editor, save
from members.mail.bulk.undo import bar_for
from members.queries.paging import page_of
from members.text.numbers import whole
from members.web.acts import page_or_post
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.once import once
from members.web.pages import page_at


@takes_body(LONG_TEXT)
@page_or_post
def meeting_minutes(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft, to write in; or, once they are out, the page that everybody reads (`?edit=1` writes on)."""
    if request.method == "POST":
        found = find(request, slug, KEEP)
        return once(request, partial(save, request, found), keyless=False)
    found = find(request, slug)
    writes = found.minutes is None or not found.minutes.is_out or "edit" in request.GET
    if found.keeps and writes and not (found.minutes and found.minutes.is_approved):
        return editor(request, found)
    if found.minutes is None:
        raise Http404
    return _reader(request, found)


def _reader(request: HttpRequest, found: Found, *, as_member: bool = False) -> HttpResponse:
    minutes = found.minutes
    document = writing.current(found.meeting, minutes)
    inside = bool(found.role or found.keeps)
    threads = list(minutes.comments.threads()) if minutes and inside else []
    objections = list(minutes.objections.standing().select_related("member")) if minutes and inside else []
    sections = reading.shown(document, threads)
    context = context_of(
        found,
        document=document,
        sections=sections,
        objections=objections,
        mine=next((each for each in objections if each.member_id == request.user.pk), None),
        open_comments=sum(thread.settled_at is None for thread in threads),
        may_answer=found.may_answer,
        as_member=as_member,
        length=reading.reading_minutes(document),
        committee_reads=inside and request.user.has_perm("committees.see_committee_people", found.meeting.committee),
        bar=bar_for(request.user, minutes.about) if minutes and found.keeps and not as_member else None,
    )
    if as_member:
        context |= {"keeps": False, "may_answer": False}
    return render(request, "events/minutes/reader.html", context)


@require_safe
def meeting_minutes_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """As a member will see them, with nothing that changes them."""
    found = find(request, slug, KEEP)
    return _reader(request, found, as_member=True)


@require_safe
def meeting_minutes_print(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, slug)
    document = writing.current(found.meeting, found.minutes)
    context = context_of(found, document=document, sections=reading.shown(document), now=now())
    context["stage_words"] = stage_words(found.minutes)
    return render(request, "events/minutes/print.html", context)


@require_safe
def meeting_minutes_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    found = find(request, slug)
    document = writing.current(found.meeting, found.minutes)
    response = HttpResponse(pdf_of(document, found.minutes), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="minutes-{found.meeting.slug}.pdf"'
    return response


@require_safe
def meeting_minutes_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What a revision changed (`?n=`): the newest, against the one before. Members see those since they went out."""
    found = find(request, slug)
    revisions = list(_revisions(found))
    if not revisions:
        raise Http404
    wanted = whole(request.GET.get("n", ""))
    place = next((place for place, each in enumerate(revisions) if each.number == wanted), 0)
    before = revisions[place + 1] if place + 1 < len(revisions) else None
    context = context_of(
        found,
        revisions=revisions,
        shown=revisions[place],
        before=before,
        changes=differences.between(before, revisions[place]) if before else [],
    )
    return render(request, "events/minutes/changes.html", context)


def _revisions(found: Found) -> Any:
    """Those this person may read: for those who don't keep them, from the one that went out on."""
    revisions = found.begun().revisions.select_related("written_by")
    if found.keeps:
        return revisions
    return revisions.closed() if found.role else revisions.approved()


@require_safe
def committee_minutes(request: HttpRequest, slug: str) -> HttpResponse:
    """All minutes of a committee that the reader may read, newest call first."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return refuse(request, committee)
    theirs = Minutes.objects.visible_to(request.user).for_listing().of_committee(committee)
    context = {
        **page_at("committees", back=committee),
        "committee": committee,
        "page": page_of(theirs, ("-meeting__starts_at", "-pk"), request.GET),
    }
    return render(request, "events/minutes/list.html", context)
