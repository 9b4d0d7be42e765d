"""Minutes: drafted from the log, written, sent, answered, approved and amended."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from pypdf import PdfReader

from committees.models import Membership
from events.models import AgendaItem, Attendance, LogEntry, Meeting, Minutes, MinutesComment, MinutesRevision
from events.models.minutes import AmendedMeanwhile, end_of
from events.record.minutes import differences, reading, writing
from events.record.minutes.drafting import checks
from events.record.minutes.messages import plan_minutes_due, send_and_tell
from events.record.minutes.writing import Typed, mark
from members.models import AuditEntry, BulkSend, Delivery
from members.times import clock, formats
from tests.events.test_meetings import text_of
from tests.factories import (
    ActionItemFactory,
    AttendanceFactory,
    CallRunFactory,
    DecisionFactory,
    LogEntryFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
)

WEEK = timedelta(days=7)
DECISION, ACTION = LogEntry.Kind.DECISION, LogEntry.Kind.ACTION


@pytest.fixture
def call(committee, carla):
    """Yesterday's, with three items."""
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek", starts_in=timedelta(days=-1))
    for title in ("State preemption", "Two years of enforcement", "The model ordinance"):
        AgendaItem.add(call, carla, title=title)
    return call


@pytest.fixture
def run(call):
    return CallRunFactory(meeting=call, ended_at=call.starts_at + timedelta(minutes=58))


def log(run, minute: int, text: str, item=None, kind=LogEntry.Kind.NOTE, **more) -> LogEntry:
    at = run.started_at + timedelta(minutes=minute)
    return LogEntryFactory(run=run, text=text, agenda_item=item, kind=kind, made_at=at, **more)


def decide(run, minute: int, motion: str, item=None, **how):
    entry = log(run, minute, motion, item, DECISION)
    meeting = run.meeting
    how = {"method": "counts", "ayes": 2, "noes": 0} | how
    return DecisionFactory(
        committee=meeting.committee,
        by=meeting.organizer,
        key=entry.key,
        motion=motion,
        meeting=meeting,
        agenda_item=item,
        **how,
    )


def promise(run, minute: int, text: str, item=None, **who):
    entry = log(run, minute, text, item, ACTION)
    meeting = run.meeting
    return ActionItemFactory(
        committee=meeting.committee,
        by=meeting.organizer,
        key=entry.key,
        text=text,
        meeting=meeting,
        agenda_item=item,
        **who,
    )


@pytest.fixture
def captured(run, mo):
    first, second, _third = run.meeting.agenda_items.in_order()
    log(run, 1, "Priya reported.", first)
    promise(run, 2, "Draft a brief", first, owner=mo, due_on=clock.today() + WEEK)
    log(run, 3, "Complaints fell by half.", second)
    log(run, 4, "Most cases settle.", second)
    decide(run, 5, "Invite Madison", second, abstentions=0)
    log(run, 6, "Lorraine asked for more.", second)
    log(run, 7, "Nobody knows where this belongs.")
    return run.meeting


def address(call, name="meeting_minutes", *more) -> str:
    return reverse(name, args=[call.slug, *more])


def said(call: Meeting) -> list[tuple[str, list[str]]]:
    """By section, words and facts in their order."""
    document = writing.current(call)
    return [
        (
            section.heading,
            [document.facts[p.fact].words if p.fact else p.text for p in section.parts if p.fact or p.text],
        )
        for section in document.sections
    ]


AS_LOGGED = [
    ("1. State preemption", ["Priya reported.", "Draft a brief"]),
    (
        "2. Two years of enforcement",
        ["Complaints fell by half.\n\nMost cases settle.", "Invite Madison", "Lorraine asked for more."],
    ),
    ("3. The model ordinance", []),
    ("Other business", ["Nobody knows where this belongs."]),
]


def typed(call: Meeting, **texts: str) -> dict[str, Typed]:
    """What a form posts that showed the minutes as they are now, by part with "_" for "." and "-"."""
    shown = {part.key: part.text for section in writing.current(call).sections for part in section.texts}
    wanted = {key: texts[_name(key)] for key in shown if _name(key) in texts}
    assert len(wanted) == len(texts), list(map(_name, shown))
    return {key: Typed(text, mark(shown[key])) for key, text in wanted.items()}


