"""Co-chairs add people, name officers from a day on, and take people off."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from committees.joining import requests as joining
from committees.models import Membership
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery
from members.times.clock import today
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import forward

pytestmark = pytest.mark.django_db
ROLE = Membership.Role
TOMORROW = timedelta(days=1)


def at(name, committee, *more):
    return reverse(name, args=[committee.slug, *more])


def seat(committee, person) -> Membership:
    return committee.memberships.current().get(user=person)


def appoint(client, committee, person, **said):
    held = seat(committee, person)
    fields = {"role": held.role, "seen": held.role, "starts_on": today().isoformat(), "term_ends_on": ""} | said
    return client.post(at("manage_person", committee, held.pk), fields, follow=True)


def test_a_co_chair_finds_somebody_and_adds_them(sign_in, committee, carla, olga):
    client = sign_in(carla)
    page = client.get(at("manage_people", committee), {"q": olga.name})
    assert f'value="{olga.pk}"' in page.text
    page = client.post(at("manage_people_add", committee), {"person": olga.pk, "role": "secretary"}, follow=True)
    assert f"{olga.name} is on {committee.name} now." in page.text
    assert seat(committee, olga).role == ROLE.SECRETARY
    client.post(at("manage_people_add", committee), {"person": olga.pk, "role": "chair"})
    assert seat(committee, olga).role == ROLE.SECRETARY  # a second tap of a stale page promotes nobody


@pytest.mark.parametrize("role", ["liaison", "king", ""])
def test_co_chairs_name_no_staff_organizer(sign_in, committee, carla, mo, olga, role):
    client = sign_in(carla)
    client.post(at("manage_people_add", committee), {"person": olga.pk, "role": role})
    appoint(client, committee, mo, role=role)
    assert committee.role_of(olga) == "" and seat(committee, mo).role == ROLE.MEMBER


def test_a_staff_organizer_is_not_theirs_to_relieve(sign_in, committee, carla, stu):
    organizer = MembershipFactory(committee=committee, user=stu, role=ROLE.LIAISON)
    client = sign_in(carla)
    assert client.post(at("manage_person", committee, organizer.pk), {"end": "1"}).status_code == 403
    assert at("manage_person", committee, organizer.pk) not in client.get(at("manage_people", committee)).text


def test_a_role_of_today_is_given_and_told(sign_in, smtp, committee, carla, mo):
    page = appoint(sign_in(carla), committee, mo, role="vice_chair", term_ends_on=(today() + TOMORROW * 90).isoformat())
    assert f"{mo.name}: Vice chair." in page.text
    assert seat(committee, mo).term_ends_on == today() + TOMORROW * 90
    forward(2.1)
    deliver()
    (mail,) = smtp.to(mo.email)
    assert f"{carla.name} changed your role." in mail.message.get_body(("plain",)).get_content()


def test_rights_pass_on_at_midnight_and_nothing_runs_by_hand(sign_in, committee, carla, mo):
    """Both are planned in the evening: who chairs tomorrow, and who no longer does."""
    with time_machine.travel("2026-12-31T20:00:00-05:00", tick=False):
        client = sign_in(carla)
        for person, role in ((mo, "chair"), (carla, "member")):
            page = appoint(client, committee, person, role=role, starts_on="2027-01-01")
            assert "from Friday, January 1" in page.text
        edit = at("committee_edit", committee)
        assert (client.get(edit).status_code, sign_in(mo).get(edit).status_code) == (200, 403)
    with time_machine.travel("2026-12-31T23:59:59-05:00", tick=False):
        assert committee.memberships.chairs().held().get().user == carla
    with time_machine.travel("2027-01-01T00:00:01-05:00", tick=False):
        old, new = sign_in(carla), sign_in(mo)
        assert (old.get(edit).status_code, new.get(edit).status_code) == (403, 200)
        assert old.post(edit, {"purpose": "Mine"}).status_code == 403
        assert committee.memberships.chairs().held().get().user == mo


def test_a_later_role_is_told_now_and_shown_until_it_begins(sign_in, smtp, committee, carla, mo):
    with time_machine.travel("2026-12-01T12:00:00-05:00", tick=False) as clock:
        client = sign_in(carla)
        appoint(client, committee, mo, role="chair", starts_on="2027-01-01")
        clock.shift(125)
        forward(2.1)
        deliver()
        page = client.get(at("manage_people", committee)).text
        assert "From January 1, 2027: Co-chair" in " ".join(page.split())
    (mail,) = smtp.to(mo.email)
    assert mail.message["Subject"] == "From January 1 you’re co-chair of Economic Justice"
    assert "Until then: Member. From January 1, 2027: Co-chair." in " ".join(
        mail.message.get_body(("plain",)).get_content().split()
    )


def test_a_plan_is_replaced_or_given_up_and_leaves_one_row(committee, carla, mo):
    held = seat(committee, mo)
    for role, days in ((ROLE.CHAIR, 30), (ROLE.SECRETARY, 10)):
        held.appoint(role, carla, starts_on=today() + TOMORROW * days)
    assert committee.memberships.planned().get().role == ROLE.SECRETARY
    held.appoint(ROLE.MEMBER, carla, starts_on=today())
    assert not committee.memberships.planned().exists()
    assert seat(committee, mo).ended_on is None


def test_who_leaves_takes_the_plan_along_and_may_come_back(committee, carla, mo):
    seat(committee, mo).appoint(ROLE.CHAIR, carla, starts_on=today() + TOMORROW)
    joining.leave(committee, mo)
    assert not committee.memberships.planned().exists()
    back = joining.rejoin(committee, mo)
    assert (back.role, back.ended_on) == (ROLE.MEMBER, None)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"starts_on": "2020-01-01"}, "Choose today or a later day."),
        ({"starts_on": "yesterday"}, "Enter a date like"),
        ({"starts_on": ""}, "Enter the day from which it holds"),
        ({"term_ends_on": "2020-01-01"}, "Choose a day after the term begins."),
        ({"seen": "chair", "role": "secretary"}, "changed Mo"),
        ({"role": ""}, "Choose the person’s role"),
    ],
)
def test_mistakes_come_back_with_a_sentence(sign_in, committee, carla, mo, said, words):
    assert words in appoint(sign_in(carla), committee, mo, **said).text
    assert seat(committee, mo).role == ROLE.MEMBER


def test_a_person_is_taken_off_once(sign_in, committee, carla, mo):
    client, held = sign_in(carla), seat(committee, mo)
    for _time in range(2):
        page = client.post(at("manage_person", committee, held.pk), {"end": "1"}, follow=True)
    assert "any more" in page.text and committee.role_of(mo) == ""
    assert AuditEntry.objects.filter(verb="left").count() == 1


def test_who_took_somebody_off_puts_them_back_the_same_day(sign_in, committee, carla, mo):
    client, held = sign_in(carla), seat(committee, mo)
    page = client.post(at("manage_person", committee, held.pk), {"end": "1"}, follow=True)
    back = at("manage_person_back", committee, held.pk)
    assert f'action="{back}"' in page.text
    for _time in range(2):
        page = client.post(back, follow=True)
        assert "is back on" in page.text and seat(committee, mo).role == ROLE.MEMBER
    other = UserFactory()
    MembershipFactory(committee=committee, user=other, role=ROLE.CHAIR)
    client.post(at("manage_person", committee, held.pk), {"end": "1"})
    page = sign_in(other).post(back, follow=True)
    assert "can’t be undone any more" in page.text and not committee.memberships.of(mo).exists()


def test_members_and_former_co_chairs_manage_nobody(sign_in, committee, carla, mo, olga):
    for person in (mo, olga):
        client = sign_in(person)
        assert client.get(at("manage_people", committee)).status_code == 403
        assert client.post(at("manage_people_add", committee), {"person": olga.pk, "role": "chair"}).status_code == 403
        assert client.post(at("manage_person", committee, seat(committee, carla).pk), {"end": "1"}).status_code == 403
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_asks_the_same_for_one_person_and_three(sign_in, committee, carla, people, django_assert_num_queries):
    MembershipFactory.create_batch(people, committee=committee)
    client = sign_in(carla)
    client.get(at("manage_people", committee))
    with django_assert_num_queries(5):
        client.get(at("manage_people", committee))


@pytest.mark.parametrize(
    ("said", "address", "words"),
    [
        ({"role": "member"}, "committee_detail", ": Member."),
        ({"end": "1"}, "committee_list", "You’re off Economic Justice."),
    ],
)
def test_who_steps_down_sees_a_page_of_theirs_and_what_was_done(sign_in, committee, carla, said, address, words):
    MembershipFactory(committee=committee, role=ROLE.CHAIR)
    response = appoint(sign_in(carla), committee, carla, **said)
    assert response.status_code == 200 and words in response.text
    assert response.redirect_chain[-1][0] == reverse(address, args=[committee.slug] if "role" in said else [])
