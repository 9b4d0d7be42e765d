"""Two accounts side by side, merged and taken back, in a browser: light and dark, narrow."""

import os

from django.utils import timezone
from playwright.sync_api import expect

from members.models import Office, User
from members.roster.merging import finding
from tests.browser.looking import objections, tight_spots
from tests.factories import JurisdictionFactory, MembershipFactory, UserFactory


def test_two_accounts_are_compared_merged_and_taken_back(open_page, committee, stu):
    town = JurisdictionFactory(name="Pueblo", state="CO")
    dana = UserFactory(name="Dana Kim", email="dana.kim@pueblo.example", last_login=timezone.now())
    twin = UserFactory(name="Dana M. Kim", email="dkim@mail.example", last_login=timezone.now())
    for person in (dana, twin):
        Office.objects.create(user=person, title="City Council Member", level="city", jurisdiction=town)
    MembershipFactory(committee=committee, user=twin)
    finding.find()
    page = open_page("/staff/duplicates/", stu)
    assert objections(page, "light") == []
    _shoot(page, "duplicates")
    page.get_by_role("link", name="Dana Kim").click()
    assert objections(page, "light", "dark") == []
    assert tight_spots(page) == []
    _shoot(page, "compare")
    page.get_by_role("radio", name="Dana M. Kim").check()
    page.get_by_role("button", name="Merge into one account").click()
    expect(page.get_by_role("heading", name="Merged accounts")).to_be_visible()
    assert objections(page, "light") == []
    _shoot(page, "merged")
    assert User.objects.get(pk=dana.pk).name == "Dana M. Kim"
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("It was taken back already.")).to_be_visible()
    assert User.objects.get(pk=twin.pk).merged_into is None


def _shoot(page, name):
    if folder := os.environ.get("SHOTS"):
        for width, colors in ((390, "light"), (1280, "dark")):
            page.emulate_media(color_scheme=colors)
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/merging-{name}-{width}.png", full_page=True)
