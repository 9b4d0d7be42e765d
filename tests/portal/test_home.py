"""The home page answers: when is my next call, have I answered, and what waits on me?"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Committee, Document, DocumentVersion, JoinRequest, Membership
from events.answers.answering import respond
from events.models import AgendaItem
from members.models import Application, Profile, User
from portal.views.home import greeting
from tests.factories import (
    CommitteeFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    publish_quietly,
)


def home(client):
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def page_of(client):
    return client.get("/").context["page"]


def confirmed(*people):
    Profile.objects.filter(user__in=people).update(confirmed_at=timezone.now())


def test_a_visitor_gets_the_public_start_page(sign_in, db):
    page = home(sign_in())
    assert "Waiting on you" not in page


def test_the_next_call_is_on_top_with_its_agenda_and_one_tap(sign_in, carla, mo, meeting):
    AgendaItem.add(meeting, carla, title="Recommend the model ordinance", minutes=12, kind="decision")
    publish_quietly(meeting)
    MeetingFactory(committee=meeting.committee, by=carla, title="Later one", starts_in=timedelta(days=20))
    client = sign_in(mo)
    page = home(client)
    assert page_of(client).next_call.meeting == meeting
    assert ["Decide:" in page, "Recommend the model ordinance" in page, 'value="accepted"' in page] == [True] * 3
    assert page.index(meeting.title) < page.index("Later one")


def test_a_call_i_declined_makes_room_for_the_next(sign_in, carla, mo, meeting):
    later = MeetingFactory(committee=meeting.committee, by=carla, starts_in=timedelta(days=20))
    respond(meeting, mo, "declined", seen=0)
    page = page_of(sign_in(mo))
    assert (page.next_call.meeting, page.coming) == (later, [meeting])


def test_a_canceled_call_is_never_the_next(sign_in, carla, mo, meeting):
    meeting.cancel(carla, "Storm")
    page = page_of(sign_in(mo))
    assert (page.next_call, page.coming) == (None, [meeting])


def test_a_live_call_has_the_join_button(sign_in, carla, mo, committee):
    MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(minutes=5), video_url="https://zoom.us/j/1")
    page = home(sign_in(mo))
    assert ["Live now" in page, "Join on Zoom" in page, "zoom.us" in page] == [True, True, False]


def test_what_comes_up_next_is_answered_in_its_row(sign_in, carla, mo, meeting):
    unanswered, off = (
        MeetingFactory(committee=meeting.committee, by=carla, title=title, starts_in=timedelta(days=days))
        for title, days in (("Fair pay", 20), ("Off", 30))
    )
    off.cancel(carla, reason="Snow")
    client = sign_in(mo)
    row = next(row for row in home(client).split("</li>") if "Fair pay" in row and "<form" in row)
    form = dict(re.findall(r'name="(version|edition|next|variant)" value="([^"]*)"', row))
    assert form == {"version": "0", "edition": "0", "next": "/", "variant": "row"}
    response = client.post(reverse("meeting_rsvp", args=[unanswered.slug]), form | {"answer": "tentative"})
    assert (response.status_code, response["Location"]) == (302, "/")
    rows = home(client).split("Also coming up")[1].split("</ul>")[0].split("</li>")
    assert 'value="tentative" data-still="You’re still down as Maybe." aria-pressed="true"' in rows[0]
    assert ["Canceled" in rows[1], "<form" in rows[1]] == [True, False]


def test_who_goes_is_counted_and_the_shy_have_no_face(sign_in, carla, mo, meeting):
    shy = MembershipFactory(committee=meeting.committee, user=UserFactory(name="Shy Sandra")).user
    Profile.objects.filter(user=shy).update(rsvp_audience=Profile.Audience.STAFF)
    for person in (mo, carla, shy):
        respond(meeting, person, "accepted", seen=0)
    call = page_of(sign_in(mo)).next_call
    assert (call.going, call.others, call.faces) == (3, 2, [carla])


def test_a_moved_call_and_an_unanswered_near_one_wait(sign_in, carla, mo, meeting):
    moved = MeetingFactory(committee=meeting.committee, by=carla, title="Moved one", starts_in=timedelta(days=5))
    MeetingFactory(committee=meeting.committee, by=carla, title="Near one", starts_in=timedelta(days=9))
    MeetingFactory(committee=meeting.committee, by=carla, title="Far one", starts_in=timedelta(days=40))
    respond(moved, mo, "accepted", seen=0)
    moved.move(
        carla,
        local_date=moved.local_date + timedelta(days=1),
        local_time=moved.local_time,
        timezone=moved.timezone,
        reason="Hearings",
    )
    confirmed(mo)
    assert [(thing.title, thing.act) for thing in page_of(sign_in(mo)).waiting] == [
        ("Moved one", "Answer again"),
        ("Near one", "RSVP"),
    ]


def test_requests_to_join_wait_on_co_chairs_alone(sign_in, carla, mo, olga, committee):
    JoinRequest.objects.create(committee=committee, user=olga)
    confirmed(carla, mo)
    titles = [[thing.title for thing in page_of(sign_in(user)).waiting] for user in (carla, mo)]
    assert titles == [["1 person asks to join Economic Justice"], []]


def test_applications_wait_on_membership_staff_with_a_second_factor(sign_in, stu, ana):
    Application.objects.create(applicant=ana, title="Mayor", jurisdiction=JurisdictionFactory())
    confirmed(stu)
    titles = [[thing.title for thing in page_of(sign_in(stu, strong=strong)).waiting] for strong in (True, False)]
    assert titles == [["1 application to decide"], []]


def test_details_are_asked_once_a_year(sign_in, mo, committee):
    client = sign_in(mo)
    assert "Nothing waits on you." in home(client)  # admitted a minute ago
    User.objects.filter(pk=mo.pk).update(admitted_at=timezone.now() - timedelta(days=366))
    assert "Check your office details are right" in home(client)
    confirmed(mo)
    assert "Nothing waits on you." in home(client)
    Profile.objects.filter(user=mo).update(confirmed_at=timezone.now() - timedelta(days=366))
    assert "Check your office details are right" in home(client)


def test_the_first_day_says_welcome_and_leads_to_a_committee(sign_in, db):
    page = home(sign_in(UserFactory(name="Soledad Reyes")))
    assert ["Welcome, Soledad" in page, "No calls yet" in page, "Join a committee" in page] == [True] * 3


@pytest.mark.parametrize(
    ("hour", "words"),
    [(3, "Good evening, Mo"), (4, "Good morning, Mo"), (12, "Good afternoon, Mo"), (18, "Good evening, Mo")],
)
def test_it_greets_by_the_readers_clock(mo, hour, words):
    assert greeting(mo, datetime(2026, 11, 25, hour, tzinfo=UTC)) == words


def test_new_documents_are_those_i_may_read(sign_in, mo, committee, elsewhere):
    for owner, title in ((committee, "Ours"), (elsewhere, "Theirs")):
        document = Document.objects.create(committee=owner, title=title)
        document.latest = DocumentVersion.objects.create(
            document=document, name="a.pdf", content_type="application/pdf", size=1, sha256="0"
        )
        document.save()
    assert [document.title for document in page_of(sign_in(mo)).documents] == ["Ours"]


def test_a_suggestion_is_open_and_neither_mine_nor_asked_nor_confidential(sign_in, mo, committee, elsewhere):
    CommitteeFactory(confidential=True)
    CommitteeFactory(join_policy=Committee.JoinPolicy.INVITED)
    client = sign_in(mo)
    assert page_of(client).suggested == elsewhere
    JoinRequest.objects.create(committee=elsewhere, user=mo)
    assert page_of(client).suggested is None


def test_it_says_when_clocks_change_in_between(sign_in, carla, mo, committee, time_machine):
    time_machine.move_to(datetime(2027, 3, 9, 15, 0, tzinfo=UTC))
    MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=9))
    assert "Clocks go forward on Sunday, March 14" in home(sign_in(mo))


def test_an_applicant_reads_where_the_application_stands(sign_in, ana, stu, meeting):
    client = sign_in(ana)
    assert "no application yet" in home(client)
    application = Application.objects.create(applicant=ana, title="Mayor", jurisdiction=JurisdictionFactory())
    page = home(client)
    assert ["We have your application, Ana" in page, "Mayor" in page, meeting.title in page] == [True, True, False]
    application.decline(stu, "The office is an appointed one.")
    assert "The office is an appointed one." in home(client)


def test_calls_of_committees_i_left_are_gone(sign_in, mo, meeting):
    Membership.objects.get(user=mo).end(by=mo)
    page = page_of(sign_in(mo))
    assert (page.next_call, page.committees) == (None, [])


def queries(client):
    client.get("/")
    with CaptureQueriesContext(connection) as captured:
        home(client)
    return len(captured)


def test_it_costs_nine_queries_with_one_and_three_of_everything(sign_in, carla, mo, committee):
    client = sign_in(mo)

    def grow():
        mine = CommitteeFactory()
        MembershipFactory(committee=mine, user=mo)
        CommitteeFactory()
        call = MeetingFactory(committee=mine, by=carla)
        AgendaItem.add(call, carla, title="Item", minutes=5)
        publish_quietly(call)
        respond(call, MembershipFactory(committee=mine).user, "accepted", seen=0)
        document = Document.objects.create(committee=mine, title="Paper")
        document.latest = DocumentVersion.objects.create(
            document=document, name="a.pdf", content_type="application/pdf", size=1, sha256="0"
        )
        document.save()

    grow()
    one = queries(client)
    grow()
    grow()
    assert (one, queries(client)) == (9, 9)
