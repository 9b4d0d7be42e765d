"""Lists of people saved under a name: live, one's own or shared, and honest when what they ask for is gone."""

import pytest
from django.http import QueryDict

from members.models import AuditEntry, Segment, StaffAppointment, Tag
from members.roster.segments.narrowings import Selection, narrowings, query_of
from tests.factories import CommitteeFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = "/staff/members/lists/new/"


def save(client, query="?committee=economic-justice", **fields):
    return client.post(NEW + query, {"name": "Of justice", **fields})


def test_a_list_is_saved_opened_and_live(sign_in, stu, mo, olga, committee):
    desk = sign_in(stu)
    assert "Save this list" in desk.get("/staff/members/?committee=economic-justice").text
    assert save(desk)["Location"] == "/staff/members/?committee=economic-justice"
    page = desk.get("/staff/members/?committee=economic-justice")
    assert [(name, is_open) for name, _url, is_open in page.context["views"]] == [
        ("Everyone", False),
        ("Of justice", True),
    ]
    assert not page.context["save_url"]
    MembershipFactory(committee=committee, user=olga)
    segment, reader = Segment.objects.get(), page.wsgi_request.user
    assert list(Selection(segment.query, reader).people().order_by("name")) == [mo, olga]


def test_only_what_narrows_is_kept(sign_in, stu, committee):
    save(sign_in(stu), "?state=WI&state=MN&state=WI&sort=ends&after=7&standing=&nonsense=1&level=city&level=county")
    assert Segment.objects.get().query == {"state": ["WI", "MN"], "level": ["county"]}


def test_a_list_of_another_is_theirs_until_they_share_it(sign_in, stu, ada, committee):
    save(sign_in(stu))
    segment, other = Segment.objects.get(), sign_in(ada)
    assert "Of justice" not in other.get("/staff/members/lists/").text + other.get("/staff/members/").text
    sign_in(stu).post(f"/staff/members/lists/{segment.pk}/", {"name": "Of justice", "shared": "1"})
    assert "Shared by" in other.get("/staff/members/lists/").text and "Of justice" in other.get("/staff/members/").text
    for act in ("", "forget/", "back/"):
        assert other.post(f"/staff/members/lists/{segment.pk}/{act}", {"name": "Mine"}).status_code == 404


def test_what_a_list_asks_for_and_is_gone_is_named_and_nobody_is_found(sign_in, stu, mo, committee):
    desk = sign_in(stu)
    save(desk)
    committee.slug = "another"
    committee.save()
    assert "The committee that this list asks for is gone" in desk.get("/staff/members/lists/").text
    page = desk.get("/staff/members/?committee=economic-justice")
    assert page.context["problems"] and not page.context["page"].rows


def test_two_lists_of_one_person_have_two_names(sign_in, stu, ada, committee):
    save(sign_in(stu)), save(sign_in(ada))
    again = sign_in(stu).post(NEW + "?state=WI", {"name": "of JUSTICE"})
    assert again.status_code == 422 and Segment.objects.filter(owner=stu).count() == 1
    assert "You have a list of this name" in again.text


def test_the_filter_of_a_list_is_replaced(sign_in, stu, committee):
    desk = sign_in(stu)
    save(desk)
    assert desk.post(NEW + "?state=WI", {"instead": Segment.objects.get().pk}).status_code == 302
    assert (Segment.objects.get().name, Segment.objects.get().query) == ("Of justice", {"state": ["WI"]})
    assert "Write a name" in desk.post(NEW + "?state=WI", {}).text


def test_a_list_that_was_given_up_comes_back_by_undo(sign_in, stu, committee):
    desk = sign_in(stu)
    save(desk)
    pk = Segment.objects.get().pk
    for _twice in range(2):
        desk.post(f"/staff/members/lists/{pk}/forget/")
    assert AuditEntry.objects.filter(verb="withdrew").count() == 1
    assert "Of justice" not in desk.get("/staff/members/lists/").text.partition("toast")[0]
    desk.post(f"/staff/members/lists/{pk}/back/")
    assert [name for name, _url, _open in desk.get("/staff/members/").context["views"]] == ["Everyone", "Of justice"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_lists_costs_the_same_for_any_number(sign_in, stu, committee, rows, django_assert_num_queries):
    for number in range(rows):
        Segment.keep(f"List {number}", {"committee": [committee.slug], "state": ["WI"]}, stu, shared=True)
    client = sign_in(stu)
    with django_assert_num_queries(6):
        client.get("/staff/members/lists/")


def test_a_shared_list_finds_what_its_reader_may_see(stu, committee):
    """A whole email finds its person for those who see contact details alone."""
    person, organizer = UserFactory(email="secret@portal.example"), UserFactory()
    organizer.appoint(StaffAppointment.Role.ORGANIZER)
    stu.is_strongly_authenticated = organizer.is_strongly_authenticated = True
    query = query_of(QueryDict("q=secret@portal.example"))
    assert [list(Selection(query, reader).people()) for reader in (stu, organizer)] == [[person], []]


@pytest.mark.parametrize("name", ["place", "q"])
def test_words_of_any_length_and_sign_break_nothing(sign_in, stu, name):
    assert sign_in(stu).get("/staff/members/", {name: "%_\\'\"" + "x" * 5000}).status_code == 200


def test_each_narrowing_is_offered_once_and_says_what_is_gone():
    assert set(narrowings) == {
        "q", "place", "level", "standing", "seen", "trouble", "ends", "tag", "committee", "role", "state",
    }  # fmt: skip


def test_a_tag_that_nobody_has_is_gone_from_lists(sign_in, stu, mo):
    tag = Tag.called("Donor")
    tag.give(mo, stu)
    desk = sign_in(stu)
    assert [person.pk for person in desk.get(f"/staff/members/?tag={tag.pk}").context["page"].rows] == [mo.pk]
    tag.take(mo, stu)
    assert desk.get(f"/staff/members/?tag={tag.pk}").context["problems"]


def test_a_confidential_committee_in_a_shared_list_is_named_to_nobody_who_may_not_see_it(stu):
    hidden = CommitteeFactory(name="Quiet Caucus", confidential=True)
    query = {"committee": [hidden.slug]}
    assert Selection(query, stu).problems and "Quiet" not in str(Selection(query, stu).words)
    stu.is_strongly_authenticated = True
    assert not Selection(query, stu).problems
