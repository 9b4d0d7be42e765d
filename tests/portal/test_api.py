"""The API: the rows of the pages, the verbs of the pages."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from knox.models import AuthToken
from rest_framework.test import APIClient

from committees.models import Document, Publication
from events.answers import waitlist
from events.models import AgendaItem, Meeting, Rsvp
from members.models import Office, User
from portal.api import router
from tests.access_world import make_document
from tests.factories import (
    CommitteeFactory,
    IssueAreaFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    publish_quietly,
)


@pytest.fixture
def api():
    """`api(user)` is a client that holds a token of that person."""

    def client_of(user=None) -> APIClient:
        client = APIClient()
        if user:
            client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
        return client

    return client_of


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def issue(committee):
    return committee.issue


def answer(client: APIClient, meeting, **body):
    return client.put(f"/api/meetings/{meeting.slug}/rsvp/", body, format="json")


def test_a_stranger_is_asked_for_a_token(api, meeting):
    assert api().get("/api/meetings/").status_code == 401


def test_an_applicant_has_no_way_in(sign_in, ana, meeting):
    assert sign_in(ana).get("/api/meetings/").status_code == 403


def test_the_token_of_somebody_who_left_is_dead(api, mo):
    client = api(mo)
    assert client.get("/api/me/").status_code == 200
    mo.is_active = False
    mo.save()
    assert client.get("/api/me/").status_code == 401


def test_a_member_lists_the_calls_of_their_committees_only(api, mo, olga, meeting):
    assert [row["slug"] for row in api(mo).get("/api/meetings/").json()["results"]] == [meeting.slug]
    assert api(olga).get("/api/meetings/").json()["results"] == []
    assert api(olga).get(f"/api/meetings/{meeting.slug}/").status_code == 404


def test_a_call_has_no_video_link_in_the_api(api, mo, meeting):
    assert meeting.video_url not in api(mo).get(f"/api/meetings/{meeting.slug}/").content.decode()


def test_answering_names_the_version_seen(api, mo, meeting):
    client = api(mo)
    assert client.get(f"/api/meetings/{meeting.slug}/rsvp/").json() == {
        "response": "needs_action",
        "note": "",
        "version": 0,
        "answered_at": None,
        "place": None,
        "offered_until": None,
    }
    missing = {"name": "version", "code": "required", "detail": "This field is required."}
    assert answer(client, meeting, response="accepted").json()["errors"] == [missing]
    first = answer(client, meeting, response="accepted", version=0)
    assert (first.status_code, first.json()["response"], first.json()["version"]) == (200, "accepted", 1)
    assert client.get(f"/api/meetings/{meeting.slug}/").json()["my_response"] == "accepted"


def test_who_says_going_when_every_seat_is_taken_reads_their_place(api, carla, mo, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(seats=1)
    assert answer(api(carla), meeting, response="accepted", version=0).json()["response"] == "accepted"
    said = answer(api(mo), meeting, response="accepted", version=0)
    assert (said.status_code, said.json()["response"], said.json()["place"]) == (200, "waiting", 1)
    assert answer(api(mo), meeting, response="waiting", version=1).status_code == 400
    told = api(mo).get(f"/api/meetings/{meeting.slug}/").json()
    assert (told["seats"], told["going"], told["my_response"]) == (1, 1, "waiting")
    Meeting.objects.filter(pk=meeting.pk).update(seats=2)
    waitlist.offer(meeting.pk)
    assert api(mo).get(f"/api/meetings/{meeting.slug}/rsvp/").json()["offered_until"].endswith("Z")
    assert answer(api(mo), meeting, response="accepted", version=1).json()["response"] == "accepted"


def test_a_late_retry_of_an_older_answer_is_a_conflict_that_shows_the_standing_one(api, mo, meeting):
    client = api(mo)
    answer(client, meeting, response="accepted", version=0)
    answer(client, meeting, response="declined", version=1)
    late = answer(client, meeting, response="accepted", version=0)
    assert (late.status_code, late.json()["code"], late.json()["answer"]["response"]) == (409, "newer", "declined")
    assert Rsvp.objects.get(meeting=meeting, user=mo).response == "declined"


@pytest.mark.parametrize(
    "body",
    [
        {"response": "perhaps", "version": 0},
        {"response": "accepted", "version": -1},
        {"response": None, "version": 0},
        {"response": "accepted", "version": 0, "note": "\x00"},
        {"response": "accepted", "version": 0, "nte": "Later."},
    ],
)
def test_a_strange_answer_gets_a_sentence(api, mo, meeting, body):
    assert answer(api(mo), meeting, **body).status_code == 400


def test_a_canceled_call_takes_no_answer(api, mo, carla, meeting):
    meeting.cancel(carla, "A storm.")
    refused = answer(api(mo), meeting, response="accepted", version=0)
    assert (refused.status_code, refused.json()["code"]) == (409, "cancelled")


def test_somebody_elsewhere_cannot_answer(api, olga, meeting):
    assert answer(api(olga), meeting, response="accepted", version=0).status_code == 404


def test_the_agenda_has_running_times_and_readable_papers_only(api, mo, carla, committee, elsewhere, meeting):
    mine, hidden = make_document(committee, carla), make_document(elsewhere, carla, "Not yours")
    AgendaItem.objects.create(meeting=meeting, title="Welcome", minutes=5)
    item = AgendaItem.objects.create(meeting=meeting, title="Decide", minutes=10, position=1)
    item.papers.add(mine, hidden)
    AgendaItem.objects.create(meeting=meeting, title="Open end", position=2)
    AgendaItem.objects.create(meeting=meeting, title="Last", minutes=5, position=3)
    publish_quietly(meeting)
    rows = api(mo).get(f"/api/meetings/{meeting.slug}/agenda/").json()
    assert [(row["title"], row["papers"], row["minutes"]) for row in rows] == [
        ("Welcome", [], 5),
        ("Decide", [mine.pk], 10),
        ("Open end", [], None),
        ("Last", [], 5),
    ]
    starts = [row["starts_at"] and datetime.fromisoformat(row["starts_at"]) - meeting.starts_at for row in rows]
    assert starts == [timedelta(), timedelta(minutes=5), timedelta(minutes=15), None]


def test_documents_follow_their_audience(api, mo, olga, carla, committee):
    paper = make_document(committee, carla)
    assert [row["id"] for row in api(mo).get("/api/documents/").json()["results"]] == [paper.pk]
    assert api(olga).get("/api/documents/").json()["results"] == []
    Document.objects.update(audience="members")
    assert [row["id"] for row in api(olga).get("/api/documents/").json()["results"]] == [paper.pk]


def publish(issue, **fields):
    number = Publication.objects.count()
    fields = {"title": f"Wages {number}", "dated_on": localdate(), "published_at": now()} | fields
    return Publication.objects.create(issue=issue, type="report", slug=f"wages-{number}", summary="Short.", **fields)


def test_publications_come_once_they_are_out_to_staff_as_well(api, mo, ada, issue):
    out = publish(issue, states=["NM"], author_name="Ana", external_url="https://paper.example/wages")
    touching = publish(IssueAreaFactory(slug="housing"), dated_on=localdate() - timedelta(days=1))
    touching.also_about.add(issue, IssueAreaFactory(slug="secret", published_at=None))
    hidden = [publish(issue, published_at=None), publish(issue, published_at=now() + timedelta(minutes=1))]
    hidden += [publish(IssueAreaFactory(published_at=None))]
    for person in (mo, ada):
        client = api(person)
        found = client.get("/api/publications/").json()["results"]
        assert [(row["id"], row["also_about"]) for row in found] == [(out.pk, []), (touching.pk, [issue.slug])]
        assert [client.get(f"/api/publications/{each.pk}/").status_code for each in hidden] == [404] * 3
    row = api(mo).get(f"/api/publications/{out.pk}/").json()
    assert row["url"] == f"http://testserver{out.get_absolute_url()}" and "body" not in row
    assert (row["states"], row["author"], row["picture"], row["pdf"]) == (["NM"], "Ana", None, None)


def test_publications_are_asked_for_by_issue_state_and_kind(api, mo, issue):
    out = publish(issue, states=["NM"])
    publish(IssueAreaFactory(slug="housing")).also_about.add(issue)
    IssueAreaFactory(slug="secret", published_at=None)
    for query, count in {
        f"issue={issue.slug}": 2,
        "issue=secret": 0,
        "state=nm": 1,
        "type=news": 0,
        "issue=": 2,
    }.items():
        assert api(mo).get(f"/api/publications/?{query}").json()["count"] == count, query
    assert api(mo).get("/api/publications/?state=nm").json()["results"][0]["id"] == out.pk


def test_people_come_with_office_and_without_contact_data(api, mo, olga):
    place = JurisdictionFactory(state="WI")
    facts = {"title": "Alder", "level": "city", "district": "4", "started_on": date(2024, 4, 16), "ended_on": None}
    Office.objects.create(user=olga, jurisdiction=place, **facts)
    body = api(mo).get("/api/people/?state=wi")
    office = facts | {"started_on": "2024-04-16", "jurisdiction": place.name, "state": "WI", "ocd_id": place.ocd_id}
    assert body.json()["results"] == [{"id": olga.pk, "name": "Olga Petrova", "offices": [office]}]
    assert api(mo).get(f"/api/people/{olga.pk}/").json()["offices"] == [office]
    assert olga.email not in body.content.decode()


def test_people_are_handed_out_slowly(api, mo):
    client = api(mo)
    assert {client.get("/api/people/").status_code for _ in range(60)} == {200}
    assert client.get("/api/people/").status_code == 429


@pytest.mark.parametrize(
    "query",
    [
        "starts_after=0001-01-01T00:00:00-14:00",
        "starts_after=9999-12-31T23:59:59-23:59",
        "starts_after=yesterday",
        "limit=-1&offset=99999999999999999999",
        "committee=%00",
        "starts_before=2026-01-01T00:00:00%2B99:00",
    ],
)
def test_odd_filters_never_break(api, mo, query):
    assert api(mo).get(f"/api/meetings/?{query}").status_code in (200, 400)


LISTS = ["api_meeting-list", "api_committee-list", "api_document-list", "api_person-list", "api_publication-list"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_row_and_three(
    api, mo, carla, committee, name, django_assert_max_num_queries, django_assert_num_queries
):
    def grow():
        MeetingFactory(committee=committee, by=carla)
        make_document(committee, carla)
        other = UserFactory()
        Office.objects.create(user=other, title="Alder", level="city", jurisdiction=JurisdictionFactory())
        MembershipFactory(user=mo)
        publish(committee.issue).also_about.add(IssueAreaFactory(), IssueAreaFactory())

    grow()
    client = api(mo)
    with django_assert_max_num_queries(5) as first:
        client.get(reverse(name))
    grow()
    grow()
    with django_assert_num_queries(len(first)):
        client.get(reverse(name))


def test_the_schema_is_valid_and_without_warnings(capsys):
    validate_schema(SchemaGenerator().get_schema(public=True))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("limit", ["99999999999", str(2**63), "9" * 400, "101"])
def test_nobody_gets_everybody_at_once(api, mo, limit):
    User.objects.bulk_create(
        User(name=f"Person {n:03}", email=f"many{n}@portal.example", admitted_at=mo.admitted_at) for n in range(120)
    )
    refused = api(mo).get(f"/api/people/?limit={limit}").json()
    assert (refused["status"], refused["errors"][0]["name"]) == (400, "limit")
    assert len(api(mo).get("/api/people/?limit=100").json()["results"]) == 100
    assert len(api(mo).get("/api/people/?offset=1000000000").json()["results"]) == 0
    assert len(api(mo).get("/api/people/").json()["results"]) == 50


def test_every_list_has_an_end():
    viewsets = {viewset for _prefix, viewset, _name in router.registry}
    assert {view.pagination_class.max_limit for view in viewsets if view.pagination_class} == {100}
    assert [view.__name__ for view in viewsets if view.pagination_class is None] == []


def test_a_token_of_staff_gives_no_staff_powers(sign_in, ada):
    """No second factor stands behind it."""
    hidden = CommitteeFactory(slug="hidden", confidential=True)
    holder = Client(headers={"Authorization": f"Token {AuthToken.objects.create(ada)[1]}"})
    assert holder.get("/api/me/").status_code == 200
    assert [each.get(f"/api/committees/{hidden.slug}/").status_code for each in (sign_in(ada), holder)] == [200, 404]
    assert holder.get("/staff/").status_code == 302 and holder.get("/admin/").status_code == 302
