"""Erasing a person: what is theirs goes, and what others need stays with "A former member" in it.

The account stays as an empty shell, so that counts, votes and the lines of the activity log still point at somebody. What
becomes of each kind of rows is its rule (members.privacy.holdings). Then every text of the database is searched for the
addresses and numbers, and the columns that name people for the name.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.db.models.functions import Coalesce, Lower, Now
from django.utils.translation import gettext as _

from members.accounts import sessions
from members.models import (
    AuditEntry,
    CacheEntry,
    Count,
    Delivery,
    ErasedAddress,
    Erasure,
    Export,
    FormerAddress,
    ImportRow,
    InboundMail,
    Profile,
    Suppression,
    User,
)
from members.models.users import ERASED_AT
from members.privacy.holdings import Fate, Holding, holdings, mentions
from members.privacy.messages import tell_privacy_news
from members.times import formats
from members.times.zones import home_zone

AT_ONCE = 20  # people in one sweep
TICK = 60.0  # seconds after which it leaves the others to the next
TEXTS = (models.CharField, models.TextField, models.JSONField)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Traces:
    """What tells who somebody was."""

    key: int
    name: str
    addresses: tuple[str, ...]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, person: User) -> Traces:
        former = person.former_addresses.values_list("email", flat=True)
        other = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
        had = {each.casefold() for each in (person.email, *former, *other)}
        addresses = sorted(had - _of_others(person, had), key=len, reverse=True)
        phone = person.profile.phone
        is_shared = Profile.objects.filter(phone=phone).exclude(user=person).exists()  # the number of a city hall
        numbers = (str(phone.as_e164), str(phone.as_national)) if phone and not is_shared else ()
        return cls(person.pk, person.name, tuple(addresses), numbers)

    @property
    def has_namesake(self) -> bool:
        """Then nobody knows whom a name in a text means, and it stays."""
        return User.objects.filter(name__iexact=self.name).exclude(pk=self.key).exists()


def _of_others(person: User, addresses: set[str]) -> set[str]:
    """Those at which somebody else is reached today: who followed in a seat has the mailbox of the seat."""
    also = (
        User.objects.exclude(pk=person.pk),
        EmailAddress.objects.exclude(user=person),
        FormerAddress.objects.reopened().exclude(user=person),
    )
    rows = (each.alias(lower=Lower("email")).filter(lower__in=addresses) for each in also)
    return {address.casefold() for each in rows for address in each.values_list("email", flat=True)}


def ask(person: User, by: User) -> Erasure:
    """Ask for it, and tell the person. Raises PermissionDenied."""
    asked, is_new = Erasure.ask(person, by)
    if is_new:
        words = _("You asked for it.") if not asked.is_by_staff else _("Our staff asked for it on your behalf.")
        _tell(asked, _("Your data is going to be erased"), words)
    return asked


def _tell(asked: Erasure, heading: str, words: str) -> None:
    day = {"day": formats.date_only(asked.due_at.astimezone(asked.person.zone).date())}
    until = _("It happens on %(day)s. Until then one press keeps everything as it is.") % day
    tell_privacy_news(asked.person, heading, f"{words} {until}")


def sweep() -> int:
    """Remind, and erase those whose day has come, each in a transaction of its own. How many were erased."""
    for asked in Erasure.objects.to_remind()[:AT_ONCE]:
        try:
            _remind(asked.pk)
        except Exception:  # whatever it was, others are reminded and erased, and this one is tried again
            log.exception("Reminder of erasure %s failed", asked.pk)
    done, end = 0, time.monotonic() + TICK
    for key in list(Erasure.objects.due().values_list("pk", flat=True)[:AT_ONCE]):
        if time.monotonic() > end:
            break
        try:
            done += erase(key)
        except PermissionDenied:  # the last administrator: an administrator appoints another one first
            log.warning("Erasure %s has to wait.", key)
        except Exception:  # whatever it was, the next one is erased, and this one is tried again
            log.exception("Erasure %s failed", key)
    return done


@transaction.atomic
def _remind(key: int) -> None:
    asked = Erasure.objects.open().filter(pk=key, reminded_at=None)
    if asked.update(reminded_at=Now()):
        _tell(Erasure.objects.select_related("person").get(pk=key), _("Your data is erased soon"), _("As a reminder:"))


@transaction.atomic
def erase(key: int) -> bool:
    """False when somebody else does it, or the person stays. Raises PermissionDenied for the last administrator."""
    asked = Erasure.objects.due().select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
    if not asked:
        return False
    people = User.objects.select_for_update(no_key=True)  # or whoever answers a call in that moment is turned away
    person = people.get(pk=asked.person_id)
    for account in (*people.filter(merged_into=person).order_by("pk"), person):
        _erase(account)
    Erasure.objects.filter(pk=key).update(done_at=Now())
    return True


def _erase(person: User) -> None:
    """One account: whoever has others that were merged into theirs is erased in all of them."""
    traces = Traces.of(person)
    _end(person)
    for holding in holdings.values():
        _settle(holding, person)
    _forget_files(person)
    _forget_by_address(traces)
    _empty(person)
    _scrub(traces)
    ErasedAddress.keep_out(traces.addresses)
    AuditEntry.record(None, "erased", person)


def _end(person: User) -> None:
    if person.is_active:
        person.deactivate(person, "")
    sessions.end_all(person)
    _stop(Delivery.objects.filter(recipient=person))


def _stop(mails: models.QuerySet[Delivery]) -> None:
    """What did not go yet goes no more: its words are emptied."""
    mails.filter(state__in=Delivery.UNSENT).update(state=Delivery.State.SUPPRESSED, lease=None, reason=_("Erased."))


def _settle(holding: Holding, person: User) -> None:
    rows = holding.rows(person)
    if holding.ends:
        holding.ends(rows, person)
    if holding.fate is Fate.DELETED or holding.clears:
        _forget_in_log(holding.model, [each for each in rows.values_list("pk", flat=True) if isinstance(each, int)])
    if holding.fate is Fate.DELETED:
        rows.delete()
    elif holding.clears:
        rows.update(**holding.clears)


def _forget_in_log(model: type[models.Model], keys: Iterable[int]) -> None:
    """That something happened stays, and not to whom, what was there, or why."""
    kind, at = ContentType.objects.get_for_model(model), list(keys)
    about = AuditEntry.objects.filter(content_type=kind, object_id__in=at)
    about.update(target_name=former(), before={}, after={}, reason="")
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(each) for each in at]).update(
        object_repr=former(), change_message=""
    )


def _forget_files(person: User) -> None:
    """What they asked for, and files of people that they are in."""
    held = models.Q(people__person=person) | models.Q(format=Export.Format.OWN, by=person)
    for export in Export.objects.filter(held, file_gone_at=None).distinct():
        export.forget_file()


def _forget_by_address(traces: Traces) -> None:
    """What knows them by an address and not by their account."""
    if not traces.addresses:
        return
    of = models.Q()
    for address in traces.addresses:
        of |= models.Q(address__iexact=address)
        mails = InboundMail.objects.filter(models.Q(sender__iexact=address) | models.Q(envelope_from__iexact=address))
        mails.update(raw=b"", subject="", words="", outcome="", last_error="")
        InboundMail.objects.extra(  # in whatever case it was written; as text bytes above ASCII are numbers
            where=["position(lower(encode(convert_to(%s, 'UTF8'), 'escape')) in lower(encode(raw, 'escape'))) > 0"],
            params=[address],
        ).update(raw=b"")
        ImportRow.objects.filter(person__email__iexact=address).delete()
        for counted in (Count, CacheEntry):
            counted.objects.filter(key__icontains=address).delete()
    theirs = Delivery.objects.filter(of, recipient=None)
    _stop(theirs)
    theirs.update(facts={}, message_subject="", last_reply="", returned_reason="")
    Suppression.objects.filter(of).delete()


def _empty(person: User) -> None:
    """What is left of the account: somebody whom the record names "A former member"."""
    _forget_in_log(User, [person.pk])
    nobody = User(pk=person.pk)
    nobody.set_unusable_password()
    User.objects.filter(pk=person.pk).update(
        email=f"former-{person.pk}@{ERASED_AT}",
        name=former(),
        given_name=former(),
        timezone=home_zone(),
        color_scheme="",
        password=nobody.password,
        last_login=None,
        is_active=False,
        left_at=Coalesce("left_at", Now()),
        leaves_on=None,
        second_step_since=None,
        mail_stopped_at=None,
        barred_at=None,
    )
    person.refresh_from_db()


def former() -> str:
    return _("A former member")


# Texts ----------------------------------------------------------------------------------------------------


def _scrub(traces: Traces) -> None:
    exact = (*traces.addresses, *traces.numbers)
    for model, columns in _texts() if exact else ():
        _replace(model, columns, exact, f"erased-{traces.key}", anywhere=True)
    if not traces.has_namesake:
        for mention in mentions:
            model = apps.get_model(mention.model)
            _replace(model, [model._meta.get_field(each) for each in mention.columns], [traces.name], former())


def _texts() -> Iterator[tuple[type[models.Model], list[models.Field]]]:
    """Each table with its columns of text."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        columns: list[models.Field] = [
            each
            for each in model._meta.concrete_fields
            if isinstance(each, TEXTS) and not isinstance(each, models.GeneratedField) and not each.choices
        ]
        if columns:
            yield model, columns


