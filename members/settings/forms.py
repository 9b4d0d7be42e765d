"""What people set about themselves."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core import signing
from django.db import transaction
from django.forms.models import fields_for_model
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from members.accounts.passkeys import BROKEN, can_sign
from members.fields import LineField
from members.models import AuditEntry, Profile, User
from members.sign_in.forms import AddressField
from members.text.names import refuse_imitation_of, refuse_imitations
from members.times.zones import US_ZONES, known_zones
from members.web import plain_forms

PROFILE_FIELDS = ("pronouns", "bio", "phone")


def zone_choices() -> list[tuple[Any, Any]]:
    """Those of the United States by name, then all others by their IANA name."""
    ours = {name for name, words in US_ZONES}
    others = sorted(name for name in known_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
    return [
        (_("United States"), US_ZONES),
        (_("Elsewhere"), [(name, name.replace("_", " ")) for name in others if name not in ours]),
    ]


class DetailsForm(plain_forms.ModelForm):
    """The person and their profile on one page."""

    asks = {
        "name": _("Enter your name"),
        "timezone": _("Choose your time zone, so that times are yours"),
        "phone": {"invalid": _("Enter a number like 719-555-0148, with its area code")},
    }

    field_order = ("name", "given_name", "pronouns", "bio", "phone", "timezone", "color_scheme")  # as on the page

    pronouns, bio, phone = (fields_for_model(Profile, PROFILE_FIELDS)[name] for name in PROFILE_FIELDS)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lazy(zone_choices, list),
        help_text=_("All times in the portal and in our emails are in this zone."),
    )

    class Meta:
        model = User
        fields = ("name", "given_name", "timezone", "color_scheme", "single_key_shortcuts")
        widgets = {"color_scheme": forms.RadioSelect}
        help_texts = {
            "single_key_shortcuts": _(
                "Press / to search, g then c for your calls. Turn it off if you dictate or type with assistive tools."
            ),
        }

    def __init__(self, data: Any = None, *, instance: User, **kwargs: Any) -> None:
        profile = instance.profile
        initial = {name: getattr(profile, name) for name in PROFILE_FIELDS} | kwargs.pop("initial", {})
        super().__init__(data, instance=instance, initial=initial, **kwargs)
        self.fields["phone"].widget.attrs |= {"autocomplete": "tel", "inputmode": "tel"}
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["given_name"].widget.attrs["autocomplete"] = "given-name"

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not any(character.isalpha() for character in name):
            raise forms.ValidationError(_("Enter your name in letters"))
        if name != self.initial.get("name"):
            refuse_imitations(name)
            refuse_imitation_of(User.objects, name, self.instance.pk)
        return name

    def clean_given_name(self) -> str:
        name = str(self.cleaned_data["given_name"])
        if name != self.initial.get("given_name"):
            refuse_imitations(name)
        return name

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        changed = {name: str(self.cleaned_data[name]) for name in self.changed_data}
        user = super().save()
        for name in PROFILE_FIELDS:
            setattr(user.profile, name, self.cleaned_data[name])
        user.profile.save(update_fields=PROFILE_FIELDS)
        if changed:
            AuditEntry.record(
                user, "changed details", user, before={name: str(self.initial[name]) for name in changed}, after=changed
            )
        return user


class PrivacyForm(plain_forms.ModelForm):
    """Who sees what."""

    asks = {
        "email_audience": _("Choose who sees your email"),
        "phone_audience": _("Choose who sees your number"),
        "rsvp_audience": _("Choose who sees which calls you go to"),
    }

    class Meta:
        model = Profile
        fields = ("email_audience", "phone_audience", "rsvp_audience")

    def save(self, commit: bool = True) -> Profile:
        profile = super().save()
        if self.changed_data:
            before = {name: self.initial[name] for name in self.changed_data}
            AuditEntry.record(
                profile.user,
                "changed privacy",
                profile.user,
                before=before,
                after={name: self.cleaned_data[name] for name in self.changed_data},
            )
        return profile


class NewAddressForm(plain_forms.Form):
    email = AddressField(
        label=_("New email"),
        help_text=_("We send a code of eight digits there. Until you type it here, nothing changes."),
        max_length=254,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email == self.user.email:
            raise forms.ValidationError(_("That’s the address you have now"))
        return email


class PasskeyForm(plain_forms.PlainWords, AddWebAuthnForm):
    """A new passkey's name, and what the browser made."""

    BROKEN_WORDS = _("Your device didn’t make a passkey. Try again.")
    asks = {"credential": BROKEN_WORDS}

    name = LineField(label=_("What you call it"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned = super().clean() or self.cleaned_data
        except BROKEN as error:  # not made by a browser
            raise forms.ValidationError(self.BROKEN_WORDS, "broken") from error
        if "credential" in cleaned and not can_sign(cleaned["credential"]):
            raise forms.ValidationError(self.BROKEN_WORDS, "broken")
        return cleaned


class AppForm(plain_forms.Form):
    """The first code of an authenticator app shows that it holds our secret.

    The secret travels in the page, signed for its person, so that looking at the page changes nothing.
    """

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the six digits your app shows")},
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.secret = self._unsealed((data or {}).get("sealed", "")) or generate_totp_secret()

    def look_again(self) -> None:
        """The secret of the page that came back: the app holds it already."""
        self.secret = self._unsealed(self.data.get("sealed", "")) or self.secret

    @property
    def sealed(self) -> str:
        return signing.dumps(self.secret, salt=self._salt)

    def clean_code(self) -> str:
        if not self._unsealed(self.data.get("sealed", "")):
            raise forms.ValidationError(_("This page waited too long. Scan the picture again, then type the new code."))
        forget_tries = check_rate_limit(self.user, error_key="rate_limited")
        if not validate_totp_code(self.secret, self.cleaned_data["code"]):
            raise get_adapter().validation_error("incorrect_code")
        forget_tries()
        return self.cleaned_data["code"]

    @property
    def _salt(self) -> str:
        return f"members.settings_forms.AppForm.{self.user.pk}"

    def _unsealed(self, sealed: str) -> str:
        """The secret of an hour-old page at most, "" for anything else."""
        try:
            return str(signing.loads(sealed, salt=self._salt, max_age=60 * 60))
        except signing.BadSignature:
            return ""
