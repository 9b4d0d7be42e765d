"""`/u/<token>/`: stopping one kind of message from one committee, from a mail, without signing in.

GET shows what the button stops and changes nothing: scanners open every link. POST stops it; a mail program posts the
same address by itself (RFC 8058: no cookie, no CSRF token, no redirect).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from members import links
from members.models import NotificationPreference, User
from members.notifications.notice import Class, Notice, registry, scope_name


@dataclass(frozen=True)
class Opened:
    """What a valid token is about."""

    person: User
    notice: Notice
    scope: str

    @property
    def is_stopped(self) -> bool:
        return self._chosen(self.scope) == NotificationPreference.Cadence.NEVER or (
            not self._chosen(self.scope) and self._chosen("") == NotificationPreference.Cadence.NEVER
        )

    def _chosen(self, scope: str) -> str:
        found = self.person.notification_preferences.filter(kind=self.notice.kind, scope=scope)
        return found.values_list("cadence", flat=True).first() or ""

    def stop(self) -> None:
        self._choose(NotificationPreference.Cadence.NEVER)

    def resume(self) -> None:
        self._choose(NotificationPreference.Cadence.AT_ONCE)

    def _choose(self, cadence: str) -> None:
        self.person.notification_preferences.update_or_create(
            kind=self.notice.kind, scope=self.scope, defaults={"cadence": cadence}
        )


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    opened = _open(token)
    if opened is None:
        return _answer(request, "members/unsubscribe_gone.html", {}, status=404)
    if request.method == "POST":
        (opened.resume if "undo" in request.POST else opened.stop)()
    context = {
        "label": opened.notice.label,
        "place": scope_name(opened.scope),
        "email": opened.person.email,
        "stopped": opened.is_stopped,
        "resumed": "undo" in request.POST,
    }
    return _answer(request, "members/unsubscribe.html", context)


def _open(token: str) -> Opened | None:
    try:
        link, kind, scope = links.read_unsubscribe(token)
        notice = registry.get(kind)
        return Opened(link.person(), notice, scope) if notice and notice.sort == Class.ROUTINE else None
    except (links.BadLink, ValueError):
        return None


def _answer(request: HttpRequest, template: str, context: dict, status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
