"""Asking to become a member, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Line, Words
from members.models.audit import AuditEntry
from members.models.jurisdictions import Jurisdiction
from members.models.offices import Office
from members.models.users import StaffAppointment, User
from members.signals import admitted


class AlreadyDecided(Exception):
    """Somebody else decided this application first; `application` tells who and how."""

    def __init__(self, application: Application) -> None:
        super().__init__(str(application))
        self.application = application


class PlaceUnsettled(Exception):
    """The applicant typed a place that we do not know; staff say which government it is before they approve."""


class AlreadyAsked(Exception):
    """A question to the applicant waits for the answer; `question` is that one."""

    def __init__(self, question: ApplicationQuestion) -> None:
        super().__init__(str(question))
        self.question = question


def _open_question() -> models.QuerySet[ApplicationQuestion]:
    return ApplicationQuestion.objects.waiting().filter(application=models.OuterRef("pk"))


class ApplicationQuerySet(models.QuerySet["Application"]):
    def waiting(self) -> ApplicationQuerySet:
        return self.filter(decided_at=None).order_by("submitted_at")

    def to_decide(self) -> ApplicationQuerySet:
        """Those that wait for staff."""
        return self.waiting().exclude(models.Exists(_open_question()))

    def asked(self) -> ApplicationQuerySet:
        """Those that wait for the applicant's answer, with when they were `asked_at`; who was asked last comes first."""
        question = _open_question()
        asked = self.waiting().annotate(asked_at=models.Subquery(question.values("asked_at")[:1]))
        return asked.exclude(asked_at=None).order_by("-asked_at", "pk")

    def unanswered_since(self, moment: datetime) -> ApplicationQuerySet:
        """Those whose applicant was asked before that and gave no answer."""
        late = _open_question().filter(asked_at__lte=moment)
        return self.waiting().filter(models.Exists(late)).order_by("submitted_at", "pk")

    def open_for_answer(self, pk: int) -> Application | None:
        """The row, locked, that nobody decided; None also when it is gone, with those who were erased or merged."""
        return self.select_for_update(of=("self",)).filter(pk=pk, decided_at=None).first()

    def decided(self) -> ApplicationQuerySet:
        return self.exclude(decided_at=None).order_by("-decided_at")

    def for_listing(self) -> ApplicationQuerySet:
        """With the people and the place, in one query."""
        return self.select_related("applicant", "jurisdiction", "decided_by")

    def visible_to(self, user: User) -> ApplicationQuerySet:
        return self if user.may_act_as(StaffAppointment.Role.MEMBERSHIP) else self.filter(applicant=user)


