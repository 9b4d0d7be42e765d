"""M10, its second half: asked for, waited for, and then nothing of the person stands anywhere, while counts and votes add up."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from committees.models import JoinRequest
from events.answers.answering import respond
from events.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    CalendarReply,
    Decision,
    LogEntry,
    Minutes,
    MinutesRevision,
    ReplyNote,
    Rsvp,
    Vote,
)
from members.models import (
    Application,
    AuditEntry,
    ContactRequest,
    Delivery,
    ErasedAddress,
    Erasure,
    Export,
    FormerAddress,
    Import,
    ImportRow,
    InboundMail,
    Office,
    Profile,
    Suppression,
    Tag,
    Tagging,
    User,
)
from members.privacy import erasing
from members.privacy.erasing import ask, sweep
from members.roster.importing import worker
from members.tasks import erase_people, write_exports
from tests.factories import (
    ActionItemFactory,
    DecisionFactory,
    JurisdictionFactory,
    LogEntryFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PAGE = "settings_my_data"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def let_pass(days: int = 15) -> None:
    """As if asked for that long ago."""
    Erasure.objects.update(due_at=timezone.now() + timedelta(days=14 - days))


def stored() -> str:
    """Every text, JSON and file of bytes in the database."""
    said = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND (data_type IN ('text', 'character varying', 'jsonb', 'bytea', 'ARRAY', 'inet', 'tsvector'))"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            said += [f"{table}.{column}: {value}" for (value,) in cursor.fetchall()]
        cursor.execute("SELECT convert_from(raw, 'LATIN1') FROM members_inboundmail")
        said += [f"members_inboundmail.raw: {value}" for (value,) in cursor.fetchall()]
    return "\n".join(said)


# Asking ---------------------------------------------------------------------------------------------------


def test_asked_for_with_a_fresh_proof_it_waits_and_one_press_keeps_everything(sign_in, mo, meeting):
    Attendance.objects.create(meeting=meeting, user=mo)
    client = sign_in(mo)
    page = client.get(reverse("my_data_erase")).text
    assert "Calls you were on" in page and "What goes" in page and "backups" in page.lower()
    assert not Erasure.objects.exists()
    for _twice in range(2):
        assert client.post(reverse("my_data_erase"), {"once": str(uuid4())})["Location"] == reverse(PAGE)
    asked = Erasure.objects.get()
    assert timedelta(days=13) < asked.due_at - timezone.now() <= timedelta(days=14)
    assert Delivery.objects.filter(kind="privacy_news", recipient=mo).count() == 1
    assert "To be erased on" in client.get(reverse(PAGE)).text
    assert sweep() == 0
    client.post(reverse("my_data_keep"))
    let_pass()
    assert sweep() == 0
    assert User.objects.get(pk=mo.pk).name == mo.name and Erasure.objects.get().kept_by == mo
    assert "Erase my data…" in client.get(reverse(PAGE)).text


def test_staff_ask_on_behalf_and_may_keep_and_the_person_hears_of_it(sign_in, mo, stu, olga):
    assert sign_in(olga).get(reverse("staff_member_erase", args=[mo.pk])).status_code == 404
    client = sign_in(stu)
    address = reverse("staff_member_erase", args=[mo.pk])
    assert "Only when they asked" in client.get(address).text
    client.post(address, {"once": str(uuid4())})
    told = Delivery.objects.get(kind="privacy_news")
    assert told.recipient == mo and "on your behalf" in told.facts["news"]
    assert "Keep everything" in client.get(address).text
    client.post(reverse("staff_member_keep", args=[mo.pk]))
    assert Erasure.objects.get().kept_by == stu
    assert client.get(reverse("staff_member_erase", args=[stu.pk])).status_code == 403


def test_the_last_administrator_stays(ada, sign_in):
    with pytest.raises(PermissionDenied):
        ask(ada, ada)
    assert "only administrator" in sign_in(ada).get(reverse("my_data_erase")).text
    Erasure.objects.create(person=ada, asked_by=ada, due_at=timezone.now() - timedelta(days=1))
    assert sweep() == 0
    assert User.objects.get(pk=ada.pk).name == ada.name


def test_one_reminder_goes_before_the_day(mo):
    ask(mo, mo)
    sweep()
    let_pass(12)
    sweep()
    sweep()
    assert [row.facts["heading"] for row in Delivery.objects.filter(kind="privacy_news").order_by("pk")] == [
        "Your data is going to be erased",
        "Your data is erased soon",
    ]


# What goes ------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(committee, carla, olga, stu, meeting, client) -> User:
    """Somebody with a word of their own in each private field there is."""
    person = UserFactory(name="Nameword Zzyx", email="mailword@portal.example", given_name="Givenword")
    MembershipFactory(committee=committee, user=person)
    _account(person, stu)
    _mails(person, olga, stu)
    _calls(person, committee, carla, meeting)
    return person


def _account(person: User, stu: User) -> None:
    person.profile.bio, person.profile.pronouns, person.profile.phone = "Bioword", "Pronounword", "+16085550199"
    person.profile.save()
    person.change_email("newmail@portal.example")
    FormerAddress.objects.create(user=person, email="Oldmail@portal.example", until=timezone.now())
    EmailAddress.objects.create(user=person, email="othermail@portal.example")
    seat = {"title": "Titleword", "level": "city", "jurisdiction": JurisdictionFactory(), "district": "Districtword"}
    Office.objects.create(user=person, **seat)
    application = Application.submit(person, title="Appliedword", jurisdiction=seat["jurisdiction"], why="Whyword")
    application.decline(stu, "Decidedword")
    UserSession.objects.create(user=person, ip="203.0.113.77", user_agent="Agentword", session_key="sessionword")
    AuthToken.objects.create(user=person)
    Tagging.objects.create(tag=Tag.objects.create(name="Kept"), person=person, given_by=stu)
    AuditEntry.record(stu, "ended membership", person, reason="Reasonword", before={"district": "Beforeword"})
    Suppression.objects.create(address="newmail@portal.example", reason="bounce", detail="Detailword")
    export = Export.ask(User.objects.filter(pk=person.pk), stu, format="csv", words="Some")
    Export.ask_own(person)
    write_exports()
    assert Export.objects.get(pk=export.pk).is_ready
    imported = Import.begin(stu, ContentFile(b"Name,Email\nNameword Zzyx,mailword@portal.example\n"), "list.csv")
    worker.work()
    assert imported.rows_of.exists()


def _mails(person: User, olga: User, stu: User) -> None:
    Delivery.enqueue("contact_asked", [person], "contact:1", facts={"word": "Factword"})
    Delivery.enqueue_fast("account_news", person.email, {"news": "Newsword"}, useful_for=timedelta(days=1))
    Delivery.enqueue("staff_news", [stu], "user:9", facts={"name": person.name, "news": f"{person.name} did it"})
    sent = {"size": 1, "via": "local", "state": "done"}
    InboundMail.objects.create(
        message_id="1@x",
        raw=b"Rawword",
        subject="Subjectword",
        words="Wordsword",
        sender=person.email,
        person=person,
        **sent,
    )
    InboundMail.objects.create(
        message_id="2@x",
        raw=b"From: mailword@portal.example Strayword",
        sender="mailword@portal.example",
        subject="Straysubject",
        **sent,
    )
    InboundMail.objects.create(
        message_id="3@x", raw=b"> On Monday newmail@portal.example wrote", sender=olga.email, **sent
    )
    ContactRequest.ask(olga, person, "Askedword")
    ContactRequest.ask(person, olga, "Askingword")


def _calls(person: User, committee, carla: User, meeting) -> None:
    respond(meeting, person, "going", seen=0, note="Noteword")
    Attendance.objects.create(meeting=meeting, user=person, marked_by=carla)
    Rsvp.objects.get(user=person)
    mail = InboundMail.objects.first()
    CalendarReply.objects.create(
        meeting=meeting, user=person, mail=mail, edition=1, response="going", note="Calendarword", sender=person.email,
        stamped_at=timezone.now(), sequence=0,
    )  # fmt: skip
    ReplyNote.objects.create(
        meeting=meeting, user=person, mail=mail, kind="words", words="Replyword", sender=person.email
    )
    JoinRequest.objects.create(
        committee=committee,
        user=person,
        message="Joinword",
        closed_at=timezone.now(),
        outcome="accepted",
        closed_by=carla,
    )
    votes = {carla: "aye", person: "no"}
    DecisionFactory(committee=committee, by=carla, meeting=meeting, method="roll_call", votes=votes)
    ActionItemFactory(committee=committee, by=carla, text="Call the clerk", owner=person)
    ActionItemFactory(committee=committee, by=carla, text="Write to Nameword Zzyx", owner=carla)
    AgendaItem.add(meeting, carla, title="Report", minutes=5, presenter=person)
    LogEntryFactory(run__meeting=meeting, text="Nameword Zzyx spoke")
    minutes = Minutes.objects.create(meeting=meeting, begun_by=carla)
    MinutesRevision.objects.create(
        minutes=minutes, number=1, sections=[{"text": "**Nameword Zzyx** moved"}], facts=[], written_by=carla,
        heading={"here": ["Nameword Zzyx"], "people": [person.pk]},
    )  # fmt: skip


WORDS = [
    "Nameword",
    "Zzyx",
    "Givenword",
    "mailword",
    "newmail",
    "oldmail",
    "othermail",
    "Bioword",
    "Pronounword",
    "5550199",
    "Districtword",
    "Titleword",
    "Appliedword",
    "Whyword",
    "Decidedword",
    "203.0.113.77",
    "Agentword",
    "sessionword",
    "Reasonword",
    "Beforeword",
    "Detailword",
    "Factword",
    "Newsword",
    "Rawword",
    "Subjectword",
    "Wordsword",
    "Strayword",
    "Straysubject",
    "Askedword",
    "Askingword",
    "Noteword",
    "Calendarword",
    "Replyword",
    "Joinword",
]


def test_no_word_of_the_person_stands_anywhere_and_the_record_adds_up(filled, committee, carla, stu, meeting):
    before = stored().lower()
    assert [word for word in WORDS if word.lower() not in before] == [], "what is not there before proves nothing"
    ask(filled, filled)
    let_pass()
    files = {path for path in Path(Export.objects.latest("pk").file.storage.location).rglob("*") if path.is_file()}
    assert any(path.suffix == ".zip" for path in files)
    erase_people()
    erase_people()
    assert Erasure.objects.get().done_at
    after = stored().lower()
    found = [line[:200] for word in WORDS for line in after.splitlines() if word.lower() in line]
    assert found == []
    person = User.objects.get(pk=filled.pk)
    assert person.name == "A former member" and not person.is_active and not person.is_member
    assert Attendance.objects.filter(meeting=meeting, user=person).count() == 1
    assert not Delivery.objects.filter(recipient=person, state__in=Delivery.UNSENT)
    assert Vote.objects.get(voter=person).choice == "no" and Decision.objects.get().noes == 1
    assert "**A former member** moved" in json.dumps(MinutesRevision.objects.get().sections)
    assert MinutesRevision.objects.get().heading["here"] == ["A former member"]
    line = AuditEntry.objects.get(verb="ended membership", target_name="A former member", actor=stu)
    assert (line.object_id, line.reason, line.before) == (person.pk, "", {})
    assert not [path for path in files if path.suffix in (".zip", ".csv") and path.exists()]


def test_co_chairs_hear_what_stays_open_and_not_who_it_was(filled, carla):
    ask(filled, filled)
    let_pass()
    sweep()
    told = Delivery.objects.get(kind="privacy_news", recipient=carla)
    assert "1 action has nobody now" in told.facts["news"] and "1 item" in told.facts["news"]
    assert ActionItem.objects.get(text="Call the clerk").owner is None
    assert not AgendaItem.objects.filter(presenter=filled).exists()


def test_one_that_cannot_be_erased_holds_up_no_other(mo, olga, monkeypatch):
    for person in (mo, olga):
        ask(person, person)
    let_pass()
    empty = erasing._empty

    def fail_for_mo(person):
        if person == mo:
            raise RuntimeError
        empty(person)

    monkeypatch.setattr(erasing, "_empty", fail_for_mo)
    assert sweep() == 1
    assert User.objects.get(pk=mo.pk).name == "Mo Haddad" and User.objects.get(pk=olga.pk).name == "A former member"
    monkeypatch.undo()
    assert sweep() == 1 and sweep() == 0


def test_a_namesake_keeps_their_name(committee, carla, mo, meeting):
    UserFactory(name="Mo Haddad", email="other@portal.example")
    LogEntryFactory(run__meeting=meeting, text="Mo Haddad spoke")
    ask(mo, mo)
    let_pass()
    sweep()
    assert LogEntry.objects.get().text == "Mo Haddad spoke"
    assert User.objects.filter(name="Mo Haddad").count() == 1


def test_a_number_that_another_member_has_too_stays_theirs(mo, olga):
    for person in (mo, olga):
        person.profile.phone = "+16085550123"  # of the city hall
        person.profile.save(update_fields=["phone"])
    ask(mo, mo)
    let_pass()
    sweep()
    phones = dict(Profile.objects.filter(user__in=[mo, olga]).values_list("user", "phone"))
    assert (str(phones[mo.pk]), str(phones[olga.pk])) == ("", "+16085550123")


def test_an_address_that_somebody_else_has_today_stays_theirs(mo, olga):
    theirs = mo.email
    mo.change_email("mo.new@portal.example")
    olga.change_email(theirs)  # who followed in the seat has its mailbox
    Suppression.stop(theirs, "bounce", "it came back")
    ask(mo, mo)
    let_pass()
    assert sweep() == 1
    olga.refresh_from_db()
    assert olga.email == theirs and Suppression.objects.get().address == theirs
    assert not ErasedAddress.among([theirs]) and ErasedAddress.among(["mo.new@portal.example"])
    assert "mo.new@portal.example" not in stored()


def test_an_address_in_mail_of_others_is_found_in_capitals_too(mo):
    mails = [
        InboundMail.objects.create(message_id=f"{number}@x", raw=raw, size=9, via="local")
        for number, raw in enumerate([f"Cc: {mo.email.upper()}\n".encode() + b"\xe9\x00\\", b"Cc: somebody@x.example"])
    ]
    ask(mo, mo)
    let_pass()
    sweep()
    assert [bytes(InboundMail.objects.get(pk=each.pk).raw) for each in mails] == [b"", b"Cc: somebody@x.example"]


def test_a_reminder_that_fails_holds_up_no_other(mo, olga, monkeypatch):
    for person in (mo, olga):
        ask(person, person)
    Erasure.objects.filter(person=mo).update(due_at=timezone.now() + timedelta(days=1))
    Erasure.objects.filter(person=olga).update(due_at=timezone.now() - timedelta(days=1), reminded_at=timezone.now())
    monkeypatch.setattr(erasing, "_tell", lambda *_args: 1 / 0)
    assert sweep() == 1 and User.objects.get(pk=olga.pk).is_erased
    assert Erasure.objects.get(person=mo).reminded_at is None


def test_an_account_that_was_merged_is_erased_with_the_other_alone(mo, olga, stu, sign_in):
    User.objects.filter(pk=olga.pk).update(merged_into=mo, is_active=False)
    address = reverse("staff_member_erase", args=[olga.pk])
    assert sign_in(stu).post(address, {"once": str(uuid4())}).status_code == 403
    assert not Erasure.objects.exists()


# Afterwards -----------------------------------------------------------------------------------------------


def test_a_list_brings_nobody_back_and_the_person_may_come_back_themselves(mo, stu, settings):
    mo.change_email("mo.new@portal.example")
    ask(mo, mo)
    let_pass()
    sweep()
    assert ErasedAddress.objects.count() == 2 and "portal" not in "".join(
        ErasedAddress.objects.values_list("pk", flat=True)
    )
    rows = b"Name,Email\nMo Haddad,Mo@portal.example\nMo Haddad,mo.new@portal.example\nBo Li,bo@portal.example\n"
    settings.SECRETS_KEY_FALLBACKS, settings.SECRETS_KEY = [settings.SECRETS_KEY], "another key " * 5
    imported = Import.begin(stu, ContentFile(rows), "list.csv")
    worker.work()
    outcomes = list(imported.rows_of.order_by("number").values_list("outcome", "reason"))
    assert outcomes[:2] == [("ignore", ImportRow.STAYS_OUT)] * 2 and outcomes[2][0] == "create"
    UserFactory(name="Mo Haddad", email="mo@portal.example")
    again = Import.begin(stu, ContentFile(b"Name,Email\nMo Haddad,mo@portal.example\n"), "list.csv")
    worker.work()
    assert again.rows_of.get().outcome == "unchanged"


def test_the_empty_account_is_nobody_s(mo, stu, ada, sign_in):
    ask(mo, mo)
    let_pass()
    sweep()
    person = User.objects.get(pk=mo.pk)
    for verb in (person.reinstate, person.admit):
        with pytest.raises(PermissionDenied):
            verb(ada)
    assert User.objects.who_sign_in_at("mo@portal.example") is None
    page = sign_in(stu).get(reverse("staff_member", args=[mo.pk])).text
    assert "A former member" in page and "Erase data" not in page and "Bring back" not in page


def test_what_names_people_is_there():
    for mention in erasing.mentions:
        model = apps.get_model(mention.model)
        assert all(model._meta.get_field(each) for each in mention.columns)
