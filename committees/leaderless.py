"""Staff hear by mail of a committee that lost its last co-chair: once, and a day apart at the least.

Derived from what holds, as reminders are, so it does not matter how it came: a seat given up or taken, another role, a
membership or an account that ended, a term that ran out. The committee remembers since when it is seen so.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Max, Value
from django.db.models.functions import Now

from committees.models import Committee
from committees.notices import Leaderless
from members.mail.outgoing.plan import planner
from members.models import Delivery
from members.times.clock import database_today

UNDO = timedelta(minutes=2)  # leaving has an Undo, and who takes somebody off often chooses another next
APART = timedelta(days=1)
TOLD = (Delivery.State.HANDING, Delivery.State.SENT)


@planner
def plan_leaderless() -> int:
    """Store the messages about each loss that is new; how many those were."""
    leaderless = Committee.objects.leaderless(on=database_today())
    led_again = Committee.objects.exclude(leaderless_at=None).exclude(pk__in=leaderless.values("pk"))
    led_again.update(leaderless_at=None)
    lost = list(leaderless.filter(leaderless_at=None).values_list("pk", flat=True))
    Committee.objects.filter(pk__in=lost).update(leaderless_at=Now())
    return sum(map(_tell, Committee.objects.filter(pk__in=lost)))


def _tell(committee: Committee) -> int:
    subject = f"committee:{committee.pk}"
    told = Delivery.objects.filter(kind=Leaderless.kind, subject=subject, state__in=TOLD).aggregate(at=Max("due_at"))
    since = committee.leaderless_at
    assert since
    due = max(since + UNDO, told["at"] + APART) if told["at"] else since + UNDO
    values = {
        "kind": Leaderless.kind,
        "subject": subject,
        "edition": Leaderless.edition_of(since),
        "scope": committee.scope,
        "due_at": due,
        "next_try_at": due,
    }
    columns = {"recipient": F("pk")} | {name: Value(value) for name, value in values.items()}
    return Delivery.objects.insert_selected(Leaderless.readers(), columns)
