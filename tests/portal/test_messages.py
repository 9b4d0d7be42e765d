"""A person's own page of messages: what was sent or not, and why."""

import uuid
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from committees.joining.messages import tell_joined
from committees.models import Membership
from events.answers.answering import respond
from events.messages.invitations import tell_scheduled
from events.messages.why_not import why_unsent
from members.accounts.messages import send_sign_in_code
from members.mail import decision
from members.mail.kinds import registry
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.mail_desk.explain import explain
from members.models import Delivery, MessageSettings, NotificationPreference, User
from tests.pipeline import DAY, call_in, time_passes

pytestmark = pytest.mark.django_db

PAGE = "/settings/messages/"


@pytest.fixture
def client(sign_in, mo):
    return sign_in(mo)


def rows(page) -> list[str]:
    """Each message as one line."""
    found = BeautifulSoup(page.content, "html.parser").select("main .list > li")
    return [" ".join(row.get_text(" ").split()) for row in found]


def said(person: User, kind: str) -> str:
    with timezone.override(person.timezone):
        return explain(Delivery.objects.get(recipient=person, kind=kind), to_you=True)


def unsent(meeting, person: User) -> list[tuple[str, str]]:
    with timezone.override(person.timezone):
        return [(each.label, each.words) for each in why_unsent(meeting, person)]


# The list ---------------------------------------------------------------------------------------------


def test_it_lists_what_was_sent_and_what_not_newest_first_and_only_mine(smtp, client, committee, carla, mo):
    tell_joined(mo.memberships.get())
    deliver()
    time_passes(DAY)
    meeting = call_in(9, committee, carla)
    plan()
    respond(meeting, mo, "cant", seen=0)
    deliver()
    found = rows(client.get(PAGE))
    assert [row.split(" ")[0] for row in found] == ["My", "Reminders", "Joining"]
    assert "You answered that you can’t come." in found[1] and "Fair workweek" in found[1]
    assert "The mail server took it" in found[2]
    assert Delivery.objects.filter(recipient=carla).exists()


def test_a_secret_message_says_its_kind_and_time_and_no_more(client, mo):
    send_sign_in_code(mo.email, mo, "48172046")
    page = client.get(PAGE)
    (row,) = rows(page)
    assert row.startswith("Sign-in codes") and "481" not in page.content.decode().replace("hx-", "")
    assert "It is due" not in row


def test_one_call_is_filtered(client, committee, carla, mo):
    first, second = call_in(3 * DAY, committee, carla), call_in(4 * DAY, committee, carla, title="Other")
    for meeting in (first, second):
        tell_scheduled(meeting)
    page = client.get(PAGE, {"about": second.about})
    assert len(rows(page)) == 1 and "Messages about Other" in page.content.decode()


@pytest.mark.parametrize("about", ["meeting:0", "meeting:99999999999999999", "x", "meeting:", "meeting:1;--", "%"])
def test_what_is_not_there_gives_an_empty_or_the_whole_list(client, about):
    assert client.get(PAGE, {"about": about}).status_code == 200


def test_a_call_of_another_committee_says_nothing_about_itself(client, elsewhere, chet, mo):
    meeting = call_in(DAY, elsewhere, chet, title="Secret call")
    words = client.get(PAGE, {"about": meeting.about}).content.decode()
    assert "Secret call" not in words and "No messages yet" in words


def test_long_lists_are_paged(client, mo):
    Delivery.objects.bulk_create([Delivery(recipient=mo, kind="joined", about=f"membership:{n}") for n in range(33)])
    first = client.get(PAGE)
    assert len(rows(first)) == 30
    assert len(rows(client.get(PAGE + first.context["page"].next_url))) == 3


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(client, committee, carla, mo, many, django_assert_num_queries):
    for _n in range(many):
        tell_scheduled(call_in(3 * DAY, committee, carla))
    client.get(PAGE)
    with django_assert_num_queries(7):
        client.get(PAGE)


def test_the_page_of_a_call_leads_to_its_messages(client, committee, carla, mo):
    meeting = call_in(DAY, committee, carla)
    assert f"{PAGE}?about={meeting.about}" in client.get(meeting.get_absolute_url()).content.decode()


# Said to the person -------------------------------------------------------------------------------------


