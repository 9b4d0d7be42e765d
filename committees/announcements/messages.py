"""Announcements as messages: to one committee, and to all members."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

from committees.markdown import to_html
from committees.models import Announcement, Membership
from members.mail.kinds import Cadence, Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User
from members.text.apart import apart
from members.times.clock import database_today


def tell_announcement(announcement: Announcement) -> None:
    notice = CommitteeAnnouncement if announcement.committee_id else NetworkAnnouncement
    notice.enqueue(
        announcement.audience(), announcement.about, dedupe_key=announcement.dedupe_key, scope=announcement.scope
    )


@dataclass(frozen=True)
class Announced:
    """An announcement, and who reads answers to it: staff when there are no co-chairs."""

    announcement: Announcement
    chairs: tuple[str, ...]  # their names


def chairs_of(committees: set[int]) -> dict[int, list[str]]:
    """By committee, the names of its co-chairs."""
    memberships = Membership.objects.held().filter(role=Membership.Role.CHAIR, committee__in=committees)
    found: dict[int, list[str]] = {}
    for committee, name in memberships.order_by("started_on", "pk").values_list("committee", "user__name"):
        found.setdefault(committee, []).append(name)
    return found


def announcement_of(sending: BulkSend) -> Announcement | None:
    number = sending.about.rpartition(":")[2]
    return Announcement.objects.select_related("committee").filter(pk=number).first()


class CommitteeAnnouncement(Notice):
    """From co-chairs or staff to one committee."""

    kind, label, category = Announcement.KIND, _("Announcements of committees"), Category.ROUTINE
    sent_label = _("They were sent a committee’s announcement")
    queued_label = _("They’re to be sent a committee’s announcement")
    unsent_label = _("They weren’t sent a committee’s announcement")
    title = _("Announcement")
    hint = _("What co-chairs and staff tell everybody on a committee")
    replies = Replies.CO_CHAIRS
    cadences = Cadence.values

    def suppress_if(self) -> Sequence[SuppressionRule]:
        memberships = Membership.objects.held(on=database_today())
        still_on = memberships.filter(committee__announcements=OuterRef("about_id"), user=OuterRef("recipient"))
        return [
            self._taken_back(),
            SuppressionRule(
                Q(~Exists(still_on)),
                _("The person is not on the committee."),
                yours=_("You are not on the committee."),
            ),
        ]

    def _taken_back(self) -> SuppressionRule:
        sent = Announcement.objects.filter(
            pk=OuterRef("about_id"), times_sent=OuterRef("dedupe_number"), sent_at__isnull=False
        )
        return SuppressionRule(~Exists(sent), _("The announcement was taken back."))

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        announcement = announcement_of(sending)
        return announcement is not None and person.has_perm("committees.manage_announcement", announcement)

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """Make it a draft again when nobody had it yet."""
        announcement = announcement_of(sending)
        if announcement and not sending.deliveries().filter(handovers__gt=0).exists():
            announcement.take_back(by)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        announcement = announcement_of(sending)
        return announcement.audience() if announcement else User.objects.none()

    def page_of(self, sending: BulkSend) -> str:
        announcement = announcement_of(sending)
        return reverse("announcement_sent", args=[announcement.pk]) if announcement else super().page_of(sending)

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Announced]:
        found = Announcement.objects.select_related("committee", "author").in_bulk(
            {delivery.about_id for delivery in deliveries}
        )
        chairs = chairs_of({each.committee_id for each in found.values() if each.committee_id})
        return {pk: Announced(each, tuple(chairs.get(each.committee_id or 0, ()))) for pk, each in found.items()}

    def cache_key(self, delivery: Delivery, facts: dict[int, Announced]) -> Hashable:
        announced = facts[delivery.about_id]
        return delivery.about_id, announced.announcement.version, announced.chairs

    def context(self, delivery: Delivery, facts: dict[int, Announced]) -> dict[str, Any]:
        announcement = facts[delivery.about_id].announcement
        return {
            "announcement": announcement,
            "committee": announcement.committee,
            "body_html": to_html(announcement.body),
            "url": settings.SITE_URL + announcement.get_absolute_url(),
            "postal_address": settings.POSTAL_ADDRESS,
            "replies": self.replies if facts[delivery.about_id].chairs else Replies.STAFF,
            "reply_names_apart": apart(facts[delivery.about_id].chairs),
            "reply_names": get_text_list(list(facts[delivery.about_id].chairs), str(_("and"))),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, Announced]) -> str:
        committee = facts[delivery.about_id].announcement.committee
        return committee.name if committee else ""


class NetworkAnnouncement(CommitteeAnnouncement):
    """From staff to all members, or to those of a state or a kind of office."""

    kind, label, category = Announcement.TO_ALL, _("Announcements to all members"), Category.ROUTINE
    sent_label = _("They were sent an announcement to all members")
    queued_label = _("They’re to be sent an announcement to all members")
    unsent_label = _("They weren’t sent an announcement to all members")
    hint = _("What staff tell the whole network, at most once a week")
    to_everybody = True
    replies = Replies.STAFF
    scoped = False

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [self._taken_back()]
