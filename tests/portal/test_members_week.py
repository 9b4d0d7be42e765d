"""A member's week over the API: what concerns me, what I may open with my token, my answer given and taken back."""

from datetime import date, time, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from knox.models import AuthToken
from rest_framework.test import APIClient

from committees.models import Document, DocumentVersion, Membership
from events.models import AgendaItem, AgendaPublication, CalendarFeed, Meeting, Rsvp, RsvpAnswer
from members.models import Delivery, User
from members.rest.described import description
from tests.access_world import make_document
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, UserFactory, publish_quietly


def holder(person: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(person)[1]}")
    return client


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def mine(mo) -> APIClient:
    return holder(mo)


def slugs(client: APIClient, query: str = "") -> list[str]:
    return [row["slug"] for row in client.get(f"/api/meetings/?{query}").json()["results"]]


def row_of(client: APIClient, call: Meeting) -> dict:
    return client.get(f"/api/meetings/{call.slug}/").json()


# Which calls --------------------------------------------------------------------------------------------


def test_mine_are_those_of_my_committees_and_those_i_answered(mine, mo, chet, meeting, elsewhere):
    other, answered = (MeetingFactory(committee=elsewhere, by=chet, public=True) for _ in range(2))
    Rsvp.objects.create(meeting=answered, user=mo, edition=answered.edition, response="accepted")
    assert set(slugs(mine, "mine=true")) == {meeting.slug, answered.slug}
    assert slugs(mine, "mine=false") == [other.slug]
    assert set(slugs(mine)) == {meeting.slug, answered.slug, other.slug}


def test_an_answer_opens_no_call_that_i_may_not_see(mine, mo, chet, meeting, elsewhere):
    hidden = MeetingFactory(committee=elsewhere, by=chet)
    Rsvp.objects.create(meeting=hidden, user=mo, edition=hidden.edition, response="accepted")
    assert slugs(mine, "mine=true") == [meeting.slug]


def test_an_answer_that_was_taken_back_makes_no_call_mine(mine, mo, chet, meeting, elsewhere):
    other = MeetingFactory(committee=elsewhere, by=chet, public=True)
    Rsvp.objects.create(meeting=other, user=mo, edition=other.edition, response="needs_action")
    assert slugs(mine, "mine=true") == [meeting.slug]
    assert slugs(mine, "mine=false") == [other.slug]


def test_canceled_calls_are_left_out_unless_asked_for_and_found_by_name(mine, carla, committee, meeting):
    off = MeetingFactory(committee=committee, by=carla)
    off.cancel(carla, "A storm.")
    assert slugs(mine) == slugs(mine, "cancelled=false") == [meeting.slug]
    assert slugs(mine, "cancelled=true") == [off.slug]
    assert set(slugs(mine, "cancelled=any")) == {meeting.slug, off.slug}
    assert mine.get("/api/meetings/?cancelled=perhaps").status_code == 400
    assert row_of(mine, off)["cancel_reason"] == "A storm."
    assert mine.get(f"/api/meetings/{off.slug}/agenda/").status_code == 200


def test_several_committees_are_named_again_or_with_commas(mine, mo, carla, committee, meeting):
    others = [CommitteeFactory(), CommitteeFactory()]
    calls = {place.slug: MeetingFactory(committee=place, by=carla).slug for place in others}
    papers = {place.slug: make_document(place, carla).pk for place in others}
    for place in others:
        MembershipFactory(committee=place, user=mo)
    first, second = calls
    for query in (
        f"committee={first}&committee={second}",
        f"committee={first},{second}",
        f"committee={first},{first}&committee={second}",
    ):
        assert set(slugs(mine, query)) == set(calls.values())
        found = mine.get(f"/api/documents/?{query}").json()["results"]
        assert {row["id"] for row in found} == set(papers.values())
    assert slugs(mine, f"committee={committee.slug}") == [meeting.slug]
    assert slugs(mine, "committee=nowhere") == []
    assert {mine.get("/api/meetings/", {"committee": odd}).status_code for odd in ("", ",", "a,,b", "ä")} == {400}


