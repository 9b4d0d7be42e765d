"""Wrong codes from mails are counted a day: by mailbox, by network, and for the whole portal (docs/adr/0025).

Nobody is locked out. Whoever is over a limit gets codes too long to guess, and short ones that wait stop working. A
browser that signed in before has a limit of its own for its address, which nobody else can use up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count as HowMany
from django.db.models import Max, Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from members.accounts import devices
from members.models import Count

DAY = 24 * 60 * 60
WRONG = "wrong code"
ALL = f"{WRONG}:all"
BUDGETS = {"mailbox": 10, "network": 30, "site": 100, "portal": 300, "device": 30}  # wrong codes a day


@dataclass(frozen=True)
class Guess:
    """A try at a code for `address`. It counts as wrong from the start, so that simultaneous tries are limited too."""

    request: HttpRequest
    address: str

    @cached_property
    def scopes(self) -> dict[str, int]:
        """The counters of this try, and how many wrong ones each allows a day."""
        if device := devices.trusted_for(self.request, self.address):
            return {_key("device", device): BUDGETS["device"]}
        mailbox = salted_hmac("members.guessing", self.address, algorithm="sha256").hexdigest()[:40]
        networks = devices.networks_of(self.request)
        return {
            _key("mailbox", mailbox): BUDGETS["mailbox"],
            _key("portal", "all"): BUDGETS["portal"],
            **{_key(size, network): BUDGETS[size] for size, network in networks.items()},
        }

    def begin(self) -> bool:
        """Count it. Whether a short code may be tried."""
        totals = Count.objects.add(dict.fromkeys([*self.scopes, ALL], DAY))
        return all(totals[key] <= most for key, most in self.scopes.items())

    def was_right(self) -> None:
        Count.objects.add(dict.fromkeys([*self.scopes, ALL], DAY), by=-1)

    @property
    def must_be_long(self) -> bool:
        """Whether a code sent now must be a long one."""
        totals = Count.objects.totals(self.scopes, DAY)
        return any(totals.get(key, 0) >= most for key, most in self.scopes.items())


@dataclass(frozen=True)
class Guessed:
    """Of today (UTC): the number of wrong codes, and for whom codes are longer because of them."""

    wrong: int = 0
    mailboxes: int = 0
    networks: int = 0
    everybody: bool = False

    def __bool__(self) -> bool:
        return bool(self.mailboxes or self.networks or self.everybody)


def guessed_today() -> Guessed:
    """Today's guessing, in one query."""
    over = {kind: Q(key__startswith=_key(kind, ""), n__gte=most) for kind, most in BUDGETS.items()}
    found = Count.objects.of_now(DAY).aggregate(
        wrong=Max("n", filter=Q(key=ALL)),
        mailboxes=HowMany("pk", filter=over["mailbox"]),
        networks=HowMany("pk", filter=over["network"] | over["site"]),
        portal=HowMany("pk", filter=over["portal"]),
    )
    return Guessed(found["wrong"] or 0, found["mailboxes"], found["networks"], bool(found["portal"]))


def _key(kind: str, whose: str) -> str:
    return f"{WRONG}:{kind}:{whose}"
