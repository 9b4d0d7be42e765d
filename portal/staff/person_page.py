"""What staff see of one person: what they may do about the account, its facts, and how each application stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from members.models import Application, User
from members.roster.merging import views as merging
from portal.templatetags.times import when_day, when_day_short, when_list, zone_name


@dataclass(frozen=True)
class Act:
    """A button at the head of the page. `posts`: it does it at once, without a page that asks."""

    label: str
    url: str
    css: str = ""
    posts: bool = False


def acts(person: User, reader: User) -> list[Act]:
    if not reader.has_perm("members.decide_standing", person) or person.is_erased:
        return []
    standing = reverse("staff_member_standing", args=[person.pk])
    offered = {
        Act(_("Messages"), reverse("staff_member_messages", args=[person.pk])): True,
        Act(_("Roles and signing in"), reverse("staff_member_access", args=[person.pk])): reader.is_staff,
        Act(_("See as they do…"), reverse("staff_look_as", args=[person.pk])): reader.has_perm(
            "members.look_as", person
        ),
        Act(_("Sign out everywhere"), reverse("staff_member_sign_out", args=[person.pk]), posts=True): person.is_active,
        Act(_("Merge…"), merging.address_of(person)): person.is_active,
        Act(_("End membership…"), f"{standing}?to=leave"): person.is_member,
        Act(_("Close account…"), f"{standing}?to=deactivate", " btn--danger"): person.is_active,
        Act(_("Erase data…"), reverse("staff_member_erase", args=[person.pk])): not person.is_erased,
        Act(_("Bring back…"), f"{standing}?to=reinstate", " btn--primary"): not person.is_active or person.left_at,
    }
    return [act for act, is_open in offered.items() if is_open]


def facts(person: User, *, revealed: bool) -> Iterator[tuple[str, str]]:
    yield _("Time zone"), zone_name(person.timezone)
    yield _("Member since"), when_day(person.admitted_at) if person.admitted_at else _("Not admitted")
    if person.left_at:
        yield _("Left"), when_day(person.left_at)
    yield _("Account since"), when_day(person.created_at)
    yield _("Last sign-in"), when_list(person.last_login) if person.last_login else _("Never")
    if revealed:
        yield _("Email"), format_html('<a href="mailto:{0}">{0}</a>', person.email)
        if further := person.further_addresses:
            yield _("Signs in also at"), ", ".join(further)
        yield _("Mobile"), str(person.profile.phone or _("Not given"))
    else:
        yield _("Email and mobile"), _("Hidden")


def state_of(application: Application) -> SafeString:
    """Approved by Jonah, Mon, March 8"""
    if application.decided_at is None:
        return format_html("{} {}", _("Waiting since"), when_day_short(application.submitted_at))
    day, decision = when_day_short(application.decided_at), application.get_decision_display()
    if application.decided_by is None:
        return format_html("{} {}", decision, day)
    return format_html("{} {} {}", decision, format_html(_("by <bdi>{}</bdi>,"), application.decided_by.name), day)
