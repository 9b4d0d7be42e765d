"""A call with one seat: who comes second is in line, and takes the seat that becomes free from a mail, signed in nowhere."""

from django.urls import reverse
from playwright.sync_api import expect

from events.answers import waitlist
from events.answers.answering import respond
from events.models import Meeting, Rsvp
from members.mail import links
from tests.browser.looking import PROBLEMS
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory

PHONE = {"viewport": {"width": 390, "height": 844}}


def test_from_the_wait_list_to_a_seat_on_a_phone_with_the_keyboard(transactional_db, open_page):
    committee = CommitteeFactory(slug="economic-justice", name="Economic Justice")
    carla = MembershipFactory(committee=committee, user__name="Carla Núñez", role="chair").user
    mo = MembershipFactory(committee=committee, user__name="Mo Haddad").user
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek", seats=1)
    respond(call, carla, "going", seen=0)

    page = open_page(call.get_absolute_url(), mo, **PHONE)
    page.get_by_role("button", name="Going").first.press("Enter")
    expect(page.locator("[data-rsvp-say]").first).to_have_text("You’re on the wait list")
    expect(page.locator("#who")).to_contain_text("1 seat. 1 on the wait list.")
    assert page.evaluate(PROBLEMS) == []

    page = open_page(reverse("meeting_edit", args=[call.slug]), carla, **PHONE)
    page.get_by_label("Seats").fill("2")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.locator(".toast", has_text="Saved.")).to_be_visible()
    assert Meeting.objects.get(pk=call.pk).seats == 2
    assert waitlist.offer_seats() == 1

    link = reverse("rsvp_link", args=[links.rsvp_token(mo.pk, call.pk)])
    page = open_page(f"{link}?answer=accepted", **PHONE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("A seat is free for you")
    assert page.evaluate(PROBLEMS) == []
    assert Rsvp.objects.get(user=mo).response == "waiting"  # looking takes nothing
    page.get_by_role("button", name="Take the seat").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("You’re going")
