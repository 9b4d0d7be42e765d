"""What a kind of message declares. Each is a class, registered by the app that owns the fact, in that app's messages.

A kind says whom it tells about what (`enqueue`), what stops it (`suppress_if`: asked in the statement that marks the hand-over,
and again to explain) and what it reads like (`load`, `cache_key`, `context`). Nothing else in the portal knows the kinds:
whether one may go is decided in members.mail.decision, and its mail is written in members.mail.rendering.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    """How freely a person may stop a kind."""

    ACCOUNT = "account", _("Your account and your answers: always, at once")
    CHANGE = "change", _("Changes to calls: always")
    ROUTINE = "routine", _("The rest: as you like")


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
    """Raised in writing: there is no reason to send it. Its words say why, as those of a rule do."""


class Notice:
    """A kind of message. A subclass that names its `kind` is registered.

    One that says more than a lower app's own takes its place: `class Joined(lower.Joined, extends=lower.Joined)`.
    """

    kind: ClassVar[str]
    label: ClassVar[str | Promise]  # in settings and lists
    # What happened to a person, for staff: when it was sent, while it waits, and when it wasn’t sent.
    sent_label: ClassVar[str | Promise] = ""
    queued_label: ClassVar[str | Promise] = ""
    unsent_label: ClassVar[str | Promise] = ""
    hint: ClassVar[str | Promise] = ""  # under it in settings: when it comes
    title: ClassVar[str | Promise] = ""  # at the top of the mail, when it is not the label
    category: ClassVar[str] = Category.ROUTINE
    mailer: ClassVar[str] = "default"  # which of settings.MAILERS carries it
    secret: ClassVar[bool] = (
        False  # its facts and the subject of its mail are kept from staff, and forgotten once it is sent
    )
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
        cls, people: Iterable[User] | QuerySet[User], about: str, *, dedupe_key: str = "", scope: str = ""
    ) -> None:
        """Store the message for these people in the caller's transaction, and wake the workers when it commits.

        Within `members.mail.bulk.sending` it is counted and may be taken back.
        """
        store = box.store if (box := outbox.current()) else Delivery.enqueue
        store(cls.kind, people, about, dedupe_key=dedupe_key, scope=scope)
        wake_on_commit(DELIVER)

    @classmethod
    def enqueue_fast(cls, address: str, person: User | None = None, *, useful_for: timedelta, **facts: Any) -> None:
        """As `enqueue`, to somebody who waits with the page open."""
        Delivery.enqueue_fast(cls.kind, address, facts, person, useful_for=useful_for)
        wake_on_commit(DELIVER_FAST)

    # Taking back -------------------------------------------------------------------------------

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        """Who may do so. A kind that only some may send asks for that right instead."""
        return sending.sent_by_id == person.pk

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """What becomes of the fact when nobody is told of it; in the same transaction. Most facts stay (`stays`)."""

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        """Whom to tell when it is sent again after it was taken back."""
        return User.objects.filter(deliveries__in=sending.deliveries())

    def page_of(self, sending: BulkSend) -> str:
        """The page of what it is about, to return to."""
        return links.absolute("home").removeprefix(settings.SITE_URL)

    def following(self, sending: BulkSend) -> Sequence[Following]:
        """The mails that stand on this one, for who looks at it before it goes. What it changes is rolled back."""
        return []

    # Deciding ----------------------------------------------------------------------------------

    def suppress_if(self) -> Sequence[SuppressionRule]:
        """What stops this kind in particular."""
        return []

    def starts_at(self) -> Expression | Subquery | None:
        """When what it is about begins, over a row of deliveries: near to it quiet hours do not count."""
        return None

    def urgent(self) -> Q | None:
        """What must not wait for a summary, over a row of deliveries with `starts_at`."""
        return None

    @property
    def may_be_digested(self) -> bool:
        """Whether it may be kept for a summary."""
        return bool({self.cadence, *self.cadences} & set(NotificationPreference.IN_DIGESTS))

    # Writing -----------------------------------------------------------------------------------

    def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Called before these are written to be sent: what they tell is brought up to date. Writing itself changes nothing."""

    def load(self, deliveries: Sequence[Delivery]) -> Any:
        """The facts for a batch, in as many queries as for one."""
        return None

    def without_personal_facts(self, facts: Any) -> Any:
        """The facts without what is about one recipient, such as an answer: what of a mail is the sender's."""
        return facts

    def cache_key(self, delivery: Delivery, facts: Any) -> Hashable:
        """Deliveries of one key and one time zone share their words, so it says everything these depend on."""
        return delivery.pk

    def context(self, delivery: Delivery, facts: Any) -> dict[str, Any]:
        """What the templates see."""
        return dict(delivery.facts)

    def line(self, delivery: Delivery, facts: Any) -> Line:
        """What a summary says instead of the whole mail, in the active zone; for the recipient."""
        context, name = self.context(delivery, facts), self.sender_name(delivery, facts)
        return Line(subject_line(self.kind, context, name), name, context.get("url") or links.absolute("home"))

    def sender_name(self, delivery: Delivery, facts: Any) -> str:
        """Before "at {organization}" in From; nothing for the organization itself."""
        return ""

    def reply_to(self, delivery: Delivery, facts: Any) -> tuple[str, ...]:
        return ()

    def calendar(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """The `calendar` and `method` of a mail that carries an entry, and its `sender_address`, the entry's organizer."""
        return {}

    def values(self, delivery: Delivery, facts: Any) -> dict[str, str]:
        """What fills the placeholders for this person; nothing in it needs escaping."""
        if self.category == Category.ROUTINE and delivery.recipient_id:
            return {"stop": links.unsubscribe_token(delivery.recipient_id, self.kind, delivery.scope)}
        return {}


def choosable() -> list[Notice]:
    """The kinds a person may turn off, in the order of their labels."""
    return _by_label(Category.ROUTINE)


def always_sent() -> list[Notice]:
    """Changes to calls, which nobody may turn off, in the order of their labels."""
    return _by_label(Category.CHANGE)


def _by_label(category: str) -> list[Notice]:
    """Not as they were registered: that is the order in which their modules happened to be imported."""
    found = (notice for notice in registry.values() if notice.category == category)
    return sorted(found, key=lambda notice: str(notice.label))
