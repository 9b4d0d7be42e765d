"""Answers and words that come back by mail: whose they are, whether they still count, and what follows.

The signed tag in our address says whose answer to which call it is; the UID must be that call's. An answer to an
earlier time or older than one that stands changes nothing. From another address than the person's it waits until the
person confirms it. Words and proposed times answer nothing: they are notes for the co-chairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from mailparser_reply import EmailReplyParser

from events import itip
from events.answering import respond
from events.models import Answered, CalendarReply, Meeting, ReplyNote, Rsvp, RsvpAnswer
from members import mime, tags
from members.models import InboundMail, User
from members.notifications.inbound import Outcome, ignored, tagged, why_automatic

PARTSTAT = {
    "ACCEPTED": Rsvp.Response.ACCEPTED,
    "TENTATIVE": Rsvp.Response.TENTATIVE,
    "DECLINED": Rsvp.Response.DECLINED,
}
YEARS = range(2000, 2200)  # in which somebody may propose another time
CLOCKS_DIFFER = timedelta(minutes=5)  # between a person's device and us
RELAYS = {"noreply@email.apple.com"}  # iCloud answers for everybody from one address of its own
MOST_NOTES = 10  # open ones of one person about one call
MOST_WORDS = 3000  # characters that the reply parser sees; its time grows with their square


class ChangesNothing(Exception):
    """The words say why, for staff."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Letter:
    """A mail to the tagged address of one person and one call."""

    mail: InboundMail
    opened: mime.Mail
    person: User
    meeting: Meeting

    @property
    def is_own(self) -> bool:
        """From the person's address and no other. That can be forged; what can't is the tag it came to."""
        senders = [address.casefold() for address in self.opened.addresses("from")]
        return len(senders) == 1 and (senders[0] in RELAYS or senders[0] == self.person.email.casefold())

    @property
    def stranger(self) -> str:
        """The address it came from, when that is not the person's."""
        return "" if self.is_own else mime.one_line(self.opened.sender or self.opened.header("from"), 320)


# Readers -------------------------------------------------------------------------------------------


