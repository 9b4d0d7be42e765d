"""Members propose items for an agenda; the co-chairs take them or answer, and who proposed one is told."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.agenda import proposing
from events.models import JointCommittee, Meeting, Proposal
from events.schedule import scheduling
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from portal.chairing.waiting import waiting_on_chairs
from tests.factories import MembershipFactory
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(committee, carla, mo):
    return call_in(7 * DAY, committee, carla)


@pytest.fixture
def proposal(call, mo):
    return Proposal.propose(call, mo, title="Night buses", minutes=15, words="Riders ask.")


def page_of(call):
    return reverse("meeting_propose", args=[call.slug])


def proposal_page(proposal):
    return reverse("meeting_proposal", args=[proposal.meeting.slug, proposal.pk])


def mail_to(smtp, person):
    (mail,) = [mail for mail in smtp.received if mail.recipient == person.email]
    return mail.message["Subject"], " ".join(mail.message.get_body(("plain",)).get_content().split())


def test_a_member_proposes_an_item_and_the_chair_puts_it_on(sign_in, smtp, call, committee, carla, mo):
    member, chair = sign_in(mo), sign_in(carla)
    assert page_of(call) in member.get(call.get_absolute_url()).content.decode()
    member.post(page_of(call), {"title": "Night buses", "minutes": "15", "words": "Riders ask."})
    proposal = Proposal.objects.get()
    assert [each.title for each in waiting_on_chairs(committee)][-1] == f"1 item is proposed for {call.title}"
    builder = chair.get(reverse("meeting_agenda", args=[call.slug])).content.decode()
    assert "Night buses" in builder and mo.name in builder
    chair.post(proposal_page(proposal), {"take": "1"})
    item = call.agenda_items.get()
    assert (item.title, item.minutes, item.description, item.presenter) == ("Night buses", 15, "Riders ask.", mo)
    deliver()
    subject, words = mail_to(smtp, mo)
    assert subject == "On the agenda: Night buses"
    assert "The item you proposed is on the agenda" in words
    assert "On the agenda" in member.get(page_of(call)).content.decode()
    chair.post(proposal_page(proposal), {"take": "1"})
    assert call.agenda_items.count() == 1
    assert Delivery.objects.filter(kind="proposal_answered").count() == 1
    assert not [each for each in waiting_on_chairs(committee) if "proposed" in each.title]


def test_an_answer_goes_to_who_proposed_it_and_says_why(sign_in, smtp, call, proposal, carla, mo):
    chair = sign_in(carla)
    empty = chair.post(proposal_page(proposal), {"answer": ""}, follow=True, headers={"accept": "text/html"})
    assert "Write a sentence or two" in empty.content.decode()
    chair.post(proposal_page(proposal), {"answer": "Next month, with the transit director."})
    deliver()
    subject, words = mail_to(smtp, mo)
    assert subject == "Not on the agenda: Night buses"
    assert f"{carla.name} answered" in words and "Next month, with the transit director." in words
    assert not call.agenda_items.exists()
    assert "Next month, with the transit director." in sign_in(mo).get(page_of(call)).content.decode()
    assert not proposing.take(proposal, carla)


def test_it_is_taken_back_by_its_own_author_as_long_as_nobody_answered(sign_in, call, proposal, carla, mo):
    other = MembershipFactory(committee=call.committee).user
    back = reverse("proposal_withdraw", args=[call.slug, proposal.pk])
    assert sign_in(other).post(back).status_code == 404
    sign_in(mo).post(back)
    assert not Proposal.objects.waiting().exists()
    assert sign_in(carla).get(proposal_page(proposal)).status_code == 404
    assert not proposing.decline(proposal, carla, "No.")
    assert not Delivery.objects.filter(kind="proposal_answered").exists()


def test_who_reads_a_proposal(sign_in, call, proposal, elsewhere, mo, olga, chet):
    """Its author and those who run the call: neither others on the committee, nor people elsewhere."""
    other = MembershipFactory(committee=call.committee).user
    for person, status in ((mo, 403), (other, 403), (olga, 404), (chet, 404)):
        assert sign_in(person).get(proposal_page(proposal)).status_code == status, person
    assert "Night buses" not in sign_in(other).get(page_of(call)).content.decode()
    assert sign_in(olga).get(page_of(call)).status_code == 404
    JointCommittee.objects.create(meeting=call, committee=elsewhere)
    assert sign_in(chet).get(proposal_page(proposal)).status_code == 200
    assert sign_in(olga).get(page_of(call)).status_code == 200


def test_a_call_that_began_or_is_canceled_takes_none(sign_in, call, carla, mo):
    begun = call_in(10, call.committee, carla)
    Meeting.objects.filter(pk=begun.pk).update(starts_at=timezone.now())
    scheduling.cancel(call, carla, "No room")
    for meeting in (call, begun):
        with pytest.raises(ValidationError) as refused:
            Proposal.propose(meeting, mo, title="Night buses", minutes=None, words="")
        assert refused.value.code == "closed"
        assert "its agenda is closed" in sign_in(mo).get(page_of(meeting)).content.decode()


def test_so_many_wait_of_one_person_and_none_of_who_left(call, proposal, committee, mo, carla):
    for number in range(Proposal.MOST - 1):
        Proposal.propose(call, mo, title=f"Item {number}", minutes=None, words="")
    with pytest.raises(ValidationError) as refused:
        Proposal.propose(call, mo, title="One more", minutes=None, words="")
    assert refused.value.code == "too_many"
    Membership.objects.get(committee=committee, user=mo).end(mo)
    assert not Proposal.objects.waiting().exists()


def test_more_proposals_cost_no_more_queries(sign_in, call, proposal, committee, carla, mo):
    def cost():
        addresses = [(sign_in(carla), reverse("meeting_agenda", args=[call.slug])), (sign_in(mo), page_of(call))]
        for client, address in addresses:
            client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert {client.get(address).status_code for client, address in addresses} == {200}
            waiting_on_chairs(committee)
        return len(queries)

    before = cost()
    for title in ("Rents", "Parks"):
        Proposal.propose(call, mo, title=title, minutes=None, words="")
    assert cost() == before
