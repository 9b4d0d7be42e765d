"""The list of committees, a committee's page, its people and its description."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from committees.models import Announcement, Committee, Membership
from members.models import AuditEntry, Office, Profile
from tests.factories import (
    CommitteeFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    publish_quietly,
)

SCRIPT = "<script>alert('x')</script>"


def serve(user, title="City Council Member", **place):
    return Office.objects.create(user=user, title=title, level="city", jurisdiction=JurisdictionFactory(**place))


def words(response):
    return response.content.decode()


# The list


def test_mine_come_first_with_their_next_call(sign_in, mo, committee, elsewhere, meeting):
    response = sign_in(mo).get(reverse("committee_list"))
    assert [c.slug for c in response.context["mine"]] == ["economic-justice"]
    assert [c.slug for c in response.context["others"]] == ["housing-justice"]
    assert response.context["mine"][0].next_starts_at == meeting.starts_at


def test_a_canceled_call_is_nobodys_next(sign_in, mo, meeting, carla):
    meeting.cancel(carla, "Storm")
    assert sign_in(mo).get(reverse("committee_list")).context["mine"][0].next_starts_at is None


def test_visitors_see_all_but_the_confidential_and_archived(client, committee, elsewhere):
    CommitteeFactory(confidential=True)
    CommitteeFactory(archived_at="2026-01-01T00:00Z")
    response = client.get(reverse("committee_list"))
    assert [c.slug for c in response.context["others"]] == ["economic-justice", "housing-justice"]
    assert "Join" not in words(response).replace("Join as many", "")


def test_the_list_says_how_many_serve_in_my_state(sign_in, mo, olga, chet, elsewhere):
    for person in (mo, olga, chet):
        serve(person)
    assert "2 from Colorado" in words(sign_in(mo).get(reverse("committee_list")))


def test_the_list_costs_the_same_with_one_and_three_committees(sign_in, mo, committee, django_assert_num_queries):
    serve(mo)
    client = sign_in(mo)
    for _ in range(2):
        with django_assert_num_queries(5):
            client.get(reverse("committee_list"))
        for _ in range(2):
            MembershipFactory(user=mo, committee=CommitteeFactory())


# The page


def test_members_find_the_next_call_with_its_agenda_papers_and_people(sign_in, mo, carla, committee, meeting):
    serve(carla, name="Durham", state="NC")
    meeting.agenda_items.create(title="Roll call", kind="opening", minutes=5)
    meeting.agenda_items.create(title="Model ordinance", kind="decision", minutes=25, presenter=carla, position=1)
    publish_quietly(meeting)
    page = words(sign_in(mo).get(committee.get_absolute_url()))
    for expected in (
        "Fair workweek",
        "3:05<",
        "Model ordinance",
        "Decision",
        "City Council Member, Durham, NC",
        "You’re a member",
        'name="answer"',
    ):
        assert expected.replace("3:05", "1:05") in page
    assert "Roll call" not in page


def test_without_a_call_it_says_when_one_is_usual(sign_in, mo, committee):
    Committee.objects.update(rhythm="second Thursdays")
    page = words(sign_in(mo).get(committee.get_absolute_url()))
    assert "No call set yet" in page
    assert "second Thursdays" in page
    assert "Schedule a call" not in page


def test_co_chairs_find_where_to_manage(sign_in, carla, committee):
    page = words(sign_in(carla).get(committee.get_absolute_url()))
    assert reverse("committee_manage", args=[committee.slug]) in page
    assert "Schedule a call" in page


@pytest.mark.parametrize("who", [None, "olga", "chet", "ana"])
def test_others_see_purpose_co_chairs_and_the_way_in_only(request, sign_in, who, mo, carla, committee, meeting):
    response = sign_in(who and request.getfixturevalue(who)).get(committee.get_absolute_url())
    page = words(response)
    assert response.status_code == 200
    assert "To learn from each other." in page
    assert "Carla Núñez-O&#x27;Hara" in page
    assert "Mo Haddad" not in page
    assert "Fair workweek" not in page


def test_an_archived_committee_stays_readable_and_says_so(sign_in, mo, olga, committee):
    Committee.objects.filter(pk=committee.pk).update(archived_at="2026-01-01T00:00Z")
    for person in (mo, olga):
        assert "ended its work" in words(sign_in(person).get(committee.get_absolute_url()))


def test_the_page_costs_the_same_with_one_and_three_of_everything(
    sign_in, mo, carla, committee, meeting, django_assert_num_queries
):
    meeting.agenda_items.create(title="One", presenter=carla)
    publish_quietly(meeting)
    client = sign_in(mo)
    client.get(committee.get_absolute_url())  # the headcount is kept for a while
    for _ in range(2):
        with django_assert_num_queries(12):
            client.get(committee.get_absolute_url())
        for number in range(2):
            person = UserFactory()
            Announcement.objects.create(committee=committee, author=person, headline="News", sent_at=now())
            serve(person, state="NM")
            MembershipFactory(committee=committee, user=person)
            meeting.agenda_items.create(title=f"Item {number}", presenter=person)
            MeetingFactory(committee=committee, by=carla)


def test_those_who_left_the_network_are_not_counted(sign_in, mo, committee):
    gone = MembershipFactory(committee=committee).user
    gone.left_at = gone.admitted_at
    gone.save()
    assert "1 member<" in words(sign_in(mo).get(committee.get_absolute_url())).replace(" in", "<")
    assert gone.name not in words(sign_in(mo).get(reverse("committee_people", args=[committee.slug])))


# People


def test_the_roster_has_co_chairs_first_with_office_and_role(sign_in, mo, carla, committee):
    serve(carla, title="Alder", name="Madison", state="WI")
    response = sign_in(mo).get(reverse("committee_people", args=[committee.slug]))
    assert [seat.user.name for seat in response.context["page"].rows] == ["Carla Núñez-O'Hara", "Mo Haddad"]
    assert "Alder, Madison, WI" in words(response)
    assert "Co-chair" in words(response)


@pytest.mark.parametrize(("audience", "is_shown"), [("staff", False), ("committees", True), ("members", True)])
def test_contact_appears_only_as_its_owner_allows(sign_in, mo, carla, committee, audience, is_shown):
    Profile.objects.filter(user=carla).update(email_audience=audience, phone_audience=audience, phone="+15055550142")
    page = words(sign_in(mo).get(reverse("committee_people", args=[committee.slug])))
    assert ("carla@portal.example" in page, "(505) 555-0142" in page) == (is_shown, is_shown)


@pytest.mark.parametrize(("who", "status"), [("olga", 403), ("chet", 403), ("ana", 403), ("stu", 200), ("ada", 200)])
def test_the_roster_is_for_its_own_people_and_staff(request, sign_in, who, status, committee, mo):
    response = sign_in(request.getfixturevalue(who)).get(reverse("committee_people", args=[committee.slug]))
    assert response.status_code == status
    assert ("Mo Haddad" in words(response)) == (status == 200)


def test_staff_without_a_second_factor_are_outside(sign_in, stu, committee, mo):
    assert sign_in(stu, strong=False).get(reverse("committee_people", args=[committee.slug])).status_code == 403


def test_the_roster_costs_the_same_with_one_and_three(sign_in, mo, committee, django_assert_num_queries):
    client, address = sign_in(mo), reverse("committee_people", args=[committee.slug])
    client.get(address)  # the headcount is kept for a while
    for _ in range(2):
        with django_assert_num_queries(5):
            client.get(address)
        for _ in range(2):
            MembershipFactory(committee=committee)


def test_a_long_roster_comes_by_the_fifty_each_once(sign_in, mo, carla, committee):
    MembershipFactory.create_batch(70, committee=committee)
    client, address, seen = sign_in(mo), reverse("committee_people", args=[committee.slug]), []
    page = client.get(address).context["page"]
    seen += [seat.pk for seat in page.rows]
    following = client.get(address + page.next_url).context["page"]
    seen += [seat.pk for seat in following.rows]
    assert (len(seen), len(set(seen)), following.next_url) == (72, 72, "")
    back = client.get(address + following.previous_url).context["page"]
    assert [seat.pk for seat in back.rows] == seen[:50]


# The description


def test_a_co_chair_changes_the_description_and_it_is_recorded(sign_in, carla, committee):
    given = {"purpose": "Fair pay", "rhythm": "Fridays", "reminder_offsets": ["1440", "30"]}
    response = sign_in(carla).post(reverse("committee_edit", args=[committee.slug]), given)
    committee.refresh_from_db()
    assert response.status_code == 302
    assert (committee.purpose, committee.rhythm, committee.reminder_offsets) == ("Fair pay", "Fridays", [1440, 30])
    entry = AuditEntry.objects.get(verb="edited")
    assert (entry.actor, entry.before["purpose"], entry.after["rhythm"]) == (
        carla,
        "To learn from each other.",
        "Fridays",
    )


@pytest.mark.parametrize(
    "given",
    [
        {"purpose": ""},
        {"purpose": "x", "reminder_offsets": ["7"]},
        {"purpose": "x" * 401},
        {"purpose": "x", "reminder_offsets": ["20160", "10080", "4320", "2880", "1440", "180"]},
    ],
)
def test_a_mistaken_description_is_told_and_nothing_is_saved(sign_in, carla, committee, given):
    response = sign_in(carla).post(reverse("committee_edit", args=[committee.slug]), given)
    committee.refresh_from_db()
    assert (response.status_code, committee.purpose) == (422, "To learn from each other.")
    assert words(response).count("<title>Error: ") == 1


@pytest.mark.parametrize("who", ["mo", "olga", "chet", "ana"])
def test_nobody_else_changes_it(request, sign_in, who, committee):
    response = sign_in(request.getfixturevalue(who)).post(
        reverse("committee_edit", args=[committee.slug]), {"purpose": "Mine now"}
    )
    committee.refresh_from_db()
    assert (response.status_code, committee.purpose) == (403, "To learn from each other.")


def test_a_script_in_the_words_stays_words(sign_in, mo, olga, committee, meeting):
    Committee.objects.filter(pk=committee.pk).update(name=SCRIPT, purpose=SCRIPT, rhythm=SCRIPT)
    meeting.agenda_items.create(title=SCRIPT)
    publish_quietly(meeting)
    mo.name = SCRIPT
    mo.save()
    serve(mo, title=SCRIPT, name=SCRIPT)
    for address in (
        committee.get_absolute_url(),
        reverse("committee_people", args=[committee.slug]),
        reverse("committee_list"),
    ):
        for person in (mo, olga):
            assert SCRIPT not in words(sign_in(person).get(address))


def test_a_seat_that_ended_opens_nothing(sign_in, mo, committee):
    Membership.objects.filter(user=mo).update(ended_on=localdate() - timedelta(days=1))
    assert sign_in(mo).get(reverse("committee_people", args=[committee.slug])).status_code == 403
