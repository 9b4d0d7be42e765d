"""Messages about who is on a committee: a request to join, its answer, the welcome, another role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, Func, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from committees.models import JoinRequest, Membership
from members.mail import links
from members.mail.emails import placeholder
from members.mail.kinds import Category, Notice, Replies
from members.mail.suppression import SuppressionRule
from members.models import Delivery, Office, User
from members.text.apart import apart
from members.times.clock import database_today, today

A_DAY = timedelta(days=1)
ROLE_HOLD = timedelta(minutes=2)  # for a change of role: who chose the wrong one chooses again
DECIDING = Membership.OFFICERS
TITLED = (*Membership.OFFICERS, Membership.Role.SECRETARY)  # "You’re co-chair of …", as opposed to a member of it


def tell_joined(membership: Membership) -> None:
    """Welcome the person: one mail a day and committee, however often somebody leaves and joins."""
    lately = Delivery.objects.filter(kind=Joined.kind, scope=membership.committee.scope, due_at__gt=Now() - A_DAY)
    heard = lately.exclude(state=Delivery.State.SUPPRESSED).filter(recipient=OuterRef("pk"))
    people = User.objects.filter(~Exists(heard), pk=membership.user_id)
    Joined.enqueue(people, f"membership:{membership.pk}", scope=membership.committee.scope)


def tell_request(request: JoinRequest) -> None:
    """Tell the co-chairs and staff organizers of a request, except those who heard of it before it was withdrawn and
    made again.
    """
    deciding = request.committee.memberships.current().filter(role__in=DECIDING)
    told = Delivery.objects.filter(kind=JoinRequested.kind, about=f"request:{request.pk}")
    heard = told.exclude(state=Delivery.State.SUPPRESSED).filter(recipient=OuterRef("pk"))
    people = User.objects.members().filter(~Exists(heard), pk__in=deciding.values("user"))
    number = (told.aggregate(last=Max("dedupe_number"))["last"] or 0) + told.exists()
    key = f"{JoinRequested.kind}:{number}"
    JoinRequested.enqueue(people, f"request:{request.pk}", dedupe_key=key, scope=request.committee.scope)


def tell_request_answer(request: JoinRequest) -> None:
    JoinRequestAnswer.enqueue([request.user], f"request:{request.pk}", scope=request.committee.scope)


def tell_role(membership: Membership, was: str, by: User) -> None:
    """To the person, once the role stood for ROLE_HOLD, also of one that begins on a later day; `was` is the one before.

    Of several changes within the hold one mail tells, from the role that the person knew of. The caller holds the turn
    of the committee (`Committee.take_turn`), so that two changes do not pass each other.
    """
    about, scope = f"membership:{membership.pk}", membership.committee.scope
    mine = Delivery.objects.filter(kind=RoleChanged.kind, recipient=membership.user_id, scope=scope)
    held = mine.filter(state=Delivery.State.QUEUED, due_at__gt=Now())
    goes_at = Now() + ROLE_HOLD
    facts = {"was": was, "by": by.name}
    if held.update(about=about, due_at=goes_at, next_try_at=goes_at):
        return
    people = User.objects.members().filter(pk=membership.user_id)
    key = f"{RoleChanged.kind}:{mine.count() + 1}"
    Delivery.enqueue(RoleChanged.kind, people, about, dedupe_key=key, scope=scope, facts=facts, wait=ROLE_HOLD)


class _MembershipNotice(Notice):
    """News for somebody about their membership, as long as it is held."""

    category, replies = Category.ACCOUNT, Replies.CO_CHAIRS

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            SuppressionRule(
                Q(~Exists(self.held())), _("The person left the committee."), yours=_("You left the committee.")
            )
        ]

    @staticmethod
    def held() -> QuerySet[Membership]:
        """That of a delivery, while it is."""
        return Membership.objects.held(on=database_today()).filter(pk=OuterRef("about_id"))

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Membership]:
        memberships = Membership.objects.select_related("committee", "user")
        return memberships.in_bulk([delivery.about_id for delivery in deliveries])

    def context(self, delivery: Delivery, facts: dict[int, Membership]) -> dict[str, Any]:
        committee = facts[delivery.about_id].committee
        chairs = list(committee.chairs())
        return {
            "committee": committee,
            "chairs": chairs,
            "replies": self.replies if chairs else Replies.STAFF,
            "url": settings.SITE_URL + committee.get_absolute_url(),
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, Membership]) -> str:
        return facts[delivery.about_id].committee.name


class Joined(_MembershipNotice):
    kind, label = "joined", _("Joining a committee")
    title = _("Welcome")
    sent_label = _("They were told that they’re on a committee")
    queued_label = _("They’re to be told that they’re on a committee")
    unsent_label = _("They weren’t told that they’re on a committee")


class RoleChanged(_MembershipNotice):
    """Somebody else gave the person another role on a committee. `facts["was"]` is the role they knew of."""

    kind, label = "committee_role", _("Another role on a committee")
    title = _("Your role")
    sent_label = _("They were told of another role on a committee")
    queued_label = _("They’re to be told of another role on a committee")
    unsent_label = _("They weren’t told of another role on a committee")

    @staticmethod
    def held() -> QuerySet[Membership]:
        return Membership.objects.lasting(on=database_today()).filter(pk=OuterRef("about_id"))

    def suppress_if(self) -> Sequence[SuppressionRule]:
        was = Func(OuterRef("facts"), Value("was"), function="jsonb_extract_path_text", output_field=CharField())
        return [
            *super().suppress_if(),
            SuppressionRule(
                Q(Exists(self.held().filter(role=was))),
                _("The role was changed back."),
                yours=_("Your role was changed back."),
            ),
        ]

    def context(self, delivery: Delivery, facts: dict[int, Membership]) -> dict[str, Any]:
        """`state` says what kind of news it is: a title "given", one "ended", or neither ("other")."""
        membership = facts[delivery.about_id]
        given, had = membership.role in TITLED, delivery.facts["was"] in TITLED
        return super().context(delivery, facts) | {
            "state": "given" if given else "ended" if had else "other",
            "role": membership.get_role_display(),
            "was": Membership.Role(delivery.facts["was"]).label,
            "by": delivery.facts.get("by") or settings.ORG_NAME,
            "starts_on": membership.started_on if membership.started_on > today() else None,
            "leads": membership.role in Membership.CHAIRING,
            "pack_url": settings.SITE_URL + reverse("committee_handover", args=[membership.committee.slug]),
        }


class _RequestNotice(Notice):
    def load(self, deliveries: Sequence[Delivery]) -> dict[int, JoinRequest]:
        return JoinRequest.objects.select_related("committee", "user", "closed_by").in_bulk(
            [delivery.about_id for delivery in deliveries]
        )

    def sender_name(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> str:
        return facts[delivery.about_id].committee.name


def _members_by_state(committees: set[int]) -> dict[tuple[int, str], list[str]]:
    """Names of who is on these committees, by committee and state of their office."""
    rows = Membership.objects.held().filter(Q(user__offices__in=Office.objects.current()), committee__in=committees)
    found: dict[tuple[int, str], list[str]] = {}
    columns = rows.order_by("user__name").values_list("committee", "user__offices__jurisdiction__state", "user__name")
    for committee, state, name in columns.distinct():
        found.setdefault((committee, state), []).append(name)
    return found


class JoinRequested(_RequestNotice):
    """For those who may decide, while the request is open."""

    kind, label, category = "join_request", _("Requests to join, for co-chairs and staff"), Category.ROUTINE
    replies = Replies.ASKER
    title = _("A request to join")
    sent_label = _("They were asked to decide on a request to join")
    queued_label = _("They’re to be asked to decide on a request to join")
    unsent_label = _("They weren’t asked to decide on a request to join")
    hint = _("When somebody asks to join a committee you look after")
    roles = DECIDING

    def suppress_if(self) -> Sequence[SuppressionRule]:
        waiting = JoinRequest.objects.waiting().filter(pk=OuterRef("about_id"))
        memberships = Membership.objects.held(on=database_today()).filter(role__in=DECIDING)
        deciding = memberships.filter(committee__requests=OuterRef("about_id"), user=OuterRef("recipient"))
        return [
            SuppressionRule(Q(~Exists(waiting)), _("The request was answered or withdrawn.")),
            SuppressionRule(
                Q(~Exists(deciding)),
                _("The person no longer decides about requests."),
                yours=_("You no longer decide about requests."),
            ),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, JoinRequest]:
        """Each with the person's `office`, and who of the same state is on the committee (`alike`)."""
        requests = JoinRequest.objects.select_related("committee", "user").with_office()
        found = requests.in_bulk({delivery.about_id for delivery in deliveries})
        of_state = _members_by_state({each.committee_id for each in found.values()})
        states = dict(
            Office.objects.current()
            .filter(user__in=[each.user_id for each in found.values()])
            .values_list("user", "jurisdiction__state")
        )
        for each in found.values():
            each.alike = of_state.get((each.committee_id, states.get(each.user_id, "")), [])  # type: ignore[attr-defined]
        return found

    def asker(self, delivery: Delivery) -> User | None:
        return User.objects.active().filter(join_requests=delivery.about_id).first()

    def cache_key(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> int | None:
        return delivery.about_id

    def context(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> dict[str, Any]:
        request = facts[delivery.about_id]
        answer_url = links.absolute("request_link", placeholder("decide"))
        return {
            "request": request,
            "committee": request.committee,
            "reply_name": request.user.name,
            "member_since": request.user.admitted_at,
            "alike": request.alike,  # type: ignore[attr-defined]
            "alike_apart": apart(request.alike),  # type: ignore[attr-defined]
            "accept_url": f"{answer_url}?answer=accept",
            "decline_url": f"{answer_url}?answer=decline",
            "url": links.absolute("committee_requests", request.committee.slug),
        }

    def values(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> dict[str, str]:
        assert delivery.recipient_id and delivery.about_id
        token = links.make(links.DECIDE, delivery.recipient_id, delivery.about_id)
        return super().values(delivery, facts) | {"decide": token}


class JoinRequestAnswer(_RequestNotice):
    kind, label, category = "join_request_answer", _("Answers to my requests to join"), Category.ACCOUNT
    replies = Replies.CO_CHAIRS
    title = _("Your request")
    sent_label = _("Their request to join was answered")
    queued_label = _("Their request to join is to be answered")
    unsent_label = _("They weren’t sent the answer to their request to join")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        answered = [JoinRequest.Outcome.ACCEPTED, JoinRequest.Outcome.DECLINED]
        return [
            SuppressionRule(
                Q(~Exists(JoinRequest.objects.filter(pk=OuterRef("about_id"), outcome__in=answered))),
                _("The request is not answered."),
            )
        ]

    def context(self, delivery: Delivery, facts: dict[int, JoinRequest]) -> dict[str, Any]:
        request = facts[delivery.about_id]
        accepted = request.outcome == JoinRequest.Outcome.ACCEPTED
        url = settings.SITE_URL + request.committee.get_absolute_url()
        return {"request": request, "committee": request.committee, "accepted": accepted, "url": url}
