"""What one tap does to an action, from its page, a list, home or a mail; and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import ActionItem
from events.record.actions.forms import ActForm
from members.models import User
from members.times import formats

A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Acted:
    """The sentence, and the act that undoes it ("" for none)."""

    said: str
    undo: str = ""


def act(action: ActionItem, by: User, given: dict[str, Any]) -> Acted:
    """Do what the form says. Raises ValidationError, and ChangedMeanwhile when somebody changed the day or the owner since."""
    match given["act"]:
        case ActForm.DONE:
            return _finished(action, by)
        case ActForm.REOPEN:
            action.reopen(by)
            return Acted(_("It’s open again."))
        case ActForm.DROP:
            action.drop(by)
            return Acted(_("Taken off the list."), ActForm.RESTORE)
        case ActForm.RESTORE:
            action.restore(by)
            return Acted(_("It’s back on the list."))
        case ActForm.HAND:
            owner: User = given["owner"]
            action.hand_on(by, owner, seen=given.get("seen"))
            return Acted(_("Handed on to %(name)s.") % {"name": owner.name})
        case ActForm.LATER:
            return _moved(action, by, a_week_later(action), given.get("seen"))
        case _:
            return _moved(action, by, given["due_on"], given.get("seen"))


def a_week_later(action: ActionItem) -> date:
    """Than it is due; of one that is late or has no day, than today."""
    today = timezone.localdate()
    return max(action.due_on or today, today) + A_WEEK


def _finished(action: ActionItem, by: User) -> Acted:
    if action.finish(by) or action.is_done:
        return Acted(_("Done."), ActForm.REOPEN)
    return Acted(_("It was taken off the list, so nothing is to be done."))


def _moved(action: ActionItem, by: User, due_on: date, seen: int | None) -> Acted:
    action.move(by, due_on, seen=seen)
    return Acted(_("Now due %(day)s.") % {"day": formats.day(due_on)})
