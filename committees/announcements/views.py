"""Announcements: read by those they are for, written and sent by co-chairs and staff organizers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.announcements import announcing
from committees.announcements.forms import AnnouncementForm, StaffAnnouncementForm
from committees.models import Announcement, Committee, WrittenMeanwhile
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from members.mail.bulk.sending import Preview, PreviewOutdated, preview_act, send
from members.mail.bulk.undo import bar_for
from members.mail_desk.views.sendings import proof_for, send_words, sent_words, show_preview
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.once import leads_on, once
from members.web.pages import page_at

MANAGE, SEE_RESULTS = "committees.manage_announcement", "committees.see_announcement_results"
CONFLICT = "written meanwhile"
NEWEST = ("-sent_at", "-pk")


# Reading -------------------------------------------------------------------------------------------


@require_safe
def announcement_list(request: HttpRequest) -> HttpResponse:
    """The announcements that the reader may see, newest first."""
    if not request.user.has_perm("members.see_directory"):
        raise PermissionDenied
    told = Announcement.objects.visible_to(request.user).sent().for_listing()
    context = {"page": page_of(told, NEWEST, request.GET), **page_at("committees")}
    return render(request, "committees/announcement_list.html", context)


@require_safe
def committee_announcements(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return refuse(request, committee)
    theirs = Announcement.objects.visible_to(request.user).filter(committee=committee).for_listing()
    may_announce = request.user.has_perm("committees.announce", committee)
    context = {
        "committee": committee,
        "page": page_of(theirs.sent(), NEWEST, request.GET),
        "drafts": theirs.drafts() if may_announce else [],
        "may_announce": may_announce,
        **page_at("committees", back=committee),
    }
    return render(request, "committees/committee_announcements.html", context)


@require_safe
def announcement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    announcement = _find(request, pk)
    if announcement.is_draft:
        return redirect("announcement_edit", pk)
    return render(request, "committees/announcement_detail.html", _page(request, announcement))


# Writing -------------------------------------------------------------------------------------------


@takes_body(LONG_TEXT)
@page_or_post
def announcement_new(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.announce", committee):
        return refuse(request, committee)
    by_staff = not committee.role_of(request.user)
    return _write(request, Announcement(committee=committee, by_staff=by_staff))


@takes_body(LONG_TEXT)
@page_or_post
@staff_page("committees.announce_to_all")
def staff_announcement_new(request: HttpRequest) -> HttpResponse:
    return _write(request, Announcement(by_staff=True))


@takes_body(LONG_TEXT)
@page_or_post
def announcement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    announcement = _find(request, pk, MANAGE)
    return _write(request, announcement) if announcement.is_draft else redirect("announcement_sent", pk)


def _write(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """Keep what is typed as a draft; with `preview` go on to looking at it as its readers will."""
    form = _form_class(request, announcement)(request.POST if request.method == "POST" else None, instance=announcement)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_keep, request, announcement, form), again=partial(_kept, request))
    conflict = request.method != "POST" and kept.bring_back(request, form) == CONFLICT
    return _form(request, announcement, form, current=announcement if conflict else None)


def _form_class(request: HttpRequest, announcement: Announcement) -> type[AnnouncementForm]:
    """Staff also choose whom it is for."""
    at_desk = announcement.by_staff and request.user.has_perm("committees.announce_to_all")
    return StaffAnnouncementForm if at_desk else AnnouncementForm


def _keep(request: HttpRequest, announcement: Announcement, form: AnnouncementForm) -> HttpResponse:
    words, seen = form.words, form.cleaned_data["seen"]
    try:
        draft = (
            Announcement.objects.get(pk=announcement.pk).write(seen=seen, **words)
            if announcement.pk
            else Announcement.begin(request.user, by_staff=announcement.by_staff, **words)
        )
    except WrittenMeanwhile as conflict:
        seen_now = {"seen": str(conflict.current.version)}
        return _form(request, announcement, form, current=conflict.current, status=409, note=CONFLICT, changed=seen_now)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("announcement_sent", announcement.pk)
    if "preview" in request.POST:
        preview = _preview(request, _find(request, draft.pk, MANAGE))
        preview.leads_to = reverse("announcement_edit", args=[draft.pk])  # type: ignore[attr-defined]  # for `once`
        return preview
    messages.success(request, _("Saved as a draft. Nobody was told yet."))
    return redirect("announcement_edit", draft.pk)


def _kept(request: HttpRequest, edit_url: str) -> HttpResponse:
    """What the first of two equal posts led to."""
    if "preview" not in request.POST:
        return redirect(edit_url)
    return _preview(request, _find(request, resolve(edit_url).kwargs["pk"], MANAGE))


def _form(
    request: HttpRequest,
    announcement: Announcement,
    form: Any,
    *,
    current: Announcement | None = None,
    at: str = "",
    **came_back: Any,
) -> HttpResponse:
    """The page of a draft; `current` is how it stands when somebody else saved it meanwhile."""
    context = _page(request, announcement) | {"form": form, "current": current, "action": at}
    return kept.page(request, "committees/announcement_edit.html", context, form, at=at, **came_back)


@act_of("announcement_edit", "pk")
@leads_on
def announcement_discard(request: HttpRequest, pk: int) -> HttpResponse:
    announcement = _find(request, pk, MANAGE)
    if announcement.discard():
        messages.success(request, _("The draft is gone."))
    else:
        messages.info(request, _("It was sent, so it stays on record."))
    return redirect(_home_of(request, announcement))


# Sending -------------------------------------------------------------------------------------------


@page_or_post
def announcement_send(request: HttpRequest, pk: int) -> HttpResponse:
    """A POST without a fingerprint shows the preview; with the preview's fingerprint it sends."""
    announcement = _find(request, pk, MANAGE)
    if not announcement.is_draft:
        return redirect("announcement_sent", pk)
    if request.method != "POST" or "back" in request.POST:
        return redirect("announcement_edit", pk)
    if "fingerprint" not in request.POST:
        return _preview(request, announcement)
    if request.GET.get("version") != str(announcement.version):  # the draft changed after it was looked at
        return _preview(request, announcement, changed=True)
    if asked := proof_for(request, announcement.kind):
        return asked
    return once(request, partial(_send, request, announcement), keyless=False)


