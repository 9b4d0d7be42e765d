"""What ends with a membership or an account: sessions, tokens, and requests that wait.

It ends in the transaction of the verb, so reopening an account brings nothing back. The apps above end what is theirs
(committees.ending, events.ending).
"""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from members.accounts import sessions
from members.mail import decision
from members.mail.kinds import registry
from members.mail.suppression import CLOSED, LEFT
from members.models import Delivery, KeptForm, User
from members.signals import ended


@receiver(ended)
def end_with(sender: type[User], person: User, by: User, **kwargs: Any) -> None:
    sessions.end_all(person)
    KeptForm.objects.filter(person=person).delete()
    for application in person.applications.waiting():
        application.decline(by, "")
    person.refresh_from_db(fields=["is_active", "left_at"])
    _drop_mail(person)


def _drop_mail(person: User) -> None:
    """What would not go to the person as they are now: it does not go either when they are back."""
    stop = LEFT if person.is_active else CLOSED
    kinds = [kind for kind, notice in registry.items() if stop in decision.suppression_rules(notice)]
    waiting = Delivery.objects.filter(recipient=person, kind__in=kinds, state__in=Delivery.UNSENT)
    waiting.update(state=Delivery.State.SUPPRESSED, lease=None, reason=str(stop.words))