def _name(key: str) -> str:
    return key.replace("-", "_").replace(".", "_")


def part(item: AgendaItem, number: int = 0) -> str:
    return f"item_{item.pk}_{number}"


def fields(call: Meeting, **texts: str) -> dict[str, str]:
    """The same as a browser posts it."""
    posted = {}
    for key, each in typed(call, **texts).items():
        name = f"text-{key.replace('.', '-')}"
        posted |= {name: each.text, f"seen-{name}": each.seen}
    return posted


CHOICE = {"how": "call", "audience": "committee"}


def choice(**chosen) -> dict[str, str]:
    return {"until": str(clock.today() + WEEK)} | CHOICE | chosen


def send(call: Meeting, by, **chosen) -> Minutes:
    chosen = {"until": clock.today() + WEEK, "silently": True, "audience": "committee"} | chosen
    send_and_tell(call, by, **chosen)
    Minutes.objects.filter(meeting=call).update(sent_at=timezone.now() - timedelta(minutes=2))
    return Minutes.objects.get(meeting=call)


# The draft -----------------------------------------------------------------------------------------


def test_the_draft_equals_the_log_each_entry_once_and_in_order(captured):
    assert said(captured) == AS_LOGGED


def test_without_a_run_they_start_from_the_agenda(call):
    titles = ["1. State preemption", "2. Two years of enforcement", "3. The model ordinance", "Other business"]
    assert said(call) == [(title, []) for title in titles]


def test_a_call_without_an_agenda_has_a_place_for_notes(committee, carla):
    assert said(MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-1))) == [("Notes", [])]


def test_looking_at_the_draft_changes_nothing(captured, carla, sign_in):
    page = text_of(sign_in(carla).get(address(captured)))
    assert not Minutes.objects.exists()
    assert "Draft minutes" in page and "Draft a brief" in page and "Decision D-" in page


def test_what_nobody_wrote_over_follows_the_log_and_what_somebody_wrote_stays(captured, carla):
    first, _second, third = captured.agenda_items.in_order()
    writing.save(captured, carla, typed(captured, **{part(first): "Priya reported **at length**."}))
    entries = LogEntry.objects
    entries.filter(text="Priya reported.").update(removed_at=timezone.now())
    entries.filter(text="Most cases settle.").update(removed_at=timezone.now())
    log(captured.run, 50, "Late from a train.", first)
    log(captured.run, 51, "Late as well.", third)
    assert said(captured) == [
        ("1. State preemption", ["Priya reported **at length**.", "Draft a brief", "Late from a train."]),
        ("2. Two years of enforcement", ["Complaints fell by half.", "Invite Madison", "Lorraine asked for more."]),
        ("3. The model ordinance", ["Late as well."]),
        AS_LOGGED[3],
    ]


def test_late_words_come_behind_what_is_written_in_the_same_place(captured, carla):
    third = captured.agenda_items.in_order()[2]
    writing.save(captured, carla, typed(captured, **{part(third): "Recommended."}))
    log(captured.run, 50, "Late.", third)
    assert said(captured)[2] == ("3. The model ordinance", ["Recommended.", "Late."])
    writing.save(captured, carla, typed(captured, **{part(third, 1): "Late, from a train."}))
    assert said(captured)[2] == ("3. The model ordinance", ["Recommended.", "Late, from a train."])


def test_an_item_that_was_taken_off_keeps_what_was_said_on_it(captured, carla):
    first = captured.agenda_items.in_order()[0]
    first.remove(carla)
    assert dict(said(captured))["3. State preemption"] == ["Priya reported.", "Draft a brief"]


def test_facts_stay_live_until_the_minutes_are_approved_and_then_stand(captured, carla, mo):
    decision = captured.decisions.get()
    minutes = send(captured, carla)
    decision.correct(carla, reason="Miscounted", ayes=2, noes=0, motion="Invite Madison’s director")
    assert "Invite Madison’s director" in said(captured)[1][1]
    assert writing.approve(minutes, carla)
    captured.actions.get().edit(carla, text="Something else")
    mo.name = "Somebody Else"
    mo.save()
    assert said(captured)[0] == AS_LOGGED[0]


