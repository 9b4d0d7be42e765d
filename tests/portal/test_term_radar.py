"""Offices and roles whose term ends, in one dated table."""

import pytest

from committees.models import Membership
from members.models import Office
from members.times.clock import today
from tests.factories import CommitteeFactory, JurisdictionFactory, MembershipFactory, UserFactory
from tests.members.test_terms import DAY, held

pytestmark = pytest.mark.django_db
PAGE = "/staff/terms/"


@pytest.fixture
def pueblo(db):
    return JurisdictionFactory()


@pytest.fixture
def terms(mo, olga, carla, committee, pueblo):
    """Mo holds over, Olga’s office ends in ten days, and Carla’s chair in fifty."""
    held(mo, pueblo, ended_on=today() - 3 * DAY)
    held(olga, pueblo, ended_on=today() + 10 * DAY)
    held(carla, pueblo, ended_on=today() + 400 * DAY)
    committee.memberships.filter(user=carla).update(term_ends_on=today() + 50 * DAY)


def found(client, **query) -> list[str]:
    return [line.person.name.split()[0] for line in client.get(PAGE, query).context["lines"]]


def test_offices_and_roles_stand_in_one_table_by_the_day_they_end(sign_in, stu, terms):
    page = sign_in(stu).get(PAGE)
    assert [line.nearness for line in page.context["lines"]] == ["Holding over", "In 10 days", "In 50 days"]
    assert [line.what for line in page.context["lines"]][1:] == ["City Council Member", "Co-chair"]
    assert "Economic Justice" in page.text and "Pueblo, CO" in page.text
    today_page = sign_in(stu).get("/staff/").text
    assert 'href="/staff/terms/"' in today_page
    assert "office whose term is over" in today_page


def test_it_is_narrowed_by_day_sort_state_and_name(sign_in, stu, mo, terms):
    client = sign_in(stu)
    assert found(client, within="over") == ["Mo"]
    assert found(client, within="14") == ["Olga"]
    assert found(client, within="60") == ["Olga", "Carla"]
    assert found(client, what="roles") == ["Carla"]
    assert found(client, what="offices") == ["Mo", "Olga"]
    assert found(client, state="WI") == []
    assert found(client, state="CO", q="olga") == ["Olga"]
    assert found(client, what="unchecked") == []
    Office.objects.filter(ended_on__gt=today() + 300 * DAY).update(unchecked_since=mo.admitted_at)
    assert found(client, what="unchecked") == ["Carla"]
    assert found(client, within="x", what="y") == ["Mo", "Olga", "Carla"]


def test_who_left_and_who_is_no_member_is_not_in_it(sign_in, stu, mo, olga, terms):
    Office.objects.filter(user=mo).update(leaves=True)
    olga.leave(olga)
    assert found(sign_in(stu)) == ["Carla"]


def test_the_file_holds_the_same_and_no_formula(sign_in, stu, mo, terms):
    Office.objects.filter(user=mo).update(title="=HYPERLINK(1)")
    answer = sign_in(stu).get("/staff/terms/terms.csv", {"what": "offices"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Term ends,Name,Office or role,Place or committee,What is known"
    assert lines[1] == f'{today() - 3 * DAY},Mo Haddad,\'=HYPERLINK(1),"Pueblo, CO",Holding over'
    assert len(lines) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_table_costs_the_same_for_any_number_of_terms(sign_in, stu, pueblo, rows, django_assert_max_num_queries):
    for _ in range(rows):
        held(UserFactory(), pueblo, ended_on=today())
        MembershipFactory(committee=CommitteeFactory(), term_ends_on=today(), role=Membership.Role.CHAIR)
    client = sign_in(stu)
    client.get(PAGE)
    with django_assert_max_num_queries(6):
        client.get(PAGE)
