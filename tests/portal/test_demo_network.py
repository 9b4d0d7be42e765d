"""The demo network: a story that stays true however often it is told, and a crowd in proportion."""

import gzip
import io
import re
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from committees.documents.uploads import sniff
from committees.mailings.sending import Progress
from committees.models import (
    Announcement,
    Committee,
    Document,
    DocumentVersion,
    IssueArea,
    JoinRequest,
    Mailing,
    Membership,
    Publication,
)
from events.agenda.left_over import left_over
from events.agenda.publishing import publication_state
from events.models import AgendaItem, AgendaPublication, CallRun, Meeting, Rsvp, RsvpAnswer
from events.models.meetings import Stage
from events.models.runs import Following
from members.models import Application, AuditEntry, Delivery, Jurisdiction, Office, User
from portal import bundles, searching
from portal.bundles import STATIC
from portal.demo import crowd, loading

pytestmark = pytest.mark.timeout(300)  # the demo is loaded once for the file
COUNTED = (
    User,
    Office,
    IssueArea,
    Publication,
    Committee,
    Membership,
    JoinRequest,
    Document,
    DocumentVersion,
    Application,
    Meeting,
    AgendaItem,
    Rsvp,
    RsvpAnswer,
    AuditEntry,
)
PEOPLE = ("teresa", "denise", "marcus", "jonah", "priya", "newcomer", "admin")


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


@pytest.fixture(scope="module")
def loaded(once_a_file, load_demo, tmp_path_factory):
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield load_demo()


@pytest.fixture
def told(loaded, db) -> loading.Loaded:
    return loaded


@pytest.fixture
def economic_justice(told) -> Committee:
    return Committee.objects.get(slug="economic-justice")


@pytest.fixture
def fair_workweek(economic_justice) -> Meeting:
    return economic_justice.meetings.upcoming().first()


def test_loading_twice_adds_nothing(told):
    before = counts()
    assert loading.load() == loading.Loaded(new=False, calls=0)
    assert counts() == before


def test_the_people_of_the_contract_exist(told):
    found = set(
        User.objects.filter(email__in=[f"{name}@portal.example" for name in PEOPLE]).values_list("email", flat=True)
    )
    assert found == {f"{name}@portal.example" for name in PEOPLE}
    roles = {user.email: user.roles for user in User.objects.with_standing().filter(appointments__isnull=False)}
    assert roles["jonah@portal.example"] == ["membership"]
    assert roles["priya@portal.example"] == ["organizer"]
    assert roles["admin@portal.example"] == ["admin"]


def test_a_word_of_the_next_agenda_is_found(fair_workweek):
    found = searching.everything("statehouse", User.objects.get(email="teresa@portal.example"))
    titles = {group.kind.name: [thing.title for thing in group.things] for group in found}
    assert "Statehouse watch: what moved, what died" in titles["agenda_item"]
    assert found[0].kind.name == "agenda_item"
    assert fair_workweek.agenda_items.filter(title__in=titles["agenda_item"]).exists()


def test_everybody_can_be_reached_only_at_example_addresses(told):
    assert not User.objects.exclude(email__endswith=".example").exists()


def test_economic_justice_is_an_issue_and_a_committee(economic_justice):
    assert economic_justice.issue == IssueArea.objects.get(slug="economic-justice")
    assert IssueArea.objects.exclude(published_at=None).count() == 7
    assert economic_justice.join_policy == Committee.JoinPolicy.OPEN
    assert Committee.objects.get(slug="immigrant-rights").join_policy == Committee.JoinPolicy.ASK


def test_economic_justice_has_41_people_in_22_states(economic_justice):
    people = economic_justice.people()
    assert people.count() == 41
    assert Office.objects.current().filter(user__in=people).values("jurisdiction__state").distinct().count() == 22
    assert [chair.email for chair in economic_justice.chairs().order_by("email")] == [
        "denise@portal.example",
        "marcus@portal.example",
    ]


def test_teresa_is_on_two_committees(told):
    seats = Membership.objects.current().filter(user__email="teresa@portal.example").order_by("committee__slug")
    assert list(seats.values_list("committee__slug", flat=True)) == ["economic-justice", "housing-justice"]


def test_the_next_call_is_in_two_days_at_one_mountain_time(fair_workweek):
    assert fair_workweek.title == "Fair workweek: from ordinance to enforcement"
    mountain = fair_workweek.starts_at.astimezone(User.objects.get(email="teresa@portal.example").zone)
    assert (mountain.hour, mountain.minute) == (13, 0)
    today = timezone.localdate(timezone=fair_workweek.zone)  # where it is a day later for two hours each night
    assert mountain.date() - today == timedelta(days=2)
    assert fair_workweek.public


