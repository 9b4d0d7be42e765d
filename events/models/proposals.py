"""Items that members propose for the agenda of a call: the co-chairs take them, or answer."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from events.models.agendas import AgendaItem
from events.models.joint import seats_at
from events.models.meetings import Meeting
from members.fields import Line, Words
from members.models import AuditEntry, User
from members.times.clock import database_today


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> ProposalQuerySet:
        """Neither answered nor taken back, of people who are on the call still; the first ones first."""
        held = Membership.objects.held(on=database_today()).filter(user=models.OuterRef("by"))
        on_it = models.Exists(seats_at(models.OuterRef("meeting"), held))
        return self.filter(on_it, answered_at=None, withdrawn_at=None).select_related("by").order_by("made_at", "pk")

    def to_read(self) -> ProposalQuerySet:
        """What who runs the call may open: answered ones too, and none that was taken back."""
        return self.filter(withdrawn_at=None).select_related("by", "answered_by")

    def of(self, person: User) -> ProposalQuerySet:
        return self.filter(by=person, withdrawn_at=None).select_related("answered_by").order_by("made_at", "pk")


class Proposal(models.Model):
    """`answered_at` without `item`: it was not taken, and `answer` says why. Taken, it is the item's words from then on."""

    MOST = 5  # that wait, of one person for one call

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="proposals")
    by = models.ForeignKey(User, models.CASCADE, related_name="proposals")
    title = Line(_("title"), max_length=160)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(AgendaItem.MOST_MINUTES)],
    )
    words = Words(_("what people need to know"), blank=True, default="", max_length=1000)
    made_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    item = models.OneToOneField(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="proposal")
    taken = models.BooleanField(default=False)
    answer = Words(_("answer"), blank=True, default="", max_length=600)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at=None, taken=False, answer="")
                | models.Q(answered_at__isnull=False, taken=True, answer="")
                | models.Q(models.Q(answered_at__isnull=False, taken=False), ~models.Q(answer="")),
                name="proposal_taken_or_answered",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def answerer(self) -> str:
        """Who answered, by name, as long as they have an account."""
        return self.answered_by.name if self.answered_by else gettext("A co-chair")

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def propose(cls, meeting: Meeting, by: User, *, title: str, minutes: int | None, words: str) -> Proposal:
        """Raises ValidationError, by field or with a sentence."""
        locked = Meeting.objects.select_for_update(of=["self"], no_key=True).get(pk=meeting.pk)
        if not takes_proposals(locked):
            raise ValidationError(_("This call has begun or is canceled, so its agenda is closed."), "closed")
        if cls.objects.waiting().filter(meeting=locked, by=by).count() >= cls.MOST:
            said = _("%(n)s of your items wait for an answer. Take one back to propose another.")
            raise ValidationError(said, "too_many", {"n": cls.MOST})
        proposal = cls(meeting=locked, by=by, title=title, minutes=minutes, words=words)
        proposal.full_clean()
        proposal.save()
        AuditEntry.record(by, "proposed an item", locked, after={"proposal": proposal.pk, "title": title})
        return proposal

    @transaction.atomic
    def take(self, by: User) -> bool:
        """Put it on the agenda, presented by who proposed it; once. Raises ValidationError when the agenda is full."""
        locked = self._locked()
        if locked is None:
            return False
        locked.item = AgendaItem.add(
            self.meeting, by, title=self.title, minutes=self.minutes, description=self.words, presenter=self.by
        )
        locked.taken = True
        locked._answered(by)
        return True

    @transaction.atomic
    def decline(self, by: User, answer: str) -> bool:
        """Answer in words; it does not go on the agenda. Once. Raises ValidationError without words."""
        locked = self._locked()
        if locked is None:
            return False
        if not answer:
            raise ValidationError({"answer": _("Say why in a sentence. It goes to who proposed it.")}, "required")
        locked.answer = answer
        locked._answered(by)
        return True

    @transaction.atomic
    def withdraw(self, by: User) -> bool:
        """Once, and as long as nobody answered."""
        locked = self._locked()
        if locked is None:
            return False
        locked.withdrawn_at = timezone.now()
        locked.save(update_fields=["withdrawn_at"])
        AuditEntry.record(by, "took back a proposal", self.meeting)
        return True

    def _locked(self) -> Proposal | None:
        """The row, locked; None when it is answered or taken back by now."""
        rows = Proposal.objects.select_for_update(of=["self"]).filter(answered_at=None, withdrawn_at=None)
        return rows.filter(pk=self.pk).first()

    def _answered(self, by: User) -> None:
        self.answered_at, self.answered_by = timezone.now(), by
        self.save(update_fields=["item", "taken", "answer", "answered_at", "answered_by"])
        after = {"proposal": self.pk, "title": self.title}
        AuditEntry.record(by, "took a proposal" if self.taken else "answered a proposal", self.meeting, after=after)


def takes_proposals(meeting: Meeting) -> bool:
    """From when its committee knows of the call until it begins."""
    return meeting.is_told and not meeting.is_cancelled and meeting.starts_at > timezone.now()
