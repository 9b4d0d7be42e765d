"""Once a day or once a week instead of at once: digested, told in one mail at 8:00 AM local, and not told twice."""

import uuid
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from committees.models import Membership
from events.answers.answering import respond
from events.messages.invitations import Invitation, tell_scheduled
from events.models import Meeting
from events.schedule import scheduling
from members.mail import rendering
from members.mail.emails import RenderCache
from members.mail.kinds import Notice, registry
from members.mail.outgoing import digests, queue
from members.mail.outgoing.digests import plan_summaries
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.mail_desk.explain import explain
from members.models import Delivery, NotificationPreference, Profile
from members.times.zones import US_ZONES
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import DAY, MONDAY, TUESDAY, call_in, coming, forward, summarize

pytestmark = pytest.mark.django_db


def choose(person, cadence: str, kind: str = "invitation", scope: str = "") -> None:
    NotificationPreference.objects.update_or_create(user=person, kind=kind, scope=scope, defaults={"cadence": cadence})


def confirmed(*people) -> None:
    """Their office details, which would wait on them in “Your week” otherwise."""
    Profile.objects.filter(user__in=people).update(confirmed_at=Now())


def invited(committee, by, days: float = 30, **fields) -> Meeting:
    """A call everybody on the committee was told of; summaries of those who want them have it in them."""
    call = call_in(days * DAY, committee, by, **fields)
    tell_scheduled(call)
    deliver()
    return call


def rows(person, *names: str, **lookups):
    return list(
        Delivery.objects.filter(recipient=person, **lookups).order_by("pk").values_list(*names or ("kind", "state"))
    )


def fate(person, kind: str = "invitation") -> tuple[str, str]:
    return Delivery.objects.filter(recipient=person, kind=kind).values_list("state", "reason").get()


def told(reason_day: datetime) -> tuple[str, str]:
    return "suppressed", f"It came in the summary of {reason_day:%A, %B} {reason_day.day}."


@pytest.fixture
def subjects(smtp):
    return lambda person: [mail.message["Subject"] for mail in smtp.to(person.email)]


# From digested to told -----------------------------------------------------------------------------


def test_what_is_wanted_once_a_day_is_kept_and_told_in_one_mail(committee, carla, mo, subjects):
    choose(mo, "daily")
    invited(committee, carla)
    invited(committee, carla, 40, title="Wage theft")
    assert rows(mo) == [("invitation", "digested")] * 2
    assert summarize(TUESDAY) == 1
    deliver()
    assert subjects(mo) == ["Today: Invitation to Fair workweek, and 1 more"]
    assert summarize(TUESDAY) == 0
    assert rows(mo, "state", "reason", kind="invitation") == [told(coming(TUESDAY))] * 2
    assert len(subjects(carla)) == 2


def test_the_mail_says_each_thing_in_a_line_with_its_link_in_text_and_html(committee, carla, mo, smtp):
    choose(mo, "daily")
    call = invited(committee, carla)
    summarize(TUESDAY)
    deliver()
    for kind in ("plain", "html"):
        body = smtp.to(mo.email)[0].message.get_body((kind,)).get_content()
        assert "Invitation to Fair workweek" in body and "Economic Justice. You haven’t answered." in body
        assert f"http://testserver/calls/{call.slug}/#rsvp" in body


