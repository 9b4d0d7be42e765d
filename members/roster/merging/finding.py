"""Which accounts may be one person's: the same address however it is written, the same telephone, near names in one place.

Looked for by a worker, and kept as rows: to compare everybody is a second's work at twenty thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from django.db import transaction
from django.db.models import Q

from members.models import FormerAddress, Office, PossibleDuplicate, Profile, User
from members.models.users import in_use
from members.queries.turns import take_turn
from members.roster.importing.namesakes import is_near

REASON = PossibleDuplicate.Reason
Pair = tuple[int, int]
MOST = 60  # accounts that share an address or a number: more are an office's, and say nothing
WITHOUT_DOTS = frozenset(["gmail.com", "googlemail.com"])


def mailbox(address: str) -> str:
    """The address as its mail server reads it: dana.k+calls@googlemail.com is danak@gmail.com."""
    name, _at, domain = address.strip().casefold().rpartition("@")
    name = name.partition("+")[0]
    if domain in WITHOUT_DOTS:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


@transaction.atomic
def find() -> int:
    """Look at all accounts, and bring the rows up to date; how many wait for a look."""
    take_turn("finding duplicates")
    found = suspects()
    known = {(row.one_id, row.other_id): row for row in PossibleDuplicate.objects.all()}
    new = [PossibleDuplicate(one_id=one, other_id=other) for one, other in found.keys() - known.keys()]
    for row in new:
        row.reasons = found[row.one_id, row.other_id]
    PossibleDuplicate.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    changed = [row for pair, row in known.items() if row.reasons != found.get(pair, [])]
    for row in changed:
        row.reasons = found.get((row.one_id, row.other_id), [])
    PossibleDuplicate.objects.bulk_update([row for row in changed if row.reasons or row.apart_at], ["reasons"])
    gone = [row.pk for row in changed if not row.reasons and not row.apart_at]
    PossibleDuplicate.objects.filter(pk__in=gone).delete()
    return PossibleDuplicate.objects.waiting().count()


def suspects(person: int | None = None) -> dict[Pair, list[str]]:
    """Pairs of accounts in use, in the order of their numbers, with all reasons there are; of one person, or of all."""
    found: dict[Pair, list[str]] = defaultdict(list)
    for reason, groups in (
        (REASON.EMAIL, _by_mailbox()),
        (REASON.PHONE, _by_phone()),
    ):
        for group in groups:
            for pair in combinations(sorted(group), 2):
                found[pair].append(reason)
    for pair in _near_names():
        found[pair].append(REASON.NAME)
    return {pair: reasons for pair, reasons in found.items() if person is None or person in pair}


def _by_mailbox() -> Iterable[set[int]]:
    theirs: dict[str, set[int]] = defaultdict(set)
    for pk, address in User.objects.filter(in_use()).values_list("pk", "email"):
        theirs[mailbox(address)].add(pk)
    further = User.objects.filter(in_use(), emailaddress__verified=True)
    for pk, address in further.values_list("pk", "emailaddress__email"):
        theirs[mailbox(address)].add(pk)
    for pk, address in FormerAddress.objects.filter(in_use("user__")).values_list("user", "email"):
        theirs[mailbox(address)].add(pk)
    return _shared(theirs)


def _by_phone() -> Iterable[set[int]]:
    theirs: dict[str, set[int]] = defaultdict(set)
    for pk, phone in Profile.objects.filter(~Q(phone=""), in_use("user__")).values_list("user", "phone"):
        theirs[str(phone)].add(pk)
    return _shared(theirs)


def _shared(theirs: dict[str, set[int]]) -> Iterable[set[int]]:
    return [group for group in theirs.values() if 1 < len(group) <= MOST]


def _near_names() -> Iterator[Pair]:
    """Of people whose offices, whenever held, are of one government."""
    names = dict(User.objects.filter(in_use()).values_list("pk", "name"))
    places: dict[int, set[int]] = defaultdict(set)
    for place, pk in Office.objects.order_by().values_list("jurisdiction", "user"):
        if pk in names:
            places[place].add(pk)
    seen: set[Pair] = set()
    for group in places.values():
        for one, other in combinations(sorted(group), 2):
            if (one, other) not in seen and is_near(names[one], names[other]):
                seen.add((one, other))
                yield one, other