def test_the_heading_says_who_was_there_and_since_when_they_were_enough(captured, committee, carla, mo):
    committee.quorum_rule, committee.quorum_number = "number", 2
    committee.save()
    ida = UserFactory(name="Ida Late")
    MembershipFactory(committee=committee, user=ida)
    watching = UserFactory(name="Oscar Observer")
    MembershipFactory(committee=committee, user=watching, role=Membership.Role.OBSERVER)
    start = captured.starts_at
    for person in (carla, watching):
        AttendanceFactory(meeting=captured, user=person, by=carla)
    Attendance.mark(captured, ida, by=carla, arrived_at=start + timedelta(minutes=2))
    heading = writing.current(captured).heading
    with timezone.override(captured.zone):
        day = date_format(timezone.localtime(start), "l, F j, Y")
        hours, quorum = formats.hours(start, 58), formats.clock_only(start + timedelta(minutes=2))
    counted = f"2 of 3 members; quorum from {quorum}. Chair: {carla.name}."
    assert heading.line == f"{day}, {hours}, by video. {counted}"
    assert heading.roll == [
        ("Present", f"{carla.name}, Ida Late"),
        ("Also there", "Oscar Observer"),
        ("Absent", "Mo Haddad"),
    ]
    assert type(heading).from_json(heading.to_json()) == heading


# Writing -------------------------------------------------------------------------------------------


def test_each_sitting_makes_a_revision_and_none_is_overwritten_by_another_person(captured, carla, stu):
    first = captured.agenda_items.in_order()[0]
    for words in ("One.", "One and two."):
        writing.save(captured, carla, typed(captured, **{part(first): words}))
    writing.save(captured, stu, typed(captured, **{part(first): "Three."}))
    numbers = [(each.number, each.written_by) for each in MinutesRevision.objects.all()]
    assert numbers == [(2, stu), (1, carla)]
    later, earlier = MinutesRevision.objects.all()
    change = differences.between(earlier, later)[0]
    runs = [(run.kind, run.words.strip()) for run in change.runs if run.kind != "same"]
    assert (change.heading, runs) == ("1. State preemption", [("removed", "One and two."), ("added", "Three.")])


def test_two_who_write_in_two_places_save_both(captured, carla, stu):
    first, second, _third = captured.agenda_items.in_order()
    mine, theirs = (typed(captured, **{part(item): "Changed."}) for item in (first, second))
    assert not writing.save(captured, carla, mine).conflicts
    assert not writing.save(captured, stu, theirs).conflicts
    assert [words[0] for _heading, words in said(captured)[:2]] == ["Changed.", "Changed."]


def test_two_who_write_in_one_place_lose_nothing(captured, carla, stu, sign_in):
    first = captured.agenda_items.in_order()[0]
    mine = fields(captured, **{part(first): "Mine."})
    writing.save(captured, stu, typed(captured, **{part(first): "Theirs came first."}))
    client = sign_in(carla)
    came_back = client.post(address(captured), mine, HTTP_ACCEPT="text/html", follow=True)
    page = text_of(came_back)
    assert "Somebody saved this while you were writing." in page
    assert "Theirs came first." in page and "Mine." in came_back.content.decode()
    assert said(captured)[0][1][0] == "Theirs came first."
    name = next(name for name in mine if name.startswith("text-"))
    client.post(address(captured), mine | {"mine": f"{name}:{mark('Theirs came first.')}"})
    assert said(captured)[0][1][0] == "Mine."


def test_it_saves_by_itself_and_says_what_somebody_else_wrote(captured, carla, stu, sign_in):
    first = captured.agenda_items.in_order()[0]
    posted, client = fields(captured, **{part(first): "Typed."}), sign_in(carla)
    by_itself = {"HTTP_HX_REQUEST": "true"}
    answer = client.post(address(captured), posted, **by_itself).content.decode()
    assert "Saved at" in answer and f'value="{mark("Typed.")}"' in answer
    writing.save(captured, stu, typed(captured, **{part(first): "Theirs."}))
    name = next(name for name in posted if name.startswith("text-"))
    goes_on = {name: "Typed on.", f"seen-{name}": mark("Typed.")}
    answer = client.post(address(captured), goes_on, **by_itself).content.decode()
    assert "Not all is saved." in answer and "Theirs." in answer and "Use mine" in answer
    assert said(captured)[0][1][0] == "Theirs."


