"""Celery tasks of events: each may run twice."""

from celery import shared_task

from events.series import making


@shared_task
def make_series() -> int:
    """The calls of series, a year ahead."""
    return making.sweep()
