"""A form that was sent while nobody was signed in: kept for an hour until the same person sends it after signing in.

The copy is sealed, lies in a row of the session table that only a cookie of that browser names, and is bound to the
account on whose page it was typed. Codes, keys and files are never kept. It is sent once: whoever deletes the row sends
it.

A form with a file can't be sent from here. Its words are filled into the form again, which asks for the file
(members.web.kept), and it is forgotten when that form has succeeded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from allauth.core import ratelimit
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from members.accounts import sessions
from members.sealing import lasting_keys, passing_vault
from members.session_store import SessionStore, may_begin
from members.text.cleaning import line
from members.web.acts import page_of_form

COOKIE = "__Host-unsent" if settings.HTTPS else "unsent"
LASTS = 60 * 60  # seconds
MOST_LETTERS = 100_000
MOST_COPIES = 5
RECENT, STRONG = "recent", "strong"
RESENT = "resent"  # the field that names the copy a form sends
CLOSED = "closed"
TYPED_BY = "typed_by"  # the field that says on whose page a form stood (templatetags/typed_by.py)
NEVER = {"code", "enrollment", "credential", "password", "sealed"}
OURS = {"csrfmiddlewaretoken", RESENT, TYPED_BY}
MACHINE = {
    "next",
    "seen",
    "version",
    "edition",
    "key",
    "fingerprint",
    "variant",
    "page",
    "click",
    "kept",
    "once",
    "for",
    "pk",
    "to",
}


@dataclass(frozen=True)
class Unsent:
    action: str
    fields: list[tuple[str, str]]
    typed_by: str  # mark of an account; "" when the page was nobody's
    page: str  # where the form stands
    at: float
    needs_account: bool
    needs_files: bool = False
    files: list[str] = field(default_factory=list)  # their names
    tried: bool = False  # sent once and refused: no script sends it again by itself
    proof: str = ""  # which one was asked for first (members.sign_in.access)
    key: str = field(default="", compare=False)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """(field, words) of what the person typed and will recognize, without values that the page added."""
        return [
            (name.replace("_", " ").capitalize(), value)
            for name, value in self.fields
            if name not in MACHINE
            and value.strip() not in ("", "1", "on")
            and (len(value) <= 40 or " " in value.strip())
        ]

    @property
    def why(self) -> str:
        """The reason why it was not sent."""
        if self.needs_files:
            return _("You were signed out in between. Your words are here; choose the file again.")
        if self.tried:
            return _("It didn’t go through. Nothing is lost.")
        if self.proof:
            return _("We asked who you are in between. Nothing is lost.")
        return _("You were signed out in between. Nothing is lost.")

    @property
    def goes_by_itself(self) -> bool:
        return bool(self.typed_by) and not (self.tried or self.needs_files)

    def is_open_to(self, user: Any) -> bool:
        """Whether this visitor may see and send it."""
        if self.needs_account and not user.is_authenticated:
            return False
        return self.typed_by in ("", *marks_of(user))

    def lacks_proof(self, request: HttpRequest) -> bool:
        """Whether sending it now would only ask for a fresh proof again."""
        if self.proof == STRONG:
            return not request.user.is_strongly_authenticated
        return self.proof == RECENT and not sessions.is_recent(request)


def mark_of(user: Any) -> str:
    """A keyed hash of the account, for forms and the browser's storage."""
    return next(marks_of(user), "")


def marks_of(user: Any) -> Iterator[str]:
    """As `mark_of` with each secret key: a page may be older than the newest."""
    for key in lasting_keys() if user.is_authenticated else []:
        yield _mark(user.pk, key)


@lru_cache(maxsize=1024)
def _mark(pk: int, key: str) -> str:
    return salted_hmac("members.unsent", str(pk), secret=key, algorithm="sha256").hexdigest()[:20]


# Keeping -----------------------------------------------------------------------------------------


def keep(request: HttpRequest, *, needs_account: bool, proof: str = "") -> Unsent | None:
    """A sealed copy of what was posted; None when it must not or cannot be kept.

    `needs_account`: it needs a sign-in. `proof`: the proof that the signed-in person has to give first.
    """
    copy = Unsent(
        action=request.get_full_path(),
        fields=[(name, value) for name, values in request.POST.lists() if name not in OURS for value in values],
        typed_by=request.POST.get(TYPED_BY, "")[:20],
        page=page_of_form(request),
        at=time.time(),
        needs_account=needs_account,
        needs_files=bool(request.FILES),
        files=[line(file.name or "") for _name, files in request.FILES.lists() for file in files],
        proof=proof,
    )
    if not _may_keep(copy) or not ratelimit.consume(request, action="unsent") or not may_begin(request):
        return None
    stored = replace(copy, key=_store(copy))
    others = [each for each in found(request) if (each.action, each.page) != (copy.action, copy.page)]
    _set_found(request, [*others, stored][-MOST_COPIES:])
    return stored


def _may_keep(copy: Unsent) -> bool:
    names = {name for name, _value in copy.fields}
    return not names & NEVER and sum(len(name) + len(value) for name, value in copy.fields) <= MOST_LETTERS


def _store(copy: Unsent) -> str:
    """The key of the row it lies in."""
    row = SessionStore()
    row["unsent"] = passing_vault("unsent").encrypt(json.dumps(asdict(copy)).encode()).decode()
    row.set_expiry(LASTS)
    row.create()
    assert row.session_key
    return row.session_key


# Finding -----------------------------------------------------------------------------------------


