"""Signing in by mailed code: the same steps, mails and waiting for known and unknown addresses.

allauth keeps the pending sign-in in the session and runs what follows a right code (the second step, the new session
key, the list of devices). The session holds a keyed hash of the code.
"""

from __future__ import annotations

import time

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from members import codes, notices
from members.models import User

PURPOSE = "sign-in"


class SignIn(LoginCodeVerificationProcess):
    """One address on its way in."""

    @classmethod
    def begin(cls, request: HttpRequest, email: str) -> SignIn:
        """Mail a code to `email`, or a word that nobody signs in there."""
        user = User.objects.who_sign_in_at(email)
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=email), initiated_by_user=True)
        sign_in = cls(stage)
        sign_in.send()
        return sign_in

    @classmethod
    def pending(cls, request: HttpRequest) -> SignIn | None:
        stage = LoginStageController.enter(request, LoginByCodeStage.key)
        return cls(stage) if stage else None

    @property
    def email(self) -> str:
        return self.state["email"]

    def send(self, skip_enumeration_mails: bool = False) -> None:
        """Mail a code; the earlier one no longer works."""
        code = codes.new_code()
        self.state |= {"code": codes.hashed(PURPOSE, self.email, code), "at": time.time(), "failed_attempts": 0}
        notices.send_sign_in_code(self.user.email if self.user else self.email, self.user, code)
        self.persist()

    def check(self, typed: str) -> None:
        """Raise codes.Refused unless `typed` is the code; each try counts."""
        if not self.is_valid():
            raise codes.Refused("expired")
        if self.state["failed_attempts"] >= self.max_attempts or not codes.may_try(self.request, self.state["at"]):
            raise codes.Refused("tries")
        right = constant_time_compare(self.code, codes.hashed(PURPOSE, self.email, codes.digits(typed)))
        if not (right and self.user):
            self.state["failed_attempts"] += 1
            self.persist()
            raise codes.Refused("wrong")
