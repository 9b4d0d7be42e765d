"""What somebody promised to do, and by when."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from events.models.agendas import AgendaItem
from events.models.meetings import Meeting
from members.fields import Line
from members.models import AuditEntry, User
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.times.days import validate_day
from members.web.meanwhile import ChangedMeanwhile
from members.web.page_urls import url_of

NO_DAY = Coalesce("due_on", Value(date(9000, 1, 1)))  # what has no day comes last


class ActionItemQuerySet(VisibleQuerySet["ActionItem"]):
    def open_to(self, user: User) -> ActionItemQuerySet:
        """For those on the committee today."""
        return self.filter(committee__in=Membership.objects.of(user).values("committee"))

    def not_dropped(self) -> ActionItemQuerySet:
        return self.filter(dropped_at=None)

    def open(self) -> ActionItemQuerySet:
        """Still to be done, what is due first before what has no date."""
        return self.not_dropped().filter(done_at=None)

    def done(self) -> ActionItemQuerySet:
        return self.not_dropped().exclude(done_at=None)

    def late(self, on: date) -> ActionItemQuerySet:
        """Open, and due before that day."""
        return self.open().filter(due_on__lt=on)

    def owned_by(self, user: User) -> ActionItemQuerySet:
        """Of the committees the person is on today: whoever left has none."""
        return self.filter(owner=user.pk or 0, committee__in=Membership.objects.of(user).values("committee"))

    def soonest_first(self) -> ActionItemQuerySet:
        return self.order_by(models.F("due_on").asc(nulls_last=True), "pk")

    def with_owner_on_it(self) -> ActionItemQuerySet:
        """`owner_on_it`: the owner is on the committee today."""
        held = Membership.objects.held().filter(committee=models.OuterRef("committee"), user=models.OuterRef("owner"))
        return self.annotate(owner_on_it=models.Exists(held))

    def without_owner(self) -> ActionItemQuerySet:
        """Those whose owner left the committee, or that nobody took on."""
        held = Membership.objects.held().filter(committee=models.OuterRef("committee"), user=models.OuterRef("owner"))
        return self.filter(~models.Exists(held), owner_name="").with_owner_on_it()

    def numbers(self, on: date) -> dict[str, int]:
        """How many are open, late on that day, and done."""
        is_open = models.Q(done_at=None)
        return self.not_dropped().aggregate(
            open=models.Count("pk", filter=is_open),
            late=models.Count("pk", filter=is_open & models.Q(due_on__lt=on)),
            done=models.Count("pk", filter=~is_open),
        )

    def for_listing(self, user: User) -> ActionItemQuerySet:
        """Visible ones with owner, call and committee, in one query."""
        return self.visible_to(user).not_dropped().select_related("owner", "meeting", "committee").with_owner_on_it()


class ActionItem(models.Model):
    """A task with an owner and a day. The owner is somebody on the committee, or a name in words.

    `key` is made where it is written down: one that is sent twice is one row. `handed` counts the owners, so that each
    is told once, unless they took it on themselves (`handed_by`). `version` counts the edits.
    """

    owner_on_it: bool  # added by `with_owner_on_it`

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="actions")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="actions")
    agenda_item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="actions")
    text = Line(_("what is to be done"), max_length=300)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="actions")
    owner_name = Line(_("somebody without an account"), max_length=120, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True, validators=[validate_day])
    handed = models.PositiveIntegerField(default=0, editable=False)
    handed_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    handed_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    dropped_at = models.DateTimeField(null=True, editable=False)
    dropped_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "key"], name="action_once"),
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(owner_name=""), name="action_has_one_owner"
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "due_on", "id"], name="action_of_committee"),
            models.Index(
                fields=["owner", "due_on"],
                name="action_open_of_owner",
                condition=models.Q(done_at=None, dropped_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return url_of("action_detail", self.committee.slug, self.pk)

    # Questions ---------------------------------------------------------------------------------

    @property
    def about(self) -> str:
        """How deliveries name it."""
        return f"action:{self.pk}"

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def is_dropped(self) -> bool:
        return self.dropped_at is not None

    @property
    def is_open(self) -> bool:
        return not self.is_done and not self.is_dropped

    @property
    def is_late(self) -> bool:
        """Open after the end of the day, where the reader is."""
        return self.is_open and self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def needs_owner(self) -> bool:
        """Nobody took it on, or the owner left the committee; needs `with_owner_on_it`."""
        return self.is_open and not self.owner_name and not self.owner_on_it

    @property
    def owner_in_words(self) -> str:
        return self.owner.name if self.owner else self.owner_name

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def assign(cls, committee: Committee, by: User, *, key: uuid.UUID, text: str, **fields: Any) -> ActionItem:
        """Write down who does what by when, once for each `key`. Raises ValidationError with messages by field."""
        take_turn(f"actions of committee {committee.pk}")
        if earlier := cls.objects.filter(committee=committee, key=key).first():
            return earlier
        action = cls(committee=committee, key=key, text=text, made_by=by, edited_by=by, handed_by=by, **fields)
        action._refuse_others()
        action.full_clean(validate_constraints=False)
        action.save()
        AuditEntry.record(by, "assigned an action", committee, after=action._said())
        return action

    @transaction.atomic
    def edit(self, by: User, *, seen: int | None = None, **fields: Any) -> ActionItem:
        """Change words, owner or day. Raises ChangedMeanwhile when somebody saved after `seen`, ValidationError by field."""
        locked = self._locked()
        if seen is not None and seen != locked.version:
            raise ChangedMeanwhile(locked)
        before, owner = locked._said(), locked.owner_id
        for name, value in fields.items():
            setattr(locked, name, value)
        if locked._said() == before:
            return locked
        if locked.owner_id != owner or "owner" in fields:
            locked._refuse_others()
        if locked.owner_id != owner:
            locked.handed, locked.handed_by, locked.handed_at = locked.handed + 1, by, timezone.now()
        locked.version, locked.edited_by = locked.version + 1, by
        locked.full_clean(validate_constraints=False)
        locked.save()
        AuditEntry.record(by, "changed an action", locked.committee, before=before, after=locked._said())
        return locked

    def hand_on(self, by: User, owner: User | None, owner_name: str = "", *, seen: int | None = None) -> ActionItem:
        """Give it to somebody else."""
        return self.edit(by, seen=seen, owner=owner, owner_name=owner_name)

    def move(self, by: User, due_on: date | None, *, seen: int | None = None) -> ActionItem:
        """Another day."""
        return self.edit(by, seen=seen, due_on=due_on)

    def finish(self, by: User) -> bool:
        """It is done. Once: False when it was already, or was dropped."""
        return self._mark(by, "finished an action", {"done_at": None, "dropped_at": None}, done_at=Now(), done_by=by)

    def reopen(self, by: User) -> bool:
        """Undo `finish`."""
        return self._mark(by, "reopened an action", {"done_at__isnull": False}, done_at=None, done_by=None)

    def drop(self, by: User) -> bool:
        """It is not to be done any more; `restore` brings it back."""
        return self._mark(by, "dropped an action", {"dropped_at": None}, dropped_at=Now(), dropped_by=by)

    def restore(self, by: User) -> bool:
        """Undo `drop`."""
        return self._mark(by, "restored an action", {"dropped_at__isnull": False}, dropped_at=None, dropped_by=None)

    @transaction.atomic
    def _mark(self, by: User, verb: str, when: dict[str, Any], **fields: Any) -> bool:
        won = ActionItem.objects.filter(pk=self.pk, **when).update(
            **fields, updated_at=Now(), version=models.F("version") + 1
        )
        self.refresh_from_db()
        if won:
            AuditEntry.record(by, verb, self.committee, after=self._said())
        return bool(won)

    def _locked(self) -> ActionItem:
        return (
            ActionItem.objects.select_for_update(of=("self",))
            .select_related("committee", "owner", "edited_by")
            .get(pk=self.pk)
        )

    def _refuse_others(self) -> None:
        if self.owner_id and not self.committee.people().filter(pk=self.owner_id).exists():
            words = _("%(name)s isn’t on this committee. Choose somebody who is, or write the name.")
            raise ValidationError({"owner": words % {"name": self.owner_in_words}}, "not_on_it")
        if self.meeting and not self.meeting.ever_of(self.committee_id):
            raise ValidationError({"meeting": _("This call is another committee’s.")}, "elsewhere")
        if self.owner_id and self.owner_name:
            self.owner_name = ""

    def _said(self) -> dict[str, Any]:
        due = self.due_on.isoformat() if self.due_on else None
        return {
            "action": self.pk,
            "text": self.text,
            "owner": self.owner_id,
            "owner_name": self.owner_name,
            "due_on": due,
        }
