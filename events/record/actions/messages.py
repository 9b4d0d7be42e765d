"""Messages to owners of actions: one when it becomes theirs, one a week and one a day before it is due.

Derived from facts, as reminders of calls are: the open actions of those who are on the committee. Nothing is scheduled
ahead. What was done, moved, handed on or dropped, and whose owner left, is asked again when a mail is handed over. What
was settled after the moment of a reminder makes none: nobody is reminded of a week that had passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Func, IntegerField, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from events.models import ActionItem
from members.mail import links
from members.mail.emails import placeholder
from members.mail.kinds import Category, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Delivery
from members.queries.sql import Sql, embedded, load
from members.times import formats
from members.times.clock import database_today

HOLD = "10 minutes"  # while a call is run, an owner is often chosen anew in the next moment
AT = "9 hours"  # into the owner's day
STILL_NEWS = "14 days"  # for whom it became theirs
COLUMNS = (
    "pk",
    "committee_id",
    "owner_id",
    "owner__timezone",
    "due_on",
    "updated_at",
    "handed",
    "handed_at",
    "handed_by_id",
)


def _the_action(**lookups: Any) -> Exists:
    return Exists(ActionItem.objects.filter(pk=OuterRef("about_id"), **lookups))


def _day_as_number() -> Cast:
    """20270319: the number in the dedupe key of a reminder."""
    return Cast(Func(F("due_on"), Value("YYYYMMDD"), function="to_char"), IntegerField())


def _owners_on_it() -> QuerySet[ActionItem]:
    held = Membership.objects.held(on=database_today())
    return ActionItem.objects.open().filter(
        Exists(held.filter(committee=OuterRef("committee"), user=OuterRef("owner")))
    )


DONE = SuppressionRule(_the_action(done_at__isnull=False), _("The action is done."))
DROPPED = SuppressionRule(_the_action(dropped_at__isnull=False), _("The action was taken off the list."))
HANDED_ON = SuppressionRule(~_the_action(owner=OuterRef("recipient")), _("Somebody else does it by now."))
NOT_ON_COMMITTEE = SuppressionRule(
    ~Exists(_owners_on_it().filter(pk=OuterRef("about_id"))),
    _("The person is not on the committee."),
    yours=_("You’re not on the committee."),
)
MOVED = SuppressionRule(
    ~Exists(
        ActionItem.objects.annotate(day=_day_as_number()).filter(pk=OuterRef("about_id"), day=OuterRef("dedupe_number"))
    ),
    _("It is due on another day by now."),
)
HANDED_BACK = SuppressionRule(
    ~_the_action(handed=OuterRef("dedupe_number")), _("It was handed on since, and is told again.")
)


class _ActionNotice(Notice):
    category, replies = Category.ROUTINE, Replies.CO_CHAIRS

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, ActionItem]:
        actions = ActionItem.objects.select_related("committee", "meeting", "handed_by", "owner")
        return actions.in_bulk({delivery.about_id for delivery in deliveries})

    def context(self, delivery: Delivery, facts: dict[int, ActionItem]) -> dict[str, Any]:
        action = facts[delivery.about_id]
        return {
            "action": action,
            "committee": action.committee,
            "call": action.meeting.title if action.meeting else "",
            "call_day": formats.day_short(action.meeting.starts_at) if action.meeting else "",
            "act_url": links.absolute("action_link", placeholder("act")),
            "url": settings.SITE_URL + action.get_absolute_url(),
            "replies": self.replies if action.committee.chairs().exists() else Replies.STAFF,
        }

    def sender_name(self, delivery: Delivery, facts: dict[int, ActionItem]) -> str:
        return facts[delivery.about_id].committee.name

    def values(self, delivery: Delivery, facts: dict[int, ActionItem]) -> dict[str, str]:
        assert delivery.recipient_id and delivery.about_id
        token = links.make(links.ACT, delivery.recipient_id, delivery.about_id)
        return super().values(delivery, facts) | {"act": token}


class ActionAssigned(_ActionNotice):
    """To who was given an action by somebody else. The number in the key counts its owners."""

    kind, label = "action_assigned", _("Actions that become mine")
    hint = _("When somebody writes down that you do something, or hands it on to you")
    title = _("Your action")
    sent_label = _("They were told of an action of theirs")
    queued_label = _("They’re to be told of an action of theirs")
    unsent_label = _("They weren’t told of an action of theirs")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [DONE, DROPPED, HANDED_ON, HANDED_BACK, NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: dict[int, ActionItem]) -> dict[str, Any]:
        action = facts[delivery.about_id]
        return super().context(delivery, facts) | {"by": action.handed_by.name if action.handed_by else ""}


class ActionDue(_ActionNotice):
    """A week and a day before. The number in the key is the day, and the offset the minutes before it."""

    kind, label = "action_due", _("Reminders of my actions")
    hint = _("A week and a day before something that you promised is due")
    title = _("Your action")
    sent_label = _("They were reminded of an action")
    queued_label = _("They’re to be reminded of an action")
    unsent_label = _("They weren’t reminded of an action")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [DONE, DROPPED, HANDED_ON, MOVED, NOT_ON_COMMITTEE]


@planner
def plan_actions_assigned() -> int:
    """Store the missing messages to new owners; how many are new."""
    return _store(ActionAssigned.kind, _statement("missing_assigned"), hold=HOLD, still_news=STILL_NEWS)


@planner
def plan_actions_due() -> int:
    """Store the missing reminders that are due within the hour; how many are new."""
    return _store(ActionDue.kind, _statement("missing_due"), at=AT, horizon="1 hour")


def _store(kind: str, prepared: tuple[Sql, dict[str, Any]], **values: Any) -> int:
    statement, parameters = prepared
    return Delivery.objects.insert_planned(kind, statement, parameters | values)


@cache
def _statement(name: str) -> tuple[Sql, dict[str, Any]]:
    """Over the open actions whose owners are on the committee today."""
    actions, parameters = embedded(_owners_on_it().values_list(*COLUMNS), "actions")
    return load(__file__, name, actions=actions), parameters
