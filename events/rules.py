"""What people may do with calls."""

import rules

from committees.models import Membership
from committees.rules import manages
from events.models import Meeting
from members.models import User
from members.rules import is_member, is_staff


@rules.predicate
def is_invited(user: User, meeting: Meeting) -> bool:
    return bool(meeting.role_of(user))


@rules.predicate
def is_told(user: User, meeting: Meeting) -> bool:
    return meeting.is_told


@rules.predicate
def chairs_it(user: User, meeting: Meeting) -> bool:
    return meeting.role_of(user) in Membership.CHAIRING


@rules.predicate
def takes_its_notes(user: User, meeting: Meeting) -> bool:
    return meeting.role_of(user) == Membership.Role.SECRETARY


runs = (is_member & chairs_it) | is_staff

rules.add_perm("events.schedule_meeting", manages)
rules.add_perm("events.run_meeting", runs)
# Notes, attendance, decisions, action items and minutes of a call.
rules.add_perm("events.keep_record", runs | (is_member & takes_its_notes))
rules.add_perm("events.respond_to_meeting", is_member & is_told & is_invited)
rules.add_perm("events.join_meeting", (is_member & is_told & is_invited) | is_staff)
# The one question before all that a call says beside its time and topic, through whatever door.
rules.add_perm("events.see_answers", (is_member & is_invited) | is_staff)
rules.add_perm("events.answer_for_another", runs)
