"""Mail that needs somebody: what a person wrote and no reader takes waits for staff, who answer it, hand it on or say it is done."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from members.correspondence.messages import CarriedWords, MailAnswered, MailReceived
from members.mail import reply_addresses
from members.mail.incoming import mime, own_words
from members.mail.incoming.answered import answered, is_from
from members.mail.incoming.authentication import Verdict, verdict
from members.mail.incoming.inbox import Outcome, ignored, tagged, why_automatic
from members.models import InboundMail, User

MACHINES = ("mailer-daemon", "postmaster", "no-reply", "noreply", "donotreply", "do-not-reply", "bounce", "bounces")
OF_LISTS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")


def wait(mail: InboundMail, opened: mime.Mail) -> Outcome:
    """It waits for staff, and whoever wrote it hears that once a day; what no person wrote is filed."""
    if why := why_automatic(mail, opened) or why_no_person(opened):
        return ignored(why)
    mail.answers = answered(mail, opened)
    mail.words = own_words.latest(opened.text)
    recipient = mail.answers.to if mail.answers else ""
    proved = bool(recipient) and is_from(opened, recipient)
    person = _known(opened) if proved or verdict(opened) != Verdict.FAILED else None
    if verdict(opened) == Verdict.FAILED and mail.answers is None:
        return ignored(_("Its sender is forged, as our mail server found, and it answers no email of ours."))
    if person or proved or verdict(opened) == Verdict.PASSED:  # anybody else's address may stand in From
        MailReceived.tell(mail, opened.sender, person)
    return Outcome(_("It waits for somebody of staff."), InboundMail.State.WAITING, person)


def tell_unreadable(mail: InboundMail, headers: mime.Mail) -> None:
    """One line to the person who wrote a mail that nobody can open, as far as its headers say who that is."""
    if why_automatic(mail, headers) or why_no_person(headers) or tagged(reply_addresses.ANSWER, mail, headers):
        return  # whoever answers a call is asked by its app
    recipient = delivery.to if (delivery := answered(mail, headers)) else ""
    person = _known(headers) if verdict(headers) != Verdict.FAILED else None
    if person or (recipient and is_from(headers, recipient)) or verdict(headers) == Verdict.PASSED:
        MailReceived.tell(mail, headers.sender, person)


def why_no_person(opened: mime.Mail) -> str:
    """Why no person wrote it to us, beside automatic replies: "" when one did."""
    if any(opened.header(name) for name in OF_LISTS):
        return _("It came from a mailing list or a newsletter.")
    if opened.sender.partition("@")[0].casefold() in MACHINES or not opened.sender:
        return _("It came from a machine’s address.")
    if opened.header("x-spam-flag").strip().casefold() == "yes":
        return _("Our mail server takes it for spam.")
    if opened.tree.content_type == "multipart/report":
        return _("It is a report, and nothing in it proves that it is about an email of ours.")
    return ""


def _known(opened: mime.Mail) -> User | None:
    return User.objects.active().at_address(opened.sender).first()


@transaction.atomic
def answer(mail: InboundMail, by: User, words: str) -> bool:
    """False when it waits no more: somebody else was faster."""
    if not mail.settle(by, InboundMail.Settled.ANSWERED):
        return False
    facts = {"words": words, "by": by.name}
    MailAnswered.enqueue_to(mail.sender, mail.about, mail.person, dedupe_key=mail.answer_key, facts=facts)
    return True


@transaction.atomic
def hand_on(mail: InboundMail, by: User, people: Iterable[User], *, scope: str = "") -> bool:
    """Its words go to these people, whose replies are carried to whoever wrote it. False when it waits no more."""
    if not mail.settle(by, InboundMail.Settled.HANDED_ON):
        return False
    CarriedWords.enqueue(people, mail.about, dedupe_key=mail.answer_key, scope=scope)
    return True
