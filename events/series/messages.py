"""Messages about a series: one a person, however many dates it is about."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, Expression, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Membership
from events.messages import series_entries
from events.messages.call_context import place_words
from events.messages.call_notice import number_in
from events.messages.series_entries import SeriesEntries
from events.models import Meeting, MeetingSeries, SeriesChange
from events.series.words import Changed, ChangedWord, rule_here, words_changed
from members.mail import links
from members.mail.kinds import Cadence, Category, Line, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User
from members.text.apart import apart
from members.times import formats
from members.times.clock import database_today

NAMED = 16  # dates in a mail; the page has them all


def tell_scheduled(series: MeetingSeries) -> None:
    """Invite everybody on the committee. Until the invitation goes, the series and its calls are drafts."""
    key = f"{SeriesInvitation.kind}:{series.sequence}"
    SeriesInvitation.enqueue(series.invitees(), series.about, dedupe_key=key, scope=series.scope)
    series.refresh_from_db(fields=["told_at"])


def tell_changed(change: SeriesChange) -> None:
    series = change.series
    calls = [f"meeting:{pk}" for pk in change.starts]
    Delivery.objects.filter(about__in=calls).ask_again()  # what waits for quiet hours may be near now
    key = f"{SeriesChanged.kind}:{change.number}"
    SeriesChanged.enqueue(series.invitees(), series.about, dedupe_key=key, scope=series.scope)


def tell_split(change: SeriesChange) -> None:
    """To those alone in whose calendar a mail put the series: its entry goes on past its new end until another says so."""
    series = change.series
    key = f"{SeriesChanged.kind}:{change.number}"
    people = series.invitees().filter(Exists(series_entries.brought(OuterRef("pk"), series.about)))
    SeriesChanged.enqueue(people, series.about, dedupe_key=key, scope=series.scope)


# Facts ---------------------------------------------------------------------------------------------


@dataclass
class Facts:
    """Of a batch of deliveries. `heard`: by series and person, the number of the last change that a mail brought them."""

    series: dict[int, MeetingSeries]
    calls: dict[int, list[Meeting]] = field(default_factory=dict)
    changes: dict[int, list[SeriesChange]] = field(default_factory=dict)
    chairs: dict[int, list[User]] = field(default_factory=dict)
    heard: dict[tuple[int, int], int] = field(default_factory=dict)
    entries: SeriesEntries = field(default_factory=SeriesEntries)

    def of(self, delivery: Delivery) -> MeetingSeries:
        return self.series[delivery.about_id or 0]

    def coming(self, delivery: Delivery) -> list[Meeting]:
        return [
            call for call in self.calls.get(delivery.about_id or 0, []) if not call.is_cancelled and not call.is_over
        ]

    def news(self, delivery: Delivery) -> list[SeriesChange]:
        """The changes up to this one that the recipient has not heard of."""
        last = self.heard.get((delivery.about_id or 0, delivery.recipient_id or 0), -1)
        changes = self.changes.get(delivery.about_id or 0, [])
        return [
            change
            for change in changes
            if last < change.number <= delivery.dedupe_number or change.number == delivery.dedupe_number
        ]

    @property
    def fingerprint(self) -> int:
        rows = [(call.pk, call.updated_at) for calls in self.calls.values() for call in calls]
        return hash((tuple(rows), tuple((row.pk, row.updated_at) for row in self.series.values())))


def load(deliveries: Sequence[Delivery]) -> Facts:
    ids = {delivery.about_id for delivery in deliveries}
    facts = Facts({row.pk: row for row in MeetingSeries.objects.select_related("committee").filter(pk__in=ids)})
    for call in Meeting.objects.filter(series__in=ids).select_related("committee").order_by("starts_at"):
        facts.calls.setdefault(call.series_id or 0, []).append(call)
    for change in SeriesChange.objects.filter(series__in=ids).select_related("made_by"):
        facts.changes.setdefault(change.series_id, []).append(change)
    committees = {row.committee_id for row in facts.series.values()}
    for chair in (
        Membership.objects.current()
        .chairs()
        .filter(committee__in=committees)
        .select_related("user__profile")
        .order_by("started_on", "pk")
    ):
        facts.chairs.setdefault(chair.committee_id, []).append(chair.user)
    sent = Delivery.objects.filter(
        kind__in=[SeriesInvitation.kind, SeriesChanged.kind],
        state=Delivery.State.SENT,
        about__in={delivery.about for delivery in deliveries},
        recipient__in=[delivery.recipient_id for delivery in deliveries],
    )
    rows = sent.order_by().values_list("about_id", "recipient").annotate(last=Max("dedupe_number"))
    facts.entries = series_entries.load(deliveries)
    facts.heard = {(about, person): last for about, person, last in rows}
    return facts


# Conditions ----------------------------------------------------------------------------------------


def _the_series(*conditions: Q, **lookups: Any) -> Exists:
    return Exists(MeetingSeries.objects.filter(*conditions, pk=OuterRef("about_id"), **lookups))


def _on_committee() -> Exists:
    held = Membership.objects.held(on=database_today())
    return Exists(held.filter(committee__series=OuterRef("about_id"), user=OuterRef("recipient")))


GONE = SuppressionRule(~_the_series(), gettext_lazy("The series no longer exists."))
NOT_TOLD = SuppressionRule(_the_series(told_at=None), gettext_lazy("The committee is not told of the series."))
STOPPED = SuppressionRule(
    _the_series(Q(paused_at__isnull=False) | Q(ended_at__isnull=False)), gettext_lazy("The series was paused or ended.")
)
OVER = SuppressionRule(
    ~Exists(Meeting.objects.filter(series=OuterRef("about_id"), ends_at__gt=Now())),
    gettext_lazy("The last call of the series was over."),
    Delivery.State.EXPIRED,
)
NOT_ON_COMMITTEE = SuppressionRule(
    ~_on_committee(),
    gettext_lazy("The person is not on the committee."),
    yours=gettext_lazy("You’re not on the committee."),
)
CHANGED_AGAIN = SuppressionRule(
    Exists(  # and is told of both changes by the newer mail
        Delivery.objects.filter(
            recipient=OuterRef("recipient"), about=OuterRef("about"), kind="series_changed", pk__gt=OuterRef("pk")
        ).exclude(state=Delivery.State.SUPPRESSED)
    ),
    gettext_lazy("The series changed again since."),
)


# Kinds ---------------------------------------------------------------------------------------------


class SeriesNotice(Notice):
    mailer = "calendar"
    replies, reply_tag = Replies.CO_CHAIRS, "tag"
    brings_series = True  # into a calendar

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        series = self._series(sending)
        return series is not None and person.has_perm("events.schedule_meeting", series.committee)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        series = self._series(sending)
        return series.invitees() if series else User.objects.none()

    def page_of(self, sending: BulkSend) -> str:
        series = self._series(sending)
        return series.get_absolute_url() if series else super().page_of(sending)

    @staticmethod
    def _series(sending: BulkSend) -> MeetingSeries | None:
        return MeetingSeries.objects.select_related("committee").filter(pk=number_in(sending.about)).first()

    def starts_at(self) -> Expression | Subquery:
        coming = Meeting.objects.filter(series=OuterRef("about_id"), ends_at__gt=Now(), cancelled_at=None)
        return Subquery(coming.order_by("starts_at").values("starts_at")[:1])

    def load(self, deliveries: Sequence[Delivery]) -> Facts:
        return load(deliveries)

    def cache_key(self, delivery: Delivery, facts: Facts) -> Hashable:
        news = tuple(change.pk for change in facts.news(delivery))
        return facts.fingerprint, delivery.about, delivery.dedupe_key, news, facts.entries.key(delivery)

    def without_personal_facts(self, facts: Facts) -> Facts:
        return replace(facts, entries=replace(facts.entries, answers={}, to_all={}, calendars={}))

    def calendar(self, delivery: Delivery, facts: Facts) -> dict[str, str]:
        return series_entries.calendar(delivery, facts.entries)

    def headers(self, delivery: Delivery, facts: Facts) -> dict[str, str]:
        return series_entries.headers(delivery, facts.entries)

    def values(self, delivery: Delivery, facts: Facts) -> dict[str, str]:
        return super().values(delivery, facts) | series_entries.values(delivery, facts.entries)

    def answer_url(self, delivery: Delivery, facts: Facts) -> str:
        call = facts.entries.next_call(delivery)
        if call is None or call.is_over or call.is_cancelled or not delivery.recipient_id:
            return ""
        return links.absolute("rsvp_link", links.rsvp_token(delivery.recipient_id, call.pk))

    def context(self, delivery: Delivery, facts: Facts) -> dict[str, Any]:
        series = facts.of(delivery)
        coming = facts.coming(delivery)
        chairs = facts.chairs.get(series.committee_id, [])
        return {
            "series": series,
            "committee": series.committee,
            "rule_words": rule_here(series),
            "zone_words": series_entries.zone_words(series),
            "place_words": place_words(Meeting(video_url=series.video_url, dial_in=series.dial_in)),
            "dates": [formats.listed(call.starts_at) for call in coming[:NAMED]],
            "more": max(0, len(coming) - NAMED),
            "number": len(coming),
            "first_day": formats.day_short(coming[0].starts_at) if coming else "",
            "url": settings.SITE_URL + series.get_absolute_url(),
            "chairs": _and([chair.name for chair in chairs]),
            "chairs_apart": apart(chair.name for chair in chairs),
            "number_of_chairs": len(chairs),
            "replies": self.replies if chairs else Replies.STAFF,
            "answer": facts.entries.answer(delivery),
            "entry_words": series_entries.entry_words(delivery, facts.entries),
            **series_entries.answering(),
        }

    def sender_name(self, delivery: Delivery, facts: Facts) -> str:
        return facts.of(delivery).committee.name


class SeriesInvitation(SeriesNotice):
    kind, label, category = "series_invitation", gettext_lazy("Invitations to a series of calls"), Category.ROUTINE
    sent_label = gettext_lazy("They were invited to a series of calls")
    queued_label = gettext_lazy("They’re to be invited to a series of calls")
    unsent_label = gettext_lazy("They weren’t invited to a series of calls")
    cadences = Cadence.values
    title = gettext_lazy("Invitation")
    stays = gettext_lazy("The series stays on the portal.")
    undone = gettext_lazy("The series is a draft again.")
    hint = gettext_lazy("When a co-chair sets one, once for all its dates")

    @classmethod
    def enqueue(
        cls, people: Iterable[User] | QuerySet[User], about: str, *, dedupe_key: str = "", scope: str = ""
    ) -> None:
        """As `Notice.enqueue`; the series and its calls stop being drafts when the hold of this invitation ends."""
        super().enqueue(people, about, dedupe_key=dedupe_key, scope=scope)
        waiting = Delivery.objects.filter(kind=cls.kind, about=about, dedupe_key=dedupe_key)
        goes_at = waiting.unsent().order_by("due_at").values("due_at")[:1]
        told_at = Coalesce(Subquery(goes_at), Now())
        number = int(number_in(about))
        Meeting.objects.filter(series=number, told_at=None, cancelled_at=None).update(told_at=told_at)
        MeetingSeries.objects.filter(pk=number, told_at=None).update(told_at=told_at)

    def on_undo(self, sending: BulkSend, by: User) -> None:
        series = self._series(sending)
        if series and not Delivery.objects.filter(about=series.about, handovers__gt=0).exists():
            series.meetings.filter(told_at=series.told_at).update(told_at=None)
            MeetingSeries.objects.filter(pk=series.pk).update(told_at=None)

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [GONE, NOT_TOLD, STOPPED, OVER, NOT_ON_COMMITTEE]

    def line(self, delivery: Delivery, facts: Facts) -> Line:
        context = self.context(delivery, facts)
        words = _("%(rule)s. %(committee)s.") % {"rule": context["rule_words"], "committee": context["committee"].name}
        return Line(_("Invitation to %(call)s") % {"call": context["series"].title}, words, context["url"])


class SeriesChanged(SeriesNotice):
    """Many dates at once: moved, called off, on again, or another topic, place or length."""

    kind, label, category = "series_changed", gettext_lazy("A series of calls changed"), Category.CHANGE
    sent_label = gettext_lazy("They were told that a series of calls changed")
    queued_label = gettext_lazy("They’re to be told that a series of calls changed")
    unsent_label = gettext_lazy("They weren’t told that a series of calls changed")
    title = gettext_lazy("Changed")
    stays = gettext_lazy("The series stays as you changed it.")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [GONE, NOT_TOLD, OVER, NOT_ON_COMMITTEE, CHANGED_AGAIN]

    def context(self, delivery: Delivery, facts: Facts) -> dict[str, Any]:
        news = facts.news(delivery)
        changed = _changed(news, {call.pk: call for call in facts.calls.get(delivery.about_id or 0, [])})
        last, words = news[-1] if news else None, words_changed(news)
        return super().context(delivery, facts) | {
            "changed": [each for each in changed if each.is_shown][:NAMED],
            "more_changed": max(0, len(changed) - NAMED),
            "words_changed": words,
            "what": self._what(last, len(changed), words),
            "when_words": self._off(last) or rule_here(facts.of(delivery)),
            "asks_again": any(each.is_on and each.is_other for each in changed),
            "reason": last.reason if last else "",
            "changed_by": last.made_by.get_short_name() if last and last.made_by else _("The co-chairs"),
            "entry_words": self._entry_words(last, delivery, facts),
        }

    @staticmethod
    def _off(last: SeriesChange | None) -> str:
        """Instead of the rule, where no date of it is on."""
        if last and last.kind == SeriesChange.Kind.PAUSED:
            return _("Paused: no calls until the co-chairs put them on again")
        return _("Ended: no further calls") if last and last.kind == SeriesChange.Kind.ENDED else ""

    @staticmethod
    def _entry_words(last: SeriesChange | None, delivery: Delivery, facts: Facts) -> str:
        if last and last.kind == SeriesChange.Kind.SPLIT:
            return _("The attached entry ends these dates in your calendar. Another email brings those that follow.")
        return series_entries.entry_words(delivery, facts.entries)

    @staticmethod
    def _what(last: SeriesChange | None, dates: int, words: Sequence[ChangedWord]) -> str:
        """A few words for the subject."""
        n = {"n": dates}
        kinds = SeriesChange.Kind
        if last is None or last.kind == kinds.EDITED:
            names = get_text_list([each.what.lower() for each in words], _("and"))
            return _("New %(names)s:") % {"names": names} if names else _("Changed:")
        if last.kind == kinds.PAUSED:
            return ngettext("Paused, %(n)s call is off:", "Paused, %(n)s calls are off:", dates) % n
        if last.kind == kinds.ENDED:
            return ngettext("Ended, %(n)s call is off:", "Ended, %(n)s calls are off:", dates) % n
        if last.kind == kinds.SPLIT:
            return _("Goes on with other dates:")
        if last.kind == kinds.RESUMED:
            return ngettext("On again, %(n)s call:", "On again, %(n)s calls:", dates) % n
        return ngettext("%(n)s date changed:", "%(n)s dates changed:", dates) % n


def _changed(news: Sequence[SeriesChange], calls: dict[int, Meeting]) -> list[Changed]:
    """Each call that changed, from how its reader knew it to how it is now."""
    before: dict[int, str | None] = {}
    for change in news:
        for pk, start in change.starts.items():
            before.setdefault(int(pk), start)
    found = [
        Changed(datetime.fromisoformat(start) if start else None, None if call.is_cancelled else call.starts_at, call)
        for pk, start in before.items()
        if (call := calls.get(pk))
    ]
    return sorted(found, key=lambda each: each.call.original_start or each.call.starts_at)


def _and(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
