"""Confirming an answer to all dates of a series: one mail, however many dates."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from committees.models import Membership
from events.messages import call_context, series_entries
from events.messages.series_entries import SeriesEntries
from events.models import Meeting, Rsvp, SeriesAnswer
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import Delivery
from members.times import formats
from members.times.clock import database_today

NAMED = 12  # dates in the mail; the page of the series has them all


def confirm(answer: SeriesAnswer) -> None:
    """Say which answer holds for all dates, with the calendar entry. An answer taken back gets no mail."""
    if answer.response != Rsvp.Response.NEEDS_ACTION:
        key, series = f"{SeriesAnswered.kind}:{answer.version}", answer.series
        SeriesAnswered.enqueue([answer.user], series.about, dedupe_key=key, scope=series.scope)


def _standing() -> Exists:
    mine = SeriesAnswer.objects.filter(series=OuterRef("about_id"), user=OuterRef("recipient"))
    return Exists(mine.filter(version=OuterRef("dedupe_number")).exclude(response=Rsvp.Response.NEEDS_ACTION))


def _calls() -> Exists:
    coming = Meeting.objects.filter(series=OuterRef("about_id"), ends_at__gt=Now(), cancelled_at=None)
    return Exists(coming.filter(told_at__lte=Now()))


def _on_committee() -> Exists:
    held = Membership.objects.held(on=database_today())
    return Exists(held.filter(committee__series=OuterRef("about_id"), user=OuterRef("recipient")))


ANSWERED_SINCE = SuppressionRule(
    Q(~_standing()), gettext_lazy("The person answered again since."), yours=gettext_lazy("You answered again since.")
)
NONE_LEFT = SuppressionRule(Q(~_calls()), gettext_lazy("No call of the series was to come."), Delivery.State.EXPIRED)
NOT_ON_COMMITTEE = SuppressionRule(
    Q(~_on_committee()),
    gettext_lazy("The person is not on the committee."),
    yours=gettext_lazy("You’re not on the committee."),
)


class SeriesAnswered(Notice):
    kind, label, category = "series_answered", gettext_lazy("My answers to all dates of a series"), Category.ACCOUNT
    sent_label = gettext_lazy("Their answer to all dates was confirmed")
    queued_label = gettext_lazy("Their answer to all dates is to be confirmed")
    unsent_label = gettext_lazy("Their answer to all dates wasn’t confirmed")
    title = gettext_lazy("Your answer")
    mailer, replies, reply_tag = "calendar", Replies.CO_CHAIRS, "tag"
    brings_series = True

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [NONE_LEFT, ANSWERED_SINCE, NOT_ON_COMMITTEE]

    def load(self, deliveries: Sequence[Delivery]) -> SeriesEntries:
        return series_entries.load(deliveries)

    def cache_key(self, delivery: Delivery, facts: SeriesEntries) -> Hashable:
        return delivery.pk

    def context(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, Any]:
        series, said = facts.of(delivery), facts.said(delivery)
        answer = facts.answer(delivery)
        meant = [call for call in facts.coming(delivery) if said.get(call.pk) == answer]
        other = [call for call in facts.coming(delivery) if said.get(call.pk) != answer]
        return {
            "series": series,
            "committee": series.committee,
            "answer": answer,
            "dates": [formats.listed(call.starts_at) for call in meant[:NAMED]],
            "more": max(0, len(meant) - NAMED),
            "number": len(meant),
            "other_dates": [formats.listed(call.starts_at) for call in other[:NAMED]],
            "first_day": formats.day_short(meant[0].starts_at) if meant else "",
            "zone_words": series_entries.zone_words(series),
            "place_words": call_context.place_words(Meeting(video_url=series.video_url, dial_in=series.dial_in)),
            "entry_words": series_entries.entry_words(delivery, facts),
            **series_entries.answering(),
            "url": settings.SITE_URL + series.get_absolute_url(),
            "replies": self.replies,
        }

    def sender_name(self, delivery: Delivery, facts: SeriesEntries) -> str:
        return facts.of(delivery).committee.name

    def calendar(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, str]:
        return series_entries.calendar(delivery, facts)

    def headers(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, str]:
        return series_entries.headers(delivery, facts)

    def values(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, str]:
        return super().values(delivery, facts) | series_entries.values(delivery, facts)
