"""What members keep of people, and libraries do."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Delivery, FormerAddress, NotificationPreference, Office, PossibleDuplicate, User
from members.roster.merging.carrying import Carrying, carry_rows
from members.roster.merging.rules import Rule, carried, moves, once, stays

CADENCE = NotificationPreference.Cadence
QUIETER = [CADENCE.AT_ONCE, CADENCE.DAILY, CADENCE.WEEKLY, CADENCE.NEVER]
STATE = Delivery.State
FURTHER = [STATE.EXPIRED, STATE.SUPPRESSED, STATE.DIGESTED, STATE.QUEUED, STATE.CLAIMED, STATE.FAILED, STATE.SENDING]
FURTHER += [STATE.SENT]


def _carry_deliveries(carrying: Carrying, rule: Rule) -> None:
    """No news is told twice: of two deliveries of one, the one that got further counts, and the other goes no more.

    What left goes on to say which address it went to, so that one that comes back stops that address.
    """
    theirs = list(rule.rows_of(carrying.merged).defer("facts"))
    _note_addresses(carrying, [each for each in theirs if not each.address and each.state not in Delivery.UNSENT])
    keys = {_news(each): each for each in theirs}
    abouts = {each.about for each in theirs}
    for rival in rule.rows_of(carrying.kept).defer("facts").filter(about__in=abouts):
        if other := keys.get(_news(rival)):
            loser = min((other, rival), key=lambda each: FURTHER.index(each.state))
            _retire(carrying, loser)
    carrying.move(rule, [each.pk for each in theirs])


def _news(delivery: Delivery) -> tuple[Any, ...]:
    return delivery.kind, delivery.about, delivery.dedupe_key, delivery.offset


def _retire(carrying: Carrying, loser: Delivery) -> None:
    """Its mail stays in the history under another key."""
    if loser.state in Delivery.UNSENT:
        reason = str(_("Told at their other address"))
        carrying.change(Delivery, [loser.pk], state=STATE.SUPPRESSED, lease=None, reason=reason)
    carrying.change(Delivery, [loser.pk], dedupe_key=f"merged-{loser.pk}")


def _note_addresses(carrying: Carrying, left: list[Delivery]) -> None:
    had = list(FormerAddress.objects.filter(user=carrying.merged).order_by("until", "pk"))
    now = User.objects.values_list("email", flat=True).get(pk=carrying.merged)
    by_address: dict[str, list[int]] = {}
    for each in left:
        went_at = each.sent_at or each.refused_at or each.created_at
        address = next((former.email for former in had if former.until > went_at), now)
        by_address.setdefault(address, []).append(each.pk)
    for address, keys in by_address.items():
        carrying.change(Delivery, keys, address=address)


def _carry_contact_requests(carrying: Carrying, rule: Rule) -> None:
    """One between the two accounts is nobody's question any more."""
    pair = (carrying.kept, carrying.merged)
    for asked in rule.model._base_manager.filter(asker__in=pair, owner__in=pair):
        carrying.take_away(asked)
    carry_rows(carrying, rule)


def _carry_apart(carrying: Carrying, rule: Rule) -> None:
    """Who is another person than the one is another than the other."""
    pairs = PossibleDuplicate.objects.apart().with_person(carrying.merged)
    for pair in pairs.exclude(Q(one=carrying.kept) | Q(other=carrying.kept)):
        third = pair.other_id if pair.one_id == carrying.merged else pair.one_id
        known = PossibleDuplicate.of(carrying.kept, third)
        PossibleDuplicate.objects.filter(pk=known.pk, apart_at=None).update(
            apart_at=pair.apart_at, apart_by=pair.apart_by_id
        )


def _carry_offices(carrying: Carrying, rule: Rule) -> None:
    """A seat that both accounts hold is held once: by the row that says more."""
    mine = list(rule.rows_of(carrying.kept))
    for office in rule.rows_of(carrying.merged):
        twin = next((each for each in mine if _is_same_seat(each, office)), None)
        if twin:
            loser, winner = sorted((office, twin), key=_says)
            carrying.drop(loser, winner)
    carry_rows(carrying, rule)


def _is_same_seat(one: Office, other: Office) -> bool:
    same_place = one.jurisdiction_id == other.jurisdiction_id and one.title.casefold() == other.title.casefold()
    same_district = not one.district or not other.district or one.district.casefold() == other.district.casefold()
    return same_place and same_district and not (_is_before(one, other) or _is_before(other, one))


def _is_before(one: Office, other: Office) -> bool:
    return bool(one.ended_on and other.started_on and one.ended_on <= other.started_on)


def _says(office: Office) -> tuple[Any, ...]:
    return not office.leaves, sum(bool(each) for each in (office.ended_on, office.started_on, office.district))


