"""The kinds of messages. Each is a class, registered by the app that owns the fact, in that app's notices.py.

A kind says whom it tells about what (`tell`), what stops it (`stops`: asked in the statement that marks the hand-over,
and again to explain) and what it reads like (`load`, `variant`, `write`). Nothing else in the portal knows the kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    Expression,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import NegatedExpression
from django.db.models.functions import Coalesce, Lower, Now
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.mail import links, outbox
from members.mail.kick import DELIVER, DELIVER_FAST, kick
from members.mail.letters import Letter, Letters, Mail, mark, subject_line, write
from members.models import Delivery, NotificationPreference, Sending, Suppression, User

Cadence = NotificationPreference.Cadence

registry: dict[str, Notice] = {}
Names = Callable[[Collection[int], User | None], dict[int, str]]  # those that a reader may know of; without one, all
scopes: dict[str, Names] = {}  # "committee": how those of these numbers are called


class Class(TextChoices):
    """How freely a person may stop a kind."""

    ACCOUNT = "account", _("Your account and your answers: always, at once")
    CHANGE = "change", _("Changes to calls: always")
    ROUTINE = "routine", _("The rest: as you like")


# What stops a message ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """One reason not to send: `when`, a condition over the row of the delivery, and `words`, the same for a person.

    `yours` says it to the recipient, where `words` speak about "the person". Rows keep `words`.
    """

    when: Q | Exists | NegatedExpression
    words: str | Promise
    state: str = Delivery.State.SKIPPED
    yours: str | Promise = ""

    def said(self, *, to_you: bool) -> str:
        return str(self.yours or self.words) if to_you else str(self.words)


def chosen_cadence(default: str, *, person: str = "recipient", kind: str = "", scope: str | None = None) -> Coalesce:
    """How often the person wants this kind; the narrower choice wins.

    Over a row of deliveries; over people with person="pk" and the `kind` and `scope` that is asked about.
    """
    chosen = NotificationPreference.objects.filter(user=OuterRef(person), kind=kind or OuterRef("kind"))
    places = (OuterRef("scope") if scope is None else scope, "")
    here, everywhere = (chosen.filter(scope=place).values("cadence")[:1] for place in places)
    return Coalesce(Subquery(here), Subquery(everywhere), Value(default), output_field=CharField())


CLOSED = Stop(Exists(User.objects.filter(pk=OuterRef("recipient"), is_active=False)), _("The account is closed."))
LEFT = Stop(
    Exists(User.objects.filter(pk=OuterRef("recipient"), left_at__isnull=False)),
    _("The person left the network."),
    yours=_("You left the network."),
)
TURNED_OFF = Stop(
    Q(cadence=Cadence.NEVER),
    _("The person turned this kind of message off."),
    yours=_("You turned this kind of message off."),
)
TOO_LATE = Stop(Q(useless_after__lt=Now()), _("It was too late to help."), Delivery.State.EXPIRED)


def _stopped(*reasons: str) -> Exists:
    """Whether mail to the address it would go to is stopped, over `asked` rows; one probe of a unique index."""
    return Exists(Suppression.objects.open().filter(address=OuterRef("goes_to"), reason__in=reasons))


CAME_BACK = Stop(
    _stopped(*Suppression.DEAD),
    _("Mail to this address came back: its mail server said that nobody can be reached there."),
)
UNWANTED = Stop(_stopped(Suppression.Reason.COMPLAINT), _("Our mail was reported as unwanted from this address."))

# What a verdict says beside the number of a stop:
MAY_GO = -1
REST = -2  # the person's quiet hours; `rests_until` says how long
GATHER = -3  # it goes with others, in a summary


@dataclass(frozen=True)
class Line:
    """A message as one line of a summary: `title` could be its subject, `words` say the rest, `url` is where it leads.

    `news` stands alone beside a thing that the summary shows already, as a sentence.
    """

    title: str
    words: str
    url: str
    news: str = ""


@dataclass(frozen=True)
class Following:
    """Mails that come after what is told: which, when and to whom in words."""

    what: str
    when: str
    who: str


class NothingToTell(Exception):
    """Raised in writing: there is no reason to send it. Its words say why, as those of a Stop do."""


class QuietUntil(Func):
    """The end of quiet hours at a moment: null outside of them, and at the latest two hours before the start.

    Arguments: moment, zone name, first and last clock time of the quiet hours, start or null.
    """

    function = "members_quiet_until"
    output_field = DateTimeField()


class Notice:
    """A kind of message. A subclass that names its `kind` is registered."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]  # in settings and lists
    # The same for staff, as what happened to a person when it was sent, while it waits, and when it wasn't sent.
    told: ClassVar[str | Promise] = ""
    to_tell: ClassVar[str | Promise] = ""
    untold: ClassVar[str | Promise] = ""
    hint: ClassVar[str | Promise] = ""  # under it in settings: when it comes
    title: ClassVar[str | Promise] = ""  # at the top of the mail, when it is not the label
    sort: ClassVar[str] = Class.ROUTINE
    mailer: ClassVar[str] = "default"  # which of settings.MAILERS carries it
    secret: ClassVar[bool] = False  # its facts and subject are kept from staff, and forgotten once it is sent
    awaited: ClassVar[bool] = False  # a code that lets somebody in who waits with the page open
    cadence: ClassVar[str] = Cadence.AT_ONCE  # how often, for whom chose nothing
    cadences: ClassVar[Sequence[str]] = (Cadence.AT_ONCE, Cadence.NEVER)  # what may be chosen
    to_everybody: ClassVar[bool] = False  # sending it asks for a proof of the last quarter of an hour
    scoped: ClassVar[bool] = True  # whether one committee may differ from the others
    stays: ClassVar[str | Promise] = ""  # what holds when the telling is taken back: "The call stays moved."
    undone: ClassVar[str | Promise] = ""  # the same when nobody had it, if that is something else
    roles: ClassVar[
        Sequence[str]
    ] = ()  # in settings only for whoever has one of them in a scope; without, for everybody

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" in cls.__dict__:
            registry[cls.kind] = cls()

    # Telling -----------------------------------------------------------------------------------

    @classmethod
    def tell(cls, people: Iterable[User] | QuerySet[User], subject: str, *, edition: int = 0, scope: str = "") -> None:
        """Store the message for these people in the caller's transaction, and wake the workers when it commits.

        Within `members.mail.bulk.sending` it is counted and may be taken back.
        """
        store = box.store if (box := outbox.current()) else Delivery.enqueue
        store(cls.kind, people, subject, edition=edition, scope=scope)
        kick(DELIVER)

    @classmethod
    def tell_at_once(cls, address: str, person: User | None = None, *, useful_for: timedelta, **facts: Any) -> None:
        """As `tell`, to somebody who waits with the page open."""
        Delivery.enqueue_fast(cls.kind, address, facts, person, useful_for=useful_for)
        kick(DELIVER_FAST)

    # Taking back -------------------------------------------------------------------------------

    def may_take_back(self, person: User, sending: Sending) -> bool:
        """Who may do so. A kind that only some may send asks for that right instead."""
        return sending.sent_by_id == person.pk

    def taken_back(self, sending: Sending, by: User) -> None:
        """What becomes of the fact when nobody is told of it; in the same transaction. Most facts stay (`stays`)."""

    def audience(self, sending: Sending) -> QuerySet[User]:
        """Whom to tell when it is sent again after it was taken back."""
        return User.objects.filter(deliveries__in=sending.deliveries())

    def page_of(self, sending: Sending) -> str:
        """The page of what it is about, to return to."""
        return links.absolute("home").removeprefix(settings.SITE_URL)

    def following(self, sending: Sending) -> Sequence[Following]:
        """The mails that stand on this one, for who looks at it before it goes. What it changes is rolled back."""
        return []

    # Deciding ----------------------------------------------------------------------------------

    def voids(self) -> Sequence[Stop]:
        """What stops this kind in particular."""
        return []

    def starts_at(self) -> Expression | Subquery | None:
        """When what it is about begins, over a row of deliveries: near to it quiet hours do not count."""
        return None

    def urgent(self) -> Q | None:
        """What must not wait for a summary, over a row of deliveries with `starts_at`."""
        return None

    @cached_property
    def stops(self) -> list[Stop]:
        """All that stops it, in the order in which it is asked."""
        standing = [CLOSED] if self.sort == Class.ACCOUNT else [CLOSED, LEFT]
        choice = [TURNED_OFF] if self.sort == Class.ROUTINE else []
        return [*standing, *self.voids(), *self._address_stops(), *choice, TOO_LATE]

    def _address_stops(self) -> list[Stop]:
        """What stops an address.

        A code goes all the same: whoever asked for it waits, and it is the way back in. Signed in they see that mail came
        back, and change the address or say that it works again. At worst one more mail comes back, and nobody can ask
        for many. A complaint leaves what answers the person's own acts.
        """
        if self.awaited:
            return []
        return [CAME_BACK] if self.sort == Class.ACCOUNT else [CAME_BACK, UNWANTED]

    @cached_property
    def verdict(self) -> Case:
        """Over `asked` rows: the number of the first stop that holds, REST, GATHER or MAY_GO. A condition without answer does not stop."""
        first_stop = (When(stop.when, then=Value(number)) for number, stop in enumerate(self.stops))
        return Case(*first_stop, *self._delays(), default=Value(MAY_GO), output_field=IntegerField())

    def _delays(self) -> list[When]:
        """Asked once: a row whose fate at the mail server is unknown does not wait again."""
        fresh = ~Q(state=Delivery.State.HANDING)
        delays = []
        if self.gathers:
            gathered = Q(cadence__in=NotificationPreference.GATHERED)
            urgent = self.urgent()
            delays.append(When(fresh & gathered & ~urgent if urgent else fresh & gathered, then=Value(GATHER)))
        if self.sort != Class.ACCOUNT:
            delays.append(When(fresh & Q(rests_until__gt=Now()), then=Value(REST)))
        return delays

    @property
    def gathers(self) -> bool:
        """Whether it may be kept for a summary."""
        return bool({self.cadence, *self.cadences} & set(NotificationPreference.GATHERED))

    def asked(self) -> QuerySet[Delivery]:
        """Deliveries of this kind with `cadence`, `starts_at`, `goes_to` and `rests_until`, which the verdict asks for."""
        rows = Delivery.objects.filter(kind=self.kind).alias(
            cadence=chosen_cadence(self.cadence) if self.sort == Class.ROUTINE else Value(Cadence.AT_ONCE),
            starts_at=self.starts_at() or Value(None, output_field=DateTimeField()),
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

    def decide(self, delivery: Delivery) -> tuple[int, datetime | None]:
        """The verdict over this row as things stand, and until when it would rest."""
        return self.decide_all([delivery]).get(delivery.pk, (MAY_GO, None))

    def decide_all(self, deliveries: Iterable[Delivery]) -> dict[int, tuple[int, datetime | None]]:
        """The same for rows of this kind, by number, with one question."""
        rows = self.asked().filter(pk__in=[delivery.pk for delivery in deliveries])
        return {pk: (number, until) for pk, number, until in rows.values_list("pk", self.verdict, "rests_until")}

    def why_not(self, delivery: Delivery) -> str:
        """The sentence that says why it would never go, or nothing when it would."""
        number, _until = self.decide(delivery)
        return str(self.stops[number].words) if number >= 0 else ""

    # Writing -----------------------------------------------------------------------------------

    def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Called before these are written to be sent: what they tell is brought up to date. Writing itself changes nothing."""

    def load(self, deliveries: Sequence[Delivery]) -> Any:
        """The facts for a batch, in as many queries as for one."""
        return None

    def impersonal(self, facts: Any) -> Any:
        """The facts without what is about one recipient, such as an answer: what of a mail is the sender's."""
        return facts

    def variant(self, delivery: Delivery, facts: Any) -> Hashable:
        """Deliveries of one variant and one time zone share their words, so it says everything these depend on."""
        return delivery.pk

    def context(self, delivery: Delivery, facts: Any) -> dict[str, Any]:
        """What the templates see."""
        return dict(delivery.facts)

    def line(self, delivery: Delivery, facts: Any) -> Line:
        """What a summary says instead of the whole letter, in the active zone; for the recipient."""
        context, name = self.context(delivery, facts), self.sender_name(delivery, facts)
        return Line(subject_line(self.kind, context, name), name, context.get("url") or links.absolute("home"))

    def sender_name(self, delivery: Delivery, facts: Any) -> str:
        """Before "at {organization}" in From; nothing for the organization itself."""
        return ""

    def reply_to(self, delivery: Delivery, facts: Any) -> tuple[str, ...]:
        return ()

    def calendar(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """The `calendar` and `method` of a letter that carries an entry, and its `sender_address`, the entry's organizer."""
        return {}

    def values(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """What fills the marks of the letter for this person; nothing in it needs escaping."""
        if self.sort == Class.ROUTINE and delivery.recipient_id:
            return {"stop": links.unsubscribe_token(delivery.recipient_id, self.kind, delivery.scope)}
        return {}

    def mails(self, deliveries: Sequence[Delivery], letters: Letters) -> Iterator[tuple[Delivery, Mail | Exception]]:
        """The mail for each, or what went wrong in writing it."""
        try:
            facts = self.load(deliveries)
        except (OperationalError, InterfaceError):  # the database is away: nothing is wrong with these
            raise
        except Exception as error:
            yield from ((delivery, error) for delivery in deliveries)
            return
        for delivery in deliveries:
            try:
                yield delivery, self.mail(delivery, facts, letters)
            except Exception as error:  # a broken text must not hold up the others
                yield delivery, error

    def mail(self, delivery: Delivery, facts: Any, letters: Letters) -> Mail:
        zone = delivery.recipient.timezone if delivery.recipient else settings.TIME_ZONE
        variant = self.kind, zone, self.variant(delivery, facts)
        with timezone.override(zone):
            letter = letters.get(variant, lambda: self._letter(delivery, facts))
        return Mail(delivery, letter, self.values(delivery, facts))

    def _letter(self, delivery: Delivery, facts: Any) -> Letter:
        context = {
            "kind": self.title or self.label,
            "settings_url": links.absolute("settings_notifications"),
            "messages_url": links.absolute("settings_messages"),
        } | self.context(delivery, facts)
        headers = {}
        if self.sort == Class.ROUTINE:
            context["stop_url"] = links.absolute("unsubscribe", mark("stop"))
            headers = {
                "List-Unsubscribe": f"<{context['stop_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        parts: dict[str, Any] = {"reply_to": self.reply_to(delivery, facts), "headers": headers} | self.calendar(
            delivery, facts
        )
        return write(self.kind, context, sender_name=self.sender_name(delivery, facts), **parts)


def write_mails(deliveries: Iterable[Delivery], letters: Letters | None = None) -> dict[int, Mail | Exception]:
    """By number of the delivery, for a batch of any kinds. `letters` keeps what is written for the next batch."""
    letters = Letters() if letters is None else letters
    by_kind: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_kind.setdefault(delivery.kind, []).append(delivery)
    return {
        delivery.pk: mail for kind, batch in by_kind.items() for delivery, mail in registry[kind].mails(batch, letters)
    }


def prepare_mails(deliveries: Sequence[Delivery]) -> dict[int, Exception]:
    """What `write_mails` is going to tell, brought up to date; by number of the delivery, what went wrong with that."""
    failed: dict[int, Exception] = {}
    for kind in {delivery.kind for delivery in deliveries}:
        alike = [delivery for delivery in deliveries if delivery.kind == kind]
        try:
            registry[kind].prepare(alike)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # a broken kind must not hold up the others
            failed |= dict.fromkeys((delivery.pk for delivery in alike), error)
    return failed


def choosable() -> list[Notice]:
    """The kinds a person may turn off, in the order of their labels."""
    return sorted(
        (notice for notice in registry.values() if notice.sort == Class.ROUTINE), key=lambda notice: str(notice.label)
    )


def scope_name(scope: str, reader: User | None = None) -> str:
    """Economic Justice, for "committee:3"; nothing for everywhere, nor for what a reader does not belong to."""
    return scope_names([scope], reader).get(scope, "")


def scope_names(wanted: Iterable[str], reader: User | None = None) -> dict[str, str]:
    """The same for many, as many questions as there are sorts of scopes. What no longer exists is not in it."""
    numbers: dict[str, set[int]] = {}
    for scope in wanted:
        sort, _colon, pk = scope.partition(":")
        if sort in scopes and pk.isdigit():
            numbers.setdefault(sort, set()).add(int(pk))
    return {f"{sort}:{pk}": name for sort, pks in numbers.items() for pk, name in scopes[sort](pks, reader).items()}
