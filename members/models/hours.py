"""When somebody can usually take a call, and when their own council meets. Clock times are the person's own.

Both are private: co-chairs see how many can come, and a council's night with a name only where its person said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from members.models.audit import AuditEntry
from members.models.users import User

DAY = 24 * 60  # minutes
LAST = -1  # of CouncilNight.weeks

Span = tuple[int, int]  # minutes after midnight; the second may lie beyond the next one
OFFICE_HOURS: Span = (9 * 60, 17 * 60)
USUAL: tuple[Span | None, ...] = (*[OFFICE_HOURS] * 5, None, None)  # Monday first: counted for those who told nothing


def _of_each_day() -> ArrayField:
    return ArrayField(models.SmallIntegerField(null=True), size=7, help_text="minutes after midnight, Monday first")


class CallHours(models.Model):
    """The hours of one person, a span a weekday. No row: they told nothing."""

    user = models.OneToOneField(User, models.CASCADE, related_name="call_hours")
    opens = _of_each_day()
    closes = _of_each_day()
    told_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "call hours"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens__len=7) & models.Q(closes__len=7), name="call_hours_of_seven_days"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.spans}"

    @property
    def spans(self) -> list[Span | None]:
        return spans_of(self.opens, self.closes)

    @classmethod
    @transaction.atomic
    def tell(cls, user: User, spans: Sequence[Span | None]) -> CallHours:
        """The log says that they changed, not what they are."""
        if not any(spans):
            raise ValidationError(_("Check at least one day"), "no_day")
        told, new = cls.objects.select_for_update().get_or_create(user=user, defaults=_columns(spans))
        if new or told.spans != list(spans):
            told.opens, told.closes = _columns(spans).values()
            told.save()
            AuditEntry.record(user, "changed hours", user)
        return told

    @classmethod
    @transaction.atomic
    def forget(cls, user: User) -> bool:
        """False when nothing was told."""
        forgotten, _rows = cls.objects.filter(user=user).delete()
        if forgotten:
            AuditEntry.record(user, "changed hours", user)
        return bool(forgotten)


def spans_of(opens: Sequence[int | None], closes: Sequence[int | None]) -> list[Span | None]:
    return [None if first is None or last is None else (first, last) for first, last in zip(opens, closes, strict=True)]


def _columns(spans: Iterable[Span | None]) -> dict[str, list[int | None]]:
    days = list(spans)
    return {"opens": [span and span[0] for span in days], "closes": [span and span[1] for span in days]}


class CouncilNight(models.Model):
    """One regular meeting of the body somebody sits on: second and fourth Tuesdays, 7:00 PM, for three hours."""

    MOST = 8  # of one person

    user = models.ForeignKey(User, models.CASCADE, related_name="council_nights")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=list(WEEKDAYS.items()))
    weeks = ArrayField(
        models.SmallIntegerField(),
        blank=True,
        default=list,
        help_text="of the month: 1 to 4, and -1 for the last; empty: every week",
    )
    every_other_from = models.DateField(
        null=True, blank=True, help_text="a day on which it meets, where it does so every other week"
    )
    begins = models.TimeField(_("begins at"))
    minutes = models.PositiveSmallIntegerField(
        _("lasts"), default=180, validators=[MinValueValidator(15), MaxValueValidator(720)]
    )
    may_be_named = models.BooleanField(
        _("Co-chairs may see my name with it"), default=False, help_text=_("Otherwise you are one of a number.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "weekday", "weeks", "begins"], name="council_night_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="council_night_on_a_weekday"),
        ]
        ordering = ["weekday", "begins", "pk"]

    def __str__(self) -> str:
        return f"{self.user}: {self.weekday} {self.weeks} {self.begins}"

    def meets_on(self, day: date) -> bool:
        return meets_on(day, self.weekday, self.weeks, self.every_other_from)

    @classmethod
    @transaction.atomic
    def add(cls, user: User, **fields: object) -> CouncilNight:
        """Once: the same night again is the one that is there. Raises ValidationError when there are too many."""
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        night = cls(user=user, **fields)
        night.clean_fields()
        if same := night._same().first():
            same._set(fields)
            return same
        if cls.objects.filter(user=user).count() >= cls.MOST:
            raise ValidationError(_("You have %(most)s already. Remove one first."), "too_many", {"most": cls.MOST})
        night.save()
        AuditEntry.record(user, "changed hours", user)
        return night

    @transaction.atomic
    def change(self, **fields: object) -> CouncilNight:
        """Raises ValidationError when it becomes another one that is there."""
        User.objects.select_for_update(no_key=True).get(pk=self.user_id)
        self._set(fields)
        return self

    @transaction.atomic
    def remove(self) -> None:
        user = self.user
        if CouncilNight.objects.filter(pk=self.pk).delete()[0]:
            AuditEntry.record(user, "changed hours", user)

    def _same(self) -> models.QuerySet[CouncilNight]:
        """Nights of the person with this one's days and time."""
        return CouncilNight.objects.filter(
            user=self.user_id, weekday=self.weekday, weeks=self.weeks, begins=self.begins
        )

    def _set(self, fields: dict[str, object]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.full_clean(validate_constraints=False)
        if self._same().exclude(pk=self.pk).exists():
            raise ValidationError(_("You have that one already"), "twice")
        self.save()
        AuditEntry.record(self.user, "changed hours", self.user)


def meets_on(day: date, weekday: int, weeks: Sequence[int], every_other_from: date | None) -> bool:
    if day.weekday() != weekday:
        return False
    if every_other_from:
        return (day - every_other_from).days % 14 == 0
    if not weeks:
        return True
    is_last = (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 + 1 in weeks or (is_last and LAST in weeks)
