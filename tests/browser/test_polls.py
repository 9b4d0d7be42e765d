"""A poll from its making to the call, on a phone and by keyboard, with what axe says of each page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate
from playwright.sync_api import expect

from events.models import Meeting, Poll, PollVote
from members.mail import links
from tests.browser.looking import everything, objections
from tests.polls import PollFactory

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def poll(transactional_db, committee, carla, mo) -> Poll:
    return PollFactory(committee=committee, by=carla)


def fill_times(page, *days: int) -> None:
    for number, day in enumerate(days, start=1):
        page.fill(f"#id_date_{number}", str(localdate() + timedelta(days=day)))
        page.fill(f"#id_time_{number}", "15:00")


def said_of(page) -> list[str]:
    """Without what axe says when it knocks at the frames of sample mails, which let nobody in."""
    return [words for words in page.said if "postMessage" not in words]


def press(page, name: str, role: str = "button") -> None:
    """Reached with the keyboard's focus, pressed with Enter."""
    button = page.get_by_role(role, name=name).first
    button.focus()
    page.keyboard.press("Enter")


def test_a_poll_from_its_making_to_the_call(open_page, committee, carla, mo, come_back):
    page = open_page(reverse("poll_new", args=[committee.slug]), carla)
    page.fill("#id_title", "Rent boards")
    fill_times(page, 5)
    press(page, "Look at the email")
    expect(page.get_by_text("Offer two times at least").first).to_be_visible()
    assert page.input_value("#id_title") == "Rent boards"
    assert everything(page) == []
    fill_times(page, 5, 6, 7)
    press(page, "Look at the email")
    expect(page.get_by_role("heading", name="2 people get this email")).to_be_visible()
    assert objections(page, "light", "dark") == []
    page.get_by_role("button", name="Send to 2 people").dblclick()
    expect(page.get_by_role("heading", name="Rent boards")).to_be_visible()
    assert Poll.objects.count() == 1
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Rent boards")).to_be_visible()
    assert Poll.objects.count() == 1

    come_back(page, mo)
    poll = Poll.objects.get()
    page.goto(poll.get_absolute_url())
    first, second, third = poll.slots.all()
    page.locator(f"input[name='slot-{first.pk}']").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert everything(page) == []
    press(page, "Save my answers")
    expect(page.get_by_role("region", name="Messages").get_by_text("Your answers are saved.")).to_be_visible()
    answers = PollVote.objects.order_by("slot__starts_at").values_list("slot", "answer")
    assert list(answers) == [(first.pk, "yes"), (second.pk, "if_needed")]
    assert said_of(page) == []

    come_back(page, carla)
    page.goto(poll.get_absolute_url())
    assert objections(page, "light", "dark") == []
    press(page, "Change the times", "link")
    page.get_by_role("checkbox").nth(2).check()
    assert everything(page) == []
    press(page, "Save")
    expect(page.get_by_text("Taken out")).to_be_visible()
    assert not poll.slots.standing().filter(pk=third.pk).exists()
    press(page, "Choose this time", "link")
    press(page, "Look at the invitation")
    press(page, "Send to 2 people")
    page.wait_for_url("**/agenda/")
    assert Meeting.objects.get().starts_at == first.starts_at
    page.goto(poll.get_absolute_url())
    expect(page.get_by_text("The time is")).to_be_visible()
    assert said_of(page) == []


def test_the_link_of_a_mail_on_a_phone_without_script(open_page, poll, mo, carla):
    slot = poll.slots.first()
    link = reverse("poll_link", args=[links.poll_token(mo.pk, poll.pk)])
    page = open_page(f"{link}?{slot.pk}=yes")
    assert page.locator(f"input[name='slot-{slot.pk}'][value='yes']").is_checked()
    assert everything(page) == []
    bare = open_page(f"{link}?{slot.pk}=no", java_script_enabled=False)
    assert not PollVote.objects.exists()
    bare.get_by_role("button", name="Save my answers").click()
    assert "Your answers are saved." in bare.content()
    assert PollVote.objects.get().answer == "no"
    page.get_by_role("button", name="Save my answers").click()
    expect(page.get_by_text("You answered again since.")).to_be_visible()
    assert PollVote.objects.get().answer == "no"
    poll.close(carla)
    page.reload()
    expect(page.get_by_role("heading", name="Voting has ended")).to_be_visible()
    assert objections(page, "light", "dark") == []
