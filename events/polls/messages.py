"""Messages about polls: the poll itself, further times, the reminder before it closes, and that it closed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Expression, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committees.announcements.messages import chairs_of
from committees.models import Membership
from events.models import Poll, PollSlot, PollVote
from events.polls.standing import Standing, standings
from members.mail import links
from members.mail.emails import placeholder
from members.mail.kinds import Cadence, Category, Line, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User
from members.text.apart import apart
from members.times import formats
from members.times.clock import database_today

CANNOT_WAIT = timedelta(hours=48)  # before a poll closes, for whoever wants summaries


def tell_poll(poll: Poll) -> None:
    """Ask everybody on the committee. Until that goes, the poll is a draft."""
    PollAsked.enqueue(poll.invitees(), poll.about, dedupe_key=f"{PollAsked.kind}:{poll.closings}", scope=poll.scope)
    poll.refresh_from_db(fields=["told_at"])


def tell_times(poll: Poll) -> None:
    """Ask those who voted about the times that were offered since, once a round."""
    PollTimes.enqueue(voters(poll), poll.about, dedupe_key=f"{PollTimes.kind}:{poll.rounds}", scope=poll.scope)


def tell_closed(poll: Poll) -> None:
    chairs = poll.committee.memberships.current().chairs().values("user")
    people = User.objects.members().filter(pk__in=chairs)
    PollClosed.enqueue(people, poll.about, dedupe_key=f"{PollClosed.kind}:{poll.closings}", scope=poll.scope)


def voters(poll: Poll) -> QuerySet[User]:
    votes = PollVote.objects.filter(slot__poll=poll, user=OuterRef("pk"))
    return poll.invitees().filter(Exists(votes))


@dataclass(frozen=True)
class Asked:
    """A poll as a mail tells it."""

    poll: Poll
    slots: tuple[PollSlot, ...]  # those that stand and are ahead
    chairs: tuple[str, ...]  # their names


def _the_poll(*conditions: Q, **lookups: Any) -> Exists:
    return Exists(Poll.objects.filter(*conditions, pk=OuterRef("about_id"), **lookups))


def _voted(*conditions: Q) -> Exists:
    mine = PollVote.objects.filter(*conditions, slot__poll=OuterRef("about_id"), user=OuterRef("recipient"))
    return Exists(mine)


NOT_SENT = SuppressionRule(~_the_poll(told_at__lte=Greatest(OuterRef("due_at"), Now())), _("The poll was taken back."))
CLOSED = SuppressionRule(
    _the_poll(Q(closed_at__isnull=False) | Q(closes_at__lte=Now())), _("The poll is closed."), Delivery.State.EXPIRED
)
NOT_ON_COMMITTEE = SuppressionRule(
    ~Exists(
        Membership.objects.held(on=database_today()).filter(
            committee__polls=OuterRef("about_id"), user=OuterRef("recipient")
        )
    ),
    _("The person is not on the committee."),
    yours=_("You’re not on the committee."),
)
VOTED = SuppressionRule(Q(_voted()), _("The person had voted already."), yours=_("You had voted already."))
NOTHING_NEW = SuppressionRule(
    ~Exists(
        PollSlot.objects.filter(
            ~Exists(PollVote.objects.filter(slot=OuterRef("pk"), user=OuterRef(OuterRef("recipient")))),
            poll=OuterRef("about_id"),
            round=OuterRef("dedupe_number"),
            removed_at=None,
            starts_at__gt=Now(),
        )
    ),
    _("There is no further time that the person has not voted on."),
    yours=_("There is no further time that you haven’t voted on."),
)
CHOSEN = SuppressionRule(_the_poll(chosen__isnull=False), _("A time was chosen already."))
OPEN_AGAIN = SuppressionRule(_the_poll(closed_at=None), _("The poll is open again."))
NOT_CHAIRING = SuppressionRule(
    ~Exists(
        Membership.objects.held(on=database_today())
        .chairs()
        .filter(committee__polls=OuterRef("about_id"), user=OuterRef("recipient"))
    ),
    _("The person no longer chairs the committee."),
    yours=_("You no longer chair the committee."),
)


class PollNotice(Notice):
    """A message about one poll to those who vote in it."""

    category, replies = Category.ROUTINE, Replies.CO_CHAIRS
    page = "poll_detail"

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        poll = self._poll(sending)
        return poll is not None and person.has_perm("events.run_poll", poll)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        poll = self._poll(sending)
        return poll.invitees() if poll else User.objects.none()

    def page_of(self, sending: BulkSend) -> str:
        poll = self._poll(sending)
        return poll.get_absolute_url() if poll else super().page_of(sending)

    @staticmethod
    def _poll(sending: BulkSend) -> Poll | None:
        number = sending.about.rpartition(":")[2]
        return Poll.objects.select_related("committee").filter(pk=number).first()

    def starts_at(self) -> Expression | Subquery:
        return Subquery(Poll.objects.filter(pk=OuterRef("about_id")).values("closes_at")[:1])

    def urgent(self) -> Q | None:
        return Q(starts_at__lt=Now() + CANNOT_WAIT)

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Asked]:
        polls = Poll.objects.select_related("committee", "made_by").in_bulk({each.about_id for each in deliveries})
        slots: dict[int, list[PollSlot]] = {pk: [] for pk in polls}
        for slot in PollSlot.objects.standing().ahead().filter(poll__in=polls):
            slots[slot.poll_id].append(slot)
        chairs = chairs_of({poll.committee_id for poll in polls.values()})
        return {
            pk: Asked(poll, tuple(slots[pk]), tuple(chairs.get(poll.committee_id, ()))) for pk, poll in polls.items()
        }

    def slots(self, delivery: Delivery, asked: Asked) -> tuple[PollSlot, ...]:
        """The times that this mail asks about."""
        return asked.slots

    def cache_key(self, delivery: Delivery, facts: dict[int, Asked]) -> Hashable:
        asked = facts[delivery.about_id]
        slots = tuple(slot.pk for slot in self.slots(delivery, asked))
        poll = asked.poll
        return (
            poll.pk,
            poll.title,
            poll.summary,
            poll.duration,
            poll.closes_at,
            poll.committee.name,
            slots,
            asked.chairs,
        )

    def context(self, delivery: Delivery, facts: dict[int, Asked]) -> dict[str, Any]:
        asked = facts[delivery.about_id]
        poll, vote_url = asked.poll, settings.SITE_URL + reverse("poll_link", args=[placeholder("vote")])
        slots = self.slots(delivery, asked)
        return {
            "poll": poll,
            "committee": poll.committee,
            "slots": [slot_words(slot, poll, vote_url) for slot in slots],
            "times_words": ngettext("%(n)s time", "%(n)s times", len(slots)) % {"n": len(slots)},
            "zone_words": _now("Your time, %(zone)s.") % {"zone": formats.zone_name()},
            "closes": formats.listed(poll.closes_at),
            "closes_briefly": formats.day_short(poll.closes_at),
            "length": formats.lasting(poll.duration),
            "vote_url": vote_url,
            "url": settings.SITE_URL + poll.get_absolute_url(),
            "replies": self.replies if asked.chairs else Replies.STAFF,
            "reply_names": get_text_list(list(asked.chairs), _now("and")),
            "reply_names_apart": apart(asked.chairs),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, Asked]) -> str:
        return facts[delivery.about_id].poll.committee.name

    def answer_url(self, delivery: Delivery, facts: dict[int, Asked]) -> str:
        return ""  # a digest offers going, maybe and can't there; the line itself leads to the poll

    def line(self, delivery: Delivery, facts: dict[int, Asked]) -> Line:
        poll = facts[delivery.about_id].poll
        words = {"committee": poll.committee.name, "when": formats.day_short(poll.closes_at)}
        token = links.poll_token(delivery.recipient_id or 0, poll.pk)
        return Line(
            _now("Which times work for you? %(poll)s") % {"poll": poll.title},
            _now("%(committee)s. Voting ends %(when)s.") % words,
            links.absolute("poll_link", token),
        )

    def values(self, delivery: Delivery, facts: dict[int, Asked]) -> dict[str, str]:
        assert delivery.recipient_id and delivery.about_id
        token = links.poll_token(delivery.recipient_id, delivery.about_id)
        return super().values(delivery, facts) | {"vote": token}


def slot_words(slot: PollSlot, poll: Poll, vote_url: str) -> dict[str, str]:
    """One time in the reader's zone, in the committee's where that is another, and the ways to answer it."""
    return {
        "when": formats.span(slot.starts_at, poll.duration),
        "there": committee_time(slot, poll),
        "yes_url": f"{vote_url}?{slot.pk}={PollVote.Answer.YES.value}",
        "if_needed_url": f"{vote_url}?{slot.pk}={PollVote.Answer.IF_NEEDED.value}",
        "no_url": f"{vote_url}?{slot.pk}={PollVote.Answer.NO.value}",
    }


def committee_time(slot: PollSlot, poll: Poll) -> str:
    """ "3:00 PM Eastern", with the day where it is another one; "" where the reader's clock says the same."""
    here, there = timezone.localtime(slot.starts_at), slot.starts_at.astimezone(poll.zone)
    if here.utcoffset() == there.utcoffset():
        return ""
    with timezone.override(poll.zone):
        clock = formats.clock_only(slot.starts_at)
        day = "" if here.date() == there.date() else f"{formats.day_short(slot.starts_at)}, "
        return f"{day}{clock} {formats.zone_name()}"