def test_words_whose_place_is_gone_are_kept_at_the_end(captured, carla):
    writing.save(captured, carla, {"item-999.0": Typed("Kept all the same.", mark(""))})
    assert said(captured)[-1][1] == ["Nobody knows where this belongs.\n\nKept all the same."]


def test_minutes_longer_than_minutes_are_refused_with_a_sentence(captured, carla, sign_in):
    first = captured.agenda_items.in_order()[0]
    for number in range(8):
        log(captured.run, number, "x" * 1999, first)
    with pytest.raises(ValidationError, match="too long for minutes"):
        writing.save(captured, carla, {f"item-{pk}.0": Typed("y" * 19_999, mark("")) for pk in range(9000, 9009)})


@pytest.mark.parametrize(("fields", "words"), [({"cancelled_at": "now"}, "canceled"), ({}, "hasn’t begun")])
def test_canceled_calls_and_calls_ahead_have_none(meeting, carla, sign_in, fields, words):
    if fields:
        meeting.cancel(carla, "No room")
    client = sign_in(carla)
    assert words in text_of(client.get(address(meeting), follow=True))
    with pytest.raises(ValidationError, match=words):
        Minutes.begin(meeting, carla)
    assert not Minutes.objects.exists()


# Sending -------------------------------------------------------------------------------------------


def test_from_end_call_to_sent_for_comment_in_two_acts(captured, carla, mo, sign_in):
    client = sign_in(carla)
    preview = client.post(
        address(captured, "meeting_minutes_send"), choice(ask="1"), HTTP_ACCEPT="text/html", follow=True
    )
    assert "Send to 1 person" in text_of(preview) or "Send to 2 people" in text_of(preview)
    assert not Minutes.objects.exists()
    sent = client.post(
        address(captured, "meeting_minutes_send"),
        choice(fingerprint=preview.context["preview"].fingerprint, send="1"),
        follow=True,
    )
    minutes = Minutes.objects.get()
    assert sent.status_code == 200 and minutes.sent_at and not minutes.silently
    assert said(captured) == AS_LOGGED
    assert sorted(Delivery.objects.filter(kind="minutes").values_list("recipient__name", flat=True)) == sorted(
        [carla.name, mo.name]
    )


def test_what_was_typed_last_is_sent_with_it(captured, carla, sign_in):
    first = captured.agenda_items.in_order()[0]
    posted, client = fields(captured, **{part(first): "The last words."}) | choice(), sign_in(carla)
    preview = client.post(address(captured, "meeting_minutes_send"), posted, HTTP_ACCEPT="text/html", follow=True)
    fingerprint = preview.context["preview"].fingerprint
    client.post(address(captured, "meeting_minutes_send"), posted | {"fingerprint": fingerprint})
    assert Minutes.objects.get().sent_at and said(captured)[0][1][0] == "The last words."


def test_members_read_them_from_then_on_and_nobody_else(captured, carla, mo, olga, stu, sign_in):
    draft = [sign_in(who).get(address(captured)).status_code for who in (None, mo, olga, carla, stu)]
    assert draft == [302, 404, 404, 200, 200]
    send(captured, carla)
    out = [sign_in(who).get(address(captured)).status_code for who in (None, mo, olga, carla, stu)]
    assert out == [302, 200, 404, 200, 200]


def test_undone_in_time_they_are_a_draft_again(captured, carla, mo, sign_in, settings):
    settings.MAIL_HOLD_OVER = 0
    client = sign_in(carla)
    preview = client.post(address(captured, "meeting_minutes_send"), choice(), HTTP_ACCEPT="text/html", follow=True)
    fingerprint = preview.context["preview"].fingerprint
    client.post(address(captured, "meeting_minutes_send"), choice(fingerprint=fingerprint))
    minutes = Minutes.objects.get()
    assert minutes.is_held and sign_in(mo).get(address(captured)).status_code == 404
    assert "The minutes are a draft again." in text_of(
        client.post(reverse("sending_undo", args=[BulkSend.objects.get().pk]), follow=True)
    )
    minutes.refresh_from_db()
    assert (minutes.sent_at, minutes.stage) == (None, Minutes.Stage.DRAFT)


