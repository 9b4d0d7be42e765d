"""What stands between a right code and being signed in."""

from allauth.account.stages import LoginStage
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from members import sessions


class SecondStepStage(AuthenticateStage):
    """Ask for the authenticator app's code from those who set one up.

    A passkey alone is another way in, not a second step: whoever has one on the phone can still
    use the mailed code on another computer. Staff pages then ask for the passkey.
    """

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is None or not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
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