class PollAsked(PollNotice):
    kind, label = "poll", _("Polls that find a time")
    title = _("Which times work?")
    sent_label = _("They were asked which times work")
    queued_label = _("They’re to be asked which times work")
    unsent_label = _("They weren’t asked which times work")
    hint = _("When a co-chair asks which times work for a call")
    cadences = Cadence.values
    stays = _("The poll stays open on the portal.")
    undone = _("The poll is a draft again.")

    @classmethod
    def enqueue(
        cls, people: Iterable[User] | QuerySet[User], about: str, *, dedupe_key: str = "", scope: str = ""
    ) -> None:
        """As `Notice.enqueue`; the poll stops being a draft when the hold of this message ends."""
        super().enqueue(people, about, dedupe_key=dedupe_key, scope=scope)
        waiting = Delivery.objects.filter(kind=cls.kind, about=about, dedupe_key=dedupe_key)
        goes_at = waiting.unsent().order_by("due_at").values("due_at")[:1]
        draft = Poll.objects.filter(pk=about.rpartition(":")[2], told_at=None)
        draft.update(told_at=Coalesce(Subquery(goes_at), Now()))

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """Make it a draft again when nobody had it; a vote that came over the page meanwhile stays."""
        if not sending.deliveries().filter(handovers__gt=0).exists():
            Poll.objects.filter(pk=sending.about.rpartition(":")[2]).update(told_at=None)

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [NOT_SENT, CLOSED, NOT_ON_COMMITTEE, VOTED]


