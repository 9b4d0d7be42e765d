"""Who does what by when."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from committees.models import Membership
from events.models import ActionItem
from members.models import AuditEntry
from members.web.meanwhile import ChangedMeanwhile
from tests.factories import ActionItemFactory

DUE = date(2026, 12, 4)


@pytest.fixture
def action(committee, carla, mo):
    return ActionItemFactory(committee=committee, by=carla, text="Call the clerk", owner=mo, due_on=DUE)


def test_an_action_sent_twice_is_one(committee, carla, mo):
    key = uuid4()
    first = ActionItem.assign(committee, carla, key=key, text="Call the clerk", owner=mo, due_on=DUE)
    assert ActionItem.assign(committee, carla, key=key, text="Call", owner=mo) == first
    assert (ActionItem.objects.count(), AuditEntry.objects.filter(verb="assigned an action").count()) == (1, 1)


def test_an_owner_without_account_is_a_name(committee, carla):
    action = ActionItemFactory(committee=committee, by=carla, owner_name="The county clerk")
    assert (action.owner, action.owner_in_words) == (None, "The county clerk")


def test_somebody_elsewhere_owns_no_action_here(committee, carla, olga):
    with pytest.raises(ValidationError) as error:
        ActionItemFactory(committee=committee, by=carla, owner=olga)
    assert error.value.messages == ["Olga Petrova isn’t on this committee. Choose somebody who is, or write the name."]


def test_done_is_done_once_and_undone(action, mo):
    assert action.finish(mo) and not action.finish(mo)
    assert action.is_done and action.done_by == mo
    assert action.reopen(mo) and not action.reopen(mo)
    assert action.is_open
    verbs = AuditEntry.objects.filter(verb__in=["finished an action", "reopened an action"])
    assert verbs.count() == 2


def test_dropped_comes_back_and_is_not_finished_meanwhile(action, carla, mo):
    assert action.drop(carla) and not action.drop(carla)
    assert not action.finish(mo) and action.is_dropped
    assert action.restore(carla) and action.is_open


def test_each_new_owner_counts_once(action, carla, mo):
    assert action.hand_on(carla, carla).handed == 1
    assert action.hand_on(carla, carla).handed == 1
    named = action.hand_on(carla, None, "The county clerk")
    assert (named.handed, named.owner, named.owner_name) == (2, None, "The county clerk")


def test_two_who_edit_see_each_other(action, carla, mo):
    action.move(mo, date(2026, 12, 11), seen=0)
    with pytest.raises(ChangedMeanwhile):
        action.edit(carla, seen=0, text="Write to the clerk")
    assert action.edit(carla, seen=1, text="Write to the clerk").due_on == date(2026, 12, 11)


def test_an_action_of_who_left_needs_a_new_owner(action, mo):
    assert not ActionItem.objects.with_owner_on_it().get().needs_owner
    Membership.objects.filter(user=mo).update(ended_on=timezone.localdate())
    assert list(ActionItem.objects.without_owner()) == [action]
    assert ActionItem.objects.with_owner_on_it().get().needs_owner
    assert not ActionItem.objects.owned_by(mo).exists()


def test_lists_tell_open_late_and_done(committee, carla, action):
    undated = ActionItemFactory(committee=committee, by=carla)
    done = ActionItemFactory(committee=committee, by=carla)
    done.finish(carla)
    ActionItemFactory(committee=committee, by=carla).drop(carla)
    actions = ActionItem.objects
    assert list(actions.open().soonest_first()) == [action, undated]
    assert list(actions.late(date(2026, 12, 5))) == [action] and not actions.late(DUE).exists()
    assert list(actions.done()) == [done]
