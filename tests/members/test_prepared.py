"""Prepared questions: asked often, built once, and never with yesterday's values."""

import re
from datetime import UTC, datetime, timedelta

import django
import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from committees.models import Committee, Membership
from members.models import User
from members.queries import prepared
from members.queries.prepared import NotPrepared
from members.times import clock
from tests.factories import CommitteeFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def committees_of(user):
    mine = Membership.objects.current().filter(user=user, committee=OuterRef("pk"))
    return (
        Committee.objects.filter(Exists(mine))
        .annotate(people=Count("memberships"))
        .select_related("issue")
        .order_by("name")
    )


def test_the_django_whose_insides_it_uses_is_the_one_it_was_read_with():
    """For another one: read Statement.rows beside django/db/models/query.py, SQLCompiler and the iterables, then name it here."""
    assert django.VERSION[:2] == (5, 2)


def test_nothing_else_reaches_into_compiled_queries():
    """The fence: one file to read, and to take away."""
    inside = re.compile(r"\.get_compiler\(|\b_iterable_class\b|\b_prefetch_related_lookups\b")
    code = [
        path
        for app in ("portal", "events", "committees", "members")
        for path in (settings.BASE_DIR / app).rglob("*.py")
    ]
    assert [path.name for path in code if inside.search(path.read_text())] == ["prepared.py"]


def test_the_same_rows_as_from_the_queryset(mo, olga, committee, elsewhere):
    MembershipFactory(committee=elsewhere, user=mo)
    asked = prepared.prepared(committees_of)
    for user in (mo, olga, mo):
        rows = asked(user)
        assert rows == list(committees_of(user))
        assert [row.people for row in rows] == [row.people for row in committees_of(user)]


def test_one_query_with_related_rows(mo):
    asked = prepared.prepared(committees_of)
    asked(mo)
    with CaptureQueriesContext(connection) as queries:
        assert asked(mo)[0].issue.name
    assert len(queries) == 1


def test_built_once_for_each_standing(mo, olga, monkeypatch):
    monkeypatch.setattr(prepared, "checking", False)
    built = []

    def build(user):
        built.append(user)
        return committees_of(user)

    asked = prepared.prepared(build)
    for user in (mo, olga, UserFactory(), mo):
        asked(user)
    asked(UserFactory(admitted_at=None))
    assert len(built) == 2


def test_days_and_moments_are_those_of_the_call(mo, committee):
    asked = prepared.prepared(committees_of)
    assert asked(mo) == [committee]
    with time_machine.travel(datetime.now(UTC) - timedelta(days=60), tick=False):
        assert asked(mo) == []


def test_moments_moved_by_some_days(mo):
    def admitted_lately(user):
        return User.objects.filter(pk=user.pk, admitted_at__gt=clock.now() - timedelta(days=14))

    asked = prepared.prepared(admitted_lately)
    assert asked(mo) == [mo]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=15), tick=False):
        assert asked(mo) == []


def test_values_lists(mo, carla, committee):
    def names(committee_id):
        return User.objects.filter(memberships__committee=committee_id).order_by("name").values_list("name", flat=True)

    asked = prepared.prepared(names)
    assert asked(committee.pk) == ["Carla Núñez-O'Hara", "Mo Haddad"]
    assert asked(CommitteeFactory().pk) == []


def test_texts_are_values(committee, elsewhere):
    asked = prepared.prepared(lambda slug: Committee.objects.filter(slug=slug))
    assert asked("economic-justice") == [committee]
    assert asked("housing-justice") == [elsewhere]
    assert asked("%") == []


def test_rows_to_prefetch_are_refused(mo):
    with pytest.raises(NotPrepared, match="one statement"):
        prepared.prepared(lambda user: User.objects.filter(pk=user.pk).prefetch_related("memberships"))(mo)


def test_strangers_are_a_standing_too(committee):
    asked = prepared.prepared(Committee.objects.visible_to)
    assert asked(AnonymousUser()) == [committee]


def test_a_staff_session_sees_more_than_the_same_person_without(stu, committee):
    Committee.objects.update(confidential=True)
    asked = prepared.prepared(Committee.objects.visible_to)
    assert asked(stu) == []
    stu.is_strongly_authenticated = True
    assert asked(stu) == [committee]


def test_questions_without_rows_are_not_asked(mo, django_assert_num_queries):
    asked = prepared.prepared(lambda user: User.objects.filter(pk=user.pk, name__in=[]))
    with django_assert_num_queries(0):
        assert asked(mo) == []


def test_more_than_the_key_of_a_row_is_refused(committee):
    with pytest.raises(NotPrepared, match="not slug"):
        prepared.prepared(lambda row: Committee.objects.filter(slug=row.slug))(committee)


def test_a_number_that_never_arrives_is_refused(db):
    with pytest.raises(NotPrepared, match="never reaches"):
        prepared.prepared(lambda limit: User.objects.order_by("pk")[: int(limit) - int(limit) + 3])(3)


def test_other_things_are_refused(db):
    with pytest.raises(NotPrepared, match="cannot be an argument"):
        prepared.prepared(lambda when: User.objects.filter(created_at=when))(datetime.now(UTC))


def test_checking_notices_a_value_that_was_built_in(mo, monkeypatch):
    monkeypatch.setattr(prepared, "checking", True)
    names = iter(("Mo Haddad", "Somebody Else", "Third"))
    asked = prepared.prepared(lambda user: User.objects.filter(pk=user.pk, name=next(names)))
    with pytest.raises(AssertionError, match="built differently"):
        asked(mo)


def test_what_differs_only_for_another_person_is_noticed_too(mo, olga):
    names = iter(("Mo Haddad", "Mo Haddad", "Somebody Else"))
    asked = prepared.prepared(lambda user: User.objects.filter(pk=user.pk, name=next(names)))
    asked(mo)
    with pytest.raises(AssertionError, match="built differently"):
        asked(olga)


def test_the_suite_builds_a_question_anew_for_two_people_a_file_and_day(mo, olga):
    built = []

    def build(user):
        built.append(user)
        return committees_of(user)

    asked = prepared.prepared(build)
    for user in (mo, mo, olga, mo, UserFactory()):
        asked(user)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        asked(mo)
    assert built[1:] == [mo, olga, mo]  # the first is a stand-in
