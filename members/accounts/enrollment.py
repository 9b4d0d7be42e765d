"""How staff add their first factor, and another when it is lost.

A mailbox alone must not open the staff desk, so the first factor needs a code that an administrator, or whoever runs
the server, hands over by another way (docs/adr/0003). All administrators are told of each factor that staff add.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BaseForm, CharField, TextInput
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.accounts import sessions
from members.accounts.messages import (
    tell_account_news,
    tell_administrators,
    tell_of_enrollment,
    tell_security_news,
)
from members.models import AuditEntry, Enrollment, StaffAppointment, User

FIELD = "enrollment"


class EnrollmentCodeField(CharField):
    widget = TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})
    default_error_messages = {"required": gettext_lazy("Enter the enrollment code, like K7QM-2XPD-9RWT")}


def ask_for_code(request: HttpRequest, form: BaseForm) -> None:
    """Add the field for that code to the form, unless the session is strong already."""
    user: Any = request.user
    if not user.is_strongly_authenticated and user.appointments.in_force().exists():
        hint = _(
            "You have a staff role, so an administrator gives you a code, by phone or in person. It works for 7 days."
        )
        form.fields[FIELD] = EnrollmentCodeField(label=_("Enrollment code"), max_length=40, help_text=hint)


def is_proved(request: HttpRequest, form: BaseForm) -> bool:
    """Whether the factor may be added. A wrong code counts, so call it in the transaction that adds the factor."""
    if FIELD not in form.fields or Enrollment.claim(request.user, form.cleaned_data[FIELD]):
        return True
    form.add_error(
        FIELD, _("That code isn’t right, was used or is older than 7 days. Ask an administrator for a new one.")
    )
    return False


def tell(request: HttpRequest) -> None:
    """Called after somebody added a factor: tell all administrators if the person has a staff role."""
    user: Any = request.user
    if user.appointments.in_force().exists():
        tell_of_enrollment(user, User.objects.hold(StaffAppointment.Role.ADMIN).filter(is_active=True))


@transaction.atomic
def appoint(person: User, role: str, by: User, *, keep_factors: bool = False) -> str:
    """Give a staff role. The enrollment code, "" when the person has a factor. May raise PermissionDenied.

    Factors added before the first role needed the mailbox alone, so they are removed unless `keep_factors`. The person
    is told of the role, and all administrators of a new administrator.
    """
    roles = set(person.appointments.in_force().values_list("role", flat=True))
    appointment = person.appoint(role, by)
    if role not in roles:
        tell_account_news(person, _("You have a staff role now: %(role)s.") % {"role": appointment.get_role_display()})
        _tell_others(appointment, gettext_lazy("%(by)s made %(name)s an administrator."), by)
    if not sessions.has_factor(person):
        return Enrollment.issue(person, by)
    return "" if roles or keep_factors else forget_factors(person, by)


@transaction.atomic
def end_role(appointment: StaffAppointment, by: User) -> bool:
    """End a staff role, once. The person is told, and administrators of an administrator's. Raises PermissionDenied for
    the last one.
    """
    ended = appointment.end(by)
    if ended:
        role = appointment.get_role_display()
        tell_account_news(appointment.user, _("Your staff role ended: %(role)s.") % {"role": role})
        _tell_others(appointment, gettext_lazy("%(name)s is no longer an administrator: %(by)s ended it."), by)
    return ended


def _tell_others(appointment: StaffAppointment, words: Promise, by: User) -> None:
    if appointment.role == StaffAppointment.Role.ADMIN:
        tell_administrators(appointment.user, words, by)


@transaction.atomic
def forget_factors(person: User, by: User | None) -> str:
    """Remove all factors, because they are lost, and sign out everywhere. A new enrollment code, "" for people without
    a staff role.

    `by` is None from the command line. Raises PermissionDenied for one's own factors.
    """
    if by == person or (by and StaffAppointment.Role.ADMIN not in by.roles):
        raise PermissionDenied(_("An administrator forgets the factors of others."))
    if Authenticator.objects.filter(user=person).delete()[0]:
        AuditEntry.record(by, "forgot factors", person)
        tell_security_news(person, _("An administrator removed your passkeys, authenticator app and recovery codes."))
    sessions.end_all(person)
    return Enrollment.issue(person, by) if person.appointments.in_force().exists() else ""
