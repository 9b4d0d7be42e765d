"""The pages on which a committee answers minutes that are out: comments, and objections."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import MinutesComment
from events.record.minutes import reading, writing
from events.record.minutes.drafting import OTHER
from events.record.minutes.finding import Found, back_to_minutes, context_of, find
from events.record.minutes.forms import CommentForm, ObjectionForm
from events.record.minutes.messages import tell_objection
from members.text.numbers import key_of
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.plain_forms import in_plain_words


def _find_to_answer(request: HttpRequest, slug: str) -> Found:
    """Raises Http404, or PermissionDenied for who is not on the committee."""
    found = find(request, slug)
    found.begun()
    if not request.user.has_perm("events.answer_minutes", found.meeting):
        raise PermissionDenied
    return found


@page_or_post
def meeting_minutes_comment(request: HttpRequest, slug: str) -> HttpResponse:
    """Beside a paragraph (`?at=`), an answer to a comment (`?answers=`), or about the minutes as a whole."""
    found = _find_to_answer(request, slug)
    if not found.may_answer:
        messages.info(request, _("These minutes take no comments now."))
        return redirect("meeting_minutes", slug)
    answered = _comment(found, request.GET.get("answers", ""))
    section, quote = (answered.section, answered.quote) if answered else _quoted(request, found)
    form = CommentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        work = partial(_add_comment, request, found, form, words, section, quote, answered)
        return once(request, work)
    return _comment_page(request, found, form, quote, answered)


def _comment_page(
    request: HttpRequest, found: Found, form: CommentForm, quote: str, answered: MinutesComment | None
) -> HttpResponse:
    context = context_of(found, form=form, quote=quote, answered=answered)
    context |= back_to_minutes(found)
    return kept.page(request, "events/minutes/comment.html", context, form, at=request.get_full_path())


def _add_comment(
    request: HttpRequest,
    found: Found,
    form: CommentForm,
    words: str,
    section: str,
    quote: str,
    answered: MinutesComment | None,
) -> HttpResponse:
    try:
        comment = found.begun().comment(request.user, words, section=section, quote=quote, answers=answered)
    except ValidationError as error:
        form.add_error(None, in_plain_words(error).messages)
        return _comment_page(request, found, form, quote, answered)
    messages.success(request, _("Your comment is there. The co-chairs see it beside the paragraph."))
    return redirect(f"{reverse('meeting_minutes', args=[found.meeting.slug])}#comment-{(answered or comment).pk}")


def _comment(found: Found, key: str) -> MinutesComment | None:
    comments = found.begun().comments.first_ones().select_related("author")
    return get_object_or_404(comments, pk=key_of(key)) if key else None


def _quoted(request: HttpRequest, found: Found) -> tuple[str, str]:
    """Section and words of the paragraph; of a text that changed meanwhile, the section alone. Without one, the notes."""
    if request.method == "POST" and "quote" in request.POST:
        return request.POST.get("section", "")[:40] or OTHER, request.POST["quote"]
    place = request.GET.get("at", "")
    sections = reading.shown(writing.current(found.meeting, found.minutes))
    at = reading.at_place(sections, place)
    return (at[0].key, at[1].quote) if at else (place.rpartition(".")[0][:40] or OTHER, "")


@act_of("meeting_minutes", "slug")
def meeting_minutes_settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A comment is settled, by those who keep the minutes or whoever wrote it; `open` takes that back."""
    found = _find_to_answer(request, slug)
    comment = get_object_or_404(found.begun().comments.first_ones(), pk=pk)
    if not (found.keeps or comment.author_id == request.user.pk):
        raise PermissionDenied
    if "open" in request.POST:
        comment.reopen()
        messages.success(request, _("The comment is open again."))
    else:
        comment.settle(request.user)
        messages.success(request, _("Settled."))
    return redirect(f"{reverse('meeting_minutes', args=[slug])}#comment-{pk}")


@page_or_post
def meeting_minutes_object(request: HttpRequest, slug: str) -> HttpResponse:
    """Object with a reason, once; `withdraw` takes it back."""
    found = _find_to_answer(request, slug)
    page = reverse("meeting_minutes", args=[slug])
    standing = found.begun().objections.standing().of(request.user).first()
    if request.method == "POST" and "withdraw" in request.POST:
        if standing and standing.withdraw():
            messages.success(request, _("Your objection is withdrawn."))
        return redirect(page)
    if not found.may_answer or standing:
        messages.info(request, _("Your objection stands.") if standing else _("These minutes take no objections now."))
        return redirect(page)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_object, request, found, form))
    return _objection_page(request, found, form)


def _objection_page(request: HttpRequest, found: Found, form: ObjectionForm) -> HttpResponse:
    context = context_of(found, form=form)
    context |= back_to_minutes(found)
    return kept.page(request, "events/minutes/object.html", context, form)


def _object(request: HttpRequest, found: Found, form: ObjectionForm) -> HttpResponse:
    try:
        objection, new = found.begun().object(request.user, form.cleaned_data["reason"])
    except ValidationError as error:
        form.add_error(None, in_plain_words(ValidationError(error.messages)).messages)
        return _objection_page(request, found, form)
    if new:
        tell_objection(objection)
    messages.success(request, _("Your objection stands. The co-chairs are told, and nothing is approved by silence."))
    return redirect("meeting_minutes", found.meeting.slug)
