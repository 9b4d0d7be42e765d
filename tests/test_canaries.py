"""One word in each private field and file, every door, each role: none is out of place.

Doors are each address (pages, the API, calendar files, prints, papers) plain and as a fragment, with its headers; the
addresses that speak to whoever holds them; the answers to posts, those with mistakes and previews among them; and mails.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import RedirectCycleError
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localdate, now, timedelta
from knox.models import AuthToken

from committees.models import Committee, DocumentVersion, IssueArea, JoinRequest, Membership, Picture, Publication
from events.calendar import feeds
from events.models import (
    AgendaItem,
    AgendaTemplate,
    CalendarReply,
    CallRun,
    JointCommittee,
    LogEntry,
    Meeting,
    Minutes,
    Proposal,
    ReplyNote,
    ReportDraft,
)
from events.record.minutes import writing
from members.mail import links
from members.models import (
    Application,
    Delivery,
    FormerAddress,
    InboundMail,
    KeptForm,
    Profile,
    Stumble,
    Suppression,
    User,
)
from tests.access_table import TABLE
from tests.access_world import (
    World,
    end_standings,
    make_announcement,
    make_document,
    make_minutes,
    make_people,
    make_picture,
    make_world,
)
from tests.canaries import ALLOWED, MAILED, ROLES
from tests.factories import (
    ActionItemFactory,
    CommitteeFactory,
    DecisionFactory,
    IssueAreaFactory,
    MeetingFactory,
    MembershipFactory,
    SeriesFactory,
    UserFactory,
    publish_quietly,
)
from tests.polls import PollFactory
from tests.story import everything  # noqa: F401 - a fixture

PARTS = 4
HX = {"HTTP_HX_REQUEST": "true"}
FORM = "application/x-www-form-urlencoded"  # as a browser sends one without files: read in half the time
OF_THE_RECORD = [
    name
    for name in TABLE
    if name.startswith("meeting_minutes")
    and name.split("_")[-1] in ("minutes", "changes", "print", "pdf", "comment", "preview")
] + ["meeting_run"]
OF_TYPED_ANSWERS = ("meeting_minutes_comment", "meeting_minutes_object")
JOINING = ("committee_join",)  # whoever joins reads what members read
# Addresses that speak to whoever holds them.
KEYS = (
    "action_link",
    "calendar_feed",
    "rsvp_link",
    "rsvp_link_calendar",
    "rsvp_link_ics",
    "join_link",
    "poll_link",
    "unsubscribe",
    "request_link",
    "not_me_link",
    "office_link",
    "application_answer",
    "vouch_link",
)
TYPED = {  # what a post brings beside nothing at all: enough for most forms to go on, or to come back
    "answer": "yes",
    "body": "x",
    "change": "more",
    "confirm": "1",
    "decision": "decline",
    "headline": "x",
    "line": "x",
    "local_date": "2027-03-11",
    "local_time": "13:00",
    "message": "x",
    "note": "",
    "preview": "1",
    "quiet": "",
    "reason": "x",
    "role": "member",
    "timezone": "America/New_York",
    "title": "",
    "to": "leave",
    "version": "0",
}


# The world --------------------------------------------------------------------------------------------


@pytest.fixture
def world(committee, elsewhere, carla, mo, olga, ana, stu, meeting, settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    world = make_world(committee, elsewhere, carla, mo, olga, ana, stu, meeting)
    _the_call(world)
    _other_calls(world)
    _answers_and_mails(world)
    _papers_and_words(world)
    _the_record(world)
    _what_is_confidential(world)
    _what_is_to_come(world)
    _people(world)
    return world


def _the_call(world: World) -> None:
    call, carla = world.meeting, world.carla
    call.edit(carla, dial_in="Dialword", video_url="https://videoword.example/j", public=True)
    soon = {"local_date": localdate() + timedelta(days=4), "local_time": call.local_time, "timezone": call.timezone}
    call.move(carla, reason="Reasonword", **soon)
    world.item.edit(carla, title="Itemword", description="Explainword")
    gone = AgendaItem.add(call, carla, title="Removedword", minutes=5)
    gone.remove(carla)
    AgendaTemplate.save_from(call, "Orderword", carla)
    Proposal.objects.filter(pk=world.proposal.pk).update(title="Proposeword")
    Proposal.propose(call, world.mo, title="Another", minutes=None, words="").decline(carla, "Answeredword")
    KeptForm.objects.create(
        token="typed-by-carla",
        person=carla,
        page=reverse("meeting_edit", args=[call.slug]),
        typed={"title": ["Typedword"]},
        mistakes={"MeetingForm ": {}, "note": ""},
    )


def _other_calls(world: World) -> None:
    off = MeetingFactory(committee=world.committee, by=world.carla, title="Off", public=True)
    off.cancel(world.carla, "Cancelword")
    MeetingFactory(committee=world.committee, by=world.carla, title="Untoldword", told_at=None)
    date_to_save = MeetingFactory(committee=world.committee, by=world.carla, title="Date to save", public=True)
    AgendaItem.add(date_to_save, world.carla, title="Unsaidword", description="Unsaidword", minutes=5)


def _answers_and_mails(world: World) -> None:
    call, mo = world.meeting, world.mo
    call.rsvps.create(user=mo, edition=call.edition, response="accepted", note="Noteword")
    ReplyNote.objects.update(words="Replyword", sender="canary-sender@portal.example")
    InboundMail.objects.update(raw=b"From: a@b\r\n\r\nRawword", subject="Subjectword", outcome="Outcomeword")
    waiting = {"edition": call.edition, "response": "declined", "state": "waiting", "received_at": now()}
    CalendarReply.objects.filter(user=mo).update(note="Calendarword", sender="canary-other@portal.example", **waiting)


def _papers_and_words(world: World) -> None:
    paper = make_document(world.committee, world.carla, "Paperword")
    version = DocumentVersion(name="Fileword.txt", content_type="text/plain", size=9, sha256="x", text="Textword")
    version.file.save("paper.txt", ContentFile(b"Bytesword"), save=False)
    paper.add_version(version, world.carla)
    world.document = paper
    make_document(world.committee, world.carla, "Withdrawnword").withdraw(world.carla)
    type(world.announcement).objects.filter(pk=world.announcement.pk).update(headline="Newsword")
    type(world.draft).objects.filter(pk=world.draft.pk).update(headline="Draftword")
    JoinRequest.objects.update(message="Requestword")
    answered = JoinRequest.objects.create(committee=world.committee, user=UserFactory(), message="Askedword")
    answered.decline(world.carla, "Refusalword")


def _the_record(world: World) -> None:
    committee, carla, mo = world.committee, world.carla, world.mo
    world.poll = PollFactory(committee=committee, by=carla, title="Pollword")
    PollFactory(committee=committee, by=carla, title="Unaskedword", told=False)
    DecisionFactory(committee=committee, by=carla, motion="Motionword").correct(carla, reason="Correctword")
    ActionItemFactory(committee=committee, by=carla, owner=mo, text="Taskword")
    ReportDraft.objects.filter(pk=world.report_draft.pk).update(topic="Topicword")
    out, unsent, public = (
        make_minutes(
            MeetingFactory(committee=committee, by=carla, title=title, starts_in=timedelta(days=-1)), mo, *words
        )
        for title, *words in (
            ("Out", "Minuteword", "Commentword"),
            ("Unsent", "Unsentword", "Unsentword"),
            ("Public", "Struckword", "Besideword"),
        )
    )
    out.object(mo, "Objectword")
    Minutes.objects.filter(pk=unsent.pk).update(sent_at=None)
    _write_down(unsent.meeting, carla, "Logword")
    _write_down(out.meeting, carla, "Erasedword", removed_at=now(), removed_by=carla)
    typed = public.latest().sections
    typed[0]["parts"][0]["text"] = "Publicword"
    public.add_revision(carla, sections=typed)
    assert writing.approve(public, carla, audience=Minutes.Audience.MEMBERS)

    for name, form, field in (
        ("meeting_minutes_comment", "CommentForm ", "words"),
        ("meeting_minutes_object", "ObjectionForm ", "reason"),
    ):
        page, mistakes = reverse(name, args=[out.slug]), {form: {}, "note": ""}
        KeptForm.objects.create(token=name, person=mo, page=page, typed={field: ["Againword"]}, mistakes=mistakes)


def _write_down(call: Meeting, by: User, text: str, **fields) -> None:
    run, _created = CallRun.objects.get_or_create(meeting=call, defaults={"started_at": now(), "ended_at": now()})
    moments = {"made_at": now(), "arrived_at": now()}
    LogEntry.objects.create(run=run, key=uuid4(), kind=LogEntry.Kind.NOTE, text=text, by=by, **moments | fields)


def _what_is_confidential(world: World) -> None:
    Committee.objects.filter(pk=world.hidden.pk).update(name="Hiddenword", purpose="Purposeword")
    Meeting.objects.filter(pk=world.hidden_meeting.pk).update(title="Quietword", public=True)
    AgendaItem.add(world.hidden_meeting, world.carla, title="Whisperword", minutes=5)
    publish_quietly(world.hidden_meeting)
    make_document(world.hidden, world.carla, "Secretword")
    make_announcement(world.hidden, world.carla, headline="Murmurword", sent_at=now())
    shared = MeetingFactory(committee=world.committee, by=world.carla, title="Shared", public=True)
    JointCommittee.objects.create(meeting=shared, committee=world.hidden)
    made = {"committee": world.hidden, "by": world.carla}
    SeriesFactory(title="Cycleword", **made)
    PollFactory(title="Whenword", **made)
    DecisionFactory(motion="Ruleword", **made)
    ActionItemFactory(text="Choreword", **made)
    make_minutes(
        MeetingFactory(title="Quiet and over", starts_in=timedelta(days=-1), **made), world.carla, "Recordword"
    )
    world.hidden.refresh_from_db()
    world.hidden_meeting.refresh_from_db()


def _what_is_to_come(world: World) -> None:
    hidden_issue = IssueAreaFactory(name="Issueword", slug="issue-canary", published_at=None)
    CommitteeFactory(name="Of an issue to come", slug="to-come", issue=hidden_issue)
    assert IssueArea.objects.filter(published_at=None).exists()
    words = {"type": "report", "summary": "Short.", "body": "Long.", "dated_on": date(2026, 1, 1)}
    for title, out in (("Unprintedword", None), ("Laterword", now() + timedelta(days=9))):
        publication = Publication.objects.create(
            issue=world.committee.issue,
            title=title,
            slug=title.lower(),
            published_at=out,
            author_name="Ghostword",
            **words,
        )
        publication.also_about.add(hidden_issue)
        Picture.objects.filter(pk=make_picture(publication).pk).update(description="Sketchword", credit="Brushword")


def _people(world: World) -> None:
    mo, stu = world.mo, world.stu
    Profile.objects.filter(user=mo).update(phone="+17195550177", rsvp_audience="staff")
    User.objects.filter(pk=mo.pk).update(email="canary-member@portal.example")
    FormerAddress.objects.create(user=mo, email="canary-former@portal.example", until=now())
    mo.refresh_from_db()
    Application.objects.update(why="Whyword", wanted="x", wanted_name="Cameforword")
    UserFactory(name="Lee Left").leave(stu, "Endword")
    UserFactory(name="Shut Out").deactivate(stu, "Closeword")
    reply = "550 <canary-mailbox@portal.example> unknown"
    dead = {"state": "failed", "refused_at": now(), "last_reply": reply}
    Delivery.objects.create(recipient=mo, kind="joined", about="committee:1", dedupe_key="joined:7", **dead)
    Suppression.stop("canary-mailbox@portal.example", "bounce", "the mailbox doesn’t exist.", reply=reply)
    code = {"kind": "sign_in_code", "about": "sign_in_code:x", "facts": {"code": "Codeword"}}
    Delivery.objects.create(recipient=mo, **code)
    Stumble.objects.create(part="plan_reminders", tries=9, reason="Stumbleword", since=now() - timedelta(hours=9))


# The readers ------------------------------------------------------------------------------------------


@pytest.fixture
def people(world, ana, olga, mo, carla, chet, stu, ada) -> dict[str, User]:
    cast = {"applicant": ana, "elsewhere": olga, "member": mo, "chair": carla, "chair elsewhere": chet}
    cast |= {"membership": stu, "admin": ada} | make_people(world, by=ada)
    Application.objects.filter(note="Not this time.").update(note="Declineword", why="Wishword")
    for role in (Membership.Role.SECRETARY, Membership.Role.VICE_CHAIR, Membership.Role.LIAISON):
        cast[role.label.lower()] = MembershipFactory(committee=world.committee, role=role).user
    cast["chair of a confidential one"] = MembershipFactory(committee=world.hidden, role=Membership.Role.CHAIR).user
    return cast


@pytest.fixture
def clients(people, sign_in, stu, ada, mo) -> dict[str, Client]:
    clients = {role: sign_in(person) for role, person in people.items()}
    clients |= {"anonymous": sign_in(), "staff, code only": sign_in(stu, strong=False)}
    token = AuthToken.objects.create(mo)[1]
    clients["holder of a token"] = Client(headers={"Authorization": f"Token {token}"})
    UserSession.objects.filter(user=mo).update(ip="203.0.113.77")
    end_standings(people, by=ada)
    clients["ended"] = sign_in(people["ended"])
    for client in clients.values():
        client.raise_request_exception = False
    assert set(clients) == set(ROLES) - {"holder of a link"}
    return clients


# Doors ------------------------------------------------------------------------------------------------


def addresses(world: World) -> list[str]:
    """Of everything that may be read, of the call and the committee that are confidential too."""
    names = [(name, row) for name, row in sorted(TABLE.items()) if "Y" in row.GET and not row.path and name not in KEYS]
    hidden = of_the_confidential(world)
    found = [
        _address(name, row, each) for name, row in names for each in ((world, hidden) if row.arguments else (world,))
    ]
    call = world.meeting.get_absolute_url()
    more = [
        "/committees/to-come/",
        "/issues/issue-canary/",
        "/calls/?show=all",
        "/search/?q=word",
        "/search/?q=quietword",
        "/search/?q=secretword",
        "/people/?q=mo",
        f"/settings/messages/?about={world.meeting.about}",
        f"{call}edit/?typed=typed-by-carla",
        f"{call}?part=join",
        f"{world.hidden_meeting.get_absolute_url()}?part=join",
        "/staff/members/?standing=everybody",
        f"/staff/members/{world.mo.pk}/",
        "/staff/messages/?q=canary",
    ]
    shared = Meeting.objects.get(title="Shared")
    of_the_shared = ("meeting_answers", "meeting_attendance", "meeting_committees", "meeting_ics", "api_meeting-detail")
    more += [reverse(name, args=[shared.slug]) for name in of_the_shared]
    others = Meeting.objects.filter(title__in=("Off", "Untoldword", "Date to save", "Shared"))
    for name in (
        "meeting_detail",
        "meeting_print",
        "meeting_book",
        "meeting_agenda",
        "meeting_run",
        "api_meeting-agenda",
    ):
        more += [reverse(name, args=[each.slug]) for each in others]
    more += [
        reverse(name, args=[call.slug])
        for call in Meeting.objects.filter(title__in=("Unsent", "Public"))
        for name in ("meeting_detail", *OF_THE_RECORD)
    ]
    more += [f"{reverse(name, args=[world.minutes.slug])}?typed={name}" for name in OF_TYPED_ANSWERS]
    more += [
        f"{world.committee.get_absolute_url()}actions/?show=all",
        *(p.get_absolute_url() for p in world.committee.polls.all()),
    ]
    more += [reverse("document_detail", args=[each]) for each in _documents()]
    more += [
        reverse("staff_member", args=[person.pk]) for person in User.objects.filter(name__in=("Lee Left", "Shut Out"))
    ]
    return list(dict.fromkeys([*found, *more]))


def of_the_confidential(world: World) -> World:
    call, committee = world.hidden_meeting, world.hidden
    return replace(
        world,
        committee=committee,
        meeting=call,
        item=call.agenda_items.get(),
        document=committee.documents.get(),
        announcement=committee.announcements.get(),
        series=committee.series.get(),
        poll=committee.polls.get(),
    )


def _documents() -> list[int]:
    return list(DocumentVersion.objects.values_list("document", flat=True).distinct())


def _address(name: str, row, world: World) -> str:
    return reverse(name, args=row.arguments(world) if row.arguments else None)


def words_in(response: HttpResponse) -> set[str]:
    """In the body, in whatever way it is sent, and in the headers."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace") + "\n".join(f"{name}: {value}" for name, value in response.items())
    return {word for word in ALLOWED if word in text}


