"""Pairs of verbs at the same moment, on real connections: no update is lost, nothing breaks, nothing is there twice.

A pair yields its two acts, gets their answers, and says what must hold then. RACE_ROUNDS=25 runs each pair so often.
"""

import os
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from committees.joining import requests as joining
from committees.models import (
    Announcement,
    Committee,
    Document,
    DocumentVersion,
    IssueArea,
    JoinRequest,
    Membership,
    Publication,
)
from events.models import AgendaItem, Meeting, MeetingMove, Rsvp
from members.models import Application, AuditEntry, Delivery, Merge, StaffAppointment, User
from members.roster.merging.merging import gather_late
from tests.access_world import make_announcement, make_document
from tests.factories import (
    CommitteeFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
)

ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
ROLE = Membership.Role
SOON = timezone.localdate() + timedelta(days=20)
WHEN = {"local_date": SOON.isoformat(), "timezone": "America/New_York"}
CALL = WHEN | {"title": "Wages", "local_time": "15:00", "duration": "60", "reminders": "committee", "quiet": "1"}
PAIRS: list[Callable] = []
Pair = Generator[tuple[Callable, Callable], list[Any], None]


class Stage:
    """A committee of its own for each round, with two co-chairs, and staff at two desks."""

    def __init__(self, sign_in: Callable[..., Client], desks: list[Client]) -> None:
        self._sign_in, self.desks = sign_in, desks
        self.committee = CommitteeFactory()
        self.issue = self.committee.issue
        seats = [MembershipFactory(committee=self.committee, role=ROLE.CHAIR) for _ in range(2)]
        self.carla, self.chet = (seat.user for seat in seats)
        self.chairs = [self.client(self.carla), self.client(self.chet)]

    def client(self, person: User) -> Client:
        client = self._sign_in(person)
        client.raise_request_exception = False
        return client

    def seat(self, role: str = ROLE.MEMBER) -> Membership:
        return MembershipFactory(committee=self.committee, role=role)

    def post(self, client: Client, page: str, /, *arguments: Any, **fields: Any) -> Callable:
        return partial(client.post, reverse(page, args=arguments), fields)

    def opened(self, client: Client, address: str, **typed: Any) -> Callable:
        """Open a form now, and save it with some fields typed anew later."""
        form = client.get(address).context["form"]
        given = {field.name: field.value() for field in form} | typed
        return partial(
            client.post, address, {name: value for name, value in given.items() if value not in (None, False)}
        )

    def roles(self, person: User) -> list[str]:
        return [seat.role for seat in self.committee.memberships.current().filter(user=person)]

    def told(self, kind: str, about: str) -> list[int]:
        """Whom a message goes to, as often as it does."""
        rows = Delivery.objects.filter(kind=kind, about=about).exclude(state="suppressed")
        return sorted(rows.values_list("recipient", flat=True))


def pair(play: Callable[[Stage], Pair]) -> Callable[[Stage], Pair]:
    PAIRS.append(play)
    return play


# Seats ---------------------------------------------------------------------------------------------


@pair
def taken_off_and_given_a_role(on: Stage) -> Pair:
    seat = on.seat()
    where = "staff_committee_role", on.committee.slug, seat.pk
    yield on.post(on.desks[0], *where, end="1"), on.post(on.desks[1], *where, role="secretary", seen="member")
    assert on.roles(seat.user) == []


@pair
def leaving_and_given_a_role(on: Stage) -> Pair:
    seat = on.seat()
    role = on.post(on.desks[0], "staff_committee_role", on.committee.slug, seat.pk, role="secretary", seen="member")
    yield on.post(on.client(seat.user), "committee_leave", on.committee.slug), role
    assert on.roles(seat.user) == []


@pair
def two_roles(on: Stage) -> Pair:
    seat = on.seat()
    where = "staff_committee_role", on.committee.slug, seat.pk
    yield (
        on.post(on.desks[0], *where, role="secretary", seen="member"),
        on.post(on.desks[1], *where, role="chair", seen="member"),
    )
    given = AuditEntry.objects.filter(verb="changed role", object_id=on.committee.pk)
    assert [given.get().after["role"]] == on.roles(seat.user)


