"""What stands between a right code and being signed in."""

from allauth.account.stages import LoginStage
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from members.accounts import second_step, sessions


class SecondStepStage(AuthenticateStage):
    """Ask for the app's code, a recovery code or a passkey, from those of whom members.accounts.second_step says so."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is None or not second_step.is_taken_by(user):
            return None, True
        return super().handle()


class StillBegunStage(LoginStage):
    """Last: a sign-in dies with the address, the factor or the sessions that were there when it began."""

    key = "still_begun"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is None or not sessions.is_void(user, self.login.initiated_at):
            return None, True
        messages.error(self.request, _("Something about this account has changed since. Sign in once more."))
        return redirect("account_login"), False
