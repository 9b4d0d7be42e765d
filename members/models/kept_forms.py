"""What somebody typed into a form that came back with mistakes, kept for a while so that reload and Back show it again."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_urlsafe

from django.conf import settings
from django.db import models

from members.times import clock

LASTS = timedelta(hours=2)
MOST = 20  # forms of one person


def new_token() -> str:
    return token_urlsafe(12)


class KeptFormQuerySet(models.QuerySet["KeptForm"]):
    def readable(self) -> KeptFormQuerySet:
        return self.filter(kept_at__gt=clock.now() - LASTS)

    def outlived(self) -> KeptFormQuerySet:
        return self.filter(kept_at__lte=clock.now() - LASTS)


class KeptForm(models.Model):
    """Read back only by who typed it: the person, or the session of somebody who has not signed in."""

    token = models.CharField(max_length=24, primary_key=True, default=new_token)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    session = models.CharField(max_length=40, blank=True)
    page = models.CharField(max_length=500)
    typed = models.JSONField()  # the names of fields to lists of what was in them
    mistakes = (
        models.JSONField()
    )  # the forms by prefix, each with its fields and what is wrong; and what members.web.kept notes
    kept_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = KeptFormQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "session", "-kept_at"], name="kept_form_of")]

    def __str__(self) -> str:
        return self.page

    def forget_older(self) -> None:
        """A person has room for a few."""
        theirs = KeptForm.objects.filter(person=self.person_id, session=self.session).order_by("-kept_at")
        KeptForm.objects.filter(pk__in=list(theirs.values_list("pk", flat=True)[MOST:])).delete()