@pair
def undoing_and_joining(on: Stage) -> Pair:
    person = on.seat().user
    joining.leave(on.committee, person)
    yield tuple(on.post(on.client(person), f"committee_{act}", on.committee.slug) for act in ("rejoin", "join"))
    assert len(on.roles(person)) == 1


@pair
def undoing_and_taken_off(on: Stage) -> Pair:
    seat = on.seat()
    joining.leave(on.committee, seat.user)
    off = on.post(on.desks[0], "staff_committee_role", on.committee.slug, seat.pk, end="1")
    yield on.post(on.client(seat.user), "committee_rejoin", on.committee.slug), off
    assert on.roles(seat.user) == []


@pair
def joining_and_being_added(on: Stage) -> Pair:
    person = UserFactory()
    add = on.post(on.desks[0], "staff_committee_add", on.committee.slug, person=person.pk, role="member")
    yield on.post(on.client(person), "committee_join", on.committee.slug), add
    seat = on.committee.memberships.get(user=person)
    assert on.told("joined", f"membership:{seat.pk}") == [person.pk]


@pair
def joining_and_archiving(on: Stage) -> Pair:
    person = UserFactory()
    yield (
        on.post(on.client(person), "committee_join", on.committee.slug),
        on.post(on.desks[0], "staff_committee_archive", on.committee.slug),
    )
    archived_at = Committee.objects.get(pk=on.committee.pk).archived_at
    assert [seat for seat in on.committee.memberships.filter(user=person) if seat.seated_at > archived_at] == []


@pair
def the_last_two_co_chairs_leave(on: Stage) -> Pair:
    yield tuple(on.post(chair, "committee_leave", on.committee.slug) for chair in on.chairs)
    assert Committee.objects.leaderless().filter(pk=on.committee.pk).exists()


# Requests ------------------------------------------------------------------------------------------


def asking(on: Stage) -> JoinRequest:
    Committee.objects.filter(pk=on.committee.pk).update(join_policy="ask")
    return joining.ask(on.committee, UserFactory(), "May I?")


def answer(on: Stage, client: Client, asked: JoinRequest, decision: str) -> Callable:
    prefix = f"request-{asked.pk}"
    fields = {f"{prefix}-decision": decision, f"{prefix}-note": "So it is."}
    return on.post(client, "committee_request_answer", on.committee.slug, asked.pk, **fields)


@pair
def accepting_and_declining(on: Stage) -> Pair:
    asked = asking(on)
    yield answer(on, on.chairs[0], asked, "accept"), answer(on, on.chairs[1], asked, "decline")
    asked.refresh_from_db()
    assert on.roles(asked.user) == (["member"] if asked.outcome == "accepted" else [])
    assert on.told("join_request_answer", f"request:{asked.pk}") == [asked.user_id]


@pair
def accepting_and_taking_back(on: Stage) -> Pair:
    asked = asking(on)
    back = on.post(on.client(asked.user), "committee_withdraw", on.committee.slug)
    yield answer(on, on.chairs[0], asked, "accept"), back
    asked.refresh_from_db()
    assert on.roles(asked.user) == (["member"] if asked.outcome == "accepted" else [])
    assert len(on.told("join_request_answer", f"request:{asked.pk}")) == len(on.roles(asked.user))


@pair
def asking_in_two_windows(on: Stage) -> Pair:
    Committee.objects.filter(pk=on.committee.pk).update(join_policy="ask")
    person = UserFactory()
    yield tuple(on.post(on.client(person), "committee_ask", on.committee.slug, message=word) for word in ("One", "Two"))
    asked = JoinRequest.objects.get(committee=on.committee)
    assert on.told("join_request", f"request:{asked.pk}") == sorted([on.carla.pk, on.chet.pk])


@pair
def asking_and_taking_back(on: Stage) -> Pair:
    asked = asking(on)
    client = on.client(asked.user)
    ask = on.post(on.client(asked.user), "committee_ask", on.committee.slug, message="Again")
    yield ask, on.post(client, "committee_withdraw", on.committee.slug)
    assert JoinRequest.objects.get(committee=on.committee).pk == asked.pk
    assert on.told("join_request", f"request:{asked.pk}") == sorted([on.carla.pk, on.chet.pk])


