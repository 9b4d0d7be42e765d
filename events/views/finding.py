"""Finding the call of a request and asking whether its reader may do a thing: unseen is 404, denied is 403."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from committees.models import Committee
from committees.views.finding import find_committee
from events.models import Meeting
from members.models import User
from members.queries.prepared import prepared


@prepared
def _for_page(user: User, slug: str) -> QuerySet[Meeting]:
    return Meeting.objects.for_page(user).filter(slug=slug)


def find_meeting(request: HttpRequest, slug: str, perm: str = "") -> Meeting:
    """The call, with the reader's role and answer. Raises Http404, or PermissionDenied without `perm`."""
    meeting = next(iter(_for_page(request.user, slug)), None)
    if meeting is None:
        raise Http404
    if request.user.is_authenticated:
        meeting.committee.know_role(request.user, meeting.my_host_role)
    if perm and not request.user.has_perm(perm, meeting):
        raise PermissionDenied
    return meeting


def find_committee_for(request: HttpRequest, slug: str, perm: str) -> Committee:
    """The committee of an address. Raises Http404, or PermissionDenied without `perm`."""
    committee = find_committee(request, slug)
    if not request.user.has_perm(perm, committee):
        raise PermissionDenied
    return committee


def next_path(request: HttpRequest, otherwise: str) -> str:
    """Where the form (or the address that Undo posts to) asks to return to: a path of this site, or `otherwise`."""
    path = request.POST.get("next") or request.GET.get("next", "")
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if safe else otherwise
