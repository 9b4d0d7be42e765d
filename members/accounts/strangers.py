"""Mail to people without an account, which anybody can ask for: limits for each network and mailbox a day, and for all
together an hour.

A form counts requests for known and unknown addresses alike, so no limit tells who has an account. Mailboxes with an
account get their sign-in codes whatever is counted here (docs/adr/0025).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.accounts import devices
from members.models import Count
from members.times import clock

DAY, HOUR = 24 * 60 * 60, 60 * 60
MOST = {"network": 60, "site": 200, "mailbox": 5}  # mails a day, of each form
SIGN_IN, PROVE = "sign in", "prove"  # the forms: one that says "no account here", those that prove an address
BRAKE, OWNERS = "strangers:all", "strangers:owners"
WORDS: dict[str, str | Promise] = {
    "mailbox": _("We’ve sent five emails to this address today. Use the newest code, or try again tomorrow."),
    "network": _("Many emails were asked for from your network today. Try again tomorrow, or from another network."),
    "brake": _("Many new people ask us for an email just now. Try again in an hour."),
}


def why_not(request: HttpRequest, email: str, form: str, *, counts: bool = True) -> str:
    """Count one more mail that `form` is asked for; the reason not to send it to somebody without an account, "" when
    it may go.

    `counts`: whether it counts for all together. "No account here" may use half of that limit, so that it never stops
    applications. What does not count uses another counter, so that both take the same time.
    """
    spans, most = {}, {}
    for kind, whose in {"mailbox": mailbox_of(email), **devices.networks_of(request)}.items():
        spans[key := f"strangers:{form}:{kind}:{whose}"] = DAY
        most[key] = MOST[kind]
    spans[BRAKE if counts else OWNERS] = HOUR
    if counts:
        most[BRAKE] = brake() // 2 if form == SIGN_IN else brake()
    asked = Count.objects.add(spans)
    over = next((key for key in sorted(most) if asked[key] > most[key]), "")
    if not over:
        return ""
    kind = "brake" if over == BRAKE else over.split(":")[2]
    return str(WORDS["network" if kind == "site" else kind])


def mailbox_of(address: str) -> str:
    """A keyed hash of the mailbox: name+1@ and name+2@ are one. Dots count, as they do in most places."""
    name, _at, domain = address.casefold().rpartition("@")
    bare = name.partition("+")[0] or name
    return salted_hmac("members.strangers", f"{bare}@{domain}", algorithm="sha256").hexdigest()[:40]


def brake() -> int:
    """The limit of mails an hour to people without an account, all together."""
    return settings.STRANGER_MAILS_AN_HOUR


@dataclass(frozen=True)
class Braked:
    asked: int = 0  # for in the hour that runs
    until: datetime | None = None  # when the brake holds now
    hours: int = 0  # of the last day in which it held


def braked() -> Braked:
    """How far that limit is used: in this hour, and in the hours of the last day. One query."""
    now = clock.now()
    rows = Count.objects.filter(key=BRAKE, ends_at__gt=now - timedelta(days=1)).values_list("ends_at", "n")
    hours = dict(rows)
    running = next((end for end in hours if end > now), None)
    asked = hours[running] if running else 0
    return Braked(asked, running if asked > brake() else None, sum(n > brake() for n in hours.values()))
