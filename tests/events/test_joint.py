"""Several committees on one call: one invitation each, everything for each, and nobody reads of a committee they may not know of."""

import pytest
from django.core.exceptions import ValidationError

from committees.models import Membership
from events.answers.answering import respond
from events.messages.invitations import tell_scheduled
from events.messages.reminders import Reminder
from events.models import JointCommittee, Meeting, Quorum, Rsvp
from events.schedule import scheduling, sharing
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, NotificationPreference
from tests.factories import CommitteeFactory, MembershipFactory
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
    assert chet.has_perm("events.run_meeting", call)
    assert not olga.has_perm("events.run_meeting", call)
    for person in (olga, chet):
        client = sign_in(person)
        assert client.get(call.get_absolute_url()).status_code == 200
        for address in ("/", "/calls/", f"/committees/{both.slug}/calls/", f"/committees/{both.slug}/"):
            assert call.title in client.get(address).content.decode(), (person, address)
    found = sign_in(olga).get("/api/meetings/", {"committee": both.slug}).json()
    assert [each["slug"] for each in found["results"]] == [call.slug]
    assert sign_in(other).get(call.get_absolute_url()).status_code == 404


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
    assert Quorum.forecast(call).here == 1  # of the host


def test_a_confidential_committee_is_named_to_its_own_people_alone(sign_in, smtp, committee, carla, mo, ada):
    hidden = CommitteeFactory(slug="quiet", name="Quiet Caucus", confidential=True)
    insider = MembershipFactory(committee=hidden, role=Membership.Role.CHAIR).user
    meeting = call_in(10 * DAY, committee, carla, public=True)
    Meeting.objects.filter(pk=meeting.pk).update(told_at=None)
    sharing.share(meeting, hidden, insider)
    tell_scheduled(meeting)
    deliver()
    forward_told(meeting)
    assert "you’re on Quiet Caucus" in body(smtp, insider)
    assert all("Quiet" not in str(mail.message) for mail in smtp.received if mail.recipient != insider.email)
    assert [each.name for each in meeting.named_to(mo)] == [committee.name]
    assert [each.name for each in meeting.named_to(insider)] == [committee.name, hidden.name]
    for person in (mo, carla):
        client = sign_in(person)
        for address in (meeting.get_absolute_url(), "/calls/", f"/calls/{meeting.slug}/answers/"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert "Quiet" not in answer.content.decode(), address
    assert sign_in(mo).get("/api/meetings/", {"committee": "quiet"}).json()["results"] == []
    refused = call_in(10 * DAY, hidden, insider)
    with pytest.raises(ValidationError):
        sharing.share(refused, committee, carla)


def test_a_host_of_a_shared_call_does_not_become_confidential(call, committee, ada):
    with pytest.raises(ValidationError) as refused:
        committee.edit(ada, confidential=True)
    assert "confidential" in refused.value.message_dict


def test_a_call_of_a_series_or_over_is_not_shared(call, both, carla):
    scheduling.cancel(call, carla, "No room")
    with pytest.raises(ValidationError):
        sharing.part(call, both, carla)
    assert JointCommittee.objects.standing().count() == 1
