"""Offices and their terms: what members and staff say of them, and what follows by the day."""

from datetime import timedelta

import pytest
from django.urls import reverse

from committees.models import Membership
from members.models import AuditEntry, Delivery, Office, User
from members.terms import offices
from members.terms.ending import end_memberships
from members.times.clock import today
from members.web.meanwhile import ChangedMeanwhile
from tests.factories import JurisdictionFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def pueblo(db):
    return JurisdictionFactory()


@pytest.fixture
def elsewhere_place(db):
    return JurisdictionFactory(name="Salida", label="Salida, city, Chaffee County, Colorado (CO)")


@pytest.fixture
def office(mo, pueblo):
    return held(mo, pueblo)


def held(person, place, **words):
    words = {"title": "City Council Member", "level": "city", "started_on": today() - 400 * DAY} | words
    return Office.objects.create(user=person, jurisdiction=place, **words)


def posted(office, **words):
    """What the form of a correction sends."""
    fields = {"title": office.title, "place": office.jurisdiction.label, "jurisdiction": office.jurisdiction_id}
    return fields | {"district": office.district, "started_on": office.started_on, "ended_on": ""} | words


# What members say themselves -------------------------------------------------------------------------


def test_home_asks_on_the_page_that_has_the_office(sign_in, mo, office):
    User.objects.filter(pk=mo.pk).update(admitted_at=mo.admitted_at - 400 * DAY)
    client, asks = sign_in(mo), "Check your office details are right"
    page = client.get("/").text
    assert asks in page and reverse("settings_office") in page
    client.post(reverse("settings_office_right", args=[office.pk]))
    assert asks not in client.get("/").text


