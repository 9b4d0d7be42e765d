"""What registers itself has a name of its own, or says whose place it takes: anything else stops the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from committees.joining import messages as joining
from committees.scopes import committee_names
from events.messages import welcome
from members.mail.incoming.inbox import reader
from members.mail.kinds import Notice, registry
from members.mail.outgoing.planning import planner
from members.mail.scopes import scopes


def test_two_kinds_of_one_name_stop_the_start():
    before = registry["invitation"]
    with pytest.raises(ImproperlyConfigured, match="Two kinds of messages are called invitation"):

        class Another(Notice):
            kind, label = "invitation", "Invitations, too"

    assert registry["invitation"] is before


def test_the_welcome_that_names_the_calls_ahead_takes_the_place_of_the_plain_one():
    assert type(registry["joined"]) is welcome.Joined
    assert type(registry["join_request_answer"]) is welcome.JoinRequestAnswer


def test_no_second_one_takes_the_same_place():
    with pytest.raises(ImproperlyConfigured, match="joined is"):

        class Third(joining.Joined, extends=joining.Joined):
            pass

    assert type(registry["joined"]) is welcome.Joined


def test_a_kind_takes_no_place_of_one_that_it_does_not_extend():
    with pytest.raises(ImproperlyConfigured):

        class Stranger(Notice, extends=welcome.Joined):
            kind, label = "joined", "Joined"

    assert type(registry["joined"]) is welcome.Joined


def test_two_planners_readers_or_scopes_of_one_name_stop_the_start():
    def plan_reminders() -> int:
        return 0

    def read_answer(mail, opened):
        return None

    with pytest.raises(ImproperlyConfigured, match="Two planners are called plan_reminders"):
        planner(plan_reminders)
    with pytest.raises(ImproperlyConfigured, match="Two readers of mail are called read_answer"):
        reader(20)(read_answer)
    with pytest.raises(ImproperlyConfigured, match="Two scopes are called committee"):
        scopes.add("committee", committee_names)
