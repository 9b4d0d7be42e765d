"""The cast of every test: Carla chairs, Mo is on the committee, Olga is a member elsewhere, Stu is staff."""

import time
from collections.abc import Callable

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.usersessions.models import UserSession
from django.test import Client

from committees.models import Committee, Membership
from members.accounts import sessions
from members.models import StaffAppointment, User
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, UserFactory


@pytest.fixture
def committee(db) -> Committee:
    return CommitteeFactory(slug="economic-justice", name="Economic Justice")


@pytest.fixture
def elsewhere(db) -> Committee:
    return CommitteeFactory(slug="housing-justice", name="Housing Justice")


@pytest.fixture
def carla(committee) -> User:
    carla = UserFactory(name="Carla Núñez-O'Hara", email="carla@portal.example")
    MembershipFactory(committee=committee, user=carla, role=Membership.Role.CHAIR)
    return carla


@pytest.fixture
def mo(committee) -> User:
    mo = UserFactory(name="Mo Haddad", email="mo@portal.example")
    MembershipFactory(committee=committee, user=mo)
    return mo


@pytest.fixture
def olga(elsewhere) -> User:
    olga = UserFactory(name="Olga Petrova", email="olga@portal.example")
    MembershipFactory(committee=elsewhere, user=olga)
    return olga


@pytest.fixture
def chet(elsewhere) -> User:
    """Chairs another committee."""
    chet = UserFactory(name="Chet Baker", email="chet@portal.example")
    MembershipFactory(committee=elsewhere, user=chet, role=Membership.Role.CHAIR)
    return chet


@pytest.fixture
def ana(db) -> User:
    """Has an account and is not admitted yet."""
    return UserFactory(name="Ana Applicant", email="ana@portal.example", admitted_at=None)


@pytest.fixture
def stu(db) -> User:
    stu = UserFactory(name="Stu Staff", email="stu@portal.example")
    stu.appoint(StaffAppointment.Role.MEMBERSHIP)
    return stu


@pytest.fixture
def ada(db) -> User:
    ada = UserFactory(name="Ada Admin", email="ada@portal.example")
    ada.appoint(StaffAppointment.Role.ADMIN)
    return ada


@pytest.fixture
def meeting(committee, carla):
    return MeetingFactory(committee=committee, by=carla, title="Fair workweek")


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """`sign_in(user)` gives a client of that person; staff come with a second factor unless `strong=False`."""

    def client_of(user: User | None = None, *, strong: bool | None = None) -> Client:
        client = Client()
        if user is None:
            return client
        client.force_login(user, backend="members.auth.StandingBackend")
        session = client.session
        method = "mfa" if (user.is_staff_member if strong is None else strong) else "code"
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time()}]
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        session[sessions.OPEN] = sessions.digest_of_open("open")
        client.cookies[sessions.OPEN] = "open"
        session.save()
        UserSession.objects.create(user=user, session_key=session.session_key, ip="127.0.0.1", user_agent="")
        return client

    return client_of
