"""Whether a message may go now: suppression rules, the person's cadence for its kind, and quiet hours.

The decision is one SQL expression over rows of deliveries. The statement that marks a hand-over, previews and
explanations all use it, so what is shown is what decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, Now

from members.mail.kinds import Cadence, Category, Notice, registry
from members.mail.suppression import CAME_BACK, CLOSED, LEFT, TOO_LATE, TURNED_OFF, UNWANTED, SuppressionRule
from members.models import Delivery, NotificationPreference

# What a decision says beside the number of a rule:
MAY_GO = -1
WAIT = -2  # the person's quiet hours; `rests_until` says how long
DIGEST = -3  # it goes with others, in a summary


def chosen_cadence(default: str, *, person: str = "recipient", kind: str = "", scope: str | None = None) -> Coalesce:
    """How often the person wants this kind; a choice for the committee goes before the general one.

    An expression over deliveries; over people with person="pk" and given `kind` and `scope`.
    """
    chosen = NotificationPreference.objects.filter(user=OuterRef(person), kind=kind or OuterRef("kind"))
    places = (OuterRef("scope") if scope is None else scope, "")
    here, everywhere = (chosen.filter(scope=place).values("cadence")[:1] for place in places)
    return Coalesce(Subquery(here), Subquery(everywhere), Value(default), output_field=CharField())


class QuietUntil(Func):
    """SQL function: the end of quiet hours at a moment, null outside of them, at the latest two hours before the start.

    Arguments: moment, zone name, first and last clock time of the quiet hours, start or null.
    """

    function = "members_quiet_until"
    output_field = DateTimeField()


@cache
def suppression_rules(notice: Notice) -> list[SuppressionRule]:
    """All rules of the kind, in the order in which they are asked."""
    about_person = [CLOSED] if notice.category == Category.ACCOUNT else [CLOSED, LEFT]
    choice = [TURNED_OFF] if notice.category == Category.ROUTINE else []
    return [*about_person, *notice.suppress_if(), *_address_stops(notice), *choice, TOO_LATE]


def _address_stops(notice: Notice) -> list[SuppressionRule]:
    """What stops an address.

    A code goes all the same: whoever asked for it waits, and it is the way back in. Signed in they see that mail came
    back, and change the address or say that it works again. At worst one more mail comes back, and nobody can ask
    for many. A complaint leaves what answers the person's own acts.
    """
    if notice.awaited:
        return []
    return [CAME_BACK] if notice.category == Category.ACCOUNT else [CAME_BACK, UNWANTED]


@cache
def of(notice: Notice) -> Case:
    """An expression over `with_decision_fields`: the number of the first rule that holds, WAIT, DIGEST or MAY_GO.

    A condition that is null does not suppress.
    """
    first_rule = (When(rule.when, then=Value(number)) for number, rule in enumerate(suppression_rules(notice)))
    return Case(*first_rule, *_delays(notice), default=Value(MAY_GO), output_field=IntegerField())


def _delays(notice: Notice) -> list[When]:
    """Asked once: a row of which nobody knows whether it arrived does not wait again."""
    fresh = ~Q(state=Delivery.State.SENDING)
    delays = []
    if notice.may_be_digested:
        in_digest = Q(cadence__in=NotificationPreference.IN_DIGESTS)
        urgent = notice.urgent()
        delays.append(When(fresh & in_digest & ~urgent if urgent else fresh & in_digest, then=Value(DIGEST)))
    if notice.category != Category.ACCOUNT:
        delays.append(When(fresh & Q(rests_until__gt=Now()), then=Value(WAIT)))
    return delays


def with_decision_fields(notice: Notice) -> QuerySet[Delivery]:
    """Deliveries of this kind with `cadence`, `starts_at`, `goes_to` and `rests_until`, which the decision asks for."""
    rows = Delivery.objects.filter(kind=notice.kind).alias(
        cadence=chosen_cadence(notice.cadence) if notice.category == Category.ROUTINE else Value(Cadence.AT_ONCE),
        starts_at=notice.starts_at() or Value(None, output_field=DateTimeField()),
        goes_to=Lower(Case(When(address="", then="recipient__email"), default="address")),
    )
    return rows.annotate(
        rests_until=QuietUntil(
            Now(),
            "recipient__timezone",
            "recipient__message_settings__quiet_from",
            "recipient__message_settings__quiet_until",
            "starts_at",
        )
    )


def decide(delivery: Delivery) -> tuple[int, datetime | None]:
    """The decision over this delivery now, and until when quiet hours would hold it."""
    return decide_all([delivery]).get(delivery.pk, (MAY_GO, None))


def decide_all(deliveries: Iterable[Delivery]) -> dict[int, tuple[int, datetime | None]]:
    """`decide` for many, by number of the delivery, with one query a kind. Kinds that no longer exist are left out."""
    found: dict[int, tuple[int, datetime | None]] = {}
    by_kind: dict[str, list[int]] = {}
    for delivery in deliveries:
        by_kind.setdefault(delivery.kind, []).append(delivery.pk)
    for notice in (registry[kind] for kind in by_kind if kind in registry):
        rows = with_decision_fields(notice).filter(pk__in=by_kind[notice.kind])
        found |= {pk: (number, until) for pk, number, until in rows.values_list("pk", of(notice), "rests_until")}
    return found


def why_not(delivery: Delivery) -> str:
    """The sentence that says why this delivery would not be sent now, "" when it would."""
    number, _until = decide(delivery)
    return str(suppression_rules(registry[delivery.kind])[number].words) if number >= 0 else ""
