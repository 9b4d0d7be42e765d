"""`/u/<token>/`: fewer emails of one kind from one committee, from a mail, without signing in.

GET shows how often it comes and what the buttons do, and changes nothing: scanners open every link. POST chooses, and
stops it when it says nothing else; a mail program posts the same address by itself (RFC 8058: no cookie, no CSRF
token, no redirect).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from members.mail import links, stops
from members.mail.kinds import Category, Notice, registry
from members.mail.scopes import scope_name
from members.models import NotificationPreference, User
from members.text.addresses import hinted
from members.web.acts import act_of, came_from, page_or_post
from members.web.keyed import reader_of, unlinked
from members.web.rate_limits import is_guessing

Cadence = NotificationPreference.Cadence
AS_BEFORE = "undo"  # with the choice that stood here before, or nothing for none


@dataclass(frozen=True)
class Opened:
    """What a valid token is about."""

    person: User
    notice: Notice
    scope: str

    @property
    def here(self) -> str:
        """What the person chose for this committee; "" for nothing."""
        return self._chosen(self.scope)

    @property
    def holds(self) -> str:
        """How often it comes now: the narrower choice wins."""
        return self.here or self._chosen("") or self.notice.cadence

    @property
    def ways(self) -> list[Cadence]:
        """What else it could be."""
        return [cadence for cadence in Cadence if cadence in self.notice.cadences and cadence != self.holds]

    def _chosen(self, scope: str) -> str:
        found = self.person.notification_preferences.filter(kind=self.notice.kind, scope=scope)
        return found.values_list("cadence", flat=True).first() or ""

    def choose(self, cadence: str, *, by_themselves: bool) -> None:
        """For this kind and committee only; nothing takes the choice away again. A stop by whoever holds the mail is
        told to its person.
        """
        if cadence == Cadence.NEVER and not by_themselves:
            stops.stop(self.person, self.notice.kind, self.scope)
        else:
            stops.choose(self.person, self.notice.kind, self.scope, cadence)

    def may_be(self, cadence: str) -> bool:
        return cadence in self.notice.cadences or cadence == Cadence.NEVER


@act_of("settings_notifications")
def mail_stopped(request: HttpRequest) -> HttpResponse:
    """The bar about what links in mails stopped: `undo`, or leave it so. Back to the page it stood on."""
    if "undo" in request.POST:
        stops.undo(request.user)
        messages.success(request, _("You get these emails again."))
    else:
        stops.keep(request.user)
    return redirect(came_from(request) or "settings_notifications")


@login_not_required
@csrf_exempt
@page_or_post
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    opened = _open(token)
    if opened is None and is_guessing(request, "unsubscribe"):
        return _answer(request, "429.html", {}, status=429)
    if opened is None:
        return _answer(request, "members/unsubscribe_gone.html", {}, status=404)
    before = opened.here
    wanted = _wanted(request, opened) if request.method == "POST" else None
    said_nothing = request.method == "POST" and wanted is None
    if wanted is not None:
        opened.choose(wanted, by_themselves=reader_of(request, opened.person) == "own")
    context = {
        "label": opened.notice.label,
        "place": scope_name(opened.scope, opened.person),
        "email": hinted(opened.person.email),
        "holds": opened.holds,
        "holds_label": Cadence(opened.holds).label,
        "ways": opened.ways,
        "chosen": wanted is not None,
        "undone": AS_BEFORE in request.POST,
        "before": before,
        "changed": before != opened.here,
    }
    return _answer(request, "members/unsubscribe.html", context, status=400 if said_nothing else 200)


def _wanted(request: HttpRequest, opened: Opened) -> str | None:
    """What a mail program says (RFC 8058), or one of the buttons; None for all else, which changes nothing."""
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return Cadence.NEVER
    before = request.POST.get(AS_BEFORE)
    if before is not None and (before == "" or opened.may_be(before)):
        return before
    wanted = request.POST.get("cadence", "")
    return wanted if opened.may_be(wanted) else None


def _open(token: str) -> Opened | None:
    try:
        link, kind, scope = links.read_unsubscribe(token)
        notice = registry.get(kind)
        return Opened(link.person(), notice, scope) if notice and notice.category == Category.ROUTINE else None
    except (links.BadLink, ValueError):
        return None


def _answer(request: HttpRequest, template: str, context: dict, status: int = 200) -> HttpResponse:
    return unlinked(render(request, template, context, status=status))
