"""A member's week, by the client that .ci/client generates: my calls, my answer given, changed and taken back, papers, people.

There is no HTTP in here, and no field or parameter that the description doesn't have: a client is only as good as that is.
"""

import os
from datetime import UTC, datetime

from portal_client import AuthenticatedClient
from portal_client.api.committees import committees_list, committees_people_list
from portal_client.api.documents import documents_file_retrieve, documents_retrieve
from portal_client.api.me import me_calendar_retrieve, me_retrieve
from portal_client.api.meetings import (
    meetings_agenda_list,
    meetings_ics_retrieve,
    meetings_list,
    meetings_retrieve,
    meetings_rsvp_destroy,
    meetings_rsvp_retrieve,
    meetings_rsvp_update,
)
from portal_client.api.people import people_retrieve
from portal_client.models import Answer, AnswerGiven, AnswerRefused, AnswerStanding, MeetingsListCancelled


def week(client: AuthenticatedClient) -> None:
    me = me_retrieve.sync(client=client)
    committees = committees_list.sync(client=client, mine=True).results
    assert me.is_member and committees
    calls = meetings_list.sync(
        client=client, mine=True, upcoming=True, committee=[each.slug for each in committees]
    ).results
    assert calls and all(call.cancelled_at is None for call in calls)
    call = meetings_retrieve.sync(calls[0].slug, client=client)
    assert call.starts_at == call.local_starts_at == call.my_starts_at and call.join_url and call.ics_url
    everything = meetings_list.sync(
        client=client, cancelled=MeetingsListCancelled.ANY, updated_since=datetime(2000, 1, 1, tzinfo=UTC), limit=1
    )
    assert everything.count >= len(calls)
    answer(client, call.slug)
    assert "BEGIN:VCALENDAR" in meetings_ics_retrieve.sync(call.slug, client=client)
    assert me_calendar_retrieve.sync(client=client).feed_url.startswith("http")
    items = [item for each in calls for item in meetings_agenda_list.sync(each.slug, client=client)]
    papers = [documents_retrieve.sync(pk, client=client) for item in items for pk in item.papers]
    assert papers and documents_file_retrieve.sync(papers[0].id, client=client).payload.read()
    presenters = {item.presenter_id: item.presenter for item in items if item.presenter_id}
    assert presenters and all(people_retrieve.sync(pk, client=client).name == name for pk, name in presenters.items())
    people = committees_people_list.sync(call.committee, client=client)
    assert me.id in [person.id for person in people.results] and people.results[0].role
    print(f"{me.name}: {len(calls)} calls, {len(papers)} papers, {people.count} people")


def answer(client: AuthenticatedClient, slug: str) -> None:
    """Given, changed and taken back; a late retry of the first changes nothing."""
    seen = meetings_rsvp_retrieve.sync(slug, client=client).version
    first = Answer(response=AnswerGiven.ACCEPTED, version=seen, note="By program.")
    given = meetings_rsvp_update.sync(slug, client=client, body=first)
    changed = meetings_rsvp_update.sync(
        slug, client=client, body=Answer(response=AnswerGiven.DECLINED, version=given.version)
    )
    assert (given.response, changed.response) == (AnswerStanding.ACCEPTED, AnswerStanding.DECLINED)
    late = meetings_rsvp_update.sync(slug, client=client, body=first)
    assert isinstance(late, AnswerRefused) and late.code == "newer" and late.answer.version == changed.version
    for _again in range(2):
        gone = meetings_rsvp_destroy.sync(slug, client=client)
        assert (gone.response, gone.version) == (AnswerStanding.NEEDS_ACTION, changed.version + 1)


if __name__ == "__main__":
    with AuthenticatedClient(os.environ["API_URL"], os.environ["API_TOKEN"], raise_on_unexpected_status=True) as client:
        week(client)
