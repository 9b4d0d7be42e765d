"""Becoming a member: an application is sent, approved or declined, and whoever it concerns is told, in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from members import notices
from members.models import Application, User
from members.models.applications import AlreadyDecided

__all__ = ["AlreadyDecided", "approve", "decline", "submit"]


@transaction.atomic
def submit(applicant: User, name: str, **answers: Any) -> Application:
    """Send the application. Somebody not yet admitted gets the name given, and the time zone of the place they serve."""
    if applicant.admitted_at is None:
        applicant.name, applicant.timezone = name, answers["jurisdiction"].time_zone
        applicant.given_name = name.split()[0]
        applicant.save(update_fields=["name", "given_name", "timezone"])
    application = Application.submit(applicant, **answers)
    notices.tell_application_received(application)
    return application


@transaction.atomic
def approve(application: Application, by: User, note: str = "") -> Application:
    """Admit the applicant and send the welcome. Raises AlreadyDecided when somebody was faster."""
    application.approve(by, note)
    notices.tell_approved(application)
    return application


@transaction.atomic
def decline(application: Application, by: User, note: str) -> Application:
    """Say no, with the note the applicant reads. Raises AlreadyDecided when somebody was faster."""
    application.decline(by, note)
    notices.tell_declined(application)
    return application
