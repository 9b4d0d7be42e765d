"""Proving that an applicant reads the address given.

The same page and the same waiting for everybody. An address that has an account gets a mail that says so instead of a
code, and no code typed for it is right.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from members.accounts import codes
from members.applications.messages import send_application_code
from members.models import User

PURPOSE = "application"


def send_code(request: HttpRequest, email: str) -> None:
    """Mail a new code and forget the earlier one."""
    known = _has_account(email)
    send_application_code(email, codes.issue(request, PURPOSE, email, usable=not known), known=known)


def check_code(request: HttpRequest, email: str, typed: str) -> None:
    """Raise codes.Refused unless `typed` is the code that was sent to `email`; each try counts."""
    if codes.address_of(request.session, PURPOSE) != email:
        raise codes.Refused("expired")
    codes.check(request, PURPOSE, typed)


def applicant_at(email: str, name: str) -> User:
    """The person behind a confirmed address: somebody who applied before, or a new account that is not admitted."""
    try:
        with transaction.atomic():
            return User.objects.at_address(email).first() or User.objects.create_user(email, name)
    except IntegrityError:  # the same person in two windows
        return User.objects.at_address(email)[0]


def _has_account(email: str) -> bool:
    """Members, and people whose account was closed; whoever only applied gets codes like a stranger."""
    person = User.objects.at_address(email).first()
    return person is not None and (person.is_member or not person.is_active)
