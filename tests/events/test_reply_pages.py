"""What came back by mail and waits: an answer for its member to confirm, a note for the co-chairs to read."""

import pytest
from django.urls import reverse

from events.models import CalendarReply, ReplyNote, Rsvp, RsvpAnswer
from members.models import AuditEntry, Delivery
from tests.events.test_replies import move, standing
from tests.replies import receive, reply

pytestmark = pytest.mark.django_db

FOREIGN = "assistant@city.example"


@pytest.fixture
def waiting(mo, meeting) -> CalendarReply:
    receive(reply("google", meeting, mo, "DECLINED", sender=FOREIGN, comment="Budget night"))
    return CalendarReply.objects.get()


@pytest.fixture
def note(mo, meeting) -> ReplyNote:
    receive(reply("words", meeting, mo))
    return ReplyNote.objects.get()


def html(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def decide(client, waiting: CalendarReply, **fields):
    return client.post(reverse("calendar_reply_decide", args=[waiting.meeting.slug, waiting.pk]), fields)


def settle(client, note: ReplyNote, **fields):
    return client.post(reverse("reply_note_settle", args=[note.meeting.slug, note.pk]), fields)


# An answer from another address ----------------------------------------------------------------------


def test_it_waits_on_home_and_on_the_page_of_the_call(sign_in, mo, carla, meeting, waiting):
    client = sign_in(mo)
    assert "Is this answer yours?" in html(client, "/")
    page = html(client, meeting.get_absolute_url())
    assert f"A calendar at {FOREIGN} answered “Can’t” to your invitation" in page and "Budget night" in page
    for address in ("/", meeting.get_absolute_url()):
        assert "Is this answer yours?" not in html(sign_in(carla), address)


def test_looking_changes_nothing(sign_in, mo, meeting, waiting):
    client = sign_in(mo)
    html(client, meeting.get_absolute_url())
    assert client.get(reverse("calendar_reply_decide", args=[meeting.slug, waiting.pk])).status_code == 303
    assert standing(meeting, mo) is None


def test_confirmed_it_is_the_members_answer(sign_in, mo, meeting, waiting):
    assert decide(sign_in(mo), waiting, confirm="1")["Location"] == meeting.get_absolute_url()
    rsvp = Rsvp.objects.get()
    assert (rsvp.user, rsvp.response, rsvp.note) == (mo, "declined", "Budget night")
    assert RsvpAnswer.objects.get().source == Rsvp.Source.CALENDAR
    assert Delivery.objects.filter(kind="rsvp_confirmation").count() == 1
    decide(sign_in(mo), waiting, confirm="1")
    assert RsvpAnswer.objects.count() == 1
    assert "Is this answer yours?" not in html(sign_in(mo), "/")


def test_discarded_it_is_gone(sign_in, mo, meeting, waiting):
    decide(sign_in(mo), waiting, discard="1")
    decide(sign_in(mo), waiting, confirm="1")
    assert standing(meeting, mo) is None
    assert "Is this answer yours?" not in html(sign_in(mo), meeting.get_absolute_url())


def test_nobody_else_decides(sign_in, carla, stu, olga, meeting, waiting):
    statuses = [decide(sign_in(person), waiting, confirm="1").status_code for person in (carla, stu, olga)]
    assert statuses == [404, 403, 404]
    assert not Rsvp.objects.exists()


def test_after_a_move_there_is_nothing_to_confirm(sign_in, carla, mo, meeting, waiting):
    move(meeting, carla)
    client = sign_in(mo)
    assert "Is this answer yours?" not in html(client, "/")
    decide(client, waiting, confirm="1")
    assert standing(meeting, mo) is None
    assert "The time of this call changed" in html(client, meeting.get_absolute_url())


# A note for the co-chairs ------------------------------------------------------------------------------


def test_it_is_on_the_co_chairs_home_and_on_the_page_of_answers(sign_in, carla, mo, meeting, note):
    assert "1 note by email" in html(sign_in(carla), "/")
    answers = html(sign_in(carla), reverse("meeting_answers", args=[meeting.slug]))
    assert "A few minutes late, though." in answers
    assert "note by email" not in html(sign_in(mo), "/")
    assert "A few minutes late" not in html(sign_in(mo), reverse("meeting_answers", args=[meeting.slug]))
    assert set(Delivery.objects.values_list("kind", "recipient")) == {("answer_unclear", mo.pk)}


def test_a_co_chair_records_what_it_says_and_the_trail_says_who(sign_in, carla, mo, meeting, note):
    settle(sign_in(carla), note, answer="accepted")
    assert standing(meeting, mo) == "accepted"
    answer = RsvpAnswer.objects.get()
    assert (answer.source, answer.answered_by) == (Rsvp.Source.STAFF, carla)
    assert AuditEntry.objects.get(verb="answered for another").actor == carla
    note.refresh_from_db()
    assert note.settled_by == carla
    assert "note by email" not in html(sign_in(carla), "/")


def test_two_co_chairs_at_once_record_it_once(sign_in, carla, stu, mo, meeting, note):
    settle(sign_in(carla), note, answer="accepted")
    settle(sign_in(stu), note, answer="declined")
    assert standing(meeting, mo) == "accepted"


def test_it_is_put_aside_without_an_answer(sign_in, carla, mo, meeting, note):
    settle(sign_in(carla), note)
    note.refresh_from_db()
    assert note.settled_by == carla
    assert standing(meeting, mo) is None


@pytest.mark.parametrize("answer", ["perhaps", "x" * 300])
def test_another_answer_is_refused_and_the_note_stays(sign_in, carla, note, answer):
    settle(sign_in(carla), note, answer=answer)
    note.refresh_from_db()
    assert note.settled_at is None
    assert not Rsvp.objects.exists()


def test_members_do_not_settle_notes(sign_in, mo, olga, note):
    assert [settle(sign_in(person), note, answer="accepted").status_code for person in (mo, olga)] == [403, 404]


def test_of_who_left_the_committee_nothing_is_recorded(sign_in, carla, mo, note):
    mo.memberships.get().end(by=carla)
    settle(sign_in(carla), note, answer="accepted")
    assert not Rsvp.objects.exists()


def test_a_proposed_time_is_shown_in_the_readers_zone(sign_in, carla, mo, meeting):
    receive(reply("outlook_counter", meeting, mo, comment="Could we start at three?", sender=FOREIGN))
    answers = html(sign_in(carla), reverse("meeting_answers", args=[meeting.slug]))
    assert "Proposes another time:" in answers and "3:00–4:00 PM" in answers
    assert f"from <bdi>{FOREIGN}</bdi>, and nothing proves that it’s <bdi>Mo</bdi>" in answers


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_many_notes(
    sign_in, carla, mo, meeting, django_assert_num_queries, many
):
    for _number in range(many):
        receive(reply("words", meeting, mo))
    client = sign_in(carla)
    address = reverse("meeting_answers", args=[meeting.slug])
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
