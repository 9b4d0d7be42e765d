"""All that is held of a person, for themselves: a ZIP with one JSON and the files they brought, written by the worker.

What is theirs is told as it stands. Of what they did to others' things there is a number, and what they may not see
today (a call of a confidential committee that they left) has no title in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from members.models import Export, User
from members.privacy.holdings import Holding, Rows, holdings
from members.privacy.messages import tell_data_ready
from members.roster.exports.writing import Way, ways

ACCOUNT = (
    "email",
    "name",
    "given_name",
    "timezone",
    "color_scheme",
    "single_key_shortcuts",
    "created_at",
    "admitted_at",
    "left_at",
    "leaves_on",
    "last_login",
    "second_step_since",
)
NAME = "my-data.json"


class Encoder(DjangoJSONEncoder):
    """Whatever JSON has no word for (a telephone number) as it is written."""

    def default(self, value: Any) -> Any:
        try:
            return super().default(value)
        except TypeError:
            return str(value)


def write(export: Export, out: IO[bytes]) -> bool:
    person = export.by
    assert person
    with ZipFile(out, "w", ZIP_DEFLATED) as book:
        said = {
            "of": settings.ORG_NAME,
            "made_at": timezone.now(),
            "account": {name: getattr(person, name) for name in ACCOUNT},
            "held": {},
        }
        for done, holding in enumerate(holdings.values()):
            if told := tell(holding, person):
                said["held"][holding.column] = told
            for at, (name, stored) in enumerate(_uploads(holding, person), 1):
                with book.open(f"files/{at}-{name}", "w") as copy, stored.open("rb") as original:
                    for piece in original.chunks():
                        copy.write(piece)
            if not export.go_on(done):
                return False
        book.writestr(NAME, json.dumps(said, cls=Encoder, ensure_ascii=False, indent=1))
    return True


def tell(holding: Holding, person: User) -> dict[str, Any] | None:
    """What the person reads of one kind of rows, None where there are none."""
    rows = holding.rows(person)
    number = rows.count()
    if not number:
        return None
    told: dict[str, Any] = {"what": holding.label, "number": number}
    if holding.is_act:
        told["why_no_more"] = _("What you did to things that are not yours alone. What they are is not about you.")
    elif not holding.tells:
        told["why_no_more"] = _("What staff note for their own work, or what holds nothing but a secret.")
    else:
        told["rows"] = list(_told(holding, _seen(rows, person), person))
    return told


def _seen(rows: Rows, person: User) -> Rows:
    """Rows that the person may open today, where rows of this kind are not everybody's."""
    manager: Any = rows.model._default_manager
    if not hasattr(manager, "visible_to"):
        return rows
    return rows.filter(pk__in=manager.visible_to(person).values("pk"))


def _told(holding: Holding, rows: Rows, person: User) -> Iterator[dict[str, Any]]:
    led = {path: path.split("__")[0] for path in holding.tells if "__" in path}
    guarded = {name: _manager(holding.model, name) for name in set(led.values())}
    found = list(rows.order_by("pk").values(*holding.tells, *guarded))
    open_ = {
        name: set(manager.visible_to(person).filter(pk__in={row[name] for row in found}).values_list("pk", flat=True))
        for name, manager in guarded.items()
        if hasattr(manager, "visible_to")
    }
    for row in found:
        hidden = {path for path, name in led.items() if name in open_ and row[name] not in open_[name]}
        yield {path.replace("__", "_"): None if path in hidden else row[path] for path in holding.tells}


def _manager(model: type[models.Model], name: str) -> Any:
    related = model._meta.get_field(name).related_model
    assert related and not isinstance(related, str)
    return related._default_manager


def _uploads(holding: Holding, person: User) -> Iterator[tuple[str, Any]]:
    if not holding.upload:
        return
    for row in holding.upload.open_to(holding.rows(person), person).order_by("pk").iterator(100):
        stored = getattr(row, holding.upload.file)
        if stored and stored.storage.exists(stored.name):
            yield get_valid_filename(getattr(row, holding.upload.name)) or "file", stored


ways.add(Export.Format.OWN, Way(write, lambda person: person.is_active, tell_data_ready))
