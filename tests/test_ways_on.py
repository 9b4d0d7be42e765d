"""Each address that only takes a POST leads to its form. That none is a dead end is looked at in tests/test_access.py."""

import re

import pytest
from django.urls import reverse

from members.web.acts import PAGE
from tests.access_table import TABLE
from tests.test_access import ADMIN, clients, outcome, patterns, takes_only_posts, world

__all__ = ["clients", "world"]
ACTS = {name for name, pattern in patterns() if hasattr(pattern.callback, PAGE)}


def address(name: str, world) -> str:
    row = TABLE[name]
    return reverse(name, args=row.arguments(world)) if row.arguments else row.path or reverse(name)


def test_every_address_that_only_takes_a_post_names_its_page():
    """Those the table says are led on are those that declare their page, and no page says `no such method`."""
    led = {name for name, row in TABLE.items() if "P" in row.GET}
    assert led == ACTS - {"demo_sign_in"}
    assert [name for name, row in TABLE.items() if "M" in row.GET] == []


def test_signing_in_leads_to_the_page_of_the_form(world, clients):
    """`next` after a POST, a fragment or a GET without a session never names an address that only takes a POST."""
    visitor = clients["anonymous"]
    answers = [
        (name, ask(address(name, world))) for name in sorted(ACTS & set(TABLE)) for ask in (visitor.post, visitor.get)
    ]
    locations = {name: answer["Location"] for name, answer in answers if answer.status_code in (302, 303)}
    assert {name: location for name, location in locations.items() if takes_only_posts(location)} == {}


def test_the_page_a_form_was_sent_from_comes_before_the_one_declared(meeting, client):
    tapped = client.post(
        reverse("meeting_rsvp", args=[meeting.slug]), HTTP_REFERER="http://testserver/calls/?when=past"
    )
    assert tapped["Location"] == "/account/login/?next=/calls/%3Fwhen%3Dpast"
    elsewhere = client.post(reverse("meeting_rsvp", args=[meeting.slug]), HTTP_REFERER="https://evil.example/calls/")
    assert elsewhere["Location"] == f"/account/login/?next={meeting.get_absolute_url()}"


def test_what_takes_no_such_method_says_so_on_a_page(client):
    page = client.post("/about/")
    assert (page.status_code, "Go to the start" in page.text) == (405, True)


def test_the_admin_has_no_dead_ends_either(clients):
    for name, pattern in patterns():
        if name.startswith(ADMIN) and "<" not in str(pattern.pattern) and "(" not in str(pattern.pattern):
            response = clients["admin"].get(reverse(name))
            assert outcome(response) == "L" or response.status_code in (301, 302) or response.content.strip(), name


@pytest.mark.parametrize(
    "name",
    [
        "application_answer",
        "join_link",
        "rsvp_link",
        "not_me_link",
        "office_link",
        "request_link",
        "unsubscribe",
        "vouch_link",
    ],
)
def test_a_link_that_does_not_work_says_so_and_leads_on(client, db, name):
    page = client.get(reverse(name, args=["1.2.3:nonsense"]))
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert (page.status_code, "<h1>This link doesn’t work</h1>" in main) == (404, True)
    ways = re.findall(r'<a class="btn[^"]*"\s+href="(/[^"]*)"', main)
    assert [client.get(way).status_code for way in ways] in ([200], [302]), ways
