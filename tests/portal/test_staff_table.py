"""The staff's table of members: narrowing it, its columns and order, tags."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from members.models import AuditEntry, Office, Suppression, TableView, Tag, Tagging, User
from members.roster.bulk_acts.kinds import kinds
from members.roster.segments.narrowings import narrowings
from members.times.clock import today
from tests.factories import CommitteeFactory, JurisdictionFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/staff/members/"


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


def names(response) -> list[str]:
    return [person.name for person in response.context["page"].rows]


def official(name: str, *, ends: date | None = None, state: str = "WI", place: str = "Madison", **fields) -> User:
    person = UserFactory(name=name, **fields)
    at = JurisdictionFactory(state=state, name=place, label=f"{place}, city, Dane County ({state})")
    Office.objects.create(user=person, title="Alder", level="city", jurisdiction=at, ended_on=ends)
    return person


def test_several_states_are_chosen_at_once(desk):
    for state in ("WI", "MN", "TX"):
        official(f"Of {state}", state=state)
    page = desk.get(f"{ADDRESS}?state=WI&state=MN")
    assert names(page) == ["Of MN", "Of WI"]
    assert page.context["chips"] == [("State", "Wisconsin, Minnesota", "?")]


def test_people_are_found_by_the_place_they_serve(desk):
    official("Mara", place="Madison"), official("Nia", place="Monona")
    assert names(desk.get(f"{ADDRESS}?place=madis")) == ["Mara"]
    assert names(desk.get(f"{ADDRESS}?place=dane")) == ["Mara", "Nia"]


def test_people_are_found_by_their_role_on_one_committee_or_on_any(desk, committee, elsewhere, carla, mo, chet):
    assert names(desk.get(f"{ADDRESS}?role=chair")) == [carla.name, chet.name]
    assert names(desk.get(f"{ADDRESS}?role=chair&committee=economic-justice")) == [carla.name]
    assert names(desk.get(f"{ADDRESS}?role=member&committee=housing-justice")) == []


@pytest.mark.parametrize(
    ("seen", "found"),
    [("30", ["Lately"]), ("not-90", ["Long ago", "Never"]), ("not-365", ["Long ago", "Never"]), ("never", ["Never"])],
)
def test_people_are_found_by_when_they_signed_in(desk, seen, found):
    for name, days in (("Lately", 3), ("Long ago", 400), ("Never", None)):
        UserFactory(name=name, last_login=days and timezone.now() - timedelta(days=days))
    User.objects.exclude(name__in=["Lately", "Long ago", "Never"]).update(
        last_login=timezone.now() - timedelta(days=60)
    )
    assert names(desk.get(f"{ADDRESS}?seen={seen}")) == found


def test_mail_trouble_is_found_and_stands_in_the_row(desk, mo):
    Suppression.stop(mo.email.upper(), Suppression.Reason.BOUNCE, "gone")
    page = desk.get(f"{ADDRESS}?trouble=any")
    assert names(page) == names(desk.get(f"{ADDRESS}?trouble=bounce")) == [mo.name]
    assert "Mail came back" in page.text
    assert mo.name not in names(desk.get(f"{ADDRESS}?trouble=none"))
    assert names(desk.get(f"{ADDRESS}?trouble=complaint")) == []


def test_people_are_found_by_when_their_term_ends(desk):
    official("Soon", ends=today() + timedelta(days=30)), official("Open")
    official("Later", ends=date(today().year + 2, 6, 1)), official("Over", ends=today() - timedelta(days=3))
    found = {value: names(desk.get(f"{ADDRESS}?ends={value}")) for value in ("60", "past", "none")}
    assert found == {"60": ["Soon"], "past": ["Over"], "none": ["Open"]}
    assert names(desk.get(f"{ADDRESS}?ends={today().year + 2}")) == ["Later"]
    assert "Term ends soon" in desk.get(f"{ADDRESS}?ends=60").text


@pytest.mark.parametrize(
    "query", ["committee=gone", "state=XX", "tag=12345", "ends=1999", "trouble=x", "seen=x", "role=x"]
)
def test_what_a_filter_names_and_is_not_there_finds_nobody_and_says_so(desk, mo, query):
    page = desk.get(f"{ADDRESS}?{query}")
    assert names(page) == [] and page.context["problems"]
    assert page.context["problems"][0] in page.text.replace("&#x27;", "'")


def test_a_confidential_committee_is_not_told_to_who_may_not_see_it(sign_in, stu, mo):
    hidden = CommitteeFactory(name="Quiet Caucus", confidential=True)
    MembershipFactory(committee=hidden, user=mo)
    assert names(sign_in(stu).get(f"{ADDRESS}?committee={hidden.slug}")) == [mo.name]
    assert sign_in(mo).get(f"{ADDRESS}?committee={hidden.slug}").status_code == 404


@pytest.mark.parametrize("sort", ["name", "-name", "ends", "-ends", "seen", "-since"])
def test_every_order_goes_on_by_key_and_leaves_nobody_out(desk, stu, sort):
    people = User.objects.bulk_create(
        User(
            name=f"Person {n:02}",
            email=f"many{n}@portal.example",
            admitted_at=stu.admitted_at - timedelta(days=n % 5),
            last_login=timezone.now() - timedelta(days=n % 5) if n % 2 else None,
        )
        for n in range(60)
    )
    at = JurisdictionFactory(name="Madison", state="WI", label="Madison, city, Dane County (WI)")
    office = {"title": "Alder", "level": "city", "jurisdiction": at}
    Office.objects.bulk_create(
        Office(user=person, ended_on=date(2100, 1, 1 + n % 7) if n % 3 else None, **office)
        for n, person in enumerate(people)
        if n % 4
    )
    first = desk.get(f"{ADDRESS}?q=person&sort={sort}")
    second = desk.get(ADDRESS + first.context["page"].next_url)
    assert len(names(first)) == 50 and sorted(names(first) + names(second)) == [f"Person {n:02}" for n in range(60)]
    assert names(desk.get(ADDRESS + second.context["page"].previous_url)) == names(first)
    assert first.text.count("aria-sort") == (sort.removeprefix("-") in ("name", "ends"))


def test_a_term_that_ends_first_comes_first(desk):
    official("Open"), official("Late", ends=date(2101, 1, 1)), official("Soon", ends=date(2100, 1, 1))
    assert names(desk.get(f"{ADDRESS}?level=city&sort=ends")) == ["Soon", "Late", "Open"]
    assert names(desk.get(f"{ADDRESS}?level=city&sort=-ends")) == ["Late", "Soon", "Open"]


def test_columns_and_rows_are_remembered_for_each_person(desk, stu, sign_in, ada, mo):
    Tag.called("Donor").give(mo, stu)
    answer = desk.post(
        "/staff/members/columns/", {"column": ["tags", "seen", "nonsense"], "rows": "100", "shown": "q=mo"}
    )
    assert answer["Location"] == "/staff/members/?q=mo"
    page = desk.get(ADDRESS)
    assert [heading.column.name for heading in page.context["headings"]] == ["member", "tags", "seen"]
    assert "Donor" in page.text and page.context["table"].rows == 100
    assert TableView.objects.get().columns == ["tags", "seen"]
    assert len(sign_in(ada).get(ADDRESS).context["headings"]) == 5


def test_a_hundred_rows_a_page(desk, stu):
    TableView.objects.create(person=stu, columns=["office"], rows=100)
    User.objects.bulk_create(
        User(name=f"Person {n:03}", email=f"many{n}@portal.example", admitted_at=stu.admitted_at) for n in range(120)
    )
    assert len(names(desk.get(ADDRESS))) == 100


@pytest.mark.parametrize("rows", [1, 3])
def test_every_filter_and_column_costs_the_same_for_any_number_of_people(
    desk, stu, committee, rows, django_assert_num_queries
):
    TableView.objects.create(person=stu, columns=["office", "committees", "tags", "ends", "seen", "since", "standing"])
    tag = Tag.called("Donor")
    for number in range(rows):
        person = official(f"Person {number}", ends=today() + timedelta(days=20))
        MembershipFactory(committee=committee, user=person)
        tag.give(person, stu)
    query = f"?q=person&state=WI&level=city&committee={committee.slug}&role=member&tag={tag.pk}&ends=60&sort=ends"
    assert len(names(desk.get(f"{ADDRESS}{query}"))) == rows
    with django_assert_num_queries(4):
        desk.get(f"{ADDRESS}{query}")


def test_a_tag_is_one_whatever_its_case_and_given_once(desk, stu, mo):
    for name in ("Speaks  Spanish", "speaks spanish"):
        desk.post(f"/staff/members/{mo.pk}/tags/", {"tag": name})
    assert [tagging.tag.name for tagging in mo.taggings.all()] == ["Speaks Spanish"]
    assert AuditEntry.objects.filter(verb="tagged").count() == 1
    assert "Speaks Spanish" in desk.get(f"/staff/members/{mo.pk}/").text
    for _twice in range(2):
        desk.post(f"/staff/members/{mo.pk}/tags/", {"take": Tag.objects.get().pk})
    assert not Tagging.objects.exists() and AuditEntry.objects.filter(verb="untagged").count() == 1
    assert "Write the tag" in desk.post(f"/staff/members/{mo.pk}/tags/", {"tag": " "}, follow=True).text


def test_members_never_read_a_tag(sign_in, stu, mo, carla):
    Tag.called("Tagcanary").give(carla, stu)
    mine = sign_in(carla)
    for address in (f"/people/{carla.pk}/", "/settings/details/", "/people/", "/search/?q=tagcanary"):
        assert "Tagcanary" not in mine.get(address, follow=True).text
        assert "Tagcanary" not in sign_in(mo).get(address, follow=True).text


@pytest.mark.parametrize("value", [str(2**63), "9" * 5000, "9999-12-31", "é" * 200])
def test_odd_values_break_no_page_of_lists_acts_and_exports(desk, mo, value):
    names_of = [
        *narrowings,
        "sort",
        "after",
        "before",
        "p",
        "with-committee",
        "with-role",
        "with-tag",
        "instead",
        "rows",
    ]
    given = dict.fromkeys(names_of, value) | {"go": "1"}
    for address in (ADDRESS, "/staff/members/lists/new/", "/staff/exports/new/"):
        assert desk.get(address, given | {"all": "1"}, follow=True).status_code == 200
    for act in kinds:
        assert desk.get("/staff/members/act/", given | {"act": act, "p": mo.pk}).status_code == 200
    posted = {"rows": value, "column": value, "shown": value, "tag": value, "take": value}
    for address in ("/staff/members/columns/", f"/staff/members/{mo.pk}/tags/"):
        assert desk.post(address, posted).status_code == 302
