"""Coming onto a committee, asking, leaving, and changing one's mind."""

import pytest
from django.urls import reverse

from committees.joining import requests as joining
from committees.models import Committee, JoinRequest, Membership
from members.models import AuditEntry, Delivery
from members.times.clock import today
from tests.factories import CommitteeFactory, MembershipFactory, UserFactory

ASK = Committee.JoinPolicy.ASK


@pytest.fixture
def asking(db):
    """A committee whose co-chair decides who comes in."""
    committee = CommitteeFactory(slug="immigrant-rights", name="Immigrant Rights", join_policy=ASK)
    committee.chair = UserFactory(name="Ines D'Angelo", email="ines@portal.example")
    MembershipFactory(committee=committee, user=committee.chair, role=Membership.Role.CHAIR)
    return committee


def told():
    return sorted(Delivery.objects.values_list("kind", "recipient__name"))


def test_joining_from_the_issue_page_takes_two_steps(sign_in, olga, committee):
    client = sign_in(olga)
    issue = client.get(committee.issue.get_absolute_url())
    assert reverse("committee_join", args=[committee.slug]) in issue.content.decode()
    asked = client.get(reverse("committee_join", args=[committee.slug]))
    assert (asked.status_code, committee.role_of(olga)) == (200, "")
    committee.refresh_from_db()
    joined = client.post(reverse("committee_join", args=[committee.slug]))
    assert joined["Location"] == committee.get_absolute_url()
    assert Committee.objects.get(pk=committee.pk).role_of(olga) == "member"
    assert told() == [("joined", "Olga Petrova")]
    assert "You’re a member" in client.get(committee.issue.get_absolute_url()).content.decode()


def test_joining_signed_out_goes_through_sign_in_and_comes_back(client, committee):
    address = reverse("committee_join", args=[committee.slug])
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={address}"


def test_joining_twice_gives_one_seat_and_one_message(olga, committee):
    first, second = joining.join(committee, olga), joining.join(committee, olga)
    assert first == second
    assert committee.memberships.filter(user=olga).count() == 1
    assert told() == [("joined", "Olga Petrova")]


def test_an_applicant_is_told_to_apply_and_gets_no_seat(sign_in, ana, committee):
    response = sign_in(ana).post(reverse("committee_join", args=[committee.slug]))
    assert response.status_code == 403
    assert "Once your application is approved" in response.content.decode()
    assert not Membership.objects.filter(user=ana).exists()


def test_an_archived_committee_takes_nobody(sign_in, olga, committee):
    Committee.objects.update(archived_at="2026-01-01T00:00Z")
    assert sign_in(olga).post(reverse("committee_join", args=[committee.slug])).status_code == 403
    assert not committee.memberships.filter(user=olga).exists()


def test_one_by_invitation_takes_nobody_either(sign_in, olga, committee):
    Committee.objects.update(join_policy="invited")
    client = sign_in(olga)
    assert client.post(reverse("committee_join", args=[committee.slug])).status_code == 403
    assert client.post(reverse("committee_ask", args=[committee.slug]), {"message": "Please"}).status_code == 403
    assert not committee.memberships.filter(user=olga).exists()


def test_joining_one_that_asks_leads_to_asking(sign_in, olga, asking):
    response = sign_in(olga).post(reverse("committee_join", args=[asking.slug]))
    assert response["Location"] == reverse("committee_ask", args=[asking.slug])
    assert not asking.memberships.filter(user=olga).exists()


def test_asking_tells_the_co_chair_once(sign_in, olga, asking):
    client = sign_in(olga)
    for message in ("I run our welcome office.", "Again"):
        assert client.post(reverse("committee_ask", args=[asking.slug]), {"message": message}).status_code == 302
    assert list(JoinRequest.objects.values_list("user__name", "message")) == [
        ("Olga Petrova", "I run our welcome office.")
    ]
    assert told() == [("join_request", "Ines D'Angelo")]
    assert "You asked to join" in client.get(asking.get_absolute_url()).content.decode()


def test_taking_a_request_back(sign_in, olga, asking):
    joining.ask(asking, olga)
    client = sign_in(olga)
    for _ in range(2):
        assert client.post(reverse("committee_withdraw", args=[asking.slug])).status_code == 302
    assert list(JoinRequest.objects.values_list("outcome", flat=True)) == ["withdrawn"]
    assert "Ask to join" in client.get(asking.get_absolute_url()).content.decode()


def test_a_co_chair_accepts_and_the_person_is_on_it(sign_in, olga, asking):
    asked = joining.ask(asking, olga, "Hello")
    client = sign_in(asking.chair)
    assert "Hello" in client.get(reverse("committee_requests", args=[asking.slug])).content.decode()
    client.post(
        reverse("committee_request_answer", args=[asking.slug, asked.pk]), {f"request-{asked.pk}-decision": "accept"}
    )
    assert Committee.objects.get(pk=asking.pk).role_of(olga) == "member"
    assert told() == [("join_request", "Ines D'Angelo"), ("join_request_answer", "Olga Petrova")]


