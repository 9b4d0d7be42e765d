"""What a kind of message declares. Each is a class, registered by the app that owns the fact, in that app's messages.

A kind says who gets it about what (`enqueue`), what suppresses it (`suppress_if`, asked in the statement that marks the
hand-over, and again to explain) and what its mail says (`load`, `cache_key`, `context`). No other code names a kind:
members.mail.decision decides whether one may go, and members.mail.rendering renders its mail.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Expression, Q, QuerySet, Subquery, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.discovery import Registry
from members.mail import links, outbox
from members.mail.emails import subject_line
from members.mail.suppression import SuppressionRule
from members.mail.wakeup import DELIVER, DELIVER_FAST, wake_on_commit
from members.models import BulkSend, Delivery, NotificationPreference, User

Cadence = NotificationPreference.Cadence

registry: Registry[Notice] = Registry("kinds of messages")


class Category(TextChoices):
    """How far a person may turn a kind off."""

    ACCOUNT = "account", _("Your account and your answers: always, at once")
    CHANGE = "change", _("Changes to calls: always")
    ROUTINE = "routine", _("The rest: as you like")


class Replies(TextChoices):
    """Who reads what somebody writes back to a mail. It comes through an address of ours: none is shown either way."""

    STAFF = "staff", _("staff")
    CO_CHAIRS = "co_chairs", _("the co-chairs")  # of the committee it is about; staff when it has none
    WRITER = "writer", _("whoever wrote it")  # the words that the mail carries
    ASKER = "asker", _("whoever asks, and staff")


@dataclass(frozen=True)
class Line:
    """A message as one line of a digest: `title`, further `words`, and the `url` it leads to.

    `news` is a sentence to put beside a thing that the digest shows already.
    """

    title: str
    words: str
    url: str
    news: str = ""
    answer_url: str = ""  # where its reader answers, without signing in


@dataclass(frozen=True)
class Following:
    """Further mails that will come because of this one: which, when and to whom, in words."""

    what: str
    when: str
    who: str


class NothingToTell(Exception):
    """Raised while rendering when there is no reason to send the mail any more. Its words become the delivery's reason."""


