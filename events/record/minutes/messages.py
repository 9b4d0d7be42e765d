"""Messages about minutes: they are out for comment, somebody objects, they are still to be sent."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from committees.announcements.messages import chairs_of
from committees.models import Membership
from events.messages import suppression
from events.models import CallCommittee, Meeting, Minutes, MinutesObjection
from events.models.joint import seats_at
from events.models.minutes import KEEPING, people_who_keep
from events.record.minutes import writing
from events.record.minutes.drafting import ACTION, draft
from events.record.minutes.reading import reading_minutes
from members.mail import links
from members.mail.kinds import Category, Line, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User
from members.text.apart import apart
from members.times import formats
from members.times.clock import database_today

REMINDED = (3, 7)  # days after a call
STILL_HELPS = timedelta(days=1)
WITHIN_DAYS = 6  # in which a weekday alone says which day


def _on_committee(*roles: str) -> Exists:
    """Of a delivery about minutes."""
    seats = Membership.objects.held(on=database_today()).filter(user=OuterRef("recipient"))
    there = CallCommittee.objects.filter(meeting__minutes=OuterRef(OuterRef("about_id")))
    seats = seats.filter(committee__in=there.values("committee"))
    return Exists(seats.filter(role__in=roles) if roles else seats)


NOT_KEEPING = SuppressionRule(
    ~_on_committee(*KEEPING),
    gettext_lazy("The person no longer keeps the minutes."),
    yours=gettext_lazy("You no longer keep the minutes."),
)


def by_day(day: Any) -> str:
    """Friday, when that is within six days; else Friday, March 19."""
    if (day - timezone.localdate()).days <= WITHIN_DAYS:
        # Translators: Django date format, day of the week alone
        return date_format(day, pgettext("date format", "l"))
    return formats.day(day)


@dataclass(frozen=True)
class Facts:
    """Minutes by number, with what their mails say; `mine` counts actions by minutes and person."""

    minutes: dict[int, Minutes]
    revisions: dict[int, int]
    lengths: dict[int, int]
    mine: dict[tuple[int, int], int]
    actions: dict[int, int]
    decisions: dict[int, int]
    chairs: dict[int, list[str]]

    def own(self, delivery: Delivery) -> int:
        return self.mine.get((delivery.about_id or 0, delivery.recipient_id or 0), 0)


def _facts(numbers: Collection[int]) -> Facts:
    found = Minutes.objects.select_related("meeting__committee", "sent_by").in_bulk(numbers)
    facts = Facts(found, {}, {}, {}, {}, {}, chairs_of({each.meeting.committee_id for each in found.values()}))
    for pk, minutes in found.items():
        revision = minutes.standing()
        document = draft(minutes.meeting, minutes, revision)
        facts.revisions[pk] = revision.number if revision else 0
        facts.lengths[pk] = reading_minutes(document)
        owners = [fact.owner for fact in document.facts.values() if fact.kind == ACTION]
        facts.actions[pk] = len(owners)
        facts.decisions[pk] = len(document.facts) - len(owners)
        for owner in filter(None, owners):
            facts.mine[pk, owner] = facts.mine.get((pk, owner), 0) + 1
    return facts


class MinutesOut(Notice):
    """To the committee, when the minutes of a call are out for comment."""

    kind, label, category = "minutes", gettext_lazy("Minutes to comment on"), Category.ROUTINE
    sent_label = gettext_lazy("They were sent minutes to comment on")
    queued_label = gettext_lazy("They’re to be sent minutes to comment on")
    unsent_label = gettext_lazy("They weren’t sent minutes to comment on")
    title = gettext_lazy("Minutes")
    hint = gettext_lazy("When the minutes of a call are out for comment")
    replies = Replies.CO_CHAIRS
    stays = gettext_lazy("The minutes stay out for comment.")
    undone = gettext_lazy("The minutes are a draft again.")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        standing = Minutes.objects.filter(
            pk=OuterRef("about_id"), times_sent=OuterRef("dedupe_number"), sent_at__isnull=False
        )
        approved = Minutes.objects.approved().filter(pk=OuterRef("about_id"))
        return [
            SuppressionRule(~Exists(standing), gettext_lazy("The minutes were taken back.")),
            SuppressionRule(Q(Exists(approved)), gettext_lazy("The minutes were approved."), Delivery.State.EXPIRED),
            SuppressionRule(
                ~_on_committee(),
                gettext_lazy("The person is not on the committee."),
                yours=gettext_lazy("You are not on the committee."),
            ),
        ]

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        minutes = _minutes_of(sending)
        return minutes is not None and person.has_perm("events.keep_record", minutes.meeting)

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """Make them a draft again when nobody had them yet."""
        minutes = _minutes_of(sending)
        if minutes and not sending.deliveries().filter(handovers__gt=0).exists():
            minutes.take_back(by)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        minutes = _minutes_of(sending)
        return minutes.meeting.invitees() if minutes else User.objects.none()

    def page_of(self, sending: BulkSend) -> str:
        minutes = _minutes_of(sending)
        return minutes.get_absolute_url() if minutes else super().page_of(sending)

    def load(self, deliveries: Sequence[Delivery]) -> Facts:
        return _facts({delivery.about_id for delivery in deliveries if delivery.about_id})

    def without_personal_facts(self, facts: Facts) -> Facts:
        return replace(facts, mine={})

    def cache_key(self, delivery: Delivery, facts: Facts) -> Hashable:
        pk = delivery.about_id or 0
        return pk, facts.revisions.get(pk), facts.own(delivery), delivery.dedupe_key

    def context(self, delivery: Delivery, facts: Facts) -> dict[str, Any]:
        minutes = facts.minutes[delivery.about_id or 0]
        assert minutes.comments_until
        names = facts.chairs.get(minutes.meeting.committee_id, [])
        return {
            "minutes": minutes,
            "meeting": minutes.meeting,
            "committee": minutes.meeting.committee,
            "by_day": by_day(minutes.comments_until),
            "until": minutes.comments_until,
            "until_words": formats.deadline(minutes.comments_until),
            "call_when": formats.full(minutes.meeting.starts_at, minutes.meeting.duration),
            "length": facts.lengths[minutes.pk],
            "mine": facts.own(delivery),
            "counts": self._counts(facts, minutes.pk),
            "url": links.absolute("meeting_minutes", minutes.meeting.slug),
            "replies": self.replies if names else Replies.STAFF,
            "reply_names": get_text_list(list(names), str(_("and"))),
            "reply_names_apart": apart(names),
        }

    @staticmethod
    def _counts(facts: Facts, pk: int) -> str:
        decisions, actions = facts.decisions[pk], facts.actions[pk]
        said = [ngettext("%(n)s decision", "%(n)s decisions", decisions) % {"n": decisions}] if decisions else []
        said += [ngettext("%(n)s action", "%(n)s actions", actions) % {"n": actions}] if actions else []
        return ", ".join(said)

    def line(self, delivery: Delivery, facts: Facts) -> Line:
        context = self.context(delivery, facts)
        title = _("Minutes of %(call)s") % {"call": context["meeting"].title}
        words = _("Comments until the end of %(day)s.") % {"day": formats.day(context["until"])}
        return Line(title, words, context["url"])

    def sender_name(self, delivery: Delivery, facts: Facts) -> str:
        return facts.minutes[delivery.about_id or 0].meeting.committee.name


def _minutes_of(sending: BulkSend) -> Minutes | None:
    number = sending.about.rpartition(":")[2]
    return Minutes.objects.select_related("meeting__committee").filter(pk=number).first()


def tell_minutes(minutes: Minutes) -> None:
    """Tell the committee that they are out, held as other mails to many."""
    MinutesOut.enqueue(
        minutes.meeting.invitees(),
        minutes.about,
        dedupe_key=minutes.dedupe_key,
        scope=minutes.meeting.scope_of_each,
    )
    if sending := writing.sending_of(minutes):
        minutes.wait_until(sending.goes_at)


def send_and_tell(meeting: Meeting, by: User, **choice: Any) -> Minutes | None:
    """Send the minutes of a call and tell its committee; None when they were sent already."""
    minutes = writing.send(meeting, by, **choice)
    if minutes:
        tell_minutes(minutes)
    return minutes


class MinutesObjected(Notice):
    """To those who keep the minutes, while the objection stands."""

    kind, label, category = "minutes_objection", gettext_lazy("Objections to minutes, for co-chairs"), Category.ROUTINE
    sent_label = gettext_lazy("They were told of an objection to minutes")
    queued_label = gettext_lazy("They’re to be told of an objection to minutes")
    unsent_label = gettext_lazy("They weren’t told of an objection to minutes")
    title = gettext_lazy("An objection")
    hint = gettext_lazy("When somebody objects to minutes that you keep")
    replies = Replies.ASKER
    roles = KEEPING

    def suppress_if(self) -> Sequence[SuppressionRule]:
        standing = MinutesObjection.objects.filter(pk=OuterRef("dedupe_number"), withdrawn_at=None)
        approved = Minutes.objects.approved().filter(pk=OuterRef("about_id"))
        return [
            SuppressionRule(Q(~Exists(standing)), gettext_lazy("The objection was withdrawn.")),
            SuppressionRule(Q(Exists(approved)), gettext_lazy("The minutes were approved."), Delivery.State.EXPIRED),
            NOT_KEEPING,
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, MinutesObjection]:
        numbers = {delivery.dedupe_number for delivery in deliveries}
        return MinutesObjection.objects.select_related("minutes__meeting__committee", "member").in_bulk(numbers)

    def asker(self, delivery: Delivery) -> User | None:
        objections = MinutesObjection.objects.filter(pk=delivery.dedupe_number)
        return User.objects.active().filter(pk__in=objections.values("member")).first()

    def cache_key(self, delivery: Delivery, facts: dict[int, MinutesObjection]) -> Hashable:
        return delivery.dedupe_key

    def context(self, delivery: Delivery, facts: dict[int, MinutesObjection]) -> dict[str, Any]:
        objection = facts[delivery.dedupe_number]
        minutes = objection.minutes
        return {
            "objection": objection,
            "name": objection.member.name,
            "reply_name": objection.member.name,
            "minutes": minutes,
            "meeting": minutes.meeting,
            "committee": minutes.meeting.committee,
            "url": links.absolute("meeting_minutes", minutes.meeting.slug),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, MinutesObjection]) -> str:
        return facts[delivery.dedupe_number].minutes.meeting.committee.name


def tell_objection(objection: MinutesObjection) -> None:
    minutes = objection.minutes
    people = people_who_keep(minutes.meeting).exclude(pk=objection.member_id)
    key = f"{MinutesObjected.kind}:{objection.pk}"
    MinutesObjected.enqueue(people, minutes.about, dedupe_key=key, scope=minutes.meeting.scope_of_each)


# The chair is reminded ------------------------------------------------------------------------------


class MinutesDue(Notice):
    """Three and seven days after a call whose minutes are not out. `dedupe_number` is which of them."""

    kind, label, category = "minutes_due", gettext_lazy("Minutes that are still to be sent"), Category.ROUTINE
    sent_label = gettext_lazy("They were reminded to send minutes")
    queued_label = gettext_lazy("They’re to be reminded to send minutes")
    unsent_label = gettext_lazy("They weren’t reminded to send minutes")
    title = gettext_lazy("Minutes to send")
    hint = gettext_lazy("Three and seven days after a call whose minutes you haven’t sent")
    replies = Replies.STAFF
    roles = KEEPING

    def suppress_if(self) -> Sequence[SuppressionRule]:
        sent = Minutes.objects.filter(meeting=OuterRef("about_id"), sent_at__isnull=False)
        held = Membership.objects.held(on=database_today()).filter(user=OuterRef("recipient"), role__in=KEEPING)
        seats = seats_at(OuterRef("about_id"), held)
        later = Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            about=OuterRef("about"),
            dedupe_number__gt=OuterRef("dedupe_number"),
        )
        return [
            suppression.GONE,
            suppression.CANCELLED,
            SuppressionRule(Q(Exists(sent)), gettext_lazy("The minutes are out.")),
            SuppressionRule(Q(Exists(later)), gettext_lazy("A later reminder says the same."), Delivery.State.EXPIRED),
            SuppressionRule(~Exists(seats), NOT_KEEPING.words, yours=NOT_KEEPING.yours),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Meeting]:
        return Meeting.objects.select_related("committee").in_bulk({delivery.about_id for delivery in deliveries})

    def cache_key(self, delivery: Delivery, facts: dict[int, Meeting]) -> Hashable:
        return delivery.about_id, delivery.dedupe_key

    def context(self, delivery: Delivery, facts: dict[int, Meeting]) -> dict[str, Any]:
        meeting = facts[delivery.about_id or 0]
        return {
            "meeting": meeting,
            "committee": meeting.committee,
            "call_when": formats.full(meeting.starts_at, meeting.duration),
            "url": links.absolute("meeting_minutes", meeting.slug),
        }

    def line(self, delivery: Delivery, facts: dict[int, Meeting]) -> Line:
        meeting = facts[delivery.about_id or 0]
        title = _("Send the minutes of %(call)s") % {"call": meeting.title}
        return Line(title, formats.listed(meeting.starts_at), links.absolute("meeting_minutes", meeting.slug))

    def sender_name(self, delivery: Delivery, facts: dict[int, Meeting]) -> str:
        return facts[delivery.about_id or 0].committee.name


@planner
def plan_minutes_due() -> int:
    """Store the reminders that are due; how many are new."""
    return sum(_remind(meeting, days) for days in REMINDED for meeting in _unsent(days))


def _unsent(days: int) -> QuerySet[Meeting]:
    """Calls that were over so many days ago, told, held, and without minutes that are out."""
    over = Now() - timedelta(days=days)
    about = Concat(Value("meeting:"), OuterRef("pk"), output_field=CharField())
    told = Delivery.objects.filter(kind=MinutesDue.kind, about=about, dedupe_key=f"{MinutesDue.kind}:{days}")
    calls = Meeting.objects.told().not_cancelled().filter(ends_at__lte=over, ends_at__gt=over - STILL_HELPS)
    out = Minutes.objects.filter(meeting=OuterRef("pk"), sent_at__isnull=False)
    return calls.filter(~Exists(told), ~Exists(out)).select_related("committee")


def _remind(meeting: Meeting, days: int) -> int:
    return Delivery.enqueue(
        MinutesDue.kind,
        people_who_keep(meeting),
        meeting.about,
        dedupe_key=f"{MinutesDue.kind}:{days}",
        scope=meeting.scope_of_each,
    )


@planner
def approve_silently() -> int:
    """Approve what nobody objected to in time. No message is stored by it."""
    writing.approve_what_nobody_objects_to()
    return 0
