"""Reads what people write back to mails that are no calls, and at last every mail that nobody else reads."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.correspondence import waiting
from members.correspondence.carrying import carry, carry_back, people_of
from members.mail.incoming import mime, own_words
from members.mail.incoming.answered import answered, is_from
from members.mail.incoming.inbox import LAST, REPLIES, Outcome, reader, when_unreadable, why_automatic
from members.mail.kinds import Replies, registry
from members.models import Delivery, InboundMail, User


@reader(REPLIES)
def read_reply(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """Words of the person who got a mail of ours, to whom its kind says they go; None when that is staff."""
    delivery = answered(mail, opened)
    notice = registry.get(delivery.kind) if delivery else None
    if delivery is None or notice is None or why_automatic(mail, opened) or waiting.why_no_person(opened):
        return None
    writer = delivery.recipient
    if writer is None or not is_from(opened, delivery.to):
        return None
    words = own_words.latest(opened.text)
    if notice.replies == Replies.CO_CHAIRS and carry(mail, words, writer, people_of(delivery.scope), delivery.scope):
        return Outcome(_("%(name)s’s words went to the co-chairs.") % {"name": writer.name}, person=writer)
    if notice.replies == Replies.WRITER and carry_back(mail, words, writer, _first(delivery), delivery.scope):
        return Outcome(_("%(name)s’s words went to whoever wrote first.") % {"name": writer.name}, person=writer)
    if notice.replies == Replies.ASKER:
        _carry_to_asker(mail, words, writer, notice.asker(delivery), delivery.scope)
    return None


def _first(delivery: Delivery) -> InboundMail:
    return InboundMail.objects.select_related("person").defer("raw").get(pk=delivery.about_id)


def _carry_to_asker(mail: InboundMail, words: str, writer: User, asker: User | None, scope: str) -> None:
    """Staff get it too: it waits for them."""
    if asker:
        carry(mail, words, writer, [asker], scope)


@reader(LAST)
def read_at_last(mail: InboundMail, opened: mime.Mail) -> Outcome:
    return waiting.wait(mail, opened)


when_unreadable(waiting.tell_unreadable)