def test_what_rests_and_what_waits_for_a_digest_is_said_to_the_person(smtp, committee, carla, mo):
    here = timezone.now().astimezone(mo.zone)
    hours = {"quiet_from": (here - timedelta(hours=1)).time(), "quiet_until": (here + timedelta(hours=1)).time()}
    MessageSettings.objects.create(user=mo, **hours)
    tell_scheduled(call_in(5 * DAY, committee, carla))
    deliver()
    assert said(mo, "invitation").startswith("It is held until ")
    assert said(mo, "invitation").endswith(": your quiet hours.")
    NotificationPreference.objects.create(user=mo, kind="invitation", cadence="daily")
    assert said(mo, "invitation") == "It is kept for your next summary, as you chose."
    NotificationPreference.objects.update(cadence="never")
    assert said(mo, "invitation") == "It will not be sent: You turned this kind of message off."


def test_a_reason_with_a_doubt_keeps_its_doubt(smtp, committee, carla, mo):
    tell_scheduled(call_in(5 * DAY, committee, carla))
    Delivery.objects.filter(recipient=mo).update(state="sending", lease=uuid.uuid4(), handovers=1)
    NotificationPreference.objects.create(user=mo, kind="invitation", cadence="never")
    deliver()
    assert said(mo, "invitation") == "You turned this kind of message off. An earlier copy may have arrived."


def test_whatever_speaks_about_the_person_to_staff_speaks_to_the_person_too():
    stops = [
        stop
        for notice in registry.values()
        for stop in decision.suppression_rules(notice)
        if "person" in str(stop.words).lower()
    ]
    assert stops and [str(stop.words) for stop in stops if not stop.yours or "person" in str(stop.yours)] == []


# What has no row ----------------------------------------------------------------------------------------


def test_reminders_to_come_say_when(committee, carla, mo):
    mo.timezone = "America/Denver"
    meeting = call_in(3 * DAY, committee, carla, announced=timedelta(days=2), reminder_offsets=[7 * DAY, DAY])
    tell_scheduled(meeting)
    Delivery.objects.update(state="sent", sent_at=meeting.told_at)
    week, day = unsent(meeting, mo)
    local = (meeting.starts_at - timedelta(days=1)).astimezone(mo.zone)
    assert day == (
        "Reminder, 1 day before",
        f"It is due {local:%a, %B} {local.day}, {local.hour % 12 or 12}:{local:%M %p %Z}.",
    )
    assert week[0] == "Reminder, 1 week before" and week[1].endswith(", before you were told of this time.")


def test_what_will_not_come_says_why_in_the_words_of_the_hand_over(committee, carla, mo):
    meeting = call_in(3 * DAY, committee, carla, reminder_offsets=[DAY])
    tell_scheduled(meeting)
    Delivery.objects.update(state="sent", sent_at=meeting.told_at)
    NotificationPreference.objects.create(user=mo, kind="reminder", scope=meeting.scope, cadence="never")
    assert unsent(meeting, mo) == [("Reminder, 1 day before", "You turned this kind of message off.")]
    respond(meeting, mo, "cant", seen=0)
    assert unsent(meeting, mo) == [("Reminder, 1 day before", "You answered that you can’t come.")]
    meeting.cancel(carla, "No room")
    assert unsent(meeting, mo) == [("Reminder, 1 day before", "The call was canceled.")]


def test_who_joined_later_or_is_not_on_the_committee_reads_that(committee, carla, mo, olga):
    meeting = call_in(3 * DAY, committee, carla, reminder_offsets=[])
    assert unsent(meeting, mo) == [("Invitation", "No invitation was sent to you when the call was set.")]
    assert unsent(meeting, olga) == [("Economic Justice", "You’re not on the committee.")]
    Membership.begin(committee, olga, by=olga)
    meeting.refresh_from_db()
    assert unsent(meeting, olga) == [("Invitation", "You joined the committee after the call was set.")]


def test_the_page_of_a_call_says_it_too(client, committee, carla, mo):
    meeting = call_in(3 * DAY, committee, carla, reminder_offsets=[DAY])
    words = client.get(PAGE, {"about": meeting.about}).content.decode()
    assert "Not sent so far" in words and "Reminder, 1 day before" in words and "It is due" in words
