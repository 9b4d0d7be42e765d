"""A mailbox alone gives no staff powers: the first factor of somebody in a staff role needs a code handed over by another way."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from members.models import AuditEntry, Delivery, Enrollment, StaffAppointment, User
from members.models.enrollments import MOST_TRIES
from members.times.clock import today
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import app_code

pytestmark = pytest.mark.django_db
APP, PASSKEY = "/settings/security/app/", "/settings/security/passkeys/add/"
CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b")


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def add_app(client: Client, **typed: str) -> bool:
    form = client.get(APP).context["form"]
    client.post(APP, {"sealed": form.sealed, "code": app_code(form.secret)} | typed)
    return Authenticator.objects.filter(type="totp").exists()


def test_a_mailbox_alone_adds_no_factor_and_opens_no_desk(stu):
    client = come_in(stu)
    assert "Enrollment code" in client.get(APP).text and "Enrollment code" in client.get(PASSKEY).text
    assert not add_app(client)
    assert not add_app(client, enrollment="AAAA-AAAA-AAAA")
    assert client.get("/staff/").status_code == 403


def test_a_role_that_begins_later_needs_the_code_too(mo):
    mo.appointments.create(role=StaffAppointment.Role.ORGANIZER, started_on=today() + timedelta(days=3))
    assert not add_app(come_in(mo))


def test_the_code_works_once_however_it_is_typed_and_administrators_hear_of_it(stu, ada):
    code, client = Enrollment.issue(stu, ada), come_in(stu)
    assert code not in str(list(Enrollment.objects.values()))
    assert add_app(client, enrollment=f" {code.lower().replace('-', ' ')} ")
    assert client.get("/staff/").status_code == 200
    told = Delivery.objects.filter(kind="staff_enrolled")
    assert [each.recipient for each in told] == [ada]
    Authenticator.objects.all().delete()
    assert not add_app(come_in(stu), enrollment=code)


@pytest.mark.parametrize("age", [timedelta(days=7, minutes=1), timedelta(days=6)])
def test_the_code_lasts_seven_days(stu, ada, age):
    code = Enrollment.issue(stu, ada)
    Enrollment.objects.update(made_at=timezone.now() - age)
    assert add_app(come_in(stu), enrollment=code) is (age < timedelta(days=7))


def test_nobody_guesses_the_code_nor_uses_that_of_another(stu, ada):
    code, other = Enrollment.issue(stu, ada), Enrollment.issue(ada, None)
    assert not Enrollment.claim(stu, other)
    for _try in range(MOST_TRIES):
        Enrollment.claim(stu, "AAAA")
    assert not Enrollment.claim(stu, code)


def test_a_new_code_ends_the_earlier_one(stu, ada):
    first, second = Enrollment.issue(stu, ada), Enrollment.issue(stu, ada)
    assert not Enrollment.claim(stu, first) and Enrollment.claim(stu, second)


def test_a_wrong_code_is_a_sentence_and_is_not_kept(stu):
    client = come_in(stu)
    form = client.get(APP).context["form"]
    typed = {"sealed": form.sealed, "code": app_code(form.secret), "enrollment": "WRNG-WRNG-WRNG"}
    page = client.post(APP, typed, follow=True, headers={"Accept": "text/html"})
    assert "Ask an administrator for a new one" in page.text and "WRNG" not in page.text


def test_members_add_a_factor_without_a_code(mo, ada):
    client = come_in(mo)
    assert "Enrollment code" not in client.get(APP).text
    assert add_app(client)
    assert not Delivery.objects.filter(kind="staff_enrolled").exists()


def test_a_factor_vouches_for_the_next_one(stu, ada, sign_in):
    assert "Enrollment code" not in sign_in(stu).get(APP).text


# The desk -----------------------------------------------------------------------------------------


def test_an_administrator_appoints_and_sees_the_code_once(sign_in, ada, mo):
    desk, url = sign_in(ada), f"/staff/members/{mo.pk}/access/"
    assert "Give this role" in desk.get(url).text
    page = desk.post(f"{url}appoint/", {"role": "organizer"})
    code = CODE.search(page.text)[0]
    assert "no-store" in page["Cache-Control"] and code not in desk.get(url).text
    assert User.objects.get(pk=mo.pk).roles == ["organizer"]
    assert add_app(come_in(mo), enrollment=code)
    desk.post(f"{url}roles/{mo.appointments.get().pk}/end/")
    assert User.objects.get(pk=mo.pk).roles == []


def test_a_factor_from_before_the_role_counts_when_its_owner_was_asked(sign_in, ada, mo):
    TOTP.activate(mo, generate_totp_secret())
    desk, url = sign_in(ada), f"/staff/members/{mo.pk}/access/"
    assert "they told me so by phone or in person" in desk.get(url).text
    page = desk.post(f"{url}appoint/", {"role": "organizer", "keep": "on"})
    assert page.url == url and not Enrollment.objects.exists() and Authenticator.objects.exists()


def test_a_factor_that_waited_for_a_role_opens_no_desk(sign_in, ada, mo):
    """Whoever read the mailbox of a member added one, and had the desk on the day of the appointment."""
    thief = come_in(mo)
    assert add_app(thief)
    page = sign_in(ada).post(f"/staff/members/{mo.pk}/access/appoint/", {"role": "organizer"})
    assert not Authenticator.objects.exists() and not is_in(thief)
    owner = come_in(mo)
    assert not add_app(owner) and owner.get("/staff/").status_code == 403
    assert add_app(owner, enrollment=CODE.search(page.text)[0])


def test_another_role_leaves_the_factors_of_staff_alone(sign_in, ada, stu):
    TOTP.activate(stu, generate_totp_secret())
    desk, url = sign_in(ada), f"/staff/members/{stu.pk}/access/"
    assert "they told me so" not in desk.get(url).text
    assert desk.post(f"{url}appoint/", {"role": "organizer"}).url == url
    assert Authenticator.objects.filter(user=stu).exists()


def test_a_lost_factor_is_forgotten_and_a_code_lets_another_in(sign_in, ada, stu):
    TOTP.activate(stu, generate_totp_secret())
    RecoveryCodes.activate(stu)
    thief = sign_in(stu)
    page = sign_in(ada).post(f"/staff/members/{stu.pk}/access/forget/")
    assert not Authenticator.objects.exists() and not is_in(thief)
    assert Delivery.objects.get(kind="security_news").recipient == stu
    assert AuditEntry.objects.filter(verb="forgot factors", actor=ada).exists()
    owner = come_in(stu)
    assert not add_app(owner)
    assert add_app(owner, enrollment=CODE.search(page.text)[0])


def test_nobody_appoints_or_forgets_for_themselves_nor_without_being_an_administrator(sign_in, ada, stu, mo):
    for act in ("appoint/", "forget/"):
        assert sign_in(ada).post(f"/staff/members/{ada.pk}/access/{act}", {"role": "organizer"}).status_code == 403
        assert sign_in(stu).post(f"/staff/members/{mo.pk}/access/{act}", {"role": "organizer"}).status_code == 403
    own = ada.appointments.get()
    assert sign_in(ada).post(f"/staff/members/{ada.pk}/access/roles/{own.pk}/end/").status_code == 403
    assert sign_in(ada).post(f"/staff/members/{mo.pk}/access/appoint/", {"role": "queen"}).status_code == 200
    assert User.objects.get(pk=mo.pk).roles == [] and not Enrollment.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_roles(sign_in, ada, mo, rows, django_assert_num_queries):
    for role in list(StaffAppointment.Role)[:rows]:
        mo.appoint(role)
        Authenticator.objects.create(user=mo, type="webauthn", data={"name": "x", "credential": {}})
    client = sign_in(ada)
    with django_assert_num_queries(7):
        client.get(f"/staff/members/{mo.pk}/access/")


# The command line ---------------------------------------------------------------------------------


def said(command: str, *arguments: str, **options) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_first_administrator_gets_the_code_from_the_command_line(db):
    words = said("createsuperuser", email="new@portal.example", name="New Admin", input=False)
    person = User.objects.get(email="new@portal.example")
    assert add_app(come_in(person), enrollment=CODE.search(words)[0])


def test_whoever_runs_the_server_gives_a_lost_factor_back(stu, mo):
    TOTP.activate(stu, generate_totp_secret())
    code = CODE.search(said("enrollment_code", "STU@portal.example"))[0]
    assert not Authenticator.objects.exists()
    assert add_app(come_in(stu), enrollment=code)
    for email in ("nobody@portal.example", mo.email):
        with pytest.raises(CommandError):
            said("enrollment_code", email)
