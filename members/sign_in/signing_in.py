"""Signing in by mailed code: the same steps, mails and waiting for known and unknown addresses.

allauth keeps the pending sign-in in the session and runs what follows a right code (the second step, the new session
key, the list of devices). The row of the code (members.models.codes) says whether it is right, and who was first.
Whose address it is, is looked up when a code is mailed and when it was right, so the pages between are the same for all.
"""

from __future__ import annotations

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.db import transaction
from django.http import HttpRequest

from members.accounts import codes, devices, sessions, strangers
from members.accounts.messages import send_sign_in_code
from members.models import User
from members.models.codes import SHORT, MailedCode, grouped

PURPOSE = "sign-in"


class SignIn(LoginCodeVerificationProcess):
    """One address on its way in."""

    @classmethod
    def begin(cls, request: HttpRequest, email: str) -> SignIn:
        """`send_once` then mails a code to `email`, or a word that nobody signs in there."""
        login = Login(email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=None, email=email), initiated_by_user=True)
        return cls(stage)

    @classmethod
    def pending(cls, request: HttpRequest) -> SignIn | None:
        stage = LoginStageController.enter(request, LoginByCodeStage.key)
        return cls(stage) if stage else None

    @property
    def email(self) -> str:
        return self.state["email"]

    @property
    def digits(self) -> int:
        """How many the code has that was sent."""
        return self.state.get("digits", SHORT)

    @property
    def example(self) -> str:
        """What such a code looks like."""
        return grouped("123456789012"[: self.digits])

    @transaction.atomic
    def send_once(self) -> bool:
        """Whether a code is on its way, a new one or that of a moment ago. False: that was too many."""
        if row := codes.just_sent(self.request, PURPOSE, self.email):
            self._wait_for(row)
            return True
        if not codes.may_send(self.request, self.email):
            return False
        self.send()
        codes.remember_press(self.request, PURPOSE, self.email, self.state["row"])
        return True

    def send(self, skip_enumeration_mails: bool = False) -> None:
        """Mail a code; the earlier one no longer works."""
        user = User.objects.who_sign_in_at(self.email)
        row, code = codes.make(self.request, PURPOSE, self.email, usable=bool(user))
        send_sign_in_code(
            user.signs_in_at(self.email) if user else self.email, user, code, too_many=self._are_too_many(user)
        )
        self._wait_for(row)

    def _are_too_many(self, user: User | None) -> bool:
        """Whether so many asked that nobody hears any more that there is no account. Counted for who has one as well."""
        if devices.trusted_for(self.request, self.email):
            return False
        return bool(strangers.why_not(self.request, self.email, strangers.SIGN_IN, counts=user is None))

    def _wait_for(self, row: MailedCode) -> None:
        self.stage.login.initiated_at = row.sent_at.timestamp()
        self.state |= {"row": row.pk, "digits": row.digits}
        self.persist()

    def check(self, typed: str) -> None:
        """Raise codes.Refused unless `typed` is the code and nobody was faster; each try counts.

        A code that was asked for before its person was signed out, or took another address, has expired.
        """
        codes.claim(self.request, self.state.get("row", 0), PURPOSE, self.email, typed)
        begun_at = self.stage.login.initiated_at
        user = User.objects.who_sign_in_at(self.email)
        if user is None or user.created_at.timestamp() > begun_at or sessions.is_void(user, begun_at):
            raise codes.Refused("expired")
        self._user = user