def test_sent_twice_is_sent_once(captured, carla):
    send(captured, carla)
    assert send_and_tell(captured, carla, until=clock.today() + WEEK, silently=True, audience="committee") is None
    assert Minutes.objects.get().times_sent == 1


def test_the_committee_does_it_the_next_time_as_it_did_this_time(captured, committee, carla, sign_in):
    send(captured, carla, until=clock.today() + timedelta(days=10))
    other = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-1))
    form = sign_in(carla).get(address(other)).context["send_form"]
    assert (form["until"].value(), form["how"].value()) == (clock.today() + timedelta(days=10), "silently")


def test_a_confidential_committee_keeps_its_minutes_to_itself(captured, committee, carla):
    committee.confidential = True
    committee.save()
    with pytest.raises(ValidationError, match="confidential"):
        send(captured, carla, audience="members")


def test_staff_names_are_compared_with_what_they_are_called(captured, carla, stu):
    def said() -> list[str]:
        return [
            check.words for check in checks(writing.current(captured), captured) if stu.name.split()[0] in f"{check}"
        ]

    assert said() == []
    log(captured.run, 8, "Stu Staff brought the maps. Stu Ortega asked why.", captured.agenda_items.first())
    assert said() == ["Staff names read right"]
    log(captured.run, 9, "Stu Staffe answered.")
    assert said() == ["“Stu Staffe” is nearly Stu Staff"]


# Answers -------------------------------------------------------------------------------------------


def test_a_comment_stays_beside_its_paragraph_after_the_text_was_edited(captured, carla, mo, sign_in):
    minutes = send(captured, carla)
    second = captured.agenda_items.in_order()[1]
    place = f"item-{second.pk}.1"
    client = sign_in(mo)
    assert "Most cases settle." in text_of(client.get(address(captured, "meeting_minutes_comment") + f"?at={place}"))
    client.post(address(captured, "meeting_minutes_comment") + f"?at={place}", {"words": "Which cases?"})
    comment = MinutesComment.objects.get()
    assert (comment.section, comment.quote) == (f"item-{second.pk}", "Most cases settle.")
    words = "Ahead of it all.\n\nComplaints fell by half.\n\nMost of the cases settle quickly."
    writing.save(captured, carla, typed(captured, **{part(second): words}))
    sections = reading.shown(writing.current(captured), minutes.comments.threads())
    beside = {each.quote: [c.words for c in each.comments] for section in sections for each in section.paragraphs}
    assert beside["Most of the cases settle quickly."] == ["Which cases?"]
    writing.save(captured, carla, typed(captured, **{part(second): "Nothing of it is left here at all."}))
    sections = reading.shown(writing.current(captured), minutes.comments.threads())
    assert [c.words for section in sections for c in section.adrift] == ["Which cases?"]


def test_comments_are_answered_and_settled_by_those_who_may(captured, carla, mo, sign_in):
    comment = send(captured, carla).comment(mo, "Which cases?", section="other")
    chair, member = sign_in(carla), sign_in(mo)
    chair.post(address(captured, "meeting_minutes_comment") + f"?answers={comment.pk}", {"words": "All of them."})
    assert [each.words for each in comment.replies.all()] == ["All of them."]
    assert "All of them." in text_of(member.get(address(captured)))
    settle = address(captured, "meeting_minutes_settle", comment.pk)
    chair.post(settle)
    comment.refresh_from_db()
    assert comment.settled_by == carla
    member.post(settle, {"open": "1"})
    comment.refresh_from_db()
    assert comment.settled_at is None
    pat = UserFactory()
    MembershipFactory(committee=captured.committee, user=pat)
    assert sign_in(pat).post(settle).status_code == 403