def read_answer(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """An answer that a calendar sent; None for a mail without one."""
    found = itip.answers(opened)
    if not found:
        return None
    letter = None
    try:
        _refuse_automatic(why_automatic(mail, opened, generated_counts=True))
        letter = _letter(mail, opened, tagged(tags.ANSWER, mail, opened) or _organizer_tag(found))
        return _take(letter, _of_the_call(letter, found))
    except ChangesNothing as refusal:
        return ignored(refusal.words, letter.person if letter else None)


def read_words(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """A reply in words to a mail about a call; None when it came to another address."""
    numbers = tagged(tags.ANSWER, mail, opened)
    if numbers is None:
        return None
    letter = None
    try:
        _refuse_automatic(why_automatic(mail, opened))
        letter = _letter(mail, opened, numbers)
        return _keep_note(letter, words=first_lines(opened.text) or mime.one_line(opened.subject, 300))
    except ChangesNothing as refusal:
        return ignored(refusal.words, letter.person if letter else None)


def first_lines(text: str) -> str:
    """What a person wrote on top of what they answered, without quotes and signature."""
    brief = re.sub(r"[ \t\u00a0]+", " ", re.sub(r"\s*\n\s*\n\s*", "\n\n", text[: MOST_WORDS * 2]))[:MOST_WORDS]
    try:
        words = EmailReplyParser(languages=["en", "es"]).read(brief).latest_reply or ""
    except Exception:  # whatever surprises it, the first paragraph is better than nothing
        words = brief.split("\n\n", 1)[0]
    return words.strip()[:1000]


# Whose it is, and about what -----------------------------------------------------------------------


def _refuse_automatic(why: str) -> None:
    if why:
        raise ChangesNothing(why)


def _organizer_tag(found: list[itip.Answer]) -> tuple[int, ...] | None:
    """The tag may be left in ORGANIZER alone, when forwarding rewrote the address; Exchange takes ORGANIZER away."""
    return next(filter(None, (tags.read(tags.ANSWER, answer.organizer) for answer in found)), None)


def _letter(mail: InboundMail, opened: mime.Mail, numbers: tuple[int, ...] | None) -> Letter:
    if numbers is None or len(numbers) != 2:
        raise ChangesNothing(_("No address in it bears our proof, so nobody knows whose answer it is."))
    person = User.objects.filter(pk=numbers[0]).first()
    calls = Meeting.objects.select_related("committee").select_for_update(of=("self",), no_key=True)
    meeting = calls.filter(pk=numbers[1]).first()
    if person is None or meeting is None:
        raise ChangesNothing(_("The person or the call of its address no longer exists."))
    letter = Letter(mail, opened, person, meeting)
    if not person.has_perm("events.respond_to_meeting", meeting):
        raise ChangesNothing(_("%(name)s is not on the committee of this call.") % {"name": person.name})
    return letter


def _of_the_call(letter: Letter, found: list[itip.Answer]) -> itip.Answer:
    """The answer about this call. One about a single date of a series must name the date that it has."""
    ours = [answer for answer in found if answer.uid == letter.meeting.uid]
    if not ours:
        known = Meeting.objects.filter(uid__in=[answer.uid for answer in found]).exists()
        raise ChangesNothing(
            _("It answers another call than the one of its address.")
            if known
            else _("It answers a call that is not ours.")
        )
    for answer in ours:
        if answer.occurrence is None or itip.moment(answer.occurrence) == letter.meeting.starts_at:
            return answer
    raise ChangesNothing(_("It answers a date that this call does not have."))


# Answers -------------------------------------------------------------------------------------------


def _take(letter: Letter, answer: itip.Answer) -> Outcome:
    _refuse_earlier_time(letter, answer)
    if answer.method == itip.COUNTER:
        _refuse_absurd(answer.starts_at)
        return _keep_note(
            letter, kind=ReplyNote.Kind.TIME, words=_comment(letter, answer), proposed_at=answer.starts_at
        )
    line = _line_of(letter, answer)
    stamp = _stamp(letter, answer)
    reply = CalendarReply(
        meeting=letter.meeting,
        user=letter.person,
        mail=letter.mail,
        edition=letter.meeting.edition,
        response=_response(line),
        note=mime.one_line(answer.comment_of(line), 300),
        sender=mime.one_line(letter.opened.sender, 320),
        stamped_at=stamp,
    )
    _refuse_older(reply)
    if letter.is_own and line.mailbox.casefold() == letter.person.email.casefold():
        return _record(reply)
    return _propose(reply, letter.stranger or line.mailbox)


def _refuse_absurd(moment: datetime | None) -> None:
    """A time that no page could show in every zone, such as one in the year 1."""
    if moment is not None and moment.year not in YEARS:
        raise ChangesNothing(_("It proposes a time that is centuries away."))


def _comment(letter: Letter, answer: itip.Answer) -> str:
    return answer.comment_of(answer.attendee(letter.person.email, letter.opened.sender))


def _line_of(letter: Letter, answer: itip.Answer) -> itip.Line:
    line = answer.attendee(letter.person.email) or answer.attendee(letter.opened.sender)
    if line is None and len(answer.attendees) == 1:
        line = answer.attendees[0]
    if line is None:
        raise ChangesNothing(_("It does not say whose answer it is."))
    return line


def _response(line: itip.Line) -> str:
    status = line.parameters.get("PARTSTAT", "").strip().upper()
    if status not in PARTSTAT:
        raise ChangesNothing(_("Its answer is none of going, maybe or can’t."))
    return PARTSTAT[status]


def _stamp(letter: Letter, answer: itip.Answer) -> datetime | None:
    """When it was made, to the second; a clock that is ahead must not outrank what comes later."""
    received_at = letter.mail.received_at.replace(microsecond=0)
    return min(answer.stamped_at, received_at) if answer.stamped_at else None


def _refuse_earlier_time(letter: Letter, answer: itip.Answer) -> None:
    """SEQUENCE also grows with words and places; an answer is void when it is lower than at the last change of time."""
    move = letter.meeting.moves.first()
    if move and answer.sequence < move.sequence:
        raise ChangesNothing(
            _("It answers an earlier time of this call: its SEQUENCE is %(theirs)s, the call moved at %(ours)s.")
            % {"theirs": answer.sequence, "ours": move.sequence}
        )


def _refuse_older(reply: CalendarReply) -> None:
    if reply.stamped_at is None:
        return
    last = CalendarReply.last_stamp(reply.meeting, reply.user)
    if last and reply.stamped_at < last:
        raise ChangesNothing(_("A calendar answer that was made later is recorded already."))
    if _answered_elsewhere_since(reply, reply.stamped_at + CLOCKS_DIFFER):
        raise ChangesNothing(_("%(name)s answered in another way since.") % {"name": reply.user.name})
    if last == reply.stamped_at and _stands(reply):
        raise ChangesNothing(_("The same answer is recorded already."))


def _answered_elsewhere_since(reply: CalendarReply, moment: datetime) -> bool:
    written = RsvpAnswer.objects.filter(rsvp__meeting=reply.meeting, rsvp__user=reply.user, edition=reply.edition)
    return written.filter(answered_at__gt=moment).exclude(source=Rsvp.Source.CALENDAR).exists()


def _stands(reply: CalendarReply) -> bool:
    same = Rsvp.objects.filter(meeting=reply.meeting, user=reply.user, edition=reply.edition)
    return same.filter(response=reply.response).exists()


def _record(reply: CalendarReply) -> Outcome:
    answered = _respond(reply)
    reply.state = CalendarReply.State.RECORDED
    reply.save()
    words = {"name": reply.user.name, "answer": answered.rsvp.get_response_display(), "call": reply.meeting.title}
    return Outcome(_("%(name)s answered “%(answer)s” to “%(call)s”.") % words, person=reply.user)


def _propose(reply: CalendarReply, sender: str) -> Outcome:
    """The newest one waits; those before it need no answer any more."""
    if reply.meeting.is_cancelled or reply.meeting.is_over:
        raise ChangesNothing(_("The call is canceled or over."))
    same = CalendarReply.objects.filter(meeting=reply.meeting, user=reply.user, state=CalendarReply.State.WAITING)
    same.update(state=CalendarReply.State.DISCARDED)
    reply.state, reply.sender = CalendarReply.State.WAITING, mime.one_line(sender, 320)
    reply.save()
    words = {"name": reply.user.name, "sender": reply.sender}
    return ignored(_("It came from %(sender)s; %(name)s is asked to confirm it.") % words, reply.user)


def _respond(reply: CalendarReply) -> Answered:
    """The one verb. Raises ChangesNothing for a call that is over, and for an answer given at this very moment."""
    mine = Rsvp.objects.filter(meeting=reply.meeting, user=reply.user)
    seen = mine.values_list("version", flat=True).first() or 0
    try:
        answered = respond(
            reply.meeting,
            reply.user,
            reply.response,
            seen=seen,
            edition=reply.edition,
            source=Rsvp.Source.CALENDAR,
            note=reply.note or None,
        )
    except ValidationError as error:
        raise ChangesNothing(error.messages[0]) from error
    if not answered.applied:
        raise ChangesNothing(_("%(name)s answered in another way since.") % {"name": reply.user.name})
    return answered


@transaction.atomic
def confirm(reply: CalendarReply) -> Answered | None:
    """The person says that a waiting answer is theirs. None when it no longer waits. Raises ChangesNothing."""
    return _respond(reply) if reply.settle(CalendarReply.State.CONFIRMED) else None


# Notes ---------------------------------------------------------------------------------------------


def _keep_note(
    letter: Letter, *, words: str, kind: str = ReplyNote.Kind.WORDS, proposed_at: datetime | None = None
) -> Outcome:
    if letter.meeting.is_cancelled or letter.meeting.is_over:
        raise ChangesNothing(_("The call is canceled or over."))
    if not words and not proposed_at:
        raise ChangesNothing(_("There are no words in it."))
    mine = ReplyNote.objects.open().filter(meeting=letter.meeting, user=letter.person)
    if mine.count() >= MOST_NOTES:
        raise ChangesNothing(_("There are too many notes of this person already."))
    ReplyNote.objects.create(
        meeting=letter.meeting,
        user=letter.person,
        mail=letter.mail,
        kind=kind,
        words=words.replace("\0", "")[:1000],
        proposed_at=proposed_at,
        sender=letter.stranger,
    )
    what = _("A proposed time") if kind == ReplyNote.Kind.TIME else _("A note")
    about = {"what": what, "name": letter.person.name, "call": letter.meeting.title}
    said = _("%(what)s from %(name)s for the co-chairs of “%(call)s”.")
    if letter.stranger:  # somebody who was forwarded the mail, or the person at another address: nobody knows
        said = _("%(what)s for the co-chairs of “%(call)s”, in answer to a mail to %(name)s, from another address.")
    return Outcome(said % about, person=letter.person)
