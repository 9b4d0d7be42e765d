"""What people may do with calls."""

import rules

from committees.models import Committee, Membership
from committees.rules import manages
from events.models import ActionItem, Meeting, MeetingSeries, Poll
from members.models import User
from members.rules import is_member, is_staff


@rules.predicate
def is_invited(user: User, meeting: Meeting | MeetingSeries) -> bool:
    return bool(meeting.role_of(user))


@rules.predicate
def waits_for_a_seat(user: User, meeting: Meeting) -> bool:
    return meeting.keeps_waiting(user)


@rules.predicate
def is_told(user: User, meeting: Meeting | MeetingSeries) -> bool:
    return meeting.is_told


@rules.predicate
def chairs_it(user: User, meeting: Meeting) -> bool:
    return meeting.role_of(user) in Membership.CHAIRING


@rules.predicate
def takes_its_notes(user: User, meeting: Meeting) -> bool:
    return meeting.role_of(user) == Membership.Role.SECRETARY


@rules.predicate
def takes_notes_of(user: User, committee: Committee) -> bool:
    return committee.role_of(user) == Membership.Role.SECRETARY


@rules.predicate
def owns(user: User, action: ActionItem) -> bool:
    """As long as they are on the committee."""
    return action.owner_id == user.pk and bool(action.committee.role_of(user))


@rules.predicate
def keeps_the_list_of(user: User, action: ActionItem) -> bool:
    return bool(keeps_for(user, action.committee))


keeps_for = manages | (is_member & takes_notes_of)
runs = (is_member & chairs_it) | is_staff


@rules.predicate
def votes_in_it(user: User, poll: Poll) -> bool:
    return poll.is_told and bool(poll.role_of(user))


@rules.predicate
def chairs_its_poll(user: User, poll: Poll) -> bool:
    return poll.role_of(user) in Membership.CHAIRING


rules.add_perm("events.run_poll", (is_member & chairs_its_poll) | is_staff)
rules.add_perm("events.vote_in_poll", is_member & votes_in_it)
rules.add_perm("events.schedule_meeting", manages)
rules.add_perm("events.run_meeting", runs)
# Notes, attendance, decisions, action items and minutes of a call.
rules.add_perm("events.keep_record", runs | (is_member & takes_its_notes))
# Decisions and action items outside a call.
rules.add_perm("events.keep_register", keeps_for)
rules.add_perm("events.finish_action", (is_member & owns) | keeps_the_list_of)
rules.add_perm("events.respond_to_meeting", is_member & is_told & is_invited)
rules.add_perm("events.respond_to_series", is_member & is_told & is_invited)
rules.add_perm("events.join_meeting", (is_member & is_told & is_invited & ~waits_for_a_seat) | is_staff)
# The one question before all that a call says beside its time and topic, through whatever door.
rules.add_perm("events.see_answers", (is_member & is_invited) | is_staff)
rules.add_perm("events.answer_for_another", runs)
rules.add_perm("events.answer_minutes", is_member & is_invited)
