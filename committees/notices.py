"""Messages about coming onto a committee."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, IntegerField, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Extract, Floor, Now
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

from committees.markdown import to_html
from committees.models import Announcement, Committee, JoinRequest, Membership
from members.apart import apart
from members.mail import links
from members.mail.kinds import Cadence, Class, Notice
from members.mail.scopes import scopes
from members.mail.suppression import Stop
from members.models import Delivery, Profile, Sending, StaffAppointment, User
from members.times.clock import database_today

A_DAY = timedelta(days=1)
DECIDING = (*Membership.CHAIRING, Membership.Role.LIAISON)


def tell_joined(membership: Membership) -> None:
    """Once a day for each committee, however often somebody leaves and joins."""
    lately = Delivery.objects.filter(kind=Joined.kind, scope=membership.committee.scope, due_at__gt=Now() - A_DAY)
    heard = lately.exclude(state=Delivery.State.SKIPPED).filter(recipient=OuterRef("pk"))
    people = User.objects.filter(~Exists(heard), pk=membership.user_id)
    Joined.tell(people, f"membership:{membership.pk}", scope=membership.committee.scope)


def tell_request(request: JoinRequest) -> None:
    """To the co-chairs and the staff organizer, as far as they have not heard of it: it may have been taken back meanwhile."""
    deciding = request.committee.memberships.current().filter(role__in=DECIDING)
    told = Delivery.objects.filter(kind=JoinRequested.kind, subject=f"request:{request.pk}")
    heard = told.exclude(state=Delivery.State.SKIPPED).filter(recipient=OuterRef("pk"))
    people = User.objects.members().filter(~Exists(heard), pk__in=deciding.values("user"))
    edition = (told.aggregate(last=Max("edition"))["last"] or 0) + told.exists()
    JoinRequested.tell(people, f"request:{request.pk}", edition=edition, scope=request.committee.scope)


def tell_request_answer(request: JoinRequest) -> None:
    JoinRequestAnswer.tell([request.user], f"request:{request.pk}", scope=request.committee.scope)


def tell_announcement(announcement: Announcement) -> None:
    notice = CommitteeAnnouncement if announcement.committee_id else NetworkAnnouncement
    notice.tell(announcement.audience(), announcement.subject, edition=announcement.edition, scope=announcement.scope)


def committee_names(pks: Collection[int], reader: User | None = None) -> dict[int, str]:
    """By number; for a reader, of those they are on."""
    committees = Committee.objects.filter(pk__in=pks)
    return dict((committees.of(reader) if reader else committees).values_list("pk", "name"))


scopes["committee"] = committee_names


class Joined(Notice):
    kind, label, sort = "joined", _("Joining a committee"), Class.ACCOUNT
    told = _("They were told that they’re on a committee")
    to_tell = _("They’re to be told that they’re on a committee")
    untold = _("They weren’t told that they’re on a committee")

    def voids(self) -> Sequence[Stop]:
        seated = Membership.objects.held(on=database_today()).filter(pk=OuterRef("subject_id"))
        return [
            Stop(Q(~Exists(seated)), _("The person left the committee."), yours=_("You left the committee.")),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Membership]:
        return Membership.objects.select_related("committee", "user").in_bulk(
            [delivery.subject_id for delivery in deliveries]
        )

    def context(self, delivery: Delivery, facts: dict[int, Membership]) -> dict[str, Any]:
        committee = facts[delivery.subject_id].committee
        return {
            "committee": committee,
            "chairs": list(committee.chairs()),
            "url": settings.SITE_URL + committee.get_absolute_url(),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, Membership]) -> str:
        return facts[delivery.subject_id].committee.name


class _RequestNotice(Notice):
    def load(self, deliveries: Sequence[Delivery]) -> dict[int, JoinRequest]:
        return JoinRequest.objects.select_related("committee", "user", "closed_by").in_bulk(
            [delivery.subject_id for delivery in deliveries]
        )

    def sender_name(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> str:
        return facts[delivery.subject_id].committee.name


class JoinRequested(_RequestNotice):
    """For those who decide, while there is something to decide."""

    kind, label, sort = "join_request", _("Requests to join, for co-chairs and staff"), Class.ROUTINE
    told = _("They were asked to decide on a request to join")
    to_tell = _("They’re to be asked to decide on a request to join")
    untold = _("They weren’t asked to decide on a request to join")
    hint = _("When somebody asks to join a committee you look after")
    roles = DECIDING

    def voids(self) -> Sequence[Stop]:
        waiting = JoinRequest.objects.waiting().filter(pk=OuterRef("subject_id"))
        seats = Membership.objects.held(on=database_today()).filter(role__in=DECIDING)
        deciding = seats.filter(committee__requests=OuterRef("subject_id"), user=OuterRef("recipient"))
        return [
            Stop(Q(~Exists(waiting)), _("The request was answered or withdrawn.")),
            Stop(
                Q(~Exists(deciding)),
                _("The person no longer decides about requests."),
                yours=_("You no longer decide about requests."),
            ),
        ]

    def variant(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> int | None:
        return delivery.subject_id

    def context(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> dict[str, Any]:
        request = facts[delivery.subject_id]
        return {
            "request": request,
            "committee": request.committee,
            "url": links.absolute("committee_requests", request.committee.slug),
        }


class JoinRequestAnswer(_RequestNotice):
    kind, label, sort = "join_request_answer", _("Answers to my requests to join"), Class.ACCOUNT
    told = _("Their request to join was answered")
    to_tell = _("Their request to join is to be answered")
    untold = _("They weren’t sent the answer to their request to join")

    def voids(self) -> Sequence[Stop]:
        answered = [JoinRequest.Outcome.ACCEPTED, JoinRequest.Outcome.DECLINED]
        return [
            Stop(
                Q(~Exists(JoinRequest.objects.filter(pk=OuterRef("subject_id"), outcome__in=answered))),
                _("The request is not answered."),
            )
        ]

    def context(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> dict[str, Any]:
        request = facts[delivery.subject_id]
        accepted = request.outcome == JoinRequest.Outcome.ACCEPTED
        url = settings.SITE_URL + request.committee.get_absolute_url()
        return {"request": request, "committee": request.committee, "accepted": accepted, "url": url}


class Leaderless(Notice):
    """For everybody with a desk, as long as that loss lasts. The mail names no confidential committee."""

    kind, label, sort = "leaderless", _("Committees without a co-chair, for staff"), Class.ACCOUNT
    told = _("They were told that a committee has no co-chair any more")
    to_tell = _("They’re to be told that a committee has no co-chair any more")
    untold = _("They weren’t told that a committee has no co-chair any more")

    @staticmethod
    def edition_of(since: datetime) -> int:
        """Which loss it is: its minute."""
        return int(since.timestamp()) // 60

    @staticmethod
    def readers(on: Any = None) -> QuerySet[User]:
        """Whoever has a desk today: each of them may give roles on committees."""
        return User.objects.members().filter(pk__in=StaffAppointment.objects.current(on).values("user"))

    def voids(self) -> Sequence[Stop]:
        minute = Cast(Floor(Extract("leaderless_at", "epoch", tzinfo=UTC) / 60), IntegerField())
        lasting = Committee.objects.leaderless(on=database_today()).annotate(minute=minute)
        lasting = lasting.filter(pk=OuterRef("subject_id"), minute=OuterRef("edition"))
        reading = self.readers(on=database_today()).filter(pk=OuterRef("recipient"))
        return [
            Stop(Q(~Exists(lasting)), _("The committee has a co-chair again, or was archived.")),
            Stop(Q(~Exists(reading)), _("The person isn’t staff."), yours=_("You aren’t staff.")),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Committee]:
        return Committee.objects.in_bulk({delivery.subject_id for delivery in deliveries})

    def variant(self, delivery: Delivery, facts: dict[int, Committee]) -> int | None:
        return delivery.subject_id

    def context(self, delivery: Delivery, facts: dict[int, Committee]) -> dict[str, Any]:
        committee = facts[delivery.subject_id]
        if committee.confidential:
            return {"name": "", "url": links.absolute("staff_today")}
        return {"name": committee.name, "url": links.absolute("staff_committee", committee.slug)}


# Announcements ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Announced:
    """An announcement, and where answers to it go."""

    announcement: Announcement
    chairs: tuple[tuple[str, str], ...]  # name and address of those who show theirs

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address for _name, address in self.chairs) or (settings.CONTACT_EMAIL,)


def open_chairs(committees: set[int]) -> dict[int, list[tuple[str, str]]]:
    """By committee, name and address of its co-chairs as far as they show the address to their committee."""
    seats = Membership.objects.current().filter(
        role=Membership.Role.CHAIR,
        committee__in=committees,
        user__is_active=True,
        user__left_at=None,
        user__profile__email_audience__in=[Profile.Audience.COMMITTEES, Profile.Audience.MEMBERS],
    )
    found: dict[int, list[tuple[str, str]]] = {}
    rows = seats.order_by("started_on", "pk").values_list("committee", "user__name", "user__email")
    for committee, name, address in rows:
        found.setdefault(committee, []).append((name, address))
    return found


def announcement_of(sending: Sending) -> Announcement | None:
    number = sending.subject.rpartition(":")[2]
    return Announcement.objects.select_related("committee").filter(pk=number).first()


class CommitteeAnnouncement(Notice):
    """From co-chairs or staff to one committee."""

    kind, label, sort = Announcement.KIND, _("Announcements of committees"), Class.ROUTINE
    told = _("They were sent a committee’s announcement")
    to_tell = _("They’re to be sent a committee’s announcement")
    untold = _("They weren’t sent a committee’s announcement")
    title = _("Announcement")
    hint = _("What co-chairs and staff tell everybody on a committee")
    cadences = Cadence.values

    def voids(self) -> Sequence[Stop]:
        seats = Membership.objects.held(on=database_today())
        seated = seats.filter(committee__announcements=OuterRef("subject_id"), user=OuterRef("recipient"))
        return [
            self._taken_back(),
            Stop(
                Q(~Exists(seated)),
                _("The person is not on the committee."),
                yours=_("You are not on the committee."),
            ),
        ]

    def _taken_back(self) -> Stop:
        standing = Announcement.objects.filter(
            pk=OuterRef("subject_id"), edition=OuterRef("edition"), sent_at__isnull=False
        )
        return Stop(~Exists(standing), _("The announcement was taken back."))

    def may_take_back(self, person: User, sending: Sending) -> bool:
        announcement = announcement_of(sending)
        return announcement is not None and person.has_perm("committees.manage_announcement", announcement)

    def taken_back(self, sending: Sending, by: User) -> None:
        """When nobody had it yet, it is a draft again."""
        announcement = announcement_of(sending)
        if announcement and not sending.deliveries().filter(handovers__gt=0).exists():
            announcement.take_back(by)

    def audience(self, sending: Sending) -> QuerySet[User]:
        announcement = announcement_of(sending)
        return announcement.audience() if announcement else User.objects.none()

    def page_of(self, sending: Sending) -> str:
        announcement = announcement_of(sending)
        return reverse("announcement_sent", args=[announcement.pk]) if announcement else super().page_of(sending)

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Announced]:
        found = Announcement.objects.select_related("committee", "author").in_bulk(
            {delivery.subject_id for delivery in deliveries}
        )
        chairs = open_chairs({each.committee_id for each in found.values() if each.committee_id})
        return {pk: Announced(each, tuple(chairs.get(each.committee_id or 0, ()))) for pk, each in found.items()}

    def variant(self, delivery: Delivery, facts: dict[int, Announced]) -> Hashable:
        announced = facts[delivery.subject_id]
        return delivery.subject_id, announced.announcement.version, announced.chairs

    def context(self, delivery: Delivery, facts: dict[int, Announced]) -> dict[str, Any]:
        announcement = facts[delivery.subject_id].announcement
        return {
            "announcement": announcement,
            "committee": announcement.committee,
            "body_html": to_html(announcement.body),
            "url": settings.SITE_URL + announcement.get_absolute_url(),
            "to_chairs_apart": apart(name for name, _address in facts[delivery.subject_id].chairs),
            "to_chairs": get_text_list([name for name, _address in facts[delivery.subject_id].chairs], _("and")),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, Announced]) -> str:
        committee = facts[delivery.subject_id].announcement.committee
        return committee.name if committee else ""

    def reply_to(self, delivery: Delivery, facts: dict[int, Announced]) -> tuple[str, ...]:
        return facts[delivery.subject_id].addresses


class NetworkAnnouncement(CommitteeAnnouncement):
    """From staff to all members, or to those of a state or a kind of office."""

    kind, label, sort = Announcement.TO_ALL, _("Announcements to all members"), Class.ROUTINE
    told = _("They were sent an announcement to all members")
    to_tell = _("They’re to be sent an announcement to all members")
    untold = _("They weren’t sent an announcement to all members")
    hint = _("What staff tell the whole network, at most once a week")
    to_everybody = True
    scoped = False

    def voids(self) -> Sequence[Stop]:
        return [self._taken_back()]
