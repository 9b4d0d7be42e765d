"""“Your week”, on Mondays at 8:00 AM local: calls, what waits, what is new; nothing when there is nothing."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from committees.models import Document, JoinRequest, Membership, Publication
from events.agenda import publishing
from events.answers.answering import respond
from events.messages.invitations import tell_scheduled
from events.models import AgendaItem, Meeting
from members.mail import rendering
from members.mail.emails import RenderCache
from members.mail.kinds import registry
from members.mail.outgoing.digests import plan_summaries
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, NotificationPreference, Profile, User
from portal import digest
from tests.access_world import make_document
from tests.factories import CommitteeFactory, MembershipFactory, UserFactory, publish_quietly
from tests.pipeline import DAY, MONDAY, TUESDAY, call_in, coming, summarize

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_confirmed(committee, elsewhere, carla, mo, olga):
    """Nobody's office details wait."""
    Profile.objects.update(confirmed_at=Now())


@pytest.fixture
def monday(smtp):
    """`monday(person)` lets it be Monday morning and gives the mail, if one comes: subject, words, links."""

    def arrive(person):
        summarize(MONDAY)
        deliver()
        mails = [mail.message for mail in smtp.to(person.email) if mail.message["Subject"].startswith("Your week")]
        if not mails:
            return None
        (mail,) = mails
        html = mail.get_body(("html",)).get_content()
        return (
            mail["Subject"],
            mail.get_body(("plain",)).get_content().replace("\r", ""),
            re.findall(r'href="([^"]+)"', html),
        )

    return arrive


def told(person) -> tuple[str, str]:
    return Delivery.objects.filter(recipient=person, kind="weekly_digest").values_list("state", "reason").get()


def in_order(text: str, *parts: str) -> bool:
    return re.search(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


# What is in it -------------------------------------------------------------------------------------


def test_it_counts_and_lists_calls_what_waits_and_new_documents(monday, committee, carla, mo, olga):
    call = call_in(3 * DAY, committee, carla)
    respond(call, mo, "accepted", seen=0)
    call_in(10 * DAY, committee, carla, title="Wage theft")
    make_document(committee, carla, "Retail survey")
    paper = make_document(committee, carla, "Model ordinance")
    AgendaItem.add(call, carla, title="Recommend it", minutes=12).papers.add(paper)
    publish_quietly(call)
    subject, text, links = monday(mo)
    assert subject == "Your week: 1 call, 1 thing waiting, 2 new documents"
    assert in_order(
        text, "for Mo", "Your week", "Fair workweek, ", "You’re going. 1 document to read.", "Waiting on you", "Wage theft",
        "New:", "Model ordinance", "Retail survey", "Open my week:",
    )  # fmt: skip
    assert f"http://testserver/calls/{call.slug}/" in links and f"http://testserver{paper.get_absolute_url()}" in links


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("accepted", "You’re going."),
        ("tentative", "You said maybe."),
        ("declined", "You said you can’t."),
        ("", "You haven’t answered."),
    ],
)
def test_each_call_says_my_answer(answer, words, monday, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    if answer:
        respond(call, mo, answer, seen=0)
    assert words in monday(mo)[1]


def test_a_moved_call_asks_again(monday, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    respond(call, mo, "accepted", seen=0)
    call.move(
        carla,
        local_date=call.local_date + timedelta(days=1),
        local_time=call.local_time,
        timezone=call.timezone,
        reason="",
    )
    assert "It moved. Does it still work?" in monday(mo)[1]


def test_it_looks_seven_days_ahead_by_the_readers_own_calendar(committee, carla, mo):
    for days in (0, 6, 7):
        noon = timezone.localtime(timezone=mo.zone).replace(hour=23, minute=59) + timedelta(days=days)
        call = call_in(3 * DAY, committee, carla, title=f"In {days} days")
        Meeting.objects.filter(pk=call.pk).update(starts_at=noon, ends_at=noon + timedelta(hours=1))
    week = digest.weeks_of([mo.pk])[mo.pk]
    with timezone.override(mo.zone):
        assert [call.title for call in week.calls] == ["In 0 days", "In 6 days"]
        assert [thing.title for thing in week.waiting] == ["In 7 days"]


def story(issue, title, **fields):
    fields = {"published_at": timezone.now() - timedelta(hours=1), "dated_on": timezone.localdate()} | fields
    words = {"slug": title.lower().replace(" ", "-"), "title": title, "summary": "Short."}
    return Publication.objects.create(issue=issue, type="news", **words | fields)


def test_new_stories_about_the_issues_of_ones_committees_are_in_it(monday, committee, elsewhere, mo, olga):
    story(committee.issue, "A fair week")
    story(committee.issue, "In the paper", external_url="https://paper.example/story")
    story(elsewhere.issue, "Rent and wages").also_about.add(committee.issue)
    story(elsewhere.issue, "Rent alone")
    story(committee.issue, "Not yet", published_at=timezone.now() + timedelta(minutes=1))
    story(committee.issue, "A draft", published_at=None)
    story(committee.issue, "Long ago", published_at=timezone.now() - timedelta(days=8))
    subject, text, links = monday(mo)
    assert subject == "Your week: 3 new stories"
    assert in_order(
        text, "From the library:", "Rent and wages", "In the paper (paper.example)", "A fair week", "Open my"
    )
    assert not any(title in text for title in ("Rent alone", "Not yet", "A draft", "Long ago"))
    assert "https://paper.example/story" in links
    assert monday(olga)[0] == "Your week: 2 new stories"


def test_who_turned_stories_off_gets_none_in_it(monday, sign_in, committee, carla, mo):
    story(committee.issue, "A fair week")
    call_in(3 * DAY, committee, carla)
    client, page = sign_in(mo), "/settings/notifications/"
    form = client.get(page).context["form"]
    typed = {each.html_name: each.value() for each in form if each.value()}
    client.post(page, {name: value for name, value in typed.items() if name != "publications"})
    subject, text, _links = monday(mo)
    assert subject == "Your week: 1 call" and "A fair week" not in text


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=90)])
def test_a_story_is_in_the_week_that_its_minute_falls_into_however_late_that_mail_goes(
    committee, mo, time_machine, late
):
    """Also where clocks changed: in New York they went back on November 1."""
    mornings = [datetime(2026, month, day, 8, tzinfo=mo.zone) for month, day in ((10, 26), (11, 2), (11, 9))]
    Membership.objects.filter(user=mo).update(started_on=mornings[0].date())
    minute = timedelta(minutes=1)
    moments = [at for morning in mornings[:2] for at in (morning - minute, morning, morning + minute)]
    for number, moment in enumerate(moments):
        story(committee.issue, f"Story {number}", published_at=moment)
    told = []
    for week, morning in enumerate(mornings):
        time_machine.move_to(morning + (late if week == 1 else timedelta(0)), tick=False)
        told += [each.title for each in digest.weeks_of([mo.pk], {mo.pk: morning})[mo.pk].publications]
    assert told == ["Story 1", "Story 0", "Story 4", "Story 3", "Story 2", "Story 5"]