class Application(models.Model):
    """One person's request for membership; the address was confirmed by code before the row exists."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("No answer to our question")

    applicant = models.ForeignKey(User, models.CASCADE, related_name="applications")
    title = Line(_("office held"), max_length=80)
    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, null=True, blank=True, related_name="applications")
    place = Line(
        _("place as typed"), max_length=400, blank=True, default="", db_default="", help_text=_("where we know none")
    )
    district = Line(_("district or seat"), max_length=60, blank=True)
    started_on = models.DateField(_("took office"), null=True, blank=True)
    ended_on = models.DateField(_("term ends"), null=True, blank=True)
    why = Words(_("why you want to join"), blank=True, max_length=2000)
    wanted = models.SlugField(
        _("what they came for"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("the address of a committee"),
    )
    wanted_name = Line(_("and its name then"), max_length=120, blank=True, default="", db_default="")
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="applications_decided")
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    note = Words(_("note to the applicant"), blank=True, max_length=2000)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["applicant"], condition=models.Q(decided_at=None), name="application_once"),
            models.CheckConstraint(
                condition=models.Q(jurisdiction__isnull=False) | ~models.Q(place=""), name="application_somewhere"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at=None, decision="")
                | models.Q(decided_at__isnull=False, decision__in=["approved", "declined", "lapsed"]),
                name="application_decision",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on=None)
                | models.Q(started_on=None)
                | models.Q(ended_on__gte=models.F("started_on")),
                name="application_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.applicant}"

    @property
    def where(self) -> str:
        """The place in short, as we know it or as it was typed."""
        return str(self.jurisdiction or self.place)

    @property
    def is_approved(self) -> bool:
        return self.decision == self.Decision.APPROVED

    @classmethod
    @transaction.atomic
    def submit(cls, applicant: User, **answers: Any) -> Application:
        """Ask to become a member. While an earlier application waits, these answers replace its own.

        Raises PermissionDenied when the account is closed.
        """
        if not User.objects.select_for_update(no_key=True).filter(pk=applicant.pk, is_active=True).exists():
            raise PermissionDenied(_("This account is closed, so it can’t apply. Write to us if it should be open."))
        application, created = cls.objects.update_or_create(applicant=applicant, decided_at=None, defaults=answers)
        application.questions.waiting().update(answered_at=timezone.now())  # by the new answers
        AuditEntry.record(applicant, "applied" if created else "changed application", application)
        return application

    @transaction.atomic
    def settle_place(self, jurisdiction: Jurisdiction, by: User) -> Application:
        """Say which government the applicant meant."""
        self.jurisdiction = jurisdiction
        self.save(update_fields=["jurisdiction"])
        AuditEntry.record(
            by, "settled the place of", self, before={"place": self.place}, after={"jurisdiction": jurisdiction.label}
        )
        return self

    @transaction.atomic
    def approve(self, by: User, note: str = "") -> Application:
        """Admit the applicant with the office applied for.

        Raises AlreadyDecided when somebody was faster, PlaceUnsettled while nobody knows which government it is, and
        PermissionDenied to the applicant, and to all but administrators when one ended the membership before.
        """
        if self.jurisdiction is None:
            raise PlaceUnsettled
        self.applicant.refuse_deciding(by)
        self._decide(by, self.Decision.APPROVED, note)
        Office.objects.create(
            user=self.applicant,
            title=self.title,
            level=Office.level_of(self.jurisdiction),
            jurisdiction=self.jurisdiction,
            district=self.district,
            started_on=self.started_on,
            ended_on=self.ended_on,
        )
        self.applicant.admit(by)
        admitted.send(sender=Application, application=self)
        return self

    @transaction.atomic
    def decline(self, by: User, note: str) -> Application:
        """Say no, with a note the applicant reads. Raises AlreadyDecided when somebody was faster."""
        self._decide(by, self.Decision.DECLINED, note)
        return self

    @transaction.atomic
    def lapse(self) -> bool:
        """End it because our question got no answer; whether it still waited for that."""
        if not Application.objects.asked().select_for_update(of=("self",)).filter(pk=self.pk).exists():
            return False
        self._decide(None, self.Decision.LAPSED, "")
        return True

    def _decide(self, by: User | None, decision: str, note: str) -> None:
        decided_at = timezone.now()
        won = Application.objects.filter(pk=self.pk, decided_at=None).update(
            decided_at=decided_at, decided_by=by, decision=decision, note=note
        )
        self.refresh_from_db()
        if not won:
            raise AlreadyDecided(self)
        AuditEntry.record(by, decision, self, reason=note)


class ApplicationQuestionQuerySet(models.QuerySet["ApplicationQuestion"]):
    def waiting(self) -> ApplicationQuestionQuerySet:
        return self.filter(answered_at=None, application__decided_at=None)


class ApplicationQuestion(models.Model):
    """What staff ask somebody who applied, and the answer: by mail, on a page, or by applying anew ("" then)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="questions")
    words = Words(_("question"), max_length=1000)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="application_questions")
    answer = Words(_("answer"), blank=True, default="", db_default="", max_length=4000)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=models.Q(answered_at=None), name="application_question_once"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=False) | models.Q(answer=""),
                name="application_question_answered",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @classmethod
    @transaction.atomic
    def ask(cls, application: Application, words: str, by: User) -> ApplicationQuestion:
        """Raises AlreadyDecided, or AlreadyAsked while an earlier question waits."""
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if locked.decided_at:
            raise AlreadyDecided(locked)
        locked.applicant.refuse_deciding(by)
        if earlier := cls.objects.select_related("asked_by").filter(application=locked, answered_at=None).first():
            raise AlreadyAsked(earlier)
        question = cls.objects.create(application=locked, words=words, asked_by=by)
        AuditEntry.record(by, "asked a question about", locked, reason=words)
        return question

    @transaction.atomic
    def say(self, answer: str) -> bool:
        """Store the answer, in place of an earlier one; False when the application was decided, or is gone."""
        locked = Application.objects.open_for_answer(self.application_id)
        if locked is None or not ApplicationQuestion.objects.filter(pk=self.pk).exists():
            return False
        self.answer, self.answered_at = answer, timezone.now()
        self.save(update_fields=["answer", "answered_at"])
        AuditEntry.record(locked.applicant, "answered a question about", locked)
        return True
