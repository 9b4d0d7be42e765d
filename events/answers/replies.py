"""Answers and words that come back by mail: whether they count, and what follows (events.answers.identification says
whose they are).

An answer to an earlier time, or older than the present one, changes nothing. One that is not proved to be the person's
waits until they confirm it. Words and proposed times become notes for the co-chairs. Somebody whose answer can't be
read gets one mail with buttons, at most once a call and day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.answers.answering import respond, respond_to_all
from events.answers.identification import (
    Answered as AnswerTo,
)
from events.answers.identification import (
    ChangesNothing,
    IdentifiedMail,
    Unclear,
    answer_tag,
    identify,
    what_is_answered,
)
from events.answers.replynotes import keep_note
from events.answers.sounding import answer_in
from events.calendar import itip
from events.messages import answers
from events.models import Answered, AnsweredSeries, CalendarReply, ReplyNote, Rsvp, RsvpAnswer, SeriesAnswer
from members.correspondence.carrying import carry, people_of
from members.correspondence.waiting import why_no_person
from members.mail.incoming import mime, own_words
from members.mail.incoming.inbox import Outcome, ignored, why_automatic
from members.models import InboundMail

PARTSTAT = {
    "ACCEPTED": Rsvp.Response.ACCEPTED,
    "TENTATIVE": Rsvp.Response.TENTATIVE,
    "DECLINED": Rsvp.Response.DECLINED,
}
# What else a calendar is sent for (RFC 5546 1.4), by its true name.
METHODS = {
    "REQUEST": gettext_lazy("It is an invitation to a call or a change of one (REQUEST), not an answer."),
    "CANCEL": gettext_lazy("It takes a call off calendars (CANCEL); it is not an answer."),
    "PUBLISH": gettext_lazy("It is a published calendar (PUBLISH), not an answer."),
    "ADD": gettext_lazy("It adds dates to a series (ADD); it is not an answer."),
    "REFRESH": gettext_lazy("It asks for the entry again (REFRESH); it is not an answer."),
    "DECLINECOUNTER": gettext_lazy("It declines a proposed time (DECLINECOUNTER); it is not an answer."),
}
LONGEST = timedelta(days=2)  # of a proposed call
CLOCKS_DIFFER = timedelta(minutes=5)  # between a person's device and us


# Readers -------------------------------------------------------------------------------------------


def read_answer(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """Act on the answer of a calendar program; None for a mail without a calendar of its own."""
    calendars = [each for each in itip.calendars(opened) if each.is_answer or not each.enclosed]
    if not calendars:
        return None
    why = why_automatic(mail, opened, generated_counts=True)
    if why:
        return ignored(why)
    said = next((each for each in calendars if each.is_answer and each.events), calendars[0])
    return _followed(mail, opened, said)


def _followed(mail: InboundMail, opened: mime.Mail, said: itip.Calendar) -> Outcome:
    identified = None
    try:
        identified = identify(mail, opened, said.events)
        if said.is_answer and said.events:
            return _take_each(what_is_answered(identified, said.events))
        raise _no_answer(said)
    except Unclear as refusal:
        if identified and (carried := _comment_carried(identified, said, refusal)):
            return carried
        return _ask(identified, refusal) if identified else ignored(refusal.words)
    except ChangesNothing as refusal:
        if identified and (carried := _comment_carried(identified, said, refusal)):
            return carried
        words = refusal.words if said.is_answer or identified else _no_answer(said).words
        return ignored(words, identified.person if identified else None)


def _comment_carried(identified: IdentifiedMail, said: itip.Calendar, refusal: ChangesNothing) -> Outcome | None:
    """What somebody wrote beside an answer to a call that takes none any more goes to the co-chairs."""
    meeting = identified.meeting
    if not said.is_answer or not (meeting.is_cancelled or meeting.is_over):
        return None
    words = next((words for each in said.events if (words := _comment(identified, each))), "")
    return _carried(identified, words, refusal) if words else None


def _no_answer(said: itip.Calendar) -> ChangesNothing:
    """By its true name; without one somebody's answer may be in it."""
    if said.is_answer:
        return Unclear(_("Its calendar holds no answer that can be read."))
    if not said.method:
        return Unclear(_("It holds a calendar that does not say what it is for."))
    unknown = _("It holds a calendar of another kind (%(method)s), not an answer.") % {"method": said.method[:30]}
    return ChangesNothing(METHODS.get(said.method, unknown))


