"""Which mails of ours a mail answers, and whether it is from the person who got them."""

from __future__ import annotations

from collections.abc import Iterator

from members.mail import reply_addresses
from members.mail.incoming import mime
from members.mail.incoming.authentication import Verdict, verdict
from members.mail.incoming.inbox import tagged
from members.mail.incoming.reports import OUR_ID, of_message_id
from members.models import Delivery, InboundMail

MOST_IN_THREAD = 6  # mails named as answered that are looked up


def in_thread(opened: mime.Mail) -> Iterator[Delivery]:
    """Those whose Message-IDs it names as answered: a proof of the same kind as a tag, which whoever has the mail can show."""
    named = [value for name in ("in-reply-to", "references") for value in opened.headers.get(name, [])[:2]]
    quoted = [found[0] for value in named for found in OUR_ID.finditer(value[:2000])]
    for number in dict.fromkeys(quoted[:MOST_IN_THREAD]):
        if delivery := of_message_id(number):
            yield delivery


def answered(mail: InboundMail, opened: mime.Mail) -> Delivery | None:
    """By the tag in the address it came to, or by its thread."""
    numbers = tagged(reply_addresses.REPLY, mail, opened)
    if numbers:
        return Delivery.objects.select_related("recipient").filter(pk=numbers[0]).first()
    return next(in_thread(opened), None)


def is_from(opened: mime.Mail, address: str) -> bool:
    """From this address and no other, as far as anybody looked into that: From alone can be forged."""
    senders = [each.casefold() for each in opened.addresses("from")]
    return senders == [address.casefold()] and verdict(opened) != Verdict.FAILED
