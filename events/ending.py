"""What ends here with a membership or an account: the address of the person's calendar."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from events.models import CalendarFeed
from members.models import User
from members.signals import ended


@receiver(ended)
def end_calendar_address(sender: type[User], person: User, **kwargs: Any) -> None:
    CalendarFeed.revoke(person)
