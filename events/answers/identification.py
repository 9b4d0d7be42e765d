"""Who sent an incoming mail, about which call, and whether it is really from that person.

The signed tag in our address says both. Where it got lost, the UID names the call and From the person: enough to ask
them, and to take their answer where our mail server authenticated the sender.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from events.calendar import itip
from events.models import Meeting
from events.models.meetings import MeetingQuerySet
from members.mail import reply_addresses
from members.mail.incoming import mime
from members.mail.incoming.answered import in_thread
from members.mail.incoming.authentication import Verdict, verdict
from members.mail.incoming.inbox import tagged
from members.models import InboundMail, User

RELAYS = {"noreply@email.apple.com"}  # iCloud answers for everybody from one address of its own


class ChangesNothing(Exception):
    """The mail changes nothing; `words` say why, for staff."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(words)
        self.words = words


class Unclear(ChangesNothing):
    """As ChangesNothing, where the person thinks that they answered: they are asked by mail."""


@dataclass(frozen=True)
class IdentifiedMail:
    """A mail about one call from one person, or from somebody else in their name."""

    mail: InboundMail
    opened: mime.Mail
    person: User
    meeting: Meeting
    proved: bool  # it bears the tag that this person was sent for this call

    @cached_property
    def is_own(self) -> bool:
        """Whether the mail comes from the person's own address, as far as that was checked; From alone can be forged.

        Whoever was forwarded our mail has its tag too. So a tag counts from this address alone, and without a tag a
        mail counts only when our own mail server authenticated the sender.
        """
        senders = [address.casefold() for address in self.opened.addresses("from")]
        known = len(senders) == 1 and (senders[0] in RELAYS or self.person.has_address(senders[0]))
        found = verdict(self.opened)
        return known and found != Verdict.FAILED and (self.proved or found == Verdict.PASSED)

    @property
    def stranger(self) -> str:
        """The address the mail came from when it is not proved to be the person's, else ""."""
        return "" if self.is_own else mime.one_line(self.opened.sender or self.opened.header("from"), 320)


def identify(mail: InboundMail, opened: mime.Mail, found: Sequence[itip.Answer] = ()) -> IdentifiedMail:
    """The person and the call of a mail: by the tag in an address, or by the UID and the sender. Raises ChangesNothing."""
    numbers = answer_tag(mail, opened, found)
    person, meeting = _by_tag(numbers) if numbers else _by_uid(opened, found)
    if person is None or meeting is None:
        raise ChangesNothing(
            _("The person or the call of its address no longer exists.")
            if numbers
            else _("No address in it bears our proof, so nobody knows whose answer it is.")
        )
    if not person.has_perm("events.respond_to_meeting", meeting):
        raise ChangesNothing(_("%(name)s is not on the committee of this call.") % {"name": person.name})
    return IdentifiedMail(mail, opened, person, meeting, proved=numbers is not None)


def answer_tag(mail: InboundMail, opened: mime.Mail, found: Sequence[itip.Answer] = ()) -> tuple[int, ...] | None:
    """The numbers of person and call in the tag, None without one.

    The tag may be left in ORGANIZER alone, when forwarding rewrote the address; Exchange removes ORGANIZER, and a mail
    server that wraps the mail leaves the tag in the mail inside. Last comes our Message-ID in In-Reply-To or
    References, which is signed as well.
    """
    written = (reply_addresses.read(reply_addresses.ANSWER, address) for address in [each.organizer for each in found])
    within = (
        (reply_addresses.read(reply_addresses.ANSWER, address) for address in opened.enclosed_addresses)
        if found
        else ()
    )
    numbers = tagged(reply_addresses.ANSWER, mail, opened) or next(filter(None, [*written, *within]), None)
    return numbers if numbers and len(numbers) == 2 else _by_thread(opened)


