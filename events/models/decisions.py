"""What a committee decided: a permanent number, the motion, and how the vote went."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Committee, Membership
from events.models.agendas import AgendaItem
from events.models.attendance import Attendance, Quorum
from events.models.meetings import Meeting
from events.models.minutes import Minutes
from members.fields import Moment, Words
from members.models import AuditEntry, Findable, User
from members.queries.indexing import Source
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.times import clock, formats
from members.web.meanwhile import ChangedMeanwhile
from members.web.page_urls import url_of

MAY_VOTE = (*Membership.VOTING, Membership.Role.ALTERNATE)  # an alternate in the seat of somebody who is away
CORRECTED_FOR = timedelta(days=30)  # of a decision outside a call, which no minutes settle
REFERENCE = re.compile(r"D-(\d{4})-(\d{2,6})")
DECISION = Source(
    "decision",
    "events_decision",
    title="'D-' || t.year || '-' || lpad(t.number::text, greatest(2, length(t.number::text)), '0')"
    " || ' ' || left(t.motion, 200)",
    body="t.motion",
    at="t.decided_at",
)


class DecisionQuerySet(VisibleQuerySet["Decision"]):
    def open_to(self, user: User) -> DecisionQuerySet:
        """For those on the committee today."""
        return self.filter(committee__in=Membership.objects.of(user).values("committee"))

    def referenced(self, reference: str) -> DecisionQuerySet:
        """The one that is called so, such as D-2027-03; none for what is no reference."""
        match = REFERENCE.fullmatch(reference)
        if match is None:
            return self.none()
        year, number = map(int, match.groups())
        return self.filter(year=year, number=number)

    def matching(self, text: str) -> DecisionQuerySet:
        """Those whose number or motion holds every word."""
        return self.filter(pk__in=Findable.objects.of(DECISION.kind).typed(text).values("key"))

    def newest_first(self) -> DecisionQuerySet:
        return self.order_by("-year", "-number", "-pk")

    def standing(self) -> DecisionQuerySet:
        """Adopted, and not superseded by a later one."""
        return self.adopted().exclude(
            models.Exists(self.model.objects.adopted().filter(supersedes=models.OuterRef("pk")))
        )

    def adopted(self) -> DecisionQuerySet:
        return self.filter(outcome=Decision.Outcome.ADOPTED)

    def with_successor(self) -> DecisionQuerySet:
        """`later_year` and `later_number` of the decision that superseded it, None without."""
        later = self.model.objects.adopted().filter(supersedes=models.OuterRef("pk"))
        return self.annotate(
            later_year=models.Subquery(later.values("year")[:1]),
            later_number=models.Subquery(later.values("number")[:1]),
        )

    def for_listing(self, user: User) -> DecisionQuerySet:
        """Visible, newest first, with call and successor, in one query."""
        return self.visible_to(user).select_related("committee", "meeting").with_successor().newest_first()

    def for_page(self, user: User) -> DecisionQuerySet:
        named = (
            "committee",
            "meeting",
            "agenda_item",
            "mover",
            "seconder",
            "supersedes",
            "recorded_by",
            "corrected_by",
        )
        return self.visible_to(user).select_related(*named).with_successor()


class Decision(models.Model):
    """One motion and what became of it. Rows are never deleted, so that numbers have no gaps.

    `key` is made where the decision is written down: one that is sent twice is one row. `here` and `needed` are the
    quorum at the moment, None where nobody counted or no rule is set; `eligible` is how many might vote.
    """

    later_year: int | None  # these are added by `with_successor`
    later_number: int | None

    class Method(models.TextChoices):
        CONSENT = "consent", gettext_lazy("By consent")
        COUNTS = "counts", gettext_lazy("Counted votes")
        ROLL_CALL = "roll_call", gettext_lazy("Roll call")

    class Outcome(models.TextChoices):
        ADOPTED = "adopted", gettext_lazy("Adopted")
        FAILED = "failed", gettext_lazy("Failed")
        TIED = "tied", gettext_lazy("Tied, so it failed")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="decisions")
    year = models.PositiveSmallIntegerField(editable=False)
    number = models.PositiveIntegerField(editable=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="decisions")
    agenda_item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="decisions")
    motion = Words(gettext_lazy("motion"), max_length=2000)
    mover = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    seconder = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    method = models.CharField(gettext_lazy("how it was decided"), max_length=9, choices=Method, default=Method.COUNTS)
    ayes = models.PositiveSmallIntegerField(gettext_lazy("in favor"), default=0)
    noes = models.PositiveSmallIntegerField(gettext_lazy("against"), default=0)
    abstentions = models.PositiveSmallIntegerField(gettext_lazy("abstaining"), default=0)
    outcome = models.CharField(gettext_lazy("outcome"), max_length=9, choices=Outcome)
    eligible = models.PositiveSmallIntegerField(null=True, blank=True)
    here = models.PositiveSmallIntegerField(null=True, blank=True)
    needed = models.PositiveSmallIntegerField(null=True, blank=True)
    decided_at = Moment()
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="later")
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    corrected_at = models.DateTimeField(null=True, editable=False)
    corrected_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    correction = Words(gettext_lazy("what was corrected, and why"), blank=True, max_length=500)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "year", "number"], name="decision_number"),
            models.UniqueConstraint(fields=["committee", "key"], name="decision_once"),
            models.UniqueConstraint(
                fields=["supersedes"], condition=models.Q(outcome="adopted"), name="decision_superseded_once"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="withdrawn")
                | models.Q(method="consent")
                | models.Q(outcome="adopted", ayes__gt=models.F("noes"))
                | models.Q(outcome="failed", ayes__lt=models.F("noes"))
                | models.Q(outcome="tied", ayes=models.F("noes")),
                name="decision_as_counted",
            ),
        ]
        indexes = [models.Index(fields=["committee", "-year", "-number", "-id"], name="decision_register")]
        triggers = [DECISION.kept("motion", "decided_at")]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return url_of("decision_detail", self.committee.slug, self.reference)

    # Questions ---------------------------------------------------------------------------------

    @staticmethod
    def reference_of(year: int, number: int) -> str:
        return f"D-{year:04}-{number:02}"

    @property
    def reference(self) -> str:
        return self.reference_of(self.year, self.number)

    @property
    def successor(self) -> str:
        """The reference of the decision that superseded it, "" without; needs `with_successor`."""
        return self.reference_of(self.later_year, self.later_number or 0) if self.later_year else ""

    @property
    def is_adopted(self) -> bool:
        return self.outcome == self.Outcome.ADOPTED

    @property
    def is_counted(self) -> bool:
        return self.method != self.Method.CONSENT and self.outcome != self.Outcome.WITHDRAWN

    @property
    def votes_in_words(self) -> str:
        """27 for · 1 against · 3 abstained"""
        if self.outcome == self.Outcome.WITHDRAWN:
            return _("Withdrawn before a vote")
        if not self.is_counted:
            return _("Agreed without a vote")
        words = _("%(ayes)d for · %(noes)d against")
        if self.abstentions:
            words = _("%(ayes)d for · %(noes)d against · %(abstentions)d abstained")
        return words % {"ayes": self.ayes, "noes": self.noes, "abstentions": self.abstentions}

    @property
    def lacked_quorum(self) -> bool:
        return self.needed is not None and self.here is not None and self.here < self.needed

    @property
    def is_settled(self) -> bool:
        """The minutes of its call are approved, or it is too long ago: only a later decision changes it."""
        if self.meeting_id is None:
            return self.recorded_at < timezone.now() - CORRECTED_FOR
        return Minutes.objects.approved().filter(meeting=self.meeting_id).exists()

    @classmethod
    def outcome_of(cls, method: str, ayes: int, noes: int) -> str:
        """What a vote means. Raises ValidationError when nobody voted for or against."""
        if method == cls.Method.CONSENT:
            return cls.Outcome.ADOPTED
        if not ayes and not noes:
            raise ValidationError({"ayes": _("Say how many were in favor and how many against.")}, "no_votes")
        if ayes == noes:
            return cls.Outcome.TIED
        return cls.Outcome.ADOPTED if ayes > noes else cls.Outcome.FAILED

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def record(
        cls,
        committee: Committee,
        by: User,
        *,
        key: uuid.UUID,
        motion: str,
        method: str = Method.COUNTS,
        votes: Mapping[User, str] | None = None,
        withdrawn: bool = False,
        decided_at: datetime | None = None,
        **fields: Any,
    ) -> Decision:
        """Write a decision down under the next number of its year, once for each `key`.

        `votes` are those of a roll call, which are counted; else `ayes`, `noes` and `abstentions` are given. The year is
        that of the moment in the committee’s zone. Of a call, the quorum at the moment is written down too, unless the
        fields say another. Raises ValidationError with messages by field; a vote by somebody who may not vote on that
        day names them.
        """
        take_turn(f"decisions of committee {committee.pk}")
        if earlier := cls.objects.filter(committee=committee, key=key).first():
            return earlier
        decision = cls(committee=committee, key=key, recorded_by=by, motion=motion, method=method, **fields)
        decision.decided_at = decided_at or timezone.now()
        if decision.meeting and "here" not in fields:
            decision._count_quorum(decision.meeting)
        decision.year = decision.decided_at.astimezone(ZoneInfo(committee.timezone)).year
        decision._judge(votes, withdrawn)
        last = cls.objects.filter(committee=committee, year=decision.year).aggregate(last=models.Max("number"))["last"]
        decision.number = (last or 0) + 1
        decision.full_clean(validate_constraints=False)
        decision.save()
        decision._keep(votes)
        AuditEntry.record(by, "recorded a decision", committee, after=decision._said())
        return decision

    @transaction.atomic
    def correct(
        self,
        by: User,
        *,
        reason: str,
        seen: int | None = None,
        votes: Mapping[User, str] | None = None,
        withdrawn: bool = False,
        **fields: Any,
    ) -> Decision:
        """Change what was written down, with a reason that its page shows. Number and year stay.

        `seen` is the version on the form: raises ChangedMeanwhile when somebody saved after that. Raises ValidationError
        with messages by field, and when the minutes are approved: then a new decision supersedes it.
        """
        take_turn(f"decisions of committee {self.committee_id}")
        locked = Decision.objects.select_for_update(of=("self",)).select_related("committee").get(pk=self.pk)
        if locked.is_settled:
            words = _("The minutes are approved, so this decision stays as it is. Record a new one that supersedes it.")
            raise ValidationError(words, "settled")
        if seen is not None and seen != locked.version:
            raise ChangedMeanwhile(locked)
        before = locked._said()
        for name, value in fields.items():
            setattr(locked, name, value)
        locked._judge(votes, withdrawn)
        locked.version += 1
        locked.corrected_at, locked.corrected_by, locked.correction = timezone.now(), by, reason
        locked.full_clean(validate_constraints=False)
        locked.save()
        locked._keep(votes)
        AuditEntry.record(
            by, "corrected a decision", locked.committee, before=before, after=locked._said(), reason=reason
        )
        return locked

    def _judge(self, votes: Mapping[User, str] | None, withdrawn: bool) -> None:
        """Count, and say what it means."""
        if self.meeting and self.meeting.committee_id != self.committee_id:
            raise ValidationError({"meeting": _("This call is another committee’s.")}, "elsewhere")
        if votes is not None:
            self._refuse_votes(votes)
            said = list(votes.values())
            self.ayes, self.noes, self.abstentions = (said.count(choice) for choice in Vote.Choice.values)
        if self.method == self.Method.CONSENT:
            self.ayes = self.noes = self.abstentions = 0
        if self.eligible is None:
            known = self.committee.memberships.held(self.day).voting().count()
            self.eligible = known or None  # of long ago nobody wrote down who was on it
        self._refuse_too_many()
        self._refuse_supersession()
        self.outcome = self.Outcome.WITHDRAWN if withdrawn else self.outcome_of(self.method, self.ayes, self.noes)

    def _count_quorum(self, meeting: Meeting) -> None:
        """As it was at the moment; where no attendance is taken, nobody knows how many were here."""
        quorum = Quorum.of(meeting, self.decided_at)
        self.eligible, self.needed = quorum.eligible, quorum.needed or None
        self.here = quorum.here if Attendance.objects.filter(meeting=meeting).exists() else None

    @property
    def day(self) -> date:
        """The day of the roles that count."""
        return clock.day_of(self.decided_at)

    def voters(self) -> models.QuerySet[Membership]:
        """Who might vote on that day."""
        return self.committee.memberships.held(self.day).filter(role__in=MAY_VOTE)

    def _refuse_votes(self, votes: Mapping[User, str]) -> None:
        if unknown := set(votes.values()) - set(Vote.Choice.values):
            raise ValidationError({"votes": _("A vote is yes, no or abstain.")}, "unknown_vote", {"votes": unknown})
        may = set(self.voters().values_list("user", flat=True))
        sentences = [self._why_not(person) for person in votes if person.pk not in may]
        if sentences:
            raise ValidationError({"votes": sentences}, "no_vote")

    def _why_not(self, person: User) -> Any:
        """Why a person has no vote on this."""
        ended = self.committee.memberships.filter(user=person, ended_on__lte=self.day).order_by("-ended_on").first()
        if self.committee.memberships.held(self.day).filter(user=person).exists():
            return _("%(name)s is on the committee without a vote.") % {"name": person.name}
        if ended and ended.ended_on:
            words = _("%(name)s’s term ended on %(day)s, so their vote doesn’t count.")
            return words % {"name": person.name, "day": formats.date_only(ended.ended_on)}
        return _("%(name)s wasn’t on the committee then, so their vote doesn’t count.") % {"name": person.name}

    def _refuse_too_many(self) -> None:
        votes = self.ayes + self.noes + self.abstentions
        if self.eligible is not None and votes > self.eligible:
            may = ngettext("%(eligible)d person may vote", "%(eligible)d people may vote", self.eligible)
            words = ngettext("That’s %(votes)d vote, and %(may)s.", "That’s %(votes)d votes, and %(may)s.", votes)
            given = {"votes": votes, "may": may % {"eligible": self.eligible}}
            raise ValidationError({"ayes": words % given}, "too_many_votes")

    def _refuse_supersession(self) -> None:
        earlier = self.supersedes
        if earlier is None:
            return
        if earlier.committee_id != self.committee_id or earlier.pk == self.pk:
            raise ValidationError({"supersedes": _("Choose an earlier decision of this committee.")}, "elsewhere")
        later = Decision.objects.adopted().filter(supersedes=earlier).exclude(pk=self.pk).first()
        if later:
            words = _("%(earlier)s is superseded by %(later)s already. Supersede that one.")
            raise ValidationError({"supersedes": words % {"earlier": earlier, "later": later}}, "superseded")

    def _keep(self, votes: Mapping[User, str] | None) -> None:
        if votes is None and self.method == self.Method.ROLL_CALL:
            return
        self.votes.all().delete()
        Vote.objects.bulk_create(
            Vote(decision=self, voter=voter, choice=choice) for voter, choice in (votes or {}).items()
        )

    def _said(self) -> dict[str, Any]:
        names = (
            "motion",
            "method",
            "ayes",
            "noes",
            "abstentions",
            "outcome",
            "supersedes_id",
            "mover_id",
            "seconder_id",
        )
        return {"decision": self.reference} | {name: getattr(self, name) for name in names}


class Vote(models.Model):
    """One person’s vote in a roll call. The counts of the decision stay when the person is forgotten."""

    class Choice(models.TextChoices):
        AYE = "aye", gettext_lazy("Yes")
        NO = "no", gettext_lazy("No")
        ABSTAIN = "abstain", gettext_lazy("Abstain")

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="votes")
    voter = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    choice = models.CharField(max_length=7, choices=Choice)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "voter"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.voter}: {self.get_choice_display()}"
