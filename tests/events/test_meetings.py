"""Putting a call on, changing, moving and canceling it; the pages that show it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Document, DocumentVersion, Membership
from events.messages.call_context import papers_by_item
from events.models import AgendaItem, Meeting
from events.schedule import scheduling
from events.schedule.views import same_weekday_next_month
from members.models import AuditEntry, Delivery
from members.times.wall_clock import happens_twice, instant
from members.web.meanwhile import ChangedMeanwhile
from tests.factories import MeetingFactory, MembershipFactory, publish_quietly
from tests.sending import in_two_steps

SCRIPT = "<script>alert('x')</script>"
SOON = (timezone.localdate() + timedelta(days=20)).isoformat()


def fields(**changes):
    return {
        "title": "Fair workweek",
        "summary": "What held up.",
        "local_date": SOON,
        "local_time": "15:00",
        "timezone": "America/New_York",
        "duration": "60",
        "video_url": "https://us02web.zoom.us/j/1",
        "dial_in": "669-555-0142",
        "reminders": "committee",
    } | changes


def schedule(client, committee, **changes):
    return in_two_steps(client, reverse("meeting_schedule", args=[committee.slug]), fields(**changes))


def text_of(response):
    return response.content.decode()


# Scheduling -------------------------------------------------------------------------------------------


def test_a_co_chair_schedules_and_everybody_on_the_committee_is_invited(sign_in, carla, mo, committee):
    response = schedule(sign_in(carla), committee)
    call = Meeting.objects.get()
    assert response["Location"] == reverse("meeting_agenda", args=[call.slug])
    assert (call.title, call.organizer, call.timezone, call.reminder_offsets) == (
        "Fair workweek",
        carla,
        "America/New_York",
        None,
    )
    assert set(Delivery.objects.filter(kind="invitation").values_list("recipient", flat=True)) == {carla.pk, mo.pk}
    assert AuditEntry.objects.filter(actor=carla, verb="scheduled").count() == 1


def test_saved_without_telling_nobody_is_invited(sign_in, carla, mo, committee):
    schedule(sign_in(carla), committee, quiet="1")
    assert Meeting.objects.count() == 1
    assert not Delivery.objects.exists()


def test_the_button_counts_who_gets_it(sign_in, carla, mo, committee):
    page = text_of(sign_in(carla).post(reverse("meeting_schedule", args=[committee.slug]), fields()))
    assert "Send to 2 people" in page
    assert not Meeting.objects.exists()


def test_own_reminders_replace_those_of_the_committee(sign_in, carla, committee):
    schedule(sign_in(carla), committee, reminders="own", reminder_offsets=["1440", "60"])
    assert Meeting.objects.get().reminder_offsets == [1440, 60]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"local_date": "2027-03-14", "local_time": "02:30"}, "2:30 AM does not exist on March 14 in Eastern time"),
        ({"timezone": "Mars/Phobos"}, "is not a time zone we know"),
        ({"timezone": ""}, "Choose the time zone that the time is in"),
        ({"local_date": "2026-01-05"}, "That time has passed"),
        ({"local_date": "someday"}, "Enter a date like 3/11/2027"),
        ({"local_time": "25:00"}, "Enter a time like 1:00 PM"),
        ({"title": ""}, "Write a title, so that people know what the call is about"),
        ({"title": "x" * 121}, "Shorten this to 120 characters. It has 121 now."),
        ({"duration": "3"}, "A call takes at least 5 minutes"),
        ({"video_url": "javascript:alert(1)"}, "Copy the whole video link, like https://video.example/j/123"),
        ({"video_url": "ftp://files.example/room"}, "Copy the whole video link, like https://video.example/j/123"),
        ({"reminders": "own", "reminder_offsets": ["7"]}, "Choose one of those shown"),
    ],
)
def test_a_mistake_gets_a_sentence_and_loses_nothing(sign_in, carla, committee, change, sentence):
    response = schedule(sign_in(carla), committee, **{"summary": "Words worth keeping"} | change)
    page = text_of(response)
    assert sentence in page
    assert "Words worth keeping" in page
    assert "<title>Error: " in page
    assert not Meeting.objects.exists()


def test_a_time_that_happens_twice_asks_which(sign_in, carla, committee):
    twice = {"local_date": "2027-11-07", "local_time": "01:30"}
    client = sign_in(carla)
    page = text_of(schedule(client, committee, **twice))
    assert "this time comes twice" in page
    assert "The second, after clocks went back (EST)" in page
    schedule(client, committee, **twice, fold="1")
    assert Meeting.objects.get().starts_at == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)


def test_the_first_of_two_is_an_hour_earlier():
    first, second = (instant(date(2027, 11, 7), time(1, 30), "America/New_York", fold) for fold in (0, 1))
    assert second - first == timedelta(hours=1)
    assert happens_twice(date(2027, 11, 7), time(1, 30), "America/New_York")
    assert not happens_twice(date(2027, 3, 14), time(2, 30), "America/New_York")
    assert not happens_twice(date(2027, 11, 7), time(1, 30), "America/Phoenix")


def test_the_wall_clock_stays_across_a_clock_change(carla, committee):
    before, after = (MeetingFactory(committee=committee, by=carla, local_date=date(2027, 3, day)) for day in (12, 15))
    assert after.starts_at - before.starts_at == timedelta(days=3, hours=-1)


def test_the_preview_names_every_zone_and_changes_nothing(sign_in, carla, committee):
    client, address = sign_in(carla), reverse("meeting_when", args=[committee.slug])
    page = text_of(client.get(address, {"local_date": SOON, "local_time": "15:00", "timezone": "America/New_York"}))
    assert "1:00 PM" in page
    assert "Hawaiʻi 10:00 AM" in page
    assert "does not exist" in text_of(
        client.get(address, {"local_date": "2027-03-14", "local_time": "02:30", "timezone": "America/New_York"})
    )
    assert text_of(client.get(address, {"local_date": "", "local_time": ""})).strip() == ""
    assert not Meeting.objects.exists()


def test_each_mistake_of_a_time_stands_at_its_field_alone(sign_in, carla, committee):
    page = sign_in(carla).post(reverse("meeting_schedule", args=[committee.slug]), {"title": "No time"}, follow=True)
    assert text_of(page).count("Enter the date of the call") == 2  # in the summary and at the field
    assert "notice--warn" not in page.content.decode()


def test_the_same_as_last_call_fills_everything_with_the_same_weekday(sign_in, carla, committee):
    last = MeetingFactory(
        committee=committee, by=carla, title="Second Thursday", dial_in="669-555-0142", local_date=date(2027, 3, 11)
    )
    page = text_of(sign_in(carla).get(reverse("meeting_schedule", args=[committee.slug]), {"like": last.slug}))
    assert ["Second Thursday" in page, "669-555-0142" in page, "https://video.example/j/123" in page] == [
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("last", "following"),
    [
        (date(2026, 11, 12), date(2026, 12, 10)),
        (date(2026, 10, 8), date(2026, 12, 10)),
        (date(2026, 10, 29), date(2026, 11, 26)),
        (date(2026, 12, 31), date(2027, 1, 28)),
        (date(1, 1, 11), date(2026, 12, 10)),
    ],
)
def test_the_next_second_thursday(time_machine, last, following):
    time_machine.move_to(datetime(2026, 11, 25, 13, 0, tzinfo=UTC))
    assert same_weekday_next_month(last) == following


def test_a_script_in_every_field_is_shown_as_text(sign_in, carla, mo, committee):
    client = sign_in(carla)
    schedule(client, committee, title=SCRIPT, summary=SCRIPT, dial_in=SCRIPT)
    call = Meeting.objects.get()
    call.move(
        carla,
        local_date=call.local_date + timedelta(days=1),
        local_time=call.local_time,
        timezone=call.timezone,
        reason=SCRIPT,
    )
    pages = [
        call.get_absolute_url(),
        "/calls/",
        reverse("meeting_print", args=[call.slug]),
        reverse("meeting_edit", args=[call.slug]),
        "/",
    ]
    assert [SCRIPT in text_of(client.get(page)) for page in pages] == [False] * 5
    assert "&lt;script&gt;" in text_of(client.get(call.get_absolute_url()))


@pytest.mark.parametrize(("who", "status"), [("mo", 403), ("olga", 403), ("chet", 403), ("ana", 403), (None, 302)])
def test_others_do_not_schedule(request, sign_in, committee, carla, who, status):
    client = sign_in(request.getfixturevalue(who) if who else None)
    assert schedule(client, committee).status_code == status
    assert not Meeting.objects.exists()


def test_a_term_that_ended_ends_the_right(sign_in, carla, committee):
    Membership.objects.filter(user=carla).update(ended_on=timezone.localdate() - timedelta(days=1))
    assert schedule(sign_in(carla), committee).status_code == 403


# Editing ----------------------------------------------------------------------------------------------


def edit(client, call, **changes):
    given = {
        "title": call.title,
        "summary": call.summary,
        "duration": call.duration,
        "video_url": call.video_url,
        "dial_in": call.dial_in,
        "reminders": "committee",
        "seen": call.updated_at.isoformat(),
    }
    return in_two_steps(client, reverse("meeting_edit", args=[call.slug]), given | changes)


def test_a_new_link_raises_the_sequence_and_is_told(sign_in, carla, mo, meeting):
    edit(sign_in(carla), meeting, video_url="https://meet.google.com/abc")
    meeting.refresh_from_db()
    assert (meeting.video_url, meeting.sequence, meeting.edition) == ("https://meet.google.com/abc", 1, 0)
    assert Delivery.objects.filter(kind="changed").count() == 2


def test_saved_quietly_nobody_is_told(sign_in, carla, mo, meeting):
    edit(sign_in(carla), meeting, video_url="https://meet.google.com/abc", quiet="1")
    assert not Delivery.objects.exists()


def test_other_words_alone_send_nothing(sign_in, carla, mo, meeting):
    edit(sign_in(carla), meeting, summary="Now with a guest")
    meeting.refresh_from_db()
    assert (meeting.summary, meeting.sequence) == ("Now with a guest", 0)
    assert not Delivery.objects.exists()


def test_a_stale_form_is_told_and_loses_nothing(sign_in, carla, meeting):
    client, seen = sign_in(carla), Meeting.objects.get()
    Meeting.objects.get().edit(carla, title="Someone else’s title")
    response = edit(client, seen, summary="My words")
    page = text_of(response)
    assert response.status_code == 409
    assert ["Someone else’s title" in page, "My words" in page] == [True, True]
    meeting.refresh_from_db()
    assert (meeting.title, meeting.summary) == ("Someone else’s title", "")


def test_saving_again_after_the_notice_wins(sign_in, carla, meeting):
    client, seen = sign_in(carla), Meeting.objects.get()
    Meeting.objects.get().edit(carla, title="Someone else’s title")
    edit(client, seen, seen=Meeting.objects.get().updated_at.isoformat())
    assert Meeting.objects.get().title == "Fair workweek"


def test_an_edit_never_brings_back_the_time_before_a_move(carla, meeting):
    stale = Meeting.objects.get()
    meeting.move(
        carla,
        local_date=meeting.local_date + timedelta(days=7),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
        reason="",
    )
    stale.edit(carla, summary="New words")
    kept = Meeting.objects.get()
    assert (kept.starts_at, kept.edition, kept.summary) == (meeting.starts_at, 1, "New words")


def test_the_verb_says_who_was_faster(carla, meeting):
    seen = meeting.updated_at
    Meeting.objects.get().edit(carla, title="Someone else’s title")
    with pytest.raises(ChangedMeanwhile) as conflict:
        meeting.edit(carla, seen=seen, summary="Mine")
    assert conflict.value.current.title == "Someone else’s title"


# Moving -----------------------------------------------------------------------------------------------


def move(client, call, **changes):
    given = {
        "local_date": SOON,
        "local_time": "16:00",
        "timezone": "America/New_York",
        "reason": "Three of us have budget hearings.",
    }
    return in_two_steps(client, reverse("meeting_move", args=[call.slug]), given | changes)


def test_a_move_raises_the_edition_tells_everybody_once_and_shows_old_and_new(sign_in, carla, mo, meeting):
    client = sign_in(carla)
    move(client, meeting)
    move(client, meeting)
    meeting.refresh_from_db()
    assert (meeting.edition, meeting.sequence, meeting.moves.count()) == (1, 1, 1)
    assert Delivery.objects.filter(kind="moved").count() == 2
    page = text_of(sign_in(mo).get(meeting.get_absolute_url()))
    assert "Carla moved this call" in page
    assert "Three of us have budget hearings." in page
    assert "<s>" in page


def test_a_move_asks_those_again_who_had_answered(sign_in, carla, mo, meeting):
    client = sign_in(mo)
    client.post(reverse("meeting_rsvp", args=[meeting.slug]), {"answer": "going"})
    move(sign_in(carla), meeting)
    assert "Does the new time work?" in text_of(client.get(meeting.get_absolute_url()))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"local_date": "2026-01-05"}, "That time has passed"),
        ({"reason": ""}, "Write why, in a line"),
        ({"local_date": "2027-03-14", "local_time": "02:15"}, "does not exist"),
    ],
)
def test_a_move_to_nowhere_gets_a_sentence(sign_in, carla, meeting, change, sentence):
    page = text_of(move(sign_in(carla), meeting, **change))
    assert sentence in page
    assert not meeting.moves.exists()


def test_a_past_call_is_not_moved(sign_in, carla, committee):
    past = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(hours=-3))
    assert move(sign_in(carla), past).status_code == 409
    with pytest.raises(ValidationError):
        scheduling.move(
            past, carla, reason="", local_date=date(2027, 5, 1), local_time=time(12), timezone="America/New_York"
        )


# Canceling --------------------------------------------------------------------------------------------


def test_canceling_asks_on_a_page_that_counts_the_told(sign_in, carla, mo, meeting):
    client, address = sign_in(carla), reverse("meeting_cancel", args=[meeting.slug])
    assert "Cancel the call and tell 2 people" in text_of(client.post(address, {"reason": "Storm cleanup"}))
    assert not Meeting.objects.get().is_cancelled
    in_two_steps(client, address, {"reason": "Storm cleanup"})
    in_two_steps(client, address, {"reason": "Storm cleanup"})
    assert Delivery.objects.filter(kind="cancelled").count() == 2
    assert AuditEntry.objects.filter(verb="cancelled").count() == 1


def test_a_canceled_call_keeps_its_page_with_the_reason_and_names_the_next_one(sign_in, carla, mo, meeting):
    following = MeetingFactory(
        committee=meeting.committee,
        by=carla,
        title="The April call",
        local_date=meeting.local_date + timedelta(days=30),
    )
    meeting.cancel(carla, "Storm cleanup needs me")
    page = text_of(sign_in(mo).get(meeting.get_absolute_url()))
    assert [
        "This call is canceled." in page,
        "Storm cleanup needs me" in page,
        following.title in page,
        'name="answer"' in page,
    ] == [True, True, True, False]


def test_canceling_needs_a_reason(sign_in, carla, meeting):
    assert "Write why, in a line" in text_of(
        sign_in(carla).post(reverse("meeting_cancel", args=[meeting.slug]), {"reason": " "})
    )
    assert not Meeting.objects.get().is_cancelled


@pytest.mark.parametrize("page", ["meeting_edit", "meeting_move", "meeting_cancel"])
def test_a_canceled_call_stays_as_it_was(sign_in, carla, meeting, page):
    meeting.cancel(carla, "Storm")
    assert sign_in(carla).get(reverse(page, args=[meeting.slug])).status_code == 409


@pytest.mark.parametrize("page", ["meeting_edit", "meeting_move", "meeting_cancel", "meeting_agenda"])
def test_the_chairs_pages_refuse_others(sign_in, carla, mo, olga, chet, ana, meeting, page):
    address = reverse(page, args=[meeting.slug])
    statuses = [sign_in(user).get(address).status_code for user in (carla, mo, olga, chet, ana, None)]
    assert statuses == [200, 403, 404, 404, 404, 302]


# The pages --------------------------------------------------------------------------------------------


def test_the_call_page_shows_the_readers_time_first_then_others(sign_in, mo, meeting):
    page = text_of(sign_in(mo).get(meeting.get_absolute_url()))
    assert page.index("1:00–2:00 PM M") < page.index("Eastern (E") < page.index("Arizona (MST)")


def test_the_dial_in_is_always_there_for_those_invited(sign_in, carla, mo, committee):
    call = MeetingFactory(committee=committee, by=carla, dial_in="669-555-0142, code 418")
    assert "669-555-0142" in text_of(sign_in(mo).get(call.get_absolute_url()))


def test_a_public_call_shows_others_when_and_about_what_and_no_more(sign_in, carla, olga, committee):
    call = MeetingFactory(committee=committee, by=carla, public=True, summary="Open to read", dial_in="669-555-0142")
    call.agenda_items.create(title="Inside matters", position=1)
    publish_quietly(call)
    page = text_of(sign_in(olga).get(call.get_absolute_url()))
    assert ["Open to read" in page, "Inside matters" in page, "669-555-0142" in page, 'name="answer"' in page] == [
        True,
        False,
        False,
        False,
    ]
    for name in ("meeting_print", "meeting_answers", "meeting_ics"):
        assert sign_in(olga).get(reverse(name, args=[call.slug])).status_code == 403


@pytest.mark.parametrize("name", ["meeting_detail", "meeting_print", "meeting_answers", "meeting_ics"])
def test_pages_of_a_call_refuse_outsiders(sign_in, carla, mo, olga, chet, ana, stu, meeting, name):
    address = reverse(name, args=[meeting.slug])
    statuses = [sign_in(user).get(address).status_code for user in (mo, carla, stu, olga, chet, ana, None)]
    assert statuses == [200, 200, 200, 404, 404, 404, 302]


def test_a_past_call_keeps_its_agenda_and_takes_no_answer(sign_in, carla, mo, committee):
    past = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-2))
    past.agenda_items.create(title="What we did", position=1)
    publish_quietly(past)
    page = text_of(sign_in(mo).get(past.get_absolute_url()))
    assert ["What we did" in page, 'name="answer"' in page] == [True, False]


def test_the_list_has_my_calls_with_one_tap_and_all_open_ones_on_request(sign_in, carla, mo, chet, meeting, elsewhere):
    foreign = MeetingFactory(committee=elsewhere, by=chet, title="Open house", public=True)
    hidden = MeetingFactory(committee=elsewhere, by=chet, title="Behind closed doors")
    client = sign_in(mo)
    mine, everything = text_of(client.get("/calls/")), text_of(client.get("/calls/", {"show": "all"}))
    assert [meeting.title in mine, foreign.title in mine, 'name="answer"' in mine] == [True, False, True]
    assert [meeting.title in everything, foreign.title in everything, hidden.title in everything] == [True, True, False]


def test_the_list_filters_by_committee_and_by_past(sign_in, carla, mo, chet, meeting, elsewhere):
    MembershipFactory(committee=elsewhere, user=mo)
    MeetingFactory(committee=elsewhere, by=chet, title="Tenant counsel")
    MeetingFactory(committee=meeting.committee, by=carla, title="Long ago", starts_in=timedelta(days=-9))
    client = sign_in(mo)
    shown = [
        text_of(client.get("/calls/", query))
        for query in ({}, {"committee": "housing-justice"}, {"when": "past"}, {"committee": "nonsense"})
    ]
    titles = ("Fair workweek", "Tenant counsel", "Long ago")
    assert [[title in page for title in titles] for page in shown] == [
        [True, True, False],
        [False, True, False],
        [False, False, True],
        [True, True, False],
    ]


def test_the_list_is_for_people_with_an_account(sign_in, ana, olga, meeting):
    assert sign_in().get("/calls/").status_code == 302
    assert [meeting.title in text_of(sign_in(user).get("/calls/", {"show": "all"})) for user in (ana, olga)] == [
        False,
        False,
    ]


def test_the_committees_calls_are_for_its_people(sign_in, mo, olga, meeting):
    address = reverse("committee_meetings", args=[meeting.committee.slug])
    assert [sign_in(user).get(address).status_code for user in (mo, olga)] == [200, 403]


def test_calls_of_a_confidential_committee_are_not_there(sign_in, olga, carla, committee):
    committee.confidential = True
    committee.save()
    call = MeetingFactory(committee=committee, by=carla, public=True)
    assert sign_in(olga).get(call.get_absolute_url()).status_code == 404
    assert sign_in(olga).get(reverse("committee_meetings", args=[committee.slug])).status_code == 404


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_lists_cost_the_same_with_one_and_three_calls(sign_in, carla, mo, committee):
    client = sign_in(mo)
    addresses = ["/calls/", reverse("committee_meetings", args=[committee.slug])]
    MeetingFactory(committee=committee, by=carla)
    one = [queries(client, address) for address in addresses]
    for _ in range(2):
        MeetingFactory(committee=committee, by=carla)
    assert [queries(client, address) for address in addresses] == one
    assert max(one) <= 6


def test_the_call_page_costs_the_same_with_one_and_three_of_everything(sign_in, carla, mo, meeting, document):
    client = sign_in(mo)
    publish_quietly(meeting)

    def grow(count):
        for _ in range(count):
            item = meeting.agenda_items.create(title="Item", position=9, presenter=carla)
            item.papers.add(document())
            person = MembershipFactory(committee=meeting.committee).user
            meeting.rsvps.create(user=person, response="accepted")

    grow(1)
    pages = [meeting.get_absolute_url(), reverse("meeting_answers", args=[meeting.slug])]
    one = [queries(client, page) for page in pages]
    grow(2)
    assert [queries(client, page) for page in pages] == one
    assert max(one) <= 10


def test_papers_on_the_agenda_are_those_the_reader_may_open(sign_in, carla, mo, meeting, document, elsewhere):
    item = meeting.agenda_items.create(title="Item", position=1)
    publish_quietly(meeting)
    item.papers.add(
        document(title="Ours"),
        document(title="Theirs", committee=elsewhere),
        document(title="Withdrawn", withdrawn_at=timezone.now()),
    )
    page = text_of(sign_in(mo).get(meeting.get_absolute_url()))
    assert ["Ours" in page, "Theirs" in page, "Withdrawn" in page] == [True, False, False]


@pytest.fixture
def document(committee):
    def make(**given):
        document = Document.objects.create(**{"committee": committee, "title": "Survey"} | given)
        document.latest = DocumentVersion.objects.create(
            document=document, name="a.pdf", content_type="application/pdf", size=1, sha256="0"
        )
        document.save()
        return document

    return make


def test_a_row_says_whether_it_is_answered_moved_canceled_or_only_open_to_see(
    sign_in, carla, mo, chet, committee, elsewhere
):
    answered, moved, canceled = (
        MeetingFactory(committee=committee, by=carla, title=title) for title in ("Answered", "Moved one", "Gone")
    )
    MeetingFactory(committee=elsewhere, by=chet, title="Open house", public=True)
    answered.rsvps.create(user=mo, response="tentative", version=3)
    moved.rsvps.create(user=mo, response="accepted", version=1)
    moved.move(
        carla,
        local_date=moved.local_date + timedelta(days=1),
        local_time=moved.local_time,
        timezone=moved.timezone,
        reason="",
    )
    canceled.cancel(carla, "Storm")
    rows = text_of(sign_in(mo).get("/calls/", {"show": "all"})).split("<li")
    row = {
        title: next(row for row in rows if f">{title}<" in row)
        for title in ("Answered", "Moved one", "Gone", "Open house")
    }
    assert [
        'value="tentative" data-still' in row["Answered"],
        'name="version" value="3"' in row["Answered"],
        'aria-pressed="true"' in row["Answered"],
    ] == [True] * 3
    assert [
        "Moved</span>" in row["Moved one"],
        'aria-pressed="true"' in row["Moved one"],
        'name="edition" value="1"' in row["Moved one"],
    ] == [True, False, True]
    assert ["Canceled" in row["Gone"], 'name="answer"' in row["Gone"]] == [True, False]
    assert ["Open to see" in row["Open house"], 'name="answer"' in row["Open house"]] == [True, False]


def test_a_title_that_looks_like_a_mark_of_the_list_stays_a_title(sign_in, carla, committee):
    MeetingFactory(committee=committee, by=carla, title="xx-csrf-xx & 918273645")
    assert "xx-csrf-xx &amp; 918273645" in text_of(sign_in(carla).get("/calls/"))


def test_a_paper_of_another_committee_is_not_named_because_both_have_calls(document, carla, meeting, elsewhere):
    """What mails say is loaded for many calls at once: what one committee may read says nothing about the other."""
    paper = document(committee=elsewhere)
    theirs = MeetingFactory(committee=elsewhere)
    item, own = (AgendaItem.add(call, carla, title="Survey", papers=[paper]) for call in (meeting, theirs))
    assert papers_by_item([meeting.pk, theirs.pk]) == {own.pk: [paper]}
    assert papers_by_item([meeting.pk]) == {}
    assert item.papers.get() == paper