def test_what_changed_since_is_asked_for_by_a_moment(mine, carla, committee, meeting):
    Meeting.objects.update(updated_at=now() - timedelta(days=2), told_at=now() - timedelta(days=2))
    since = (now() - timedelta(hours=1)).strftime("updated_since=%Y-%m-%dT%H:%M:%SZ")
    assert slugs(mine, since) == []
    before = row_of(mine, meeting)["updated_at"]
    meeting.edit(carla, title="Another topic")
    assert (slugs(mine, since), row_of(mine, meeting)["updated_at"] > before) == ([meeting.slug], True)
    Meeting.objects.update(updated_at=now() - timedelta(days=2))
    meeting.cancel(carla, "A storm.")
    assert (slugs(mine, since), slugs(mine, f"{since}&cancelled=any")) == ([], [meeting.slug])


def test_a_call_changed_when_its_agenda_did(mine, carla, committee, meeting):
    first, second = (AgendaItem.add(meeting, carla, title=title) for title in ("Wages", "Hours"))
    publish_quietly(meeting)
    AgendaPublication.objects.update(published_at=now() - timedelta(days=2))
    acts = [lambda: second.edit(carla, minutes=10), lambda: second.shift(carla, -1), lambda: first.remove(carla)]
    for act in (*acts, lambda: first.restore(carla)):
        Meeting.objects.update(updated_at=now() - timedelta(days=2), told_at=now() - timedelta(days=2))
        AgendaItem.with_removed.update(changed_at=now() - timedelta(days=2))
        since = (now() - timedelta(hours=1)).strftime("updated_since=%Y-%m-%dT%H:%M:%SZ")
        assert slugs(mine, since) == []
        act()
        assert slugs(mine, since) == [meeting.slug]


def test_a_call_changed_when_a_paper_on_its_agenda_did(mine, carla, committee, meeting):
    item, paper = AgendaItem.add(meeting, carla, title="Wages"), make_document(committee, carla)
    item.papers.add(paper)
    other = MeetingFactory(committee=committee, by=carla)
    AgendaItem.add(other, carla, title="Hours").papers.add(make_document(committee, carla))
    since = (now() - timedelta(hours=1)).strftime("updated_since=%Y-%m-%dT%H:%M:%SZ")

    def days_pass():
        before = now() - timedelta(days=2)
        Meeting.objects.update(updated_at=before, told_at=before)
        AgendaItem.with_removed.update(changed_at=before)
        DocumentVersion.objects.update(uploaded_at=before)
        AgendaPublication.objects.update(published_at=before)

    for call in (meeting, other):
        publish_quietly(call)
    days_pass()
    assert slugs(mine, since) == []
    newer = DocumentVersion.objects.get(document=paper)
    newer.pk, newer._state.adding = None, True
    paper.add_version(newer, carla)
    assert slugs(mine, since) == [meeting.slug]
    days_pass()
    paper.withdraw(carla)
    assert slugs(mine, since) == [meeting.slug]
    item.remove(carla)
    days_pass()
    assert slugs(mine, since) == [], "what happens to a paper that nobody is shown there is no news"


