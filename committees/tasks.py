"""Celery tasks; each may run twice."""

from celery import shared_task

from committees.documents import reading


@shared_task
def read_documents() -> None:
    reading.read_missing()
