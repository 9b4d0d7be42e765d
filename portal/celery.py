"""The Celery application and the whole beat schedule, a line a job.

Ticks carry no data and expire: losing or doubling one costs nothing.
"""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init
from django.conf import settings

from members.mail.outgoing.threads import take_turns_quickly
from members.mail.wakeup import EXPIRES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_django_does(loglevel: int | str | None = None, **options: Any) -> None:
    logging.config.dictConfig(settings.LOGGING)
    logging.root.setLevel(loglevel or settings.LOG_LEVEL)


@worker_init.connect
@worker_process_init.connect
def start_as_one_that_delivers(**options: Any) -> None:
    take_turns_quickly()


def every(seconds: float, task: str) -> dict:
    return {"task": task, "schedule": seconds, "options": {"expires": EXPIRES}}


app.conf.beat_schedule = {
    "plan": every(15, "members.tasks.plan"),
    "deliver": every(5, "members.tasks.deliver"),
    "deliver-fast": every(3, "members.tasks.deliver_fast"),
    "read-mail": every(30, "members.tasks.read_mail"),
    "poll-mailbox": every(60, "members.tasks.poll_mailbox"),  # where IMAP_URL names one
    "act-on-many": every(5, "members.tasks.act_on_many"),
    "write-exports": every(5, "members.tasks.write_exports"),
    "forget-exports": every(3600, "members.tasks.forget_exports"),
    "forget-forms": every(3600, "members.tasks.forget_forms"),
    "forget-visits": every(3600, "members.tasks.forget_visits"),
    "run-imports": every(15, "members.tasks.run_imports"),
    "forget-imports": every(3600, "members.tasks.forget_imports"),
    "erase-people": every(300, "members.tasks.erase_people"),
    "forget-by-rule": every(3600, "members.tasks.forget_by_rule"),
    "gather-late": every(60, "members.tasks.gather_late"),  # of accounts that were merged a moment ago
    "find-duplicates": every(3600, "members.tasks.find_duplicates"),
    "read-documents": every(60, "committees.tasks.read_documents"),
    "offer-seats": every(15, "events.tasks.offer_seats"),
    "build-book": every(20, "events.tasks.build_book"),
    "make-series": every(3600, "events.tasks.make_series"),
}
