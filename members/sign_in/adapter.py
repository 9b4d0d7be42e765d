"""How allauth behaves here: nobody signs up by themselves, mail goes through deliveries, secrets are kept encrypted."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.accounts import devices, disputes, second_step, sessions
from members.accounts.messages import Change, tell_security_news
from members.accounts.sealed_factors import PURPOSE
from members.models import User
from members.sealing import vault

BRIEF = "brief"  # in the session of somebody on the way in: do not keep me signed in

# What a mail of allauth says, in the words of our own notice about the same fact.
SECURITY_NEWS = {
    "mfa/email/totp_activated": gettext_lazy("An authenticator app was added to your account."),
    "mfa/email/totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "mfa/email/webauthn_added": gettext_lazy("A passkey was added to your account."),
    "mfa/email/webauthn_removed": gettext_lazy("A passkey was removed from your account."),
    "mfa/email/recovery_codes_generated": gettext_lazy(
        "New recovery codes were made for your account. The old ones no longer work."
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy("That was too many tries. Wait a few minutes, then try again."),
        "rate_limited": gettext_lazy("That was too many tries. Wait a few minutes, then try again."),
        "incorrect_code": gettext_lazy("That code isn’t right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        if request.session.pop(BRIEF, False):
            request.session.set_expiry(0)  # until the browser is closed

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if second_step.is_missing(user):
            response = redirect(f"{reverse('settings_security')}?{urlencode({'next': response.url})}")
        devices.remember(request, response, user)
        return response

    def is_safe_url(self, url: str) -> bool:
        return is_own_path(url)

    def get_login_stages(self) -> list[str]:
        return [
            "allauth.account.stages.LoginByCodeStage",
            "members.sign_in.login_stages.SecondStepStage",
            "members.sign_in.login_stages.StillBegunStage",
        ]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """`members.sign_in.access.recently_confirmed` asks instead, also people who have no second step."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, _("This account is closed. Write to us if you think it should be open."))
        return redirect("account_login")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError(f"{template_prefix}: mail goes through deliveries")

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        device = sessions.device_of(self.request) if self.request else ""
        facts = _change_of(template_prefix, user)
        tell_security_news(user, str(SECURITY_NEWS[template_prefix]), device=device, **facts)


ADDED = ("mfa/email/totp_activated", "mfa/email/webauthn_added")


def _change_of(template_prefix: str, user: User) -> dict[str, Any]:
    """What a mail of allauth is about, for whoever says that it was not them."""
    if template_prefix in ADDED:
        keys = Authenticator.objects.filter(user=user, type__in=disputes.KEYS)
        return {"change": Change.KEY, "key": keys.order_by("-pk").values_list("pk", flat=True).first()}
    return {"change": Change.CODES} if template_prefix == "mfa/email/recovery_codes_generated" else {}


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That code isn’t right. Codes change every 30 seconds, and each works once.")
    }

    def encrypt(self, text: str) -> str:
        return vault(PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """For checking a code. What no key opens matches none: a secret made this moment stands for it.

        Pages that show or ask for codes look first whether they can be checked (members.accounts.sealed_factors).
        """
        try:
            return vault(PURPOSE).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return generate_totp_secret()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.ORG_NAME}

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 (allauth's word)
        return _("Passkey")


def is_own_path(url: str) -> bool:
    """A path of this site and nothing else: `/calls/`, never `//elsewhere` or `https://…`."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
