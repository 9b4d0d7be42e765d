"""The series of a committee, for pages whose room lies below theirs."""

from __future__ import annotations

from typing import Any

from django import template

from committees.models import Committee
from events.models import MeetingSeries
from events.series.words import running_of

register = template.Library()


@register.simple_tag(takes_context=True)
def running_series(context: dict[str, Any], committee: Committee) -> list[MeetingSeries]:
    """Those that go on and the reader may see, each with `said`, its rule in words."""
    return running_of(committee, context["request"].user)
