"""Messages about coming onto a committee."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from committees.models import JoinRequest, Membership
from members.models import User
from members.notifications.notice import Class, Notice


class Joined(Notice):
    kind, label, sort = "joined", _("Joining a committee"), Class.ACCOUNT


class JoinRequested(Notice):
    kind, label, sort = "join_request", _("Requests to join, for co-chairs and staff"), Class.ROUTINE


class JoinRequestAnswer(Notice):
    kind, label, sort = "join_request_answer", _("Answers to my requests"), Class.ACCOUNT


def tell_joined(membership: Membership) -> None:
    Joined.tell([membership.user], f"membership:{membership.pk}", scope=membership.committee.scope)


def tell_request(request: JoinRequest) -> None:
    """To the co-chairs and the staff organizer."""
    deciding = request.committee.memberships.current().filter(role__in=[*Membership.CHAIRING, Membership.Role.LIAISON])
    people = User.objects.members().filter(pk__in=deciding.values("user"))
    JoinRequested.tell(people, f"request:{request.pk}", scope=request.committee.scope)


def tell_request_answer(request: JoinRequest) -> None:
    JoinRequestAnswer.tell([request.user], f"request:{request.pk}", scope=request.committee.scope)
