"""Publishing an agenda: told once, with what changed, and not to who does not come."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from events.agenda.publishing import publication_state, publish_agenda
from events.answers.answering import respond
from events.models import AgendaItem, AgendaPublication, Meeting
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, BulkSend, Delivery, NotificationPreference
from members.times import formats
from tests.access_world import make_document
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def near(committee, carla, mo) -> Meeting:
    """A call within two days, so that its agenda goes at once."""
    return call_in(DAY + 30, committee, carla)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add(meeting, by, title, **fields) -> AgendaItem:
    return AgendaItem.add(meeting, by, title=title, **{"minutes": 10} | fields)


def fates(kind: str = "agenda_published") -> list[tuple[str, int, str, str]]:
    rows = Delivery.objects.filter(kind=kind).order_by("dedupe_number", "recipient__name")
    return list(rows.values_list("recipient__given_name", "dedupe_number", "state", "reason"))


# What is new ---------------------------------------------------------------------------------------


def test_the_first_time_everything_is_new(near, carla):
    add(near, carla, "Welcome", papers=[make_document(near.committee, carla)])
    changes = publication_state(near).changes
    assert (changes.new_items, changes.new_papers, changes.count) == (["Welcome"], ["Model ordinance"], 2)


def test_what_changed_is_told_from_what_was_published(near, carla):
    welcome, wages, close = (add(near, carla, title) for title in ("Welcome", "Wages", "Close"))
    paper = make_document(near.committee, carla)
    wages.edit(carla, papers=[paper])
    assert publish_agenda(near, carla).number == 1
    assert not publication_state(near).changes
    welcome.edit(carla, minutes=20)
    wages.edit(carla, papers=[paper, make_document(near.committee, carla, "Survey")])
    close.remove(carla)
    add(near, carla, "Housing")
    found = publication_state(near).changes
    assert (found.new_items, found.changed_items, found.gone_items) == (["Housing"], ["Welcome"], ["Close"])
    assert (found.new_papers, found.changed_papers, found.gone_papers, found.reordered) == (["Survey"], [], [], False)


def test_another_order_and_a_newer_version_of_a_paper_are_changes(near, carla):
    first, second = add(near, carla, "First"), add(near, carla, "Second")
    paper = make_document(near.committee, carla)
    first.edit(carla, papers=[paper])
    publish_agenda(near, carla)
    second.shift(carla, -1)
    assert publication_state(near).changes.reordered
    version = paper.versions.get()
    version.pk, version.number = None, 2
    paper.add_version(version, carla)
    assert publication_state(near).changes.changed_papers == ["Model ordinance"]


def test_a_paper_that_not_all_may_read_is_not_told(near, elsewhere, carla):
    add(near, carla, "Welcome", papers=[make_document(elsewhere, carla)])
    assert publication_state(near).changes.new_papers == []


# Telling -------------------------------------------------------------------------------------------


def test_everybody_on_the_committee_is_told_once(smtp, near, carla, mo, olga):
    add(near, carla, "Welcome")
    publish_agenda(near, carla)
    assert publish_agenda(near, carla) is None
    deliver()
    assert sorted(mail.recipient for mail in smtp.received) == [carla.email, mo.email]
    assert AuditEntry.objects.filter(verb="published the agenda").count() == 1


def test_an_empty_agenda_is_not_published(near, carla):
    assert publish_agenda(near, carla) is None
    assert not AgendaPublication.objects.exists()


def test_a_canceled_or_past_call_has_nothing_to_publish(near, committee, carla):
    add(near, carla, "Welcome")
    past = call_in(-90, committee, carla)
    near.cancel(carla, "No room")
    for meeting in (near, past):
        with pytest.raises(ValidationError):
            publish_agenda(meeting, carla)
    assert fates() == []


def test_the_mail_has_when_my_answer_running_times_and_reading_minutes_in_my_zone(smtp, near, carla, mo):
    respond(near, mo, "going", seen=0)
    paper = make_document(near.committee, carla)
    paper.versions.update(word_count=700)
    add(near, carla, "Welcome")
    add(near, carla, "Model ordinance & what's next", kind="decision", presenter=carla, papers=[paper])
    publish_agenda(near, carla)
    deliver()
    mail = smtp.to(mo.email)[-1].message
    text = mail.get_body(("plain",)).get_content()
    local = timezone.localtime(Meeting.objects.get(pk=near.pk).starts_at + timedelta(minutes=10), mo.zone)
    clock = f"{local:%I:%M}".lstrip("0")
    assert mail["Subject"].startswith("Agenda: Fair workweek, ")
    assert f"{clock}  Decide: Model ordinance & what's next ({carla.name})" in text
    assert (
        "Read first (4 minutes):" in text
        and "You said you’re going. Still true?" in text
        and "Your time, Mountain." in text
    )
    assert "What changed" not in text
    assert "2 items, 1 document to read (4 min)." in mail.get_body(("html",)).get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def test_the_mail_says_clock_times_as_far_as_the_minutes_are_known(smtp, near, carla, mo):
    papers = [make_document(near.committee, carla, title) for title in ("Survey", "Ordinance", "Letter")]
    add(near, carla, "Welcome", minutes=None, papers=papers[:1])
    add(near, carla, "Pueblo", kind="decision", minutes=None, papers=papers[1:2])
    add(near, carla, "Pay", papers=papers[2:])
    publish_agenda(near, carla)
    deliver()
    mail = smtp.to(mo.email)[-1].message
    text = mail.get_body(("plain",)).get_content().replace("\r", "")
    with timezone.override(mo.zone):
        starts, ends = formats.bare(near.starts_at), formats.bare(near.ends_at)
    assert f"\n{starts}  Welcome\n-  Decide: Pueblo\n-  Pay\n{ends}  End\n" in text
    assert f"Survey. It’s up at {starts}.\n" in text
    assert "Ordinance. We decide on it.\n" in text
    assert "Letter.\n" in text
    assert "None" not in text + mail.get_body(("html",)).get_content()


def test_the_second_mail_begins_with_what_changed(smtp, near, carla, mo):
    add(near, carla, "Welcome")
    publish_agenda(near, carla)
    deliver()
    add(near, carla, "Housing")
    publish_agenda(near, carla)
    deliver()
    mail = smtp.to(mo.email)[-1].message
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"].startswith("Agenda changed: ")
    assert re.search(r"What changed:\nNew: Housing\n.*Agenda:\n.*Welcome", text.replace("\r", ""), re.DOTALL)
    assert "Since the last time: 1 item new." in mail.get_body(("html",)).get_content()


# When, and when not ----------------------------------------------------------------------------------


def test_it_waits_for_the_daily_summary_unless_the_call_is_near_or_the_person_chose_otherwise(
    smtp, committee, carla, mo, olga
):
    far = call_in(5 * DAY, committee, carla)
    NotificationPreference.objects.create(user=mo, kind="agenda_published", scope=committee.scope, cadence="at_once")
    add(far, carla, "Welcome")
    publish_agenda(far, carla)
    deliver()
    assert [row[0::2] for row in fates()] == [("Carla", "digested"), ("Mo", "sent")]


def test_a_canceled_call_a_newer_publication_a_no_and_who_left_void_it(near, committee, carla, mo):
    add(near, carla, "Welcome")
    publish_agenda(near, carla)
    respond(near, mo, "cant", seen=0)
    deliver()
    assert fates()[1] == ("Mo", 1, "suppressed", "The person answered that they can’t come.")
    add(near, carla, "Housing")
    publish_agenda(near, carla)
    add(near, carla, "Transit")
    publish_agenda(near, carla)
    committee.memberships.get(user=mo).end(by=mo)
    deliver()
    assert fates()[2:] == [
        ("Carla", 2, "suppressed", "The agenda was published again since."),
        ("Mo", 2, "suppressed", "The agenda was published again since."),
        ("Carla", 3, "sent", ""),
        ("Mo", 3, "suppressed", "The person is not on the committee."),
    ]
    add(near, carla, "Schools")
    publish_agenda(near, carla)
    near.cancel(carla, "No room")
    deliver()
    assert fates()[-1][2:] == ("suppressed", "The call was canceled.")


# The page --------------------------------------------------------------------------------------------


def test_the_builder_says_where_the_agenda_stands_and_publishes_it(sign_in, near, carla, mo):
    client, builder = sign_in(carla), f"/calls/{near.slug}/agenda/"
    assert re.search(r"(?s)<button[^>]*disabled[^>]*>(?:(?!</button>).)*Publish agenda", client.get(builder).text)
    add(near, carla, "Welcome")
    page = client.get(builder).text
    assert "They see the agenda once you publish it." in page and "1 item new" in page
    preview = client.post(f"{builder}publish/")
    assert "2 people get this email" in preview.text
    client.post(f"{builder}publish/", {"fingerprint": preview.context["preview"].fingerprint, "send": "1"})
    assert ", nothing changed since." in client.get(builder).text
    add(near, carla, "Housing")
    assert "Since then: 1 item new." in client.get(builder).text


def test_what_another_co_chair_changes_after_the_preview_is_shown_before_it_goes(sign_in, near, carla, olga, mo):
    client, address = sign_in(carla), f"/calls/{near.slug}/agenda/publish/"
    add(near, carla, "Welcome")
    seen = client.post(address).context["preview"].fingerprint
    add(near, olga, "Layoffs at the water works")
    response = client.post(address, {"fingerprint": seen, "send": "1"})
    assert response.status_code == 409 and "Layoffs at the water works" in response.text
    assert not Delivery.objects.exists() and AgendaPublication.last_of(near) is None
    client.post(address, {"fingerprint": response.context["preview"].fingerprint, "send": "1"})
    assert Delivery.objects.filter(kind="agenda_published").count() == 2


def test_an_answer_after_the_preview_does_not_stop_it_and_another_address_in_the_agenda_does(sign_in, near, carla, mo):
    client, address = sign_in(carla), f"/calls/{near.slug}/agenda/publish/"
    item = add(near, carla, "Read https://good.example/one before")
    seen = client.post(address).context["preview"].fingerprint
    respond(near, mo, "accepted", seen=0)
    assert client.post(address).context["preview"].fingerprint == seen
    item.title = "Read https://evil.example/two before"
    item.save()
    assert client.post(address, {"fingerprint": seen, "send": "1"}).status_code == 409
    assert AgendaPublication.last_of(near) is None


def test_publishing_nothing_new_tells_nobody(sign_in, near, carla):
    add(near, carla, "Welcome")
    publish_agenda(near, carla)
    page = sign_in(carla).post(f"/calls/{near.slug}/agenda/publish/", follow=True)
    assert "Nothing changed since it was published." in page.text
    assert Delivery.objects.filter(kind="agenda_published").values("dedupe_key").distinct().count() == 1


def test_undo_takes_the_publication_back_and_what_it_told_is_news_again(settings, sign_in, near, carla, mo):
    settings.MAIL_HOLD_OVER = 1
    add(near, carla, "Welcome")
    client, address = sign_in(carla), f"/calls/{near.slug}/agenda/publish/"
    client.post(address, {"fingerprint": client.post(address).context["preview"].fingerprint, "send": "1"})
    client.post(f"/sendings/{BulkSend.objects.get().pk}/undo/")
    assert deliver() == {}
    assert publication_state(near).changes.new_items == ["Welcome"]
    client.post(address, {"fingerprint": client.post(address).context["preview"].fingerprint, "send": "1"})
    assert AgendaPublication.last_of(near).number == 2


def test_undo_of_the_second_publication_leaves_the_first_to_be_told(smtp, near, carla, mo):
    """A row that waits is asked while the newer one may still be taken back."""
    add(near, carla, "Welcome")
    publish_agenda(near, carla)
    add(near, carla, "Wage theft")
    publish_agenda(near, carla)
    Delivery.objects.filter(dedupe_key="agenda_published:2").update(
        due_at=Now() + timedelta(minutes=1), next_try_at=Now() + timedelta(minutes=1)
    )
    deliver()
    assert {row[1:3] for row in fates()} == {(1, "sent"), (2, "queued")}
