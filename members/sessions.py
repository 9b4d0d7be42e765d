"""Devices that are signed in: how strongly, how recently, and ending them.

A session ends when its row in the database goes, so the device is signed out with its next request.
"""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from members.models import User

RECENT = 15 * 60  # seconds for which a proof is good enough to change how one signs in


def is_strong(request: HttpRequest) -> bool:
    """Whether a second factor or a passkey was used in this session."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def is_recent(request: HttpRequest) -> bool:
    """Whether the person proved lately who they are, with the strongest proof they have set up."""
    records = get_authentication_records(request, request.user)
    if has_factor(request.user):
        records = [record for record in records if record.get("method") == "mfa"]
    return any(time.time() - record.get("at", 0) < RECENT for record in records)


def outlived(request: HttpRequest) -> bool:
    """Whether this session was begun before its person left the organization."""
    left_at = request.user.left_at
    if left_at is None:
        return False
    return not any(
        record.get("at", 0) > left_at.timestamp() for record in get_authentication_records(request, request.user)
    )


def record_proof(request: HttpRequest, user: User, method: str, kind: str) -> None:
    """Note in the session how `user` proved who they are: method "mfa" (strong) or "code"."""
    record_authentication(request, user, method, type=kind)


def forget_strength(request: HttpRequest) -> None:
    """The last factor is gone, so what was proved with it counts no longer."""
    records = get_authentication_records(request, request.user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record for record in records if record.get("method") != "mfa"
    ]


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user).exists()


def devices_of(user: User) -> QuerySet[UserSession]:
    """Sessions that still work, newest first."""
    working = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=working).order_by("-created_at")


def remember_device(request: HttpRequest) -> None:
    """List this device among those of the person who just signed in."""
    UserSession.objects.create_from_request(request)


def end(devices: QuerySet[UserSession]) -> int:
    """Sign out these devices; how many there were."""
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_others(request: HttpRequest) -> int:
    return end(UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key))


@receiver(authentication_step_completed)
def rotate(sender: type[User], request: HttpRequest, method: str, **kwargs: object) -> None:
    """A session that grows stronger gets a new key, so a copy of the old cookie gains nothing."""
    if method != "mfa" or not request.user.is_authenticated:
        return
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> tuple[str, str]:
    """Browser and system in the words people know them by; "" when the browser does not say."""

    def first(table: tuple[tuple[str, str], ...]) -> str:
        return next((name for sign, name in table if sign in user_agent), "")

    return first(BROWSERS), first(SYSTEMS)
