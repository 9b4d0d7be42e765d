"""Reads what an applicant writes back to a question of staff: it is the answer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.applications.messages import ApplicationAsked
from members.correspondence import waiting
from members.mail.incoming import mime, own_words
from members.mail.incoming.answered import answered, is_from
from members.mail.incoming.inbox import REPLIES, Outcome, reader, why_automatic
from members.models import ApplicationQuestion, InboundMail


@reader(REPLIES - 1)
def read_applicants_answer(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """None for every other mail, and for one that comes after the first answer or the decision: staff read those."""
    delivery = answered(mail, opened)
    if delivery is None or delivery.kind != ApplicationAsked.kind or not is_from(opened, delivery.to):
        return None
    words = own_words.latest(opened.text)
    if not words or why_automatic(mail, opened) or waiting.why_no_person(opened):
        return None
    question = ApplicationQuestion.objects.waiting().filter(pk=delivery.about_id).select_related("application").first()
    if question is None or not question.say(words[:ANSWER]):
        return None
    mail.words = words
    return Outcome(_("It answers our question about the application."), person=delivery.recipient)


ANSWER = ApplicationQuestion._meta.get_field("answer").max_length or 0
