"""Becoming a member: an application is sent, approved or declined, and whoever it concerns is told, in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from members.applications.messages import tell_application_received, tell_approved, tell_declined
from members.models import Application, Jurisdiction, User
from members.models.applications import AlreadyDecided, PlaceUnsettled
from members.places import governments
from members.web.meanwhile import refuse_changed

__all__ = ["AlreadyDecided", "PlaceUnsettled", "approve", "decline", "settle_place", "submit"]


@transaction.atomic
def submit(applicant: User, name: str, **answers: Any) -> Application:
    """Send the application. Somebody not yet admitted gets the name given, and the time zone of the place they serve."""
    if applicant.admitted_at is None:
        applicant.name, applicant.timezone = name, _zone(applicant, **answers)
        applicant.given_name = name.split()[0]
        applicant.save(update_fields=["name", "given_name", "timezone"])
    application = Application.submit(applicant, **answers)
    tell_application_received(application)
    return application


def _zone(applicant: User, jurisdiction: Jurisdiction | None, place: str = "", **others: Any) -> str:
    return jurisdiction.time_zone if jurisdiction else governments.zone_of(place) or applicant.timezone


@transaction.atomic
def settle_place(application: Application, jurisdiction: Jurisdiction, by: User, *, seen: str = "") -> Application:
    """Say which government the applicant meant.

    `seen` marks the place that the form showed: raises ChangedMeanwhile when it is another by now, and AlreadyDecided
    when somebody decided.
    """
    locked = Application.objects.select_for_update(of=("self",)).select_related("jurisdiction").get(pk=application.pk)
    if locked.decided_at:
        raise AlreadyDecided(locked)
    if locked.jurisdiction == jurisdiction:
        return locked
    refuse_changed(locked, seen, ("jurisdiction", "place"))
    return locked.settle_place(jurisdiction, by)


@transaction.atomic
def approve(application: Application, by: User, note: str = "") -> Application:
    """Admit the applicant and send the welcome. Raises AlreadyDecided or PlaceUnsettled."""
    application.approve(by, note)
    tell_approved(application)
    return application


@transaction.atomic
def decline(application: Application, by: User, note: str) -> Application:
    """Say no, with the note the applicant reads. Raises AlreadyDecided when somebody was faster."""
    application.decline(by, note)
    tell_declined(application)
    return application
