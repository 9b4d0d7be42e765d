"""Demo mode: sign in as anybody with one tap, read everybody's mail, and look at every kind of it as mail programs show it. 404 everywhere
else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from committees.models import Membership
from members.accounts import sessions
from members.mail.kinds import registry
from members.models import User
from members.sign_in.adapter import is_own_path
from members.web.acts import act_of
from portal.demo import mail_programs
from portal.demo.letters import one_of_each
from portal.demo.loading import is_loaded
from portal.demo.mailbox import Mail, Mailbox

View = Callable[..., HttpResponse]
BACKEND = "members.auth.StandingBackend"
FIRST = ("teresa", "denise", "marcus", "newcomer", "jonah", "priya", "admin")
# A mail is somebody else's page: no script, no forms, nothing loaded from outside; links open in the whole window.
MAIL_POLICY = "sandbox allow-popups allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
GALLERY_FOR = 120  # seconds; rendering it takes a few


@dataclass(frozen=True)
class Look:
    """How the gallery shows each mail: `change` is what a program does to the HTML, None shows the text."""

    label: Any
    change: Callable[[str], str] | None
    width: str = ""  # of the frame, in CSS pixels; all there is without


LOOKS = {
    "html": Look(gettext_lazy("HTML"), str),
    "text": Look(gettext_lazy("Text"), None),
    "narrow": Look(gettext_lazy("320 px"), str, "320"),
    "dark": Look(gettext_lazy("Dark"), mail_programs.in_its_own_dark),
    "partly": Look(gettext_lazy("Forced dark, as Android"), mail_programs.darkened_partly),
    "wholly": Look(gettext_lazy("Forced dark, as Outlook on the web"), mail_programs.darkened_wholly),
    "outlook": Look(gettext_lazy("As Outlook for Windows"), mail_programs.as_outlook),
}


def in_demo(view: View) -> View:
    """Open to everybody in demo mode and kept from search engines; elsewhere there is no such page."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@dataclass(frozen=True)
class Shown:
    """A mail in the list or on its page."""

    mail: Mail

    @property
    def message(self) -> EmailMessage:
        return self.mail.message

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(self.mail.received_at, UTC)

    def part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""

    @property
    def subject(self) -> str:
        return self.message["Subject"] or _("(no subject)")

    @property
    def to(self) -> str:
        return ", ".join(self.mail.recipients)

    @property
    def text(self) -> str:
        return self.part("plain")

    @property
    def has_html(self) -> bool:
        return self.message.get_body(("html",)) is not None

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or part.get_content_type() for part in self.message.iter_attachments()]


@in_demo
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    memberships = Membership.objects.current().select_related("committee").order_by("committee__name")
    found = (
        User.objects.active()
        .filter(email__endswith="@portal.example")
        .with_standing()
        .prefetch_related(Prefetch("memberships", memberships))
    )
    cast = sorted(found, key=lambda person: (_place_in_line(person), person.name))[:40]
    return render(
        request,
        "portal/demo.html",
        {"cast": [(person, _who_is(person)) for person in cast], "next": request.GET.get("next", "")},
    )


@in_demo
@act_of("demo")
def sign_in(request: HttpRequest) -> HttpResponse:
    """As this person, with a second step, in a new session."""
    person = User.objects.who_sign_in_at(request.POST.get("email", ""))
    if person is None:
        raise Http404
    request.session.flush()
    login(request, person, backend=BACKEND)
    sessions.record_proof(request, person, "mfa", "demo")
    sessions.remember_device(request)
    path = request.POST.get("next", "")
    return redirect(path if is_own_path(path) else settings.LOGIN_REDIRECT_URL)


@in_demo
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    to = request.GET.get("to", "").strip()
    mails = [Shown(each) for each in Mailbox.of_the_demo().newest(to)]
    return render(request, "portal/demo_mail.html", {"mails": mails, "to": to})


@in_demo
@require_safe
def message(request: HttpRequest, pk: str) -> HttpResponse:
    return render(request, "portal/demo_message.html", {"mail": Shown(_find(pk))})


@in_demo
@require_safe
def message_html(request: HttpRequest, pk: str) -> HttpResponse:
    html = Shown(_find(pk)).part("html")
    if not html:
        raise Http404
    return HttpResponse(f'<base target="_top">{html}', headers={"Content-Security-Policy": MAIL_POLICY})


@in_demo
@require_safe
def raw(request: HttpRequest, pk: str) -> HttpResponse:
    return HttpResponse(_find(pk).raw, content_type="text/plain; charset=utf-8")


@in_demo
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every kind of mail in one look."""
    look = request.GET.get("as", "")
    look = look if look in LOOKS else "html"
    tabs = [
        {"label": each.label, "url": f"{reverse('demo_gallery')}?as={name}", "current": name == look}
        for name, each in LOOKS.items()
    ]
    letters = [(registry[kind].label, kind, subject) for kind, (subject, *_parts) in _letters().items()]
    shown = {"look": look, "tabs": tabs, "width": LOOKS[look].width, "letters": letters}
    return render(request, "portal/demo_gallery.html", shown)


@in_demo
@require_safe
def letter(request: HttpRequest, kind: str, look: str) -> HttpResponse:
    """One kind in one look, for a frame of the gallery."""
    if look not in LOOKS or kind not in (letters := _letters()):
        raise Http404
    _subject, text, html = letters[kind]
    change = LOOKS[look].change
    if change is None:
        return HttpResponse(
            text, content_type="text/plain; charset=utf-8", headers={"Content-Security-Policy": MAIL_POLICY}
        )
    shown = change(html).replace("<head>", '<head><base target="_top">', 1)
    return HttpResponse(shown, headers={"Content-Security-Policy": MAIL_POLICY})


def _letters() -> dict[str, tuple[str, str, str]]:
    """Subject, text and HTML by kind, in the order of kinds."""
    if not is_loaded():
        return {}
    return cache.get_or_set("demo_gallery", _written, GALLERY_FOR) or {}


def _written() -> dict[str, tuple[str, str, str]]:
    messages = {kind: mail.message() for kind, mail in sorted(one_of_each().items())}
    return {
        kind: (str(message.subject), str(message.body), str(message.alternatives[0][0]))
        for kind, message in messages.items()
    }


def _find(pk: str) -> Mail:
    found = Mailbox.of_the_demo().get(pk)
    if found is None:
        raise Http404
    return found


def _place_in_line(person: User) -> int:
    name = person.email.partition("@")[0]
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _who_is(person: Any) -> str:
    """What this person can show, in words."""
    roles = dict(person.appointments.model.Role.choices)
    chaired = [
        membership.committee.name for membership in person.memberships.all() if membership.role == Membership.Role.CHAIR
    ]
    others = [
        membership.committee.name for membership in person.memberships.all() if membership.role != Membership.Role.CHAIR
    ]
    parts = [str(roles[role]) for role in person.roles]
    parts += [_("co-chairs %(committees)s") % {"committees": ", ".join(chaired)}] if chaired else []
    parts += [_("in %(committees)s") % {"committees": ", ".join(others)}] if others else []
    if not person.is_member:
        parts = [_("has applied and waits for an answer")]
    text = "; ".join(parts) or _("member, in no committee yet")
    return text[0].upper() + text[1:]