def test_a_call_changed_when_its_committee_came_to_know_of_it(mine, carla, committee, meeting):
    """Else whoever asks what changed since yesterday would never hear of what was written a week ago and told today."""
    long_ago, yesterday = now() - timedelta(days=7), (now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    Meeting.objects.update(updated_at=long_ago, told_at=None)
    assert slugs(mine, f"updated_since={yesterday}") == []
    Meeting.objects.update(told_at=now())
    assert slugs(mine, f"updated_since={yesterday}") == [meeting.slug]


# What a call says ---------------------------------------------------------------------------------------


def test_a_call_is_told_in_its_own_zone_and_in_mine(mine, mo, carla, committee):
    User.objects.filter(pk=mo.pk).update(timezone="America/Los_Angeles")
    day = date(now().year + 1, 1, 14)
    call = MeetingFactory(
        committee=committee, by=carla, local_date=day, local_time=time(18), timezone="America/Chicago", duration=90
    )
    row = row_of(mine, call)
    assert {name: row[name] for name in row if name.endswith(("starts_at", "ends_at"))} == {
        "starts_at": f"{day + timedelta(days=1)}T00:00:00Z",
        "ends_at": f"{day + timedelta(days=1)}T01:30:00Z",
        "local_starts_at": f"{day}T18:00:00-06:00",
        "local_ends_at": f"{day}T19:30:00-06:00",
        "my_starts_at": f"{day}T16:00:00-08:00",
        "my_ends_at": f"{day}T17:30:00-08:00",
    }


def test_the_addresses_of_a_call_lead_to_it(mine, sign_in, mo, meeting):
    row = row_of(mine, meeting)
    assert mine.get(row["url"]).json() == row
    assert sign_in(mo).get(urlsplit(row["html_url"]).path).status_code == 200


def test_whoever_may_join_reads_where_as_on_the_page_and_nobody_else(
    sign_in, mo, olga, carla, chet, stu, ada, committee, meeting
):
    hidden = CommitteeFactory(confidential=True)
    inside = MembershipFactory(committee=hidden).user
    calls = [
        meeting,
        MeetingFactory(committee=committee, by=carla, public=True),
        MeetingFactory(committee=hidden, by=carla),
        MeetingFactory(committee=hidden, by=carla, public=True),
        MeetingFactory(committee=committee, by=carla, told_at=None),
    ]
    for reader in map(sign_in, (mo, olga, carla, chet, stu, ada, inside)):
        for call in calls:
            asked = reader.get(f"/api/meetings/{call.slug}/")
            page = reader.get(reverse("meeting_join", args=[call.slug]))
            assert bool(asked.status_code == 200 and asked.json()["join_url"]) == (page.status_code == 200)
    assert row_of(holder(mo), meeting)["join_url"].endswith(f"/calls/{meeting.slug}/join")


def test_nobody_joins_a_canceled_call_or_one_without_video(mine, carla, committee, meeting):
    dry = MeetingFactory(committee=committee, by=carla, video_url="")
    meeting.cancel(carla, "A storm.")
    assert [row_of(mine, call)["join_url"] for call in (dry, meeting)] == [None, None]


def entry(file: HttpResponse) -> list[bytes]:
    """But for the second it was made in."""
    return [line for line in file.content.splitlines() if not line.startswith(b"DTSTAMP")]


def test_the_calendar_file_comes_with_the_token_to_whom_the_page_gives_it(
    sign_in, mo, olga, carla, chet, ada, committee, meeting
):
    public = MeetingFactory(committee=committee, by=carla, public=True)
    draft = MeetingFactory(committee=committee, by=carla, told_at=None)
    for person in (mo, olga, carla, chet, ada):
        reader = sign_in(person)
        for call in (meeting, public, draft):
            page, file = (
                reader.get(reverse("meeting_ics", args=[call.slug])),
                reader.get(f"/api/meetings/{call.slug}/ics/"),
            )
            shown = reader.get(f"/api/meetings/{call.slug}/")
            assert (file.status_code == 200) == (page.status_code == 200)
            assert bool(shown.status_code == 200 and shown.json()["ics_url"]) == (page.status_code == 200)
            assert file.status_code != 200 or entry(file) == entry(page)
    address = row_of(holder(mo), meeting)["ics_url"]
    file = holder(mo).get(address, headers={"Accept": "text/calendar"})
    assert (file.status_code, file["Content-Type"]) == (200, "text/calendar; charset=utf-8")


def test_my_feed_address_opens_my_calls_until_i_make_another(mine, mo, ana, ada, sign_in, meeting):
    address = urlsplit(mine.get("/api/me/calendar/").json()["feed_url"]).path
    assert meeting.uid in Client().get(address).content.decode().replace("\r\n ", "")
    assert CalendarFeed.objects.count() == 0  # showing it stores nothing
    CalendarFeed.renew(mo)
    assert Client().get(address).status_code == 404
    assert mine.get("/api/me/calendar/").json()["webcal_url"].startswith("webcal://")
    assert sign_in(ana).get("/api/me/calendar/").status_code == 403


def test_who_presents_is_named_by_id(mine, carla, meeting):
    AgendaItem.objects.create(meeting=meeting, title="Decide", presenter=carla)
    AgendaItem.objects.create(meeting=meeting, title="Nobody yet", position=1)
    publish_quietly(meeting)
    rows = mine.get(f"/api/meetings/{meeting.slug}/agenda/").json()
    assert [(row["presenter"], row["presenter_id"]) for row in rows] == [(carla.name, carla.pk), (None, None)]
    assert mine.get(f"/api/people/{carla.pk}/").json()["name"] == carla.name


# Papers and people --------------------------------------------------------------------------------------


def test_a_paper_comes_with_the_token_to_its_readers_alone(mine, mo, olga, carla, committee):
    paper = make_document(committee, carla)
    address = mine.get("/api/documents/").json()["results"][0]["file"]
    for accept in ("application/octet-stream", "application/json", "text/html", "*/*"):
        file = mine.get(address, headers={"Accept": accept})
        assert (file.status_code, b"".join(file.streaming_content)) == (200, b"A plain paper.")
        assert (file["Content-Type"], file["Cache-Control"], file["Content-Disposition"]) == (
            "application/octet-stream",
            "private, no-store",
            'attachment; filename="paper.txt"',
        )
    refused = holder(olga).get(address, headers={"Accept": "application/octet-stream"})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert Client().get(urlsplit(address).path).status_code == 401
    paper.withdraw(carla)
    assert mine.get(address).status_code == 404
    Document.objects.update(withdrawn_at=None, audience="members")
    assert holder(olga).get(address).status_code == 200


def test_the_people_of_a_committee_come_with_their_part_to_those_on_it(mine, sign_in, mo, olga, ada, carla, committee):
    hidden = CommitteeFactory(confidential=True)
    address = f"/api/committees/{committee.slug}/people/"
    rows = mine.get(address).json()
    seats = {seat.user_id: seat for seat in committee.memberships.all()}
    assert rows["count"] == len(seats)
    assert rows["results"][0] == {
        "id": carla.pk,
        "name": carla.name,
        "role": "chair",
        "since": str(seats[carla.pk].started_on),
        "office": "",
    }
    assert carla.email not in mine.get(address).content.decode()
    assert (holder(olga).get(address).status_code, sign_in(ada).get(address).status_code) == (403, 200)
    assert mine.get(f"/api/committees/{hidden.slug}/people/").status_code == 404


def test_the_people_of_a_committee_are_handed_out_slowly(mine, committee):
    address = f"/api/committees/{committee.slug}/people/"
    assert {mine.get(address).status_code for _ in range(60)} == {200}
    assert mine.get(address).status_code == 429
    assert mine.get(f"/api/committees/{committee.slug}/").status_code == 200


# My answer ----------------------------------------------------------------------------------------------


def put(client: APIClient, call: Meeting, response: str, version: int):
    return client.put(f"/api/meetings/{call.slug}/rsvp/", {"response": response, "version": version}, format="json")


def take_back(client: APIClient, call: Meeting, query: str = ""):
    return client.delete(f"/api/meetings/{call.slug}/rsvp/{query}")


def test_an_answer_is_taken_back_as_undo_does_it_and_only_once(mine, mo, meeting):
    put(mine, meeting, "accepted", 0)
    first = take_back(mine, meeting)
    assert (first.status_code, first.json()["response"], first.json()["version"]) == (200, "needs_action", 2)
    assert take_back(mine, meeting).json() == first.json()
    assert row_of(mine, meeting)["my_response"] in (None, "needs_action")
    assert list(RsvpAnswer.objects.values_list("response", "source")) == [("needs_action", "api"), ("accepted", "api")]
    assert put(mine, meeting, "declined", 2).json()["response"] == "declined"


def test_taking_back_writes_and_tells_what_the_page_does(mine, mo, sign_in, meeting):
    put(mine, meeting, "accepted", 0)
    told = Delivery.objects.count()
    take_back(mine, meeting)
    assert Delivery.objects.count() == told
    put(mine, meeting, "accepted", 2)
    told = Delivery.objects.count()
    sign_in(mo).post(reverse("meeting_rsvp", args=[meeting.slug]), {"answer": "needs_action", "version": "3"})
    assert Delivery.objects.count() == told
    page, _again, door, _first = RsvpAnswer.objects.values("rsvp", "edition", "response", "note", "answered_by")
    assert page == door


def test_without_an_answer_nothing_is_written(mine, meeting):
    with CaptureQueriesContext(connection) as asked:
        taken = take_back(mine, meeting)
    assert (taken.status_code, taken.json()["response"], taken.json()["version"]) == (200, "needs_action", 0)
    assert [each["sql"] for each in asked if each["sql"].lstrip().startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert not Rsvp.objects.exists()


def test_a_newer_answer_than_the_one_named_stands(mine, mo, meeting):
    put(mine, meeting, "accepted", 0)
    put(mine, meeting, "declined", 1)
    late = take_back(mine, meeting, "?version=0")
    assert (late.status_code, late.json()["code"], late.json()["answer"]["response"]) == (409, "newer", "declined")
    assert take_back(mine, meeting, "?version=-1").status_code == 400
    assert take_back(mine, meeting, "?version=2").status_code == 200
    assert Rsvp.objects.get(meeting=meeting, user=mo).response == "needs_action"


def test_the_version_may_be_left_out_as_described():
    taking = description()["paths"]["/api/meetings/{slug}/rsvp/"]["delete"]
    assert [each.get("required", False) for each in taking["parameters"] if each["name"] == "version"] == [False]


def test_an_answer_to_an_earlier_time_is_none_already(mine, mo, carla, meeting):
    put(mine, meeting, "accepted", 0)
    meeting.move(
        carla,
        local_date=meeting.local_date + timedelta(days=1),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
        reason="Hearings",
    )
    assert take_back(mine, meeting).json()["response"] == "needs_action"
    assert Rsvp.objects.get(meeting=meeting, user=mo).version == 1


def test_whoever_may_not_answer_may_not_take_back(mine, mo, olga, ada, sign_in, carla, committee, meeting):
    public = MeetingFactory(committee=committee, by=carla, public=True)
    assert take_back(holder(olga), meeting).status_code == 404
    assert take_back(holder(olga), public).status_code == 403
    assert take_back(sign_in(ada), meeting).status_code == 403
    put(mine, meeting, "accepted", 0)
    meeting.cancel(carla, "A storm.")
    refused = take_back(mine, meeting)
    assert (refused.status_code, refused.json()["code"]) == (409, "cancelled")
    Membership.objects.filter(user=mo).update(ended_on=date(2020, 1, 2), started_on=date(2020, 1, 1))
    assert take_back(mine, meeting).status_code == 404
    assert Rsvp.objects.get(meeting=meeting, user=mo).response == "accepted"


# What it costs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/api/meetings/?mine=true&cancelled=any&updated_since=2020-01-01T00:00:00Z",
        "/api/meetings/?committee={committee},x&mine=false",
        "/api/committees/{committee}/people/",
        "/api/meetings/{call}/agenda/",
        "/api/documents/?committee={committee}",
    ],
)
def test_a_list_costs_the_same_for_one_row_and_three(mine, carla, chet, committee, elsewhere, meeting, address):
    def grow():
        presenter = MembershipFactory(committee=committee).user
        MeetingFactory(committee=committee, by=carla)
        MeetingFactory(committee=elsewhere, by=chet, public=True)
        item = AgendaItem.objects.create(meeting=meeting, title="Item", presenter=presenter)
        item.papers.add(make_document(committee, carla))
        UserFactory()

    publish_quietly(meeting)
    address = address.format(committee=committee.slug, call=meeting.slug)
    grow()
    with CaptureQueriesContext(connection) as first:
        assert mine.get(address).status_code == 200
    grow()
    grow()
    with CaptureQueriesContext(connection) as third:
        mine.get(address)
    assert len(third) == len(first) <= 6