class PollTimes(PollNotice):
    """Times that were offered since somebody voted: each round is told once, and asks for its own times alone."""

    kind, label = "poll_times", _("Further times in a poll you voted in")
    title = _("Do these work, too?")
    sent_label = _("They were asked about further times")
    queued_label = _("They’re to be asked about further times")
    unsent_label = _("They weren’t asked about further times")
    hint = _("When a co-chair offers further times after you voted")
    cadences = Cadence.values
    stays = _("The times stay in the poll.")

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        poll = self._poll(sending)
        return voters(poll) if poll else User.objects.none()

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [NOT_SENT, CLOSED, NOT_ON_COMMITTEE, NOTHING_NEW]

    def slots(self, delivery: Delivery, asked: Asked) -> tuple[PollSlot, ...]:
        return tuple(slot for slot in asked.slots if slot.round == delivery.dedupe_number)

    def cache_key(self, delivery: Delivery, facts: dict[int, Asked]) -> Hashable:
        return super().cache_key(delivery, facts), delivery.dedupe_number


class PollReminder(PollNotice):
    """To those who have not voted, a day before it closes; by the sweep (events.polls.sweeping)."""

    kind, label = "poll_reminder", _("Reminders of a poll that closes")
    title = _("Still time to vote")
    sent_label = _("They were reminded of a poll")
    queued_label = _("They’re to be reminded of a poll")
    unsent_label = _("They weren’t reminded of a poll")
    hint = _("A day before a poll closes, if you haven’t voted")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [NOT_SENT, CLOSED, NOT_ON_COMMITTEE, VOTED]


class PollClosed(PollNotice):
    """To the co-chairs, when a poll closed by itself: what came of it, and that a time waits to be chosen."""

    kind, label = "poll_closed", _("Polls that closed, for co-chairs")
    title = _("The poll closed")
    sent_label = _("They were told that a poll closed")
    queued_label = _("They’re to be told that a poll closed")
    unsent_label = _("They weren’t told that a poll closed")
    hint = _("When voting ends in a poll of a committee you chair")
    roles = Membership.CHAIRING

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [CHOSEN, OPEN_AGAIN, NOT_CHAIRING]

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        return Notice.audience(self, sending)

    def urgent(self) -> Q | None:
        return None

    def starts_at(self) -> Subquery:
        """The first of its times: quiet hours end before."""
        ahead = PollSlot.objects.standing().filter(poll=OuterRef("about_id"), starts_at__gt=Now())
        return Subquery(ahead.order_by("starts_at").values("starts_at")[:1])

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Any]:
        asked = super().load(deliveries)
        return {pk: (each, standings(each.poll)) for pk, each in asked.items()}

    def cache_key(self, delivery: Delivery, facts: dict[int, Any]) -> Hashable:
        asked, standing = facts[delivery.about_id]
        return super().cache_key(delivery, {delivery.about_id: asked}), repr(standing)

    def context(self, delivery: Delivery, facts: dict[int, Any]) -> dict[str, Any]:
        asked, standing = facts[delivery.about_id]
        rows: list[Standing] = standing.rows
        return super().context(delivery, {delivery.about_id: asked}) | {
            "rows": [
                {"when": formats.span(row.slot.starts_at, asked.poll.duration), "row": row}
                for row in rows
                if not row.slot.removed_at
            ],
            "voters": standing.voters,
            "people": standing.people,
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, Any]) -> str:
        return facts[delivery.about_id][0].poll.committee.name

    def line(self, delivery: Delivery, facts: dict[int, Any]) -> Line:
        asked, _standing = facts[delivery.about_id]
        words = _now("%(committee)s. Choose a time.") % {"committee": asked.poll.committee.name}
        title = _now("The poll closed: %(poll)s") % {"poll": asked.poll.title}
        return Line(title, words, settings.SITE_URL + asked.poll.get_absolute_url())

    def values(self, delivery: Delivery, facts: dict[int, Any]) -> dict[str, str]:
        return Notice.values(self, delivery, facts)