Found = set[tuple[str, str, str]]


def out_of_place(found: Found) -> Found:
    return {(word, role, door) for word, role, door in found if role not in ALLOWED[word]}


def read(addresses: list[str], clients: dict[str, Client]) -> Found:
    """(word, role, address) of all that is found, plain, and as a fragment where that is another answer."""
    found = set()
    for address in addresses:
        has_fragment = _differs(clients["admin"], address)
        for role, client in clients.items():
            answers = [client.get(address)] + ([client.get(address, **HX)] if has_fragment else [])
            found |= {(word, role, address) for answer in answers for word in words_in(answer)}
    return found


def _differs(client: Client, address: str) -> bool:
    plain, fragment = client.get(address), client.get(address, **HX)
    return not plain.streaming and abs(len(plain.content) - len(fragment.content)) > 99


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_word_is_out_of_place_behind_any_address(part, world, clients):
    assert out_of_place(read(addresses(world)[part::PARTS], clients)) == set()


SEARCHED = {  # what stands in the index, of all that is private
    "Itemword",
    "Explainword",
    "Untoldword",
    "Unsaidword",
    "Paperword",
    "Textword",
    "Newsword",
    "Draftword",
    "Hiddenword",
    "Purposeword",
    "Quietword",
    "Whisperword",
    "Secretword",
    "Murmurword",
    "Motionword",
    "Ruleword",
    "Cycleword",
    "Publicword",
    "Unprintedword",
    "Laterword",
}


