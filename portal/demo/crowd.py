"""A network of any size around the story, for measuring: `manage.py demo --members 20000`.

The story is told through the public verbs; the crowd is not, because 20,000 people, 200,000 answers and their
history would take the verbs an hour. Its rows go in by COPY, valid by every constraint and seen by every trigger.
The same number gives the same network each time. Proportions, for 5,000 members: 30 committees, the seven of the
story three times as large as the others, 1.15 seats a person, 1,000 calls of which 50 are to come, 10 answers a
person, 1,500 papers. Growing again adds people to the committees and answers to the calls that are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from committees.models import Committee, Document, DocumentVersion, Membership
from events.models import AgendaItem, AgendaPublication, Meeting, Rsvp, RsvpAnswer
from events.models.publishing import NOTHING
from members.models import AuditEntry, Jurisdiction, Office, Profile, User
from members.times.clock import today
from portal.demo import texts
from portal.demo.copying import copy_in, reserve

SEED = "a crowd of local officials"
CALLS, TO_COME, PAPERS, ANSWERS = 1000, 50, 1500, 10
SEATS = {0: 15, 1: 60, 2: 20, 3: 5}  # how many seats: how often in a hundred
STATES = {
    "CA": "California",
    "CO": "Colorado",
    "FL": "Florida",
    "GA": "Georgia",
    "IL": "Illinois",
    "MI": "Michigan",
    "MN": "Minnesota",
    "NC": "North Carolina",
    "NY": "New York",
    "OH": "Ohio",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "TX": "Texas",
    "WA": "Washington",
    "WI": "Wisconsin",
}
STORY_WEIGHT, STATE_WEIGHT = 3, 5  # of one's own state
CAUCUSES = (
    "Rural Members",
    "County Members",
    "School Board Members",
    "Young Officials",
    "Mayors",
    "Transit and Streets",
    "Public Health",
)
TITLES = {
    Jurisdiction.Kind.PLACE: (
        "City Council Member",
        "City Council Member",
        "Council Member",
        "Alder",
        "Mayor",
        "School Board Member",
    ),
    Jurisdiction.Kind.COUNTY: ("County Commissioner", "County Supervisor", "County Board Member"),
    Jurisdiction.Kind.STATE: ("State Board Member",),
}
TOPICS = (
    "Budget season",
    "Questions and answers",
    "New members’ hour",
    "What we learned this month",
    "Draft review",
    "Statehouse watch",
    "Campaign check-in",
    "Planning call",
)
TIMES = (time(12), time(13), time(15), time(17, 30), time(19))
RESPONSES = {Rsvp.Response.ACCEPTED: 62, Rsvp.Response.TENTATIVE: 12, Rsvp.Response.DECLINED: 26}


@transaction.atomic
def grow(members: int) -> int:
    """Add people until the network has `members`; how many that was."""
    missing = members - User.objects.members().count()
    if missing <= 0:
        return 0
    chance = Random(f"{SEED} {members}")
    committees = _committees(chance)
    people, states = _recruit(missing, chance)
    seats = _seat(people, states, committees, chance)
    _schedule(committees, chance)
    _answer(seats, missing, chance)
    _file_papers(committees, chance)
    _log(people, seats)
    _analyze()
    return missing


# Committees -------------------------------------------------------------------------------------


def _committees(chance: Random) -> list[Committee]:
    """All but the confidential one, the story's first."""
    for name in (*STATES.values(), *CAUCUSES):
        kind = Committee.Kind.CAUCUS if name in CAUCUSES else Committee.Kind.STATE
        zone = chance.choice(("America/New_York", "America/Chicago", "America/Los_Angeles"))
        Committee.objects.get_or_create(
            slug=slugify(name),
            defaults={"name": name, "kind": kind, "purpose": f"{name} in the network, once a month.", "timezone": zone},
        )
    return list(Committee.objects.filter(confidential=False).order_by("pk"))


# People -----------------------------------------------------------------------------------------


def _recruit(count: int, chance: Random) -> tuple[list[User], list[str]]:
    """(the people, the state of each)."""
    places = list(Jurisdiction.objects.exclude(kind=Jurisdiction.Kind.SCHOOL_DISTRICT).order_by("pk"))
    homes = chance.choices(places, weights=[(place.population or 100) ** 0.5 for place in places], k=count)
    names = _names(chance)
    keys = reserve(User, count)
    people = [_person(key, next(names), home, chance) for key, home in zip(keys, homes, strict=True)]
    copy_in(people)
    copy_in([_profile(person, chance) for person in people])
    copy_in([_office(person, home, chance) for person, home in zip(people, homes, strict=True)])
    return people, [home.state for home in homes]


def _names(chance: Random) -> Iterator[str]:
    """First and last names of the story, mixed."""
    told = [row["name"].split(" ") for row in texts.rows("people.csv")]
    first, last = [words[0] for words in told], [words[-1] for words in told]
    while True:
        yield f"{chance.choice(first)} {chance.choice(last)}"


