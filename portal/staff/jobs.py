"""Lists and files that wait for somebody, or that a worker could not finish: for who may bring and take them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Export, Import, User
from portal.staff.stuck import FEW, Stuck

LATELY = timedelta(days=7)  # a failure that nobody looked after is no news any more


def jobs(reader: User) -> Iterator[Stuck]:
    """Two queries."""
    if reader.has_perm("members.import_members"):
        for each in Import.objects.to_look_at(since=timezone.now() - LATELY)[:FEW]:
            yield Stuck(_words(each) % {"name": each.name}, reverse("staff_import", args=[each.pk]), _("Look at it"))
    if reader.has_perm("members.see_contact_details"):
        for failed in Export.objects.of_people().filter(failed_at__gt=timezone.now() - LATELY).order_by("pk")[:FEW]:
            words = _("The file of %(people)s could not be made.") % {"people": failed.words}
            yield Stuck(words, reverse("staff_export", args=[failed.pk]), _("Look at it"))


def _words(imported: Import) -> str:
    if imported.state == Import.State.FAILED:
        return _("The list %(name)s could not be read or imported.")
    if imported.state == Import.State.OUTDATED:
        return _("The list %(name)s was not imported: people changed since it was checked.")
    return _("The list %(name)s is read, and waits to be checked before anything changes.")
