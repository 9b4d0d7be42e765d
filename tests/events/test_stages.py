"""A call is a draft, then a date to save, then published: what each door shows of its agenda, and what is told when."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.agenda.publishing import publish_agenda
from events.models import AgendaItem, AgendaPublication, Meeting
from events.models.meetings import Stage
from events.urls import urlpatterns
from members.mail.bulk import undo
from members.mail.outgoing.worker import deliver
from members.models import BulkSend, Delivery
from portal.digest import weeks_of
from tests.access_world import make_document
from tests.factories import CallRunFactory, MeetingFactory, MembershipFactory, publish_quietly
from tests.pipeline import DAY, call_in, forward

pytestmark = pytest.mark.django_db
WORD, PAPER = "What the Statehouse brings", "Paperword"
READ = import_module("events.migrations.0030_agendas_that_are_read").READ


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def call(committee, carla, mo):
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek", starts_in=timedelta(days=2))
    AgendaItem.add(call, carla, title=WORD, papers=[make_document(committee, carla, PAPER)])
    return call


def stage(call):
    return Meeting.objects.with_stage().get(pk=call.pk).stage


def shows(client, address):
    return WORD in client.get(address).content.decode().replace("<mark>", "").replace("</mark>", "")


def doors(client, person, call):
    """Where this reader finds what is on the agenda."""
    pages = {
        "home": reverse("home"),
        "committee": call.committee.get_absolute_url(),
        "call": call.get_absolute_url(),
        "print": reverse("meeting_print", args=[call.slug]),
        "run": reverse("meeting_run", args=[call.slug]),
        "search": f"{reverse('search')}?q=statehouse",
        "API": f"/api/meetings/{call.slug}/agenda/",
    }
    found = {name for name, address in pages.items() if shows(client, address)}
    if person and weeks_of([person.pk])[person.pk].papers(call):
        found.add("weekly summary")
    return found


WRITING = {"call", "print", "run", "search", "API"}
READING = {"home", "committee", "call", "print", "search", "API", "weekly summary"}
HELD = timedelta(minutes=1)


@pytest.mark.parametrize("published", ["never", "held", "taken back"])
def test_until_it_is_published_only_those_who_write_an_agenda_find_it(sign_in, call, carla, mo, olga, stu, published):
    secretary = MembershipFactory(committee=call.committee, role=Membership.Role.SECRETARY).user
    if published != "never":
        publish_quietly(call)
    if published == "held":
        AgendaPublication.objects.update(published_at=timezone.now() + HELD)
    elif published == "taken back":
        AgendaPublication.objects.update(taken_back_at=Now())
    assert stage(call) == Stage.SAVE_THE_DATE
    found = {who: doors(sign_in(who), who, call) - {"weekly summary"} for who in (mo, secretary, olga)}
    assert found == {mo: set(), secretary: set(), olga: set()}
    assert doors(Client(), None, call) == set()
    assert doors(sign_in(carla), carla, call) - {"weekly summary"} == WRITING
    assert doors(sign_in(stu), stu, call) - {"weekly summary"} == WRITING
    assert ("weekly summary" in doors(sign_in(mo), mo, call)) == (published == "held")  # it leaves after the hold


def test_no_address_of_the_call_says_to_its_secretary_what_is_on_it(sign_in, call, carla):
    secretary = MembershipFactory(committee=call.committee, role=Membership.Role.SECRETARY).user
    client = sign_in(secretary)
    routes = [str(each.pattern) for each in urlpatterns if str(each.pattern).startswith("calls/<slug:slug>")]
    addresses = {f"/{route}".replace("<slug:slug>", call.slug) for route in routes if route.count("<") == 1}
    addresses |= {f"/api/meetings/{call.slug}/{part}" for part in ("", "agenda/", "attendance/", "ics/", "rsvp/")}
    assert len(addresses) > 30
    assert {at for at in addresses if _says(client, at)} == set()
    assert _says(sign_in(carla), reverse("meeting_agenda", args=[call.slug]))


def _says(client, address):
    response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return WORD.encode() in body


def test_once_it_is_published_its_committee_finds_it_behind_all(sign_in, call, carla, mo, olga):
    publish_quietly(call)
    assert stage(call) == Stage.PUBLISHED
    assert doors(sign_in(mo), mo, call) == READING
    assert doors(sign_in(carla), carla, call) == READING | {"run"}
    assert doors(sign_in(olga), olga, call) == doors(Client(), None, call) == set()


def test_what_is_published_of_a_draft_is_read_when_its_invitation_goes(sign_in, call, carla, mo):
    publish_quietly(call)
    Meeting.objects.update(told_at=timezone.now() + HELD)
    assert (stage(call), doors(sign_in(mo), mo, call) - {"weekly summary"}) == (Stage.DRAFT, set())
    Meeting.objects.update(told_at=timezone.now() - HELD)
    assert (stage(call), doors(sign_in(mo), mo, call)) == (Stage.PUBLISHED, READING)


def test_a_call_that_was_begun_shows_what_it_is_on(sign_in, committee, carla, mo):
    call = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(minutes=-1))
    CallRunFactory(meeting=call)
    AgendaItem.add(call, carla, title=WORD)
    assert stage(call) == Stage.PUBLISHED
    assert {"call", "API", "search"} <= doors(sign_in(mo), mo, call)


def test_the_api_says_the_stage_and_the_list_costs_the_same(sign_in, call, mo, django_assert_num_queries):
    client = sign_in(mo)
    assert client.get(f"/api/meetings/{call.slug}/").json()["stage"] == "save_the_date"
    publish_quietly(call)
    assert client.get(f"/api/meetings/{call.slug}/").json()["stage"] == "published"


def test_writing_an_agenda_is_no_change_of_the_call_until_it_is_published(sign_in, call, carla, mo):
    Meeting.objects.update(updated_at=timezone.now() - timedelta(days=2), told_at=timezone.now() - timedelta(days=2))
    client, since = sign_in(mo), {"updated_since": (timezone.now() - timedelta(days=1)).isoformat()}
    AgendaItem.add(call, carla, title="One more")
    assert client.get("/api/meetings/", since).json()["results"] == []
    publish_quietly(call)
    assert [found["slug"] for found in client.get("/api/meetings/", since).json()["results"]] == [call.slug]


# Telling -----------------------------------------------------------------------------------------------


@pytest.fixture
def draft(committee, carla, mo):
    call = call_in(DAY + 30, committee, carla)
    Meeting.objects.update(told_at=None)
    AgendaItem.add(call, carla, title=WORD, minutes=10)
    return Meeting.objects.get(pk=call.pk)


def tell(client, address, **typed):
    preview = client.post(address, typed)
    seen = preview.context["preview"].fingerprint
    client.post(address, typed | {"fingerprint": seen, "send": "1"})
    return preview.text


def go():
    """The hold is over."""
    forward(2)
    Meeting.objects.filter(told_at__gt=Now()).update(told_at=Now())
    AgendaPublication.objects.filter(published_at__gt=Now()).update(published_at=Now())
    deliver()


def mail_to(smtp, person):
    return smtp.to(person.email)[-1].message.get_body(("plain",)).get_content()


def test_a_date_to_save_is_told_without_its_agenda_and_the_agenda_by_one_mail_of_its_own(
    smtp, sign_in, draft, carla, mo, settings
):
    settings.MAIL_HOLD_OVER = 1
    client = sign_in(carla)
    assert "Save the date only" in client.get(draft.get_absolute_url()).text
    assert "Save the date only" in client.get(reverse("meeting_agenda", args=[draft.slug])).text
    preview = tell(client, reverse("meeting_tell", args=[draft.slug]), agenda="later")
    assert ("They save the date." in preview, WORD in preview) == (True, False)
    go()
    text = mail_to(smtp, mo)
    assert ("The agenda follows." in text, WORD in text, stage(draft)) == (True, False, Stage.SAVE_THE_DATE)
    assert "Members don’t see it until you publish it." in client.get(draft.get_absolute_url()).text
    tell(client, reverse("meeting_agenda_publish", args=[draft.slug]))
    assert stage(draft) == Stage.SAVE_THE_DATE  # while its mail can be taken back
    go()
    assert (WORD in mail_to(smtp, mo), stage(draft)) == (True, Stage.PUBLISHED)
    assert [mail.message["Subject"][:6] for mail in smtp.to(mo.email)] == ["Can yo", "Agenda"]


def test_an_invitation_can_bring_the_agenda(smtp, sign_in, draft, carla, mo):
    client = sign_in(carla)
    assert "Invite with the agenda" in client.get(draft.get_absolute_url()).text
    assert WORD in tell(client, reverse("meeting_tell", args=[draft.slug]))
    go()
    text = mail_to(smtp, mo)
    assert ("The agenda follows." in text, WORD in text, stage(draft)) == (False, True, Stage.PUBLISHED)
    assert len(smtp.to(mo.email)) == 1


def test_a_draft_without_items_has_but_a_date_to_save(smtp, sign_in, committee, carla, mo):
    call = call_in(DAY + 30, committee, carla)
    Meeting.objects.update(told_at=None)
    client = sign_in(carla)
    assert "Save the date only" not in client.get(call.get_absolute_url()).text
    tell(client, reverse("meeting_tell", args=[call.slug]))
    go()
    assert ("The agenda follows." in mail_to(smtp, mo), stage(call)) == (True, Stage.SAVE_THE_DATE)


def test_taken_back_an_agenda_is_unseen_again(sign_in, draft, carla, mo, settings):
    settings.MAIL_HOLD_OVER = 1
    Meeting.objects.update(told_at=timezone.now() - HELD)
    client = sign_in(carla)
    tell(client, reverse("meeting_agenda_publish", args=[draft.slug]))
    undo.undo(BulkSend.objects.get(), carla)
    AgendaPublication.objects.update(published_at=Now() - HELD)
    assert (stage(draft), WORD in sign_in(mo).get(draft.get_absolute_url()).text) == (Stage.SAVE_THE_DATE, False)


def test_reminders_bring_no_agenda_that_nobody_is_told_of(smtp, committee, carla, mo):
    call = call_in(DAY - 1, committee, carla)
    AgendaItem.add(call, carla, title=WORD, papers=[make_document(committee, carla, PAPER)])
    Delivery.objects.create(recipient=mo, kind="reminder", about=call.about, dedupe_key="reminder:0", offset=DAY)
    deliver()
    text = mail_to(smtp, mo)
    assert (WORD in text, PAPER in text) == (False, False)


def test_an_upgrade_leaves_what_was_read_readable_and_its_next_publication_tells_all(call, carla, mo):
    draft = MeetingFactory(committee=call.committee, by=carla, told_at=None)
    AgendaItem.add(draft, carla, title="Not yet")
    empty = MeetingFactory(committee=call.committee, by=carla)
    for _twice in range(2):
        with connection.cursor() as cursor:
            cursor.execute(READ)
    assert [stage(each) for each in (call, draft, empty)] == [Stage.PUBLISHED, Stage.DRAFT, Stage.SAVE_THE_DATE]
    assert AgendaPublication.objects.count() == 1
    assert publish_agenda(call, carla).snapshot["items"][0]["title"] == WORD