def _person(key: int, name: str, home: Jurisdiction, chance: Random) -> User:
    admitted_at = timezone.now() - timedelta(days=int(chance.triangular(1, 2200, 300)), minutes=chance.randint(0, 1440))
    address = f"{slugify(name.replace(chr(39), ''))}.{key}@{slugify(home.name)[:40]}.example"
    person = User(
        pk=key,
        email=address,
        name=name,
        given_name=name.split(" ")[0],
        timezone=home.time_zone,
        password="!",  # noqa: S106 (none fits)
        admitted_at=admitted_at,
    )
    person.created_at = admitted_at - timedelta(days=2)
    return person


def _profile(person: User, chance: Random) -> Profile:
    return Profile(
        user=person,
        email_audience=chance.choice(Profile.Audience.values),
        phone=f"+1{chance.randint(201, 989)}55501{chance.randint(10, 99)}",
    )


def _office(person: User, home: Jurisdiction, chance: Random) -> Office:
    """One in twelve is out of office by now."""
    title = chance.choice(TITLES[Jurisdiction.Kind(home.kind)])
    began = date(today().year - chance.randint(0, 3), 1, 1)
    ended = date(began.year + 4, 1, 1) if chance.random() < 11 / 12 else today() - timedelta(days=20)
    level = Office.Level.SCHOOL if title.startswith("School") else Office.level_of(home)
    return Office(
        user=person,
        title=title,
        level=level,
        jurisdiction=home,
        started_on=min(began, ended),
        ended_on=ended,
        leaves=ended <= today(),
        confirmed_at=timezone.now(),
    )


def _seat(people: list[User], states: list[str], committees: list[Committee], chance: Random) -> list[Membership]:
    choices = {state: _choices(state, committees) for state in set(states)}
    led = set(Membership.objects.current().chairs().values_list("committee", flat=True))
    seats = []
    for person, state in zip(people, states, strict=True):
        count = chance.choices(list(SEATS), weights=list(SEATS.values()))[0]
        open_to, weights = choices[state]
        for committee in dict.fromkeys(chance.choices(open_to, weights=weights, k=count)):
            role = Membership.Role.MEMBER if committee.pk in led else Membership.Role.CHAIR
            led.add(committee.pk)
            began = min(today(), person.admitted_at.date() + timedelta(days=chance.randint(1, 90)))
            seats.append(Membership(committee=committee, user=person, role=role, started_on=began))
    copy_in(seats)
    return seats


def _choices(state: str, committees: list[Committee]) -> tuple[list[Committee], list[int]]:
    """Committees that somebody from this state may be on, and how much they draw."""
    found = [
        committee
        for committee in committees
        if committee.kind != Committee.Kind.STATE or committee.name == STATES.get(state)
    ]
    drawn = {Committee.Kind.STEERING: STORY_WEIGHT, Committee.Kind.STATE: STATE_WEIGHT}
    return found, [drawn.get(Committee.Kind(committee.kind), 1) for committee in found]


# Calls ------------------------------------------------------------------------------------------