def _by_thread(opened: mime.Mail) -> tuple[int, int] | None:
    for delivery in in_thread(opened):
        if delivery.recipient_id and delivery.about == f"meeting:{delivery.about_id}":
            return delivery.recipient_id, delivery.about_id
        if delivery.recipient_id and delivery.about == f"series:{delivery.about_id}":
            call = next_of(Meeting.objects.told().filter(series=delivery.about_id))
            return (delivery.recipient_id, call.pk) if call else None
    return None


def next_of(calls: MeetingQuerySet) -> Meeting | None:
    """Of the calls of a series the next, without one the last."""
    return calls.upcoming().first() or calls.past().first()


@dataclass(frozen=True)
class Answered:
    """What one entry of a calendar's answer is to: a call, or all dates of the series that the call is of."""

    said: itip.Answer
    identified: IdentifiedMail
    to_all: bool = False


def what_is_answered(identified: IdentifiedMail, found: Sequence[itip.Answer]) -> list[Answered]:
    """Of a calendar's answer what is about this call or its series: first to all dates, then to single ones.

    One about a date must name one that there is. Raises ChangesNothing or Unclear.
    """
    meeting = identified.meeting
    uid, series_uid = meeting.uid.casefold(), meeting.series.uid.casefold() if meeting.series else ""
    ours = [answer for answer in found if answer.uid.casefold() == uid]
    if ours:
        return [Answered(_of_the_call(meeting, ours), identified)]
    of_series = [answer for answer in found if series_uid and answer.uid.casefold() == series_uid]
    if of_series:
        return _of_the_series(identified, of_series)
    uids = _uids(found)
    known = Meeting.objects.filter(Q(uid__in=uids) | Q(series__uid__in=uids)).exists()
    raise (
        ChangesNothing(_("It answers another call than the one of its address."))
        if known
        else Unclear(_("It answers a call that is not ours."))
    )


def _of_the_call(meeting: Meeting, ours: Sequence[itip.Answer]) -> itip.Answer:
    for answer in ours:
        if answer.occurrence is None or itip.moment(answer.occurrence) == meeting.starts_at:
            return answer
    raise Unclear(_("It answers a date that this call does not have."))


def _of_the_series(identified: IdentifiedMail, ours: Sequence[itip.Answer]) -> list[Answered]:
    """To a date it is an answer to the call that stands for it: RECURRENCE-ID is when the rule has it, moved or not."""
    moments = {id(answer): itip.moment(answer.occurrence) for answer in ours if answer.occurrence is not None}
    dates = _locked().filter(series=identified.meeting.series, original_start__in=filter(None, moments.values()))
    by_date = {call.original_start: call for call in dates.order_by("pk")}
    answered = [Answered(answer, identified, to_all=True) for answer in ours if answer.occurrence is None][:1]
    for answer in ours:
        call = by_date.get(moments.get(id(answer)))
        if call:
            answered.append(Answered(answer, replace(identified, meeting=call)))
    if not answered:
        raise Unclear(_("It answers a date that this series does not have."))
    return answered


def _by_tag(numbers: tuple[int, ...]) -> tuple[User | None, Meeting | None]:
    return User.objects.meant_by(numbers[0]).first(), _locked().filter(pk=numbers[1]).first()


def _by_uid(opened: mime.Mail, found: Sequence[itip.Answer]) -> tuple[User | None, Meeting | None]:
    meeting = _by_its_uid(_uids(found)) if found else None
    return (User.objects.at_address(opened.sender).first(), meeting) if meeting else (None, None)


def _by_its_uid(uids: set[str]) -> Meeting | None:
    """The call, or one of those of the series."""
    return _locked().filter(uid__in=uids).first() or next_of(_locked().filter(series__uid__in=uids))


def _uids(found: Sequence[itip.Answer]) -> set[str]:
    return {spelling for answer in found if answer.uid for spelling in (answer.uid, answer.uid.lower())}


def _locked() -> MeetingQuerySet:
    return Meeting.objects.told().select_related("committee", "series").select_for_update(of=("self",), no_key=True)
