"""Writing to the people of a list: whom it is for, what keeps it from going, sending, pausing, taking back, numbers.

Whom it is for is settled by the press of the button: exactly those whom the preview counted, each with a row of their own.
Who comes to the list later does not get it; who may not get it any more when it goes is asked again for each (members.mail.decision).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.announcements.announcing import Outcome
from committees.mailings import placeholders
from committees.mailings.messages import MailingMessage
from committees.models import Mailing
from members.mail.kinds import registry
from members.mail.wakeup import wake_on_commit
from members.models import AuditEntry, BulkSend, Delivery, Segment, Suppression, User
from members.models.pipeline import Undone
from members.models.users import UserQuerySet
from members.roster.segments.narrowings import Choices, Selection, narrowings, query_of

LATELY = timedelta(days=7)  # staff write to a person at most so often
FEW = 3
State = Delivery.State


# Whom it is for ------------------------------------------------------------------------------------


def offered_to(reader: User) -> dict[str, Choices]:
    """The choices of all narrowings, asked once for a list of mailings."""
    return {name: each.choices(reader) for name, each in narrowings.items() if each.choices}


def selection_of(mailing: Mailing, reader: User, offered: Mapping[str, Choices] | None = None) -> Selection:
    """What its list asks for, as this person may ask it: a committee that is not theirs to see finds nobody."""
    return Selection(query_of(mailing.asks), reader, offered or {})


def people_of(mailing: Mailing, by: User) -> UserQuerySet:
    """Whom it is for now. Raises ValidationError when its list is gone, or asks for what this person may not see."""
    problems = selection_of(mailing, by).problems
    if (
        mailing.is_draft
        and mailing.segment
        and not Segment.objects.usable_by(by).filter(pk=mailing.segment.pk).exists()
    ):
        problems = [_("The saved list is gone, or isn’t shared with you any more.")]
    if problems:
        raise ValidationError(
            {"segment": [_("%(problem)s Choose another list.") % {"problem": each} for each in problems]}
        )
    return selection_of(mailing, by).people().order_by("name", "pk")


def whom(mailing: Mailing, reader: User, offered: Mapping[str, Choices] | None = None) -> str:
    """Whom it is for in words, as far as this person may know it."""
    said = "; ".join(f"{label}: {words}" for _name, label, words in selection_of(mailing, reader, offered).words)
    said = said or _("All members")
    return f"{mailing.segment.name} ({said})" if mailing.segment and mailing.is_draft else said


def around(people: UserQuerySet, reader: User) -> tuple[UserQuerySet, UserQuerySet]:
    """Those before and after this one, of people by name."""
    before = people.filter(Q(name__lt=reader.name) | Q(name=reader.name, pk__lt=reader.pk))
    return before, people.filter(Q(name__gt=reader.name) | Q(name=reader.name, pk__gt=reader.pk))


def told_lately(people: UserQuerySet) -> int:
    """How many of them got an email that staff wrote to many, within the last seven days."""
    kinds = [notice.kind for notice in registry.values() if notice.to_everybody]
    lately = Delivery.objects.filter(kind__in=kinds, state=State.SENT, sent_at__gt=Now() - LATELY)
    return people.filter(pk__in=lately.values("recipient")).count()


# Before it goes ------------------------------------------------------------------------------------


def refuse_unfinished(mailing: Mailing, people: UserQuerySet) -> None:
    """Raise ValidationError by field for what must not be sent: no words, a placeholder that nothing fills, or one that
    some of these people have no value for.
    """
    problems: dict[str, ValidationError] = {}
    for name, empty in (("subject", _("Write a subject.")), ("body", _("Write what you want to tell."))):
        try:
            _refuse_words(getattr(mailing, name), people, empty)
        except ValidationError as error:
            problems[name] = error
    if not problems and not people.exists():
        problems["segment"] = ValidationError(_("Nobody is on this list today."), "nobody")
    if problems:
        raise ValidationError(problems)


def _refuse_words(words: str, people: UserQuerySet, empty: str) -> None:
    if not words.strip():
        raise ValidationError(empty, "empty")
    placeholders.refuse_unknown(words)
    for name in sorted(placeholders.without_instead(words)):
        each = placeholders.PLACEHOLDERS[name]
        lacking = each.lacking(people)
        if count := lacking.count():
            raise ValidationError(
                _lacking_words(each.name, count, list(lacking.values_list("name", flat=True)[:FEW])), "no value"
            )


def _lacking_words(name: str, count: int, names: list[str]) -> str:
    words = ngettext(
        "%(n)s person on the list has nothing for {%(name)s}: %(names)s. Write what they read instead, like {%(name)s|…}.",
        "%(n)s people on the list have nothing for {%(name)s}, such as %(names)s. Write what they read instead, like {%(name)s|…}.",
        count,
    )
    return words % {"n": count, "name": name, "names": ", ".join(names)}


# Sending -------------------------------------------------------------------------------------------


@transaction.atomic
def send_out(mailing: Mailing, by: User, goes_at: datetime | None = None) -> bool:
    """Settle whom it goes to and let it go at that moment; False when it was sent already, or changed meanwhile.

    Raises ValidationError by field for what must not be sent.
    """
    people = people_of(mailing, by)
    refuse_unfinished(mailing, people)
    keys = list(people.values_list("pk", flat=True))
    if not mailing.release(by, len(keys)):
        return False
    MailingMessage.enqueue_at(goes_at, User.objects.filter(pk__in=keys), mailing.about, dedupe_key=mailing.dedupe_key)
    return True


@transaction.atomic
def pause(mailing: Mailing, by: User) -> int:
    """Stop what has not left, until it goes on; for how many people."""
    sending = mailing.sending
    stopped = sending.pause(by) if sending else 0
    if stopped:
        AuditEntry.record(by, "paused", mailing, after={"people": stopped})
    return stopped


@transaction.atomic
def go_on(mailing: Mailing, by: User) -> int:
    """Let go what is paused; for how many people."""
    sending = mailing.sending
    waiting = sending.go_on() if sending else 0
    if waiting:
        AuditEntry.record(by, "resumed", mailing, after={"people": waiting})
        wake_on_commit()
    return waiting


@transaction.atomic
def take_back(mailing: Mailing, by: User) -> Undone:
    """Stop what has not left for good; a draft again when nobody had it."""
    sending = mailing.sending
    if sending is None:
        return Undone(0, 0)
    sending.go_on()
    outcome = sending.undo(by)
    if outcome.stopped and not outcome.gone:
        mailing.take_back(by)
    return outcome


# How it goes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How a sent one stands, in numbers of people."""

    outcome: Outcome
    sending: BulkSend | None
    paused: int = 0
    bounced: int = 0
    complained: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, mailing: Mailing) -> Progress:
        rows = mailing.deliveries().order_by()
        counted = list(rows.values("state", "reason").annotate(people=Count("pk")).order_by("-people", "reason"))
        sending = mailing.sending
        is_paused = sending is not None and sending.is_stopped
        held_back = [each for each in counted if is_paused and each["reason"] == BulkSend.PAUSED]
        others = [(each["state"], each["reason"], each["people"]) for each in counted if each not in held_back]
        returned = rows.aggregate(
            all=Count("pk", filter=Q(returned_at__isnull=False), distinct=True),
            complained=Count("pk", filter=Q(suppressions__reason=Suppression.Reason.COMPLAINT), distinct=True),
        )
        return cls(
            Outcome.of(others),
            sending,
            paused=sum(each["people"] for each in held_back),
            bounced=returned["all"] - returned["complained"],
            complained=returned["complained"],
            unknown=mailing.deliveries().unknown().count(),
        )

    @property
    def people(self) -> int:
        return self.outcome.people + self.paused

    @property
    def done(self) -> int:
        """Those of whom it is settled what became of it."""
        return self.people - self.paused - self.outcome.waiting

    @cached_property
    def state(self) -> str:
        """`held` until its time, `paused`, `sending`, or `done`."""
        if self.paused:
            return "paused"
        if not self.outcome.waiting:
            return "done"
        return "held" if self.sending and self.sending.goes_at > timezone.now() else "sending"

    @property
    def may_be_taken_back(self) -> bool:
        """Nobody has it yet."""
        return self.state in ("held", "paused") and not self.outcome.sent and not self.unknown

    @property
    def moves(self) -> bool:
        """Whether the page should ask again by itself."""
        return self.state in ("held", "sending")