def test_nothing_new_is_no_mail(monday, committee, mo):
    story(committee.issue, "Not yet", published_at=timezone.now() + timedelta(minutes=1))
    assert monday(mo) is None


def test_canceled_calls_and_those_of_other_committees_are_not_in_it(monday, committee, elsewhere, carla, chet, mo):
    call_in(3 * DAY, committee, carla).cancel(carla, "No room")
    call_in(3 * DAY, elsewhere, chet)
    assert monday(mo) is None


def test_what_waits_is_what_the_home_page_shows(sign_in, committee, carla, mo, olga):
    JoinRequest.objects.create(committee=committee, user=olga)
    first = call_in(2 * DAY, committee, carla)
    call_in(9 * DAY, committee, carla, title="Wage theft")
    moved = call_in(10 * DAY, committee, carla, title="Moved one")
    respond(moved, carla, "accepted", seen=0)
    moved.move(
        carla,
        local_date=moved.local_date + timedelta(days=1),
        local_time=moved.local_time,
        timezone=moved.timezone,
        reason="",
    )
    Profile.objects.filter(user=carla).update(confirmed_at=None)
    User.objects.filter(pk=carla.pk).update(admitted_at=timezone.now() - timedelta(days=400))
    page = sign_in(carla).get("/").context["page"]
    assert page.next_call.meeting == first
    with timezone.override(carla.zone):
        assert digest.weeks_of([carla.pk])[carla.pk].waiting == page.waiting
    assert len(page.waiting) == 4


