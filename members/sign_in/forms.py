"""What people type to sign in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.accounts import codes
from members.text.addresses import folded, refuse_look_alikes
from members.web import plain_forms


class AddressField(forms.EmailField):
    """An address in the form it is compared in."""

    default_error_messages = {"required": _("Enter your email"), "invalid": _("Enter an email like name@example.org")}
    widget = forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"})

    def to_python(self, value: str | None) -> str:
        return folded(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        refuse_look_alikes(value)


class CodeField(forms.CharField):
    """The digits of a mailed code, however they were pasted."""

    default_error_messages = {"required": _("Enter the code from the email")}

    def __init__(self, **kwargs: object) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
        super().__init__(**{"label": _("Code"), "max_length": 60, "widget": widget} | kwargs)  # type: ignore[arg-type]

    def to_python(self, value: str | None) -> str:
        return codes.digits(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if not (value.isascii() and value.isdigit() and len(value) in (codes.SHORT, codes.LONG)):
            raise forms.ValidationError(_("The code has eight digits, like 4817 2046, or twelve"), "shape")


class SignInForm(plain_forms.Form):
    email = AddressField(
        label=_("Your email"), help_text=_("Work or personal, whichever we have for you."), max_length=254
    )


class CodeForm(plain_forms.Form):
    code = CodeField()


class SignInCodeForm(CodeForm):
    keep = forms.BooleanField(label=_("Keep me signed in on this device for 60 days"), required=False, initial=True)


class FactorForm(plain_forms.Form):
    """A code of the authenticator app, or one of the recovery codes."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the code from your app, or a recovery code")},
    )
