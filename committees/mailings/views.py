"""Writing to the people of a list: the draft, what it looks like to whom, sending it, and how it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from committees.mailings import sending
from committees.mailings.forms import HoldForm, MailingForm
from committees.mailings.messages import MailingMessage, MailingTest
from committees.mailings.placeholders import PLACEHOLDERS, refuse_unknown
from committees.mailings.sending import Progress
from committees.models import Mailing, WrittenMeanwhile
from members.mail import rendering
from members.mail.bulk.samples import Sample, sample_of
from members.mail.bulk.sending import Preview, PreviewOutdated, preview_act, send
from members.mail.emails import RenderCache
from members.mail.kinds import registry
from members.mail_desk.views.sendings import proof_for, send_words, show_preview
from members.models import Delivery, Segment, User
from members.models.users import UserQuerySet
from members.queries.paging import page_of
from members.roster.segments.narrowings import query_of
from members.sign_in.access import staff_page
from members.text.numbers import key_of
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.fragments import page_or_fragment
from members.web.once import leads_on, once
from members.web.pages import page_at
from members.web.rate_limits import within_limit

PERM = "committees.mail_members"
CONFLICT = "written meanwhile"
NEWEST = ("-sent_at", "-pk")
TESTS = 30  # of one person in an hour


@require_safe
@staff_page(PERM)
def staff_mailings(request: HttpRequest) -> HttpResponse:
    """All of them, drafts first."""
    everything = Mailing.objects.for_listing()
    page = page_of(everything.let_go(), NEWEST, request.GET)
    offered = sending.offered_to(request.user)
    context = {
        "drafts": [(each, sending.whom(each, request.user, offered)) for each in everything.drafts()],
        "page": page,
        "rows": [(each, sending.whom(each, request.user, offered)) for each in page.rows],
        **page_at("announcements"),
    }
    return render(request, "committees/mailings/list.html", context)


# Writing -------------------------------------------------------------------------------------------


@takes_body(LONG_TEXT)
@page_or_post
@staff_page(PERM)
def staff_mailing_new(request: HttpRequest) -> HttpResponse:
    """Whom it is for stands in the address, as the table of members was narrowed, or as a saved list (`segment`)."""
    segment = Segment.objects.usable_by(request.user).filter(pk=key_of(request.GET.get("segment"))).first()
    return _write(request, Mailing(segment=segment, query=query_of(request.GET)))


@takes_body(LONG_TEXT)
@page_or_post
@staff_page(PERM)
def staff_mailing_edit(request: HttpRequest, pk: int) -> HttpResponse:
    mailing = _find(pk)
    return _write(request, mailing) if mailing.is_draft else redirect("staff_mailing", pk)


def _write(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    """Keep what is typed as a draft; with `preview` go on to looking at it as its readers will."""
    form = _form_of(request, mailing, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_keep, request, mailing, form), again=partial(_kept, request))
    conflict = request.method != "POST" and kept.bring_back(request, form) == CONFLICT
    return _form(request, mailing, form, current=mailing if conflict else None)


def _form_of(request: HttpRequest, mailing: Mailing, typed: Any = None) -> MailingForm:
    own_list = sending.whom(Mailing(query=mailing.query), request.user)
    return MailingForm(typed, instance=mailing, reader=request.user, list_words=own_list)


def _keep(request: HttpRequest, mailing: Mailing, form: MailingForm) -> HttpResponse:
    words, seen = form.words, form.cleaned_data["seen"]
    try:
        draft = (
            Mailing.objects.get(pk=mailing.pk).write(seen=seen, **words)
            if mailing.pk
            else Mailing.begin(request.user, query=mailing.query, **words)
        )
    except WrittenMeanwhile as conflict:
        seen_now = {"seen": str(conflict.current.version)}
        return _form(request, mailing, form, current=conflict.current, status=409, note=CONFLICT, changed=seen_now)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("staff_mailing", mailing.pk)
    if "preview" in request.POST:
        preview = _preview(request, _find(draft.pk))
        preview.leads_to = reverse("staff_mailing_edit", args=[draft.pk])  # type: ignore[attr-defined]  # for `once`
        return preview
    messages.success(request, _("Saved as a draft. Nobody was told yet."))
    return redirect("staff_mailing_edit", draft.pk)


def _kept(request: HttpRequest, edit_url: str) -> HttpResponse:
    """What the first of two equal posts led to."""
    if "preview" not in request.POST:
        return redirect(edit_url)
    return _preview(request, _find(resolve(edit_url).kwargs["pk"]))


def _form(
    request: HttpRequest,
    mailing: Mailing,
    form: MailingForm,
    *,
    current: Mailing | None = None,
    at: str = "",
    **came_back: Any,
) -> HttpResponse:
    """The page of a draft; `current` is how it stands when somebody else saved it meanwhile."""
    context = _page(request, mailing) | {
        "form": form,
        "current": current,
        "action": at,
        "placeholders": PLACEHOLDERS.values(),
    }
    return kept.page(request, "committees/mailings/edit.html", context, form, at=at, **came_back)


@act_of("staff_mailing_edit", "pk")
@staff_page(PERM)
@leads_on
def staff_mailing_discard(request: HttpRequest, pk: int) -> HttpResponse:
    if _find(pk).discard():
        messages.success(request, _("The draft is gone."))
    else:
        messages.info(request, _("It was sent, so it stays on record."))
    return redirect("staff_mailings")


# Looking at it -------------------------------------------------------------------------------------


@require_safe
@staff_page(PERM)
def staff_mailing_look(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """The email as this person will get it, with the one before and after on the list."""
    mailing = _find(pk)
    if not mailing.is_draft:
        return redirect("staff_mailing", pk)
    try:
        people = sending.people_of(mailing, request.user)
        sending.refuse_unfinished(mailing, people)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("staff_mailing_edit", pk)
    reader = get_object_or_404(people, pk=person)
    before, after = sending.around(people, reader)
    sample = _sample(mailing, reader)
    place = before.count() + 1
    context = _page(request, mailing) | {
        "sample": sample,
        "reader": reader,
        "place": place,
        "people": place + after.count(),
        "previous": before.last(),
        "next": after.first(),
    }
    response = render(request, "committees/mailings/look.html", context)
    response._csp_update = {"style-src": [sample.style_hash]}  # type: ignore[attr-defined]  # as csp.decorators.csp_update does
    return response


def _sample(mailing: Mailing, reader: User) -> Sample:
    notice = registry[MailingMessage.kind]
    delivery = Delivery(pk=0, recipient=reader, kind=notice.kind, about=mailing.about, dedupe_key=mailing.dedupe_key)
    return sample_of(delivery, rendering.mail(notice, delivery, notice.load([delivery]), RenderCache()))


@act_of("staff_mailing_edit", "pk")
@staff_page(PERM)
def staff_mailing_test(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """One email to whoever looks at it, as this person on the list will get it."""
    mailing = _find(pk)
    return once(request, partial(_test, request, mailing, _on_list(request, mailing, person)))


def _on_list(request: HttpRequest, mailing: Mailing, person: int) -> User:
    """Raises Http404 for who is not on it."""
    try:
        people = sending.people_of(mailing, request.user)
    except ValidationError:
        raise Http404 from None
    return get_object_or_404(people, pk=person)


def _test(request: HttpRequest, mailing: Mailing, person: User) -> HttpResponse:
    try:
        for words in (mailing.subject, mailing.body):
            refuse_unknown(words)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("staff_mailing_edit", mailing.pk)
    if within_limit("mailing_test", request.user.pk, TESTS, 3600):
        MailingTest.enqueue_to(request.user.email, mailing.about, request.user, facts={"as": person.pk})
        messages.success(request, _("A test is on its way to %(email)s.") % {"email": request.user.email})
    else:
        messages.warning(request, _("That’s thirty tests within an hour. Try again in a while."))
    return redirect("staff_mailing_look", mailing.pk, person.pk)


# Sending -------------------------------------------------------------------------------------------


@page_or_post
@staff_page(PERM)
def staff_mailing_send(request: HttpRequest, pk: int) -> HttpResponse:
    """A POST without a fingerprint shows the preview; with the preview's fingerprint it sends."""
    mailing = _find(pk)
    if not mailing.is_draft:
        return redirect("staff_mailing", pk)
    if request.method != "POST" or "back" in request.POST:
        return redirect("staff_mailing_edit", pk)
    if "fingerprint" not in request.POST:
        return _preview(request, mailing)
    if request.GET.get("version") != str(mailing.version):  # the draft changed after it was looked at
        return _preview(request, mailing, changed=True)
    if not _hold_of(request).is_valid():
        return _preview(request, mailing)
    if asked := proof_for(request, MailingMessage.kind):
        return asked
    return once(request, partial(_send, request, mailing), keyless=False)


