"""Whose eyes a session looks through. It stands in the session of the person of staff and ends by the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from members.models import AuditEntry, User
from members.settings.looks import LOOKED_AS

LASTS = 30 * 60  # seconds
KEY = "looks_as"  # in the session
STOPPED = "stopped looking as"


@dataclass(frozen=True)
class Looking:
    person: User
    until: datetime


def stands_in(request: HttpRequest) -> bool:
    """Whether this session looks, or looked until the half hour was over."""
    return request.user.is_authenticated and KEY in request.session


def looking(request: HttpRequest) -> Looking | None:
    """None once the half hour is over, or whoever looks may not (any more): rights are asked with each page."""
    key, until = request.session[KEY]
    person = User.objects.with_standing().filter(pk=key).first()
    may = person is not None and time.time() < until and request.user.has_perm("members.look_as", person)
    return Looking(person, datetime.fromtimestamp(until, UTC)) if person and may else None


@transaction.atomic
def begin(request: HttpRequest, person: User, reason: str) -> None:
    """Forms of pages that are open in other tabs belong to nobody from now on."""
    AuditEntry.record(request.user, LOOKED_AS, person, reason=reason)
    request.session[KEY] = [person.pk, time.time() + LASTS]
    rotate_token(request)


def end(request: HttpRequest) -> None:
    """Forms of pages that were looked at belong to nobody from now on: none of them acts for whoever looked."""
    if request.session.pop(KEY, None):
        rotate_token(request)


@transaction.atomic
def stop(request: HttpRequest) -> User | None:
    """Whom it was; None when nobody looked any more."""
    key = (request.session.get(KEY) or [None])[0]
    person = User.objects.filter(pk=key).first() if key else None
    if person:
        AuditEntry.record(request.user, STOPPED, person)
    end(request)
    return person
