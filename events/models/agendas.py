"""The order of business of a call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committees.models import Document, Membership
from events.models.joint import of_committees
from events.models.meetings import AGENDA_ITEM, Meeting
from members.fields import Line, Words
from members.models import AuditEntry, User
from members.queries.visibility import VisibleQuerySet
from members.web.meanwhile import ChangedMeanwhile

LONGEST = 200  # items
STEP = 5  # minutes of the − and + buttons


@dataclass(frozen=True)
class RunningItem:
    """An agenda item with the aware moment at which it begins; None behind an item whose minutes nobody has said."""

    item: AgendaItem
    starts_at: datetime | None

    @property
    def ends_at(self) -> datetime | None:
        if self.starts_at is None or self.item.minutes is None:
            return None
        return self.starts_at + timedelta(minutes=self.item.minutes)


@dataclass(frozen=True)
class Plan:
    """Running items against the length of their call. Everything is minutes; `untimed` counts the items without."""

    rows: list[RunningItem]
    length: int

    @property
    def planned(self) -> int:
        return sum(row.item.minutes or 0 for row in self.rows)

    @property
    def untimed(self) -> int:
        return sum(row.item.minutes is None for row in self.rows)

    @property
    def spare(self) -> int:
        return max(0, self.length - self.planned)

    @property
    def over(self) -> int:
        return max(0, self.planned - self.length)

    @property
    def ends_at(self) -> datetime | None:
        """When the last item ends, as far as that is known."""
        return self.rows[-1].ends_at if self.rows else None

    @property
    def spans(self) -> list[tuple[int, int, bool]]:
        """(start, minutes, past the end of the call) of each item; one that crosses the end is two of them."""
        found, at = [], 0
        for row in self.rows:
            minutes = row.item.minutes or 0
            inside = max(0, min(minutes, self.length - at))
            found += [(at, inside, False)] if inside else []
            found += [(at + inside, minutes - inside, True)] if minutes > inside else []
            at += minutes
        return found


def on_agenda(papers: models.QuerySet[Document], meeting: int) -> models.QuerySet[Document]:
    """Those of the papers that this call's items bring, each as often as it is on one."""
    return papers.filter(agenda_items__meeting=meeting, agenda_items__removed_at=None)


class AgendaItemQuerySet(VisibleQuerySet["AgendaItem"]):
    def open_to(self, user: User) -> AgendaItemQuerySet:
        """For those on the committee, once the agenda is published: whoever merely sees a public call reads none."""
        memberships = Membership.objects.of(user)
        published = Meeting.objects.published().filter(of_committees(memberships.values("committee")))
        chaired = Meeting.objects.filter(of_committees(memberships.chairs().values("committee")))
        return self.filter(models.Q(meeting__in=published) | models.Q(meeting__in=chaired), removed_at=None)

    def of_call(self, meeting: int, *, unpublished: bool = False) -> AgendaItemQuerySet:
        """What its committee may read of an agenda, in order; `unpublished`, for those who write it, whatever is on it."""
        items = self.in_order().filter(meeting=meeting)
        return items if unpublished else items.published()

    def to_be_told(self) -> AgendaItemQuerySet:
        """What a mail says of an agenda: it reads the agenda that is out once the mail has left its hold."""
        return self.filter(meeting__in=Meeting.objects.agenda_to_be_told())

    def published(self) -> AgendaItemQuerySet:
        return self.filter(meeting__in=Meeting.objects.published())

    def in_order(self) -> AgendaItemQuerySet:
        """With who presents, in one query."""
        others = AgendaItem.also_presenting.through.objects.filter(agendaitem=models.OuterRef("pk")).order_by("pk")
        items = self.order_by("position", "pk").select_related("presenter")
        return items.annotate(others=ArraySubquery(others.values("user__name")))

    def last_change(self) -> models.QuerySet[Any, Any]:
        """When the agenda of an outer call last changed, as a column: an item, removed ones too, or a paper that one brings."""
        of_call = AgendaItem.with_removed.filter(meeting=models.OuterRef("pk")).order_by().values("meeting")
        there = models.Q(removed_at=None)
        papers = (models.Max(f"papers__{when}", filter=there) for when in ("latest__uploaded_at", "withdrawn_at"))
        return of_call.annotate(last=Greatest(models.Max("changed_at"), *papers)).values("last")

    def running(self, meeting: Meeting) -> list[RunningItem]:
        """Items with their clock times, from the start of the call."""
        return running(self.in_order(), meeting.starts_at)


class CurrentItems(models.Manager.from_queryset(AgendaItemQuerySet)):  # type: ignore[misc]
    """What is on the agenda: removed items stay in the table for Undo and are seen by nobody else."""

    def get_queryset(self) -> AgendaItemQuerySet:
        return super().get_queryset().filter(removed_at=None)