def _search(clients: dict[str, Client], words: set[str]) -> set[tuple[str, str]]:
    """(word, role) of all that is found, shown or suggested. Typed in small letters: a page that says it again doesn't count."""
    pages = (
        "/search/?q={}",
        "/search/suggestions/?q={}",
        "/library/?q={}",
        "/people/?q={}",
        "/search/?kind=agenda_item&q={}",
    )
    found = set()
    for role, client in clients.items():
        for word in sorted(words):
            said = {
                each
                for page in pages
                for each in words_in(client.get(page.format(word.lower()), **(HX if "suggestions" in page else {})))
            }
            found |= {(each, role) for each in said if each != each.lower()}
    return found


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_search_finds_each_word_for_those_who_may_read_it_and_for_nobody_else(world, clients):
    may = {(word, role) for word in SEARCHED for role in ALLOWED[word] & set(clients) if role != "holder of a token"}
    assert _search(clients, SEARCHED) == may


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.timeout(1200)
def test_no_private_word_that_is_searched_for_leads_anywhere(world, clients):
    """Or to what it is nearly called like, and then whoever may open that."""
    like = {*SEARCHED, "Withdrawnword"}
    assert (
        _search(clients, set(ALLOWED) - SEARCHED) - {(word, role) for word in like for role in ALLOWED[word]} == set()
    )