def test_an_objection_is_raised_once_stops_silence_and_is_told_to_who_keeps_them(captured, carla, mo, sign_in):
    minutes = send(captured, carla)
    client = sign_in(mo)
    for _twice in range(2):
        client.post(address(captured, "meeting_minutes_object"), {"reason": "We were four."})
    objection = minutes.objections.get()
    assert (objection.member, objection.reason, minutes.stage) == (mo, "We were four.", Minutes.Stage.OBJECTED)
    told = Delivery.objects.filter(kind="minutes_objection").values_list("recipient__name", flat=True)
    assert list(told) == [carla.name]
    past(minutes)
    assert writing.approve_what_nobody_objects_to() == 0
    client.post(address(captured, "meeting_minutes_object"), {"withdraw": "1"})
    assert writing.approve_what_nobody_objects_to() == 1
    verbs = AuditEntry.objects.filter(actor=mo).values_list("verb", flat=True)
    assert {"objected to the minutes of", "withdrew an objection to the minutes of"} <= set(verbs)


def test_who_left_the_committee_objects_no_more(captured, committee, carla, mo):
    minutes = send(captured, carla)
    minutes.object(mo, "No.")
    committee.memberships.get(user=mo).end(carla)
    assert minutes.stage == Minutes.Stage.OUT


@pytest.mark.parametrize("verb", ["comment", "object"])
def test_approved_minutes_take_no_more_answers(captured, carla, mo, verb):
    minutes = send(captured, carla)
    writing.approve(minutes, carla)
    with pytest.raises(ValidationError, match="approved"):
        minutes.comment(mo, "But", section="other") if verb == "comment" else minutes.object(mo, "But")


# Approval ------------------------------------------------------------------------------------------


def past(minutes: Minutes) -> None:
    """Their time for objections is over by the database's clock."""
    Minutes.objects.filter(pk=minutes.pk).update(closes_at=timezone.now() - timedelta(hours=1))
    minutes.refresh_from_db()


def test_silence_approves_once_when_the_time_is_over(captured, carla):
    minutes = send(captured, carla)
    Minutes.objects.update(closes_at=timezone.now() + timedelta(hours=1))
    assert writing.approve_what_nobody_objects_to() == 0
    past(minutes)
    assert [writing.approve_what_nobody_objects_to() for _twice in range(2)] == [1, 0]
    minutes.refresh_from_db()
    assert (minutes.stage, minutes.approval, minutes.approved_by) == ("approved", "silence", None)
    assert AuditEntry.objects.filter(verb="approved the minutes of").count() == 1


def test_silence_approves_nothing_where_the_committee_did_not_choose_it(captured, carla):
    past(send(captured, carla, silently=False))
    assert writing.approve_what_nobody_objects_to() == 0


def test_the_last_day_ends_when_it_is_over_for_everybody():
    assert end_of(datetime(2027, 3, 19, tzinfo=UTC).date()) == datetime(2027, 3, 20, 11, tzinfo=UTC)


def test_a_co_chair_writes_down_that_the_committee_approved_and_for_whom(captured, carla, mo, olga, sign_in):
    minutes = send(captured, carla, silently=False)
    minutes.object(mo, "We were four.")
    chair = sign_in(carla)
    assert "We were four." in text_of(chair.get(address(captured, "meeting_minutes_approve")))
    chair.post(address(captured, "meeting_minutes_approve"), {"audience": "members"})
    minutes.refresh_from_db()
    assert (minutes.stage, minutes.approval, minutes.approved_by) == ("approved", "call", carla)
    assert "Invite Madison" in text_of(sign_in(olga).get(address(captured)))
    assert "/decisions/" not in text_of(sign_in(olga).get(address(captured)))


