"""Celery tasks of events: each may run twice."""

from celery import shared_task

from events.series import making, usual


@shared_task
def make_series() -> int:
    """The calls of series, a year ahead."""
    made = making.sweep()
    usual.keep_all()
    return made
