"""The cast of every test: Carla chairs, Mo is on the committee, Olga is a member elsewhere, Stu is staff."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import update_last_login
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from committees.models import Committee, Membership
from members.accounts import sessions
from members.models import StaffAppointment, User
from members.session_store import SessionStore
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
        method = "mfa" if (user.is_staff_member if strong is None else strong) else "code"
        key = _begin_session(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: "members.auth.StandingBackend",
                HASH_SESSION_KEY: user.get_session_auth_hash(),
                AUTHENTICATION_METHODS_SESSION_KEY: [{"method": method, "at": time.time()}],
                _AUTHENTICATION_METHODS_USER_SESSION_KEY: str(user.pk),
                sessions.OPEN: sessions.digest_of_open("open"),
            }
        )
        update_last_login(None, user)
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        client.cookies[sessions.OPEN] = "open"
        UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="")
        return client

    return client_of


def _begin_session(facts: dict[str, Any]) -> str:
    """What `force_login` leaves, in one statement instead of a dozen: nearly every test signs somebody in."""
    key = secrets.token_hex(16)
    ends = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Session.objects.create(session_key=key, session_data=SessionStore().encode(facts), expire_date=ends)
    return key