def test_a_typo_is_corrected_in_place_and_leaves_no_second_row(sign_in, mo, office):
    client = sign_in(mo)
    assert office.title in client.get(reverse("settings_office")).content.decode()
    address = reverse("settings_office_correct", args=[office.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, posted(office, title="Alder")).status_code == 302
    office.refresh_from_db()
    assert (office.title, office.unchecked_since, mo.offices.count()) == ("Alder", None, 1)
    entry = AuditEntry.objects.get(verb="corrected office")
    assert (entry.before["title"], entry.after["title"]) == ("City Council Member", "Alder")


def test_another_place_is_saved_and_waits_for_staff(sign_in, mo, office, elsewhere_place):
    address = reverse("settings_office_correct", args=[office.pk])
    typed = posted(office, place=elsewhere_place.label, jurisdiction=elsewhere_place.pk)
    assert "Staff look at it" in sign_in(mo).post(address, typed, follow=True).content.decode()
    office.refresh_from_db()
    assert office.jurisdiction == elsewhere_place
    assert office.unchecked_since


def test_another_office_is_a_dated_row_and_the_one_before_stays_on_record(sign_in, mo, office, elsewhere_place):
    address = reverse("settings_office_other", args=[office.pk])
    day = today() + 30 * DAY
    typed = posted(office, title="Mayor", started_on=day, ended_on=day + 1461 * DAY)
    client = sign_in(mo)
    assert client.post(address, typed).status_code == 302
    client.post(address, typed)  # a repetition
    before, after = mo.offices.order_by("started_on")
    assert (before.title, before.ended_on, before.leaves) == ("City Council Member", day, True)
    assert (after.title, after.started_on, after.unchecked_since) == ("Mayor", day, None)  # the same place
    assert [each.title for each in Office.objects.current()] == ["City Council Member"]
    assert [each.title for each in Office.objects.current(on=day)] == ["Mayor"]
    mo.refresh_from_db()
    assert mo.leaves_on is None


def test_what_was_typed_of_an_office_comes_back_with_what_is_wrong(sign_in, mo, office):
    address = reverse("settings_office_correct", args=[office.pk])
    wrong = posted(office, ended_on=office.started_on - DAY)
    page = sign_in(mo).post(address, wrong, follow=True, headers={"accept": "text/html"}).content.decode()
    assert "end before it begins" in page
    assert str(office.started_on - DAY) in page


def test_nobody_changes_the_office_of_another(sign_in, mo, olga, office):
    for name in ("settings_office_correct", "settings_office_leave", "settings_office_other", "settings_office_right"):
        assert sign_in(olga).post(reverse(name, args=[office.pk]), posted(office)).status_code == 404
    office.refresh_from_db()
    assert (office.leaves, office.confirmed_at) == (False, None)


def test_two_who_change_an_office_at_once_see_what_the_other_saved(sign_in, mo, stu, office, pueblo):
    client, address = sign_in(mo), reverse("settings_office_correct", args=[office.pk])
    seen = client.get(address).context["form"].initial["seen"]
    offices.correct(office, stu, title="Alder", jurisdiction=pueblo)
    page = client.post(address, posted(office, title="Clerk", seen=seen), follow=True).content.decode()
    assert "Somebody saved this while you were writing" in page
    assert Office.objects.get().title == "Alder"


# Terms that are over ---------------------------------------------------------------------------------


def test_a_term_that_is_over_without_an_answer_is_held_over(sign_in, mo, office):
    Office.objects.update(ended_on=today() - DAY)
    assert list(Office.objects.holding_over()) == list(Office.objects.current()) == [office]
    assert "The term is over" in sign_in(mo).get(reverse("settings_office")).content.decode()
    sign_in(mo).post(reverse("settings_office_right", args=[office.pk]))
    assert not Office.objects.holding_over().exists()
    assert Office.objects.get().confirmed_at


def test_who_leaves_the_last_office_is_a_former_member_from_that_day_on(mo, office, committee):
    offices.leave(office, mo, today() + 5 * DAY)
    mo.refresh_from_db()
    assert (mo.leaves_on, mo.is_member) == (today() + 5 * DAY, True)
    assert "membership ends on that day" in Delivery.objects.get(kind="account_news").facts["news"]
    assert Membership.objects.of(mo).exists()
    User.objects.update(leaves_on=today())  # the day has come, and nothing ran
    mo.refresh_from_db()
    assert not mo.is_member
    assert mo not in User.objects.members()
    assert mo in User.objects.not_members()
    assert not Membership.objects.held().filter(user=mo).exists()
    assert mo not in committee.people()


def test_the_sweep_ends_what_speaks_for_whoever_left_office(sign_in, mo, office):
    client = sign_in(mo)
    assert client.get("/calls/").status_code == 200
    offices.leave(office, mo, today())
    end_memberships()
    end_memberships()
    mo.refresh_from_db()
    assert mo.left_at
    assert client.get("/calls/").status_code == 302  # signed out
    assert AuditEntry.objects.filter(verb="ended membership").count() == 1
    assert Delivery.objects.filter(kind="account_news").count() == 1


def test_with_another_office_the_membership_goes_on(mo, office, pueblo):
    held(mo, pueblo, title="Clerk")
    offices.leave(office, mo, today())
    mo.refresh_from_db()
    assert (mo.leaves_on, mo.is_member) == (None, True)


def test_staff_who_leave_office_stay_until_an_administrator_decides(stu, pueblo):
    offices.leave(held(stu, pueblo), stu, today())
    stu.refresh_from_db()
    assert stu.is_member


def test_an_office_that_was_left_is_not_confirmed(mo, office):
    offices.leave(office, mo, today())
    with pytest.raises(ChangedMeanwhile):
        offices.confirm(office, mo)


def test_what_was_said_is_put_back_with_the_membership(mo, stu, office):
    left = offices.leave(office, stu, today())
    end_memberships()
    offices.put_back(left, stu, ended_on=None, leaves=False, seen="")
    mo.refresh_from_db()
    assert (mo.leaves_on, mo.left_at, mo.is_member) == (None, None, True)


# At the desk -----------------------------------------------------------------------------------------


def test_staff_correct_end_and_check_offices_on_the_page_of_the_person(sign_in, mo, stu, office, elsewhere_place):
    Office.objects.update(unchecked_since=mo.admitted_at)
    client, page = sign_in(stu), reverse("staff_member", args=[mo.pk])
    assert "To be checked by staff" in client.get(page).text
    client.post(reverse("staff_office_right", args=[mo.pk, office.pk]))
    assert Office.objects.get().unchecked_since is None
    typed = posted(office, place=elsewhere_place.label, jurisdiction=elsewhere_place.pk)
    client.post(reverse("staff_office_correct", args=[mo.pk, office.pk]), typed)
    office.refresh_from_db()
    assert (office.jurisdiction, office.unchecked_since) == (elsewhere_place, None)  # staff said it
    client.post(reverse("staff_office_leave", args=[mo.pk, office.pk]), {"on": today() + DAY})
    assert client.get(page).text.count("Out of office from") == 1
    mo.refresh_from_db()
    assert mo.leaves_on == today() + DAY
    typed = posted(office, title="Mayor", started_on=today() + DAY)
    client.post(reverse("staff_office_add", args=[mo.pk]), typed)
    mo.refresh_from_db()
    assert mo.leaves_on is None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_with_offices_cost_the_same_for_any_number(
    sign_in, mo, stu, pueblo, rows, django_assert_max_num_queries
):
    for _ in range(rows):
        held(mo, pueblo)
    client = sign_in(mo)
    client.get(reverse("settings_office"))
    with django_assert_max_num_queries(4):
        client.get(reverse("settings_office"))
