"""What owners of actions are told: that one became theirs, and a week and a day before it is due, as long as it is so."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from committees.models import Membership
from events.models import ActionItem
from events.record.actions.messages import plan_actions_assigned, plan_actions_due
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from members.times.clock import today
from tests.factories import ActionItemFactory
from tests.pipeline import forward

WEEK, DAY = 7 * 1440, 1440


def here() -> date:
    """The owner’s day."""
    return timezone.localdate(timezone=ZoneInfo("America/Denver"))


def due_in(days: int, committee, by, owner, **fields) -> ActionItem:
    """Settled a month ago."""
    action = ActionItemFactory(
        committee=committee, by=by, owner=owner, text="Call the <clerk>", due_on=here() + timedelta(days=days), **fields
    )
    past = Now() - timedelta(days=30)
    ActionItem.objects.filter(pk=action.pk).update(updated_at=past, handed_at=past)
    return action


def words_of(mail) -> str:
    return mail.message.get_body(("plain",)).get_content()


def planned(kind: str) -> list[tuple[str, int, str]]:
    rows = Delivery.objects.filter(kind=kind).order_by("pk")
    return [(row.recipient.name, row.offset, row.state) for row in rows.select_related("recipient")]


def soon() -> None:
    """The deliveries are due now."""
    Delivery.objects.filter(state="queued").update(
        due_at=Now(), next_try_at=Now(), useless_after=Now() + timedelta(hours=1)
    )


@pytest.fixture
def action(committee, carla, mo) -> ActionItem:
    return ActionItemFactory(
        committee=committee, by=carla, owner=mo, text="Call the <clerk>", due_on=here() + timedelta(days=20)
    )


# When it becomes mine ---------------------------------------------------------------------------------


def test_a_new_owner_is_told_once_after_ten_minutes(smtp, action, mo):
    assert plan_actions_assigned() == 1 and plan_actions_assigned() == 0
    deliver()
    assert smtp.received == []
    forward(10)
    deliver()
    (mail,) = smtp.received
    assert mail.message["Subject"].startswith("Yours by ") and "Call the <clerk>" in mail.message["Subject"]
    assert "Carla" in words_of(mail) and "/a/" in words_of(mail)


def test_who_takes_it_on_is_told_nothing(committee, mo):
    ActionItemFactory(committee=committee, by=mo, owner=mo)
    ActionItemFactory(committee=committee, by=mo, owner_name="The county clerk")
    ActionItemFactory(committee=committee, by=mo)
    assert plan_actions_assigned() == 0


@pytest.mark.parametrize("change", ["finish", "drop", "hand_on", "leave"])
def test_what_changed_meanwhile_is_not_told(smtp, action, carla, mo, change):
    plan_actions_assigned()
    {
        "finish": lambda: action.finish(mo),
        "drop": lambda: action.drop(carla),
        "hand_on": lambda: action.hand_on(carla, carla),
        "leave": lambda: Membership.objects.filter(user=mo).update(ended_on=today()),
    }[change]()
    soon()
    deliver()
    assert (smtp.received, planned("action_assigned")[0][2]) == ([], "suppressed")


def test_each_owner_after_another_is_told(action, carla, mo):
    plan_actions_assigned()
    back = action.hand_on(mo, carla).hand_on(carla, mo)
    assert back.handed == 2
    assert plan_actions_assigned() == 1
    assert [name for name, _offset, _state in planned("action_assigned")] == [mo.name, mo.name]


# Before it is due -------------------------------------------------------------------------------------


@pytest.fixture
def early(monkeypatch):
    """The owner's reminders come at the beginning of their day, so that it is later than that at every hour."""
    monkeypatch.setattr("events.record.actions.messages.AT", "0 hours")


@pytest.mark.parametrize(("days", "offsets"), [(8, []), (7, [WEEK]), (2, [WEEK]), (1, [DAY]), (0, [DAY]), (-1, [])])
def test_a_week_and_a_day_before(early, committee, carla, mo, days, offsets):
    due_in(days, committee, carla, mo)
    plan_actions_due()
    assert [offset for _name, offset, _state in planned("action_due")] == offsets
    assert plan_actions_due() == 0


def test_the_reminder_names_the_day_and_what_it_is(early, smtp, committee, carla, mo):
    action = due_in(1, committee, carla, mo)
    plan_actions_due()
    soon()
    deliver()
    (mail,) = smtp.received
    assert mail.message["Subject"].endswith("Call the <clerk>") and mail.message["Subject"].startswith("Due ")
    assert action.get_absolute_url() in words_of(mail) and "/a/" in words_of(mail)


@pytest.mark.parametrize("change", ["finish", "drop", "hand_on", "move", "leave"])
def test_what_changed_meanwhile_reminds_nobody(early, smtp, committee, carla, mo, change):
    action = due_in(1, committee, carla, mo)
    plan_actions_due()
    {
        "finish": lambda: action.finish(mo),
        "drop": lambda: action.drop(carla),
        "hand_on": lambda: action.hand_on(carla, carla),
        "move": lambda: action.move(mo, here() + timedelta(days=3)),
        "leave": lambda: Membership.objects.filter(user=mo).update(ended_on=today()),
    }[change]()
    soon()
    deliver()
    assert (smtp.received, planned("action_due")[0][2]) == ([], "suppressed")


def test_nobody_is_reminded_of_a_moment_that_had_passed(early, committee, carla, mo):
    action = due_in(3, committee, carla, mo)
    action.move(carla, here() + timedelta(days=4))  # the week before it was three days ago
    assert plan_actions_due() == 0


def test_turned_off_is_off(early, smtp, committee, carla, mo):
    mo.notification_preferences.create(kind="action_due", cadence="never")
    due_in(1, committee, carla, mo)
    plan_actions_due()
    soon()
    deliver()
    assert smtp.received == []