@pair
def accepting_and_archiving(on: Stage) -> Pair:
    asked = asking(on)
    archive = on.post(on.desks[0], "staff_committee_archive", on.committee.slug)
    yield answer(on, on.chairs[0], asked, "accept"), archive
    asked.refresh_from_db()
    assert on.roles(asked.user) == (["member"] if asked.outcome == "accepted" else [])


# Agendas -------------------------------------------------------------------------------------------


def call(on: Stage) -> Meeting:
    return MeetingFactory(committee=on.committee, by=on.carla)


@pair
def stretching_and_removing(on: Stage) -> Pair:
    meeting = call(on)
    item = AgendaItem.add(meeting, on.carla, title="Buses", minutes=15)
    where = meeting.slug, item.pk
    yield (
        on.post(on.chairs[0], "agenda_item_minutes", *where, change="more"),
        on.post(on.chairs[1], "agenda_item_remove", *where),
    )
    assert not meeting.agenda_items.exists()


@pair
def stretching_twice(on: Stage) -> Pair:
    meeting = call(on)
    item = AgendaItem.add(meeting, on.carla, title="Buses", minutes=15)
    yield tuple(on.post(chair, "agenda_item_minutes", meeting.slug, item.pk, change="more") for chair in on.chairs)
    assert meeting.agenda_items.get().minutes == 25


@pair
def copying_by_two(on: Stage) -> Pair:
    source, target = call(on), call(on)
    for title in ("Buses", "Trains"):
        AgendaItem.add(source, on.carla, title=title)
    yield tuple(on.post(chair, "agenda_copy", target.slug) for chair in on.chairs)
    assert target.agenda_items.count() == 2


@pair
def adding_by_two(on: Stage) -> Pair:
    meeting = call(on)
    yield tuple(on.post(chair, "agenda_item_add", meeting.slug, line="Buses 15m") for chair in on.chairs)
    assert sorted(meeting.agenda_items.values_list("position", flat=True)) == [1, 2]


@pair
def editing_and_removing(on: Stage) -> Pair:
    meeting = call(on)
    item = AgendaItem.add(meeting, on.carla, title="Buses", minutes=15)
    fields = {"title": "Trains", "kind": "discussion", "minutes": "20", "seen": item.version}
    answers = yield (
        on.post(on.chairs[0], "agenda_item_edit", meeting.slug, item.pk, **fields),
        on.post(on.chairs[1], "agenda_item_remove", meeting.slug, item.pk),
    )
    edited = AgendaItem.with_removed.get(pk=item.pk)
    assert edited.title == "Trains" or "Trains" in answers[0].text


# Announcements -------------------------------------------------------------------------------------


@pair
def sending_and_throwing_away(on: Stage) -> Pair:
    draft = make_announcement(on.committee, on.carla)
    look = on.chairs[0].post(reverse("announcement_edit", args=[draft.pk]), draft_fields(draft) | {"preview": "1"})
    carried = {"fingerprint": look.context["preview"].fingerprint, "send": "1"}
    send = partial(on.chairs[0].post, f"{reverse('announcement_send', args=[draft.pk])}?version=0", carried)
    yield send, on.post(on.chairs[1], "announcement_discard", draft.pk)
    sent = Announcement.objects.filter(pk=draft.pk, sent_at__isnull=False).exists()
    assert on.told("announcement", draft.about) == (sorted([on.carla.pk, on.chet.pk]) if sent else [])


def draft_fields(draft: Announcement, **typed: Any) -> dict[str, Any]:
    return {"headline": draft.headline, "body": draft.body, "seen": draft.version} | typed


@pair
def writing_and_throwing_away(on: Stage) -> Pair:
    draft = make_announcement(on.committee, on.carla)
    write = on.post(on.chairs[0], "announcement_edit", draft.pk, **draft_fields(draft, body="The new long words."))
    answers = yield write, on.post(on.chairs[1], "announcement_discard", draft.pk)
    kept = Announcement.objects.filter(pk=draft.pk, body="The new long words.").exists()
    assert kept or answers[0].status_code == 302 or "The new long words." in answers[0].text