def test_documents_are_those_the_reader_may_see(committee, elsewhere, carla, chet, mo, olga):
    hidden = CommitteeFactory(confidential=True)
    withdrawn, old = make_document(committee, carla, "Withdrawn"), make_document(committee, carla, "Old")
    make_document(committee, carla, "Own")
    make_document(elsewhere, chet, "Foreign")
    for place, title in ((elsewhere, "Shared"), (hidden, "Hidden")):
        Document.objects.filter(pk=make_document(place, chet, title).pk).update(audience="members")
    withdrawn.withdraw(carla)
    old.latest.uploaded_at -= timedelta(days=8)
    old.latest.save()
    weeks = digest.weeks_of([mo.pk, olga.pk, chet.pk])
    for person in (mo, olga, chet):
        visible = Document.objects.for_listing(person).exclude(title="Old")
        assert [document.title for document in weeks[person.pk].documents] == [document.title for document in visible]
    assert [document.title for document in weeks[mo.pk].documents] == ["Shared", "Own"]


def test_many_documents_are_counted(monday, committee, carla, mo):
    for number in range(9):
        make_document(committee, carla, f"Paper {number}")
    subject, text, links = monday(mo)
    assert subject == "Your week: 9 new documents"
    assert "3 more: http://testserver/library/" in text and "http://testserver/library/" in links


def test_what_was_digested_is_a_line_unless_the_mail_shows_it_anyway(monday, committee, carla, mo):
    NotificationPreference.objects.create(user=mo, kind="invitation", cadence="weekly")
    for days, title in ((4, "Fair workweek"), (10, "Wage theft"), (40, "Rent relief")):
        tell_scheduled(call_in(days * DAY, committee, carla, title=title))
    deliver()
    subject, text, _links = monday(mo)
    assert subject == "Your week: 1 call, 1 thing waiting, and 1 more"
    assert in_order(text, "Fair workweek, ", "Waiting on you", "Wage theft", "Also:", "Invitation to Rent relief")
    assert text.count("Invitation to") == 1
    plan()
    assert set(Delivery.objects.filter(recipient=mo, kind="invitation").values_list("state", flat=True)) == {
        "suppressed"
    }


def test_a_published_agenda_is_news_of_its_call(monday, smtp, committee, carla, mo):
    """Beside the call where the mail shows it, and a line of its own elsewhere; the newest alone."""
    near, far = call_in(4 * DAY, committee, carla), call_in(30 * DAY, committee, carla, title="Wage theft")
    for call in (near, far):
        AgendaItem.add(call, carla, title="Recommend it", minutes=12)
        publishing.publish_agenda(call, carla)
    AgendaItem.add(near, carla, title="Hearings", minutes=5)
    publishing.publish_agenda(near, carla)
    deliver()
    subject, text, _links = monday(mo)
    assert subject == "Your week: 1 call, and 1 more"
    assert "You haven’t answered. Its agenda changed: 1 item new." in text
    assert in_order(text, "Also:", "Wage theft has its agenda", "1 item.") and "Fair workweek has" not in text


def test_the_daily_mail_names_the_first_thing(smtp, committee, carla, mo):
    for title in ("Fair workweek", "Wage theft", "Rent relief"):
        call = call_in(30 * DAY, committee, carla, title=title)
        AgendaItem.add(call, carla, title="Recommend it", minutes=12)
        publishing.publish_agenda(call, carla)
    deliver()
    assert smtp.to(mo.email) == []
    summarize(TUESDAY)
    deliver()
    assert smtp.to(mo.email)[0].message["Subject"] == "Today: Fair workweek has its agenda, and 2 more"


def test_the_first_line_says_what_comes_first(monday, smtp, committee, carla, mo):
    call_in(3 * DAY, committee, carla)
    call_in(10 * DAY, committee, carla, title="Wage theft")
    monday(mo)
    html = smtp.to(mo.email)[0].message.get_body(("html",)).get_content()
    assert re.search(
        r'class="preheader"[^>]*>\w+ \d+:\d\d [AP]M, Fair workweek. Wage theft\.(&nbsp;\u200c)*</div>', html
    )


# Whether it comes ----------------------------------------------------------------------------------


def test_who_has_nothing_ahead_is_not_planned_for(committee, mo):
    assert summarize(MONDAY) == 0


def test_when_nothing_is_left_it_is_skipped_with_the_reason(monday, committee, carla, mo):
    call = call_in(3 * DAY, committee, carla)
    assert plan_summaries(coming(MONDAY)) == 2
    call.cancel(carla, "No room")
    assert monday(mo) is None
    assert told(mo) == ("suppressed", "There was nothing left to tell.")


