"""Seats of a call: never more people going than there are.

A seat is taken while the call is locked (Rsvp.record), and a trigger is the last line behind that. Lowering the number takes
nobody's seat: what was taken or offered before stays, and nobody gets another until fewer are. Who waits is offered what
becomes free in turn (events.answers.waitlist).
"""

from __future__ import annotations

from datetime import timedelta

import pgtrigger

from events.models.responses import Response
from members.queries.sql import load, members_of

KEPT = timedelta(minutes=5)  # a place in line, for who answers otherwise and thinks better of it
LAST_OFFERS = timedelta(minutes=15)  # before the start: from then on a free seat is for who comes first

NONE_TOO_MANY = pgtrigger.Trigger(
    name="seats_none_too_many",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("response", "edition"),
    condition=pgtrigger.Q(new__response=Response.ACCEPTED),
    declare=[("there_are", "integer")],
    func=load(__file__, "none_too_many", **members_of(Response)),
)
