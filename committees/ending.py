"""Ends open requests to join when a membership in the network or an account ends."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from members.models import User
from members.signals import ended


@receiver(ended)
def withdraw_requests(sender: type[User], person: User, **kwargs: Any) -> None:
    for request in person.join_requests.filter(closed_at=None):
        request.withdraw()
