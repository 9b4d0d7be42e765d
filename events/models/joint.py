"""Committees that share a call. `Meeting.committee` hosts it: it owns the address and is named wherever the call is.

Who is on a call is asked here: `seats_at` of memberships, `of_committees` of calls. A confidential committee shares no
call: this is asked whenever it is read, so one that becomes confidential is alone from that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat

from committees.models import Committee, Membership
from committees.models.memberships import MembershipQuerySet
from members.models import User
from members.times.clock import database_today


class JointCommitteeQuerySet(models.QuerySet["JointCommittee"]):
    def standing(self) -> JointCommitteeQuerySet:
        """Those that hold: neither it nor the host is confidential."""
        open_both = {"committee__confidential": False, "meeting__committee__confidential": False}
        return self.filter(removed_at=None, **open_both)

    def strict(self) -> JointCommitteeQuerySet:
        """Of those committees that want the link in a mail to join for nobody who isn't signed in."""
        return self.filter(committee__join_signed_in=True)


class JointCommittee(models.Model):
    """A committee beside the host. Taken away, the row stays: who was invited through it is told that the call is off."""

    meeting = models.ForeignKey("events.Meeting", models.CASCADE, related_name="joint")
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="joint_calls")
    round = models.PositiveIntegerField(default=1, help_text="how often it was added")
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = JointCommitteeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "committee"], name="joint_once")]

    def __str__(self) -> str:
        return f"{self.committee} on {self.meeting}"

    @property
    def invitation_key(self) -> str:
        """In front of the number of the call's time: its people are invited by a sending of their own."""
        return f"joint{self.pk}x{self.round}"


class CallCommittee(models.Model):
    """A view: each call with its host (`rank` 0) and the committees beside it, in the order in which they came, as long
    as neither is confidential."""

    pk = models.CompositePrimaryKey("meeting", "committee")
    meeting = models.ForeignKey("events.Meeting", models.DO_NOTHING, related_name="+")
    committee = models.ForeignKey(Committee, models.DO_NOTHING, related_name="+")
    rank = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "events_callcommittee"

    def __str__(self) -> str:
        return f"{self.committee} on {self.meeting}"


def seats_at(meeting: Any, seats: MembershipQuerySet) -> MembershipQuerySet:
    """Of these memberships those on a committee of the call: its number, or an OuterRef to that."""
    call = OuterRef(meeting) if isinstance(meeting, OuterRef) else meeting
    return seats.filter(committee__in=CallCommittee.objects.filter(meeting=call).values("committee"))


def of_committees(committees: QuerySet[Any] | Iterable[int], call: str = "") -> Q:
    """A condition over calls, or over what belongs to one (`call`: the way to it): one of these committees takes part."""
    further = JointCommittee.objects.standing().filter(committee__in=committees).values("meeting")
    way = f"{call}__" if call else ""
    return Q(**{f"{way}committee__in": committees}) | Q(**{f"{way}pk__in": further})


def people_of(meeting: int) -> QuerySet[User]:
    """Everybody on a committee of the call today, once."""
    seats = seats_at(meeting, Membership.objects.current())
    return User.objects.members().filter(pk__in=seats.values("user")).order_by("name", "id")


def invited_through(joint: JointCommittee) -> QuerySet[User]:
    """Those who are on this committee and on no other of the call."""
    elsewhere = seats_at(joint.meeting_id, Membership.objects.current()).exclude(committee=joint.committee_id)
    return joint.committee.people().exclude(pk__in=elsewhere.values("user"))


def sits_with(viewer: User, person: str, meeting: str) -> Q:
    """A condition over what belongs to a call: that person shares a committee with this one. Of a call of one committee
    everybody does.
    """
    held = Membership.objects.held().filter(user=OuterRef(person))
    together = held.filter(committee__in=Membership.objects.of(viewer).values("committee"))
    return ~Exists(JointCommittee.objects.standing().filter(meeting=OuterRef(meeting))) | Q(Exists(together))


def scope_of_each(meeting: int) -> Any:
    """Over people: the scope of the committee through which each is on the call: the host, else the first that came."""
    held = Membership.objects.held(database_today()).filter(
        user=OuterRef(OuterRef("pk")), committee=OuterRef("committee")
    )
    through = CallCommittee.objects.filter(Exists(held), meeting=meeting).order_by("rank").values("committee")[:1]
    host = CallCommittee.objects.filter(meeting=meeting, rank=0).values("committee")
    first = Coalesce(models.Subquery(through), models.Subquery(host))
    return Concat(
        Value("committee:"), models.functions.Cast(first, models.CharField()), output_field=models.CharField()
    )
