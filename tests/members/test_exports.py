"""Files of people: written by the worker, for who asked alone, safe to open, read back by our own import, and told to those in them."""

import csv
import io
import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.files.base import ContentFile
from django.utils import timezone
from openpyxl import load_workbook

from members.models import AuditEntry, Export, ExportedPerson, Import, Office, StaffAppointment, User
from members.roster.exports import rows, writing
from members.roster.importing import worker
from members.tasks import forget_exports, write_exports
from tests.factories import JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = "/staff/exports/new/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


@pytest.fixture
def mara(db):
    mara = UserFactory(name="=Mara, Ünal", email="mara@portal.example")
    mara.profile.phone = "+16085550148"
    mara.profile.save()
    at = JurisdictionFactory(state="WI", name="Madison", county="Dane County", designation="city")
    Office.objects.create(
        user=mara, title="Alder", level="city", jurisdiction=at, district="4", ended_on=date(2100, 4, 18)
    )
    return mara


def ask(client, whom: str, kind: str = "csv"):
    address = f"{NEW}?{whom}"
    page = client.get(address)
    answer = client.post(address, {"seen": page.context["seen"], "format": kind, "once": str(uuid4())})
    return Export.objects.latest("pk"), answer


def read(client, export: Export) -> bytes:
    write_exports()
    return b"".join(client.get(f"/staff/exports/{export.pk}/file/").streaming_content)


def test_the_columns_are_those_that_our_import_reads(desk, mara):
    export, answer = ask(desk, f"p={mara.pk}")
    assert answer["Location"] == f"/staff/exports/{export.pk}/"
    assert "0 of 1 people" in desk.get(answer["Location"]).text
    text = read(desk, export).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["Name", "Email", "Phone", "Office", "Jurisdiction", "County", "State", "District", "Term starts", "Term ends", "Member ID", "Open Civic Data ID"],
        ["'=Mara, Ünal", "mara@portal.example", "(608) 555-0148", "Alder", "Madison city", "Dane County", "WI", "4", "", "2100-04-18", str(mara.pk), mara.offices.get().jurisdiction.ocd_id],
    ]  # fmt: skip
    page = desk.get(answer["Location"]).text
    assert "Download" in page and "1 person is in it" in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_own_export_is_read_back_as_unchanged(desk, stu, mara, olga, kind):
    """Also titles that begin like formulas, places of one name, offices that sound like another level, foreign phones."""
    User.objects.filter(pk=mara.pk).update(name="Mara Ünal-Díaz, Jr.")
    people = [mara, olga]
    for number, title in enumerate(["Mayor", "County Commissioner", "=Alder"]):
        person = UserFactory(name=f"Jo O’Hara{'xyz'[number]}", email=f"jo{number}@portal.example")
        person.profile.phone = "+442079460000"
        person.profile.save()
        at = JurisdictionFactory(name="Washington", county="Ada County", designation="township", state="OH")
        seat = {"title": title, "level": "city", "jurisdiction": at, "district": "Ward 2"}
        Office.objects.create(user=person, started_on=date(2020, 1, 5), **seat)
        people.append(person)
    export, _answer = ask(desk, "&".join(f"p={person.pk}" for person in people), kind)
    imported = Import.begin(stu, ContentFile(read(desk, export)), export.file_name)
    worker.work()
    assert [row.outcome for row in imported.rows_of.all()] == ["unchanged"] * 5


def test_a_workbook_holds_texts_and_dates_and_no_formula(desk, mara):
    export, _answer = ask(desk, f"p={mara.pk}", "xlsx")
    sheet = load_workbook(io.BytesIO(read(desk, export))).active
    (cells,) = sheet.iter_rows(min_row=2)
    assert (cells[0].value, cells[0].data_type) == ("=Mara, Ünal", "s")
    assert cells[9].value.date() == date(2100, 4, 18) and cells[10].value == mara.pk


def test_an_address_book_is_folded_and_escaped(desk, mara):
    User.objects.filter(pk=mara.pk).update(name="Mara; Ünal, " + "x" * 90)
    export, _answer = ask(desk, f"p={mara.pk}", "vcf")
    raw = read(desk, export)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    lines = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert f"FN:Mara\\; Ünal\\, {'x' * 90}" in lines and "TEL;TYPE=CELL:+16085550148" in lines
    assert lines[0] == "BEGIN:VCARD" and lines[-2] == "END:VCARD"


def test_all_of_a_list_are_exported_as_it_was_when_asked(desk, committee, carla, mo, olga):
    export, _answer = ask(desk, f"all=1&committee={committee.slug}")
    assert export.words == "Committee: Economic Justice"
    mo.leave(mo)
    names = [row[0] for row in csv.reader(io.StringIO(read(desk, export).decode("utf-8-sig")))]
    assert names == ["Name", carla.name, mo.name]
    assert set(ExportedPerson.objects.values_list("person", flat=True)) == {carla.pk, mo.pk}
    assert AuditEntry.objects.get(verb="exported").after == {"people": 2, "format": "csv"}


def test_a_list_that_changed_since_or_is_broken_is_not_exported(desk, committee, carla, mo):
    address = f"{NEW}?all=1&committee={committee.slug}"
    seen = desk.get(address).context["seen"]
    mo.leave(mo)
    assert "The list changed meanwhile" in desk.post(address, {"seen": seen, "format": "csv"}, follow=True).text
    assert "Tick somebody first" in desk.get(f"{NEW}?all=1&committee=gone", follow=True).text
    assert not Export.objects.exists()


