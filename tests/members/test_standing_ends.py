"""Closing an account or ending a membership ends all that spoke for the person, and reopening revives none of it."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from committees.models import JoinRequest
from events.calendar import feeds
from members.accounts import sessions
from members.applications import admission
from members.models import Application, AuditEntry, Delivery, KeptForm, StaffAppointment, User
from members.times.clock import today
from tests.factories import JurisdictionFactory, UserFactory
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code, secret

__all__ = ["secret"]
pytestmark = pytest.mark.django_db
ADMIN = StaffAppointment.Role.ADMIN


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def bea(db):
    """A second administrator."""
    bea = UserFactory(name="Bea Boss", email="bea@portal.example")
    bea.appoint(ADMIN)
    return bea


ENDS = {"closed": lambda person, by: person.deactivate(by, "x"), "left": lambda person, by: person.leave(by, "x")}


@pytest.mark.parametrize("how", ENDS)
def test_what_spoke_for_a_person_ends_with_the_standing_and_stays_ended(
    sign_in, ada, stu, bea, elsewhere, meeting, how
):
    bea.appointments.create(role=StaffAppointment.Role.ORGANIZER, started_on=today() + timedelta(days=3))
    cookie, feed, token = sign_in(bea), feeds.token(bea, 0), AuthToken.objects.create(bea)[1]
    assert cookie.get("/admin/").status_code == 200
    unlisted = Client()  # signed in, and in no list of devices
    unlisted.force_login(bea, backend="members.auth.StandingBackend")
    waiting = Client()
    ask_for_code(waiting, bea.email)
    code = mailed_code()
    JoinRequest.objects.create(committee=elsewhere, user=bea)
    Delivery.enqueue("invitation", [bea], f"meeting:{meeting.pk}")
    KeptForm.objects.create(person=bea, page="/", typed={}, mistakes={})
    place = JurisdictionFactory()
    Application.submit(bea, title="Alder", jurisdiction=place)
    ENDS[how](bea, ada)
    bea.reinstate(ada, "Back")
    assert cookie.get("/admin/").status_code == 302 and not is_in(unlisted)
    assert feeds.owner(feed) is None
    headers = {"Authorization": f"Token {token}"}
    assert Client().get("/api/me/", headers=headers).status_code == 401
    waiting.post("/account/login/code/", {"code": code})
    assert not is_in(waiting)
    assert not bea.appointments.in_force().exists()
    assert not JoinRequest.objects.waiting().exists() and not Application.objects.waiting().exists()
    assert Delivery.objects.get(kind="invitation").state == Delivery.State.SUPPRESSED
    assert not KeptForm.objects.exists()
    bea = User.objects.get(pk=bea.pk)
    assert bea.is_member and sign_in(bea, strong=True).get("/staff/").status_code == 404


def test_membership_staff_do_not_bring_back_whom_an_administrator_closed(sign_in, ada, stu, bea, mo):
    for person in (bea, mo):
        person.deactivate(ada, "x")
        url = f"/staff/members/{person.pk}/standing/"
        for to in ("reinstate", "leave"):
            assert sign_in(stu).post(url, {"to": to, "reason": "x"}).status_code == 403
        with pytest.raises(PermissionDenied):
            person.reinstate(stu, "x")
        assert sign_in(ada).post(url, {"to": "reinstate", "reason": "x"}).status_code == 302
        person.refresh_from_db()
        assert person.is_member


def test_rules_look_at_appointments_whatever_the_state_of_the_account(sign_in, stu, bea):
    User.objects.filter(pk=bea.pk).update(is_active=False)  # closed in another way, its roles still there
    url = f"/staff/members/{bea.pk}/standing/"
    assert sign_in(stu).post(url, {"to": "reinstate", "reason": "x"}).status_code == 403


def test_whom_staff_closed_staff_bring_back(stu, mo):
    mo.deactivate(stu, "x")
    assert mo.reinstate(stu, "y").is_member


def test_nobody_decides_about_themselves(stu, ada, ana):
    place = JurisdictionFactory()
    own = Application.submit(stu, title="Alder", jurisdiction=place)
    with pytest.raises(PermissionDenied):
        admission.approve(own, stu)
    assert own.applicant.offices.count() == 0 and Application.objects.waiting().exists()
    User.objects.filter(pk=ada.pk).update(left_at=timezone.now())
    ada.refresh_from_db()
    for verb in (lambda: ada.reinstate(ada), lambda: ada.admit(ada), lambda: ada.appoint("organizer", ada)):
        with pytest.raises(PermissionDenied):
            verb()
    with pytest.raises(PermissionDenied):
        ana.appoint("organizer", stu)


def test_whose_membership_an_administrator_ended_an_administrator_admits(stu, ada, mo):
    mo.leave(ada, "x")
    application = Application.submit(mo, title="Alder", jurisdiction=JurisdictionFactory())
    with pytest.raises(PermissionDenied):
        admission.approve(application, stu)
    admission.approve(application, ada)
    mo.refresh_from_db()
    assert mo.is_member and mo.barred_at is None


# Signing somebody out -----------------------------------------------------------------------------


def test_staff_sign_a_person_out_everywhere(sign_in, stu, mo):
    phone, waiting = come_in(mo), Client()
    token = AuthToken.objects.create(mo)[1]
    ask_for_code(waiting, mo.email)
    code = mailed_code()
    desk = sign_in(stu)
    assert "Sign out everywhere" in desk.get(f"/staff/members/{mo.pk}/").text
    assert desk.post(f"/staff/members/{mo.pk}/sign-out/").url == f"/staff/members/{mo.pk}/"
    assert not is_in(phone)
    waiting.post("/account/login/code/", {"code": code})
    assert not is_in(waiting)
    assert Client().get("/api/me/", headers={"Authorization": f"Token {token}"}).status_code == 401
    assert AuditEntry.objects.first().verb == "signed out everywhere"
    assert Delivery.objects.get(kind="security_news").recipient == mo
    time.sleep(0.01)
    assert is_in(come_in(mo))


def test_staff_do_not_sign_out_staff_nor_themselves(sign_in, stu, ada):
    for person in (stu, ada):
        assert sign_in(stu).post(f"/staff/members/{person.pk}/sign-out/").status_code == 403
    assert sign_in(ada).post(f"/staff/members/{stu.pk}/sign-out/").status_code == 302


# A sign-in on its way -----------------------------------------------------------------------------


def test_a_second_step_begun_before_a_sign_out_signs_nobody_in(mo, secret):
    waiting = Client()
    ask_for_code(waiting, mo.email)
    waiting.post("/account/login/code/", {"code": mailed_code()})
    sessions.end_all(mo)
    response = waiting.post("/account/login/second-step/", {"code": app_code(secret)}, follow=True)
    assert not is_in(waiting) and "Sign in once more" in response.text


def test_a_code_sent_again_after_a_sign_out_signs_in(mo):
    waiting = Client()
    ask_for_code(waiting, mo.email)
    sessions.end_all(mo)
    waiting.post("/account/login/code/again/")
    waiting.post("/account/login/code/", {"code": mailed_code()})
    assert is_in(waiting)


def test_a_code_asked_for_before_a_change_of_address_signs_nobody_in(mo):
    waiting = Client()
    ask_for_code(waiting, mo.email)
    old, code = mo.email, mailed_code()
    mo.change_email("mo.new@portal.example")
    response = waiting.post("/account/login/code/", {"code": code}, follow=True)
    assert not is_in(waiting) and "That code has expired" in response.text
    again = Client()
    ask_for_code(again, old)
    assert Delivery.objects.filter(kind="sign_in_unknown", address=old).exists()


def test_a_code_sent_again_does_not_follow_to_the_new_address(mo):
    waiting = Client()
    ask_for_code(waiting, mo.email)
    mo.change_email("mo.new@portal.example")
    before = Delivery.objects.count()
    waiting.post("/account/login/code/again/")
    assert [each.kind for each in Delivery.objects.order_by("pk")[before:]] == ["sign_in_unknown"]


def test_signing_out_all_others_ends_what_is_on_its_way_and_stays_itself(mo):
    waiting, laptop, unlisted = Client(), come_in(mo), Client()
    unlisted.force_login(mo, backend="members.auth.StandingBackend")
    ask_for_code(waiting, mo.email)
    code = mailed_code()
    laptop.post("/settings/security/devices/end/")
    waiting.post("/account/login/code/", {"code": code})
    assert (is_in(laptop), is_in(waiting), is_in(unlisted)) == (True, False, False)