def test_the_next_call_has_an_agenda_that_fills_the_hour(fair_workweek):
    items = list(fair_workweek.agenda_items.in_order())
    assert [item.kind for item in items] == ["opening", "information", "discussion", "decision", "wrap_up"]
    assert sum(item.minutes for item in items) == fair_workweek.duration
    assert all(item.presenter for item in items)
    assert "Model fair workweek ordinance, draft 3" in [paper.title for paper in items[3].papers.all()]


def test_24_are_going_4_maybe_and_5_cannot(fair_workweek):
    said = {
        response: fair_workweek.rsvps.current().filter(response=response).count()
        for response in ("accepted", "tentative", "declined")
    }
    assert said == {"accepted": 24, "tentative": 4, "declined": 5}


def test_the_ordinance_has_three_versions_and_reads_as_a_pdf(told):
    paper = Document.objects.get(title="Model fair workweek ordinance, draft 3")
    assert paper.versions.count() == 3
    with paper.latest.file.open("rb") as file:
        pages = pypdf.PdfReader(io.BytesIO(file.read())).pages
    assert len(pages) == paper.latest.pages >= 4
    assert "Fourteen days" in pages[1].extract_text()


def test_every_paper_is_what_its_name_says(told):
    for version in DocumentVersion.objects.all():
        with version.file.open("rb") as file:
            assert version.name.rpartition(".")[2] in sniff(file).extensions
        assert version.word_count > 20


def test_something_was_moved_something_canceled_and_something_is_about_to_start(told):
    assert Meeting.objects.upcoming().filter(moves__reason__gt="").exists()
    assert Meeting.objects.upcoming().filter(cancelled_at__isnull=False, cancel_reason__gt="").exists()
    put_on = F("created_at")  # the story may have been told a while ago in this run, and the call have begun
    soon = Meeting.objects.upcoming().not_cancelled().get(starts_at__range=(put_on, put_on + timedelta(minutes=15)))
    assert soon.committee.slug == "wisconsin"


def test_staff_find_applications_and_chairs_find_requests(told):
    assert Application.objects.waiting().count() >= 8
    assert Application.objects.waiting().first().applicant.admitted_at is None
    assert Application.objects.waiting().filter(applicant__email="newcomer@portal.example").exists()
    assert {request.committee.slug for request in JoinRequest.objects.waiting()} == {"immigrant-rights", "wisconsin"}


def test_a_caucus_keeps_to_itself(told):
    caucus = Committee.objects.get(confidential=True)
    outsider = User.objects.get(email="teresa@portal.example")
    assert caucus not in Committee.objects.visible_to(outsider)
    assert caucus in Committee.objects.visible_to(caucus.chairs().get())


def test_drafts_stay_drafts(told):
    drafts = Publication.objects.filter(published_at=None)
    assert drafts.count() >= 2
    assert not Publication.objects.published().filter(pk__in=drafts).exists()


def test_an_issue_page_speaks_of_the_whole_field_with_pictures_and_a_report_to_download(told, client):
    page = client.get("/issues/economic-justice/")
    text = page.content.decode()
    for word in (
        "organize",
        "exploitation",
        "community benefits",
        "women",
        "safe work",
        "Fair wages",
        "benefits portable",
    ):
        assert word.lower() in text.lower()
    assert text.count("<picture>") == 6 and 'alt=""' not in text
    assert page.context["report"].pdf_pages >= 2 and page.context["report"].pdf_url in text
    assert "nine-cities.example" in text
    shared = Publication.objects.get(title__startswith="Pueblo County")
    assert shared.title in client.get("/issues/housing-justice/").content.decode()


def test_loading_tells_nobody(told):
    assert not Delivery.objects.open().exists()


def test_the_ledger_has_sent_reminders_and_reasons_not_to(told):
    assert Delivery.objects.filter(state="sent", message_subject__gt="").count() > 100
    skipped = Delivery.objects.filter(state="suppressed")
    reasons = {reason.partition(" of ")[0] for reason in skipped.values_list("reason", flat=True)}
    assert reasons == {"The person answered that they can’t come.", "It came in the summary"}


def test_there_are_announcements_and_an_agenda_that_changed_since_it_was_published(told):
    assert set(Announcement.objects.sent().values_list("committee__slug", "by_staff")) == {
        ("economic-justice", False),
        (None, True),
    }
    counts = [publication_state(each.meeting).changes.count for each in AgendaPublication.objects.all()]
    assert sorted(counts, reverse=True)[:2] == [1, 0]
    stages = set(Meeting.objects.with_stage().values_list("stage", flat=True))
    assert stages == {Stage.DRAFT, Stage.SAVE_THE_DATE, Stage.PUBLISHED}
    assert Meeting.objects.told().with_agenda().exclude(pk__in=Meeting.objects.published()).distinct().count() == 2