def _send(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    try:
        sent = send(_act(request, announcement), request.user, fingerprint=request.POST["fingerprint"])
    except PreviewOutdated as other:
        return _show(request, announcement, other.preview, changed=True)
    except ValidationError as error:
        return _unfinished(request, announcement, error)
    messages.success(request, sent_words(sent))
    return redirect("announcement_sent", announcement.pk)


def _act(request: HttpRequest, announcement: Announcement) -> Callable[[], bool]:
    return lambda: announcing.announce(Announcement.objects.get(pk=announcement.pk), request.user)


def _preview(request: HttpRequest, announcement: Announcement, *, changed: bool = False) -> HttpResponse:
    try:
        preview = preview_act(_act(request, announcement), request.user)
    except ValidationError as error:
        return _unfinished(request, announcement, error)
    return _show(request, announcement, preview, changed=changed)


def _show(request: HttpRequest, announcement: Announcement, preview: Preview, *, changed: bool = False) -> HttpResponse:
    at = f"{reverse('announcement_send', args=[announcement.pk])}?version={announcement.version}"
    context = _page(request, announcement) | {
        "action": at,
        "send_words": send_words(preview),
        "told_lately": announcement.told_lately() if announcement.by_staff else 0,
    }
    return show_preview(request, "committees/announcement_send.html", preview, context, changed=changed, at=at)


def _unfinished(request: HttpRequest, announcement: Announcement, error: ValidationError) -> HttpResponse:
    """The draft with what it lacks, at its own address."""
    form = _form_class(request, announcement)(instance=announcement)
    form.show_problems(error)
    draft = {name: "" if value is None else str(value) for name, value in form.initial.items()}
    return _form(request, announcement, form, at=reverse("announcement_edit", args=[announcement.pk]), changed=draft)


@require_safe
def announcement_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The outcome: how many it reached, whom it did not and why."""
    announcement = _find(request, pk, SEE_RESULTS)
    if announcement.is_draft:
        return redirect("announcement_edit", pk)
    context = _page(request, announcement) | {
        "outcome": announcing.outcome(announcement),
        "bar": bar_for(request.user, announcement.about),
        "messages_url": _messages_of(announcement) if request.user.has_perm("members.see_deliveries") else "",
    }
    return render(request, "committees/announcement_sent.html", context)


def _messages_of(announcement: Announcement) -> str:
    return f"{reverse('staff_deliveries')}?{urlencode({'kind': announcement.kind, 'about': announcement.about})}"


# Staff ---------------------------------------------------------------------------------------------


@require_safe
@staff_page()
def staff_announcements(request: HttpRequest) -> HttpResponse:
    """All announcements, drafts first."""
    everything = Announcement.objects.visible_to(request.user).for_listing()
    context = {
        "drafts": everything.drafts(),
        "page": page_of(everything.let_go(), NEWEST, request.GET),
        **page_at("announcements"),
    }
    return render(request, "committees/staff_announcements.html", context)


# Both ----------------------------------------------------------------------------------------------


def _find(request: HttpRequest, pk: int, perm: str = "") -> Announcement:
    """Raises Http404, or PermissionDenied without `perm`."""
    visible = Announcement.objects.visible_to(request.user).select_related("committee", "author")
    announcement = get_object_or_404(visible, pk=pk)
    if perm and not request.user.has_perm(perm, announcement):
        raise PermissionDenied
    return announcement


def _page(request: HttpRequest, announcement: Announcement) -> dict[str, Any]:
    at_desk = announcement.by_staff and request.user.may_act_as_staff
    back = _home_of(request, announcement)
    return {
        "announcement": announcement,
        "committee": announcement.committee,
        "layout": "layouts/staff.html" if at_desk else "layouts/member.html",
        **page_at("announcements" if at_desk else "committees", back=back, label=_("Announcements")),
        "may_manage": announcement.pk is not None and request.user.has_perm(MANAGE, announcement),
        "may_see_results": announcement.pk is not None and request.user.has_perm(SEE_RESULTS, announcement),
    }


def _home_of(request: HttpRequest, announcement: Announcement) -> str:
    """The list it stands in for this person."""
    if announcement.by_staff and request.user.may_act_as_staff:
        return reverse("staff_announcements")
    committee: Committee | None = announcement.committee
    return reverse("committee_announcements", args=[committee.slug]) if committee else reverse("announcement_list")