def found(request: HttpRequest) -> list[Unsent]:
    """The copies that this browser's cookie names, oldest first."""
    if not hasattr(request, "_unsent"):
        keys = request.COOKIES.get(COOKIE, "").split(".")[:MOST_COPIES]
        copies = [_read(key) for key in keys if key]
        request._unsent = [copy for copy in copies if isinstance(copy, Unsent)]  # type: ignore[attr-defined]
        request._unsent_closed = CLOSED in copies  # type: ignore[attr-defined]
    return request._unsent  # type: ignore[attr-defined]


def _set_found(request: HttpRequest, copies: Iterable[Unsent]) -> None:
    request._unsent = list(copies)  # type: ignore[attr-defined]
    request._unsent_changed = True  # type: ignore[attr-defined]


def _read(key: str) -> Unsent | str | None:
    """None when it is gone, CLOSED when it is there and the keys have changed since."""
    row = SessionStore(key)
    sealed = row.get("unsent", "")
    if not row.session_key:
        return None
    try:
        facts = json.loads(passing_vault("unsent").decrypt(sealed.encode(), ttl=LASTS))
    except InvalidToken:
        return CLOSED
    return Unsent(**facts | {"fields": [tuple(pair) for pair in facts["fields"]], "key": key})


def for_form(request: HttpRequest) -> Unsent | None:
    """The copy that waits for a file on this page; the form shows its words, so no box lists it."""
    here = (each for each in found(request) if each.needs_files and each.is_open_to(request.user))
    copy = next((each for each in here if {_path(each.page), _path(each.action)} == {request.path}), None)
    request._in_form = copy  # type: ignore[attr-defined]
    return copy


def _path(address: str) -> str:
    return address.partition("?")[0]


# Sending and forgetting ----------------------------------------------------------------------------


def claim(request: HttpRequest) -> Unsent | None:
    """The copy that this POST sends, removed so that no other request sends it; None when it is gone or another
    account's.
    """
    key = request.POST[RESENT]
    copy = next((each for each in found(request) if each.key == key), None)
    if copy is None or not copy.is_open_to(request.user) or not Session.objects.filter(session_key=key).delete()[0]:
        return None
    _set_found(request, [each for each in found(request) if each.key != key])
    return copy


def put_back(request: HttpRequest, copy: Unsent) -> None:
    """Keep a copy whose sending was refused or failed; it is not sent by itself again."""
    if any(each.action == copy.action for each in found(request)):
        return  # the refusal itself kept it: one more step is asked for first
    tried = replace(copy, tried=True)
    _set_found(request, [*found(request), replace(tried, key=_store(tried))])


def forget_done(request: HttpRequest) -> None:
    """Forget the copy of a form that was sent again by hand, with its file."""
    if done := [each for each in found(request) if each.needs_files and _path(each.action) == request.path]:
        forget(request, done)


def forget(request: HttpRequest, copies: Iterable[Unsent]) -> None:
    gone = [copy.key for copy in copies]
    Session.objects.filter(session_key__in=gone).delete()
    _set_found(request, [each for each in found(request) if each.key not in gone])


@dataclass(frozen=True)
class Shown:
    """What a page says of the copies: those ready to be sent, how many wait for signing in, whether another account's
    was dropped.

    `unproved`: some wait for a proof; `closed`: some can't be unsealed with any key.
    """

    ready: list[Unsent]
    waiting: int
    unproved: bool
    prove_at: str  # where to show who one is, "" when that is this page
    dropped: bool
    closed: bool = False
    without_file: bool = False  # some of what waits needs its file again

    @property
    def sentences(self) -> Iterator[tuple[str, str]]:
        """For copies that can't be shown here: what became of them, and what to do."""
        if self.dropped:
            yield (
                _("Nothing was sent."),
                _("Another person was signed in when it was typed, so it’s gone from here."),
            )
        if self.closed:
            yield (
                _("A form that you sent was lost."),
                _("The portal’s keys were changed before it could go on. Please fill it in again."),
            )
        if self.waiting:
            yield (
                _("You were signed out. Nothing is lost:"),
                _("sign in, and you go on where you were with what you typed. Only the file has to be chosen again.")
                if self.without_file
                else _("sign in, and you go on where you were with what you typed."),
            )


def shown(request: HttpRequest) -> Shown | None:
    """The copies for this page. What another account typed is never shown, and the cookie forgets it."""
    copies = [each for each in found(request) if each != getattr(request, "_in_form", None)]
    closed = request._unsent_closed  # type: ignore[attr-defined]
    if closed:
        _set_found(request, found(request))
    if not (copies or closed):
        return None
    ready = [each for each in copies if each.is_open_to(request.user)]
    if not request.user.is_authenticated:
        waiting = [each for each in copies if each not in ready]
        files = any(each.needs_files for each in waiting)
        return Shown(ready, len(waiting), unproved=False, prove_at="", dropped=False, closed=closed, without_file=files)
    dropped = len(ready) < len(copies)
    if dropped:
        _set_found(request, [each for each in found(request) if each.is_open_to(request.user)])
    unproved = [each for each in ready if each.lacks_proof(request)]
    proved = [each for each in ready if each not in unproved]
    return Shown(proved, 0, bool(unproved), _prove_at(request, unproved), dropped, closed)


def _prove_at(request: HttpRequest, copies: list[Unsent]) -> str:
    if not copies:
        return ""
    last = copies[-1]
    confirm = reverse("account_reauthenticate")
    if request.path in (confirm, last.page):
        return ""
    return last.page if last.proof == STRONG else f"{confirm}?{urlencode({'next': last.page})}"


def save_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie that names the kept copies."""
    if not getattr(request, "_unsent_changed", False):
        return
    keys = ".".join(copy.key for copy in found(request))
    if keys:
        response.set_cookie(COOKIE, keys, max_age=LASTS, secure=settings.HTTPS, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