def test_office_details_to_check_come_with_a_mail_and_are_no_reason_for_one(monday, smtp, committee, carla, mo, olga):
    Profile.objects.update(confirmed_at=None)
    User.objects.update(admitted_at=timezone.now() - timedelta(days=400))
    call_in(3 * DAY, committee, carla)
    JoinRequest.objects.create(committee=committee, user=olga).withdraw()
    assert monday(mo)[0] == "Your week: 1 call, 1 thing waiting"
    assert monday(olga) is None


def test_it_comes_on_mondays_alone_and_once(committee, carla, mo):
    call_in(3 * DAY, committee, carla)
    assert plan_summaries(coming(TUESDAY) + timedelta(hours=1)) == 0
    assert [plan_summaries(coming(MONDAY)) for _time in range(3)] == [2, 0, 0]
    assert set(Delivery.objects.values_list("kind", "about")) == {("weekly_digest", f"week:{coming(MONDAY).date()}")}


def test_only_members_get_it_and_nobody_who_was_admitted_after_it_was_due(committee, carla, mo):
    call_in(3 * DAY, committee, carla)
    User.objects.filter(pk=mo.pk).update(admitted_at=coming(MONDAY) + timedelta(minutes=1))
    left = MembershipFactory(committee=committee, user=UserFactory(left_at=timezone.now())).user
    applicant = MembershipFactory(committee=committee, user=UserFactory(admitted_at=None)).user
    assert plan_summaries(coming(MONDAY)) == 1
    assert not Delivery.objects.filter(recipient__in=[left, applicant, mo]).exists()


def test_it_is_stopped_with_one_click(monday, smtp, committee, carla, mo):
    call_in(3 * DAY, committee, carla)
    assert "Mondays at 8 AM your time; skipped when there’s nothing." in monday(mo)[1]
    mail = smtp.to(mo.email)[0].message
    address = mail["List-Unsubscribe"].strip(" <>").removeprefix("http://testserver")
    Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})
    Delivery.objects.all().delete()
    assert summarize(MONDAY) == 1
    assert not Delivery.objects.filter(recipient=mo).exists()


def test_turned_off_after_it_was_planned_it_does_not_go(monday, committee, carla, mo):
    call_in(3 * DAY, committee, carla)
    plan_summaries(coming(MONDAY))
    NotificationPreference.objects.create(user=mo, kind="weekly_digest", cadence="never")
    assert monday(mo) is None
    assert told(mo) == ("suppressed", "The person turned this kind of message off.")


def test_whoever_is_not_planned_for_has_nothing(committee, elsewhere, carla, chet, mo, olga):
    """The cheap question leaves out nobody."""
    call_in(3 * DAY, committee, carla)
    JoinRequest.objects.create(committee=elsewhere, user=mo)
    Document.objects.filter(pk=make_document(committee, carla).pk).update(audience="members")
    Membership.objects.filter(user=olga).delete()
    _whoever_has_a_week_may_have_one()
    Document.objects.update(withdrawn_at=Now())
    _whoever_has_a_week_may_have_one()
    Meeting.objects.update(cancelled_at=Now())
    _whoever_has_a_week_may_have_one()


def _whoever_has_a_week_may_have_one() -> None:
    weeks = digest.weeks_of(list(User.objects.values_list("pk", flat=True)))
    worth = {person for person, week in weeks.items() if week.is_worth_a_mail()}
    assert worth and worth <= set(digest.may_have_a_week().values_list("pk", flat=True))


# Cost ----------------------------------------------------------------------------------------------


def test_three_letters_take_as_many_queries_as_one(committee, elsewhere, carla, mo):
    others = [MembershipFactory(committee=committee).user for _number in range(2)]
    for person in (mo, *others):
        NotificationPreference.objects.create(user=person, kind="invitation", cadence="weekly")
        MembershipFactory(committee=elsewhere, user=person)
    for days in (3, 4, 40):
        call = call_in(days * DAY, committee, carla)
        AgendaItem.add(call, carla, title="Read", minutes=5).papers.add(make_document(committee, carla, f"In {days}"))
        publish_quietly(call)
        tell_scheduled(call)
    deliver()
    summarize(MONDAY)
    people = [mo.pk, *(person.pk for person in others)]
    found = list(Delivery.objects.filter(kind="weekly_digest", recipient__in=people).select_related("recipient"))
    notice, counts = registry["weekly_digest"], []
    for batch in (found[:1], found):
        notice.prepare(batch)
        with CaptureQueriesContext(connection) as asked:
            notice.prepare(batch)
            cache = RenderCache()
            assert not [mail for _row, mail in rendering.mails(notice, batch, cache) if isinstance(mail, Exception)]
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 24, counts
