"""Several committees on one call: one invitation each, everything for each, and nobody reads of a committee they may not know of."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committees.models import Committee, Document, Membership
from events.agenda.publishing import publish_agenda
from events.answers.answering import respond
from events.calendar import feeds
from events.messages.agendas import AgendaPublished
from events.messages.invitations import tell_scheduled
from events.messages.reminders import Reminder
from events.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    CallRun,
    Decision,
    JointCommittee,
    Meeting,
    Minutes,
    Quorum,
    Rsvp,
)
from events.record.history import calls_of
from events.record.minutes.heading import Heading
from events.schedule import scheduling, sharing
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, NotificationPreference, Profile
from portal.chairing.health import health_of
from tests.access_world import make_document
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, publish_quietly
from tests.pipeline import DAY, call_in, forward

pytestmark = pytest.mark.django_db
UNDO = 3


@pytest.fixture
def both(committee, elsewhere, mo):
    """Mo sits on both committees."""
    MembershipFactory(committee=elsewhere, user=mo)
    return elsewhere


@pytest.fixture
def call(committee, both, carla, olga):
    """A draft that both share, a little more than a week ahead."""
    meeting = call_in(7 * DAY + 4, committee, carla)
    Meeting.objects.filter(pk=meeting.pk).update(told_at=None)
    meeting.refresh_from_db()
    sharing.share(meeting, both, carla)
    return meeting


def forward_told(meeting):
    Meeting.objects.filter(pk=meeting.pk).update(told_at=meeting.created_at)


def told(kind="invitation"):
    rows = Delivery.objects.filter(kind=kind).order_by("recipient__name", "pk")
    return [(row.recipient.name.split()[0], row.scope, row.state) for row in rows.select_related("recipient")]


def body(smtp, person):
    (mail,) = [mail for mail in smtp.received if mail.recipient == person.email]
    return " ".join(mail.message.get_body(("plain",)).get_content().split())


def test_one_invitation_each_through_the_own_committee(smtp, call, committee, both, carla, mo, olga):
    assert told() == []
    tell_scheduled(call)
    deliver()
    host, beside = committee.scope, both.scope
    assert told() == [("Carla", host, "sent"), ("Mo", host, "sent"), ("Olga", beside, "sent")]
    assert "Economic Justice and Housing Justice" in body(smtp, mo)
    assert "you’re on Housing Justice" in body(smtp, olga)
    assert "you’re on Economic Justice" in body(smtp, carla)


def test_a_committee_that_comes_later_is_invited_without_those_who_were(smtp, committee, both, carla, mo, olga):
    meeting = call_in(10 * DAY, committee, carla)
    tell_scheduled(meeting)
    deliver()
    sharing.share(meeting, both, carla)
    sharing.share(meeting, both, carla)
    deliver()
    assert [name for name, _scope, _state in told()] == ["Carla", "Mo", "Olga"]


def test_a_committee_taken_away_is_withdrawn_from_those_alone_who_came_by_it(smtp, call, both, carla, mo, olga):
    tell_scheduled(call)
    deliver()
    smtp.received.clear()
    assert sharing.part(call, both, carla)
    assert not sharing.part(call, both, carla)
    plan()
    forward(UNDO, kind="withdrawn", state="queued")
    deliver()
    assert told("withdrawn") == [("Olga", both.scope, "sent")]
    assert "Housing Justice isn’t part of this call any more" in body(smtp, olga)
    # and comes back, and goes again: each is told
    sharing.share(call, both, carla)
    deliver()
    sharing.part(call, both, carla)
    plan()
    forward(UNDO, kind="withdrawn", state="queued")
    deliver()
    assert [state for _name, _scope, state in told("withdrawn")] == ["sent", "sent"]
    assert [name for name, _scope, _state in told()] == ["Carla", "Mo", "Olga", "Olga"]


def test_who_leaves_one_of_two_committees_stays_on_the_call(smtp, call, committee, mo):
    tell_scheduled(call)
    deliver()
    Membership.objects.get(committee=committee, user=mo).end(mo)
    plan()
    assert told("withdrawn") == []
    assert Meeting.objects.of(mo).get() == call


def test_mails_on_their_way_stop_when_their_committee_is_taken_away(smtp, call, both, carla, olga):
    tell_scheduled(call)
    sharing.part(call, both, carla)
    deliver()
    assert [(name, state) for name, _scope, state in told()] == [
        ("Carla", "sent"),
        ("Mo", "sent"),
        ("Olga", "suppressed"),
    ]


def test_reminders_come_once_and_by_the_preference_of_the_committee_they_come_through(
    smtp, call, both, carla, mo, olga
):
    tell_scheduled(call)
    deliver()
    Delivery.objects.update(sent_at=call.created_at)
    NotificationPreference.objects.create(user=olga, kind=Reminder.kind, scope=both.scope, cadence="never")
    Meeting.objects.filter(pk=call.pk).update(told_at=call.created_at)
    plan()
    shown = {(row.recipient.name.split()[0], row.offset, row.scope) for row in Delivery.objects.filter(kind="reminder")}
    assert len(shown) == Delivery.objects.filter(kind="reminder").count()
    assert ("Olga", 7 * DAY, both.scope) in shown
    assert ("Mo", 7 * DAY, call.scope) in shown
    assert not [each for each in shown if each[0] == "Mo" and each[2] == both.scope]


def test_each_door_is_open_to_both_and_to_nobody_else(sign_in, call, committee, both, carla, olga, chet, ana):
    tell_scheduled(call)
    Meeting.objects.filter(pk=call.pk).update(told_at=call.created_at)
    call.refresh_from_db()
    other = MembershipFactory(committee=CommitteeFactory(), role=Membership.Role.CHAIR).user
    for person, seen in ((carla, True), (olga, True), (chet, True), (other, False), (ana, False)):
        assert Meeting.objects.visible_to(person).filter(pk=call.pk).exists() is seen, person
        assert Meeting.objects.of(person).filter(pk=call.pk).exists() is seen, person
        assert feeds.calls(person).filter(pk=call.pk).exists() is seen, person
    assert chet.has_perm("events.run_meeting", call)
    assert not olga.has_perm("events.run_meeting", call)
    for person in (olga, chet):
        client = sign_in(person)
        assert client.get(call.get_absolute_url()).status_code == 200
        pages = ["/", "/calls/", f"/committees/{both.slug}/calls/", f"/committees/{both.slug}/", "/search/?q=workweek"]
        for address in pages:
            assert call.get_absolute_url() in client.get(address).content.decode(), (person, address)
    found = sign_in(olga).get("/api/meetings/", {"committee": both.slug}).json()
    assert [each["slug"] for each in found["results"]] == [call.slug]
    stranger = sign_in(other)
    assert stranger.get(call.get_absolute_url()).status_code == 404
    for address in ("/", "/calls/?show=all", "/search/?q=workweek"):
        assert call.slug not in stranger.get(address).content.decode(), address
    assert stranger.get("/api/meetings/", {"committee": both.slug}).json()["results"] == []


def test_a_role_on_one_committee_gives_no_right_on_the_other(sign_in, call, committee, chet):
    Meeting.objects.filter(pk=call.pk).update(told_at=call.created_at)
    page = Meeting.objects.for_page(chet).get(pk=call.pk)
    assert (page.my_role, page.my_host_role) == ("chair", "")
    assert not chet.has_perm("committees.see_committee_people", committee)
    assert sign_in(chet).get(f"/calls/{call.slug}/edit/").status_code == 200
    assert not chet.has_perm("committees.manage_committee", committee)


def test_everybody_counts_once(call, committee, both, carla, mo, olga):
    Meeting.objects.filter(pk=call.pk).update(told_at=call.created_at)
    call.refresh_from_db()
    for person in (mo, olga):
        respond(call, person, Rsvp.Response.ACCEPTED, seen=0)
    tally = Rsvp.objects.tally(call)
    assert (tally.going, tally.unanswered) == (2, 1)
    assert Meeting.objects.with_going().get(pk=call.pk).going == 2
    assert sorted(person.name for person in call.invitees()) == sorted([carla.name, mo.name, olga.name])
    assert [each.here for each in Quorum.forecast(call, [committee, both])] == [1, 2]


def confidential(committee, person):
    """Past every door that would refuse it."""
    committee.confidential = True
    committee.save(update_fields=["confidential"])


def test_a_confidential_committee_shares_no_call(call, committee, both, carla, chet, ada):
    hidden = CommitteeFactory(slug="quiet", name="Quiet Caucus", confidential=True)
    insider = MembershipFactory(committee=hidden, role=Membership.Role.CHAIR).user
    MembershipFactory(committee=committee, role=Membership.Role.CHAIR, user=insider)
    assert hidden not in sharing.offered(call, insider)
    assert hidden not in sharing.offered(call, ada)
    with pytest.raises(ValidationError) as refused:
        sharing.share(call, hidden, insider)
    assert refused.value.code == "confidential"
    with pytest.raises(ValidationError) as refused:
        sharing.share(call_in(10 * DAY, hidden, insider), committee, insider)
    assert refused.value.code == "confidential"


def test_a_committee_with_a_shared_call_ahead_does_not_become_confidential(call, committee, both, ada, carla):
    for each in (committee, both):
        with pytest.raises(ValidationError) as refused:
            Committee.objects.get(pk=each.pk).edit(ada, confidential=True)
        assert "confidential" in refused.value.message_dict
    sharing.part(call, both, carla)
    assert Committee.objects.get(pk=both.pk).edit(ada, confidential=True).confidential


@pytest.mark.parametrize("which", ["host", "beside"])
def test_one_that_becomes_confidential_all_the_same_is_alone_at_once(
    sign_in, smtp, call, committee, both, carla, mo, olga, chet, which
):
    tell_scheduled(call)
    deliver()
    forward_told(call)
    respond(call, olga, Rsvp.Response.ACCEPTED, seen=0)
    respond(call, carla, Rsvp.Response.ACCEPTED, seen=0)
    confidential(committee if which == "host" else both, olga)
    call = Meeting.objects.get(pk=call.pk)
    assert not call.is_joint
    assert set(call.invitees()) == {carla, mo}
    for person in (olga, chet):
        assert not Meeting.objects.of(person).exists()
        assert sign_in(person).get(call.get_absolute_url()).status_code == 404
    for address in (call.get_absolute_url(), f"/calls/{call.slug}/answers/", f"/calls/{call.slug}/attendance/"):
        page = sign_in(carla).get(address).content.decode()
        assert olga.name not in page, address
        assert both.name not in page, address
    smtp.received.clear()
    plan()
    forward(UNDO, kind="withdrawn", state="queued")
    deliver()
    assert {name for name, _scope, state in told("withdrawn") if state == "sent"} == {"Chet", "Olga"}
    theirs = {chet.email, olga.email}
    assert not [mail for mail in smtp.received if mail.recipient not in theirs and both.name in str(mail.message)]


def test_who_lets_fellows_see_their_answers_lets_their_own_committees(sign_in, call, committee, both, carla, mo, olga):
    lone = MembershipFactory(committee=committee).user
    forward_told(call)
    call.refresh_from_db()
    respond(call, olga, Rsvp.Response.ACCEPTED, seen=0)
    page = f"/calls/{call.slug}/answers/"
    assert olga.name in sign_in(mo).get(page).content.decode()  # on both
    assert olga.name in sign_in(carla).get(page).content.decode()  # runs the call
    assert olga.name not in sign_in(lone).get(page).content.decode()
    Profile.objects.filter(user=olga).update(rsvp_audience=Profile.Audience.MEMBERS)
    assert olga.name in sign_in(lone).get(page).content.decode()


def test_each_committee_has_its_own_quorum_and_its_own_attendance(committee, both, carla, mo, olga, chet):
    """Mo sits on both and counts for both; Olga, Carla and Chet for one."""
    call = MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(minutes=90))
    JointCommittee.objects.create(meeting=call, committee=both)
    Attendance.mark_all(call, [mo, olga, chet], by=carla)
    assert (Quorum.of(call).eligible, Quorum.of(call).here) == (2, 1)
    (beside,) = Quorum.of_each(call, [both])
    assert (beside.eligible, beside.here, beside.committee) == (3, 3, both.name)
    assert [each.came for each in calls_of(committee)] == [1]
    assert [each.came for each in calls_of(both)] == [3]
    assert [each.came for each in health_of(committee).calls] == [1]
    assert [each.came for each in health_of(both).calls] == [3]
    heading = Heading.of(call)
    assert committee.name in heading.committee
    assert both.name in heading.committee
    assert f"{committee.name}: 1 of 2 members" in heading.attendance
    assert f"{both.name}: 3 of 3 members" in heading.attendance
    assert (len(heading.present), heading.also, heading.absent) == (3, (), (carla.name,))
    assert Heading.from_json(heading.to_json()) == heading


def test_what_somebody_is_to_do_is_on_the_list_of_their_own_committee(call, committee, both, carla, mo, olga):
    assert [call.register_of(person) for person in (carla, mo, olga, None)] == [committee, committee, both, committee]
    action = ActionItem.assign(both, carla, key=uuid4(), text="Call the mayor", owner=olga, meeting=call)
    assert ActionItem.objects.owned_by(olga).get() == action
    sharing.part(call, both, carla)
    assert action.edit(carla, owner=None).owner is None
    with pytest.raises(ValidationError):
        ActionItem.assign(CommitteeFactory(), carla, key=uuid4(), text="Call them", meeting=call)


def test_a_call_of_a_series_or_over_is_not_shared(call, both, carla):
    scheduling.cancel(call, carla, "No room")
    with pytest.raises(ValidationError):
        sharing.part(call, both, carla)
    assert JointCommittee.objects.standing().count() == 1


OPENED = [
    "meeting_detail",
    "meeting_print",
    "meeting_book",
    "meeting_ics",
    "meeting_answers",
    "meeting_attendance",
    "meeting_run",
    "meeting_agenda",
    "meeting_edit",
    "meeting_move",
    "meeting_cancel",
    "meeting_nudge",
    "meeting_committees",
    "meeting_minutes",
    "attendance_report",
    "api_meeting-detail",
    "api_meeting-agenda",
]


def test_the_other_committee_reads_nothing_that_is_the_hosts_alone(
    sign_in, smtp, committee, both, carla, mo, olga, chet, settings, tmp_path
):
    """Papers for its people, what is left from its calls, its actions, decisions and who presents elsewhere."""
    settings.MEDIA_ROOT = tmp_path
    before = MeetingFactory(committee=committee, by=carla, title="Hostword call", starts_in=-timedelta(days=7))
    AgendaItem.objects.create(meeting=before, title="Leftword")
    publish_quietly(before)
    CallRun.objects.create(meeting=before, started_at=before.starts_at, started_by=carla, ended_at=before.ends_at)
    ActionItem.assign(committee, carla, key=uuid4(), text="Actionword", owner=mo, meeting=before)
    Decision.record(committee, carla, key=uuid4(), motion="Motionword", ayes=1, noes=0, meeting=before, here=None)
    inside = make_document(committee, carla, "Paperword")
    Document.objects.filter(pk=inside.pk).update(audience=Document.Audience.COMMITTEE)
    make_document(both, chet, "Ownword")
    call = call_in(3 * DAY, committee, carla, title="Shared")
    JointCommittee.objects.create(meeting=call, committee=both)
    item = AgendaItem.objects.create(meeting=call, title="Wage theft")
    item.papers.add(inside)
    NotificationPreference.objects.bulk_create(
        NotificationPreference(user=person, kind=AgendaPublished.kind, cadence=NotificationPreference.Cadence.AT_ONCE)
        for person in (mo, olga, chet)
    )
    publish_agenda(call, carla)
    forward(UNDO, kind="agenda_published", state="queued")
    deliver()
    words = ("Hostword", "Leftword", "Actionword", "Motionword", "Paperword")
    seen = {}
    for person in (olga, chet, mo):
        client = sign_in(person)
        for name in OPENED:
            answer = client.get(reverse(name, args=[call.slug]))
            assert answer.status_code < 500, name
            seen[person, name] = {word for word in words if word in answer.content.decode()}
        edit = client.get(reverse("agenda_item_edit", args=[call.slug, item.pk]))
        seen[person, "edit"] = {word for word in words if word in edit.content.decode()}
    assert {name: found for (person, name), found in seen.items() if found and person != mo} == {}
    assert seen[mo, "meeting_detail"] >= {"Paperword"}  # the control
    mails = {mail.recipient: str(mail.message.get_body(("plain",)).get_content()) for mail in smtp.received}
    assert {olga.email, chet.email, mo.email} <= mails.keys()
    assert not [word for word in words for person in (olga, chet) if word in mails[person.email]]


def test_a_paper_that_only_the_host_reads_stays_on_an_item_that_the_other_changes(
    committee, both, carla, chet, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    call = call_in(3 * DAY, committee, carla)
    JointCommittee.objects.create(meeting=call, committee=both)
    item = AgendaItem.objects.create(meeting=call, title="Wage theft")
    inside = make_document(committee, carla)
    item.papers.add(inside)
    item.edit(chet, title="Wage theft update", papers=[])
    assert list(item.papers.all()) == [inside]
    item.edit(carla, papers=[])
    assert not item.papers.exists()


def cost(client, *addresses):
    for address in addresses:
        client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert {client.get(address).status_code for address in addresses} == {200}
    return len(queries)


def test_more_shared_calls_and_more_committees_cost_no_more_queries(sign_in, committee, both, carla, chet):
    first = call_in(5 * DAY, committee, carla)
    JointCommittee.objects.create(meeting=first, committee=both)
    page = reverse("meeting_committees", args=[first.slug])
    pages = [reverse(name, args=[first.slug]) for name in ("meeting_detail", "meeting_attendance")]
    lists = [*pages, "/", "/calls/", f"/committees/{both.slug}/calls/", f"/committees/{both.slug}/"]
    client, chair = sign_in(chet), sign_in(carla)
    before = cost(client, *lists), cost(chair, page)
    for number in range(2):
        JointCommittee.objects.create(meeting=first, committee=CommitteeFactory())
        another = call_in((6 + number) * DAY, committee, carla)
        JointCommittee.objects.create(meeting=another, committee=both)
    assert (cost(client, *lists), cost(chair, page)) == before


def test_lists_beside_the_call_know_it_by_each_of_its_committees(sign_in, committee, both, carla, chet, olga, ada):
    """Programs, staff, the sheet to print and what is asked before a committee is archived."""
    ahead = call_in(3 * DAY, committee, carla, title="Ahead")
    over = MeetingFactory(committee=committee, by=carla, title="Over", starts_in=-timedelta(days=2))
    for call in (ahead, over):
        JointCommittee.objects.create(meeting=call, committee=both)
    out = {"sent_at": over.ends_at, "comments_until": ahead.starts_at.date(), "closes_at": ahead.starts_at}
    Minutes.objects.create(meeting=over, **out)
    reader, staff = sign_in(olga), sign_in(ada)
    for slug in (committee.slug, both.slug):
        found = reader.get("/api/minutes/", {"committee": slug}).json()["results"]
        assert [each["slug"] for each in found] == [over.slug]
    told = reader.get(f"/api/meetings/{ahead.slug}/").json()
    assert (told["committee"], told["shared_with"]) == (committee.slug, [both.slug])
    assert both.name in reader.get(reverse("meeting_print", args=[ahead.slug])).content.decode()
    assert [each.next_at for each in staff.get("/staff/committees/").context["committees"]] == [ahead.starts_at] * 2
    assert staff.get(reverse("staff_committee_archive", args=[both.slug])).context["upcoming"] == 1