@pair
def writing_by_two(on: Stage) -> Pair:
    draft = make_announcement(on.committee, on.carla)
    answers = yield tuple(
        on.post(chair, "announcement_edit", draft.pk, **draft_fields(draft, body=words))
        for chair, words in zip(on.chairs, ("Her words.", "His words."), strict=True)
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]


# Shared texts --------------------------------------------------------------------------------------


def both_edit(on: Stage, address: str, field: str, model: type) -> Pair:
    acts = [on.opened(desk, address, **{field: words}) for desk, words in zip(on.desks, ("Hers.", "His."), strict=True)]
    answers = yield tuple(acts)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    won = [answer.status_code == 302 for answer in answers].index(True)
    assert model.objects.filter(**{field: ("Hers.", "His.")[won]}).count() == 1
    assert all(words in answers[1 - won].text for words in ("Hers.", "His."))
    model.objects.filter(**{f"{field}__in": ("Hers.", "His.")}).update(**{field: "Done."})


@pair
def a_committee_by_two(on: Stage) -> Pair:
    yield from both_edit(on, reverse("staff_committee_edit", args=[on.committee.slug]), "purpose", Committee)


@pair
def a_committee_by_a_co_chair_and_staff(on: Stage) -> Pair:
    staff = on.opened(on.desks[0], reverse("staff_committee_edit", args=[on.committee.slug]), purpose="Staff’s.")
    answers = yield on.opened(on.chairs[0], reverse("committee_edit", args=[on.committee.slug]), purpose="Hers."), staff
    assert sorted(answer.status_code for answer in answers) == [302, 409]


@pair
def an_issue_by_two(on: Stage) -> Pair:
    yield from both_edit(on, reverse("staff_issue", args=[on.issue.slug]), "tagline", IssueArea)


@pair
def a_publication_by_two(on: Stage) -> Pair:
    words = {"title": "Buses", "summary": "Short.", "body": "Long.", "dated_on": "2026-01-01", "slug": "buses"}
    written = Publication.objects.create(issue=on.issue, type="report", **words)
    yield from both_edit(on, reverse("staff_publication", args=[written.pk]), "summary", Publication)


@pair
def two_publications_of_one_title(on: Stage) -> Pair:
    fields = {"issue": on.issue.pk, "type": "report", "title": "Buses run late", "summary": "Short.", "when": "draft"}
    fields |= {"dated_on": "2027-01-01"}
    yield tuple(on.post(desk, "staff_publication_new", **fields) for desk in on.desks)
    assert set(on.issue.publications.values_list("slug", flat=True)) == {"buses-run-late", "buses-run-late-2"}


@pair
def two_committees_of_one_name(on: Stage) -> Pair:
    fields = {"name": f"Transit {on.committee.pk}", "kind": "steering", "purpose": "Buses.", "join_policy": "open"}
    yield tuple(on.post(desk, "staff_committee_new", timezone="America/New_York", **fields) for desk in on.desks)
    assert Committee.objects.filter(name=fields["name"]).count() == 2


# Papers --------------------------------------------------------------------------------------------


@pair
def two_papers_where_one_has_room(on: Stage) -> Pair:
    def paper(title: str) -> Callable:
        words = SimpleUploadedFile(f"{title}.txt", title.encode() * 300, "text/plain")
        client, address = on.client(on.carla), reverse("document_upload", args=[on.committee.slug])
        return partial(client.post, address, {"title": title, "audience": "committee", "file": words})

    with override_settings(DOCUMENTS_A_DAY_BYTES=2000):
        answers = yield paper("Rents"), paper("Wages")
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert DocumentVersion.objects.filter(uploaded_by=on.carla).count() == 1


# Calls ---------------------------------------------------------------------------------------------


@pair
def two_calls_of_one_title_and_day(on: Stage) -> Pair:
    yield tuple(on.post(chair, "meeting_schedule", on.committee.slug, **CALL) for chair in on.chairs)
    assert on.committee.meetings.count() == 2


def moved_to(on: Stage, client: Client, meeting: Meeting, at: str) -> Callable:
    fields = WHEN | {"local_time": at, "reason": "The room is taken.", "quiet": "1"}
    return on.post(client, "meeting_move", meeting.slug, seen=meeting.starts_at.isoformat(), **fields)