def _replace(
    model: type[models.Model], columns: Iterable[models.Field], exact: Iterable[str], by: str, *, anywhere: bool = False
) -> None:
    """Whole words alone: jim@x.example is not in jimjim@x.example. `anywhere`: in whatever case it was written."""
    quote, sets, finds = connection.ops.quote_name, [], []
    values: list[str] = []
    found: list[str] = []
    for column in columns:
        is_json = isinstance(column, models.JSONField)
        name = quote(str(column.column))
        words = f"{name}::text"
        looks = [json.dumps(each, ensure_ascii=False)[1:-1] if is_json else each for each in exact]
        pattern = rf"(?<![[:alnum:]._%+-])({'|'.join(map(re.escape, looks))})(?![[:alnum:]])"
        new = f"regexp_replace({words}, %s, %s, %s)"
        if is_json:
            new = f"{new}::jsonb"
        elif column.max_length:
            new = f"left({new}, {column.max_length})"
        sets.append(f"{name} = {new}")
        values += [pattern, by, "gi" if anywhere else "g"]
        finds.append(f"{words} {'~*' if anywhere else '~'} %s")
        found.append(pattern)
    where = " OR ".join(finds)
    with connection.cursor() as cursor:
        statement = f"UPDATE {quote(model._meta.db_table)} SET {', '.join(sets)} WHERE {where}"  # noqa: S608 - our own names
        cursor.execute(statement, values + found)
