"""What stands in a list of mails: the news whole and first, the call named before a phone cuts; and what changed, old and new."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from events.messages.invitations import tell_scheduled
from events.schedule import scheduling
from events.templatetags.subjects import beside
from members.mail.kinds import registry
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from members.text.phones import dial_url
from members.times import formats
from tests.pipeline import DAY, call_in

LONG = "How counties budget for mental health crisis response after the pandemic"


@pytest.mark.parametrize(
    ("zone", "moment", "brief"),
    [
        ("America/Chicago", datetime(2026, 12, 1, 0, 0, tzinfo=UTC), "Mon Nov 30, 6 PM CT"),
        ("America/Chicago", datetime(2026, 7, 1, 0, 30, tzinfo=UTC), "Tue Jun 30, 7:30 PM CT"),
        ("America/Phoenix", datetime(2026, 7, 1, 0, 30, tzinfo=UTC), "Tue Jun 30, 5:30 PM MST"),
        ("America/Anchorage", datetime(2026, 12, 1, 0, 0, tzinfo=UTC), "Mon Nov 30, 3 PM AKT"),
        ("Pacific/Honolulu", datetime(2026, 12, 1, 0, 0, tzinfo=UTC), "Mon Nov 30, 2 PM HST"),
    ],
)
def test_a_time_is_brief_and_says_its_zone(zone, moment, brief):
    with timezone.override(zone):
        assert formats.brief(moment) == brief


def test_a_long_title_gives_way_and_the_news_does_not():
    for news in ("Can you come?", "Off:", "Now Tue Dec 1, 6:30 PM CT:"):
        shown = f"{news} {beside(LONG, news)}"
        assert len(shown) <= 45 and shown.startswith(news) and "How counties" in shown
    assert beside("County budgets", "Can you come?") == "County budgets"


@pytest.mark.django_db
def test_subjects_of_one_call(smtp, committee, carla, mo):
    call = call_in(5 * DAY, committee, carla, title="County budgets", duration=60)
    tell_scheduled(call)
    deliver()
    scheduling.edit(call, carla, duration=75, video_url="https://teams.microsoft.com/l/1")
    deliver()
    scheduling.cancel(call, carla, "No room")
    deliver()
    with timezone.override(mo.zone):
        when = formats.brief(call.starts_at)
    assert [mail.message["Subject"] for mail in smtp.to(mo.email)] == [
        f"Can you come? County budgets, {when}",
        "Changed: 75 minutes, new link: County budgets",
        f"Off: County budgets, {when}",
    ]


@pytest.mark.django_db
def test_changed_says_old_and_new_of_what_this_person_has_not_heard(smtp, committee, carla, mo):
    call = call_in(5 * DAY, committee, carla, title="County budgets", duration=60, dial_in="669-555-0142")
    tell_scheduled(call)
    deliver()
    scheduling.edit(call, carla, duration=75)
    deliver()
    scheduling.edit(call, carla, dial_in="")  # told together with the next, which makes it void
    scheduling.edit(call, carla, title="City budgets")
    deliver()
    first, second = (mail.message.get_body(("plain",)).get_content() for mail in smtp.to(mo.email)[1:])
    assert "Length: 75 minutes (was 60 minutes)" in first and "Topic:" not in first
    assert "Topic: City budgets (was County budgets)" in second and "Dial-in: none (was 669-555-0142)" in second
    assert "Length:" not in second


@pytest.mark.django_db
def test_a_mail_states_nothing_about_a_calendar_that_it_cannot_know(smtp, committee, carla, mo):
    tell_scheduled(call_in(5 * DAY, committee, carla))
    deliver()
    (mail,) = smtp.to(mo.email)
    text = mail.message.get_body(("plain",)).get_content()
    assert "Add to calendar: http://testserver/r/" in text and "on your calendar" not in text
    assert "\n-- \n" in text.replace("\r", "")
    address = text.partition("Add to calendar: http://testserver")[2].split()[0]
    page = Client().get(address).text
    assert "Google Calendar" in page and "call.ics" in page and "Outlook" in page


def test_the_head_of_a_mail_belongs_to_the_letter(db):
    kinds = [kind for kind, notice in registry.items() if not (notice.title or "digest" in kind)]
    assert kinds == []
    assert registry["application_declined"].title == "Your application"


@pytest.mark.parametrize(
    ("dial_in", "url"),
    [
        ("669-555-0142", "tel:+16695550142"),
        ("(669) 555-0142, code 123 456#", "tel:+16695550142,,123456#"),
        ("+44 20 7946 0958 PIN 9911", "tel:+442079460958,,9911#"),
        ("Ask Carla", ""),
        ("", ""),
    ],
)
def test_a_number_to_call_is_a_link_with_its_code(dial_in, url):
    assert dial_url(dial_in) == url


@pytest.mark.django_db
def test_a_call_in_a_summary_is_answered_from_there(smtp, committee, carla, mo):
    mo.notification_preferences.create(kind="invitation", cadence="daily")
    tell_scheduled(call_in(10 * DAY, committee, carla))
    deliver()
    row = Delivery.objects.get(recipient=mo)
    notice = registry["invitation"]
    assert notice.answer_url(row, notice.load([row])).startswith("http://testserver/r/")
