"""The committee of an address, as far as the person asking may know of it."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from committees.models import Committee


def find_committee(request: HttpRequest, slug: str) -> Committee:
    """Unseen is 404. The asker's role and open request come along."""
    committee = get_object_or_404(Committee.objects.for_page(request.user), slug=slug)
    if request.user.is_authenticated:
        committee.know_role(request.user, committee.my_role)
    return committee
