"""One answer to all dates of a series.

It is written down as the ordinary answer to each coming call that is told (`Rsvp`), so whatever reads answers reads those
alone; and it is kept for the calls that are made later. Like an answer to one call it holds for the dates that it saw: once
the rule of the series changes it gives no further answers, and a call that moves asks again by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from events.models.meetings import Meeting, MeetingMove, MeetingQuerySet
from events.models.rsvps import Answered, Rsvp, RsvpAnswer
from events.models.series import MeetingSeries
from members.models import AuditEntry, User

NEWEST = 2_000_000_000  # whatever stands


@dataclass(frozen=True)
class AnsweredSeries:
    """What `record` or `undo` did: the row as it stands, whether this write is what it says, how many calls it answered
    (`ahead`), how many of these said something else before, and how many have no free seat (`waiting`). `key` is what `undo` takes, "" where there is nothing to undo.
    """

    answer: SeriesAnswer
    applied: bool
    ahead: int
    changed: int
    key: str = ""
    waiting: int = 0


class SeriesAnswerQuerySet(models.QuerySet["SeriesAnswer"]):
    def standing(self) -> SeriesAnswerQuerySet:
        """Those that calls made later get."""
        return self.filter(edition=models.F("series__edition")).exclude(response=Rsvp.Response.NEEDS_ACTION)


class SeriesAnswer(models.Model):
    """`version` counts the writes; a write names the one that it saw. `before` is what an undo brings back."""

    series = models.ForeignKey(MeetingSeries, models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, models.CASCADE, related_name="series_answers")
    edition = models.PositiveIntegerField(default=0)
    response = models.CharField(max_length=12, choices=Rsvp.Response, default=Rsvp.Response.NEEDS_ACTION)
    before = models.CharField(max_length=12, choices=Rsvp.Response, default=Rsvp.Response.NEEDS_ACTION)
    key = models.CharField(max_length=36, blank=True, help_text="by which the answers it gave are found")
    version = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(db_default=Now())

    objects = SeriesAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "user"], name="series_answer_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_response_display()}"

    @staticmethod
    def calls(series: MeetingSeries) -> MeetingQuerySet:
        """Those that an answer to all dates answers: told, on, and not over."""
        return Meeting.objects.told().not_cancelled().upcoming().filter(series=series)

    @classmethod
    @transaction.atomic
    def record(
        cls,
        series: MeetingSeries,
        user: User,
        response: str,
        *,
        seen: int | None = None,
        edition: int | None = None,
        source: str = Rsvp.Source.PAGE,
        by: User | None = None,
        sequence: int | None = None,
        stamped_at: datetime | None = None,
    ) -> AnsweredSeries:
        """Write the answer down, and tell nobody: events.answers.answering.respond_to_all is the verb that confirms it.

        `seen` is the version the person looked at, `edition` that of the series; None for what holds. A calendar's answer
        names the `sequence` it saw and when it was made: calls that moved since, and those answered since, are left as they
        are. Raises ValidationError for an unknown response, other dates by now, and when no call is left to answer.
        """
        if response not in Rsvp.Response.values:
            raise ValidationError(_("Answer with going, maybe or can’t."), "unknown_response")
        answer = cls._locked(series, user)
        if edition is not None and edition != series.edition:
            raise ValidationError(
                _("The dates of this series changed since you opened the page. Answer for the new ones."), "moved"
            )
        if seen is not None and seen < answer.version:
            same = answer.response == response and answer.edition == series.edition
            return AnsweredSeries(answer, same, cls.calls(series).count(), 0)
        calls = dict(_still_asked(cls.calls(series), user, sequence, stamped_at).values_list("pk", "edition"))
        if not calls:
            raise ValidationError(_("No call of this series is left to answer."), "over")
        key = f"all:{uuid.uuid4().hex}"
        changed, waiting = _write(calls, user, response, key, source=source, by=by or user)
        answer._become(series, response, key)
        if by and by != user:
            AuditEntry.record(by, "answered for another", series, after={"user": user.pk, "response": response})
        return AnsweredSeries(answer, True, len(calls), changed, key if changed else "", waiting)

    @classmethod
    @transaction.atomic
    def undo(cls, series: MeetingSeries, user: User, key: str) -> AnsweredSeries:
        """Bring back what stood before that answer, but for calls that were answered again since or are over by now."""
        answer = cls._locked(series, user)
        back = 0
        for response, calls in _before(series, user, key).items():
            back += _write(calls, user, response, f"undo{key}"[:36], source=Rsvp.Source.PAGE, by=user)[0]
        if applied := bool(key) and answer.key == key:
            answer._become(series, answer.before, "")
        return AnsweredSeries(answer, applied, back, back)

    @classmethod
    def give_to_made(cls, series: MeetingSeries, calls: Iterable[Meeting]) -> int:
        """Answer calls that were made just now as those said who answered for all dates and are still on the committee."""
        made = [call for call in calls if call.told_at]
        held = Membership.objects.held_by_many().filter(committee=series.committee_id, user=models.OuterRef("user"))
        standing = cls.objects.standing().filter(models.Exists(held), series=series) if made else cls.objects.none()
        given = [
            (
                answer,
                Rsvp(meeting=call, user_id=answer.user_id, edition=call.edition, response=answer.response, version=1),
            )
            for answer in standing
            for call in made
        ]
        Rsvp.objects.bulk_create(rsvp for _answer, rsvp in given)
        _keep([rsvp for _answer, rsvp in given], [answer.key for answer, _rsvp in given], Rsvp.Source.PAGE)
        return len(given)

    @classmethod
    def _locked(cls, series: MeetingSeries, user: User) -> SeriesAnswer:
        """The row, made when missing: two answers at once take turns."""
        blank = SeriesAnswer(series=series, user=user, edition=series.edition)
        SeriesAnswer.objects.bulk_create([blank], ignore_conflicts=True)
        answer = SeriesAnswer.objects.select_for_update(no_key=True).get(series=series, user=user)
        answer.series, answer.user = series, user
        return answer

    def _become(self, series: MeetingSeries, response: str, key: str) -> None:
        self.before = self.response if self.edition == series.edition else Rsvp.Response.NEEDS_ACTION
        self.edition, self.response, self.key = series.edition, response, key
        self.version += 1
        self.answered_at = Now()
        self.save(update_fields=["before", "edition", "response", "key", "version", "answered_at"])
        del self.answered_at


def _still_asked(
    calls: MeetingQuerySet, user: User, sequence: int | None, stamped_at: datetime | None
) -> MeetingQuerySet:
    """Those that a calendar's answer can be to."""
    if sequence is not None:
        moved = MeetingMove.objects.filter(meeting=models.OuterRef("pk"), sequence__gt=sequence)
        calls = calls.exclude(models.Exists(moved))
    if stamped_at is not None:
        since = RsvpAnswer.objects.filter(
            rsvp__meeting=models.OuterRef("pk"),
            rsvp__user=user,
            edition=models.OuterRef("edition"),
            answered_at__gt=stamped_at,
        )
        calls = calls.exclude(models.Exists(since))
    return calls


