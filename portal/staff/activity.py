"""The activity log as sentences that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models import Meeting, MeetingSeries, Poll
from members.models import AuditEntry, User
from portal.staff.changes import Change, changes

# {who} did it to {what}; {whom} is the person named in the entry, when it is somebody else.
SENTENCES: dict[str, str | Promise] = {
    "acted on many": _("{who} did this to many people: {what}"),
    "added office": _("{who} added an office that {what} holds"),
    "added by an import": _("{who} added {what} by an import"),
    "admitted": _("{who} admitted {what} as a member"),
    "added to the agenda": _("{who} added to the agenda of {what}"),
    "announced": _("{who} announced {what}"),
    "answered for another": _("{who} answered for {whom}: {what}"),
    "settled the place of": _("{who} said which government {what} applied from"),
    "applied": _("{what} applied for membership"),
    "appointed": _("{who} gave {what} a staff role"),
    "answered mail": _("{who} answered the email “{what}”"),
    "approved": _("{who} approved the application of {what}"),
    "archived": _("{who} archived {what}"),
    "began an import": _("{who} began to import {what}"),
    "brought a list": _("{who} brought the list {what}"),
    "brought back messages": _("{who} brought refused messages back into the list"),
    "asked for no second step": _("{what} no longer takes a second step at every sign-in"),
    "asked for their data": _("{what} asked for all that is held of them"),
    "asked to erase": _("{who} asked to have the data of {what} erased"),
    "kept what was to be erased": _("{who} kept the data of {what}"),
    "erased": _("The data of somebody was erased: {what}"),
    "armed": _("{who} armed the rule how long this is kept: {what}"),
    "disarmed": _("{who} disarmed the rule how long this is kept: {what}"),
    "asked for second step": _("{what} takes a second step at every sign-in"),
    "cancelled": _("{who} canceled the call {what}"),
    "changed appointment": _("{who} changed a staff role of {what}"),
    "changed office": _("{who} changed an office that {what} holds"),
    "corrected office": _("{who} corrected an office that {what} holds"),
    "confirmed office": _("{who} confirmed an office that {what} holds"),
    "checked office": _("{who} checked an office that {what} holds"),
    "left office": _("{who} said when {what} leaves an office"),
    "took office": _("{who} said what office {what} takes"),
    "put office back": _("{who} took back what was said of an office that {what} holds"),
    "set end of membership": _("{who} said of offices of {what}, so that the membership ends with them or goes on"),
    "changed details": _("{what} changed their details"),
    "changed hours": _("{what} changed when they can take a call"),
    "changed email": _("{what} changed their email"),
    "changed privacy": _("{what} changed who sees what of them"),
    "changed application": _("{what} changed the application"),
    "asked a question about": _("{who} asked {what} a question about the application"),
    "answered a question about": _("{what} answered a question about the application"),
    "asked a member about": _("{who} asked a member whether they know {what}"),
    "vouched for": _("{who} said that they know {what}, who applied"),
    "does not know": _("{who} said that they don’t know {what}, who applied"),
    "lapsed": _("The application of {what} ended without an answer to our question"),
    "changed the agenda": _("{who} changed the agenda of {what}"),
    "changed role": _("{who} changed the role of {whom} on {what}"),
    "closed account": _("{who} closed the account of {what}"),
    "copied an agenda": _("{who} copied an agenda into {what}"),
    "created": _("{who} created {what}"),
    "declined": _("{who} declined the application of {what}"),
    "dismissed messages": _("{who} put refused messages aside"),
    "dropped held messages": _("{who} decided not to send the messages held after a restore"),
    "downloaded raw mail": _("{who} downloaded the raw email “{what}”"),
    "edited": _("{who} edited {what}"),
    "ended appointment": _("{who} ended a staff role of {what}"),
    "ended membership": _("{who} ended the membership of {what}"),
    "forgot factors": _("{who} removed the passkeys and the app of {what}"),
    "had read again": _("{who} had {what} read again"),
    "exported": _("{who} exported the contact data of people: {what}"),
    "found a name": _("{who} found a name that staff should look at: {what}"),
    "gave another email": _("{who} changed the email of {what}"),
    "handed on mail": _("{who} handed on the email “{what}”"),
    "held messages": _("{who} held messages back after a restore"),
    "imported": _("The import of {what} is done"),
    "illustrated": _("{who} put a picture to {what}"),
    "joined": _("{who} joined {what}"),
    "joined from a mail": _("{who} joined the call {what} by the link in an email"),
    "left": _("{who} left {what}"),
    "let held messages go": _("{who} let the messages go that were held after a restore"),
    "made enrollment code": _("{who} made an enrollment code for {what}"),
    "merged another account into": _("{who} merged another account into that of {what}"),
    "merged into another account": _("{who} merged the account of {what} into another one"),
    "took back a merge": _("{who} took back that accounts of {what} were merged"),
    "said it is another person": _("{who} said that {what} and {whom} are two people"),
    "took back it is another person": _("{who} took back that {what} and {whom} are two people"),
    "moved": _("{who} moved the call {what}"),
    "published": _("{who} published {what}"),
    "published the agenda": _("{who} published the agenda of {what}"),
    "put back mail": _("{who} put back the email “{what}”"),
    "began to look as": _("{who} saw the portal as {what} sees it"),
    "stopped looking as": _("{who} stopped seeing the portal as {what} sees it"),
    "asked for contact data": _("{who} asked {what} how to reach them"),
    "showed contact data to": _("{who} showed {what} how to reach them"),
    "kept contact data from": _("{who} did not show {what} how to reach them"),
    "took contact data back from": _("{who} does not show {what} any more how to reach them"),
    "read again": _("{who} had the email “{what}” read again"),
    "reinstated": _("{who} reinstated {what}"),
    "rejoined": _("{who} rejoined {what}"),
    "request accepted": _("{who} accepted the request of {whom} to join {what}"),
    "request declined": _("{who} declined the request of {whom} to join {what}"),
    "request withdrawn": _("{who} took back the request to join {what}"),
    "renamed": _("{who} renamed {what}"),
    "restored": _("{who} restored {what}"),
    "resumed mail": _("{who} let mail go to {what} again"),
    "revealed contact data": _("{who} looked at the contact data of {what}"),
    "said it was not them": _("{what} said that a change to how they sign in was not them"),
    "took addresses without mail": _("{who} took the list of addresses without mail as a file"),
    "brought addresses without mail": _("{who} brought a list of addresses without mail"),
    "mailed": _("{who} sent an email to the people of a list: {what}"),
    "marked attendance": _("{who} marked who was on {what}"),
    "took back attendance": _("{who} took back a mark of who was on {what}"),
    "took over a report": _("{who} took over a report of who was on {what}"),
    "set term": _("{who} set when a term on {what} ends"),
    "scheduled": _("{who} scheduled the call {what}"),
    "scheduled a series": _("{who} scheduled the series of calls {what}"),
    "changed the dates": _("{who} changed the dates of {what}"),
    "paused": _("{who} paused {what}"),
    "resumed": _("{who} resumed {what}"),
    "ended": _("{who} ended {what}"),
    "put on again": _("{who} put {what} on again"),
    "saved a template": _("{who} kept an agenda as the template {what}"),
    "started an agenda": _("{who} started the agenda of {what} from a template"),
    "proposed an item": _("{who} proposed an item for the agenda of {what}"),
    "took a proposal": _("{who} put a proposed item on the agenda of {what}"),
    "answered a proposal": _("{who} answered a proposed item for {what}"),
    "took back a proposal": _("{who} took back an item proposed for {what}"),
    "shared a call": _("{who} brought another committee onto the call {what}"),
    "stopped sharing a call": _("{who} took a committee off the call {what}"),
    "stopped": _("{who} stopped {what}"),
    "sent again": _("{who} sent refused messages again"),
    "settled the email": _("{who} settled with which address {what} signs in"),
    "signed out everywhere": _("{who} signed {what} out everywhere"),
    "stopped an import": _("{who} stopped the import of {what}"),
    "took back an import": _("{who} took back the import of {what}"),
    "took back what an import changed": _("{who} took back what an import changed of {what}"),
    "took back whom an import added": _("{who} took back {what}, whom an import had added"),
    "took off the agenda": _("{who} took something off the agenda of {what}"),
    "attached the PDF": _("{who} attached the PDF of {what}"),
    "tagged": _("{who} gave {what} a tag"),
    "took back": _("{who} took back {what}"),
    "took the PDF off": _("{who} took the PDF off {what}"),
    "took the picture off": _("{who} took the picture off {what}"),
    "untagged": _("{who} took a tag off {what}"),
    "updated by an import": _("{who} changed details of {what} by an import"),
    "uploaded": _("{who} uploaded {what}"),
    "was done with mail": _("{who} was done with the email “{what}”"),
    "withdrew": _("{who} withdrew {what}"),
    "added authenticator app": _("{what} set up an authenticator app"),
    "added passkey": _("{what} added a passkey"),
    "amended the minutes of": _("{who} amended the minutes of {what}"),
    "approved the minutes of": _("{who} approved the minutes of {what}"),
    "assigned an action": _("{who} gave somebody an action of {what}"),
    "changed a poll": _("{who} changed the times of the poll {what}"),
    "changed an action": _("{who} changed an action of {what}"),
    "chose a time": _("{who} chose a time of the poll {what}"),
    "closed a poll": _("{who} closed the poll {what}"),
    "corrected a decision": _("{who} corrected a decision of {what}"),
    "discarded a poll": _("{who} discarded the poll {what}"),
    "dropped an action": _("{who} dropped an action of {what}"),
    "edited a poll": _("{who} edited the poll {what}"),
    "ended the call": _("{who} ended the call {what}"),
    "finished an action": _("{who} finished an action of {what}"),
    "made a new calendar address": _("{what} made a new calendar address"),
    "made a poll": _("{who} made the poll {what}"),
    "made recovery codes": _("{what} made new recovery codes"),
    "made token": _("{what} made a token for a program"),
    "objected to the minutes of": _("{who} objected to the minutes of {what}"),
    "planned a role": _("{who} planned a role of {whom} on {what}"),
    "recorded a decision": _("{who} recorded a decision of {what}"),
    "removed authenticator app": _("{what} removed the authenticator app"),
    "removed passkey": _("{what} removed a passkey"),
    "reopened a poll": _("{who} opened the poll {what} again"),
    "reopened an action": _("{who} opened an action of {what} again"),
    "restored an action": _("{who} brought back an action of {what}"),
    "revoked token": _("{what} ended a token for a program"),
    "sent a poll": _("{who} sent the poll {what}"),
    "sent the minutes of": _("{who} sent the minutes of {what}"),
    "started the call": _("{who} began the call {what}"),
    "told the committee": _("{who} told the committee of {what}"),
    "took back the minutes of": _("{who} took back the minutes of {what}"),
    "went on with the call": _("{who} went on with the call {what}"),
    "withdrew an objection to the minutes of": _("{who} withdrew an objection to the minutes of {what}"),
}
BY_ANOTHER: dict[str, str | Promise] = {
    "joined": _("{who} added {whom} to {what}"),
    "left": _("{who} took {whom} off {what}"),
    "rejoined": _("{who} put {whom} back on {what}"),
}
OTHER = _("{who} {verb} {what}")
# The right to see what reasons, notes and values are about: an application, somebody's standing, a mail that came in.
SEEN_WITH = {
    "application": "members.decide_application",
    "ended membership": "members.decide_application",
    "gave another email": "members.decide_application",
    "closed account": "members.decide_application",
    "reinstated": "members.decide_application",
    "began to look as": "members.decide_application",
    "import": "members.import_members",
    "inboundmail": "members.see_contact_details",
}
PAGES: dict[str, Callable[[int], str]] = {
    "user": lambda pk: reverse("staff_member", args=[pk]),
    "application": lambda pk: reverse("staff_application", args=[pk]),
    "publication": lambda pk: reverse("staff_publication", args=[pk]),
    "import": lambda pk: reverse("staff_import", args=[pk]),
    "inboundmail": lambda pk: reverse("staff_inbound_mail", args=[pk]),
    "document": lambda pk: reverse("document_detail", args=[pk]),
    "announcement": lambda pk: reverse("announcement_sent", args=[pk]),
    "bulkact": lambda pk: reverse("staff_bulk_act", args=[pk]),
    "export": lambda pk: reverse("staff_export", args=[pk]),
    "mailing": lambda pk: reverse("staff_mailing", args=[pk]),
}
# What is known by a word in its address: the model, the field of that word, the page.
SLUGS: dict[str, tuple[type[Model], str, str]] = {
    "committee": (Committee, "slug", "staff_committee"),
    "meeting": (Meeting, "slug", "meeting_detail"),
    "meetingseries": (MeetingSeries, "key", "series_detail"),
    "poll": (Poll, "key", "poll_detail"),
}
CONTACT = "contact"  # a choice of the filter: all acts by which somebody saw or took contact data
SAW_CONTACT = (
    "revealed contact data",
    "began to look as",
    "exported",
    "took addresses without mail",
    "asked for contact data",
    "showed contact data to",
    "kept contact data from",
    "took contact data back from",
)


@dataclass(frozen=True)
class Sentence:
    """`whole` for whoever may see the thing itself: others read that it happened, without reason and values."""

    entry: AuditEntry
    words: str
    url: str
    whole: bool = True

    @property
    def reason(self) -> str:
        return self.entry.reason if self.whole else ""

    @property
    def changes(self) -> list[Change]:
        """What the entry says changed, and what a new thing is."""
        return list(changes(self.entry, whole=self.whole))

    @property
    def thing(self) -> str:
        """What it is about, as a value of the filter `about`."""
        return f"{self.entry.content_type.model}-{self.entry.object_id}"


def sentences(entries: QuerySet[AuditEntry] | Iterable[AuditEntry], reader: User) -> list[Sentence]:
    """Of entries that come with actor and content type; one more query for the people named, one for each kind of thing
    whose page is known by a word.
    """
    entries = list(entries)
    people = User.objects.in_bulk({pk for each in entries if (pk := _named(each))})
    slugs = {kind: _slugs(entries, kind) for kind in SLUGS}
    whole = {sort: reader.has_perm(perm) for sort, perm in SEEN_WITH.items()}
    return [Sentence(each, _words(each, people), _url(each, slugs), whole.get(_sort(each), True)) for each in entries]


def labels() -> Iterator[tuple[str, str]]:
    """Each kind of act and what it is called in a list of them."""
    return iter(sorted(((verb, verb.capitalize()) for verb in SENTENCES), key=lambda each: each[1]))


def _sort(entry: AuditEntry) -> str:
    """Which of SEEN_WITH it is about."""
    return entry.verb if entry.verb in SEEN_WITH else entry.content_type.model


def _words(entry: AuditEntry, people: dict[int, User]) -> str:
    named = people.get(_named(entry) or 0)
    by_another = named is not None and named.pk != entry.actor_id
    pattern = BY_ANOTHER.get(entry.verb) if by_another else None
    pattern = pattern or SENTENCES.get(entry.verb, OTHER)
    parts = {
        "who": entry.actor or _("The portal"),
        "what": entry.target_name,
        "whom": named or _("somebody"),
        "verb": entry.verb,
    }
    return str(pattern).format(**parts)


def _named(entry: AuditEntry) -> int | None:
    pk = entry.after.get("user") or entry.before.get("user")
    return pk if isinstance(pk, int) else None


def _slugs(entries: list[AuditEntry], kind: str) -> dict[int, str]:
    model, field, _name = SLUGS[kind]
    keys = {each.object_id for each in entries if each.content_type.model == kind}
    return dict(model._default_manager.filter(pk__in=keys).values_list("pk", field))


def _url(entry: AuditEntry, slugs: dict[str, dict[int, str]]) -> str:
    kind, pk = entry.content_type.model, entry.object_id
    if kind in SLUGS:
        return reverse(SLUGS[kind][2], args=[slugs[kind][pk]]) if pk in slugs[kind] else ""
    return PAGES[kind](pk) if kind in PAGES else ""