def _schedule(committees: list[Committee], chance: Random) -> None:
    """Fill up to CALLS, of which TO_COME are ahead in the next two months."""
    ahead = TO_COME - Meeting.objects.upcoming().count()
    behind = CALLS - TO_COME - Meeting.objects.past().count()
    chairs = {seat.committee_id: seat.user_id for seat in Membership.objects.current().chairs().order_by("-pk")}
    keys = iter(reserve(Meeting, max(0, ahead) + max(0, behind)))
    turns = cycle([committee for committee in committees if committee.pk in chairs])
    days = [chance.randint(3, 60) for _ in range(ahead)] + [
        -(2 + number * 1000 // max(1, behind)) for number in range(behind)
    ]
    meetings = [_meeting(next(keys), next(turns), chairs, offset, chance) for offset in days]
    copy_in(meetings)
    copy_in([item for meeting in meetings for item in _agenda(meeting, chance)])
    copy_in(
        [AgendaPublication(meeting=each, number=1, published_at=each.told_at, snapshot=NOTHING) for each in meetings]
    )


def _meeting(key: int, committee: Committee, chairs: dict[int, int], days: int, chance: Random) -> Meeting:
    topic = chance.choice(TOPICS)
    meeting = Meeting(
        pk=key,
        committee=committee,
        organizer_id=chairs[committee.pk],
        title=f"{topic}: {committee.name}",
        slug=f"{slugify(topic)}-{committee.slug}-{key}",
        uid=f"crowd-{key}@calls",
        local_date=today() + timedelta(days=days),
        local_time=chance.choice(TIMES),
        timezone=committee.timezone,
        duration=60,
        video_url=f"https://video.example/j/{key}",
    )
    meeting.derive_instant()
    meeting.created_at = meeting.told_at = min(timezone.now(), meeting.starts_at - timedelta(days=21))
    return meeting


def _agenda(meeting: Meeting, chance: Random) -> Iterator[AgendaItem]:
    kinds = ("opening", "information", "discussion", "decision")
    for position, (kind, minutes) in enumerate(zip(kinds, (5, 15, 25, 15), strict=True), 1):
        yield AgendaItem(
            meeting=meeting,
            position=position,
            title=chance.choice(TOPICS),
            kind=kind,
            minutes=minutes,
            presenter_id=meeting.organizer_id,
        )


def _answer(seats: list[Membership], people: int, chance: Random) -> None:
    """Six in ten answer a call to come; of past calls as many as make ANSWERS a person."""
    users: dict[int, list[int]] = {}
    for seat in seats:
        users.setdefault(seat.committee_id, []).append(seat.user_id)
    meetings = list(
        Meeting.objects.not_cancelled()
        .filter(committee__in=users, seats=None)  # the story fills those
        .only("committee", "edition", "starts_at", "ends_at")
        .order_by("pk")
    )
    ahead = sum(len(users[meeting.committee_id]) for meeting in meetings if not meeting.is_over)
    behind = sum(len(users[meeting.committee_id]) for meeting in meetings if meeting.is_over)
    share = min(0.9, max(0.0, ANSWERS * people - 0.6 * ahead) / max(1, behind))
    asked = [
        (meeting, user)
        for meeting in meetings
        for user in users[meeting.committee_id]
        if chance.random() < (share if meeting.is_over else 0.6)
    ]
    keys = reserve(Rsvp, len(asked))
    says = chance.choices(list(RESPONSES), weights=list(RESPONSES.values()), k=len(asked))
    rows = [
        _rsvp(key, meeting, user, response, chance)
        for key, (meeting, user), response in zip(keys, asked, says, strict=True)
    ]
    copy_in(rows)
    copy_in([_written(row) for row in rows])


def _rsvp(key: int, meeting: Meeting, user: int, response: str, chance: Random) -> Rsvp:
    answered_at = min(meeting.starts_at, timezone.now()) - timedelta(minutes=chance.randint(5, 20_000))
    return Rsvp(
        pk=key,
        meeting=meeting,
        user_id=user,
        response=response,
        edition=meeting.edition,
        version=1,
        answered_at=answered_at,
    )


def _written(row: Rsvp) -> RsvpAnswer:
    return RsvpAnswer(
        rsvp=row,
        edition=row.edition,
        response=row.response,
        seen=0,
        source=Rsvp.Source.PAGE,
        answered_by_id=row.user_id,
        answered_at=row.answered_at,
    )


# Papers and the log -------------------------------------------------------------------------------


def _file_papers(committees: list[Committee], chance: Random) -> None:
    """Up to PAPERS; their versions share the files of the story, which nobody removes one by one."""
    missing = PAPERS - Document.objects.count()
    if missing <= 0:
        return
    models = list(
        DocumentVersion.objects.filter(document__committee__confidential=False)
        .select_related("document")
        .order_by("pk")
    )
    keys, version_keys = reserve(Document, missing), reserve(DocumentVersion, missing)
    audiences = chance.choices(Document.Audience.values, weights=(60, 30, 10), k=missing)
    papers = []
    for number, (key, audience) in enumerate(zip(keys, audiences, strict=True)):
        model = models[number % len(models)]
        papers.append(
            Document(
                pk=key,
                committee=committees[number % len(committees)],
                title=f"{model.document.title} ({number})"[:160],
                audience=audience,
                latest_id=version_keys[number],
            )
        )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    copy_in(papers)
    copy_in(
        [
            _version(key, paper, models[number % len(models)])
            for number, (key, paper) in enumerate(zip(version_keys, papers, strict=True))
        ]
    )


def _version(key: int, paper: Document, model: DocumentVersion) -> DocumentVersion:
    same: dict[str, Any] = {
        name: getattr(model, name)
        for name in (
            "file",
            "name",
            "content_type",
            "size",
            "sha256",
            "pages",
            "text",
            "word_count",
            "read_at",
            "finding",
            "still",
            "uploaded_by_id",
        )
    }
    return DocumentVersion(pk=key, document=paper, number=1, uploaded_at=model.uploaded_at - timedelta(days=30), **same)


def _log(people: Iterable[User], seats: Iterable[Membership]) -> None:
    admitted, joined = ContentType.objects.get_for_model(User), ContentType.objects.get_for_model(Committee)
    staff = User.objects.get(email="jonah@portal.example")
    lines = [
        AuditEntry(
            at=person.admitted_at,
            actor=staff,
            verb="admitted",
            content_type=admitted,
            object_id=person.pk,
            target_name=person.name,
        )
        for person in people
    ]
    for seat in seats:
        at = datetime.combine(seat.started_on, time(17), tzinfo=timezone.get_default_timezone())
        after = {"user": seat.user_id, "role": seat.role}
        lines.append(
            AuditEntry(
                at=at,
                actor_id=seat.user_id,
                verb="joined",
                content_type=joined,
                object_id=seat.committee_id,
                target_name=seat.committee.name,
                after=after,
            )
        )
    copy_in(sorted(lines, key=lambda line: line.at))


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