@pair
def moving_by_two(on: Stage) -> Pair:
    meeting = call(on)
    answers = yield tuple(
        moved_to(on, chair, meeting, at) for chair, at in zip(on.chairs, ("09:00", "17:00"), strict=True)
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert MeetingMove.objects.filter(meeting=meeting).count() == 1


@pair
def moving_and_canceling(on: Stage) -> Pair:
    meeting = call(on)
    cancel = on.post(on.chairs[1], "meeting_cancel", meeting.slug, reason="Nobody can come.", quiet="1")
    answers = yield moved_to(on, on.chairs[0], meeting, "09:00"), cancel
    assert Meeting.objects.get(pk=meeting.pk).is_cancelled
    assert answers[0].status_code == 302 or answers[0].status_code in (409, 422)


@pair
def editing_and_canceling(on: Stage) -> Pair:
    meeting = call(on)
    fields = {"title": "A longer title", "duration": "60", "reminders": "committee", "quiet": "1"}
    edit = on.post(on.chairs[0], "meeting_edit", meeting.slug, seen=meeting.updated_at.isoformat(), **fields)
    cancel = on.post(on.chairs[1], "meeting_cancel", meeting.slug, reason="Nobody can come.", quiet="1")
    answers = yield edit, cancel
    assert Meeting.objects.get(pk=meeting.pk).is_cancelled
    assert Meeting.objects.filter(title="A longer title", pk=meeting.pk).exists() or answers[0].status_code >= 400


@pair
def canceling_by_two(on: Stage) -> Pair:
    meeting = call(on)

    def cancel(client: Client) -> Callable:
        address = reverse("meeting_cancel", args=[meeting.slug])
        look = client.post(address, {"reason": "Nobody can come."})
        fields = {"reason": "Nobody can come.", "fingerprint": look.context["preview"].fingerprint, "send": "1"}
        return partial(client.post, address, fields)

    yield tuple(cancel(chair) for chair in on.chairs)
    assert on.told("cancelled", meeting.about) == sorted([on.carla.pk, on.chet.pk])


@pair
def telling_by_two(on: Stage) -> Pair:
    meeting = MeetingFactory(committee=on.committee, by=on.carla, told_at=None)

    def tell(client: Client) -> Callable:
        address = reverse("meeting_tell", args=[meeting.slug])
        return partial(
            client.post, address, {"fingerprint": client.post(address).context["preview"].fingerprint, "send": "1"}
        )

    yield tuple(tell(chair) for chair in on.chairs)
    assert on.told("invitation", meeting.about) == sorted([on.carla.pk, on.chet.pk])


@pair
def two_answers_to_a_call(on: Stage) -> Pair:
    meeting, person = call(on), on.seat().user
    yield tuple(
        on.post(on.client(person), "meeting_rsvp", meeting.slug, answer=word, version=0) for word in ("yes", "no")
    )
    assert Rsvp.objects.filter(meeting=meeting, user=person).count() == 1


# Papers and people ---------------------------------------------------------------------------------


@pair
def withdrawing_a_paper_twice(on: Stage) -> Pair:
    paper = make_document(on.committee, on.carla)
    yield tuple(on.post(chair, "document_withdraw", paper.pk) for chair in on.chairs)
    assert Document.objects.get(pk=paper.pk).withdrawn_at
    assert AuditEntry.objects.filter(verb="withdrew", object_id=paper.pk).count() == 1


@pair
def approving_and_declining(on: Stage) -> Pair:
    ana = UserFactory(admitted_at=None)
    asked = Application.objects.create(
        applicant=ana, title="Council Member", jurisdiction=JurisdictionFactory(), why="To learn."
    )
    yield (
        on.post(on.desks[0], "staff_application_approve", asked.pk),
        on.post(on.desks[1], "staff_application_decline", asked.pk, note="Not now."),
    )
    asked.refresh_from_db()
    assert User.objects.filter(pk=ana.pk, admitted_at=None).exists() == (asked.decision == "declined")
    assert Delivery.objects.filter(recipient=ana).exclude(kind="application_received").count() == 1


# The rounds ----------------------------------------------------------------------------------------


# Merging -------------------------------------------------------------------------------------------


def merging(on: Stage, desk: Client, kept: User, merged: User) -> Callable:
    seen = desk.get(reverse("staff_duplicate", args=[kept.pk, merged.pk])).context["form"].initial["seen"]
    typed = {"seen": seen, "name": "kept", "given_name": "kept", "email": "kept"}
    return on.post(desk, "staff_duplicate", kept.pk, merged.pk, **typed)


@pair
def merging_by_two(on: Stage) -> Pair:
    one, other = on.seat().user, on.seat().user
    yield merging(on, on.desks[0], one, other), merging(on, on.desks[1], other, one)
    done = Merge.objects.get(kept__in=[one, other])
    assert on.committee.memberships.held().filter(user__in=[one, other]).get().user == done.kept


@pair
def merging_and_answering_with_both(on: Stage) -> Pair:
    """Whoever is told that an answer was taken finds it with the account that stays, once; merging gives way, and is done."""
    one, other = on.seat().user, on.seat().user
    calls = [MeetingFactory(committee=on.committee, seats=seats) for seats in (None, 2)]
    given = [(calls[0], one, "yes"), (calls[0], other, "no"), (calls[1], other, "yes")]
    answering = [
        on.post(on.client(person), "meeting_rsvp", call.slug, answer=word, version=0) for call, person, word in given
    ]
    _merged, *answers = yield merging(on, on.desks[0], one, other), *answering
    assert Merge.objects.filter(kept=one).exists()
    gather_late(timedelta(minutes=5))
    taken = {call.pk for (call, *_rest), answer in zip(given, answers, strict=True) if not is_to_sign_in(answer)}
    kept = list(Rsvp.objects.filter(meeting__in=calls).exclude(version=0).values_list("meeting", "user"))
    assert sorted(kept) == sorted((call, one.pk) for call in taken)


def is_to_sign_in(answer: Any) -> bool:
    return "/sign-in" in answer.get("Location", "") or "/accounts/" in answer.get("Location", "")


def at_once(*acts: Callable) -> list[Any]:
    barrier, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable) -> None:
        try:
            barrier.wait()
            answers[place] = act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def play(pair: Callable, on: Stage) -> str:
    """What was wrong with one round; "" when nothing was."""
    steps = pair(on)
    answers = at_once(*next(steps))
    codes = [answer.status_code if answer is not None else 500 for answer in answers]
    if any(code >= 500 for code in codes):
        return f"{pair.__name__}: {codes}"
    try:
        with suppress(StopIteration):
            steps.send(answers)
    except Exception as error:  # a row that is there twice, too
        return f"{pair.__name__}: {codes} {type(error).__name__} {str(error)[:200]}"
    return ""