def _carry_lists(carrying: Carrying, rule: Rule) -> None:
    """Nobody has two saved lists of one name."""
    theirs = rule.rows_of(carrying.merged).filter(forgotten_at=None)
    names = {each.name.lower() for each in rule.rows_of(carrying.kept).filter(forgotten_at=None)}
    for each in theirs:
        if each.name.lower() in names:
            room = rule.model._meta.get_field("name").max_length - 15  # type: ignore[union-attr, operator]
            carrying.change(rule.model, [each.pk], name=f"{each.name[:room]} ({each.pk})")
    carry_rows(carrying, rule)


def _offices(n: int) -> str:
    return ngettext("%(n)s office", "%(n)s offices", n) % {"n": n}


def _mails(n: int) -> str:
    return ngettext("%(n)s message in the history of mail", "%(n)s messages in the history of mail", n) % {"n": n}


def _tags(n: int) -> str:
    return ngettext("%(n)s tag", "%(n)s tags", n) % {"n": n}


def _roles(n: int) -> str:
    return ngettext("%(n)s staff role", "%(n)s staff roles", n) % {"n": n}


def _applications(n: int) -> str:
    return ngettext("%(n)s application", "%(n)s applications", n) % {"n": n}


def _lists(n: int) -> str:
    return ngettext("%(n)s saved list", "%(n)s saved lists", n) % {"n": n}


def _letters(n: int) -> str:
    return ngettext("%(n)s email to us", "%(n)s emails to us", n) % {"n": n}


carried("members.Office.user", _carry_offices, words=_offices)
moves("members.InboundMail.person", words=_letters)
carried("members.Segment.owner", _carry_lists, words=_lists)
moves(
    "members.User.merged_into",
    "members.Merge.kept",
    "members.Merge.by",
    "members.Merge.undone_by",
    "members.PossibleDuplicate.apart_by",
    "members.Application.decided_by",
    "members.ApplicationQuestion.asked_by",
    "members.Voucher.asked_by",
    "members.BulkAct.by",
    "members.BulkSend.sent_by",
    "members.BulkSend.stopped_by",
    "members.Delivery.dismissed_by",
    "members.Enrollment.made_by",
    "members.Erasure.asked_by",
    "members.Erasure.kept_by",
    "members.Export.by",
    "members.Import.uploaded_by",
    "members.Import.confirmed_by",
    "members.Import.undo_asked_by",
    "members.ImportRow.member",
    "members.ImportLayout.corrected_by",
    "members.InboundMail.settled_by",
    "members.Pipeline.decided_by",
    "members.RetentionRule.armed_by",
    "members.Suppression.lifted_by",
    "members.Tagging.given_by",
    "account.EmailAddress.user",
)
carried("members.Delivery.recipient", _carry_deliveries, words=_mails)
carried("members.ContactRequest.asker", _carry_contact_requests)
carried("members.ContactRequest.owner", _carry_contact_requests)
carried("members.PossibleDuplicate.one", _carry_apart)
carried("members.PossibleDuplicate.other", _carry_apart)

once("members.Tagging.person", "tag", words=_tags)
once("members.StaffAppointment.user", "role", when=Q(ended_on=None), words=_roles)
once(
    "members.Application.applicant",
    when=Q(decided_at=None),
    worth=lambda application: application.submitted_at,
    words=_applications,
)
once("members.Voucher.member", "application", worth=lambda voucher: bool(voucher.said_at))
once("members.BulkActPerson.person", "act", is_watched=False)
once("members.ExportedPerson.person", "export", is_watched=False)
once("members.CallHours.user")
once("members.CouncilNight.user", "weekday", "weeks", "begins")
once("members.MessageSettings.user")
once("members.TableView.person")
once(
    "members.NotificationPreference.user",
    "kind",
    "scope",
    worth=lambda preference: QUIETER.index(preference.cadence),
)

stays("members.Profile.user", "what is on it is chosen field by field")
stays("members.Erasure.person", "asked for that account alone; while it waits nobody merges")
stays("members.FormerAddress.user", "says where mail to that account went, which its deliveries say by now")
stays("members.Merge.merged", "says which account was merged")
stays(
    "members.AuditEntry.actor", "lines of the log are never changed; pages about a person read those of both accounts"
)
stays("members.Enrollment.person", "a code that lets somebody into that account, which is closed")
stays("members.KeptForm.person", "what a session of that account typed, which is over")
stays("members.WrongSteps.user", "counts guesses at that account")
stays("members.User_groups.user", "groups of Django, which nothing here asks")
stays("members.User_user_permissions.user", "permissions of Django, which nothing here asks")
stays("admin.LogEntry.user", "lines of a log are never changed")
stays("mfa.Authenticator.user", "what proves who one is belongs to the account that it was made for")
stays("usersessions.UserSession.user", "sessions end")
stays("knox.AuthToken.user", "tokens of programs end")
