"""What the cache holds while Valkey is away: the same for all processes, so limits that are counted there hold."""

from __future__ import annotations

from django.db import models

from members.times import clock


class CacheEntryQuerySet(models.QuerySet["CacheEntry"]):
    def fresh(self) -> CacheEntryQuerySet:
        return self.filter(expires_at__gt=clock.now())

    def outlived(self) -> CacheEntryQuerySet:
        return self.filter(expires_at__lte=clock.now())


class CacheEntry(models.Model):
    """A number, which may be counted up, or a pickled value; portal.cache alone writes and reads it."""

    key = models.CharField(max_length=250, primary_key=True)
    number = models.BigIntegerField(null=True)
    value = models.BinaryField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = CacheEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.key