class Notice:
    """A kind of message. A subclass that names its `kind` is registered.

    A kind of an upper app that replaces one of a lower app says so: `class Joined(lower.Joined, extends=lower.Joined)`.
    """

    kind: ClassVar[str]
    label: ClassVar[str | Promise]  # in settings and lists
    # What happened to a person, for staff: when it was sent, while it waits, and when it wasn’t sent.
    sent_label: ClassVar[str | Promise] = ""
    queued_label: ClassVar[str | Promise] = ""
    unsent_label: ClassVar[str | Promise] = ""
    hint: ClassVar[str | Promise] = ""  # under it in settings: when it comes
    title: ClassVar[str | Promise] = ""  # at the top of the mail: the label belongs to settings
    category: ClassVar[str] = Category.ROUTINE
    mailer: ClassVar[str] = "default"  # which of settings.MAILERS carries it
    secret: ClassVar[bool] = (
        False  # its facts and the subject of its mail are kept from staff, and forgotten once it is sent
    )
    awaited: ClassVar[bool] = False  # a code that lets somebody in who waits with the page open
    replies: ClassVar[str] = Replies.STAFF  # each kind says its own (tests/members/test_replies_to_mails.py)
    reply_tag: ClassVar[str] = "reply"  # the placeholder of the tag in Reply-To
    cadence: ClassVar[str] = Cadence.AT_ONCE  # how often, for whom chose nothing
    cadences: ClassVar[Sequence[str]] = (Cadence.AT_ONCE, Cadence.NEVER)  # what may be chosen
    to_everybody: ClassVar[bool] = False  # sending it asks for a proof of the last quarter of an hour
    scoped: ClassVar[bool] = True  # whether one committee may differ from the others
    stays: ClassVar[str | Promise] = ""  # what holds when the telling is taken back: "The call stays moved."
    undone: ClassVar[str | Promise] = ""  # the same when nobody had it, if that is something else
    roles: ClassVar[
        Sequence[str]
    ] = ()  # in settings only for whoever has one of them in a scope; without, for everybody

    def __init_subclass__(cls, extends: type[Notice] | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if extends:
            cls._take_the_place_of(extends)
        if extends or "kind" in cls.__dict__:
            registry.add(cls.kind, cls())

    @classmethod
    def _take_the_place_of(cls, other: type[Notice]) -> None:
        """Raise ImproperlyConfigured when somebody else did, or when it is not one of the same name."""
        if not issubclass(cls, other) or type(registry.get(cls.kind)) is not other:
            raise ImproperlyConfigured(f"{cls!r} extends {other!r}, and {cls.kind} is {registry.get(cls.kind)!r}.")
        del registry[cls.kind]

    # Telling -----------------------------------------------------------------------------------

    @classmethod
    def enqueue(
        cls, people: Iterable[User] | QuerySet[User], about: str, *, dedupe_key: str = "", scope: Any = ""
    ) -> None:
        """Store one delivery a person in the caller's transaction, and wake the workers on commit.

        `scope` is a text, or an expression over people where it is not the same for all.
        Inside `members.mail.bulk.sending` it is counted and can be undone.
        """
        cls.enqueue_at(None, people, about, dedupe_key=dedupe_key, scope=scope)

    @classmethod
    def enqueue_at(
        cls,
        moment: datetime | None,
        people: Iterable[User] | QuerySet[User],
        about: str,
        *,
        dedupe_key: str = "",
        scope: Any = "",
    ) -> None:
        """As `enqueue`, to go at that moment; None for as soon as can be."""
        store = box.store if (box := outbox.current()) else Delivery.enqueue
        store(cls.kind, people, about, dedupe_key=dedupe_key, scope=scope, due_at=moment)
        wake_on_commit(DELIVER)

    @classmethod
    def enqueue_to(cls, address: str, about: str, person: User | None = None, **row: Any) -> None:
        """As `enqueue`, to one address that may be nobody's here."""
        Delivery.enqueue_to(cls.kind, address, about, person, **row)
        wake_on_commit(DELIVER)

    @classmethod
    def enqueue_fast(cls, address: str, person: User | None = None, *, useful_for: timedelta, **facts: Any) -> None:
        """Store a delivery for somebody who waits with the page open; it overtakes everything else."""
        Delivery.enqueue_fast(cls.kind, address, facts, person, useful_for=useful_for)
        wake_on_commit(DELIVER_FAST)

    def scope(self, sending: BulkSend) -> Any:
        """Of those whom it concerns now; empty where that of the first who was told is everybody's."""
        return ""

    # Taking back -------------------------------------------------------------------------------

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        """Whether this person may undo a bulk send of this kind: by default whoever sent it."""
        return sending.sent_by_id == person.pk

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """Revert the fact when its bulk send is undone before anybody got it, in the same transaction. By default the
        fact stays.
        """

    def undone_words(self, sending: BulkSend) -> str:
        """What holds when it is undone and nobody had it."""
        return str(self.undone)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        """Who gets it when it is sent again after an undo."""
        return User.objects.filter(deliveries__in=sending.deliveries())

    def page_of(self, sending: BulkSend) -> str:
        """The address of the page to return to from this bulk send."""
        return links.absolute("home").removeprefix(settings.SITE_URL)

    def following(self, sending: BulkSend) -> Sequence[Following]:
        """Mails that will come because of this one, shown in the preview. Its changes are rolled back."""
        return []

    # Deciding ----------------------------------------------------------------------------------

    def suppress_if(self) -> Sequence[SuppressionRule]:
        """The suppression rules of this kind alone."""
        return []

    def starts_at(self) -> Expression | Subquery | None:
        """When the thing begins, as an expression over deliveries: quiet hours end two hours before."""
        return None

    def urgent(self) -> Q | None:
        """A condition over deliveries with `starts_at`: those that must not wait for a digest."""
        return None

    @property
    def may_be_digested(self) -> bool:
        """Whether somebody may choose to get it in a digest."""
        return bool({self.cadence, *self.cadences} & set(NotificationPreference.IN_DIGESTS))

    # Writing -----------------------------------------------------------------------------------

    def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Update the facts of these deliveries before their mails are rendered; rendering itself changes nothing."""

    def load(self, deliveries: Sequence[Delivery]) -> Any:
        """The facts for a batch of deliveries, in a fixed number of queries."""
        return None

    def without_personal_facts(self, facts: Any) -> Any:
        """The facts without what is about one recipient, such as their answer."""
        return facts

    def cache_key(self, delivery: Delivery, facts: Any) -> Hashable:
        """Deliveries with one key and one time zone share a rendered mail; None for a mail of its own."""
        return delivery.pk

    def context(self, delivery: Delivery, facts: Any) -> dict[str, Any]:
        """The context of the mail's templates."""
        return dict(delivery.facts)

    def line(self, delivery: Delivery, facts: Any) -> Line:
        """The line of this message in a digest, in the active time zone."""
        context, name = self.context(delivery, facts), self.sender_name(delivery, facts)
        return Line(subject_line(self.kind, context, name), name, context.get("url") or links.absolute("home"))

    def answer_url(self, delivery: Delivery, facts: Any) -> str:
        """Where the recipient answers what it is about, without signing in; "" where there is nothing to answer."""
        return ""

    def sender_name(self, delivery: Delivery, facts: Any) -> str:
        """The name before "at {organization}" in From, "" for the organization alone."""
        return ""

    def headers(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """What this kind adds to the headers; placeholders in it are filled."""
        return {}

    def asker(self, delivery: Delivery) -> User | None:
        """Who asks, of a kind whose replies go to them (Replies.ASKER)."""
        return None

    def calendar(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """`calendar` and `method` of a mail with a calendar entry; {} for none."""
        return {}

    def values(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """The values of the placeholders for this recipient, which are not escaped."""
        if self.category == Category.ROUTINE and delivery.recipient_id:
            return {"stop": links.unsubscribe_token(delivery.recipient_id, self.kind, delivery.scope)}
        return {}


def choosable() -> list[Notice]:
    """The kinds a person may turn off, in the order of their labels."""
    return _by_label(Category.ROUTINE)


def always_sent() -> list[Notice]:
    """The kinds about changes to calls, which nobody may turn off, in the order of their labels."""
    return _by_label(Category.CHANGE)


def _by_label(category: str) -> list[Notice]:
    """Not as they were registered: that is the order in which their modules happened to be imported."""
    found = (notice for notice in registry.values() if notice.category == category)
    return sorted(found, key=lambda notice: str(notice.label))