def read_words(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """Act on a reply in words to a mail about a call; None when it came to another address."""
    if answer_tag(mail, opened) is None:
        return None
    if why := why_automatic(mail, opened) or why_no_person(opened):
        return ignored(why)
    identified, words = None, own_words.latest(opened.text)
    try:
        identified = identify(mail, opened)
        if _holds_what_outlook_alone_reads(opened):
            if words:
                keep_note(identified, words=words)
            raise Unclear(_("It holds a part that only Outlook reads (winmail.dat), maybe an answer."))
        if not words:
            raise Unclear(_("There are no words in it."))
        note = keep_note(identified, words=words)
    except Unclear as refusal:
        return _ask(identified, refusal) if identified else None
    except ChangesNothing as refusal:
        return _carried(identified, words, refusal) if identified else None
    return _asked_or_carried(identified, words, note)


def _carried(identified: IdentifiedMail, words: str, refusal: ChangesNothing) -> Outcome | None:
    """What is no note any more goes to the co-chairs by mail; None when it waits for staff."""
    scope = identified.meeting.scope
    if not (identified.is_own and carry(identified.mail, words, identified.person, people_of(scope), scope)):
        return None
    carried = _("%(why)s The words went to the co-chairs by email.") % {"why": refusal.words}
    return Outcome(carried, person=identified.person)


def _asked_or_carried(identified: IdentifiedMail, words: str, note: Outcome) -> Outcome:
    """What sounds like an answer asks for one; other words go to the co-chairs' mailboxes too."""
    if not identified.is_own:
        return note
    said, scope = answer_in(words), identified.meeting.scope
    if not said:
        carry(identified.mail, words, identified.person, people_of(scope), scope)
    elif (
        not Rsvp.objects.filter(meeting=identified.meeting, user=identified.person)
        .filter(response=said, edition=identified.meeting.edition)
        .exists()
    ):
        answers.ask_again(identified.meeting, identified.person)
    return note


def take_unreadable(mail: InboundMail, headers: mime.Mail) -> None:
    """Ask whoever sent a mail that can't be parsed to their answer address to answer with the buttons."""
    if why_automatic(mail, headers) or answer_tag(mail, headers) is None:
        return
    try:
        identified = identify(mail, headers)
    except ChangesNothing:
        return
    answers.ask_again(identified.meeting, identified.person)


def _ask(identified: IdentifiedMail, refusal: Unclear) -> Outcome:
    """The person is asked in a mail, unless there is nothing to answer any more."""
    if identified.meeting.is_cancelled or identified.meeting.is_over:
        return ignored(refusal.words, identified.person)
    answers.ask_again(identified.meeting, identified.person)
    asked = _("%(why)s %(name)s is asked by email.") % {"why": refusal.words, "name": identified.person.name}
    return ignored(asked, identified.person)


def _holds_what_outlook_alone_reads(opened: mime.Mail) -> bool:
    return any(
        part.content_type in ("application/ms-tnef", "application/vnd.ms-tnef")
        or part.filename.lower() == "winmail.dat"
        or part.content.startswith(b"\x78\x9f\x3e\x22")
        for part in opened.parts
        if not part.enclosed
    )


# Answers -------------------------------------------------------------------------------------------


def _take_each(answered: Sequence[AnswerTo]) -> Outcome:
    """What each entry came to; one that changes nothing leaves the others. Raises what the first did when none counts."""
    outcomes, refusals = [], []
    for each in answered:
        try:
            outcomes.append(_take(each.identified, each.said, to_all=each.to_all))
        except ChangesNothing as refusal:
            refusals.append(refusal)
    if not outcomes:
        raise refusals[0]
    words = " ".join([*(str(each.words) for each in outcomes), *(str(each.words) for each in refusals)])
    return Outcome(words, outcomes[0].state, outcomes[0].person)


def _take(identified: IdentifiedMail, answer: itip.Answer, *, to_all: bool) -> Outcome:
    if not to_all:
        _refuse_earlier_time(identified, answer)
    if answer.method == itip.COUNTER:
        return _take_counter(identified, answer, to_all)
    return _take_reply(identified, answer, _line_of(identified, answer), to_all)


def _take_counter(identified: IdentifiedMail, answer: itip.Answer, to_all: bool) -> Outcome:
    """Another time is a note; what they say to the time that stands, often maybe, is their answer to it."""
    words, line = _comment(identified, answer), _line_of(identified, answer)
    if not words and not answer.starts_at:
        raise Unclear(_("It proposes a time that cannot be read."))
    note = keep_note(
        identified,
        kind=ReplyNote.Kind.TIME,
        words=words,
        proposed_at=answer.starts_at,
        proposed_duration=_duration(answer),
    )
    if _partstat(line) not in PARTSTAT:
        return note
    try:
        outcome = _take_reply(identified, answer, line, to_all)
    except ChangesNothing:  # an answer that stands is newer or the same; the proposal is news all the same
        return note
    return Outcome(f"{note.words} {outcome.words}", note.state, note.person)


def _take_reply(identified: IdentifiedMail, answer: itip.Answer, line: itip.Line, to_all: bool) -> Outcome:
    reply = CalendarReply(
        meeting=identified.meeting,
        user=identified.person,
        mail=identified.mail,
        edition=identified.meeting.edition,
        response=_response(line),
        note=mime.one_line(_comment(identified, answer), 300),
        sender=mime.one_line(identified.opened.sender, 320),
        stamped_at=_stamp(identified, answer),
        to_all=to_all,
        sequence=answer.sequence,
    )
    _refuse_older(reply)
    if identified.is_own and line.mailbox.casefold() == identified.person.email.casefold():
        outcome = _record(reply)
        if to_all and reply.note:  # an answer to one call keeps it beside the answer
            keep_note(identified, words=reply.note)
        return outcome
    return _propose(reply, identified.stranger or line.mailbox)


def _duration(answer: itip.Answer) -> timedelta | None:
    if not (answer.starts_at and answer.ends_at):
        return None
    duration = answer.ends_at - answer.starts_at
    return duration if timedelta(0) < duration <= LONGEST else None


def _comment(identified: IdentifiedMail, answer: itip.Answer) -> str:
    return own_words.own(answer.comment_of(_attendee(identified, answer)))


def _line_of(identified: IdentifiedMail, answer: itip.Answer) -> itip.Line:
    line = _attendee(identified, answer)
    if line is None:
        raise Unclear(_("It does not say whose answer it is."))
    return line


def _attendee(identified: IdentifiedMail, answer: itip.Answer) -> itip.Line | None:
    """The person's line, that of whoever sent it, or the only one there is."""
    line = answer.attendee(identified.person.email) or answer.attendee(identified.opened.sender)
    return answer.attendees[0] if line is None and len(answer.attendees) == 1 else line


def _partstat(line: itip.Line) -> str:
    return line.parameters.get("PARTSTAT", "").strip().upper()


def _response(line: itip.Line) -> str:
    if _partstat(line) not in PARTSTAT:
        raise Unclear(_("Its answer is none of going, maybe or can’t."))
    return PARTSTAT[_partstat(line)]


def _stamp(identified: IdentifiedMail, answer: itip.Answer) -> datetime | None:
    """When it was made, to the second; a clock that is ahead must not outrank what comes later."""
    received_at = identified.mail.received_at.replace(microsecond=0)
    return min(answer.stamped_at, received_at) if answer.stamped_at else None


def _refuse_earlier_time(identified: IdentifiedMail, answer: itip.Answer) -> None:
    """SEQUENCE also grows with words and places; an answer is void when it is lower than at the last change of time."""
    move = identified.meeting.moves.first()
    if move and answer.sequence < move.sequence:
        raise Unclear(
            _("It answers an earlier time of this call: its SEQUENCE is %(theirs)s, the call moved at %(ours)s.")
            % {"theirs": answer.sequence, "ours": move.sequence}
        )


def _refuse_older(reply: CalendarReply) -> None:
    if reply.stamped_at is None:
        return
    last = reply.last_stamp
    if last and reply.stamped_at < last:
        raise ChangesNothing(_("A calendar answer that was made later is recorded already."))
    if reply.to_all:  # call by call, what was answered since stays: SeriesAnswer.record
        if last == reply.stamped_at:
            raise ChangesNothing(_("The same answer is recorded already."))
        return
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
    if reply.to_all:
        return _record_to_all(reply)
    answered = _respond(reply)
    reply.state = CalendarReply.State.RECORDED
    reply.save()
    words = {"name": reply.user.name, "answer": answered.rsvp.get_response_display(), "call": reply.meeting.title}
    return Outcome(_("%(name)s answered “%(answer)s” to “%(call)s”.") % words, person=reply.user)


def _record_to_all(reply: CalendarReply) -> Outcome:
    answered = _respond_to_all(reply)
    reply.state = CalendarReply.State.RECORDED
    reply.save()
    words = {"name": reply.user.name, "answer": answered.answer.get_response_display(), "call": reply.meeting.title}
    said = ngettext(
        "%(name)s answered “%(answer)s” to %(n)d date of “%(call)s”.",
        "%(name)s answered “%(answer)s” to all %(n)d dates of “%(call)s”.",
        answered.ahead,
    )
    return Outcome(said % (words | {"n": answered.ahead}), person=reply.user)


def _respond_to_all(reply: CalendarReply) -> AnsweredSeries:
    """The one verb for all dates. Raises ChangesNothing when no call is left that it can be an answer to."""
    assert reply.meeting.series is not None
    since = reply.stamped_at and reply.stamped_at + CLOCKS_DIFFER
    try:
        return respond_to_all(
            reply.meeting.series,
            reply.user,
            reply.response,
            source=Rsvp.Source.CALENDAR,
            sequence=reply.sequence,
            stamped_at=since,
        )
    except ValidationError as error:
        if SeriesAnswer.calls(reply.meeting.series).exists():
            raise Unclear(
                _("It answers earlier dates of this series, or was made before what was answered since.")
            ) from error
        raise ChangesNothing(error.messages[0]) from error


def _propose(reply: CalendarReply, sender: str) -> Outcome:
    """The newest one waits; those before it need no answer any more."""
    if reply.meeting.is_cancelled or reply.meeting.is_over:
        raise ChangesNothing(_("The call is canceled or over."))
    same = CalendarReply.objects.filter(meeting=reply.meeting, user=reply.user, state=CalendarReply.State.WAITING)
    same.update(state=CalendarReply.State.DISCARDED)
    reply.state, reply.sender = CalendarReply.State.WAITING, mime.one_line(sender, 320)
    reply.save()
    answers.ask_again(reply.meeting, reply.user)
    words = {"name": reply.user.name, "sender": reply.sender}
    return ignored(_("It came from %(sender)s; %(name)s is asked to confirm it.") % words, reply.user)


def _respond(reply: CalendarReply) -> Answered:
    """The one verb. Raises ChangesNothing for a call that is over, and for an answer given at this very moment.

    A note belongs to the answer that it came with: another answer without one clears it, the same answer again keeps it.
    """
    mine = Rsvp.objects.filter(meeting=reply.meeting, user=reply.user).first()
    seen = mine.version if mine else 0
    repeats = mine is not None and (mine.edition, mine.response) == (reply.edition, reply.response)
    try:
        answered = respond(
            reply.meeting,
            reply.user,
            reply.response,
            seen=seen,
            edition=reply.edition,
            source=Rsvp.Source.CALENDAR,
            note=None if repeats and not reply.note else reply.note,
        )
    except ValidationError as error:
        raise ChangesNothing(error.messages[0]) from error
    if not answered.applied:
        raise ChangesNothing(_("%(name)s answered in another way since.") % {"name": reply.user.name})
    return answered


@transaction.atomic
def confirm(reply: CalendarReply) -> Answered | AnsweredSeries | None:
    """Record a waiting answer that the person confirms. None when it no longer waits. Raises ChangesNothing."""
    if not reply.settle(CalendarReply.State.CONFIRMED):
        return None
    return _respond_to_all(reply) if reply.to_all else _respond(reply)
