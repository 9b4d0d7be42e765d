"""What a message says to whom, and who may be answered. (Every kind of message: test_every_mail.py.)"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import time as time_of_day
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone

from committees.announcements import announcing
from committees.joining import requests as joining
from committees.models import Announcement
from events.agenda import publishing
from events.models import AgendaItem
from events.schedule import scheduling
from members.mail import reply_addresses
from members.mail.emails import KEY, RenderCache, RenderedEmail, placeholder
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.factories import CommitteeFactory, MembershipFactory
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


def test_words_that_look_like_a_mark_of_ours_are_only_words(smtp, carla, committee, mo):
    """A mark in what somebody wrote was filled once, with each reader's own token."""
    names = ("rsvp", "stop", "tag", "to", "organizer", "attendee", "message_id", "date")
    assert len(KEY) == 16 and KEY in placeholder("rsvp")  # random in each process: nobody can type one
    typed = " ".join(f"xMARKx{name}xMARKx" for name in names)
    start = timezone.localtime(timezone.now() + timedelta(days=5), timezone.get_default_timezone())
    when = {"local_date": start.date(), "local_time": time_of_day(19), "timezone": "America/New_York"}
    scheduling.schedule(committee, carla, title=typed[:120], summary=typed, **when)
    call = call_in(5 * DAY, committee, carla, title=typed[:120], summary=typed)
    deliver()
    asked = CommitteeFactory(join_policy="ask")
    MembershipFactory(committee=asked, user=carla, role="chair")
    joining.ask(asked, mo, typed)
    AgendaItem.add(call, carla, title=typed[:120], minutes=15)
    mo.notification_preferences.create(kind="agenda_published", cadence="at_once")
    publishing.publish_agenda(call, carla)
    announcing.announce(Announcement.begin(carla, committee, headline=typed[:90], body=typed, by_staff=False), carla)
    deliver()
    kinds = set(Delivery.objects.filter(state="sent").values_list("kind", flat=True))
    assert {"invitation", "agenda_published", "announcement", "join_request"} <= kinds
    for mail in smtp.received:
        parsed = message_from_bytes(mail.raw, policy=policy.default)
        for part in (parsed.get_body(("plain",)), parsed.get_body(("html",))):
            assert "xMARKxrsvpxMARKx" in part.get_content(), mail.raw
            for name in re.findall(r"xMARKx(\w+?)xMARKx", part.get_content()):
                assert name in names


@pytest.mark.parametrize("audience", ["nobody", "committees"])
def test_what_is_written_back_comes_through_us_and_shows_no_address(smtp, committee, carla, mo, audience):
    carla.profile.email_audience = audience
    carla.profile.save()
    call = call_in(DAY - 1, committee, carla)
    plan()
    deliver()
    (mail,) = smtp.to(mo.email)
    (reply_to,) = mail.message["Reply-To"].addresses
    assert reply_addresses.read(reply_addresses.ANSWER, reply_to.addr_spec) == (mo.pk, call.pk)
    assert reply_to.display_name == "Economic Justice at Local Progress"
    assert carla.email not in mail.raw.decode()
    assert "Reply, and it goes to the co-chairs through us." in mail.message.get_body(("plain",)).get_content()


def test_conversations_that_want_the_same_letter_at_once_write_it_once():
    cache, written = RenderCache(), []

    def write() -> RenderedEmail:
        time.sleep(0.05)
        written.append(RenderedEmail("subject", "text", "html", "sender"))
        return written[-1]

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _number: cache.get("moved", write), range(4)))
    assert len(written) == 1 and all(each is written[0] for each in got)


def test_without_a_co_chair_a_mail_says_that_staff_read_what_is_written_back(smtp, committee, carla, mo):
    call_in(DAY - 1, committee, carla)
    committee.memberships.get(user=carla).end(carla)
    plan()
    deliver()
    (mail,) = smtp.to(mo.email)
    for kind in ("plain", "html"):
        assert "Reply, and staff read it." in mail.message.get_body((kind,)).get_content()
