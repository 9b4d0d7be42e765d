"""Guessing the second step. Whoever does so has passed the first step, so the owner is told.

Ten wrong codes in a row are free; then the wait doubles with each, from one minute to ten. A browser that signed in
before counts for itself. A passkey never waits: it can't be guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from members.accounts import devices
from members.accounts.messages import tell_of_wrong_steps
from members.models import User, WrongSteps
from members.models.wrong_steps import FREE
from members.times import clock

TOLD_FOR = timedelta(days=1)


class Outcome(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"  # nobody looked at it


def attempt(request: HttpRequest, user: User, is_right: Callable[[], bool]) -> Outcome:
    """One try. It counts as wrong while it is checked, so simultaneous tries are no more than successive ones."""
    device = devices.trusted_for(request, user.email)
    wrong = WrongSteps.objects.begin(user.pk, device)
    if not wrong:
        return Outcome.WAIT
    if is_right():
        WrongSteps.objects.was_right(user.pk, device)
        return Outcome.RIGHT
    if wrong >= FREE:
        _tell(user, device, wrong)
    return Outcome.WRONG


@transaction.atomic
def _tell(user: User, device: str, wrong: int) -> None:
    """Once a day, whoever is first."""
    not_told_lately = Q(told_at=None) | Q(told_at__lt=clock.now() - TOLD_FOR)
    if WrongSteps.objects.filter(not_told_lately, user=user, device=device).update(told_at=clock.now()):
        tell_of_wrong_steps(user, wrong)