def test_an_email_went_to_those_of_counties_with_their_own_words(told):
    mailing = Mailing.objects.get()
    progress = Progress.of(mailing)
    assert progress.state == "done" and progress.outcome.sent == progress.people > 5
    subjects = set(mailing.deliveries().values_list("message_subject", flat=True))
    assert len(subjects) > 5 and not any("{" in each for each in subjects)


def test_the_last_call_did_not_reach_what_the_next_one_is_offered(told):
    committee = Committee.objects.get(slug="economic-justice")
    coming = committee.meetings.upcoming().first()
    assert [item.title for item in left_over(coming)] == ["A letter to the three governors"]
    assert left_over(coming)[0].presenters.endswith("and Hollis Grant")


def test_a_call_is_being_run(told):
    run = CallRun.objects.get(ended_at=None)
    kinds = [entry.kind for entry in run.entries.captured().in_order()]
    assert (kinds, run.meeting.attendances.here().count()) == (["note", "action", "decision", "note"], 2)
    following = Following.of_call(run.meeting)
    assert following and (following.number, following.of) == (3, 5)


def test_a_week_later_there_is_a_next_call_again(told):
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7), tick=False):
        assert loading.load().calls >= 2
        upcoming = Meeting.objects.upcoming().filter(committee__slug="economic-justice").first()
        assert timedelta(days=1) < upcoming.starts_at - timezone.now() < timedelta(days=3)
        assert loading.load().calls == 0


def test_a_visitor_who_left_a_committee_stays_away(told):
    teresa = User.objects.get(email="teresa@portal.example")
    seat = Membership.objects.current().get(user=teresa, committee__slug="housing-justice")
    seat.end(teresa)
    loading.load()
    assert not Membership.objects.current().filter(user=teresa, committee__slug="housing-justice").exists()


@pytest.mark.thorough
def test_reset_leaves_nothing_but_the_governments(told):
    connection.check_constraints()
    loading.reset()
    assert not any(count for count in counts().values())
    assert Jurisdiction.objects.exists()


def test_the_command_refuses_outside_demo_mode(told):
    before = counts()
    with pytest.raises(CommandError, match="Set DEMO=1"):
        call_command("demo", reset=True)
    assert counts() == before


def test_the_command_says_what_it_did(told, capsys):
    call_command("demo", outside_demo=True)
    assert capsys.readouterr().out == "The demo network is there; 0 calls put on.\n"


def test_500_members_come_in_proportion(told):
    assert crowd.grow(500) == 500 - 168
    assert crowd.grow(500) == 0
    assert User.objects.members().count() == 500
    assert Committee.objects.count() == 30
    assert Meeting.objects.count() == 1000
    assert Meeting.objects.upcoming().count() == 50
    assert Document.objects.count() == 1500
    assert Rsvp.objects.count() == pytest.approx(333 * 10, rel=0.25)
    assert Rsvp.objects.count() == RsvpAnswer.objects.count()
    assert (
        not Committee.objects.filter(confidential=True, memberships__user__email__contains=".")
        .exclude(memberships__user__in=User.objects.members())
        .exists()
    )


# What it weighs --------------------------------------------------------------------------------------


HEAD = 400  # bytes of an answer's head, and there are as many heads as files


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def test_home_and_the_page_of_a_call_take_six_kilobytes(sign_in, told, fair_workweek):
    client = sign_in(User.objects.get(email="teresa@portal.example"))
    sizes = {
        address: compressed(client.get(address).content)
        for address in ("/", "/calls/", fair_workweek.get_absolute_url())
    }
    assert {address: size for address, size in sizes.items() if size > 6_000} == {}


@pytest.mark.parametrize("address", ["/", "/issues/economic-justice/", "/account/login/", "/apply/", "/committees/"])
def test_a_first_visit_takes_seventy_kilobytes(client, told, address):
    """Without pictures; with them: tests/browser/test_issue_page.py."""
    html = client.get(address).content
    bundles.write()
    sizes = [HEAD + compressed(html)]
    for name in {
        "".join(parts) for parts in re.findall(r'"/static/([^".]+)(?:\.[0-9a-f]{12})?(\.\w+)"', html.decode())
    }:
        content = (STATIC.parent / name).read_bytes()
        sizes.append(HEAD + (len(content) if name.endswith(".woff2") else compressed(content)))
    assert (len(sizes), max(sum(sizes), 70_000)) == (6, 70_000)
