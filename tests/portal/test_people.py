"""The directory, a member's page, and search: everything one may see, nothing one may not."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from committees.models import Committee
from members.models import Office, Profile, User
from portal.views import people, search
from tests.factories import CommitteeFactory, JurisdictionFactory, MeetingFactory, MembershipFactory, UserFactory

SCRIPT = "<script>alert('x')</script>"


def words(response):
    return response.content.decode()


def names(response):
    return [person.name for person in response.context["page"].rows]


def serve(user, title="City Council Member", level="city", **place):
    return Office.objects.create(user=user, title=title, level=level, jurisdiction=JurisdictionFactory(**place))


def test_members_by_name_with_office_and_place(sign_in, mo, carla, ana):
    serve(mo, name="Durham", state="NC")
    gone = UserFactory(name="Gone Away")
    User.objects.filter(pk=gone.pk).update(left_at=gone.admitted_at)
    response = sign_in(mo).get(reverse("people"))
    assert names(response) == ["Carla Núñez-O'Hara", "Mo Haddad"]
    assert "City Council Member, Durham, NC" in words(response)
    assert "2 people" in words(response)


@pytest.mark.parametrize("audience", ["staff", "committees", "members"])
def test_contact_data_is_never_in_the_list(sign_in, mo, carla, audience):
    Profile.objects.update(email_audience=audience, phone_audience=audience, phone="+15055550142")
    page = words(sign_in(mo).get(reverse("people")))
    assert "carla@portal.example" not in page
    assert "555-0142" not in page


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("núñez", ["Carla Núñez-O'Hara"]),
        ("NUNEZ", ["Carla Núñez-O'Hara"]),
        ("o’hara", ["Carla Núñez-O'Hara"]),
        ("o'h", ["Carla Núñez-O'Hara"]),
        ("hadd", ["Mo Haddad"]),
        ("haddad mo", ["Mo Haddad"]),
        ("durham", ["Mo Haddad"]),
        ("mo north carolina", ["Mo Haddad"]),
        ("alder", ["Carla Núñez-O'Hara"]),
        ("carla durham", []),
        ("%", []),
        ("_", []),
        ("'; drop table", []),
        (" ", ["Carla Núñez-O'Hara", "Mo Haddad"]),
        ("x" * 500, []),
    ],
)
def test_searching_as_people_type(sign_in, mo, carla, q, found):
    serve(mo, name="Durham", state="NC", label="Durham, city, Durham County, North Carolina (NC)")
    serve(carla, title="Alder", name="Madison", state="WI", label="Madison, city, Dane County, Wisconsin (WI)")
    assert names(sign_in(mo).get(reverse("people"), {"q": q})) == found


def test_filters_by_state_level_and_committee(sign_in, mo, carla, olga):
    serve(mo, name="Durham", state="NC")
    serve(carla, title="Supervisor", level="county", name="Dane County", state="WI")
    client = sign_in(mo)
    assert names(client.get(reverse("people"), {"state": "NC"})) == ["Mo Haddad"]
    assert names(client.get(reverse("people"), {"level": "county"})) == ["Carla Núñez-O'Hara"]
    assert names(client.get(reverse("people"), {"committee": "economic-justice"})) == [
        "Carla Núñez-O'Hara",
        "Mo Haddad",
    ]
    response = client.get(reverse("people"), {"state": "NC", "level": "county"})
    assert (names(response), "Remove this filter" in words(response)) == ([], True)


def test_a_former_office_counts_no_more(sign_in, mo):
    serve(mo, state="NC")
    Office.objects.update(started_on="2019-01-01", ended_on="2020-01-01", leaves=True)
    client = sign_in(mo)
    assert names(client.get(reverse("people"), {"state": "NC"})) == []
    assert "City Council Member" not in words(client.get(reverse("people")))


def test_rosters_of_other_committees_cannot_be_had_by_filtering(sign_in, mo, olga, elsewhere):
    response = sign_in(mo).get(reverse("people"), {"committee": elsewhere.slug})
    assert "Housing Justice" not in words(response)
    assert names(response) == ["Mo Haddad", "Olga Petrova"], "an unknown choice filters nothing"


@pytest.mark.parametrize(
    "query",
    [{"state": "XX"}, {"level": "king"}, {"after": "abc"}, {"after": "9" * 30}, {"before": "-1"}, {"after": "999999"}],
)
def test_odd_values_show_the_list(sign_in, mo, query):
    response = sign_in(mo).get(reverse("people"), query)
    assert (response.status_code, names(response)) == (200, ["Mo Haddad"])


def test_pages_of_fifty_there_and_back(sign_in, mo):
    for number in range(120):
        UserFactory(name=f"Person {number % 60:03}")
    client, address, seen = sign_in(mo), reverse("people"), []
    page = client.get(address).context["page"]
    while True:
        seen += [person.pk for person in page.rows]
        if not page.next_url:
            break
        page = client.get(address + page.next_url).context["page"]
    assert (len(seen), len(set(seen))) == (121, 121)
    page = client.get(address + page.previous_url).context["page"]
    assert [person.pk for person in page.rows] == seen[50:100]
    page = client.get(address + page.previous_url).context["page"]
    assert ([person.pk for person in page.rows], page.previous_url) == (seen[:50], "")


def test_the_list_costs_the_same_with_one_and_three_people(sign_in, mo, django_assert_num_queries):
    client = sign_in(mo)
    for _ in range(2):
        cache.delete("people:count")
        with django_assert_num_queries(5):
            client.get(reverse("people"))
        with django_assert_num_queries(5):
            client.get(reverse("people"), {"q": "person", "state": "CO"})
        for _ in range(2):
            serve(UserFactory())


@pytest.mark.parametrize("name", ["people", "search"])
@pytest.mark.parametrize(("who", "status"), [(None, 302), ("ana", 403), ("mo", 200), ("stu", 200)])
def test_it_is_for_members_and_staff(request, sign_in, db, name, who, status):
    assert sign_in(who and request.getfixturevalue(who)).get(reverse(name)).status_code == status


# A member's page


@pytest.mark.parametrize(
    ("audience", "shown_to"),
    [("staff", set()), ("committees", {"mo"}), ("members", {"mo", "olga", "chet"})],
)
@pytest.mark.parametrize("who", ["mo", "olga", "chet", "stu"])
def test_contact_shows_as_its_owner_allows(request, sign_in, carla, audience, shown_to, who):
    Profile.objects.filter(user=carla).update(
        email_audience=audience, phone_audience=audience, phone="+15055550142", bio="I ride the bus."
    )
    page = words(sign_in(request.getfixturevalue(who)).get(reverse("person", args=[carla.pk])))
    assert "I ride the bus." in page
    assert ("carla@portal.example" in page, "(505) 555-0142" in page) == (
        who in shown_to or (who == "stu" and audience == "members"),
    ) * 2


def test_sharing_a_confidential_committee_is_shown_to_those_who_share_it(sign_in, mo, carla, olga, committee):
    Committee.objects.filter(pk=committee.pk).update(confidential=True)
    assert "Economic Justice" in words(sign_in(mo).get(reverse("person", args=[carla.pk])))
    assert "Economic Justice" not in words(sign_in(olga).get(reverse("person", args=[carla.pk])))


def test_committees_that_are_not_shared_are_not_told(sign_in, mo, olga):
    assert "Housing Justice" not in words(sign_in(mo).get(reverse("person", args=[olga.pk])))


def test_applicants_and_those_who_left_are_not_found(sign_in, mo, ana):
    gone = UserFactory()
    User.objects.filter(pk=gone.pk).update(left_at=gone.admitted_at)
    client = sign_in(mo)
    for pk in (ana.pk, gone.pk, 0, 10**18):
        assert client.get(reverse("person", args=[pk])).status_code == 404


def test_sixty_profiles_a_minute_and_no_more(sign_in, mo, olga, time_machine):
    time_machine.move_to("2026-11-25T12:00:30Z", tick=False)
    sign_in(olga).get(reverse("person", args=[mo.pk]))
    client, address = sign_in(mo), reverse("person", args=[mo.pk])
    assert [client.get(address).status_code for _ in range(61)] == [200] * 60 + [429]
    limited = client.get(address)
    assert (limited["Retry-After"], "there is a limit for each minute" in words(limited)) == ("60", True)
    time_machine.move_to("2026-11-25T12:01:00Z", tick=False)
    assert client.get(address).status_code == 200


def test_a_script_in_every_field_stays_words(sign_in, mo):
    User.objects.filter(pk=mo.pk).update(name=SCRIPT, given_name=SCRIPT)
    Profile.objects.filter(user=mo).update(bio=SCRIPT, pronouns=SCRIPT)
    Office.objects.create(
        user=mo, title=SCRIPT, district=SCRIPT, level="city", jurisdiction=JurisdictionFactory(name=SCRIPT)
    )
    client = sign_in(mo)
    for address in (
        reverse("people"),
        reverse("person", args=[mo.pk]),
        reverse("people") + "?q=" + SCRIPT,
        reverse("search") + "?q=" + SCRIPT,
    ):
        response = client.get(address)
        assert (response.status_code, SCRIPT in words(response)) == (200, False)


@pytest.mark.parametrize("name", ["people", "search"])
def test_lists_and_searches_have_a_limit_too(sign_in, mo, name, monkeypatch, time_machine):
    time_machine.move_to("2026-11-25T12:00:30Z", tick=False)
    monkeypatch.setattr(people, "LISTS_A_MINUTE", 2)
    monkeypatch.setattr(search, "LISTS_A_MINUTE", 2)
    client = sign_in(mo)
    assert [client.get(reverse(name), {"q": "mo"}).status_code for _ in range(3)] == [200, 200, 429]


# Search


def test_search_finds_what_one_may_open_and_nothing_else(sign_in, mo, olga, carla, committee, meeting):
    CommitteeFactory(name="Fair and secret", confidential=True)
    UserFactory(name="Fairuz Fair")

    def found(person):
        groups = sign_in(person).get(reverse("search"), {"q": "fair"}).context["found"]
        return {group.kind.name: [thing.title for thing in group.things] for group in groups}

    assert found(mo) == {"call": ["Fair workweek"], "person": ["Fairuz Fair"]}
    assert found(olga) == {"person": ["Fairuz Fair"]}


def test_search_costs_the_same_with_one_and_three(sign_in, mo, carla, committee, meeting, django_assert_num_queries):
    client = sign_in(mo)
    for _ in range(2):
        with django_assert_num_queries(4):
            client.get(reverse("search"), {"q": "o"})
        for _ in range(2):
            MembershipFactory(committee=committee)
            MeetingFactory(committee=committee, by=carla, title="Over there")


@pytest.mark.parametrize("q", ["", " ", "%", "'", '"', "&|!():*", "x" * 1000])
def test_odd_words_find_nothing_and_break_nothing(sign_in, mo, q):
    assert sign_in(mo).get(reverse("search"), {"q": q}).status_code == 200