def _send(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    hold = _hold_of(request)
    hold.is_valid()
    act = partial(_act, request, mailing, hold.goes_at)
    try:
        sent = send(act, request.user, fingerprint=request.POST["fingerprint"])
    except PreviewOutdated as other:
        return _show(request, mailing, other.preview, changed=True)
    except ValidationError as error:
        return _unfinished(request, mailing, error)
    if sent.outcome:
        words = ngettext("It goes to %(n)s person.", "It goes to %(n)s people.", sent.people) % {"n": sent.people}
        messages.success(request, words)
    else:
        messages.info(request, _("Somebody sent it or changed it in the meantime. It went once."))
    return redirect("staff_mailing", mailing.pk)


def _act(request: HttpRequest, mailing: Mailing, goes_at: Any = None) -> bool:
    return sending.send_out(Mailing.objects.get(pk=mailing.pk), request.user, goes_at)


def _preview(request: HttpRequest, mailing: Mailing, *, changed: bool = False) -> HttpResponse:
    try:
        preview = preview_act(partial(_act, request, mailing), request.user)
    except ValidationError as error:
        return _unfinished(request, mailing, error)
    return _show(request, mailing, preview, changed=changed)


def _show(request: HttpRequest, mailing: Mailing, preview: Preview, *, changed: bool = False) -> HttpResponse:
    at = f"{reverse('staff_mailing_send', args=[mailing.pk])}?version={mailing.version}"
    people = sending.people_of(mailing, request.user)
    hold = _hold_of(request)
    context = _page(request, mailing) | {
        "action": at,
        "hold": hold,
        "has_errors": bool(hold.errors),
        "send_words": send_words(preview),
        "told_lately": sending.told_lately(people),
        "first": _first_to_get_it(people, preview),
    }
    preview = replace(preview, held=False)  # how long it waits is chosen below
    return show_preview(request, "committees/mailings/send.html", preview, context, changed=changed, at=at)


def _first_to_get_it(people: UserQuerySet, preview: Preview) -> User | None:
    return people.first() if preview.people else None


def _hold_of(request: HttpRequest) -> HoldForm:
    typed = request.POST if "when" in request.POST else None
    return HoldForm(typed, zone=request.user.timezone)


def _unfinished(request: HttpRequest, mailing: Mailing, error: ValidationError) -> HttpResponse:
    """The draft with what it lacks, at its own address."""
    form = _form_of(request, mailing)
    form.show_problems(error)
    draft = {name: "" if value is None else str(value) for name, value in form.initial.items()}
    return _form(request, mailing, form, at=reverse("staff_mailing_edit", args=[mailing.pk]), changed=draft)


# How it goes ---------------------------------------------------------------------------------------


@require_safe
@staff_page(PERM)
def staff_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Held, on its way, paused or done: how many have it, whom it did not reach and why."""
    mailing = _find(pk)
    if mailing.is_draft:
        return redirect("staff_mailing_edit", pk)
    context = _page(request, mailing) | {
        "progress": Progress.of(mailing),
        "messages_url": f"{reverse('staff_deliveries')}?{urlencode({'kind': mailing.KIND, 'about': mailing.about})}",
    }
    return page_or_fragment(request, "committees/mailings/sent.html", context, part="progress")


@act_of("staff_mailing", "pk")
@staff_page(PERM)
def staff_mailing_pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _did(request, pk, sending.pause, _("Paused. Nothing more goes until you let it."), _("It had gone already."))


@act_of("staff_mailing", "pk")
@staff_page(PERM)
def staff_mailing_go_on(request: HttpRequest, pk: int) -> HttpResponse:
    return _did(request, pk, sending.go_on, _("It goes on."), _("It is not paused."))


def _did(request: HttpRequest, pk: int, act: Callable[[Mailing, User], int], done: str, nothing: str) -> HttpResponse:
    if act(_find(pk), request.user):
        messages.success(request, done)
    else:
        messages.info(request, nothing)
    return redirect("staff_mailing", pk)


@act_of("staff_mailing", "pk")
@staff_page(PERM)
def staff_mailing_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Clicked twice it says the same."""
    mailing = _find(pk)
    outcome = sending.take_back(mailing, request.user)
    mailing.refresh_from_db()
    if mailing.is_draft:
        messages.success(request, _("Nobody was told. It is a draft again."))
    elif outcome.stopped:
        messages.warning(request, _stopped_words(outcome.stopped, outcome.gone))
    else:
        messages.warning(request, _("It had gone already. Nothing could be stopped."))
    return redirect("staff_mailing", pk)


def _stopped_words(stopped: int, gone: int) -> str:
    first = ngettext("Stopped for %(n)s person.", "Stopped for %(n)s people.", stopped) % {"n": stopped}
    return f"{first} {ngettext('%(n)s person had it already.', '%(n)s people had it already.', gone) % {'n': gone}}"


# All -----------------------------------------------------------------------------------------------


def _find(pk: int) -> Mailing:
    """Raises Http404."""
    return get_object_or_404(Mailing.objects.select_related("author", "segment"), pk=pk)


def _page(request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
    return {
        "mailing": mailing,
        "whom": sending.whom(mailing, request.user),
        **page_at("announcements", back=reverse("staff_mailings"), label=_("Emails to lists")),
    }
