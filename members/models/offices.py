"""The elected seat a person holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models.jurisdictions import Jurisdiction
from members.queries.finding import Words, begins, found_by
from members.times.clock import today


class OfficeQuerySet(models.QuerySet["Office"]):
    def current(self, on: date | None = None) -> OfficeQuerySet:
        on = on or today()
        return self.filter(
            models.Q(leaves=False) | models.Q(ended_on__gt=on),
            models.Q(started_on=None) | models.Q(started_on__lte=on),
        )

    def lasting(self, on: date | None = None) -> OfficeQuerySet:
        """Those held, and those that begin on a later day."""
        return self.filter(models.Q(leaves=False) | models.Q(ended_on__gt=on or today()))

    def holding_over(self, on: date | None = None) -> OfficeQuerySet:
        """Those whose term is over while nobody said that they left."""
        return self.current(on).filter(ended_on__lte=on or today())

    def held_by(self, person: str) -> Coalesce:
        """For an annotation: the seat held today in words, "City Council Member, Durham, NC", or "" for none.

        `person` names the column of the user's id.
        """
        words = Concat("title", models.Value(", "), "place", output_field=models.CharField())
        seats = self.current().with_place().filter(user=models.OuterRef(person)).order_by("-started_on", "pk")
        return Coalesce(models.Subquery(seats.values(words=words)[:1]), models.Value(""))

    def with_place(self) -> OfficeQuerySet:
        """Annotate the `place` in the words of its jurisdiction: "Durham, NC", and of a state its name alone."""
        place = models.Case(
            models.When(jurisdiction__kind=Jurisdiction.Kind.STATE, then=models.F("jurisdiction__name")),
            default=Concat("jurisdiction__name", models.Value(", "), "jurisdiction__state"),
            output_field=models.CharField(),
        )
        return self.annotate(place=place)

    def titled(self, words: Sequence[str], at: int) -> OfficeQuerySet:
        """Seats held today whose title has the typed word number `at`."""
        return self.current().filter(found_by("title_words", words, at)).order_by()

    def placed(self, word: str) -> OfficeQuerySet:
        """Seats held today in a place of which a word begins with the typed one."""
        places = Jurisdiction.objects.filter(begins("words", word))
        return self.current().filter(jurisdiction__in=places).order_by()


class Office(models.Model):
    """A title held in a jurisdiction for a term.

    `ended_on` ends the term. It takes nobody out of office: who has one holds over until somebody says that they left on
    that day (`leaves`), or that another holds the office now. Whatever changes an office is in members.terms.offices.
    """

    class Level(models.TextChoices):
        CITY = "city", _("City or town")
        COUNTY = "county", _("County")
        SCHOOL = "school", _("School board")
        STATE = "state", _("State or territory")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offices")
    title = Line(_("title"), max_length=80)
    title_words = models.GeneratedField(expression=Words("title"), output_field=models.TextField(), db_persist=True)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="offices")
    district = Line(_("district or seat"), max_length=60, blank=True)
    started_on = models.DateField(_("took office"), null=True, blank=True)
    ended_on = models.DateField(_("term ends"), null=True, blank=True)
    leaves = models.BooleanField(
        _("out of office from that day"),
        default=False,
        db_default=False,
        help_text=_("without, the person holds over until somebody says who holds it"),
    )
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="last said to be right")
    unchecked_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="the person said so, and staff have not seen evidence"
    )

    objects = OfficeQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_on=None)
                | models.Q(started_on=None)
                | models.Q(ended_on__gte=models.F("started_on")),
                name="office_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(leaves=False) | models.Q(ended_on__isnull=False),
                name="office_left_on_a_day",
                violation_error_message=_("Say from which day the person is out of office."),
            ),
        ]
        indexes = [
            GinIndex(OpClass("title_words", name="gin_trgm_ops"), name="office_title_words"),
            models.Index(fields=["user"], include=["jurisdiction"], name="office_place"),  # to count states
            models.Index(fields=["ended_on"], name="office_ends", condition=models.Q(leaves=False)),
            models.Index(fields=["id"], name="office_unchecked", condition=models.Q(unchecked_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.jurisdiction}"

    @property
    def has_left(self) -> bool:
        return self.leaves and self.ended_on is not None and self.ended_on <= today()

    @property
    def is_holding_over(self) -> bool:
        return not self.leaves and self.ended_on is not None and self.ended_on <= today()

    @staticmethod
    def level_of(jurisdiction: Jurisdiction) -> str:
        levels = {
            "place": Office.Level.CITY,
            "county": Office.Level.COUNTY,
            "school_district": Office.Level.SCHOOL,
            "state": Office.Level.STATE,
        }
        return levels[jurisdiction.kind]
