"""One person with two accounts: she applied again with another address, and answers the calls of another committee with it."""

from __future__ import annotations

from committees.models import Committee, Membership
from events.models import Rsvp
from members.models import Office, User
from members.roster.merging import finding
from portal.demo.cast import Cast

NAME, AGAIN, ADDRESS = "Grace Lindqvist", "Grace M. Lindqvist", "grace@lindqvist.example"
COMMITTEE = "housing-justice"


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    first, committee = cast[NAME], committees[COMMITTEE]
    held = first.offices.select_related("jurisdiction").get()
    again = User.objects.create_user(ADDRESS, AGAIN, timezone=first.timezone)
    again.admit(cast.membership_staff)
    same = {name: getattr(held, name) for name in ("title", "level", "jurisdiction", "started_on", "ended_on")}
    Office.objects.create(user=again, **same)
    Membership.begin(committee, again, by=again)
    if call := committee.meetings.told().not_cancelled().upcoming().first():
        Rsvp.record(call, again, Rsvp.Response.ACCEPTED, seen=0)
    finding.find()
