"""An agenda kept under a name, and calls that start from it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from events.models import AgendaItem, AgendaTemplate, JointCommittee
from tests.access_world import make_document
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(committee, carla, mo, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call = MeetingFactory(committee=committee, by=carla)
    AgendaItem.add(call, carla, title="Welcome", kind="opening", minutes=5, presenter=mo, guests="Bo Li")
    paper = make_document(committee, carla)
    AgendaItem.add(call, carla, title="Bylaws", kind="decision", description="Read article 4", papers=[paper])
    return call


@pytest.fixture
def coming(committee, carla):
    return MeetingFactory(committee=committee, by=carla)


def address(name, *arguments):
    return reverse(f"agenda_template_{name}", args=arguments)


def listed(meeting):
    return list(meeting.agenda_items.values_list("position", "title", "kind", "minutes", "description"))


def test_a_call_starts_from_what_another_kept_but_for_people_and_papers(sign_in, carla, call, coming):
    client = sign_in(carla)
    client.post(address("save", call.slug), {"template-name": "Monthly call"})
    template = AgendaTemplate.objects.get()
    assert "Monthly call" in client.get(reverse("meeting_agenda", args=[coming.slug])).content.decode()
    client.post(address("start", coming.slug, template.pk))
    assert listed(coming) == listed(call)
    first, second = coming.agenda_items.all()
    assert (first.presenter, first.guests, second.papers.count()) == (None, "", 0)
    client.post(address("start", coming.slug, template.pk))
    assert coming.agenda_items.count() == 2


def test_under_the_same_name_it_is_written_over(carla, call, coming):
    first = AgendaTemplate.save_from(call, "Monthly call", carla)
    AgendaItem.add(coming, carla, title="Rents")
    assert AgendaTemplate.save_from(coming, "monthly CALL", carla) == first
    assert [row["title"] for row in AgendaTemplate.objects.get().items] == ["Rents"]
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaTemplate.objects.create(committee=call.committee, name="MONTHLY call")


def test_one_that_was_removed_comes_back_unless_its_name_was_taken(sign_in, carla, call, coming):
    template = AgendaTemplate.save_from(call, "Monthly call", carla)
    client = sign_in(carla)
    page = client.post(address("remove", coming.slug, template.pk), follow=True).content.decode()
    assert address("back", coming.slug, template.pk) in page
    assert not AgendaTemplate.objects.kept_by(call.committee_id).exists()
    client.post(address("back", coming.slug, template.pk))
    assert AgendaTemplate.objects.kept_by(call.committee_id).get() == template
    template.forget(carla)
    AgendaTemplate.save_from(call, "Monthly call", carla)
    assert not template.bring_back(carla)


def test_a_committee_keeps_so_many_and_of_an_empty_agenda_none(carla, call, coming, monkeypatch):
    monkeypatch.setattr(AgendaTemplate, "MOST", 1)
    AgendaTemplate.save_from(call, "Monthly call", carla)
    for meeting, code in ((call, "too_many"), (coming, "empty")):
        with pytest.raises(ValidationError) as refused:
            AgendaTemplate.save_from(meeting, "Retreat", carla)
        assert refused.value.code == code


def test_a_mistake_in_the_name_says_so_and_keeps_what_was_typed(sign_in, carla, call):
    client = sign_in(carla)
    long = "Monthly " * 10
    page = client.post(
        address("save", call.slug), {"template-name": long}, follow=True, headers={"accept": "text/html"}
    )
    assert "Shorten this to 60 characters" in page.content.decode()
    assert long.strip() in page.content.decode()


def test_they_are_for_those_alone_who_lead_the_host(sign_in, call, coming, elsewhere, carla, chet, olga):
    """Chet chairs a committee that shares the call: he builds its agenda, and the host's templates are not his."""
    template = AgendaTemplate.save_from(call, "Monthly call", carla)
    JointCommittee.objects.create(meeting=coming, committee=elsewhere)
    theirs = MeetingFactory(committee=elsewhere, by=chet)
    client = sign_in(chet)
    page = client.get(reverse("meeting_agenda", args=[coming.slug]))
    assert (page.status_code, "Monthly call" in page.content.decode()) == (200, False)
    for name, arguments in (("save", []), ("start", [template.pk]), ("remove", [template.pk]), ("back", [template.pk])):
        assert client.post(address(name, coming.slug, *arguments), {"template-name": "Mine"}).status_code == 403, name
        assert sign_in(olga).post(address(name, coming.slug, *arguments)).status_code == 403, name
    assert client.post(address("start", theirs.slug, template.pk)).status_code == 404