def _write(calls: Mapping[int, int], user: User, response: str, key: str, *, source: str, by: User) -> tuple[int, int]:
    """The answer to each call, given with its edition; how many said something else before, and how many have no seat."""
    limited = _write_one_by_one(calls, user, response, key, source=source, by=by)
    calls = {call: edition for call, edition in calls.items() if call not in limited}
    if response == Rsvp.Response.WAITING:  # what an undo brings back: no seats are counted there any more
        response = Rsvp.Response.ACCEPTED
    changed = _write_at_once(calls, user, response, key, source=source, by=by)
    waiting = sum(answered.rsvp.response == Rsvp.Response.WAITING for answered in limited.values())
    return changed + sum(answered.changed for answered in limited.values()), waiting


def _write_one_by_one(
    calls: Mapping[int, int], user: User, response: str, key: str, *, source: str, by: User
) -> dict[int, Answered]:
    """To those with seats, which are asked for in their order so that two who ask take turns."""
    if response not in (Rsvp.Response.ACCEPTED, Rsvp.Response.WAITING):
        return {}
    limited = Meeting.objects.filter(pk__in=calls).exclude(seats=None).order_by("pk")
    return {call.pk: Rsvp.record(call, user, response, seen=NEWEST, page=key, source=source, by=by) for call in limited}


def _write_at_once(calls: Mapping[int, int], user: User, response: str, key: str, *, source: str, by: User) -> int:
    blank = [Rsvp(meeting_id=call, user=user, edition=edition) for call, edition in sorted(calls.items())]
    Rsvp.objects.bulk_create(blank, ignore_conflicts=True)
    rsvps = Rsvp.objects.select_for_update(no_key=True).filter(meeting__in=calls, user=user).order_by("pk")
    changed = [rsvp for rsvp in rsvps if (rsvp.edition, rsvp.response) != (calls[rsvp.meeting_id], response)]
    for rsvp in changed:
        rsvp.seen, rsvp.version = rsvp.version, rsvp.version + 1
        rsvp.edition, rsvp.response, rsvp.answered_at = calls[rsvp.meeting_id], response, Now()
        rsvp.written_by = by if by != user else None
    Rsvp.objects.bulk_update(changed, ["seen", "version", "edition", "response", "answered_at", "written_by"])
    _keep(changed, [key] * len(changed), source, by)
    return len(changed)


def _keep(rsvps: Sequence[Rsvp], keys: Sequence[str], source: str, by: User | None = None) -> None:
    """The history of these answers; `by` None for those whose own they are."""
    RsvpAnswer.objects.bulk_create(
        RsvpAnswer(
            rsvp=rsvp,
            edition=rsvp.edition,
            response=rsvp.response,
            seen=rsvp.seen,
            page=key,
            source=source,
            answered_by_id=by.pk if by else rsvp.user_id,
            note=rsvp.note,
        )
        for rsvp, key in zip(rsvps, keys, strict=True)
    )


def _before(series: MeetingSeries, user: User, key: str) -> dict[str, dict[int, int]]:
    """By answer of before, the calls still to come to which the answer with this key stands, with their editions."""
    given = RsvpAnswer.objects.filter(page=key, rsvp__user=user).values("rsvp")
    history: dict[Rsvp, list[RsvpAnswer]] = {}
    calls = SeriesAnswer.calls(series).values("pk")
    kept = RsvpAnswer.objects.filter(rsvp__in=given, rsvp__meeting__in=calls).select_related("rsvp").order_by("-pk")
    for each in kept:
        history.setdefault(each.rsvp, []).append(each)
    found: dict[str, dict[int, int]] = {}
    for rsvp, (last, *earlier) in history.items():
        if last.page == key and last.edition == rsvp.edition:
            before = next((each.response for each in earlier[:1] if each.edition == rsvp.edition), "")
            found.setdefault(before or Rsvp.Response.NEEDS_ACTION, {})[rsvp.meeting_id] = rsvp.edition
    return found
