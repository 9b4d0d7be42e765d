"""Signed links: one purpose, one person, one thing, an end."""

from datetime import timedelta

import pytest
import time_machine

from members.mail import links


def test_a_link_says_for_whom_and_what():
    assert links.read_rsvp(links.rsvp_token(7, 12)) == (7, 12)
    link, kind, scope = links.read_unsubscribe(links.unsubscribe_token(7, "reminder", "committee:3"))
    assert (link.person_id, kind, scope) == (7, "reminder", "committee:3")


def test_a_link_is_for_one_purpose():
    with pytest.raises(links.BadLink):
        links.read_unsubscribe(links.rsvp_token(7, 12))


@pytest.mark.parametrize("change", [("7.", "8."), (".12:", ".13:"), ("12:", "12:A")])
def test_a_changed_link_is_none(change):
    with pytest.raises(links.BadLink):
        links.read_rsvp(links.rsvp_token(7, 12).replace(*change, 1))


def test_a_link_ends():
    token = links.rsvp_token(7, 12)
    with time_machine.travel(timedelta(days=399)):
        assert links.read_rsvp(token) == (7, 12)
    with time_machine.travel(timedelta(days=401)), pytest.raises(links.Ended):
        links.read_rsvp(token)


def test_a_link_fits_into_an_address_and_a_mail():
    token = links.unsubscribe_token(10**9, "join_request_answer", "committee:1000000")
    assert len(token) < 120
    assert not set(token) & set("/?#&<>\"' %+")
