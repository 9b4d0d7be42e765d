"""The organization's calendar day: terms and roles begin and end at its midnight, whoever asks from wherever."""

from datetime import date

from django.utils import timezone


def today() -> date:
    """Today in the organization's zone (settings.TIME_ZONE), not in the reader's."""
    return timezone.localdate(timezone=timezone.get_default_timezone())
