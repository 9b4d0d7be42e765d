"""What we send: how often each kind comes, everywhere and for one committee otherwise, and when messages rest.

Here and not in members, because it names committees.
"""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from committees.models import Membership
from members.mail.kinds import always_sent
from members.settings.notification_forms import NotificationsForm, Place
from members.web import kept, saving
from members.web.acts import page_or_post
from members.web.pages import page_at


@page_or_post
def notifications(request: HttpRequest) -> HttpResponse:
    memberships = Membership.objects.of(request.user).select_related("committee").order_by("committee__name")
    places = {
        membership.committee.scope: Place(membership.committee.name, membership.role) for membership in memberships
    }
    form_of = partial(NotificationsForm, user=request.user, places=places)
    form = form_of(request.POST if request.method == "POST" else None)
    words = _("We’ll send what you chose.")
    if answer := saving.answered(request, form, words, "settings_notifications", fresh=form_of):
        return answer
    context = {"form": form, "always": always_sent(), **page_at("settings", section="notifications")}
    return kept.page(request, "portal/settings_notifications.html", context, form)
