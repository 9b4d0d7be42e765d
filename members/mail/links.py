"""Signed links in mails, each for one purpose, one person and one thing, with an expiry. They never sign anybody in.

A GET of such a link changes nothing, because mail scanners open every link: it shows a page with one button.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from members.models.users import User

JOIN = "join"  # thing: "<number of a call>.<edition>", whose time the mail told
RSVP = "rsvp"  # thing: the number of a call; the page also refuses when the call is over
DECIDE = "decide"  # thing: the number of a request to join
ACT = "act"  # thing: the number of an action item
NOT_ME = "not_me"  # thing: the number of the delivery that told of the change
OFFICE = "office"  # thing: "<number of an office>.<stamp>", as the mail named it
APPLICATION_ANSWER = "application_answer"  # thing: the number of a question to the applicant
VOUCH = "vouch"  # thing: the number of what a member is asked about an applicant
POLL = "poll"  # thing: the number of a poll; the page also refuses when the poll is closed
UNSUBSCRIBE = "unsubscribe"  # thing: "<kind>.<scope>", such as "reminder.committee:3"

LASTS = {
    JOIN: timedelta(days=60),
    RSVP: timedelta(days=400),
    DECIDE: timedelta(days=60),
    ACT: timedelta(days=400),
    NOT_ME: timedelta(days=30),
    OFFICE: timedelta(days=120),
    APPLICATION_ANSWER: timedelta(days=60),
    VOUCH: timedelta(days=60),
    POLL: timedelta(days=120),
    UNSUBSCRIBE: timedelta(days=400),
}


class BadLink(Exception):
    """The token was not made here, is for another purpose, or was damaged."""


class Ended(BadLink):
    """The token is ours and has expired."""


@dataclass(frozen=True)
class Link:
    person_id: int
    thing: str

    def person(self) -> User:
        """The person the link is for. Raises BadLink when the account is gone or closed."""
        found = User.objects.active().meant_by(self.person_id).first()
        if found is None:
            raise BadLink("nobody")
        return found


def make(purpose: str, person_id: int, thing: str | int) -> str:
    """A signed token for this purpose, person and thing."""
    return _signer(purpose).sign(f"{person_id}.{thing}")


def read(purpose: str, token: str) -> Link:
    """The content of a token. Raises Ended when it has expired, BadLink for anything that `make` did not write for this
    purpose.
    """
    try:
        value = _signer(purpose).unsign(token, max_age=LASTS[purpose])
    except signing.SignatureExpired as error:
        raise Ended(purpose) from error
    except signing.BadSignature as error:
        raise BadLink(purpose) from error
    person, _dot, thing = value.partition(".")
    return Link(int(person), thing)


def _signer(purpose: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"members.links.{purpose}")


# Answering a call --------------------------------------------------------------------------------


def rsvp_token(person_id: int, meeting_id: int) -> str:
    return make(RSVP, person_id, meeting_id)


def read_rsvp(token: str) -> tuple[int, int]:
    """(person, call) by their numbers. Raises BadLink or Ended; whether the call is over is for the page to ask."""
    link = read(RSVP, token)
    return link.person_id, int(link.thing)


# Voting in a poll --------------------------------------------------------------------------------


def poll_token(person_id: int, poll_id: int) -> str:
    return make(POLL, person_id, poll_id)


def read_poll(token: str) -> tuple[int, int]:
    """(person, poll) by their numbers. Raises BadLink or Ended; whether the poll takes votes is for the page to ask."""
    link = read(POLL, token)
    return link.person_id, int(link.thing)


# Joining a call ----------------------------------------------------------------------------------


def join_token(person_id: int, meeting_id: int, edition: int) -> str:
    return make(JOIN, person_id, f"{meeting_id}.{edition}")


def read_join(token: str) -> tuple[int, int, int]:
    """(person, call, edition). Raises BadLink or Ended; when the call is joined is for the page to ask."""
    link = read(JOIN, token)
    meeting, _dot, edition = link.thing.partition(".")
    return link.person_id, int(meeting), int(edition)


# Stopping a kind of mail --------------------------------------------------------------------------


def unsubscribe_token(person_id: int, kind: str, scope: str = "") -> str:
    return make(UNSUBSCRIBE, person_id, f"{kind}.{scope}")


def read_unsubscribe(token: str) -> tuple[Link, str, str]:
    """(link, kind, scope). Raises BadLink or Ended."""
    link = read(UNSUBSCRIBE, token)
    kind, _dot, scope = link.thing.partition(".")
    return link, kind, scope


def absolute(name: str, *args: object) -> str:
    """The full address of a page, for a mail."""
    return settings.SITE_URL + reverse(name, args=args)
