"""Messages about coming onto a committee."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, JoinRequest, Membership
from members import links
from members.clock import database_today
from members.models import Delivery, User
from members.notifications.notice import Class, Notice, Stop, scopes

DECIDING = (*Membership.CHAIRING, Membership.Role.LIAISON)


def tell_joined(membership: Membership) -> None:
    Joined.tell([membership.user], f"membership:{membership.pk}", scope=membership.committee.scope)


def tell_request(request: JoinRequest) -> None:
    """To the co-chairs and the staff organizer."""
    deciding = request.committee.memberships.current().filter(role__in=DECIDING)
    people = User.objects.members().filter(pk__in=deciding.values("user"))
    JoinRequested.tell(people, f"request:{request.pk}", scope=request.committee.scope)


def tell_request_answer(request: JoinRequest) -> None:
    JoinRequestAnswer.tell([request.user], f"request:{request.pk}", scope=request.committee.scope)


def committee_name(pk: int) -> str:
    return Committee.objects.filter(pk=pk).values_list("name", flat=True).first() or ""


scopes["committee"] = committee_name


class Joined(Notice):
    kind, label, sort = "joined", _("Joining a committee"), Class.ACCOUNT

    def voids(self) -> Sequence[Stop]:
        seated = Membership.objects.current(on=database_today()).filter(pk=OuterRef("subject_id"))
        return [Stop(Q(~Exists(seated)), _("The person left the committee."))]

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
    hint = _("When somebody asks to join a committee you look after")

    def voids(self) -> Sequence[Stop]:
        waiting = JoinRequest.objects.waiting().filter(pk=OuterRef("subject_id"))
        seats = Membership.objects.current(on=database_today()).filter(role__in=DECIDING)
        deciding = seats.filter(committee__requests=OuterRef("subject_id"), user=OuterRef("recipient"))
        return [
            Stop(Q(~Exists(waiting)), _("The request was answered or withdrawn.")),
            Stop(Q(~Exists(deciding)), _("The person no longer decides about requests.")),
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
