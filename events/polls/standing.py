"""How a poll stands: for each time who can, who can if need be and who can't, and which time suits most."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.models import Poll, PollSlot, PollVote
from members.models import Profile, User

Answer = PollVote.Answer


@dataclass
class Standing:
    """One time. The counts are of everybody on the committee today; the names of those whom the reader may see."""

    slot: PollSlot
    yes: int = 0
    if_needed: int = 0
    no: int = 0
    names: dict[str, list[str]] = field(default_factory=dict)
    is_best: bool = False

    @property
    def yes_names(self) -> list[str]:
        return self.names.get(Answer.YES, [])

    @property
    def if_needed_names(self) -> list[str]:
        return self.names.get(Answer.IF_NEEDED, [])

    @property
    def no_names(self) -> list[str]:
        return self.names.get(Answer.NO, [])

    @property
    def can(self) -> int:
        return self.yes + self.if_needed

    @property
    def rank(self) -> tuple[int, int, float]:
        """The most who can come, of these the most who said yes, of these the earliest."""
        return self.can, self.yes, -self.slot.starts_at.timestamp()


@dataclass(frozen=True)
class Standings:
    rows: list[Standing]
    people: int  # on the committee today
    voters: int  # of them
    silent: list[str] = field(default_factory=list)  # names, for co-chairs


def standings(poll: Poll, viewer: User | None = None, *, everybody: bool = False) -> Standings:
    """In three queries, however many times and votes there are. Removed times come along; they are never best.

    `viewer` sees the names of those who let fellow committee members see their answers, and `everybody` all of them.
    """
    slots = list(poll.slots.all())
    rows = {slot.pk: Standing(slot) for slot in slots}
    for slot in slots:
        slot.poll = poll
    people = {person.pk: person for person in poll.invitees().select_related("profile")}
    votes = PollVote.objects.filter(slot__poll=poll, user__in=people).values_list("slot", "user", "answer")
    voted: set[int] = set()
    for slot_pk, person_pk, answer in votes.order_by("user__name", "pk"):
        row, person = rows[slot_pk], people[person_pk]
        setattr(row, answer, getattr(row, answer) + 1)
        if viewer and _shows(person, viewer, everybody, hidden=poll.committee.hides_answers):
            row.names.setdefault(answer, []).append(person.name)
        voted.add(person_pk)
    _mark_best([row for row in rows.values() if not row.slot.removed_at])
    silent = sorted(person.name for person in people.values() if person.pk not in voted) if everybody else []
    return Standings(list(rows.values()), len(people), len(voted), silent)


def _shows(person: User, viewer: User, everybody: bool, *, hidden: bool) -> bool:
    """As answers to calls are shown (`RsvpQuerySet.shown_to`)."""
    if everybody or person.pk == viewer.pk:
        return True
    profile = getattr(person, "profile", None)
    return (
        not hidden
        and profile is not None
        and profile.rsvp_audience in (Profile.Audience.COMMITTEES, Profile.Audience.MEMBERS)
    )


def _mark_best(rows: list[Standing]) -> None:
    """The one that suits most, when somebody can come at all; two that stand alike in people are both best."""
    best = max(rows, key=lambda row: row.rank, default=None)
    if best and best.can:
        for row in rows:
            row.is_best = (row.can, row.yes) == (best.can, best.yes)