def answers_to_posts(world: World, clients: dict[str, Client], part: int) -> Iterator[tuple[str, str, HttpResponse]]:
    """What each role is told that posts nothing, or a little of everything, with script and without; all is undone."""
    table = sorted(TABLE.items())
    names = [(name, row) for name, row in table if row.POST and not row.path and name not in (*KEYS, *JOINING)]
    hidden = of_the_confidential(world)
    for name, row in names[part::PARTS]:
        for each in (world, hidden) if row.arguments else (world,):
            try:
                address = _address(name, row, each)
            except ObjectDoesNotExist:  # of a thing that the confidential committee has none of
                continue
            for role, client in clients.items():
                for fields, more in (({}, HX), (TYPED, {"HTTP_ACCEPT": "text/html"})):
                    yield address, role, _undone(client, address, fields, more)


def _undone(client: Client, address: str, fields: dict, more: dict) -> HttpResponse:
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        try:
            answer = client.post(address, urlencode(fields), FORM, follow="HTTP_ACCEPT" in more, **more)
        except RedirectCycleError as error:  # it leads to where it was posted, which leads on by what is undone here
            answer = error.last_response
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_word_is_out_of_place_in_the_answer_to_a_post(part, world, clients):
    found = {(word, role, at) for at, role, said in answers_to_posts(world, clients, part) for word in words_in(said)}
    assert out_of_place(found) == set()


