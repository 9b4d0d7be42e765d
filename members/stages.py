"""What stands between a right code and being signed in."""

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpResponse


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
