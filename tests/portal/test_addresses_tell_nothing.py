"""Addresses and keys that one committee uses tell nothing of another, and an issue has a name when it is published."""

import re
import uuid

import pytest
from django.urls import reverse

from committees.models import Committee, IssueArea
from events.models import Meeting
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def test_the_address_of_a_call_does_not_count_those_of_other_committees(committee, elsewhere, carla):
    calls = [
        MeetingFactory(committee=place, by=carla, title="Fair workweek") for place in (committee, elsewhere, committee)
    ]
    stem = f"fair-workweek-{calls[0].local_date}"
    assert all(re.fullmatch(rf"{stem}-[a-z2-7]{{4}}", call.slug) for call in calls)
    assert len({call.slug for call in calls}) == 3


def test_an_address_that_is_taken_gets_more_letters(committee, carla):
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek")
    again = Meeting(committee=committee, title=call.title, local_date=call.local_date, uid=call.uid)
    assert again._free_slug()[:-1] == call.slug


def test_the_key_of_another_committee_is_a_key_like_any_other(committee, elsewhere, carla):
    key = uuid.uuid4()
    theirs, ours = (MeetingFactory(committee=place, by=carla, key=key) for place in (elsewhere, committee))
    assert theirs.uid != ours.uid
    assert str(key) not in theirs.uid


def test_a_call_is_scheduled_with_a_key_from_elsewhere(sign_in, carla, committee, elsewhere):
    """The page answered 500, and so told that there is such a call."""
    from_elsewhere = MeetingFactory(committee=elsewhere, by=carla, key=uuid.UUID(int=7))
    client = sign_in(carla)
    fields = {
        "title": "Ours",
        "local_date": str(from_elsewhere.local_date),
        "local_time": "15:00",
        "timezone": "America/New_York",
        "duration": "60",
        "reminders": "committee",
        "key": str(uuid.UUID(int=7)),
        "quiet": "1",
    }
    page = client.post(reverse("meeting_schedule", args=[committee.slug]), fields)
    assert page.status_code < 500


def test_an_issue_that_is_not_published_has_no_name_for_others(sign_in, client, olga, carla, committee):
    IssueArea.objects.filter(pk=committee.issue_id).update(name="Issueword", slug="issueword", published_at=None)
    committee = Committee.objects.get(pk=committee.pk)
    addresses = [committee.get_absolute_url(), reverse("committee_list"), reverse("issue_list"), "/sitemap.xml"]
    for reader in (client, sign_in(olga), sign_in(carla)):
        told = {each for each in addresses if re.search("issueword", reader.get(each).content.decode(), re.IGNORECASE)}
        assert told == set()
    api = sign_in(olga)
    assert api.get(f"/api/committees/{committee.slug}/").json()["issue"] is None
    assert api.get("/api/committees/?issue=issueword").json()["results"] == []
    IssueArea.objects.update(published_at=committee.created_at)
    assert "Issueword" in sign_in(olga).get(committee.get_absolute_url()).content.decode()
    assert api.get("/api/committees/?issue=issueword").json()["results"][0]["issue"] == "issueword"