def test_a_correction_makes_a_version_and_overwrites_nothing(captured, carla, mo, sign_in):
    minutes = send(captured, carla)
    writing.approve(minutes, carla)
    first = captured.agenda_items.in_order()[0]
    approved = minutes.standing()
    client = sign_in(carla)
    posted = fields(captured, **{part(first): "Priya Raman reported."}) | {"number": str(approved.number)}
    assert "Write what was wrong" in text_of(
        client.post(
            address(captured, "meeting_minutes_amend"), posted | {"reason": ""}, HTTP_ACCEPT="text/html", follow=True
        )
    )
    client.post(address(captured, "meeting_minutes_amend"), posted | {"reason": "Her name was missing"})
    minutes.refresh_from_db()
    assert minutes.stage == Minutes.Stage.AMENDED
    assert MinutesRevision.objects.get(pk=approved.pk).sections == approved.sections
    assert (minutes.standing().number, minutes.standing().reason) == (approved.number + 1, "Her name was missing")
    page = text_of(sign_in(mo).get(address(captured, "meeting_minutes_changes")))
    assert "Her name was missing" in page and "Raman" in page
    with pytest.raises(AmendedMeanwhile):
        writing.amend(minutes, carla, typed(captured), seen=approved.number, reason="Again")
    with pytest.raises(ValidationError, match="Nothing is different"):
        writing.amend(minutes, carla, typed(captured), seen=approved.number + 1, reason="Again")
    with pytest.raises(ValidationError, match="Amend them instead"):
        minutes.keep(carla, [], {})


# Reminders -----------------------------------------------------------------------------------------


def ended(call: Meeting, days: float) -> None:
    """So long ago by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_meeting SET starts_at = now() - %s * interval '1 day' - interval '1 hour',"
            " ends_at = now() - %s * interval '1 day', told_at = now() - interval '30 days' WHERE id = %s",
            [days, days, call.pk],
        )


def reminders() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(kind="minutes_due").order_by("dedupe_key")
    return list(rows.values_list("dedupe_key", "recipient__name"))


def test_the_chair_is_reminded_after_three_and_seven_days_each_once(call, carla, mo):
    expected = []
    for days, key in ((2.9, None), (3.1, "minutes_due:3"), (6.9, None), (7.1, "minutes_due:7"), (8.5, None)):
        ended(call, days)
        plan_minutes_due(), plan_minutes_due()
        expected += [(key, carla.name)] if key else []
        assert reminders() == expected, days


@pytest.mark.parametrize("state", ["out", "canceled", "never told"])
def test_nobody_is_reminded_of_what_is_out_or_never_was(call, carla, state):
    if state == "out":
        send(call, carla)
    ended(call, 3.1)
    if state == "canceled":
        call.cancel(carla, "No room")
    if state == "never told":
        Meeting.objects.update(told_at=None)
    plan_minutes_due()
    assert reminders() == []


# Doors ---------------------------------------------------------------------------------------------


def test_the_pdf_says_the_same_and_words_are_never_markup(captured, carla, sign_in):
    third = captured.agenda_items.in_order()[2]
    words = '#panic("x") = no *markup* here $x$\n\n- one\n- **two**\n\n[a link](https://portal.example/a) <b>'
    writing.save(captured, carla, typed(captured, **{part(third): words}))
    answer = sign_in(carla).get(address(captured, "meeting_minutes_pdf"))
    assert answer["Content-Type"] == "application/pdf"
    pdf = PdfReader(BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for expected in ("Fair workweek", "1. State preemption", ": Invite Madison", "#panic(“x”) = no markup here $x$"):
        assert expected in text, text
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] and pdf.trailer["/Root"]["/Lang"] == "en"
    assert pdf.metadata.title == "Fair workweek"
    assert tuple(map(float, pdf.pages[0].mediabox[2:])) == (612, 792)


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_however_much_there_is(captured, committee, carla, mo, sign_in, count):
    first = captured.agenda_items.in_order()[0]
    for number in range(count):
        decide(captured.run, 20 + number, f"Motion {number}", first)
        promise(captured.run, 30 + number, f"Action {number}", first, owner=mo)
    minutes = send(captured, carla)
    for number in range(count):
        comment = minutes.comment(mo, f"Comment {number}", section="other")
        minutes.comment(carla, "Answer", section="other", answers=comment)
    for number in range(count - 1):
        minutes_of = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-2 - number))
        send(minutes_of, carla)
    client = sign_in(mo)
    listing = reverse("committee_minutes", args=[committee.slug])
    costs = []
    for url in (address(captured), listing):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        costs.append(len(queries))
    assert costs == COSTS


COSTS = [16, 4]
