"""After an election day: sixty offices settled on one page, each for itself, and everything else follows."""

import re

import pytest
from django.urls import reverse

from committees.models import Membership
from members.models import Office, User
from members.terms import offices
from members.terms.ending import end_memberships
from members.terms.messages import token
from members.terms.offices import SHOWN
from members.times.clock import today
from members.web.meanwhile import mark
from tests.factories import JurisdictionFactory, UserFactory
from tests.members.test_terms import DAY, held

pytestmark = pytest.mark.django_db
PAGE = "/staff/terms/settle/"


@pytest.fixture
def pueblo(db):
    return JurisdictionFactory()


@pytest.fixture
def ending(mo, olga, carla, pueblo):
    return [held(person, pueblo, ended_on=today() + 10 * DAY) for person in (mo, olga, carla)]


def chosen(**answers) -> dict:
    """By the name of the person."""
    typed = {"out_on": today() + 10 * DAY, "until": today() + 1461 * DAY}
    for name, answer in answers.items():
        office = Office.objects.get(user__name__startswith=name)
        typed |= {f"office-{office.pk}": answer, f"seen-{office.pk}": mark(office, SHOWN)}
    return typed


def test_each_row_is_settled_and_those_without_a_choice_stay(sign_in, stu, ending):
    client = sign_in(stu)
    page = client.get(PAGE).text
    assert all(office.user.name.replace("'", "&#x27;") in page for office in ending)
    page = client.post(PAGE, chosen(Mo="yes", Olga="lost"), follow=True).text
    assert "Saved: 1 stays and 1 leaves office." in page
    mo, olga, carla = (Office.objects.get(pk=office.pk) for office in ending)
    assert (mo.ended_on, mo.leaves) == (today() + 1461 * DAY, False)
    assert (olga.ended_on, olga.leaves, olga.user.leaves_on) == (today() + 10 * DAY, True, today() + 10 * DAY)
    assert (carla.ended_on, carla.confirmed_at) == (today() + 10 * DAY, None)
    assert [row["office"].pk for row in client.get(PAGE).context["rows"]] == [carla.pk]


def test_a_row_that_changed_meanwhile_stops_no_other(sign_in, stu, mo, ending, pueblo):
    typed = chosen(Mo="lost", Olga="yes")
    offices.correct(ending[0], mo, title="Mayor", jurisdiction=pueblo)
    page = sign_in(stu).post(PAGE, typed, follow=True).text
    assert "Not saved" in page and "Mo Haddad" in page
    assert not Office.objects.get(pk=ending[0].pk).leaves
    assert Office.objects.get(pk=ending[1].pk).confirmed_at


def test_who_moved_up_is_named_and_nothing_is_guessed(sign_in, stu, ending):
    page = sign_in(stu).post(PAGE, chosen(Mo="moved"), follow=True).text
    assert "Moved up: Mo Haddad" in page
    assert Office.objects.values("leaves", "ended_on")[0] == {"leaves": False, "ended_on": today() + 10 * DAY}


def test_the_last_save_is_taken_back_except_what_changed_since(sign_in, stu, ending):
    client, before = sign_in(stu), list(Office.objects.order_by("pk").values())
    client.post(PAGE, chosen(Mo="yes", Olga="lost"))
    client.post(reverse("staff_terms_settle_undo"))
    assert list(Office.objects.order_by("pk").values()) == before
    client.post(PAGE, chosen(Mo="yes", Olga="lost") | {"until": today() + 1000 * DAY})
    offices.confirm(ending[0], ending[0].user, ended_on=today() + 99 * DAY)
    page = client.post(reverse("staff_terms_settle_undo"), follow=True).text
    assert "Changed since, so they stay: Mo Haddad" in page
    assert [each.leaves for each in Office.objects.order_by("pk")] == [False, False, False]
    client.post(reverse("staff_terms_settle_undo"))  # nothing is left to take back


def test_a_wrong_day_comes_back_with_what_was_chosen(sign_in, stu, ending):
    typed = chosen(Mo="lost") | {"out_on": "never"}
    page = sign_in(stu).post(PAGE, typed, follow=True, headers={"accept": "text/html"}).text
    assert re.search(rf'name="office-{ending[0].pk}"\s+value="lost"\s+checked', page)
    assert not Office.objects.filter(leaves=True).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_offices(sign_in, stu, pueblo, rows, django_assert_max_num_queries):
    for _ in range(rows):
        held(UserFactory(), pueblo, ended_on=today())
    client = sign_in(stu)
    client.get(PAGE)
    with django_assert_max_num_queries(6):
        client.get(PAGE)


def test_after_an_election_sixty_stay_nine_lose_and_three_move_up_and_all_follows(client, committee, pueblo):
    """S7: answered by link, some of each by the verb behind it to save time; all follows before any sweep runs."""
    county = JurisdictionFactory(name="Pueblo County", kind="county", label="Pueblo County, Colorado (CO)")
    people = UserFactory.create_batch(72)
    Membership.objects.bulk_create(
        Membership(committee=committee, user=each, started_on=today() - 30 * DAY) for each in people
    )
    words = {"title": "Alder", "level": "city", "jurisdiction": pueblo, "started_on": today() - 1400 * DAY}
    made = Office.objects.bulk_create(Office(user=each, ended_on=today(), **words) for each in people)
    moved = {"title": "Commissioner", "jurisdiction": county, "started_on": today()}
    typed = moved | {"jurisdiction": county.pk, "place": county.label}
    for number, office in enumerate(made):
        answer = "yes" if number < 60 else "lost" if number < 69 else "moved"
        if number in (0, 1, 60, 61, 69):
            answered = {"answer": answer, "on": today()} | typed
            assert client.post(reverse("office_link", args=[token(office)]), answered).status_code == 302
        elif answer == "moved":
            offices.begin(office.user, office.user, instead_of=office, **moved)
        elif answer == "lost":
            offices.leave(office, office.user, today())
        else:
            offices.confirm(office, office.user)
    lost, stay = people[60:69], [*people[:60], *people[69:]]
    on_it = set(Membership.objects.held().filter(committee=committee).values_list("user", flat=True))
    assert on_it == {each.pk for each in stay}  # the roster and the seats, before anything ran
    assert set(committee.people()) == set(stay)  # whom mail of the committee goes to
    assert not set(User.objects.members()) & set(lost)
    assert User.objects.at_level("county").count() == 3
    assert User.objects.members().at_level("city").count() == 60
    end_memberships()
    assert set(User.objects.exclude(left_at=None)) == set(lost)
    assert not Office.objects.holding_over().exists()
