"""Which pages a browser may keep: those for the public, shown to somebody without a session."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from committees.models import Publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication(committee):
    return Publication.objects.create(
        issue=committee.issue,
        type="report",
        title="Wages",
        slug="wages",
        summary="What works.",
        body="Long.",
        published_at=now(),
        dated_on=now(),
    )


def addresses(committee, publication) -> list[str]:
    names = ("home", "issue_list", "committee_list", "about", "privacy", "accessibility", "developers")
    plain = [reverse(name) for name in names]
    pages = [committee.issue, committee, publication]
    return [
        *plain,
        *(each.get_absolute_url() for each in pages),
        reverse("publication_list", args=[committee.issue.slug]),
    ]


def test_a_visitors_browser_goes_back_at_once_and_a_members_asks_again(client, sign_in, mo, committee, publication):
    for address in addresses(committee, publication):
        shown = client.get(address)
        assert (shown.status_code, shown["Cache-Control"]) == (200, "private, no-cache"), address
        assert sign_in(mo).get(address)["Cache-Control"] == "no-store, private", address


@pytest.mark.parametrize("name", ["account_login", "apply", "settings"])
def test_pages_with_a_form_or_for_members_are_never_kept(client, name):
    assert "no-store" in client.get(reverse(name))["Cache-Control"]
