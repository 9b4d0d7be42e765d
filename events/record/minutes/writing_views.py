"""The pages on which minutes are written and sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _

from events.models import Meeting, MinutesPolicy
from events.models.minutes import refuse_without
from events.record.minutes import differences, writing
from events.record.minutes.drafting import Document, checks
from events.record.minutes.finding import KEEP, Found, context_of, find
from events.record.minutes.forms import SendForm, WordsForm
from events.record.minutes.messages import send_and_tell
from events.record.minutes.writing import Conflict, Saved
from members.mail.bulk.sending import Preview
from members.mail.bulk.undo import bar_for
from members.mail_desk.views.sendings import in_two_steps, send_words, sent_words
from members.web import kept
from members.web.acts import act_of
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.meanwhile import NOTE
from members.web.once import once
from members.web.plain_forms import in_plain_words

EDITOR = "events/minutes/editor.html"


class Conflicted(Exception):
    """Words that somebody else changed meanwhile; nothing was sent."""

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.saved = saved


def _words_form(request: HttpRequest, document: Document) -> WordsForm:
    if request.method != "POST":
        return WordsForm(document=document)
    typed = request.POST.copy()
    for each in typed.getlist("mine"):  # "Keep mine": the words that somebody else wrote were seen
        name, _colon, seen = each.partition(":")
        if f"seen-{name}" in typed:
            typed[f"seen-{name}"] = seen
    return WordsForm(typed, document=document)


def _send_form(request: HttpRequest, found: Found) -> SendForm:
    return SendForm(
        request.POST if request.method == "POST" and "until" in request.POST else None,
        policy=MinutesPolicy.of(found.meeting.committee),
        confidential=found.meeting.committee.confidential,
    )


def editor(
    request: HttpRequest,
    found: Found,
    *,
    form: WordsForm | None = None,
    send_form: SendForm | None = None,
    conflicts: list[Conflict] | None = None,
    **came_back: Any,
) -> HttpResponse:
    try:
        refuse_without(found.meeting)
    except ValidationError as error:
        messages.info(request, error.messages[0])
        return redirect(found.meeting)
    document = writing.current(found.meeting, found.minutes)
    form = form or WordsForm(document=document)
    send_form = send_form or _send_form(request, found)
    if request.method != "POST" and kept.bring_back(request, form, send_form) == NOTE:
        conflicts = conflicts_of(form, document)
    policy = MinutesPolicy.of(found.meeting.committee)
    context = context_of(
        found,
        document=document,
        form=form,
        send_form=send_form,
        has_errors=bool(form.errors or send_form.errors),
        policy=policy,
        conflicts=shown_conflicts(conflicts or []),
        checks=checks(document, found.meeting),
        people=found.meeting.invitees().count(),
        owners=_owners(document),
        revision=found.minutes.latest() if found.minutes else None,
        bar=bar_for(request.user, found.minutes.about) if found.minutes else None,
    )
    at = reverse("meeting_minutes", args=[found.meeting.slug]) + ("?edit=1" if _is_out(found) else "")
    return kept.page(request, EDITOR, context, form, send_form, at=at, **came_back)


def _is_out(found: Found) -> bool:
    return found.minutes is not None and found.minutes.is_out


def _owners(document: Document) -> list[str]:
    """Names of those who get an action with the minutes."""
    names = [fact.detail.partition(",")[0] for fact in document.facts.values() if fact.owner]
    return list(dict.fromkeys(names))


def conflicts_of(form: WordsForm, document: Document) -> list[Conflict]:
    """What differs between the words that came back and those that stand."""
    standing = {part.key: (section.heading, part.text) for section in document.sections for part in section.texts}
    found = []
    for name, key in form.keys.items():
        heading, text = standing.get(key, ("", ""))
        typed = str(form[name].value() or "").replace("\r\n", "\n").strip()
        if heading and typed != text.strip():
            found.append(Conflict(key, heading, text, typed))
    return found


def shown_conflicts(conflicts: list[Conflict]) -> list[tuple[Conflict, str, SafeString]]:
    """Each with the value of its button and the difference to what this person typed."""
    return [
        (
            each,
            f"text-{each.key.replace('.', '-')}:{each.seen}",
            differences.marked(differences.runs(each.yours, each.theirs)),
        )
        for each in conflicts
    ]


def save(request: HttpRequest, found: Found) -> HttpResponse:
    form = _words_form(request, writing.current(found.meeting, found.minutes))
    by_itself = bool(getattr(request, "htmx", False))
    if not form.is_valid():
        return _unsaved(request, form) if by_itself else editor(request, found, form=form)
    try:
        saved = writing.save(found.meeting, request.user, form.typed)
    except ValidationError as error:
        form.add_error(None, in_plain_words(error).messages)
        return _unsaved(request, form) if by_itself else editor(request, found, form=form)
    found.minutes = saved.minutes
    if by_itself:
        fresh = WordsForm(document=saved.document)
        context = context_of(
            found, conflicts=shown_conflicts(saved.conflicts), marks=_marks(form, fresh, saved), now=now()
        )
        return render(request, "events/minutes/_saved.html", context)
    if saved.conflicts:
        return _conflict(request, found, form, saved)
    messages.success(request, _("Saved."))
    return redirect(reverse("meeting_minutes", args=[found.meeting.slug]) + ("?edit=1" if _is_out(found) else ""))


def _unsaved(request: HttpRequest, form: WordsForm) -> HttpResponse:
    return render(request, "components/said.html", {"form": form, "wrong": [field for field in form if field.errors]})


def _marks(form: WordsForm, fresh: WordsForm, saved: Saved) -> list[Any]:
    """The marks of what was saved, for the form that goes on."""
    conflicting = {conflict.key for conflict in saved.conflicts}
    names = [name for name, key in form.keys.items() if name in fresh.fields and key not in conflicting]
    swapped: dict[str, str | bool] = {"hx-swap-oob": "true"}
    return [fresh[f"seen-{name}"].as_widget(attrs=swapped) for name in names if name in form.data]


def _conflict(request: HttpRequest, found: Found, form: WordsForm, saved: Saved) -> HttpResponse:
    return editor(
        request,
        found,
        form=form,
        conflicts=saved.conflicts,
        status=409,
        note=NOTE,
        changed=form.seen_again(saved.conflicts),
    )


# Sending -------------------------------------------------------------------------------------------


@takes_body(LONG_TEXT)
@act_of("meeting_minutes", "slug")
def meeting_minutes_send(request: HttpRequest, slug: str) -> HttpResponse:
    """Posted twice: for the preview, and with the fingerprint of what was seen. What was typed last is saved with it."""
    found = find(request, slug, KEEP)
    page = reverse("meeting_minutes", args=[slug])
    if "back" in request.POST:
        return redirect(page)
    if found.minutes and found.minutes.sent_at is not None:
        messages.info(request, _("These minutes are out already."))
        return redirect(page)
    document = writing.current(found.meeting, found.minutes)
    form, send_form = _words_form(request, document), _send_form(request, found)
    if not (form.is_valid() and send_form.is_bound and send_form.is_valid()):
        return editor(request, found, form=form, send_form=send_form)

    def act(tell: bool) -> Any:
        meeting = Meeting.objects.select_related("committee").get(pk=found.meeting.pk)
        saved = writing.save(meeting, request.user, form.typed)
        if saved.conflicts:
            raise Conflicted(saved)
        return send_and_tell(meeting, request.user, **send_form.choice) if tell else None

    context = context_of(found, choice=send_form.choice)
    show = partial(in_two_steps, request, act, "events/minutes/send.html", context, _words)
    try:
        return once(request, partial(_sent, request, show, page), keyless=False)
    except Conflicted as conflicted:
        return _conflict(request, found, form, conflicted.saved)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(page)


def _sent(request: HttpRequest, show: Callable[[], HttpResponse | Preview], page: str) -> HttpResponse:
    sent = show()
    if isinstance(sent, HttpResponse):
        return sent
    messages.success(request, sent_words(sent) if sent.tells_anybody else _("These minutes are out already."))
    return redirect(page)


def _words(preview: Preview) -> dict[str, str]:
    return {"send_words": send_words(preview)}
