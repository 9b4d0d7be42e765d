"""Finding the poll of a request: unseen is 404, denied is 403."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from events.models import Poll


def find_poll(request: HttpRequest, key: uuid.UUID, perm: str = "") -> Poll:
    """Raises Http404, or PermissionDenied without `perm`."""
    polls = Poll.objects.visible_to(request.user).select_related("committee", "meeting", "chosen", "closed_by")
    poll = polls.filter(key=key).first()
    if poll is None:
        raise Http404
    if perm and not request.user.has_perm(perm, poll):
        raise PermissionDenied
    return poll


def fresh(poll: Poll) -> Poll:
    """As a verb needs it to try something out: what it changes in memory is nobody else's."""
    return Poll.objects.select_related("committee").get(pk=poll.pk)
