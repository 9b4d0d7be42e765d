"""What an applicant has told us so far, question by question.

Kept in the session. Each page also carries a signed copy, so a form sent after the session ended (signed out in
another window, cookies cleared) brings all earlier answers back for a day. That the address was confirmed it brings back
for a quarter of an hour only: whoever finds the page later is asked for a code again.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest

from members.models import Application, Jurisdiction, User

KEY = "application"
SALT = "members.application"
KEPT_FOR = timedelta(days=1)
PROVED_FOR = timedelta(minutes=15)


class Answers(dict[str, Any]):
    """Names of questions to answers in JSON's types; `confirmed` is the address that was confirmed by code, at
    `confirmed_at`."""

    QUESTIONS = ("name", "email", "code", "office", "place", "term", "why")

    @classmethod
    def of(cls, request: HttpRequest) -> Answers:
        answers = cls(request.session.get(KEY) or cls._carried(request.POST.get("kept", "")))
        if request.user.is_authenticated:
            answers = cls(answers or cls.already_given(request.user))
            answers |= {"name": answers.get("name") or request.user.name, "email": request.user.email}
            answers.confirm()
        return answers

    @staticmethod
    def _carried(text: str) -> dict[str, Any]:
        try:
            answers = signing.loads(text, salt=SALT, max_age=KEPT_FOR)
        except signing.BadSignature:
            return {}
        if time.time() - answers.get("confirmed_at", 0) > PROVED_FOR.total_seconds():
            answers.pop("confirmed", None)
        return answers

    def confirm(self) -> None:
        """Whoever answers reads the address given."""
        self |= {"confirmed": self["email"], "confirmed_at": time.time()}

    @property
    def carried(self) -> str:
        return signing.dumps(self, salt=SALT, compress=True)

    def keep(self, request: HttpRequest) -> None:
        request.session[KEY] = dict(self)

    @staticmethod
    def forget(request: HttpRequest) -> None:
        request.session.pop(KEY, None)

    def has(self, question: str) -> bool:
        if question == "code":
            return bool(self.get("email")) and self.get("confirmed") == self["email"]
        return {"office": "kind", "place": "jurisdiction", "term": "started_on"}.get(question, question) in self

    @property
    def missing(self) -> str:
        """The first question without an answer; "" when none is left."""
        return next((question for question in self.QUESTIONS if not self.has(question)), "")

    def reaches(self, question: str) -> bool:
        """All earlier questions are answered."""
        earlier = self.QUESTIONS if question == "check" else self.QUESTIONS[: self.QUESTIONS.index(question)]
        return all(self.has(each) for each in earlier)

    @property
    def jurisdiction(self) -> Jurisdiction | None:
        return Jurisdiction.objects.filter(pk=self.get("jurisdiction") or 0).first()

    @property
    def started(self) -> date | None:
        return _day(self.get("started_on"))

    @property
    def ended(self) -> date | None:
        return _day(self.get("ended_on"))

    def fields(self) -> dict[str, Any]:
        """As fields of an Application."""
        return {
            "title": self["title"],
            "jurisdiction": self.jurisdiction,
            "place": self.get("place", ""),
            "district": self.get("district", ""),
            "started_on": self.started,
            "ended_on": self.ended,
            "why": self["why"],
            "wanted": self.get("wanted", ""),
            "wanted_name": self.get("wanted_name", ""),
        }

    def want(self, address: str, name: str) -> None:
        """What they come for: they are led to it when they are a member. "" for nothing yet."""
        self |= {"wanted": address, "wanted_name": name}

    @classmethod
    def already_given(cls, applicant: User) -> Answers:
        """Those of the application that waits, to change them."""
        application = Application.objects.waiting().filter(applicant=applicant).first()
        return cls(_of(application)) if application else cls()


def _of(application: Application) -> dict[str, Any]:
    return {
        "kind": "other",
        "title": application.title,
        "jurisdiction": application.jurisdiction_id,
        "place": application.place,
        "district": application.district,
        "started_on": application.started_on and application.started_on.isoformat(),
        "ended_on": application.ended_on and application.ended_on.isoformat(),
        "why": application.why,
        "wanted": application.wanted,
        "wanted_name": application.wanted_name,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