def keys_of(world: World, person: User) -> list[str]:
    call, hidden = world.meeting, world.hidden_meeting
    tokens = [links.rsvp_token(person.pk, each.pk) for each in (call, hidden)]
    feed = reverse("calendar_feed", args=[feeds.token(person, feeds.number_of(person))])
    stop = [links.unsubscribe_token(person.pk, "reminder", each.scope) for each in (world.committee, world.hidden)]
    addresses = [reverse(name, args=[token]) for name in KEYS[1:4] for token in tokens]
    addresses += [
        reverse("join_link", args=[links.join_token(person.pk, each.pk, each.edition)]) for each in (call, hidden)
    ]
    addresses.append(reverse("request_link", args=[links.make(links.DECIDE, person.pk, world.request.pk)]))
    return [feed, *addresses, *(reverse("unsubscribe", args=[token]) for token in stop)]


@pytest.mark.django_db
def test_addresses_that_speak_to_their_holder_say_what_the_holder_is_told(world, people, clients):
    """Whoever holds a link of somebody's mail is told what that person is, as long as they are."""
    found = set()
    for role, person in people.items():
        for address in keys_of(world, person):
            answers = [Client().get(address), _undone(Client(), address, TYPED, {"HTTP_ACCEPT": "text/html"})]
            found |= {(word, role, address) for answer in answers for word in words_in(answer)}
    assert out_of_place(found) == set()
    assert {word for word, role, _at in found if role == "member"} >= {"Dialword"}
    assert {word for word, role, _at in found if role in ("ended", "closed", "declined", "applicant")} == set()


