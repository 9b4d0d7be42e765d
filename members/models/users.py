"""A human with a login, and the staff roles they hold."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.functions import Greatest, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Line, Zone
from members.models.audit import AuditEntry
from members.models.former_addresses import FormerAddress
from members.models.jurisdictions import Jurisdiction
from members.models.offices import Office, OfficeQuerySet
from members.queries.finding import Shape, Word, Words, found_by, typed_words
from members.queries.indexing import Source
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.signals import ended
from members.text.addresses import folded, refuse_look_alikes
from members.text.names import in_latin
from members.times.clock import database_today, today

PERSON = Source(
    "person",
    "members_user",
    title="t.name",
    body="coalesce((SELECT p.bio FROM members_profile p WHERE p.user_id = t.id), '')",
)


def active(person: str = "") -> models.Q:
    """Whose account is open and who did not leave: over people, or over rows of theirs with `person` such as "user__"."""
    stays = models.Q(**{f"{person}leaves_on": None}) | models.Q(**{f"{person}leaves_on__gt": database_today()})
    return models.Q(**{f"{person}is_active": True, f"{person}left_at__isnull": True}) & stays


def admitted(person: str = "") -> models.Q:
    """Active people who were admitted: the members."""
    return active(person) & models.Q(**{f"{person}admitted_at__isnull": False})


ERASED_AT = "erased.invalid"  # where nobody gets mail: the address of who was erased


def in_use(person: str = "") -> models.Q:
    """Whose account is open; one that was merged into another is closed."""
    return models.Q(**{f"{person}is_active": True, f"{person}merged_into__isnull": True})


LASTING = models.Q(admitted_at__isnull=False, left_at__isnull=True, leaves_on__isnull=True, is_active=True)


class UserQuerySet(VisibleQuerySet["User"]):
    def active(self) -> UserQuerySet:
        """Members, and those who apply."""
        return self.filter(active())

    def members(self) -> UserQuerySet:
        return self.filter(admitted())

    def who_left_office(self) -> UserQuerySet:
        """Whose day has come, and whose membership was not ended yet."""
        open_ = self.filter(is_active=True, admitted_at__isnull=False, left_at__isnull=True)
        return open_.filter(leaves_on__lte=database_today())

    def not_members(self) -> UserQuerySet:
        """Who applies, left, or has a closed account."""
        return self.exclude(admitted())

    def who_sign_in_at(self, address: str) -> User | None:
        """The person whose open account has this address, however it was typed: as its own, or as a further one.

        One that an account left counts while nobody settled whether its person left it (members.accounts.disputes).
        """
        typed = folded(address)
        left = FormerAddress.objects.reopened().filter(email__iexact=typed)
        further = User.objects.filter(emailaddress__email__iexact=typed, emailaddress__verified=True)
        theirs = models.Q(email__iexact=typed) | models.Q(pk__in=left.values("user")) | models.Q(pk__in=further)
        own = models.Case(models.When(email__iexact=typed, then=0), default=1)
        return self.filter(theirs, is_active=True).order_by(own).first()

    def in_use(self) -> UserQuerySet:
        """Accounts that are open."""
        return self.filter(in_use())

    def accounts_of(self, person: User) -> UserQuerySet:
        """The account, and those that it took up."""
        return self.filter(models.Q(pk=person.pk) | models.Q(merged_into=person.pk))

    def meant_by(self, number: int) -> UserQuerySet:
        """Whoever has this number, or took up the account that had it: links in old mails name that one."""
        return self.filter(models.Q(pk=number) | models.Q(merged_accounts=number), merged_into=None)

    def at_address(self, address: str) -> UserQuerySet:
        """Whoever has this address: as that of the account, as a further one, or of an account they took up."""
        typed = folded(address)
        accounts = User.objects.filter(email__iexact=typed)
        further = User.objects.filter(emailaddress__email__iexact=typed, emailaddress__verified=True)
        taken_up = accounts.exclude(merged_into=None).values("merged_into")
        own = models.Q(pk__in=accounts.filter(merged_into=None).values("pk"))
        return self.filter(own | models.Q(pk__in=further.values("pk")) | models.Q(pk__in=taken_up))

    def with_standing(self) -> UserQuerySet:
        """Annotate `staff_roles`, so that asking for a right costs no further query."""
        appointments = StaffAppointment.objects.current().filter(user=models.OuterRef("pk"))
        return self.annotate(staff_roles=ArraySubquery(appointments.values("role")))

    def for_listing(self) -> UserQuerySet:
        """By name, each with the `office` they hold in words, in one query."""
        return self.annotate(office=Office.objects.held_by("pk")).only("name", "given_name").order_by("name", "pk")

    def in_state(self, state: str) -> UserQuerySet:
        """Those who hold an office there today."""
        places = Jurisdiction.objects.filter(state=state)
        return self._who_hold(Office.objects.filter(jurisdiction__in=places))

    def at_level(self, level: str) -> UserQuerySet:
        """Those who hold an office of that kind today."""
        return self._who_hold(Office.objects.filter(level=level))

    def _who_hold(self, offices: OfficeQuerySet) -> UserQuerySet:
        return self.filter(pk__in=offices.current().order_by().values("user"))

    def matching(self, words: str) -> UserQuerySet:
        """Those of whom each word begins one of the name, or of the title or place of the office held today."""
        typed = typed_words(words)
        return self.found_by_words(*typed) if typed else self.none()

    def found_by_words(self, *words: str) -> UserQuerySet:
        """As `matching`, of words taken apart already; without any, all."""
        found = self
        for at in range(len(words)):
            named = User.objects.filter(found_by("name_words", words, at)).values("pk")
            titled, placed = (
                rows.values("user") for rows in (Office.objects.titled(words, at), Office.objects.placed(words[at]))
            )
            found = found.filter(pk__in=named.union(titled, placed, all=True))  # each of the three by an index
        return found

    def open_to(self, user: User) -> UserQuerySet:
        """Members see members; each sees oneself."""
        if not user.is_member:
            return self.filter(pk=user.pk)
        return self.filter(admitted() | models.Q(pk=user.pk))

    def looking_like(self, *names: str) -> UserQuerySet:
        """Open accounts of members and staff whose name reads like one of these, with its `shape`: it is a look at all names.

        A name may be in letters of another script that look like Latin ones.
        """
        here = admitted() | models.Q(pk__in=StaffAppointment.objects.in_force().values("user"))
        shapes: Any = [Shape(Words(models.Value(in_latin(name)))) for name in names]
        return self.filter(here, is_active=True).annotate(shape=Shape("name_words")).filter(shape__in=shapes)

    def hold(self, role: str) -> UserQuerySet:
        """Those who hold the staff role today."""
        return self.filter(pk__in=StaffAppointment.objects.current().filter(role=role).values("user"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, name: str = "", **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str = "", **fields: Any) -> User:
        """For `manage.py createsuperuser`: an admitted person with the admin role."""
        fields.pop("password", None)
        user = self.create_user(email, name, admitted_at=timezone.now(), **fields)
        user.appoint(StaffAppointment.Role.ADMIN)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One human, whatever roles they play. `admitted_at` makes a member, StaffAppointment rows make staff."""

    class ColorScheme(models.TextChoices):
        SYSTEM = "", _("Same as my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("email"), max_length=254)
    name = Line(_("full name"), max_length=120)
    name_words = models.GeneratedField(expression=Words("name"), output_field=models.TextField(), db_persist=True)
    given_name = Line(_("what we call you"), max_length=60, blank=True)
    timezone = Zone(_("time zone"))
    color_scheme = models.CharField(_("colors"), max_length=5, choices=ColorScheme, blank=True, default="")
    single_key_shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    leaves_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="the first day without membership, because the last office ends",
    )
    signed_out_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="what was begun before, sessions and sign-ins, no longer counts",
    )
    second_step_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="every sign-in takes a second step, as the person asked"
    )
    mail_stopped_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="a link in a mail stopped some, and the person has not seen it yet",
    )
    barred_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when an administrator ended it; only one takes it up again"
    )

    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="merged_accounts",
        help_text="the account of the same person that took this one up",
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    is_superuser = None

    objects = UserManager()

    as_one: str  # added by members.applications.evidence: the name without what tells two spellings of it apart

    # Set on the user of a request whose session passed a second factor or a passkey (members.middleware).
    is_strongly_authenticated = False
    looked_as_by: User | None = (
        None  # staff who look at the portal through this person's eyes (portal.viewing), and until when
    )
    looked_as_until: datetime | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("There is already an account with this email."),
            )
        ]
        indexes = [
            models.Index(
                fields=["name", "id"],
                name="user_name_order",
                condition=models.Q(admitted_at__isnull=False, left_at__isnull=True, is_active=True),
            ),
            models.Index(fields=["id"], name="user_no_member", condition=~LASTING),
            GinIndex(OpClass("name_words", name="gin_trgm_ops"), name="user_name_words"),
            models.Index(Word("name"), name="user_name_as_one"),
        ]
        triggers = [PERSON.kept("name")]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = folded(self.email)
        refuse_look_alikes(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.given_name and self.name:
            self.given_name = self.name.split()[0]
        super().save(*args, **kwargs)

    def get_short_name(self) -> str:
        return self.given_name or self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.replace("-", " ").split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def is_member(self) -> bool:
        stays = self.left_at is None and (self.leaves_on is None or self.leaves_on > today())
        return self.is_active and self.admitted_at is not None and stays

    @property
    def roles(self) -> list[str]:
        """Staff roles held today; one query unless `with_standing` brought them."""
        if not hasattr(self, "staff_roles"):
            self.staff_roles = list(self.appointments.current().values_list("role", flat=True))
        return self.staff_roles

    @property
    def counted_as(self) -> int:
        """Whose limits count: who looks through somebody's eyes uses up their own."""
        return (self.looked_as_by or self).pk

    @property
    def is_staff_member(self) -> bool:
        return self.is_active and bool(self.roles)

    @property
    def may_act_as_staff(self) -> bool:
        """Staff powers need a second factor or a passkey in the session that asks."""
        return self.is_strongly_authenticated and self.is_staff_member

    def may_act_as(self, *roles: str) -> bool:
        """May act in one of these staff roles; an admin may act in all."""
        return self.may_act_as_staff and bool({StaffAppointment.Role.ADMIN, *roles} & set(self.roles))

    @property
    def is_staff(self) -> bool:
        """Django admin's question."""
        return self.may_act_as(StaffAppointment.Role.ADMIN)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        if perm.split(".")[-1].split("_")[0] in ("add", "change", "delete", "view") and self.is_staff:
            return True
        return super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    @property
    def is_administrators_to_decide(self) -> bool:
        """Staff, whatever the state of the account, and those whose membership or account an administrator ended."""
        return bool(self.barred_at) or self.appointments.in_force().exists()

    def refuse_deciding(self, by: User | None) -> None:
        """Raise PermissionDenied unless `by` may decide about this person's standing; nobody does about their own."""
        if by is None:
            return
        if by.pk == self.pk:
            raise PermissionDenied(_("Nobody decides about their own standing."))
        if self.is_administrators_to_decide and StaffAppointment.Role.ADMIN not in by.roles:
            raise PermissionDenied(_("An administrator decides about this person."))

    def refuse_erased(self) -> None:
        """Raise PermissionDenied for what is left of somebody who was erased."""
        if self.is_erased:
            raise PermissionDenied(_("This person was erased. What is left stands for a former member."))

    @property
    def is_erased(self) -> bool:
        return self.email.endswith(f"@{ERASED_AT}")

    @transaction.atomic
    def admit(self, by: User | None) -> User:
        """Make this person a member. Admitting a member again changes nothing. May raise PermissionDenied."""
        if self.is_member:
            return self
        self.refuse_deciding(by)
        self.refuse_erased()
        self.admitted_at, self.left_at, self.leaves_on, self.barred_at = timezone.now(), None, None, None
        self.save(update_fields=["admitted_at", "left_at", "leaves_on", "barred_at"])
        AuditEntry.record(by, "admitted", self)
        return self

    @transaction.atomic
    def leave(self, by: User, reason: str = "") -> User:
        """End the membership, as asked by the person or decided by staff; the account stays. Done once.

        Raises PermissionDenied for the last administrator.
        """
        StaffAppointment.refuse_last_administrator(self)
        if User.objects.filter(pk=self.pk, admitted_at__isnull=False, left_at=None).update(left_at=timezone.now()):
            AuditEntry.record(by, "ended membership", self, reason=reason)
            self._end(by)
        self.refresh_from_db(fields=["left_at"])
        return self

    @transaction.atomic
    def deactivate(self, by: User, reason: str) -> User:
        """Close the account: from the next request on nobody is signed in with it. Done once.

        Raises PermissionDenied for the last administrator.
        """
        StaffAppointment.refuse_last_administrator(self)
        if User.objects.filter(pk=self.pk, is_active=True).update(is_active=False):
            AuditEntry.record(by, "closed account", self, reason=reason)
            self._end(by)
        self.refresh_from_db(fields=["is_active"])
        return self

    def _end(self, by: User) -> None:
        """End whatever speaks for this person or lets them in (members.accounts.ending), and their roles. Nothing revives it."""
        if by != self and StaffAppointment.Role.ADMIN in by.roles:
            self.barred_at = timezone.now()
            self.save(update_fields=["barred_at"])
        self._end_what_speaks_for_them(by)

    def _end_what_speaks_for_them(self, by: User) -> None:
        for appointment in self.appointments.in_force():
            appointment.end(by)
        ended.send(sender=User, person=self, by=by)

    @transaction.atomic
    def reinstate(self, by: User, reason: str = "") -> User:
        """Open a closed account and take an ended membership up again, without the roles held before.

        Raises PermissionDenied for oneself, and for whom only an administrator may bring back.
        """
        self.refuse_deciding(by)
        self.refuse_erased()
        back = models.Q(is_active=False) | models.Q(admitted_at__isnull=False, left_at__isnull=False)
        if User.objects.select_for_update(of=("self",)).filter(back, pk=self.pk, merged_into=None).exists():
            self._end_what_speaks_for_them(by)  # whatever came to be since
            User.objects.filter(pk=self.pk).update(is_active=True, left_at=None, leaves_on=None, barred_at=None)
            AuditEntry.record(by, "reinstated", self, reason=reason)
        self.refresh_from_db(fields=["is_active", "left_at", "leaves_on", "barred_at"])
        return self

    def signs_in_at(self, typed: str) -> str:
        """The stored address that was typed: the one of the account, or one it left that still counts."""
        if self.email.casefold() == folded(typed).casefold():
            return self.email
        left = FormerAddress.objects.reopened().filter(user=self, email__iexact=folded(typed))
        theirs = left.values_list("email", flat=True).first()
        return theirs or next((each for each in self.further_addresses if each.casefold() == folded(typed)), self.email)

    @property
    def further_addresses(self) -> list[str]:
        """Verified ones at which the person signs in as well."""
        rows = type(self).objects.filter(pk=self.pk, emailaddress__verified=True)
        return list(rows.order_by("emailaddress").values_list("emailaddress__email", flat=True))

    def has_address(self, address: str) -> bool:
        typed = folded(address).casefold()
        return typed == self.email.casefold() or typed in [each.casefold() for each in self.further_addresses]

    @transaction.atomic
    def change_email(self, email: str, by: User | None = None, reason: str = "") -> User:
        """Sign in at another address from now on. Raises ValidationError when it is taken.

        The person proved it by code, or an administrator (`by`) knows of it by another way (members.applications.standing). Sign-ins
        that wait for a code sent to the old one are void.
        """
        before, self.email, self.signed_out_at = self.email, email, timezone.now()
        self.full_clean(exclude=["password"])
        self.save(update_fields=["email", "signed_out_at"])
        if by:
            FormerAddress.close(self.pk)
        FormerAddress.objects.create(user=self, email=before, until=timezone.now())
        verb = "gave another email" if by else "changed email"
        addresses = {"before": {"email": before}, "after": {"email": self.email}}
        AuditEntry.record(by or self, verb, self, reason=reason, **addresses)
        return self

    @transaction.atomic
    def ask_for_second_step(self, always: bool) -> bool:
        """At every sign-in from now on, or only after a code when there is an app. False when that stood already."""
        other = User.objects.filter(pk=self.pk, second_step_since__isnull=always)
        changed = bool(other.update(second_step_since=timezone.now() if always else None))
        if changed:
            AuditEntry.record(self, "asked for second step" if always else "asked for no second step", self)
        self.refresh_from_db(fields=["second_step_since"])
        return changed

    @transaction.atomic
    def appoint(self, role: str, by: User | None = None) -> StaffAppointment:
        """Give a staff role; `by` is an administrator, or None from the command line. May raise PermissionDenied."""
        if by is not None and (by == self or StaffAppointment.Role.ADMIN not in by.roles or not self.is_active):
            raise PermissionDenied(_("An administrator gives roles, to others whose account is open."))
        appointment, created = self.appointments.get_or_create(
            role=role, ended_on=None, defaults={"started_on": today()}
        )
        if created:
            AuditEntry.record(by or self, "appointed", self, after={"role": role})
        return appointment


class StaffAppointmentQuerySet(models.QuerySet["StaffAppointment"]):
    def current(self, on: date | None = None) -> StaffAppointmentQuerySet:
        on = on or today()
        return self.filter(models.Q(ended_on=None) | models.Q(ended_on__gt=on), started_on__lte=on)

    def administrators(self) -> StaffAppointmentQuerySet:
        """Of those who can act today."""
        return self.current().filter(role=StaffAppointment.Role.ADMIN, user__is_active=True)

    def in_force(self) -> StaffAppointmentQuerySet:
        """Held today or from a later day on, whatever the state of the account."""
        ends_later = models.Q(ended_on__gt=Greatest(models.F("started_on"), models.Value(today())))
        return self.filter(models.Q(ended_on=None) | ends_later)


class StaffAppointment(models.Model):
    """A staff role held by a person for a time; `ended_on` is the first day without it."""

    class Role(models.TextChoices):
        ORGANIZER = "organizer", _("Organizer")
        MEMBERSHIP = "membership", _("Membership staff")
        ADMIN = "admin", _("Administrator")

    user = models.ForeignKey(User, models.CASCADE, related_name="appointments")
    role = models.CharField(max_length=20, choices=Role)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = StaffAppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(ended_on=None), name="appointment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="appointment_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    @classmethod
    def refuse_last_administrator(cls, person: User) -> None:
        """Raise PermissionDenied unless somebody else can act as administrator today.

        Takes turns: two who end each other at once do it one after the other.
        """
        take_turn("administrators")
        able = cls.objects.administrators()
        if able.filter(user=person).exists() and not able.exclude(user=person).exists():
            raise PermissionDenied(_("There is always one administrator. Appoint another one first."))

    @transaction.atomic
    def end(self, by: User | None) -> bool:
        """From today on without it; of one that has not begun, nothing is left. Done once.

        `by` is None from the command line. Raises PermissionDenied for the last administrator.
        """
        if self.role == self.Role.ADMIN:
            self.refuse_last_administrator(self.user)
        last = Greatest(models.F("started_on"), models.Value(today()))
        won = bool(StaffAppointment.objects.in_force().filter(pk=self.pk).update(ended_on=last))
        if won:
            AuditEntry.record(by, "ended appointment", self.user, after={"role": self.role})
        self.refresh_from_db(fields=["ended_on"])
        return won
