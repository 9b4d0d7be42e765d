"""There is always one administrator, and whoever is made or unmade one hears of it."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from members.accounts import enrollment
from members.applications import standing
from members.models import AuditEntry, Delivery, StaffAppointment, User
from tests.factories import UserFactory

LAST = "There is always one administrator"


def administrator(name: str) -> User:
    person = UserFactory(name=name)
    person.appoint("admin")
    return person


def told(kind: str) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(kind=kind).order_by("pk")
    return [(row.address, row.facts["news"]) for row in rows]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "end",
    [
        lambda ada: ada.appointments.get(role="admin").end(None),
        lambda ada: ada.appointments.get(role="admin").end(ada),
        lambda ada: ada.leave(ada),
        lambda ada: ada.deactivate(ada, ""),
        lambda ada: standing.change(ada, "leave", ada, "Enough."),
        lambda ada: enrollment.end_role(ada.appointments.get(role="admin"), ada),
    ],
)
def test_nobody_ends_the_last_one(ada, stu, end):
    for other, ended in ((administrator("Gone"), True), (administrator("Later"), False)):
        appointment = other.appointments.get()
        appointment.ended_on = appointment.started_on if ended else None
        appointment.save()
    User.objects.filter(name="Later").update(is_active=False)  # has the role and no open account
    with pytest.raises(PermissionDenied, match=LAST):
        end(ada)
    assert StaffAppointment.objects.administrators().get().user == ada
    ada.refresh_from_db()
    assert (ada.is_active, ada.left_at) == (True, None)
    administrator("Second")
    end(ada)
    assert not StaffAppointment.objects.administrators().filter(user=ada).exists()


@pytest.mark.django_db
def test_the_desk_and_the_admin_end_nobodys_own_role(sign_in, ada):
    client = sign_in(ada)
    role = ada.appointments.get()
    assert client.post(reverse("staff_member_role_end", args=[ada.pk, role.pk])).status_code == 403
    page = client.get(reverse("admin:members_user_change", args=[ada.pk]))
    assert "is_active" not in page.context["adminform"].form.fields
    assert StaffAppointment.objects.administrators().get().user == ada


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["end_role", "deactivate", "leave"])
def test_two_who_end_each_other_at_once_leave_one(verb):
    for _round in range(8):
        pair = [administrator("Ada"), administrator("Bea")]
        start, refused = Barrier(2), []

        def act(by: User, other: User, start: Barrier = start, refused: list = refused) -> None:
            start.wait()
            try:
                if verb == "end_role":
                    enrollment.end_role(other.appointments.get(), by)
                else:
                    standing.change(other, verb, by, "Enough.")
            except PermissionDenied:
                refused.append(by)
            finally:
                connection.close()

        threads = [Thread(target=act, args=pair), Thread(target=act, args=pair[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert StaffAppointment.objects.administrators().count() == 1, refused
        StaffAppointment.objects.all().delete()


@pytest.mark.django_db
def test_whoever_gets_or_loses_a_role_hears_of_it_and_so_do_all_administrators(sign_in, ada, mo):
    bea = administrator("Bea Admin")
    client = sign_in(ada)
    for _twice in range(2):
        client.post(reverse("staff_member_appoint", args=[mo.pk]), {"role": "admin"})
    assert told("account_news") == [(mo.email, "You have a staff role now: Administrator.")]
    made = "Ada Admin made Mo Haddad an administrator."
    assert sorted(told("staff_news")) == sorted([(ada.email, made), (bea.email, made)])
    role = mo.appointments.get()
    for _twice in range(2):
        client.post(reverse("staff_member_role_end", args=[mo.pk, role.pk]))
    assert told("account_news")[1:] == [(mo.email, "Your staff role ended: Administrator.")]
    assert len(told("staff_news")) == 4
    assert [entry.verb for entry in AuditEntry.objects.filter(object_id=mo.pk).order_by("pk")][-2:] == [
        "made enrollment code",
        "ended appointment",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "words"), [("leave", "Your membership was ended."), ("deactivate", "Your account was closed.")]
)
def test_whose_standing_changes_hears_of_it(sign_in, stu, mo, to, words):
    client, page = sign_in(stu), reverse("staff_member_standing", args=[mo.pk])
    assert client.post(page, {"to": to, "reason": "Moved away."}).status_code == 302
    client.post(page, {"to": "reinstate", "reason": "Back."})
    (address, first), (_same, second) = told("account_news")
    assert address == mo.email and first.startswith(words) and second.startswith("You’re back")


# Another's address -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_administrator_changes_anothers_address_and_both_addresses_hear_of_it(sign_in, ada, mo, stu):
    theirs, client, page = sign_in(mo), sign_in(ada), reverse("staff_member_email", args=[mo.pk])
    assert sign_in(stu).get(page).status_code == 403
    form = client.get(page).context["form"]
    assert client.post(page, {"email": "stu@portal.example", "reason": "Lost."}, follow=True).status_code == 422
    assert client.post(page, {"email": "Mo@New.Example", "reason": ""}, follow=True).status_code == 422
    given = {"email": "Mo@New.Example", "reason": "Lost the mailbox; I called.", "seen": form["seen"].value()}
    assert client.post(page, given).status_code == 302
    mo.refresh_from_db()
    assert mo.email == "mo@new.example" and theirs.get("/settings/details/").status_code == 302
    assert [address for address, _news in told("account_news")] == ["mo@portal.example", "mo@new.example"]
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.actor, entry.reason) == ("gave another email", ada, "Lost the mailbox; I called.")
    assert "portal.example" not in str((entry.before, entry.after))
    assert client.post(page, given | {"email": "mo@third.example"}, follow=True).status_code == 409
    assert "Ada Admin changed the email of Mo Haddad" in client.get("/staff/activity/").text


@pytest.mark.django_db
def test_ones_own_address_is_proved_by_code(sign_in, ada):
    page = reverse("staff_member_email", args=[ada.pk])
    assert sign_in(ada).post(page, {"email": "eve@new.example", "reason": "x"}).url == reverse("settings_email")
    with pytest.raises(PermissionDenied):
        standing.give_email(ada, "eve@new.example", ada, "x")


@pytest.mark.django_db
def test_all_administrators_hear_when_the_address_of_somebody_at_the_desk_changes(ada, stu):
    standing.give_email(stu, "stu@new.example", ada, "Lost.")
    assert told("staff_news") == [(ada.email, "Ada Admin changed the address with which Stu Staff signs in.")]
