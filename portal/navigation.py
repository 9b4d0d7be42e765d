"""The places of the portal, as its navigations list them. A page says which one it belongs to (`nav`, `section`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import User


@dataclass(frozen=True)
class Place:
    name: str
    label: Promise
    address: str  # the name of its URL
    icon: str = ""
    apart: bool = False  # below a rule
    asks: str = ""  # the right without which it is not listed

    @cached_property
    def url(self) -> str:
        return reverse(self.address)

    def is_for(self, user: User | AnonymousUser) -> bool:
        return not self.asks or user.has_perm(self.asks)


_MEMBER = (
    Place("home", _("Home"), "home", "house"),
    Place("calls", _("Calls"), "meeting_list", "calendar-days"),
    Place("committees", _("Committees"), "committee_list", "users"),
    Place("library", _("Library"), "library", "library"),
    Place("people", _("People"), "people", "contact"),
)

PLACES = {
    "member": _MEMBER,
    "bottom": _MEMBER[:4],  # of the phone's bar; the rest is behind More
    "more": (_MEMBER[4], Place("settings", _("Settings"), "settings", "settings-2")),
    "public": (
        Place("issues", _("Issues"), "issue_list"),
        Place("committees", _("Committees"), "committee_list"),
        Place("about", _("About"), "about"),
    ),
    "settings": (
        Place("details", _("Your details"), "settings"),
        Place("office", _("Your office"), "settings_office"),
        Place("notifications", _("Notifications"), "settings_notifications"),
        Place("messages", _("Messages"), "settings_messages"),
        Place("privacy", _("Privacy"), "settings_privacy"),
        Place("calendar", _("Calendar"), "settings_calendar"),
        Place("hours", _("Hours for calls"), "settings_hours"),
        Place("security", _("Signing in"), "settings_security"),
        Place("data", _("Your data"), "settings_my_data"),
    ),
    "staff": (
        Place("today", _("Today"), "staff_today", "house"),
        Place("applications", _("Applications"), "staff_applications", "inbox", asks="members.decide_application"),
        Place("members", _("Members"), "staff_members", "users"),
        Place("terms", _("Terms"), "staff_terms", "calendar-days"),
        Place("committees", _("Committees"), "staff_committees", "list-checks"),
        Place("publications", _("Publications"), "staff_publications", "newspaper"),
        Place("announcements", _("Announcements"), "staff_announcements", "megaphone"),
        Place("deliveries", _("Messages"), "staff_deliveries", "mail"),
        Place("engagement", _("Engagement"), "staff_reports", "chart-column"),
        Place("activity", _("Activity log"), "staff_activity", "history", apart=True),
    ),
}
