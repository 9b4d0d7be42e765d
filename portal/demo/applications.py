"""People who ask to join: those waiting for an answer, with more and less to go by, and those answered lately."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from members.clock import today
from members.models import Application, User
from portal.demo import texts
from portal.demo.cast import Cast
from portal.demo.people import place_of


def load(cast: Cast) -> None:
    for row in texts.rows("applicants.csv"):
        application = _submit(row)
        if row["decision"] == "approved":
            application.approve(cast.membership_staff, row["note"])
        elif row["decision"] == "declined":
            application.decline(cast.membership_staff, row["note"])
        _set_back(application, int(row["days_ago"]))
        cast.by_name[row["name"]] = application.applicant


def _submit(row: dict[str, str]) -> Application:
    place = place_of(row)
    person = User.objects.create_user(row["email"], row["name"], timezone=place.time_zone)
    took_office = _in_the_past(row["took_office"])
    return Application.objects.create(
        applicant=person,
        title=row["title"],
        jurisdiction=place,
        district=row["seat"],
        started_on=took_office,
        ended_on=took_office.replace(year=took_office.year + 4) if took_office else None,
        why=row["why"],
    )


def _in_the_past(written: str) -> date | None:
    """The date of the story, in the latest year that has seen it."""
    if not written:
        return None
    on = date.fromisoformat(written)
    return on if on <= today() else on.replace(year=today().year - 1)


def _set_back(application: Application, days: int) -> None:
    """The verbs write now; these people asked days ago and were answered the next morning."""
    submitted_at = timezone.now() - timedelta(days=days, hours=3 + application.pk % 7)
    application.submitted_at = submitted_at
    if application.decided_at:
        application.decided_at = submitted_at + timedelta(hours=20)
    application.save(update_fields=["submitted_at", "decided_at"])
    person = application.applicant
    person.created_at = submitted_at
    if person.admitted_at:
        person.admitted_at = application.decided_at
    person.save(update_fields=["created_at", "admitted_at"])
