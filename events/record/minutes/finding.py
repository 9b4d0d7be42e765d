"""Finding the minutes of a request: unseen is 404, denied is 403."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Meeting, Minutes
from events.views.finding import find_meeting
from members.web.pages import page_at

KEEP = "events.keep_record"


@dataclass
class Found:
    """The minutes of a call for one reader. Without a row there is only what they would say, for those who keep them."""

    meeting: Meeting
    minutes: Minutes | None
    keeps: bool
    role: str

    @property
    def may_answer(self) -> bool:
        """Comment and object: those on the committee, while they are out."""
        return bool(self.minutes and self.minutes.takes_comments and self.role)

    def begun(self) -> Minutes:
        if self.minutes is None:
            raise Http404
        return self.minutes


def find(request: HttpRequest, slug: str, perm: str = "") -> Found:
    """Raises Http404 for minutes this person can't know of, PermissionDenied without `perm`."""
    visible = Minutes.objects.visible_to(request.user).for_listing()
    minutes = visible.of_call(slug).first()
    meeting = minutes.meeting if minutes else find_meeting(request, slug)
    keeps = request.user.has_perm(KEEP, meeting)
    if minutes is None and not keeps:
        if perm:
            raise PermissionDenied
        raise Http404
    if perm and not request.user.has_perm(perm, meeting):
        raise PermissionDenied
    return Found(meeting, minutes, keeps, meeting.role_of(request.user))


def context_of(found: Found, **more: Any) -> dict[str, Any]:
    return {
        **page_at("committees", back=found.meeting, label=found.meeting.title),
        "meeting": found.meeting,
        "committee": found.meeting.committee,
        "minutes": found.minutes,
        "stage": found.minutes.stage if found.minutes else Minutes.Stage.DRAFT,
        "keeps": found.keeps,
        **more,
    }


def back_to_minutes(found: Found) -> dict[str, Any]:
    return page_at("committees", back=reverse("meeting_minutes", args=[found.meeting.slug]), label=_("Minutes"))
