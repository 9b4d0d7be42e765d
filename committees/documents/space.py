"""Whether there is room for a document: a limit for each person and day, and a reserve of the disk."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from committees.models import DocumentVersion
from members.models import User
from members.queries.turns import take_turn

DAY = timedelta(days=1)


def check(by: User, size: int) -> None:
    """Raise ValidationError, in words for the person, when `size` more bytes exceed a limit."""
    lately = DocumentVersion.objects.filter(uploaded_by=by, uploaded_at__gt=Now() - DAY)
    if (lately.aggregate(n=Sum("size"))["n"] or 0) + size > settings.DOCUMENTS_A_DAY_BYTES:
        raise ValidationError(
            _("You can upload %(most)s a day, and with this file it would be more. Send the rest tomorrow."),
            "day",
            {"most": filesizeformat(settings.DOCUMENTS_A_DAY_BYTES)},
        )
    check_disk(size)


def check_disk(size: int) -> None:
    """Raise ValidationError when `size` more bytes would leave the disk with too little."""
    if free_bytes() - size < settings.DISK_KEPT_FREE_BYTES:
        raise ValidationError(
            _("There’s no room for files right now. Nothing was stored. Please tell %(whom)s, and try again later."),
            "disk",
            {"whom": settings.CONTACT_EMAIL},
        )


def take(by: User, size: int) -> None:
    """As `check`, in the transaction that stores the file: simultaneous uploads of one person take turns."""
    take_turn(f"room of {by.pk}")
    check(by, size)


def free_bytes() -> int:
    """Free bytes on the disk that holds MEDIA_ROOT."""
    place = Path(settings.MEDIA_ROOT)
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
