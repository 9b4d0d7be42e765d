"""Polls for tests."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import factory
from django.utils.timezone import localdate, now
from factory.django import DjangoModelFactory

from events.models import Poll
from events.models.polls import Time
from tests.factories import CommitteeFactory, UserFactory


class PollFactory(DjangoModelFactory):
    """A poll made by the public verb, with times `days` ahead at 3:00 PM; open, unless `told` is false."""

    class Meta:
        model = Poll

    committee = factory.SubFactory(CommitteeFactory)
    by = factory.SubFactory(UserFactory)
    title = "Fair workweek: when?"
    duration = 60
    days = (10, 11, 12)

    @classmethod
    def _create(cls, model_class, *args, days, told=True, **kwargs):
        today = localdate(timezone=ZoneInfo(kwargs["committee"].timezone))
        times = [Time(today + timedelta(days=day), time(15)) for day in days]
        kwargs.setdefault("closes_at", now() + timedelta(days=7))
        poll = model_class.make(kwargs.pop("committee"), kwargs.pop("by"), times, **kwargs)
        if told:
            poll.told_at = now()
            poll.save(update_fields=["told_at"])
        return poll
