"""Sessions in the database, as Django keeps them, found by a question that is compiled once: every request asks it."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from members import clock
from members.prepared import prepared


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
