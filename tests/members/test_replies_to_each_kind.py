"""Words written back to a mail of each kind, and what machines send: every mail bears an address of ours that knows."""

import itertools

from events.models import Meeting, ReplyNote
from members.mail import reply_addresses
from members.mail.emails import message_id
from members.mail.kinds import registry
from members.models import ApplicationQuestion, Delivery, InboundMail
from tests.members.test_replies_to_mails import AUTOMATIC, GMAIL, GMAIL_ES, IPHONE, IPHONE_ES, OUTLOOK, written
from tests.replies import receive
from tests.story import everything_once as everything
from tests.story import story

__all__ = ["everything", "story"]

REPLIES = [
    (IPHONE, "That was not me! Please lock it."),
    (GMAIL, "Yes, please accept her."),
    (OUTLOOK, "Could somebody call me about this on Monday?"),
    (IPHONE, "Yes, I’ll be there"),
    (GMAIL, "Going"),
    (IPHONE_ES, "No fui yo. ¿Pueden cerrarla, por favor?"),
    (GMAIL_ES, "Sí, ahí estaré"),
    (OUTLOOK, "Lo siento, no puedo ese día."),
]


def test_every_mail_is_answered_through_us(everything):
    """The tag says which mail is answered; about a call it is the one of its calendar entry."""
    rows = {message_id(row): row for row in Delivery.objects.all()}
    for mail in everything:
        (reply_to,) = mail.message["Reply-To"].addresses
        row = rows[mail.id]
        purpose = reply_addresses.ANSWER if registry[row.kind].reply_tag == "tag" else reply_addresses.REPLY
        numbers = (row.recipient_id, row.about_id) if purpose == reply_addresses.ANSWER else (row.pk,)
        if row.about.startswith("series:"):  # one of its calls stands for it
            _person, call = reply_addresses.read(purpose, reply_to.addr_spec) or (0, 0)
            assert Meeting.objects.filter(pk=call, series=row.about_id).exists()
            numbers = row.recipient_id, call
        assert reply_addresses.read(purpose, reply_to.addr_spec) == numbers, row.kind
        assert reply_addresses.is_ours(reply_to.addr_spec)
        assert reply_to.display_name == mail.message["From"].addresses[0].display_name


def reached(mail: InboundMail) -> bool:
    """The queue of staff, the note that co-chairs see, or a mail to somebody."""
    carried = Delivery.objects.filter(kind="carried_words", about=mail.about).exists()
    answers = ApplicationQuestion.objects.exclude(answer="").filter(answer=mail.words)
    return mail.state == "waiting" or carried or answers.exists() or ReplyNote.objects.filter(mail=mail).exists()


def test_eight_replies_to_each_kind_reach_somebody(everything):
    kinds = {}
    for row in Delivery.objects.order_by("pk"):
        kinds.setdefault(row.kind, row)
    mails = {mail.id: mail for mail in everything}
    lost = []
    for kind, row in kinds.items():
        mail = mails[message_id(row)]
        for style, words in REPLIES:
            came = receive(written(mail, style, words, mail.recipient))
            if not reached(came):
                lost.append((kind, words, came.outcome))
        ReplyNote.objects.all().delete()
    assert kinds.keys() == registry.keys()
    assert lost == []


def test_no_machine_is_answered_whatever_kind_it_answers(everything):
    mails = {mail.id: mail for mail in everything}
    kinds = {row.kind: mails[message_id(row)] for row in Delivery.objects.order_by("-pk") if message_id(row) in mails}
    assert kinds.keys() == registry.keys()
    before, answered = Delivery.objects.count(), []
    for (kind, mail), headers in zip(kinds.items(), itertools.cycle(AUTOMATIC), strict=False):
        came = receive(written(mail, GMAIL, "I am away.", mail.recipient, **headers))
        if came.state != "ignored" or Delivery.objects.count() != before:
            answered.append((kind, headers, came.outcome))
    assert answered == []
