"""Celery tasks of events: each may run twice."""

from celery import shared_task

from events.answers import waitlist
from events.book import building
from events.series import making, usual


@shared_task
def make_series() -> int:
    """The calls of series, a year ahead."""
    made = making.sweep()
    usual.keep_all()
    return made


@shared_task
def offer_seats() -> int:
    """What became free on a call with seats, to the first in line."""
    return waitlist.offer_seats()


@shared_task
def build_book() -> bool:
    """The next agenda book that was asked for."""
    return building.build_next()
