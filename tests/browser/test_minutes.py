"""Minutes from draft to approved in the browser: typing that saves itself, two people at once, keyboard, a phone."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import AgendaItem, Minutes
from events.record.minutes import writing
from tests.browser.looking import everything
from tests.events.test_minutes import decide, log, part, promise, typed
from tests.factories import AttendanceFactory, CallRunFactory, MeetingFactory

ACTS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SHOTS = Path("/tmp/minutes_shots")  # looked at beside the pictures when this is there


@pytest.fixture
def call(transactional_db, committee, carla, mo):
    committee.quorum_rule, committee.quorum_number = "number", 1
    committee.save()
    call = MeetingFactory(
        committee=committee, by=carla, title="Fair workweek: from ordinance to enforcement", starts_in=-DAY
    )
    items = [AgendaItem.add(call, carla, title=title) for title in ("State preemption: what passed", "Next steps")]
    run = CallRunFactory(meeting=call, ended_at=call.starts_at + timedelta(minutes=58))
    AttendanceFactory(meeting=call, user=mo, by=carla)
    log(run, 1, "Priya reported that two of the six bills advanced.", items[0])
    decide(run, 5, "Invite Madison’s enforcement director", items[0])
    promise(run, 7, "Draft a one-page brief", items[0], owner=mo, due_on=timezone.localdate() + timedelta(days=9))
    return call


DAY = timedelta(days=1)


def look(page, name: str) -> None:
    """axe in light and dark, nothing wider than a phone; and a picture for who asks for one."""
    if SHOTS.is_dir():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=SHOTS / f"{name}-{scheme}.png", full_page=True)
    assert everything(page) == []
    page.emulate_media(color_scheme="light")


def words_of(page, heading: str):
    return page.get_by_role("textbox", name=heading).first


def test_a_co_chair_writes_and_sends_with_the_keyboard(open_page, call, carla, stu):
    page = open_page(f"{call.get_absolute_url()}minutes/", carla, viewport=ACTS["desk"])
    expect(page.get_by_text("Draft a one-page brief")).to_be_visible()
    look(page, "editor")
    first = words_of(page, "1. State preemption: what passed")
    first.focus()
    page.keyboard.press("End")
    page.keyboard.type(" They are **stuck**.")
    expect(page.locator("#said")).to_contain_text("Saved at")
    item = call.agenda_items.in_order()[0]
    assert "They are **stuck**." in writing.current(call).sections[0].texts[0].text
    page.reload()
    expect(words_of(page, "1. State preemption: what passed")).to_have_value(
        "Priya reported that two of the six bills advanced. They are **stuck**."
    )
    writing.save(call, stu, typed(call, **{part(item): "Stu wrote this instead."}))
    words_of(page, "1. State preemption: what passed").press_sequentially("Mine. ")
    expect(page.get_by_role("alert").filter(has_text="Somebody saved this")).to_contain_text("Stu wrote this instead.")
    page.get_by_role("button", name="Use mine").press("Enter")
    expect(page.locator(".toast").filter(has_text="Saved.")).to_be_visible()
    assert "Mine." in writing.current(call).sections[0].texts[0].text
    page.get_by_role("button", name="Send for approval").press("Enter")
    page.get_by_role("button", name="Send to").press("Enter")
    expect(page.get_by_role("heading", name="Minutes", exact=True).or_(page.get_by_text("seconds"))).to_be_visible()
    assert Minutes.objects.get().sent_at


def test_a_member_comments_and_objects_on_a_phone(open_page, call, carla, mo):
    minutes = writing.send(
        call, carla, until=timezone.localdate() + timedelta(days=7), silently=True, audience="committee"
    )
    Minutes.objects.update(sent_at=timezone.now() - timedelta(minutes=5))
    page = open_page(f"{call.get_absolute_url()}minutes/", mo, viewport=ACTS["phone"])
    look(page, "reader-phone")
    page.locator(".para__comment").first.press("Enter")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what you want to say")
    page.get_by_label("Your comment").fill("Which bills?")
    page.get_by_role("button", name="Add the comment").dblclick()
    expect(page.get_by_text("Which bills?")).to_be_visible()
    assert minutes.comments.count() == 1
    page.get_by_role("link", name="Object").click()
    page.get_by_label("What is wrong?").fill("It was three of six.")
    page.get_by_role("button", name="Object").click()
    expect(page.get_by_text("Mo Haddad objects.")).to_be_visible()
    look(page, "objected-phone")
    page.set_viewport_size(ACTS["desk"])
    look(page, "objected")
    page.get_by_role("button", name="Withdraw my objection").click()
    expect(page.get_by_text("Mo Haddad objects.")).to_have_count(0)
    writing.approve(minutes, carla)
    writing.amend(
        minutes,
        carla,
        typed(call, **{part(call.agenda_items.in_order()[0]): "Priya Raman reported that three of the six advanced."}),
        seen=minutes.standing().number,
        reason="It was three",
    )
    page.goto(page.url.partition("#")[0] + "changes/")
    look(page, "changes")
