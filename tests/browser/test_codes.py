"""The code from the mail on a small phone: one field with number keys, wide enough for what the mail shows."""

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from members.accounts import guessing
from members.models import Count, Delivery
from members.models.counts import span


@pytest.mark.parametrize("digits", [8, 12])
def test_what_the_mail_shows_is_pasted_whole_and_stands_in_the_field_whole(open_page, mo, digits):
    cache.clear()
    if digits == 12:
        since, ends_at = span(guessing.DAY)
        Count.objects.create(key="wrong code:portal:all", since=since, ends_at=ends_at, n=guessing.BUDGETS["portal"])
    page = open_page("/account/login/", viewport={"width": 320, "height": 640})
    page.get_by_label("Your email").fill(mo.email)
    page.get_by_role("button", name="Email me a code").click()
    field = page.get_by_label("Code")
    expect(field).to_have_attribute("inputmode", "numeric")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    expect(page.get_by_text("like 1234 5678")).to_be_visible()
    code = Delivery.objects.filter(kind="sign_in_code").latest("pk").facts["code"]
    assert len(code) == digits
    field.fill(" ".join(code[start : start + 4] for start in range(0, digits, 4)))
    assert field.evaluate("field => field.scrollWidth <= field.clientWidth"), "cut off"
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    assert page.said == []
