"""Signed-in devices: how strong and how recent their proofs are, and ending them.

A session ends when its row in the database is deleted, so the device is signed out with its next request.
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from knox.models import AuthToken

from members.accounts.messages import tell_security_news
from members.models import AuditEntry, User
from members.times.zones import known_zones

RECENT = 15 * 60  # seconds for which a proof is good enough for what can't be taken back
STRONG = 12 * 60 * 60  # seconds for which a second factor or a passkey opens the staff desk, while the browser is open
OPEN = "__Host-open" if settings.HTTPS else "open"  # a cookie that goes when the browser is closed
CLOCK = "clock"  # in the session: the time zone of its device
STAYS = "stays_since"  # in the session from which a person signed out all others: when


def is_strong(request: HttpRequest) -> bool:
    """Whether a second factor or a passkey was used within 12 hours, and the browser was not closed since."""
    return any(time.time() - record.get("at", 0) < STRONG for record in _strong_records(request))


def is_recent(request: HttpRequest) -> bool:
    """Whether the person lately gave the strongest proof they have set up."""
    strong = has_factor(request.user)
    records = _strong_records(request) if strong else get_authentication_records(request, request.user)
    return any(time.time() - record.get("at", 0) < RECENT for record in records)


def _strong_records(request: HttpRequest) -> list[dict]:
    """What was proved by a second factor since this browser was opened."""
    records = [each for each in get_authentication_records(request, request.user) if each.get("method") == "mfa"]
    return records if records and _is_still_open(request) else []


def _is_still_open(request: HttpRequest) -> bool:
    cookie = getattr(request, "fresh_open", "") or request.COOKIES.get(OPEN, "")
    return bool(cookie) and constant_time_compare(request.session.get(OPEN, ""), digest_of_open(cookie))


def digest_of_open(cookie: str) -> str:
    """The hash of the cookie that the session keeps, so that reading the session is not enough to forge the cookie."""
    return salted_hmac("members.sessions.open", cookie, algorithm="sha256").hexdigest()


def note_open(request: HttpRequest) -> None:
    """Called with each strong proof, which counts as long as the browser has the cookie that `save_open` sets."""
    if _is_still_open(request):
        return
    request.fresh_open = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
    request.session[OPEN] = digest_of_open(request.fresh_open)  # type: ignore[attr-defined]


def save_open(request: HttpRequest, response: HttpResponse) -> None:
    if cookie := getattr(request, "fresh_open", ""):
        response.set_cookie(OPEN, cookie, secure=settings.HTTPS, httponly=True, samesite="Lax")


def outlived(request: HttpRequest) -> bool:
    """Whether this session began before its person was signed out everywhere, or left the organization."""
    ends = [moment.timestamp() for moment in (request.user.left_at, request.user.signed_out_at) if moment]
    if not ends:
        return False
    begun = [record.get("at", 0) for record in get_authentication_records(request, request.user)]
    return max([*begun, request.session.get(STAYS, 0)], default=0) <= max(ends)


def record_proof(request: HttpRequest, user: User, method: str, kind: str) -> None:
    """Note in the session how `user` proved who they are: method "mfa" (strong) or "code"."""
    record_authentication(request, user, method, type=kind)


def forget_strength(request: HttpRequest) -> None:
    """After the last factor was removed: forget that it was proved."""
    records = get_authentication_records(request, request.user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record for record in records if record.get("method") != "mfa"
    ]


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user).exists()


def devices_of(user: User) -> QuerySet[UserSession]:
    """Sessions that still work, newest first."""
    working = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=working).order_by("-created_at")


def remember_device(request: HttpRequest) -> None:
    """List this device among those of the person who just signed in."""
    UserSession.objects.create_from_request(request)


def end(devices: QuerySet[UserSession]) -> int:
    """Sign out these devices; how many there were."""
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_others(request: HttpRequest) -> int:
    """Sign out all other devices of this person, and sign-ins that are under way. How many devices."""
    _void_what_was_begun(request.user)
    request.session[STAYS] = time.time()
    return end(UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key))


def end_all(person: User) -> int:
    """Sign `person` out everywhere: devices, sign-ins on their way, tokens of programs. How many devices there were."""
    _void_what_was_begun(person)
    end_tokens(person)
    return end(UserSession.objects.filter(user=person))


def end_tokens(person: User) -> None:
    AuthToken.objects.filter(user=person).delete()


@transaction.atomic
def sign_out_everywhere(person: User, by: User) -> int:
    """As `end_all`, asked for by somebody else: it is written down, and the person hears of it."""
    ended = end_all(person)
    AuditEntry.record(by, "signed out everywhere", person)
    tell_security_news(person, _("We signed you out on all devices and ended your tokens for programs."))
    return ended


def _void_what_was_begun(person: User) -> None:
    """Sessions that no list names, and sign-ins that wait for their code or second step (members.sign_in.login_stages)."""
    person.signed_out_at = timezone.now()
    person.save(update_fields=["signed_out_at"])


def is_void(person: User, begun_at: float) -> bool:
    """Whether `person` was signed out since this sign-in began, as the row says now."""
    since = datetime.fromtimestamp(begun_at, tz=timezone.get_default_timezone())
    return User.objects.filter(pk=person.pk, signed_out_at__gte=since).exists()


@receiver(authentication_step_completed)
def rotate(sender: type[User], request: HttpRequest, method: str, **kwargs: object) -> None:
    """Give a session a new key when it gets stronger, so that a copy of the old cookie is worthless."""
    if method != "mfa":
        return
    note_open(request)
    if not request.user.is_authenticated:
        return
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def note_clock(request: HttpRequest) -> None:
    """Keep with the session to which time zone its device is set, as its script said when signing in began."""
    zone = request.POST.get("clock", "")
    if zone in known_zones():
        request.session[CLOCK] = zone


def device_of(request: HttpRequest) -> str:
    """Firefox on Windows, clock set to Denver time; "" when the browser does not say (docs/adr/0037)."""
    browser, system = device_name(request.headers.get("User-Agent", ""))
    names = {"browser": browser, "system": system}
    device: str = _("%(browser)s on %(system)s") % names if browser and system else browser or system
    place = request.session.get(CLOCK, "").rpartition("/")[2].replace("_", " ")
    told = {"device": device, "place": place}
    return _("%(device)s, clock set to %(place)s time") % told if device and place else device


def device_name(user_agent: str) -> tuple[str, str]:
    """Browser and system as people call them: "Firefox on Windows"; "" when the browser does not say."""

    def first(table: tuple[tuple[str, str], ...]) -> str:
        return next((name for sign, name in table if sign in user_agent), "")

    return first(BROWSERS), first(SYSTEMS)