def test_contact_data_leaves_with_those_alone_who_may_see_it_by_a_strong_session(sign_in, stu, ada, mo):
    export, _answer = ask(sign_in(stu), f"p={mo.pk}")
    write_exports()
    priya = UserFactory()
    priya.appoint(StaffAppointment.Role.ORGANIZER)
    file = f"/staff/exports/{export.pk}/file/"
    assert sign_in(priya).get(f"{NEW}?p={mo.pk}").status_code == 403
    assert sign_in(stu, strong=False).get(file).status_code == 403
    assert [sign_in(person).get(file).status_code for person in (priya, ada, mo)] == [403, 404, 404]


def test_a_proof_is_asked_for_that_is_not_old(desk, mo):
    session = desk.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time() - 3600}]
    session.save()
    assert "/account/" in desk.get(f"{NEW}?p={mo.pk}")["Location"]


def test_a_button_pressed_twice_exports_once(desk, mo):
    address = f"{NEW}?p={mo.pk}"
    fields = {"seen": desk.get(address).context["seen"], "format": "csv", "once": "a page"}
    assert desk.post(address, fields)["Location"] == desk.post(address, fields)["Location"]
    assert Export.objects.count() == 1


def test_five_within_an_hour(desk, mo):
    for _n in range(6):
        answer = ask(desk, f"p={mo.pk}")[1]
    assert Export.objects.count() == 5 and answer["Location"].startswith("/staff/members/")


def test_stopped_there_is_no_file(desk, mo, monkeypatch):
    export, _answer = ask(desk, f"p={mo.pk}")
    desk.post(f"/staff/exports/{export.pk}/stop/")
    write_exports()
    assert desk.get(f"/staff/exports/{export.pk}/file/").status_code == 404
    assert "It was stopped" in desk.get(f"/staff/exports/{export.pk}/").text
    other, _answer = ask(desk, f"p={mo.pk}")
    with monkeypatch.context() as patched:
        real = writing.rows_of
        patched.setattr(writing, "rows_of", lambda keys: _stopping(other, real(keys)))
        write_exports()
    assert not Export.objects.get(pk=other.pk).file


def _stopping(export, chunks):
    for chunk in chunks:
        export.stop(export.by)
        yield chunk


def test_a_worker_that_dies_is_made_up_for_when_its_lease_is_over(desk, mo, monkeypatch):
    export, _answer = ask(desk, f"p={mo.pk}")
    monkeypatch.setattr(writing, "rows_of", lambda keys: 1 / 0)
    write_exports()
    monkeypatch.undo()
    write_exports()
    export.refresh_from_db()
    assert (export.tries, export.finished_at) == (1, None)
    Export.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    write_exports()
    export.refresh_from_db()
    assert export.tries == 2 and export.is_ready


def test_what_fails_each_time_says_so(desk, mo, monkeypatch):
    _export, answer = ask(desk, f"p={mo.pk}")
    monkeypatch.setattr(writing, "rows_of", lambda keys: 1 / 0)
    for _n in range(4):
        Export.objects.update(leased_until=None)
        write_exports()
    assert "could not be written" in desk.get(answer["Location"]).text


def test_files_are_kept_a_week_and_the_log_longer(desk, mo, tmp_path):
    export, answer = ask(desk, f"p={mo.pk}")
    write_exports()
    forget_exports()
    assert list((tmp_path / "exports").iterdir())
    Export.objects.update(requested_at=timezone.now() - timedelta(days=8))
    forget_exports()
    assert not list((tmp_path / "exports").iterdir())
    assert "was deleted" in desk.get(answer["Location"]).text and ExportedPerson.objects.exists()
    assert desk.get(f"/staff/exports/{export.pk}/file/").status_code == 404


def test_whoever_is_no_staff_any_more_gets_no_file(desk, stu, ada, mo):
    export, _answer = ask(desk, f"p={mo.pk}")
    stu.appointments.get().end(ada)
    write_exports()
    export.refresh_from_db()
    assert export.failed_at and not export.file


def test_members_read_who_looked_at_their_contact_data_and_who_took_it_away(desk, sign_in, mo, olga):
    assert "Nobody so far" in sign_in(mo).get("/settings/privacy/").text
    ask(desk, f"p={mo.pk}")
    desk.post(f"/staff/members/{mo.pk}/contact/")
    page = sign_in(mo).get("/settings/privacy/")
    assert [(look.by, look.is_export) for look in page.context["looks"]] == [("Stu Staff", False), ("Stu Staff", True)]
    assert "exported a list that you are on" in page.text
    assert "Nobody so far" in sign_in(olga).get("/settings/privacy/").text


@pytest.mark.parametrize("people", [1, 3])
def test_rows_cost_the_same_for_any_number(people, mara, django_assert_num_queries):
    keys = [mara.pk, *(UserFactory().pk for _n in range(people - 1))]
    with django_assert_num_queries(2):
        assert sum(len(chunk) for chunk in rows.rows_of(keys)) == people


def test_private_fields_that_nobody_asked_for_stay_out(desk, mara):
    mara.profile.bio = mara.profile.pronouns = "Canaryword"
    mara.profile.save()
    for kind in ("csv", "vcf"):
        assert b"Canaryword" not in read(desk, ask(desk, f"p={mara.pk}", kind)[0])
