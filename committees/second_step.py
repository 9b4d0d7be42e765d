"""Registers co-chairs as people whom the organization may ask for a second step at every sign-in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.dispatch import receiver

from committees.models import Membership
from members.models import User
from members.signals import second_step_wanted


@receiver(second_step_wanted)
def of_co_chairs(sender: type[User], person: User, **kwargs: Any) -> bool:
    return settings.CHAIRS_TAKE_SECOND_STEP and Membership.objects.of(person).chairs().exists()
