"""Notes for the co-chairs from replies in words or with another time. A note never counts as an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from events.answers.identification import ChangesNothing, IdentifiedMail
from events.models import ReplyNote
from members.mail.incoming.inbox import Outcome

YEARS = range(2000, 2200)  # in which somebody may propose another time
MOST_NOTES = 10  # open ones of one person about one call


def keep_note(
    identified: IdentifiedMail,
    *,
    words: str,
    kind: str = ReplyNote.Kind.WORDS,
    proposed_at: datetime | None = None,
    proposed_duration: timedelta | None = None,
) -> Outcome:
    """Store the note. Raises ChangesNothing when nobody would read it, as for a call that is over."""
    _refuse(identified, proposed_at)
    ReplyNote.objects.create(
        meeting=identified.meeting,
        user=identified.person,
        mail=identified.mail,
        kind=kind,
        words=words.replace("\0", "")[:1000],
        proposed_at=proposed_at,
        proposed_duration=proposed_duration,
        sender=identified.stranger,
    )
    what = _("A proposed time") if kind == ReplyNote.Kind.TIME else _("A note")
    about = {"what": what, "name": identified.person.name, "call": identified.meeting.title}
    said = _("%(what)s from %(name)s for the co-chairs of “%(call)s”.")
    if identified.stranger:  # somebody who was forwarded the mail, or the person at another address: nobody knows
        said = _("%(what)s for the co-chairs of “%(call)s”, in answer to an email to %(name)s, from another address.")
    return Outcome(said % about, person=identified.person)


def _refuse(identified: IdentifiedMail, proposed_at: datetime | None) -> None:
    if identified.meeting.is_cancelled or identified.meeting.is_over:
        raise ChangesNothing(_("The call is canceled or over."))
    if proposed_at is not None and proposed_at.year not in YEARS:  # no page could show it in every zone
        raise ChangesNothing(_("It proposes a time that is centuries away."))
    mine = ReplyNote.objects.open().filter(meeting=identified.meeting, user=identified.person)
    if mine.count() >= MOST_NOTES:
        raise ChangesNothing(_("There are too many notes of this person already."))
