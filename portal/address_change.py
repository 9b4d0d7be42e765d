"""Another address to sign in at, and what goes with the old one.

Tokens for programs end unless their owner keeps them: few people have any, and one that a stranger made in the old mailbox
would go on reading. The calendar address stays unless they end it: a phone that silently stops showing calls costs more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import AuthToken

from events.models import CalendarFeed
from members.accounts import codes, sessions
from members.accounts.messages import Change, tell_security_news
from members.models import AuditEntry, User
from members.sign_in.forms import CodeForm


class ChangeForm(CodeForm):
    """The code that the new address got, and what ends with the change, as far as the person has it."""

    end_tokens = forms.BooleanField(
        label=gettext_lazy("End my tokens for programs"),
        help_text=gettext_lazy("Whatever reads your calls with one stops. You can make new ones."),
        required=False,
        initial=True,
    )
    end_calendar = forms.BooleanField(
        label=gettext_lazy("End my calendar address"),
        help_text=gettext_lazy(
            "Choose this if a calendar at an old workplace shows your calls. Yours stops too, until you add the new address."
        ),
        required=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not AuthToken.objects.filter(user=user).exists():
            del self.fields["end_tokens"]
        if not user.is_member:
            del self.fields["end_calendar"]

    def change(self, request: HttpRequest, purpose: str) -> None:
        """Raises codes.Refused for a wrong code, ValidationError or IntegrityError for an address that is taken."""
        email = codes.check(request, purpose, self.cleaned_data["code"])
        with transaction.atomic():
            self._change(request.user, email, sessions.device_of(request))

    def _change(self, person: Any, email: str, device: str) -> None:
        before = person.email
        person.change_email(email)
        if self.cleaned_data.get("end_tokens"):
            sessions.end_tokens(person)
            AuditEntry.record(person, "revoked token", person)
        if self.cleaned_data.get("end_calendar"):
            CalendarFeed.renew(person)
        tell_security_news(person, " ".join(self._news()), address=before, device=device, change=Change.ADDRESS)

    def _news(self) -> Iterator[str]:
        """What the old address hears, in sentences."""
        yield _("Your account now signs in with another address.")
        if "end_tokens" in self.fields:
            ended = self.cleaned_data["end_tokens"]
            yield _("Its tokens for programs were ended.") if ended else _("Its tokens for programs still work.")
        if "end_calendar" in self.fields:
            ended = self.cleaned_data["end_calendar"]
            yield _("Its calendar address was ended.") if ended else _("Its calendar address still works.")
