"""Mail that came in, for staff: what it was and what came of it; for administrators the mail itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members.mail import reply_addresses
from members.mail.incoming import inbox, mail_reading, mime
from members.mail_desk.views.deliveries import CONTACT, SEE, tabs
from members.models import AuditEntry, InboundMail
from members.queries.paging import page_of
from members.sign_in.access import recently_confirmed, staff_page
from members.web import plain_forms
from members.web.acts import act_of
from members.web.pages import page_at

RAW = "members.download_raw_mail"
SHOWN = 100
MOST_SHOWN = 5000  # characters of the text
HEADERS = (
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "delivered-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "return-path",
    "auto-submitted",
    "precedence",
)
TONES = {
    InboundMail.State.DONE: "good",
    InboundMail.State.FAILED: "bad",
    InboundMail.State.NEW: "info",
    InboundMail.State.WAITING: "warn",
}


class FilterForm(plain_forms.Form):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *InboundMail.State.choices]
    )

    def apply(self, mails: QuerySet[InboundMail]) -> QuerySet[InboundMail]:
        state = self.cleaned_data["state"] if self.is_valid() else ""
        return mails.filter(state=state) if state else mails


@require_safe
@staff_page(SEE)
def staff_inbound(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    page = page_of(form.apply(InboundMail.objects.for_listing()), ["-pk"], request.GET, size=SHOWN)
    rows = [(mail, TONES.get(mail.state, "")) for mail in page.rows]
    context = {"form": form, "page": page, "rows": rows, "tabs": tabs("staff_inbound"), **page_at("deliveries")}
    return render(request, "members/staff_inbound.html", context)


@require_safe
@staff_page(SEE)
def staff_inbound_mail(request: HttpRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(InboundMail.objects.select_related("person", "settled_by", "answers"), pk=pk)
    may_download, state = request.user.has_perm(RAW), InboundMail.State(mail.state)
    context = {
        "mail": mail,
        "tone": TONES.get(state, ""),
        "may_download": may_download,
        "may_read_again": state == InboundMail.State.FAILED,
        "error": mail.last_error if may_download and state != InboundMail.State.DONE else "",
        **page_at("deliveries"),
    }
    if request.user.has_perm(CONTACT):  # who wrote from where, and what, is private
        context |= {"sees_inside": True, "waits": state == InboundMail.State.WAITING} | _inside(mail)
    return render(request, "members/staff_inbound_mail.html", context)


@act_of("staff_inbound_mail", "pk")
@staff_page(SEE)
def staff_inbound_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one again that could not be read, after the reason was mended."""
    mail = get_object_or_404(InboundMail, pk=pk)
    if inbox.read_again(mail):
        AuditEntry.record(request.user, "read again", mail)
        messages.success(request, _("It is read again within half a minute."))
    else:
        messages.info(request, _("It is not waiting to be read again."))
    return redirect("staff_inbound_mail", pk)


@act_of("staff_inbound_mail", "pk")
@staff_page(RAW)
@recently_confirmed
def staff_inbound_raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as it came, as a file that no browser opens as a page. The trail says who took it."""
    mail = get_object_or_404(InboundMail, pk=pk)
    AuditEntry.record(request.user, "downloaded raw mail", mail)
    headers = {
        "Content-Disposition": f'attachment; filename="mail-{mail.pk}.txt"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(mail.raw), content_type="text/plain; charset=utf-8", headers=headers)


def _inside(mail: InboundMail) -> dict[str, Any]:
    facts: list[tuple[Any, Any]] = (
        [(_("Envelope to"), reply_addresses.masked(mail.envelope_to))] if mail.envelope_to else []
    )
    if mail.envelope_from is not None:
        facts.append((_("Envelope from"), mail.envelope_from or _("nobody, as a report")))
    if mail.via == InboundMail.Via.PAGE:
        return {"facts": facts, "text": mail.words}
    try:
        opened = mail_reading.opened(bytes(mail.raw))
    except (mime.Unreadable, mail_reading.ChildDied):
        return {"facts": facts}
    headers = [(name, value) for name in HEADERS for value in opened.headers.get(name, [])[:3]]
    facts += [
        (name.title().replace("-Id", "-ID"), reply_addresses.masked(mime.one_line(value, 400)))
        for name, value in headers
    ]
    return {
        "facts": facts,
        "text": reply_addresses.masked(opened.text[:MOST_SHOWN]),
        "parts": [
            _part(part.content_type, part.filename, filesizeformat(len(part.content))) for part in opened.parts[:20]
        ],
    }


def _part(kind: str, name: str, size: str) -> str:
    return f"{kind} “{name}”, {size}" if name else f"{kind}, {size}"