def test_declining_needs_a_note_and_loses_nothing_typed(sign_in, olga, asking):
    asked = joining.ask(asking, olga)
    client, address = sign_in(asking.chair), reverse("committee_request_answer", args=[asking.slug, asked.pk])
    mistaken = client.post(address, {f"request-{asked.pk}-decision": "decline"})
    assert (mistaken.status_code, JoinRequest.objects.waiting().count()) == (422, 1)
    assert "Write a sentence or two" in mistaken.content.decode()
    client.post(
        address, {f"request-{asked.pk}-decision": "decline", f"request-{asked.pk}-note": "We're full until June."}
    )
    assert list(JoinRequest.objects.values_list("outcome", "note")) == [("declined", "We're full until June.")]
    assert not asking.memberships.filter(user=olga).exists()


def test_the_second_of_two_co_chairs_is_told_it_was_answered(sign_in, olga, asking):
    asked = joining.ask(asking, olga)
    joining.accept(asked, asking.chair)
    client = sign_in(asking.chair)
    client.post(
        reverse("committee_request_answer", args=[asking.slug, asked.pk]),
        {f"request-{asked.pk}-decision": "decline", f"request-{asked.pk}-note": "No"},
    )
    assert "was answered already" in client.get(reverse("committee_requests", args=[asking.slug])).content.decode()
    assert Committee.objects.get(pk=asking.pk).role_of(olga) == "member"


def test_a_request_of_another_committee_is_not_found(sign_in, olga, asking, carla, committee):
    asked = joining.ask(asking, olga)
    assert (
        sign_in(carla).post(reverse("committee_request_answer", args=[committee.slug, asked.pk]), {}).status_code == 404
    )


@pytest.mark.parametrize("who", ["mo", "olga", "chet", "ana"])
def test_only_co_chairs_and_staff_decide(request, sign_in, who, committee):
    assert (
        sign_in(request.getfixturevalue(who)).get(reverse("committee_requests", args=[committee.slug])).status_code
        == 403
    )


def test_leaving_and_undoing_it_the_same_day(sign_in, carla, committee):
    client = sign_in(carla)
    left = client.post(reverse("committee_leave", args=[committee.slug]), follow=True)
    assert Committee.objects.get(pk=committee.pk).role_of(carla) == ""
    undo = reverse("committee_rejoin", args=[committee.slug])
    assert left.content.decode().count(f'action="{undo}"') == 2, "a toast, and a line for those without script"
    client.post(undo)
    assert Committee.objects.get(pk=committee.pk).role_of(carla) == "chair"
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["left", "rejoined"]


def test_undoing_keeps_the_end_that_a_term_had(carla, committee):
    end = today().replace(year=today().year + 1)
    committee.memberships.update(ended_on=end)
    joining.leave(committee, carla)
    joining.rejoin(committee, carla)
    assert list(committee.memberships.values_list("ended_on", "ended_by")) == [(end, None)]


def test_nobody_undoes_being_taken_off_by_staff(sign_in, mo, stu, committee):
    committee.memberships.get(user=mo).end(by=stu)
    assert sign_in(mo).post(reverse("committee_rejoin", args=[committee.slug])).status_code == 403
    assert Committee.objects.get(pk=committee.pk).role_of(mo) == ""


def test_leaving_yesterday_is_not_undone_today(sign_in, mo, committee):
    seat = committee.memberships.get(user=mo)
    Membership.objects.filter(pk=seat.pk).update(ended_on=seat.started_on, ended_by=mo)
    assert sign_in(mo).post(reverse("committee_rejoin", args=[committee.slug])).status_code == 403


def test_leaving_a_confidential_committee_can_be_undone_though_it_is_not_seen(sign_in, mo, committee):
    Committee.objects.update(confidential=True)
    client = sign_in(mo)
    assert client.post(reverse("committee_leave", args=[committee.slug]))["Location"] == reverse("committee_list")
    assert client.get(committee.get_absolute_url()).status_code == 404
    client.post(reverse("committee_rejoin", args=[committee.slug]))
    assert client.get(committee.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("name", ["committee_withdraw", "committee_rejoin"])
def test_changes_happen_by_post_only(sign_in, mo, committee, name):
    assert sign_in(mo).get(reverse(name, args=[committee.slug]))["Location"] == committee.get_absolute_url()


@pytest.mark.parametrize(
    "name",
    [
        "committee_detail",
        "committee_join",
        "committee_ask",
        "committee_leave",
        "committee_people",
        "committee_requests",
        "committee_edit",
        "committee_documents",
        "document_upload",
    ],
)
@pytest.mark.parametrize("who", ["olga", "chet"])
def test_nobody_else_learns_that_a_confidential_committee_exists(request, sign_in, who, name, committee, carla):
    Committee.objects.filter(pk=committee.pk).update(confidential=True)
    client = sign_in(request.getfixturevalue(who))
    assert client.get(reverse(name, args=[committee.slug])).status_code == 404
    assert client.post(reverse(name, args=[committee.slug])).status_code in (404, 405)
