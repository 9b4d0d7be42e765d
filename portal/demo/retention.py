"""How long things are kept: rules that have reported for more than a month, so that visitors can arm one."""

from datetime import timedelta

from members.models import RetentionRule
from members.privacy import retention
from members.times.clock import today


def load() -> None:
    retention.sweep()
    RetentionRule.objects.update(since=today() - timedelta(days=40))