class AgendaItem(models.Model):
    """`version` counts the edits: a form says which one it showed, so that nobody overwrites unseen words."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening")
        INFORMATION = "information", _("For information")
        DISCUSSION = "discussion", _("Discussion")
        DECISION = "decision", _("Decision")
        WRAP_UP = "wrap_up", _("Wrap-up")
        BREAK = "break", _("Break")

    MOST_MINUTES = 480

    others: list[str]  # names of who presents beside the first, by `in_order`

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda_items")
    position = models.PositiveSmallIntegerField(default=0)
    title = Line(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.DISCUSSION)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    presenter = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="agenda_items")
    also_presenting = models.ManyToManyField(User, blank=True, related_name="+")
    guests = Line(_("guests who present, by name"), blank=True, default="", db_default="", max_length=400)
    description = Words(_("what people need to know"), blank=True, max_length=1000)
    papers = models.ManyToManyField(Document, blank=True, related_name="agenda_items")
    carried_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="carried_to",
        help_text="what an earlier call did not reach",
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    removed_at = models.DateTimeField(null=True, editable=False)
    changed_at = models.DateTimeField(auto_now=True, db_default=Now(), help_text="for who asks what is new")

    objects = CurrentItems()
    with_removed = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        triggers = [AGENDA_ITEM.kept("title", "description", "removed_at")]

    def __str__(self) -> str:
        return self.title

    @property
    def presenters(self) -> str:
        """Who presents, by name: those of the committee, then guests."""
        others = self.others if hasattr(self, "others") else [person.name for person in self.also_presenting.all()]
        first = [self.presenter.name] if self.presenter else []
        guests = [name.strip() for name in self.guests.split(",") if name.strip()]
        return get_text_list([*first, *others, *guests], gettext("and"))

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def add(
        cls,
        meeting: Meeting,
        by: User,
        *,
        papers: Iterable[Document] = (),
        also_presenting: Iterable[User] = (),
        **fields: Any,
    ) -> AgendaItem:
        """Put an item at the end. Raises ValidationError with messages by field."""
        order = locked_order(meeting)
        if len(order) >= LONGEST:
            raise ValidationError(_("An agenda holds %(n)s items. Take one away first."), "too_long", {"n": LONGEST})
        item = cls(meeting=meeting, position=len(order) + 1, edited_by=by, **fields)
        item.full_clean()
        item.save()
        item.papers.set(papers)
        item.also_presenting.set(also_presenting)
        AuditEntry.record(by, "added to the agenda", meeting, after={"item": item.pk, "title": item.title})
        return item

    @transaction.atomic
    def edit(
        self,
        by: User,
        *,
        seen: int | None = None,
        papers: Iterable[Document] | None = None,
        also_presenting: Iterable[User] | None = None,
        **fields: Any,
    ) -> AgendaItem:
        """Change an item, bringing a removed one back. Papers that this person may not read stay on it.

        `seen` is the version on the form. Raises ChangedMeanwhile when somebody saved after that, ValidationError by field.
        """
        locked = (
            AgendaItem.with_removed.select_for_update(of=("self",))
            .select_related("edited_by", "presenter")
            .get(pk=self.pk)
        )
        if seen is not None and seen != locked.version:
            raise ChangedMeanwhile(locked)
        before = {name: _written(getattr(locked, name)) for name in fields}
        for name, value in fields.items():
            setattr(locked, name, value)
        locked.version, locked.edited_by, locked.removed_at = locked.version + 1, by, None
        locked.full_clean()
        locked.save()
        if papers is not None:
            unseen = locked.papers.exclude(pk__in=Document.objects.visible_to(by).order_by().values("pk"))
            locked.papers.set([*papers, *unseen])
        if also_presenting is not None:
            locked.also_presenting.set(also_presenting)
        after = {name: _written(value) for name, value in fields.items()}
        changed = {name: words for name, words in after.items() if before[name] != words}
        AuditEntry.record(
            by, "changed the agenda", locked.meeting, before={name: before[name] for name in changed}, after=changed
        )
        return locked

    @transaction.atomic
    def stretch(self, by: User, steps: int) -> AgendaItem | None:
        """Longer or shorter to the next multiple of five minutes; two quick clicks count twice. The first gives it five.

        None when it is off the agenda by now.
        """
        locked = AgendaItem.objects.select_for_update(of=("self",)).filter(pk=self.pk).first()
        if locked is None or not steps or (locked.minutes is None and steps < 0):
            return locked
        now = locked.minutes or 0
        minutes = (now // STEP if steps > 0 else -(-now // STEP)) * STEP + steps * STEP
        return locked.edit(by, minutes=min(self.MOST_MINUTES, max(STEP, minutes)))

    @transaction.atomic
    def place(self, by: User, index: int) -> None:
        """Move to `index` (0 is first), the others closing up."""
        order = locked_order(self.meeting)
        if self.pk not in order:
            return
        order.remove(self.pk)
        order.insert(max(0, min(index, len(order))), self.pk)
        _number(order)

    @transaction.atomic
    def shift(self, by: User, steps: int) -> None:
        """Move `steps` down, or up when negative."""
        order = locked_order(self.meeting)
        if self.pk in order:
            self.place(by, order.index(self.pk) + steps)

    @transaction.atomic
    def remove(self, by: User) -> bool:
        """Take off the agenda, once; `restore` brings it back."""
        removed = AgendaItem.objects.filter(pk=self.pk).update(
            removed_at=timezone.now(), changed_at=timezone.now(), edited_by=by, version=models.F("version") + 1
        )
        if removed:
            AuditEntry.record(by, "took off the agenda", self.meeting, before={"item": self.pk, "title": self.title})
        return bool(removed)

    @transaction.atomic
    def restore(self, by: User) -> bool:
        restored = (
            AgendaItem.with_removed.filter(pk=self.pk)
            .exclude(removed_at=None)
            .update(removed_at=None, changed_at=timezone.now(), version=models.F("version") + 1)
        )
        if restored:
            AuditEntry.record(by, "added to the agenda", self.meeting, after={"item": self.pk, "title": self.title})
        return bool(restored)

    @classmethod
    @transaction.atomic
    def copy_all(cls, source: Meeting, target: Meeting, by: User) -> int:
        """Start from another call's agenda: titles, kinds, minutes and presenters still on the committee; how many.

        None are copied onto an agenda that has begun: somebody else may have done so in this moment.
        """
        if locked_order(target):
            return 0
        items = list(source.agenda_items.in_order().prefetch_related("also_presenting")[:LONGEST])
        copies = cls._copied(items, target, by)
        if copies:
            AuditEntry.record(by, "copied an agenda", target, after={"from": source.slug, "items": len(copies)})
        return len(copies)

    @classmethod
    @transaction.atomic
    def carry_over(cls, items: Iterable[AgendaItem], target: Meeting, by: User) -> int:
        """Put what another call did not reach at the end of this one's agenda, with its words and papers; how many.

        What is on it already, because somebody else did so in this moment, is not put on it again.
        """
        there = len(locked_order(target))
        known = set(target.agenda_items.values_list("carried_from", flat=True))
        items = [item for item in items if item.pk not in known][: max(0, LONGEST - there)]
        copies = cls._copied(items, target, by, after=there)
        for copied, item in zip(copies, items, strict=True):
            copied.carried_from, copied.description = item, item.description
            copied.save(update_fields=["carried_from", "description"])
            copied.papers.set(item.papers.all())
            AuditEntry.record(by, "added to the agenda", target, after={"item": copied.pk, "title": copied.title})
        return len(copies)

    @classmethod
    def _copied(cls, items: Sequence[AgendaItem], target: Meeting, by: User, *, after: int = 0) -> list[AgendaItem]:
        invited = set(target.invitees().values_list("pk", flat=True))
        copies = [
            cls(
                meeting=target,
                position=number,
                title=item.title,
                kind=item.kind,
                minutes=item.minutes,
                presenter_id=item.presenter_id if item.presenter_id in invited else None,
                guests=item.guests,
                edited_by=by,
            )
            for number, item in enumerate(items, after + 1)
        ]
        cls.objects.bulk_create(copies)
        for copied, item in zip(copies, items, strict=True):
            copied.also_presenting.set(person for person in item.also_presenting.all() if person.pk in invited)
        return copies


FRAME = (AgendaItem.Kind.OPENING, AgendaItem.Kind.BREAK, AgendaItem.Kind.WRAP_UP)  # around what a call is about


def running(items: Iterable[AgendaItem], starts_at: datetime) -> list[RunningItem]:
    """The items, in the order given, each with the moment it begins, as far as the minutes are known."""
    rows: list[RunningItem] = []
    for item in items:
        rows.append(RunningItem(item, rows[-1].ends_at if rows else starts_at))
    return rows


def call_end(rows: list[RunningItem], meeting: Meeting) -> datetime | None:
    """The end of the last item; that of the call where the minutes aren't all known, None without an agenda."""
    return (rows[-1].ends_at or meeting.ends_at) if rows else None


def _written(value: Any) -> str:
    return "" if value is None else str(value)


def locked_order(meeting: Meeting) -> list[int]:
    """Keys in order; the call's row is locked, so that two people reordering take turns."""
    Meeting.objects.select_for_update().only("pk").get(pk=meeting.pk)
    return list(AgendaItem.objects.filter(meeting=meeting).order_by("position", "pk").values_list("pk", flat=True))


def _number(order: list[int]) -> None:
    now = timezone.now()
    items = [AgendaItem(pk=pk, position=number, changed_at=now) for number, pk in enumerate(order, 1)]
    AgendaItem.objects.bulk_update(items, ["position", "changed_at"])
