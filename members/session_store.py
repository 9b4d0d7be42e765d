"""Sessions in the database, as Django keeps them, found by a question that is compiled once: every request asks it.

Of people who are not signed in they last a day, and each network begins so many in ten minutes: a session is a row that
anybody can make with one request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from members.accounts import devices
from members.models import Count
from members.queries.prepared import prepared
from members.times import clock

VISITOR_LASTS = 24 * 60 * 60  # seconds
MOST_BEGUN = {"network": 200, "site": 600}  # in ten minutes; as many as codes that one address may ask for
TEN_MINUTES = 600
SIGNING_IN = timedelta(minutes=10)  # a device may be listed a moment before its session is stored
MOST_AT_ONCE, MOST_ROUNDS = 5_000, 400


@prepared
def _kept(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=clock.now())


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = _kept(self.session_key) if self.session_key else []
        if found:
            return found[0]
        self._session_key = None
        return None

    @property
    def is_visitors(self) -> bool:
        """Whether nobody is signed in."""
        return SESSION_KEY not in self

    def get_session_cookie_age(self) -> int:
        return VISITOR_LASTS if self.is_visitors else settings.SESSION_COOKIE_AGE


def may_begin(request: HttpRequest) -> bool:
    """Count one more session of somebody who is not signed in. False: too many began in this network."""
    most = {f"visit:{size}:{network}": MOST_BEGUN[size] for size, network in devices.networks_of(request).items()}
    begun = Count.objects.add(dict.fromkeys(most, TEN_MINUTES))
    return all(begun[key] <= most[key] for key in most)


def forget_ended() -> int:
    """Delete sessions that ended, and devices listed for one that is gone; how many sessions there were."""
    gone = _forget(Session.objects.filter(expire_date__lt=clock.now()))
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    listed_before = UserSession.objects.filter(created_at__lt=clock.now() - SIGNING_IN)
    _forget(listed_before.filter(~Exists(there)))
    return gone


def _forget(rows: QuerySet[Any]) -> int:
    """Delete some thousands at a time. What is left after MOST_ROUNDS waits for the next time."""
    gone = 0
    for _round in range(MOST_ROUNDS):
        deleted, _by_model = rows.model._default_manager.filter(pk__in=rows.values("pk")[:MOST_AT_ONCE]).delete()
        gone += deleted
        if deleted < MOST_AT_ONCE:
            break
    return gone
