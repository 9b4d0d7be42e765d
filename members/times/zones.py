"""The time zones a person may choose: those of the United States and its territories first."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

US_ZONES = [
    ("America/New_York", _("Eastern")),
    ("America/Chicago", _("Central")),
    ("America/Denver", _("Mountain")),
    ("America/Phoenix", _("Arizona")),
    ("America/Los_Angeles", _("Pacific")),
    ("America/Anchorage", _("Alaska")),
    ("America/Adak", _("Aleutian")),
    ("Pacific/Honolulu", _("Hawaiʻi")),
    ("America/Puerto_Rico", _("Atlantic (Puerto Rico, Virgin Islands)")),
    ("Pacific/Guam", _("Guam and Northern Marianas")),
    ("Pacific/Pago_Pago", _("American Samoa")),
    ("America/Detroit", _("Eastern (Detroit)")),
    ("America/Indiana/Indianapolis", _("Eastern (Indiana)")),
    ("America/Boise", _("Mountain (Boise)")),
]


NOT_A_ZONE = "localtime"  # what Python takes for one on some machines, and the database on none


def home_zone() -> str:
    """The organization's: that of new people and committees until somebody chooses another."""
    return settings.TIME_ZONE


@cache
def known_zones() -> frozenset[str]:
    """Looked up once a process: Python opens every file of its time zone data to say what there is."""
    return frozenset(available_timezones() - {NOT_A_ZONE})


def validate_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone known here."""
    if name not in known_zones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone we know. Choose one from the list."), "unknown_zone", {"zone": name}
        )
