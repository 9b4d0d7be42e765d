"""M10, its first half: all that is held of a person, for that person alone, and nothing of others in it."""

import io
import json
from zipfile import ZipFile

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.files.base import ContentFile
from django.urls import reverse

from committees.models import Committee
from events.answers.answering import respond
from events.models import Attendance, Rsvp
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, ContactRequest, Delivery, Export, InboundMail, Tag, Tagging
from members.privacy.holdings import columns, holdings
from members.tasks import forget_exports, write_exports
from tests.factories import MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_every_column_that_points_at_a_person_has_a_rule():
    """What is missing here is neither told to its person nor erased: say it in the `held` module of its app."""
    assert set(columns()) == set(holdings)


def test_what_the_rules_name_is_there():
    person = UserFactory()
    for holding in holdings.values():
        list(holding.rows(person).values(*holding.tells)[:1])
        assert {field.name for field in holding.model._meta.concrete_fields} >= set(holding.clears), holding.column


def fetch(client) -> ZipFile:
    assert client.post(reverse("my_data_ask"))["Location"] == reverse("settings_my_data")
    write_exports()
    answer = client.get(reverse("my_data_file"))
    assert "no-store" in answer["Cache-Control"] and answer["Content-Disposition"].startswith("attachment")
    return ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def said(book: ZipFile) -> dict:
    return json.loads(book.read("my-data.json"))


def test_a_member_gets_what_is_theirs_and_the_papers_they_brought(sign_in, committee, carla, mo, meeting):
    mo.profile.bio, mo.profile.phone = "Bioword", "+16085550148"
    mo.profile.save()
    respond(meeting, mo, "going", seen=0, note="Noteword")
    Attendance.objects.create(meeting=meeting, user=mo, marked_by=carla)
    InboundMail.typed(mo, "Subjectword", "Wordsword", "carried on")
    document = committee.documents.create(title="Budget")
    version = document.versions.create(name="budget.txt", size=5, uploaded_by=mo, content_type="text/plain", number=1)
    version.file.save("x", ContentFile(b"Paper"))
    document.latest = version
    document.save()
    client = sign_in(mo)
    book = fetch(client)
    told = said(book)
    held = told["held"]
    assert told["account"]["email"] == mo.email
    assert held["members.Profile.user"]["rows"][0]["bio"] == "Bioword"
    assert held["events.Rsvp.user"]["rows"][0] | {"note": "Noteword"} == held["events.Rsvp.user"]["rows"][0]
    assert held["events.Rsvp.user"]["rows"][0]["meeting_title"] == meeting.title
    assert held["events.Attendance.user"]["number"] == 1
    assert held["members.InboundMail.person"]["rows"][0]["words"] == "Wordsword"
    assert book.read("files/1-budget.txt") == b"Paper"


def test_nothing_of_others_and_nothing_that_the_person_may_not_see(sign_in, committee, carla, mo, olga, stu):
    hidden = Committee.objects.create(slug="quiet", name="Quietword", confidential=True, purpose="x")
    call = MeetingFactory(committee=hidden, by=carla, title="Titleword")
    Rsvp.objects.create(meeting=call, user=mo, response="going")
    Tagging.objects.create(tag=Tag.objects.create(name="Tagword"), person=mo, given_by=stu)
    olga.profile.bio = "Otherword"
    olga.profile.save()
    ContactRequest.ask(olga, mo, "Let us talk")
    AuditEntry.record(mo, "changed", olga, reason="Reasonword")
    book = fetch(sign_in(mo))
    text = book.read("my-data.json").decode()
    for word in ("Quietword", "Titleword", "Tagword", "Otherword", "Reasonword", olga.email, carla.email):
        assert word not in text
    held = said(book)["held"]
    assert held["events.Rsvp.user"]["rows"][0]["meeting_title"] is None
    assert held["members.Tagging.person"]["number"] == 1 and "rows" not in held["members.Tagging.person"]
    assert held["members.ContactRequest.owner"]["rows"][0]["asker_name"] == olga.name
    assert held["members.AuditEntry.actor"]["rows"]


def test_the_mail_holds_nothing_of_the_data(sign_in, mo, smtp):
    mo.profile.bio = "Bioword"
    mo.profile.save()
    fetch(sign_in(mo))
    deliver()
    mail = smtp.received[0].message
    told = Delivery.objects.get(kind="privacy_news")
    assert told.recipient == mo and mail["Subject"] == "Your data is ready"
    for part in (mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()):
        assert "Bioword" not in part and reverse("settings_my_data") in part


def test_it_is_for_the_person_alone_with_a_fresh_proof_and_for_a_week(sign_in, mo, olga, stu):
    client = sign_in(mo)
    fetch(client)
    assert sign_in(olga).get(reverse("my_data_file")).status_code == 404
    key = Export.objects.get().pk
    staff = sign_in(stu)
    assert staff.get(f"/staff/exports/{key}/").status_code == 404
    assert staff.get(f"/staff/exports/{key}/file/").status_code == 404
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": 0}]
    session.save()
    for answer in (client.get(reverse("my_data_file")), client.post(reverse("my_data_ask"))):
        assert reverse("account_reauthenticate") in answer["Location"]
    assert Export.objects.count() == 1
    Export.objects.update(requested_at="2026-01-01T12:00Z")
    forget_exports()
    assert "deleted" in client.get(reverse("settings_my_data")).text


def test_asked_twice_it_is_written_once_and_a_closed_account_gets_none(sign_in, mo):
    client = sign_in(mo)
    client.post(reverse("my_data_ask"))
    client.post(reverse("my_data_ask"))
    assert Export.objects.count() == 1
    assert "being put together" in client.get(reverse("settings_my_data")).text
    type(mo).objects.filter(pk=mo.pk).update(is_active=False)
    write_exports()
    assert Export.objects.get().failed_at and not Delivery.objects.filter(kind="privacy_news")