def test_the_subject_of_a_summary_names_its_day_and_its_facts_its_rows(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    digested, summary = Delivery.objects.filter(recipient=mo).order_by("pk")
    assert (summary.kind, summary.about) == ("daily_digest", f"day:{coming(TUESDAY).date()}")
    assert summary.facts == {"rows": [digested.pk]}


def test_who_has_nothing_digested_gets_no_daily_summary(committee, carla, mo):
    choose(mo, "daily")
    assert summarize(TUESDAY) == 0


def test_what_came_after_eight_waits_for_the_next_day(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    Delivery.objects.filter(state="digested").update(due_at=coming(TUESDAY, time(9)))
    assert plan_summaries(coming(TUESDAY, time(10))) == 0
    assert plan_summaries(coming(TUESDAY) + timedelta(days=1)) == 1


def test_a_sweep_that_comes_late_still_sends_it_and_one_that_comes_far_too_late_leaves_it_to_the_next_day(
    committee, carla, mo
):
    choose(mo, "daily")
    invited(committee, carla)
    assert plan_summaries(coming(TUESDAY, time(20, 30))) == 0
    assert plan_summaries(coming(TUESDAY, time(19, 30))) == 1


def test_any_number_of_sweeps_gives_the_same_rows(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    assert [plan_summaries(coming(TUESDAY)) for _time in range(3)] == [1, 0, 0]


def test_a_summary_that_was_too_late_leaves_its_rows_to_the_next(committee, carla, mo, subjects):
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    assert summarize(TUESDAY + 1) == 0  # the one of Tuesday may still go
    forward(13 * 60, kind="daily_digest")
    deliver()
    assert fate(mo, "daily_digest")[0] == "expired"
    assert summarize(TUESDAY + 1) == 1
    deliver()
    plan()
    assert (len(subjects(mo)), fate(mo)) == (1, told(coming(TUESDAY + 1)))


def test_it_says_of_a_digested_message_that_it_waits(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    assert explain(Delivery.objects.get(recipient=mo)) == "It is kept for the next summary, as the person chose."


def test_the_choice_for_one_committee_is_narrower(committee, carla, mo):
    choose(mo, "daily")
    choose(mo, "at_once", scope=committee.scope)
    invited(committee, carla)
    assert rows(mo) == [("invitation", "sent")]


def test_a_call_within_two_days_does_not_wait_for_a_summary(committee, carla, mo):
    choose(mo, "weekly")
    call = invited(committee, carla, 3)
    assert fate(mo)[0] == "digested"
    start = Meeting.objects.get(pk=call.pk).starts_at - timedelta(hours=30)
    Meeting.objects.filter(pk=call.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    plan()
    assert fate(mo)[0] == "digested"  # asked every hour
    forward(61, state="digested")
    plan()
    deliver()
    assert fate(mo) == ("sent", "")


# Mondays -------------------------------------------------------------------------------------------


def test_on_monday_there_is_one_mail_for_the_day_and_the_week(committee, elsewhere, carla, chet, mo, subjects):
    MembershipFactory(committee=elsewhere, user=mo)
    confirmed(mo)
    choose(mo, "daily", scope=committee.scope)
    choose(mo, "weekly", scope=elsewhere.scope)
    invited(committee, carla)
    invited(elsewhere, chet, title="Rent relief")
    summarize(MONDAY)
    deliver()
    assert subjects(mo) == ["Your week: Invitation to Fair workweek, and 1 more"]
    assert plan_summaries(coming(MONDAY, time(9))) == 0
    assert rows(mo, "state", "reason", kind="invitation") == [told(coming(MONDAY))] * 2


def test_on_other_days_what_is_wanted_once_a_week_waits(committee, elsewhere, carla, chet, mo):
    MembershipFactory(committee=elsewhere, user=mo)
    choose(mo, "daily", scope=committee.scope)
    choose(mo, "weekly", scope=elsewhere.scope)
    first = invited(committee, carla)
    second = invited(elsewhere, chet, title="Rent relief")
    summarize(TUESDAY)
    deliver()
    plan()
    assert rows(mo, "about", "state", kind="invitation") == [(first.about, "suppressed"), (second.about, "digested")]


def test_who_does_not_want_your_week_gets_what_was_digested_all_the_same(committee, carla, mo, subjects):
    choose(mo, "weekly")
    choose(mo, "never", "weekly_digest")
    invited(committee, carla)
    assert plan_summaries(coming(TUESDAY)) == 0
    summarize(MONDAY)
    deliver()
    assert subjects(mo) == ["Today: Invitation to Fair workweek"]


def test_who_does_not_want_the_daily_mail_finds_it_in_the_weekly_one(committee, carla, mo, subjects):
    confirmed(mo)
    choose(mo, "daily")
    choose(mo, "never", "daily_digest")
    invited(committee, carla)
    assert plan_summaries(coming(TUESDAY)) == 0
    summarize(MONDAY)
    deliver()
    assert subjects(mo) == ["Your week: Invitation to Fair workweek"]


def test_who_wants_no_summary_at_all_has_nothing_stuck(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    choose(mo, "never", "daily_digest")
    choose(mo, "never", "weekly_digest")
    plan()
    assert fate(mo) == ("suppressed", "Summaries are turned off.")


# Changed preferences -------------------------------------------------------------------------------


def test_turned_off_meanwhile_it_exits_with_the_reason(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    choose(mo, "never")
    plan()
    assert fate(mo) == ("suppressed", "The person turned this kind of message off.")


def test_wanted_at_once_meanwhile_it_goes(committee, carla, mo, subjects):
    choose(mo, "daily")
    invited(committee, carla)
    choose(mo, "at_once", scope=committee.scope)
    plan()
    deliver()
    assert (fate(mo), len(subjects(mo))) == (("sent", ""), 1)


def test_wanted_at_once_after_the_summary_was_planned_it_goes_once(committee, carla, mo, subjects):
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    NotificationPreference.objects.all().delete()
    deliver()
    deliver()
    assert fate(mo, "daily_digest") == ("suppressed", "There was nothing left to tell.")
    assert len(subjects(mo)) == 1


def test_the_daily_mail_can_be_stopped_with_one_click(committee, carla, mo, smtp):
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    deliver()
    mail = smtp.to(mo.email)[0].message
    address = mail["List-Unsubscribe"].strip(" <>").removeprefix("http://testserver")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert NotificationPreference.objects.filter(user=mo, kind="daily_digest", cadence="never").exists()


# As the facts are now ------------------------------------------------------------------------------


def test_what_became_void_falls_out_with_its_reason(committee, carla, mo, smtp):
    choose(mo, "daily")
    gone, stays = invited(committee, carla, title="Rent relief"), invited(committee, carla)
    summarize(TUESDAY)
    gone.cancel(carla, "No room")
    deliver()
    assert rows(mo, "state", "reason", about=gone.about, kind="invitation") == [
        ("suppressed", "The call was canceled.")
    ]
    plan()
    assert rows(mo, "state", "reason", about=stays.about) == [told(coming(TUESDAY))]
    assert "Rent relief" not in smtp.to(mo.email)[0].raw.decode()


@pytest.mark.parametrize("event", ["canceled", "answered", "moved", "left"])
def test_when_nothing_is_left_the_summary_is_skipped(event, committee, carla, mo, subjects):
    choose(mo, "daily")
    call = invited(committee, carla)
    summarize(TUESDAY)
    if event == "canceled":
        call.cancel(carla, "No room")
    elif event == "answered":
        respond(call, mo, "declined", seen=0)
        Delivery.objects.filter(kind="rsvp_confirmation").delete()
    elif event == "moved":
        call.move(
            carla,
            local_date=call.local_date + timedelta(days=1),
            local_time=call.local_time,
            timezone=call.timezone,
            reason="",
        )
    else:
        Membership.objects.get(user=mo, committee=committee).end(by=mo)
    deliver()
    assert fate(mo, "daily_digest") == ("suppressed", "There was nothing left to tell.")
    assert fate(mo)[0] == "suppressed" and subjects(mo) == []


def test_of_one_call_there_is_one_line_with_its_newest_state(committee, carla, mo, smtp):
    choose(mo, "daily")
    call = invited(committee, carla)
    old = call.starts_at
    scheduling.move(
        call, carla, local_date=call.local_date + timedelta(days=1), local_time=call.local_time, timezone=call.timezone, reason="Hearings"
    )  # fmt: skip
    Invitation.enqueue(call.invitees(), call.about, dedupe_key=f"invitation:{call.edition}", scope=call.scope)
    call.edit(carla, title="Fair workweek, at last")
    deliver()
    smtp.received.clear()
    summarize(TUESDAY)
    deliver()
    (mail,) = smtp.to(mo.email)
    assert mail.message["Subject"] == "Today: Invitation to Fair workweek, at last"
    text = mail.message.get_body(("plain",)).get_content()
    assert (
        text.count("Invitation to") == 1
        and f"{old.astimezone(ZoneInfo('America/Denver')):%B} {old.astimezone(ZoneInfo('America/Denver')).day},"
        not in text
    )


def test_account_mails_and_changes_to_calls_are_never_digested():
    assert {notice.category for notice in registry.values() if notice.may_be_digested} == {"routine"}


def test_a_new_kind_needs_no_line_of_its_own(committee, carla, mo):
    """Its subject, its committee and its address stand in."""
    call = call_in(30 * DAY, committee, carla)
    tell_scheduled(call)
    row = Delivery.objects.get(recipient=mo)
    line = Notice.line(registry["invitation"], row, registry["invitation"].load([row]))
    assert line.title.startswith("Can you come? Fair workweek, ")
    assert (line.words, line.url) == ("Economic Justice", f"http://testserver/calls/{call.slug}/")


def test_a_line_that_cannot_be_written_does_not_hold_up_the_others(committee, carla, mo, smtp, monkeypatch):
    choose(mo, "daily")
    invited(committee, carla, title="Rent relief")
    invited(committee, carla)
    usual = Invitation.line

    def broken(self, delivery, facts):
        if facts.of(delivery).meeting.title == "Rent relief":
            raise ValueError("broken")
        return usual(self, delivery, facts)

    monkeypatch.setattr(Invitation, "line", broken)
    summarize(TUESDAY)
    deliver()
    assert smtp.to(mo.email)[0].message["Subject"] == "Today: Invitations to calls, and 1 more"


# Crashes -------------------------------------------------------------------------------------------


def test_a_worker_killed_after_the_summary_went_doubles_nothing(committee, carla, mo, subjects):
    """Recorded as sent, and nothing of what follows was done."""
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    deliver()
    assert fate(mo)[0] == "digested"
    assert summarize(TUESDAY + 1) == 0
    assert (fate(mo), len(subjects(mo))) == (told(coming(TUESDAY)), 1)


def test_a_worker_killed_while_it_hands_over_loses_nothing(committee, carla, mo, smtp):
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    smtp.on_data = lambda recipient: smtp.DROP_AFTER
    deliver()
    assert fate(mo, "daily_digest")[0] == "sending"
    assert summarize(TUESDAY + 1) == 0  # who knows; it still has the row
    smtp.on_data = lambda recipient: ""
    forward(60, kind="daily_digest")
    deliver()
    plan()
    assert fate(mo) == told(coming(TUESDAY))
    assert len({mail.id for mail in smtp.to(mo.email)}) == 1


def test_a_sweep_leaves_alone_what_a_worker_is_about_to_tell(committee, carla, mo, subjects):
    choose(mo, "daily")
    invited(committee, carla)
    summarize(TUESDAY)
    lease = uuid.uuid4()
    assert [row.kind for row in queue.claim([Delivery.Lane.NORMAL], 50, lease)] == ["daily_digest"]
    choose(mo, "at_once")
    plan()
    assert fate(mo)[0] == "digested"
    queue.release(lease)
    plan()
    assert fate(mo)[0] == "queued"


@pytest.mark.django_db(transaction=True)
def test_a_sweep_waits_for_no_row_that_a_worker_holds(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    choose(mo, "never")
    names = ("dbname", "user", "host", "port", "password")
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in names}
    with psycopg.connect(**parameters) as worker, connection.cursor() as cursor:
        worker.execute("SELECT FROM members_delivery WHERE state = 'digested' FOR UPDATE")
        cursor.execute("SET lock_timeout = '5s'")
        assert plan() == 0
        assert fate(mo)[0] == "digested"
        worker.rollback()
        cursor.execute("RESET lock_timeout")
    plan()
    assert fate(mo)[0] == "suppressed"


# Clocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-03-07", "2026-03-08", "2026-03-09", "2026-10-31", "2026-11-01", "2026-11-02"])
def test_it_is_eight_on_every_clock_on_both_sides_of_a_clock_change(day, committee, carla):
    people = [MembershipFactory(committee=committee, user=UserFactory(timezone=zone)).user for zone, _name in US_ZONES]
    for person in people:
        choose(person, "daily")
        choose(person, "never", "weekly_digest")
    Delivery.enqueue("invitation", people, "meeting:1")
    start = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC) - timedelta(hours=14)
    Delivery.objects.update(state="digested", due_at=start - timedelta(days=3), next_try_at=Now() + timedelta(days=1))
    assert len(people) == 14
    _sweep_every(timedelta(hours=1), start, start + timedelta(hours=36))
    found = Delivery.objects.filter(kind="daily_digest", about=f"day:{day}").select_related("recipient")
    assert {row.recipient.timezone: row.due_at.astimezone(row.recipient.zone) for row in found} == {
        zone: datetime.combine(datetime.fromisoformat(day), time(8), ZoneInfo(zone)) for zone, _name in US_ZONES
    }


def _sweep_every(step: timedelta, moment: datetime, end: datetime) -> None:
    """Each summary goes as soon as it is planned, and its rows are there again for the next day."""
    while moment < end:
        plan_summaries(moment)
        early = Delivery.objects.filter(kind="daily_digest", state="queued", due_at__gt=moment)
        assert not early.exists()
        Delivery.objects.filter(kind="daily_digest", state="queued").update(state="suppressed")
        moment += step


def test_a_weekly_summary_comes_on_the_monday_of_each_clock(committee, carla):
    """In Guam it is Monday when Sunday begins in Honolulu."""
    zones = ["Pacific/Guam", "America/New_York", "Pacific/Honolulu"]
    people = [MembershipFactory(committee=committee, user=UserFactory(timezone=zone)).user for zone in zones]
    for person in people:
        choose(person, "weekly")
    Delivery.enqueue("invitation", people, "meeting:1")
    Delivery.objects.update(
        state="digested", due_at=datetime(2026, 3, 1, tzinfo=UTC), next_try_at=Now() + timedelta(days=1)
    )
    moments = {"2026-03-08T21:59": 0, "2026-03-08T22:01": 1, "2026-03-09T12:01": 1, "2026-03-09T18:01": 1}
    for moment, fresh in moments.items():
        assert plan_summaries(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == fresh, moment
    assert set(Delivery.objects.filter(kind="weekly_digest").values_list("about", flat=True)) == {"week:2026-03-09"}


# Cost ----------------------------------------------------------------------------------------------


def test_writing_three_summaries_takes_as_many_queries_as_one(committee, carla, mo):
    others = [MembershipFactory(committee=committee).user for _number in range(2)]
    for person in (mo, *others):
        choose(person, "daily")
    invited(committee, carla)
    invited(committee, carla, 40, title="Wage theft")
    summarize(TUESDAY)
    found = list(Delivery.objects.filter(kind="daily_digest").select_related("recipient"))
    counts = []
    for batch in (found[:1], found):
        registry["daily_digest"].prepare(batch)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            registry["daily_digest"].prepare(batch)
            assert len(list(rendering.mails(registry["daily_digest"], batch, RenderCache()))) == len(batch)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


def test_a_sweep_with_nothing_to_do_asks_little(committee, carla, mo):
    choose(mo, "daily")
    invited(committee, carla)
    plan_summaries()
    with CaptureQueriesContext(connection) as asked:
        plan_summaries()
    assert len(asked) <= 2 * len(digests.summaries()) + 2


def test_what_leaves_a_summary_is_as_young_as_that(smtp, committee, carla, mo):
    """It was digested for days: one "come back later" must not give it up as old."""
    choose(mo, "weekly")
    call = invited(committee, carla)
    Delivery.objects.filter(recipient=mo).update(due_at=Now() - timedelta(days=4), next_try_at=Now())
    choose(mo, "at_once")
    plan_summaries()
    smtp.at_recipient[mo.email] = "451 come back later"
    deliver()
    assert fate(mo) == ("queued", "")
    assert call.pk
