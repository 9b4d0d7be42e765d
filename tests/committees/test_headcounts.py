"""How many are on a committee and where, without counting for every page."""

from committees.headcounts import Headcount, headcount, headcounts
from committees.joining import requests as joining
from committees.models import Membership
from members.models import Office, User
from tests.factories import JurisdictionFactory, MembershipFactory


def serve(user, state):
    return Office.objects.create(user=user, title="Alder", level="city", jurisdiction=JurisdictionFactory(state=state))


def test_people_are_counted_by_the_state_they_serve_in_today(committee, elsewhere, carla, mo):
    serve(carla, "WI")
    Office.objects.filter(pk=serve(mo, "CO").pk).update(started_on="2019-01-01", ended_on="2020-01-01", leaves=True)
    counted = headcount(committee.pk)
    assert counted == Headcount({"WI": 1, "": 1})
    assert (counted.people, counted.states, counted.by_state) == (2, 1, {"WI": 1})
    assert headcount(elsewhere.pk) == Headcount({})


def test_several_are_counted_in_one_query_and_then_in_none(committee, elsewhere, mo, olga, django_assert_num_queries):
    for queries in (1, 0):
        with django_assert_num_queries(queries):
            assert [count.people for count in headcounts([committee.pk, elsewhere.pk]).values()] == [1, 1]


def test_who_joins_leaves_or_comes_back_is_counted_at_once(committee, mo, olga, django_capture_on_commit_callbacks):
    seen = [headcount(committee.pk).people]
    for verb in (joining.join, joining.leave, joining.rejoin):
        with django_capture_on_commit_callbacks(execute=True):
            verb(committee, olga)
        seen.append(headcount(committee.pk).people)
    assert seen == [1, 2, 1, 2]


def test_those_who_left_or_whose_seat_ended_are_not_counted(committee, mo):
    gone, ended = MembershipFactory(committee=committee), MembershipFactory(committee=committee)
    User.objects.filter(pk=gone.user_id).update(left_at=gone.user.admitted_at)
    Membership.objects.filter(pk=ended.pk).update(ended_on=ended.started_on)
    assert headcount(committee.pk).people == 1
