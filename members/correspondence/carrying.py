"""Words that are carried on: from somebody who answered a mail to those who are meant, without an address either way.

What they write back to that comes through us too, and is carried to whoever wrote first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from members.correspondence.messages import CarriedWords
from members.mail.scopes import leaders
from members.models import Delivery, InboundMail, User

MOST_A_DAY = 20  # mails of one person that are carried on; what comes then waits for staff


def people_of(scope: str) -> QuerySet[User]:
    """Who leads the place of this scope: the co-chairs of "committee:3"."""
    sort, _colon, pk = scope.partition(":")
    return leaders[sort](int(pk)) if sort in leaders and pk.isdigit() else User.objects.none()


def carry(mail: InboundMail, words: str, writer: User, people: Iterable[User], scope: str = "") -> bool:
    """Send a member's words to these people; False when there is nobody, nothing to carry, or too much of it today."""
    others = [person for person in people if person != writer]
    if not (words and others) or _is_too_much(writer):
        return False
    mail.words, mail.person = words, writer
    CarriedWords.enqueue(others, mail.about, scope=scope)
    return True


@transaction.atomic
def write(writer: User, people: Iterable[User], *, subject: str, words: str, scope: str) -> bool:
    """Send what a member typed on a page to these people. False, with nothing sent, when it is too much today."""
    if _is_too_much(writer):
        return False
    outcome = _("%(name)s wrote to the co-chairs.") % {"name": writer.name}
    CarriedWords.enqueue(people, InboundMail.typed(writer, subject, words, outcome).about, scope=scope)
    return True


def carry_back(mail: InboundMail, words: str, answerer: User, first: InboundMail, scope: str = "") -> bool:
    """To whoever wrote what is answered, member or not."""
    if not words or _is_too_much(answerer) or not (first.person_id or first.sender):
        return False
    mail.words, mail.person = words, answerer
    if first.person_id:
        CarriedWords.enqueue(User.objects.active().filter(pk=first.person_id), mail.about, scope=scope)
    else:
        CarriedWords.enqueue_to(first.sender, mail.about, scope=scope)
    return True


def _is_too_much(writer: User) -> bool:
    lately = InboundMail.objects.filter(person=writer, received_at__gt=Now() - timedelta(days=1)).exclude(words="")
    carried = Delivery.objects.filter(kind=CarriedWords.kind, about_id__in=lately.values("pk"))
    return carried.values("about").distinct().count() >= MOST_A_DAY
