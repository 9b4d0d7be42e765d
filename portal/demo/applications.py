"""People who ask to join: those waiting for an answer, with more and less to go by, and those answered lately."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from members.models import Application, ApplicationQuestion, User, Voucher
from members.times.clock import today
from portal.demo import texts
from portal.demo.cast import Cast
from portal.demo.people import place_of


def load(cast: Cast) -> None:
    _add_former_member(cast)
    for row in texts.rows("applicants.csv"):
        application = _submit(row)
        if row["decision"] == "approved":
            application.approve(cast.membership_staff, row["note"])
        elif row["decision"] == "declined":
            application.decline(cast.membership_staff, row["note"])
        _set_back(application, int(row["days_ago"]))
        cast.by_name[row["name"]] = application.applicant
    _ask(cast)


def _ask(cast: Cast) -> None:
    """One applicant wrote from a mailbox at home and is asked about it; a member says that she knows another."""
    waiting = {each.applicant.name: each for each in Application.objects.waiting().select_related("applicant")}
    words = "Your address is a personal one. Could you answer this once from your address at the city?"
    ApplicationQuestion.ask(waiting["Winston Pemberton"], words, cast.membership_staff)
    voucher, _new = Voucher.ask(waiting["Soledad Arriaga"], cast.by_name["Yesenia Carrillo"], cast.membership_staff)
    voucher.say(knows=True, words="We’re drafting the same ordinance.")


def _add_former_member(cast: Cast) -> None:
    """Somebody of this name was a member until the school board's term ended: what staff must notice."""
    person = User.objects.create_user("j.tiernan@scranton-schools.example", "Joan Tiernan", timezone="America/New_York")
    person.admit(cast.membership_staff)
    person.leave(cast.membership_staff, "Her term on the school board is over.")
    ended_at = timezone.now() - timedelta(days=1100)
    User.objects.filter(pk=person.pk).update(
        created_at=ended_at - timedelta(days=900), admitted_at=ended_at - timedelta(days=890), left_at=ended_at
    )


def _submit(row: dict[str, str]) -> Application:
    place = place_of(row)
    person = User.objects.create_user(row["email"], row["name"], timezone=place.time_zone)
    took_office = _took_office(row)
    return Application.objects.create(
        applicant=person,
        title=row["title"],
        jurisdiction=place,
        district=row["seat"],
        started_on=took_office,
        ended_on=took_office.replace(year=took_office.year + 4) if took_office else None,
        why=row["why"],
    )


def _took_office(row: dict[str, str]) -> date | None:
    """A day of the year, so many years ago; for somebody newly elected, still to come."""
    if not row["took_office"]:
        return None
    month, day = map(int, row["took_office"].split("-"))
    return date(today().year - int(row["years_ago"]), month, day)


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