@pytest.mark.django_db
def test_each_word_stands_where_it_may(world, clients):
    """The control: a crawl that looks for words nobody could find proves nothing."""
    call, place, hidden = (each.get_absolute_url() for each in (world.meeting, world.committee, world.hidden))
    paper = DocumentVersion.objects.get(name="Fileword.txt").document
    shut, declined = User.objects.get(name="Shut Out"), Application.objects.get(why="Wishword")
    places = {
        "admin": [
            call,
            Meeting.objects.get(title="Date to save").get_absolute_url(),
            f"{call}answers/",
            f"{call}agenda/",
            f"{place}documents/",
            f"{place}requests/",
            f"{place}decisions/",
            f"{place}actions/",
            f"{place}polls/",
            reverse("decision_detail", args=[world.committee.slug, world.decision.reference]),
            world.minutes.get_absolute_url(),
            *(f"{each.get_absolute_url()}" for each in Minutes.objects.of_committee(world.committee)),
            *(
                reverse("meeting_minutes_changes", args=[each.slug])
                for each in Minutes.objects.of_committee(world.committee)
            ),
            *(reverse("meeting_run", args=[each.slug]) for each in Minutes.objects.of_committee(world.committee)),
            "/calls/?show=all",
            "/announcements/",
            "/staff/",
            "/staff/announcements/",
            "/staff/committees/",
            "/staff/publications/",
            reverse("staff_publication", args=[Publication.objects.get(title="Unprintedword").pk]),
            "/staff/activity/",
            "/staff/reports/",
            "/staff/reports/committees.csv",
            "/staff/messages/inbound/",
            "/staff/messages/stopped/",
            reverse("staff_member", args=[shut.pk]),
            reverse("staff_application", args=[world.application.pk]),
            reverse("staff_application", args=[declined.pk]),
            reverse("document_detail", args=[paper.pk]),
            reverse("document_file", args=[paper.pk, 2]),
            hidden,
            f"{hidden}documents/",
            world.hidden_meeting.get_absolute_url(),
            *(
                reverse(name, args=[world.hidden.slug])
                for name in ("committee_decisions", "committee_actions", "poll_list")
            ),
            world.hidden.series.get().get_absolute_url(),
            Minutes.objects.of_committee(world.hidden).get().get_absolute_url(),
        ],
        "member": [
            *(f"{reverse(name, args=[world.minutes.slug])}?typed={name}" for name in OF_TYPED_ANSWERS),
            "/",
            call,
            f"{call}propose/",
            "/settings/details/",
            "/settings/email/",
            "/settings/security/",
        ],
        "chair": [
            f"{call}edit/?typed=typed-by-carla",
            reverse("attendance_report_look", args=[world.meeting.slug, world.report_draft.pk]),
        ],
    }
    seen = {(word, role) for role, found in places.items() for at in found for word in words_in(clients[role].get(at))}
    raw = clients["admin"].post(reverse("staff_inbound_raw", args=[world.inbound.pk]))
    seen |= {(word, "admin") for word in words_in(raw)}
    assert out_of_place({(word, role, "") for word, role in seen}) == set()
    assert {word for word, _role in seen} == {word for word, roles in ALLOWED.items() if roles}


# Mails ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_word_of_a_mail_goes_to_whom_it_is_for_and_to_nobody_else(everything):  # noqa: F811
    """The story in which every kind is sent: who reads which word, in headers, text, HTML and calendar."""
    told = {word: set() for word in MAILED}
    for mail in everything:
        text = _plain(mail.message)
        for word in MAILED:
            if word in text:
                told[word].add(re.sub(r"^person\d+$", "another member", mail.recipient.partition("@")[0]))
    assert told == MAILED


def _plain(message) -> str:
    heads = [f"{name}: {value}" for name, value in message.items()]
    bodies = [part.get_payload(decode=True) or b"" for part in message.walk() if not part.is_multipart()]
    return "\n".join([*heads, *(body.decode(errors="replace").replace("\r\n ", "") for body in bodies)])
