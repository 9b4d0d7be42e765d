"""Everybody, for staff; one person's page; and what changes somebody's standing."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from committees.models import Membership
from committees.quilts import HUES
from members.models import AuditEntry, Delivery, Office, User
from tests.access_world import make_document
from tests.factories import CommitteeFactory, JurisdictionFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def with_office(person: User, **place) -> User:
    Office.objects.create(user=person, title="Alder", level="city", jurisdiction=JurisdictionFactory(**place))
    return person


def names(response) -> list[str]:
    return [person.name for person in response.context["page"].rows]


def test_members_are_listed_by_name_with_office_and_committees(sign_in, stu, mo, committee):
    with_office(mo)
    page = sign_in(stu).get("/staff/members/").text
    assert "Mo Haddad" in page and "Pueblo, CO" in page and "Economic Justice" in page
    assert mo.email not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_people(sign_in, stu, committee, rows, django_assert_num_queries):
    for _ in range(rows):
        MembershipFactory(committee=committee, user=with_office(UserFactory()))
    client = sign_in(stu)
    with django_assert_num_queries(4):
        client.get("/staff/members/")


def test_filters_narrow_by_state_level_committee_and_standing(sign_in, stu, mo, olga, ana, committee, elsewhere):
    with_office(mo, state="WI", label="Madison, city, Dane County, Wisconsin (WI)", name="Madison")
    olga.leave(olga)
    client = sign_in(stu)
    assert names(client.get("/staff/members/?state=WI")) == ["Mo Haddad"]
    assert names(client.get("/staff/members/?level=county")) == []
    assert names(client.get("/staff/members/?committee=economic-justice")) == ["Mo Haddad"]
    assert names(client.get("/staff/members/?standing=left")) == ["Olga Petrova"]
    assert names(client.get("/staff/members/?standing=applicant")) == ["Ana Applicant"]
    assert names(client.get("/staff/members/?standing=everybody&q=madison")) == ["Mo Haddad"]
    assert "Nobody matches" in client.get("/staff/members/?q=zzzz").text


def test_a_whole_email_finds_its_person_for_those_who_may_see_it(sign_in, stu, mo):
    priya = UserFactory(name="Priya")
    priya.appoint("organizer")
    assert names(sign_in(stu).get("/staff/members/?q=MO@portal.example")) == ["Mo Haddad"]
    assert names(sign_in(priya).get("/staff/members/?q=mo@portal.example")) == []


@pytest.mark.parametrize(
    "query",
    ["?q=%25", "?after=999999999999999", "?before=x", "?state=ZZ", "?standing=nope", "?committee=nope"],
)
def test_odd_filters_break_nothing(sign_in, stu, query):
    assert sign_in(stu).get(f"/staff/members/{query}").status_code == 200


def test_fifty_a_page(sign_in, stu):
    User.objects.bulk_create(
        User(name=f"Person {n:03}", email=f"many{n}@portal.example", admitted_at=stu.admitted_at) for n in range(80)
    )
    client = sign_in(stu)
    first = client.get("/staff/members/")
    assert len(names(first)) == 50
    second = client.get("/staff/members/" + first.context["page"].next_url)
    assert len(names(second)) == 31
    assert names(client.get("/staff/members/" + second.context["page"].previous_url)) == names(first)
    assert "<b>81 people</b> match" in first.text and "<b>81 people</b> match" in second.text


def test_a_search_goes_on_where_its_first_page_ended(sign_in, stu):
    User.objects.bulk_create(
        User(name=f"Person {n:03}", email=f"many{n}@portal.example", admitted_at=stu.admitted_at) for n in range(80)
    )
    client = sign_in(stu)
    first = client.get("/staff/members/?q=person")
    second = client.get("/staff/members/" + first.context["page"].next_url)
    assert names(first) + names(second) == [f"Person {n:03}" for n in range(80)]
    assert "<b>80 people</b> match" in first.text and "<b>80 people</b> match" in second.text


def test_more_than_a_thousand_are_not_counted(sign_in, stu):
    User.objects.bulk_create(
        User(name=f"Person {n:04}", email=f"many{n}@portal.example", admitted_at=stu.admitted_at) for n in range(1001)
    )
    for address in ("/staff/members/", "/staff/members/?q=person", "/staff/members/?q=person&standing=everybody"):
        assert "More than <b>1,000 people</b> match" in sign_in(stu).get(address).text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Current"),
        ({"left_at": timezone.now()}, "Former"),
        ({"admitted_at": None}, "Not admitted"),
        ({"is_active": False, "left_at": timezone.now()}, "Closed"),
    ],
)
def test_a_row_says_everything_about_its_person(sign_in, stu, committee, changed, said):
    mara = with_office(UserFactory(name="Mara <b> xx-title-xx", **changed), name="Wau & Co", state="WI")
    mara.offices.update(title="Alder <i>", ended_on=date(2099, 4, 18))
    for name in ("Zoning & Co", "Arts"):
        MembershipFactory(user=mara, committee=CommitteeFactory(name=name))
    table = BeautifulSoup(sign_in(stu).get("/staff/members/?standing=everybody&q=mara").text, "lxml").table
    (row,) = table.tbody.find_all("tr")
    cells = [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
    assert cells == [
        "Mara <b> xx-title-xx",
        "MX Mara <b> xx-title-xx Messages to Mara <b> xx-title-xx",
        "Alder <i> Wau & Co, WI",
        "Arts, Zoning & Co",
        "Apr 2099",
        said,
    ]
    assert [link["href"] for link in row.find_all("a")] == [
        f"/staff/members/{mara.pk}/",
        f"/staff/members/{mara.pk}/messages/",
    ]
    assert [seat["title"] for seat in row.select(".seat")] == ["Arts", "Zoning & Co"]
    assert [svg["class"] for svg in row.select(".seat svg")] == [["quilt", "quilt--24"]] * 2
    assert row.select("td.nums")[0]["data-label"] == "Term ends"


def test_a_row_leaves_empty_what_somebody_does_not_have(sign_in, stu):
    UserFactory(name="Nora New")
    table = BeautifulSoup(sign_in(stu).get("/staff/members/?q=nora").text, "lxml").table
    (row,) = table.tbody.find_all("tr")
    assert [cell.get_text(strip=True) for cell in row.find_all("td")] == ["Nora New", "", "", "", "Current"]
    assert not row.select("[data-label]")


def test_a_committee_with_a_new_name_or_quilt_shows_it_at_once(sign_in, stu, mo, committee):
    client = sign_in(stu)
    client.get("/staff/members/?q=mo")
    committee.name, committee.quilt_hue = "Fair Economy", "plum"
    committee.save()
    seat = BeautifulSoup(client.get("/staff/members/?q=mo").text, "lxml").select_one(".seat")
    assert seat["title"] == "Fair Economy" and HUES["plum"][0] in str(seat)


def test_no_row_is_a_template(sign_in, stu, committee):
    client = sign_in(stu)
    client.get("/staff/members/")
    before = len(client.get("/staff/members/").templates)
    for _ in range(3):
        MembershipFactory(committee=committee, user=with_office(UserFactory()))
    client.get("/staff/members/")
    assert len(client.get("/staff/members/").templates) == before


@pytest.mark.parametrize(
    "of",
    [
        ("name", "title", "email", "number", "office", "place"),
        ("committee", "committees", "uploader", "icon", "standing"),
    ],
)
def test_words_that_look_like_a_mark_of_a_row_stay_words(sign_in, stu, committee, carla, settings, tmp_path, of):
    """Rows are filled in by marks: what people typed in one place is never filled in another."""
    settings.MEDIA_ROOT = tmp_path
    typed = " ".join(f"xx-{name}-xx" for name in of)
    person = with_office(UserFactory(name=typed))
    MembershipFactory(committee=committee, user=person)
    make_document(committee, person, title=typed)
    client = sign_in(stu)
    for page, at_least in (("/staff/members/", 1), ("/people/", 1), ("/library/", 2)):
        assert client.get(page).text.count(typed) >= at_least, page


def test_a_person_s_page_hides_contact_data_until_it_is_asked_for(sign_in, stu, carla):
    carla.profile.phone = "+12125550123"
    carla.profile.save()
    client = sign_in(stu)
    hidden = client.get(f"/staff/members/{carla.pk}/").text
    assert "Carla Núñez-O&#x27;Hara" in hidden and carla.email not in hidden and "555" not in hidden
    shown = client.post(f"/staff/members/{carla.pk}/contact/").text
    assert carla.email in shown and "555" in shown
    entry = AuditEntry.objects.get(verb="revealed contact data")
    assert (entry.actor, entry.target) == (stu, carla)


def test_organizers_do_not_see_contact_data(sign_in, mo):
    priya = UserFactory(name="Priya")
    priya.appoint("organizer")
    client = sign_in(priya)
    assert "Show contact data" not in client.get(f"/staff/members/{mo.pk}/").text
    assert client.post(f"/staff/members/{mo.pk}/contact/").status_code == 403
    assert not AuditEntry.objects.filter(verb="revealed contact data").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_person_s_page_costs_the_same_for_any_history(sign_in, stu, mo, rows, django_assert_num_queries):
    for _ in range(rows):
        with_office(mo)
        MembershipFactory(user=mo)
    client = sign_in(stu)
    client.get(f"/staff/members/{mo.pk}/")
    with django_assert_num_queries(15):
        client.get(f"/staff/members/{mo.pk}/")


def test_ending_a_membership_needs_a_reason_and_can_be_undone(sign_in, stu, mo):
    client = sign_in(stu)
    url = f"/staff/members/{mo.pk}/standing/"
    assert "End Mo Haddad’s membership?" in client.get(f"{url}?to=leave").text
    assert "Write why" in client.post(url, {"to": "leave", "reason": " "}).text
    client.post(url, {"to": "leave", "reason": "Term ended <b>"})
    mo.refresh_from_db()
    assert not mo.is_member
    assert "Term ended &lt;b&gt;" in client.get(f"/staff/members/{mo.pk}/").text
    client.post(url, {"to": "reinstate", "reason": "Elected again"})
    mo.refresh_from_db()
    assert mo.is_member
    assert list(AuditEntry.objects.filter(actor=stu).order_by("pk").values_list("verb", flat=True)) == [
        "appointed",
        "ended membership",
        "reinstated",
    ]


def test_a_closed_account_is_signed_out_with_its_next_click(sign_in, stu, mo):
    his = sign_in(mo)
    assert his.get("/people/").status_code == 200
    sign_in(stu).post(f"/staff/members/{mo.pk}/standing/", {"to": "deactivate", "reason": "Asked for it"})
    assert his.get("/people/").status_code == 302


def test_closing_twice_says_that_it_changed_meanwhile(sign_in, stu, mo):
    mo.deactivate(stu, "x")
    page = sign_in(stu).post(f"/staff/members/{mo.pk}/standing/", {"to": "deactivate", "reason": "x"}, follow=True)
    assert "standing changed in the meantime" in page.text
    assert AuditEntry.objects.filter(verb="closed account").count() == 1


def test_nobody_changes_their_own_standing_nor_that_of_staff(sign_in, stu, ada):
    client = sign_in(stu)
    for person in (stu, ada):
        assert (
            client.post(f"/staff/members/{person.pk}/standing/", {"to": "deactivate", "reason": "x"}).status_code == 403
        )
    assert sign_in(ada).post(f"/staff/members/{ada.pk}/standing/", {"to": "leave", "reason": "x"}).status_code == 403
    assert sign_in(ada).post(f"/staff/members/{stu.pk}/standing/", {"to": "leave", "reason": "x"}).status_code == 302
    assert sign_in(ada).get(f"/staff/members/{stu.pk}/standing/?to=nonsense").status_code == 404


def test_seats_of_a_person_are_shown_with_past_ones(sign_in, stu, mo, committee):
    Membership.objects.get(user=mo, committee=committee).end(by=mo)
    assert "Economic Justice" in sign_in(stu).get(f"/staff/members/{mo.pk}/").text


def test_recent_messages_without_a_subject_say_what_they_are(sign_in, stu, mo):
    Delivery.objects.create(recipient=mo, kind="agenda_published", about="meeting:1", state="suppressed")
    page = sign_in(stu).get(f"/staff/members/{mo.pk}/").text
    assert "They weren’t sent an agenda" in page and "agenda_published" not in page
