"""In how many states members serve, and how many in each."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Office, User
from portal.statemap import NAMES

NO_STATES = ("DC", "PR", "AS", "GU", "MP", "VI")  # which elect local officials too


def members_by_state() -> dict[str, int]:
    """Who holds offices in two states counts in both."""
    offices = Office.objects.current().filter(user__in=User.objects.members().values("pk")).order_by()
    counts = offices.values_list("jurisdiction__state").annotate(n=Count("user", distinct=True))
    return {state: n for state, n in counts if state in NAMES}


def finding(counts: dict[str, int]) -> str:
    """Members in 47 states, D.C. and Puerto Rico."""
    if not counts:
        return _("No member’s office is known yet")
    states = sum(code not in NO_STATES for code in counts)
    words = [ngettext("%(n)d state", "%(n)d states", states) % {"n": states}] if states else []
    words += [str(NAMES[code]) for code in NO_STATES if code in counts]
    *first, last = words
    return _("Members in %(places)s") % {
        "places": _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    }


def ranked(counts: dict[str, int]) -> list[tuple[str, int]]:
    """By name of state; most first."""
    return sorted(((str(NAMES[code]), n) for code, n in counts.items()), key=lambda each: (-each[1], each[0]))
