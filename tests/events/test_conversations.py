"""All mails of one call to one person are one conversation, two calls are two, and nothing else hangs there."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from events.agenda import publishing
from events.answers.answering import respond
from events.models import AgendaItem, Meeting
from events.schedule import scheduling
from members.accounts import messages
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import User
from tests.conversations import conversations
from tests.pipeline import time_passes

pytestmark = pytest.mark.django_db


def live(committee, carla: User, mo: User, title: str) -> Meeting:
    """Invite, agenda, change, answer, move, reminder, cancel."""
    day = timezone.localdate() + timedelta(days=3)
    when = {"local_date": day, "local_time": time(18), "timezone": "America/New_York"}
    call = scheduling.schedule(committee, carla, title=title, video_url="https://zoom.us/j/9", **when)
    deliver()
    AgendaItem.add(call, carla, title="Buses", minutes=15)
    publishing.publish_agenda(call, carla)
    deliver()
    scheduling.edit(call, carla, duration=75)
    deliver()
    respond(call, mo, "going", seen=0)
    deliver()
    scheduling.move(call, carla, reason="Hearings", **when | {"local_date": day + timedelta(days=1)})
    deliver()
    start = Meeting.objects.get(pk=call.pk).starts_at
    time_passes((start - timezone.now() - timedelta(hours=23)).total_seconds() / 60)
    plan()
    deliver()
    call.refresh_from_db()
    scheduling.cancel(call, carla, "No room")
    deliver()
    return call


def test_a_call_is_one_conversation_and_two_are_two(smtp, committee, carla, mo):
    mo.notification_preferences.create(kind="agenda_published", cadence="at_once")
    live(committee, carla, mo, "County budgets")
    messages.tell_security_news(mo, "A passkey was added.")
    deliver()
    live(committee, carla, mo, "Fair workweek")
    mails = smtp.to(mo.email)
    threads = conversations(mail.message for mail in mails)
    assert sorted(map(len, threads)) == [1, 7, 7], [mail.message["Subject"] for mail in mails]
    assert {mail.message["Thread-Topic"] for mail in mails} == {"County budgets", "Fair workweek", None}


def test_two_people_have_two_roots(smtp, committee, carla, mo):
    live(committee, carla, mo, "County budgets")
    roots = {(mail.recipient, mail.message["References"]) for mail in smtp.received}
    assert len({root for _to, root in roots}) == len({to for to, _root in roots}) == len(roots)


def test_lists_are_named_for_the_committee_or_the_kind(smtp, settings, committee, carla, mo):
    settings.MAIL_FEEDBACK_ID = "progress"
    live(committee, carla, mo, "County budgets")
    messages.tell_security_news(mo, "A passkey was added.")
    deliver()
    lists = {mail.message["List-Id"] for mail in smtp.to(mo.email)}
    assert lists == {f'"Economic Justice" <committee-{committee.pk}.portal.example>', None}
    feedback = smtp.to(mo.email)[0].message["Feedback-ID"]
    assert feedback == f"invitation:committee-{committee.pk}:routine:progress"
