"""One address answers a page and the part of it that a script swaps."""

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from members.web.fragments import wants_fragment


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({}, False),
        ({"hx-request": "true"}, True),
        ({"hx-request": "true", "hx-boosted": "true"}, False),
        ({"hx-request": "true", "hx-history-restore-request": "true"}, False),
    ],
)
def test_what_a_script_asks_for(headers, part):
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    assert wants_fragment(request) is part


@pytest.mark.parametrize("name", ["people", "search", "library", "staff_members"])
def test_going_back_in_the_history_brings_the_whole_page(sign_in, stu, name):
    address = reverse(name) + "?q=budget"
    as_stu = sign_in(stu)
    part = as_stu.get(address, headers={"hx-request": "true"})
    whole = as_stu.get(address, headers={"hx-request": "true", "hx-history-restore-request": "true"})
    assert b"<html" not in part.content
    assert b"<html" in whole.content
    for response in (part, whole, as_stu.get(address)):
        assert "HX-History-Restore-Request" in response["Vary"]
