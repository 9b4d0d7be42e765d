"""Still in office? Who is asked and when, and what each of the three answers does, from a mail without signing in."""

import pytest
from django.urls import reverse
from django.utils import timezone

from members.mail.outgoing.worker import deliver
from members.models import Delivery, Office, User
from members.terms import messages, offices
from members.terms.messages import StillInOffice, ask_who_holds_office, token
from members.times.clock import today
from tests.factories import JurisdictionFactory
from tests.members.test_terms import DAY, held, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(mo):
    return held(mo, JurisdictionFactory())


def address(office) -> str:
    return reverse("office_link", args=[token(office)])


def asked() -> list[tuple[str, str]]:
    return sorted(Delivery.objects.filter(kind=StillInOffice.kind).values_list("recipient__name", "dedupe_key"))


def long_ago(person) -> None:
    User.objects.filter(pk=person.pk).update(admitted_at=timezone.now() - 366 * DAY)


# Who is asked ----------------------------------------------------------------------------------------


def test_it_is_asked_once_when_a_term_ends_and_once_a_year_after_the_last_answer(mo, olga, office):
    ask_who_holds_office()
    assert asked() == []  # a member of today, with a term that goes on
    Office.objects.filter(pk=office.pk).update(ended_on=today())
    held(olga, office.jurisdiction)
    long_ago(olga)
    for _ in range(2):
        ask_who_holds_office()
    assert asked() == [
        ("Mo Haddad", f"still_in_office:{today()}"),
        ("Olga Petrova", f"still_in_office:year:{today()}"),
    ]
    Delivery.objects.update(created_at=timezone.now() - 301 * DAY)  # and no answer came
    ask_who_holds_office()
    assert [name for name, _key in asked()] == ["Mo Haddad", "Olga Petrova"]  # the key of today is there already


def test_who_answered_who_left_and_who_is_no_member_is_not_asked(mo, olga, ana, office):
    for person in (mo, olga):
        long_ago(person)
    offices.confirm(office, mo)
    left = held(olga, office.jurisdiction)
    offices.leave(left, olga, today() + DAY)
    held(ana, office.jurisdiction, ended_on=today())
    ask_who_holds_office()
    assert asked() == []


def test_a_portal_that_begins_to_ask_asks_so_many_a_day(monkeypatch, mo, olga, office):
    monkeypatch.setattr(messages, "MOST_A_DAY", 1)
    held(olga, office.jurisdiction)
    long_ago(olga)
    Office.objects.filter(pk=office.pk).update(ended_on=today())
    for _ in range(3):
        ask_who_holds_office()
    assert len(asked()) == 1


def test_the_mail_has_three_links_and_an_answer_meanwhile_stops_it(smtp, mo, olga, office):
    other = held(olga, office.jurisdiction)
    for person, each in ((mo, office), (olga, other)):
        StillInOffice.enqueue([person], f"office:{each.pk}", dedupe_key="x")
    offices.confirm(other, olga)
    deliver()
    (mail,) = smtp.received
    assert mail.message["Subject"] == "Still in office? City Council Member"
    words = mail.message.get_body(("plain",)).get_content()
    for answer in ("yes", "lost", "moved"):
        assert f"{address(office)}?answer={answer}" in words
    assert "You have" not in Delivery.objects.get(recipient=olga).reason
    assert Delivery.objects.get(recipient=olga).state == Delivery.State.SUPPRESSED


# What the links do -----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "lost", "moved", "until", "x", ""])
def test_opening_a_link_changes_nothing(client, office, answer):
    before = Office.objects.values().get()
    for method in (client.get, client.head):
        assert method(address(office), {"answer": answer}).status_code == 200
    assert Office.objects.values().get() == before


def test_yes_is_one_press_and_asks_for_the_end_of_the_term_once_it_is_saved(client, mo, office):
    Office.objects.update(ended_on=today() - DAY)
    page = client.post(address(office), {"answer": "yes"}, follow=True).text
    assert "still in office" in page
    office.refresh_from_db()
    assert (office.ended_on, office.leaves) == (None, False)
    assert office.confirmed_at
    wrong = client.post(address(office), {"answer": "until", "ended_on": "2020-01-01"})
    assert (wrong.status_code, "Enter a day that is to come" in wrong.text) == (400, True)
    ends = today() + 1461 * DAY
    assert "It is saved" in client.post(address(office), {"answer": "until", "ended_on": ends}, follow=True).text
    office.refresh_from_db()
    assert office.ended_on == ends
    assert client.get(address(office)).status_code == 200  # the link is still of this office


def test_lost_asks_for_the_day_and_the_link_says_so_afterwards(client, mo, office):
    Office.objects.update(ended_on=today() + 10 * DAY)
    page = client.get(address(office), {"answer": "lost"}).text
    assert str(today() + 10 * DAY) in page
    assert "your membership ends" in page
    early = client.post(address(office), {"answer": "lost", "on": "1999-01-01"})
    assert (early.status_code, "before the term began" in early.text) == (400, True)
    client.post(address(office), {"answer": "lost", "on": today() + 5 * DAY})
    office.refresh_from_db()
    mo.refresh_from_db()
    assert (office.ended_on, office.leaves, mo.leaves_on) == (today() + 5 * DAY, True, today() + 5 * DAY)
    again = client.get(address(office))
    assert (again.status_code, "It is noted already" in again.text) == (410, True)
    assert client.post(address(office), {"answer": "yes"}).status_code == 410
    assert Office.objects.get().leaves


def test_moved_up_takes_the_new_office_with_the_place_finder(client, mo, office):
    county = JurisdictionFactory(name="Pueblo County", kind="county", label="Pueblo County, Colorado (CO)")
    typed = posted(office, title="Commissioner", place=county.label, jurisdiction=county.pk, started_on=today())
    page = client.post(address(office), typed | {"answer": "moved"}, follow=True).text
    assert "Saved: your new office" in page
    before, after = mo.offices.order_by("pk")
    assert (before.ended_on, before.leaves) == (today(), True)
    assert (after.title, after.level) == ("Commissioner", "county")
    assert after.unchecked_since  # another government: staff look at it
    assert mo.is_member


def test_a_link_to_an_office_that_changed_says_so(client, mo, office):
    link = address(office)
    Office.objects.update(title="Mayor")
    page = client.post(link, {"answer": "yes"})
    assert (page.status_code, "changed since the email" in page.text) == (410, True)
    assert Office.objects.get().confirmed_at is None


def test_a_forwarded_link_asks_first_whose_answer_it_is(sign_in, mo, olga, office):
    client = sign_in(olga)
    assert "Mo Haddad" in client.get(address(office)).text
    refused = client.post(address(office), {"answer": "lost", "on": today()})
    assert (refused.status_code, Office.objects.get().leaves) == (409, False)
    client.post(address(office), {"answer": "yes", "for": mo.pk})
    assert Office.objects.get().confirmed_at


def test_a_closed_account_and_another_purpose_open_nothing(client, mo, office):
    link = address(office)
    assert client.get(reverse("office_link", args=["1.2:x:y"])).status_code == 404
    User.objects.filter(pk=mo.pk).update(is_active=False)
    assert client.get(link).status_code == 404
