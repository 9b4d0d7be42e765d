"""An import does what it showed: carrying it out once, refusing, going on after a stop or a kill, taking it back."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone

from members.models import AuditEntry, Delivery, Findable, Import, Office, User
from members.models.imports import UNDO_FOR
from members.roster.importing import committing, undoing, worker
from members.tasks import forget_imports
from tests.factories import JurisdictionFactory, MembershipFactory, UserFactory
from tests.members.roster.lists import HEADINGS, brought, carried_out, plan_of, row

pytestmark = pytest.mark.django_db

TERRENCE = "Terrence,Boyle,terrence@gb.example,719-545-0123,Council Member,Pueblo,CO,12/31/2029"
ALMA = "Alma,Quintero,alma@lc.example,,,,,"
MO = "Mo,Haddad,mo@portal.example,719-545-0199,Mayor,Pueblo,CO,"


@pytest.fixture(autouse=True)
def pueblo():
    return JurisdictionFactory(name="Pueblo", state="CO")


@pytest.fixture
def mo():
    return UserFactory(name="Mo Haddad", email="mo@portal.example")


def done_of(imported: Import) -> list[tuple[int, str, str]]:
    return list(imported.rows_of.order_by("number").values_list("number", "done", "done_reason"))


def everybody() -> list[tuple]:
    """All that a list may change, of everybody."""
    facts = ("email", "name", "given_name", "profile__phone", "offices__title", "offices__ended_on", "timezone")
    return sorted(map(str, User.objects.values_list(*facts, "is_active", "left_at")))


def acts_on(person: User) -> list[str]:
    kind = ContentType.objects.get_for_model(User)
    about = AuditEntry.objects.filter(content_type=kind, object_id=person.pk)
    return list(about.order_by("pk").values_list("verb", flat=True))


def test_a_plan_changes_nothing(stu, mo):
    before = everybody()
    imported = brought(TERRENCE, MO, by=stu)
    assert plan_of(imported) == [(2, "create", "new_member"), (3, "update", "same_email")]
    assert (imported.state, everybody()) == (Import.State.PLANNED, before)


def test_it_does_what_it_showed_and_brought_again_it_does_nothing(stu, mo):
    imported = carried_out(brought(TERRENCE, MO, ",,nobody@lc.example,,,,,", by=stu), stu)
    assert imported.state == Import.State.FINISHED
    assert [each[:2] for each in done_of(imported)] == [(2, "created"), (3, "updated"), (4, "skipped")]
    terrence = User.objects.get(email="terrence@gb.example")
    assert (terrence.name, terrence.given_name, terrence.is_member) == ("Terrence Boyle", "Terrence", True)
    assert (terrence.timezone, terrence.has_usable_password()) == ("America/Denver", False)
    assert str(terrence.profile.phone) == "+17195450123"
    office = terrence.offices.get()
    assert (str(office.jurisdiction), office.level, str(office.ended_on)) == ("Pueblo, CO", "city", "2029-12-31")
    mo.profile.refresh_from_db()
    assert (str(mo.profile.phone), mo.offices.get().title) == ("+17195450199", "Mayor")
    assert acts_on(terrence) == ["added by an import"] and acts_on(mo) == ["updated by an import"]
    assert "719" not in str(AuditEntry.objects.values_list("before", "after"))
    assert Findable.objects.filter(kind="person", key=terrence.pk).exists()
    assert not Delivery.objects.exists()
    again = brought(TERRENCE, MO, by=stu)
    assert plan_of(again) == [(2, "unchanged", "same_email"), (3, "unchanged", "same_email")]
    before = everybody()
    carried_out(again, stu)
    assert (everybody(), again.rows_of.count_done()) == (before, {"unchanged": 2})


def test_nothing_is_imported_once_a_member_changed_since(stu, mo):
    imported = brought(TERRENCE, MO, by=stu)
    mo.name = "Mohammed Haddad"
    mo.save()
    carried_out(imported, stu)
    assert imported.state == Import.State.OUTDATED
    assert list(imported.rows_of.changed_since().values_list("number", flat=True)) == [3]
    assert not User.objects.filter(email="terrence@gb.example").exists()
    imported.plan_again()
    worker.work()
    imported.refresh_from_db()
    assert carried_out(imported, stu).state == Import.State.FINISHED


def test_nothing_is_imported_once_somebody_has_an_address_of_it(stu):
    imported = brought(TERRENCE, ALMA, by=stu)
    UserFactory(email="Terrence@gb.example")
    assert carried_out(imported, stu).state == Import.State.OUTDATED
    assert not User.objects.filter(email="alma@lc.example").exists()


def test_a_row_whose_member_changes_while_others_are_written_is_left_out(stu, mo):
    imported = brought(TERRENCE, MO, by=stu)
    imported.confirm(stu, imported.version)
    imported = worker.claim()
    assert committing.verify(imported)
    mo.name = "Mohammed Haddad"
    mo.save()
    committing.commit(imported, float("inf"))
    assert done_of(imported) == [(2, "created", ""), (3, "failed", "changed_since")]


def test_what_staff_choose_is_done(stu):
    alma = UserFactory(name="Alma Quintero", email="alma@portal.example")
    other = UserFactory(name="Bo Diaz", email="bo@portal.example")
    imported = brought("Alma,Quintero,alma@lc.example,719-545-0123,,,,", "Bo,Diaz,bo@lc.example,,,,,", by=stu)
    carried_out(imported, stu, {2: f"update:{alma.pk}", 3: "create"})
    assert [each[1] for each in done_of(imported)] == ["updated", "created"]
    alma.refresh_from_db()
    assert (alma.email, str(alma.profile.phone)) == ("alma@lc.example", "+17195450123")
    assert User.objects.filter(name="Bo Diaz").count() == 2
    assert User.objects.get(pk=other.pk).email == "bo@portal.example"


def test_two_rows_of_one_person_make_one(stu):
    imported = brought("Alma,Quintero,alma@lc.example,,Mayor,Pueblo,CO,", "Alma,Quintero,alma@lc.example,719-545-0123,Mayor,Pueblo,CO,12/31/2029", by=stu)  # fmt: skip
    carried_out(imported, stu)
    alma = User.objects.get(email="alma@lc.example")
    assert [each[1] for each in done_of(imported)] == ["created", "updated"]
    assert (str(alma.profile.phone), str(alma.offices.get().ended_on)) == ("+17195450123", "2029-12-31")
    imported.undo(stu)
    worker.work()
    assert not User.objects.filter(email="alma@lc.example").exists()


def test_confirming_twice_and_two_workers_do_it_once(stu):
    imported = brought(ALMA, by=stu)
    assert imported.confirm(stu, imported.version)
    assert not Import.objects.get(pk=imported.pk).confirm(stu, imported.version)
    assert worker.claim() is not None
    assert worker.claim() is None


def test_another_worker_goes_on_where_one_was_killed(stu, monkeypatch):
    monkeypatch.setattr(committing, "AT_ONCE", 2)
    people = [f"Ann{n},Ortiz{n},ann{n}@lc.example,,Mayor,Pueblo,CO," for n in range(5)]
    imported = brought(*people, by=stu)
    imported.confirm(stu, imported.version)
    first = worker.claim()
    assert committing.verify(first)
    rows = list(first.rows_of.not_done().order_by("number")[:2])
    committing.Batch(first, rows).write()  # and nothing more: killed after its batch
    assert worker.work() == 0  # the other waits until it is sure
    Import.objects.update(leased_until=Now())
    worker.work()
    with pytest.raises(worker.Lost):
        committing.commit(first, float("inf"))
    assert set(imported.rows_of.values_list("done", flat=True)) == {"created"}
    assert User.objects.filter(email__endswith="@lc.example").count() == Office.objects.count() == 5


def test_reading_begins_again_after_a_kill_and_is_given_up_in_the_end(stu):
    imported = brought(ALMA, by=stu)
    imported.plan_again()
    for _killed in range(5):
        assert worker.claim()
        Import.objects.update(leased_until=Now())
    worker.work()
    imported.refresh_from_db()
    assert (imported.state, imported.rows_of.count()) == (Import.State.FAILED, 1)


def test_it_is_taken_back_whole(stu, mo):
    before = everybody()
    imported = carried_out(brought(TERRENCE, MO, by=stu), stu)
    assert everybody() != before
    assert imported.undo(stu)
    assert not imported.undo(stu)
    worker.work()
    imported.refresh_from_db()
    assert (imported.state, everybody()) == (Import.State.UNDONE, before)


def test_what_somebody_changed_or_uses_since_stays(stu, mo, committee):
    imported = carried_out(brought(TERRENCE, MO, ALMA, "Bo,Diaz,bo@lc.example,,,,,", by=stu), stu)
    MembershipFactory(committee=committee, user=User.objects.get(email="terrence@gb.example"))
    mo.refresh_from_db()
    mo.profile.refresh_from_db()
    mo.profile.phone = "+17195450177"
    mo.profile.save()
    User.objects.filter(email="alma@lc.example").update(last_login=timezone.now())
    imported.undo(stu)
    worker.work()
    kept = dict(imported.rows_of.values_list("number", "undo_reason"))
    assert kept == {2: undoing.IN_USE, 3: undoing.CHANGED, 4: undoing.IN_USE, 5: ""}
    assert User.objects.filter(email="alma@lc.example").exists()
    assert not User.objects.filter(email="bo@lc.example").exists()


def test_it_can_be_taken_back_for_seven_days(stu):
    imported = carried_out(brought(ALMA, by=stu), stu)
    Import.objects.update(finished_at=timezone.now() - UNDO_FOR)
    imported.refresh_from_db()
    assert not imported.undo(stu)


def test_rows_are_forgotten_in_time(stu):
    imported = carried_out(brought(ALMA, by=stu), stu)
    forget_imports()
    assert imported.rows_of.exists()
    Import.objects.update(touched_at="2020-01-01T00:00Z")
    forget_imports()
    imported.refresh_from_db()
    assert (imported.rows_of.count(), bool(imported.file), imported.counts) == (0, False, {"create": 1})


def test_the_command_says_and_does_the_same(tmp_path, capsys, stu):
    file = tmp_path / "winners.csv"
    file.write_text("\n".join([HEADINGS, TERRENCE, ",,x,,,,,"]))
    call_command("import_members", str(file))
    assert not User.objects.filter(email="terrence@gb.example").exists()
    told = capsys.readouterr().out
    assert "      1 create" in told and "      1 reject" in told
    call_command("import_members", str(file), commit=True, by=stu.email)
    assert "      1 created" in capsys.readouterr().out
    assert User.objects.filter(email="terrence@gb.example").exists()


def test_what_cannot_be_read_says_so(stu):
    imported = brought(by=stu, headings="", name="nothing.csv")
    assert imported.state == Import.State.FAILED and "nothing.csv" in imported.failure


def test_a_corrected_row_of_the_first_list_is_imported_by_the_second(stu):
    imported = carried_out(brought("Alma,Quintero,nonsense,,,,,", by=stu), stu)
    assert row(imported, 2).outcome == "reject"
    second = brought("Alma,Quintero,alma@lc.example,,,,,,No email.", headings=f"{HEADINGS},What is wrong", by=stu)
    assert plan_of(second) == [(2, "create", "new_member")]


def test_an_office_that_somebody_left_is_history_to_a_list(stu, mo):
    ends = MO.replace("CO,", "CO,12/31/2029")
    carried_out(brought(ends, by=stu), stu)
    mo.offices.update(leaves=True, ended_on="2026-01-01")
    carried_out(brought(ends.replace("2029", "2031"), by=stu), stu)
    assert sorted(mo.offices.values_list("leaves", "ended_on__year")) == [(False, 2031), (True, 2026)]


def test_the_day_on_which_somebody_leaves_outlives_taking_an_import_back(stu, mo):
    carried_out(brought(MO, by=stu), stu)
    imported = carried_out(brought(MO.replace("CO,", "CO,12/31/2029"), by=stu), stu)
    mo.offices.update(leaves=True)
    imported.undo(stu)
    worker.work()
    assert list(mo.offices.values_list("leaves", "ended_on__year")) == [(True, 2029)]
