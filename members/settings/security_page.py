"""What the page on signing in lists: the ways in, the second step, and where a person is signed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.accounts import sealed_factors, second_step, sessions
from members.models import User

TYPE = Authenticator.Type
POCKET = ("iPhone", "Android", "iPad")


@dataclass(frozen=True)
class Way:
    """A way in, and what its owner may do about it. `whose` completes the action for those who hear it alone."""

    icon: str
    title: str
    words: str
    url: str
    action: str
    whose: str = ""
    last_used_at: datetime | None = None
    added_at: datetime | None = None


@dataclass(frozen=True)
class SecondStep:
    """Whether a mailed code alone is enough. `action` is none where the organization decides."""

    words: str
    action: str = ""
    turns_on: bool = False


@dataclass(frozen=True)
class Device:
    pk: int
    name: str
    in_short: str
    icon: str
    since: datetime
    ip: str | None
    is_this: bool


def ways_in(user: User, factors: Sequence[Authenticator]) -> list[Way]:
    passkeys = [factor for factor in factors if factor.type == TYPE.WEBAUTHN]
    return [
        Way("mail", _("Code by email"), user.email, reverse("settings_email"), _("Change email")),
        *map(_passkey, passkeys),
        Way(
            "key-round",
            _("Another passkey") if passkeys else _("Passkey"),
            _("Face ID, fingerprint, screen lock or a security key"),
            reverse("passkey_add"),
            _("Add a passkey"),
        ),
        _app(any(factor.type == TYPE.TOTP for factor in factors)),
    ]


def _passkey(factor: Authenticator) -> Way:
    name = factor.wrap().name
    remove = reverse("passkey_remove", args=[factor.pk])
    return Way("key-round", name, _("Passkey"), remove, _("Remove"), name, factor.last_used_at, factor.created_at)


def _app(is_on: bool) -> Way:
    words, address, action = (
        (_("On. We ask for its code after the mailed one."), "app_remove", _("Remove the app"))
        if is_on
        else (_("Off. A second step after the mailed code."), "app_add", _("Add an app"))
    )
    return Way("smartphone", _("Authenticator app"), words, reverse(address), action)


def recovery_codes(factors: Sequence[Authenticator]) -> Iterator[Way]:
    """One, or none while no factor came with any."""
    for recovery in [factor for factor in factors if factor.type == TYPE.RECOVERY_CODES][:1]:
        left = len(recovery.wrap().get_unused_codes()) if sealed_factors.opens(recovery) else 0
        words = ngettext("%(left)s left", "%(left)s left", left) % {"left": left}
        yield Way("life-buoy", _("Recovery codes"), words, reverse("recovery_codes"), _("Show"))


def second_step_of(user: User, factors: Sequence[Authenticator]) -> SecondStep | None:
    """None where an app asks for it anyway, or where nothing is there to ask for."""
    types = {factor.type for factor in factors}
    if TYPE.TOTP in types or TYPE.WEBAUTHN not in types:
        return None
    if second_step.is_wanted_by_organization(user):
        words = _("On. %(organization)s asks you for it: your passkey or a recovery code after a mailed code.")
        return SecondStep(words % {"organization": settings.ORG_NAME})
    if user.second_step_since:
        return SecondStep(_("On. After a mailed code we ask for your passkey or a recovery code."), _("Turn off"))
    words = _("Off. A mailed code alone signs you in where your passkey isn’t at hand.")
    return SecondStep(words, _("Turn on"), turns_on=True)


def devices(request: HttpRequest) -> list[Device]:
    found = []
    for session in sessions.devices_of(request.user):
        browser, system = sessions.device_name(session.user_agent)
        name = (
            _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
            if browser and system
            else browser or system or _("A device we don’t recognize")
        )
        found.append(
            Device(
                session.pk,
                name,
                f"{browser} {system}",
                "smartphone" if system in POCKET else "monitor",
                session.created_at,
                session.ip,
                session.session_key == request.session.session_key,
            )
        )
    return found