@pytest.fixture
def desks(transactional_db, sign_in, ada):
    other = UserFactory(name="Abe Admin")
    other.appoint(StaffAppointment.Role.ADMIN)
    clients = [sign_in(ada), sign_in(other)]
    for client in clients:
        client.raise_request_exception = False
    return clients


@pytest.mark.timeout(60 + 120 * ROUNDS)
def test_pairs_of_verbs_at_the_same_moment(sign_in, desks):
    assert len(PAIRS) >= 20
    wrong = [play(each, Stage(sign_in, desks)) for each in PAIRS for _round in range(ROUNDS)]
    assert list(filter(None, wrong)) == [], "\n".join(wrong)
    connections.close_all()


def test_a_lost_update_is_seen(sign_in, desks):
    """The control: a verb that looks first and writes later loses one of two."""

    def careless(on: Stage) -> Pair:
        def act() -> Any:
            purpose = Committee.objects.get(pk=on.committee.pk).purpose
            looked.wait()
            Committee.objects.filter(pk=on.committee.pk).update(purpose=purpose + "!")
            return on.desks[0].get("/healthz")

        looked = threading.Barrier(2)
        yield act, act
        assert Committee.objects.get(pk=on.committee.pk).purpose.endswith("!!")

    assert play(careless, Stage(sign_in, desks)).startswith("careless: [200, 200]")
