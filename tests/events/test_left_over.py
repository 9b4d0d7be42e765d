"""What the last call did not reach is offered for the next one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.agenda.left_over import left_over
from events.models import AgendaItem, LogEntry
from tests.access_world import make_document
from tests.factories import CallRunFactory, LogEntryFactory, MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def last(committee, carla, settings, tmp_path):
    """A call that ended before the third of its four items, and began with the first."""
    settings.MEDIA_ROOT = tmp_path
    last = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-7))
    items = [AgendaItem.add(last, carla, title=title, minutes=10) for title in ("Buses", "Rents", "Transit", "Parks")]
    AgendaItem.add(last, carla, title="Wrap up", kind="wrap_up")
    run = CallRunFactory(meeting=last, ended_at=last.ends_at)
    LogEntryFactory(run=run, kind=LogEntry.Kind.ITEM, agenda_item=items[1])
    return last


@pytest.fixture
def coming(committee, carla, mo, last):
    return MeetingFactory(committee=committee, by=carla)


def titles(meeting):
    return [item.title for item in left_over(meeting)]


def test_what_nobody_went_to_or_wrote_on_is_left_over_but_not_its_frame(carla, last, coming):
    assert titles(coming) == ["Transit", "Parks"]
    parks = last.agenda_items.get(title="Parks")
    LogEntryFactory(run=last.run, agenda_item=parks)
    assert titles(coming) == ["Transit"]
    LogEntry.objects.filter(agenda_item=parks).update(removed_at=last.ends_at)
    assert titles(coming) == ["Transit", "Parks"]


def test_of_the_last_call_that_was_run_before_it_alone(committee, elsewhere, carla, last, coming):
    assert titles(last) == []
    assert titles(MeetingFactory(committee=elsewhere)) == []
    newer = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-1))
    assert titles(coming) == ["Transit", "Parks"]  # nobody ran it
    run = CallRunFactory(meeting=newer)
    assert titles(coming) == ["Transit", "Parks"]  # it is on
    type(run).objects.filter(pk=run.pk).update(ended_at=newer.ends_at)
    assert titles(coming) == []


def test_the_builder_offers_it_and_puts_on_what_is_ticked(sign_in, carla, mo, last, coming):
    transit = last.agenda_items.get(title="Transit")
    paper = make_document(last.committee, carla)
    transit.edit(
        carla,
        description="Bring maps",
        presenter=mo,
        also_presenting=[carla, UserFactory()],
        guests="Bo Li",
        papers=[paper],
    )
    AgendaItem.add(coming, carla, title="Welcome")
    client, page = sign_in(carla), reverse("meeting_agenda", args=[coming.slug])
    assert ["Not reached last time" in client.get(page).text, "Transit" in client.get(page).text] == [True, True]
    other = last.agenda_items.get(title="Rents")
    ticked = {"item": [transit.pk, other.pk, "x"]}
    for _twice in range(2):
        client.post(reverse("agenda_carry", args=[coming.slug]), ticked)
    _welcome, item = coming.agenda_items.in_order()
    assert (item.title, item.minutes, item.description, item.presenters, list(item.papers.all())) == (
        "Transit",
        10,
        "Bring maps",
        f"{mo.name}, {carla.name} and Bo Li",
        [paper],
    )
    assert titles(coming) == ["Parks"]


def test_what_is_taken_off_again_or_was_for_a_call_that_is_canceled_is_offered_again(carla, last, coming):
    AgendaItem.carry_over(left_over(coming), coming, carla)
    assert titles(coming) == []
    coming.agenda_items.get(title="Parks").remove(carla)
    assert titles(coming) == ["Parks"]
    coming.cancel(carla, "Storm")
    assert titles(MeetingFactory(committee=last.committee, by=carla)) == ["Transit", "Parks"]


def test_two_who_carry_it_over_at_once_put_it_on_once(carla, coming):
    seen = left_over(coming)
    assert [AgendaItem.carry_over(seen, coming, carla) for _ in range(2)] == [2, 0]


def test_the_builder_asks_as_much_for_three_as_for_one(sign_in, carla, last, coming):
    client, page = sign_in(carla), reverse("meeting_agenda", args=[coming.slug])

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        return len(queries)

    last.agenda_items.get(title="Parks").remove(carla)
    asked()
    assert titles(coming) == ["Transit"]
    one = asked()
    for title in ("Parks", "Pools"):
        AgendaItem.add(last, carla, title=title, papers=[make_document(last.committee, carla, title)])
    assert (titles(coming), asked()) == (["Transit", "Parks", "Pools"], one)
