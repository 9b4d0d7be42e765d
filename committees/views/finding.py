"""Finds the committee of an address, if the reader may see it."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from committees.models import Committee
from members.models import User
from members.queries.prepared import prepared


@prepared
def _for_page(user: User, slug: str) -> QuerySet[Committee]:
    return Committee.objects.for_page(user).filter(slug=slug)


def find_committee(request: HttpRequest, slug: str) -> Committee:
    """The committee, with the reader's role and open request; 404 when the reader may not see it."""
    committee = next(iter(_for_page(request.user, slug)), None)
    if committee is None:
        raise Http404
    if request.user.is_authenticated:
        committee.know_role(request.user, committee.my_role)
    return committee
