"""Ticks of the message pipeline. They carry nothing and may run twice, late or never: the next one makes up for it."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from members import session_store
from members.mail.incoming import bounces, inbox, mailbox
from members.mail.outgoing import planning as planning
from members.mail.outgoing import queue
from members.mail.outgoing import worker as delivering
from members.models import CacheEntry, Count, Import, KeptForm, Merge, Submission, WrongSteps
from members.privacy import erasing, retention
from members.roster.bulk_acts import sweeping
from members.roster.exports import writing as exporting
from members.roster.importing import worker as importing
from members.roster.merging import finding
from members.roster.merging import merging as joining


@shared_task(ignore_result=True)
def plan() -> None:
    planning.plan()
    bounces.stop_refused()
    queue.forget_refusals()


@shared_task(ignore_result=True)
def deliver() -> None:
    delivering.deliver()


@shared_task(ignore_result=True)
def deliver_fast() -> None:
    delivering.deliver_fast()


@shared_task(ignore_result=True)
def read_mail() -> None:
    inbox.process()


@shared_task(ignore_result=True)
def poll_mailbox() -> None:
    if settings.IMAP_URL:
        mailbox.poll(settings.IMAP_URL)


@shared_task(ignore_result=True)
def act_on_many() -> None:
    sweeping.sweep()


@shared_task(ignore_result=True)
def write_exports() -> None:
    exporting.write_waiting()


@shared_task(ignore_result=True)
def forget_exports() -> None:
    exporting.forget_old()


@shared_task(ignore_result=True)
def forget_forms() -> None:
    """What forms needed for a while: that they were sent, and what came back with mistakes."""
    Submission.objects.outlived().delete()
    KeptForm.objects.outlived().delete()


@shared_task(ignore_result=True)
def run_imports() -> None:
    importing.work()


@shared_task(ignore_result=True)
def forget_imports() -> None:
    """The rows of old ones, in which contact details stand."""
    for imported in Import.objects.outlived():
        imported.forget()


@shared_task(ignore_result=True)
def erase_people() -> None:
    erasing.sweep()


@shared_task(ignore_result=True)
def forget_by_rule() -> None:
    """What is older than a rule that an administrator armed; of the others it counts."""
    retention.sweep()


@shared_task(ignore_result=True)
def gather_late() -> None:
    """What was on its way to an account while it was merged into another."""
    joining.gather_late(timedelta(minutes=15))


@shared_task(ignore_result=True)
def find_duplicates() -> None:
    finding.find()
    joining.gather_late(timedelta(days=30))
    for merge in Merge.objects.outlived():
        merge.rows.all().delete()


@shared_task(ignore_result=True)
def forget_visits() -> None:
    """Sessions that ended, the devices listed for them, and what limits counted in spans of time that are over."""
    session_store.forget_ended()
    for counted in (Count, CacheEntry, WrongSteps):
        counted.objects.outlived().delete()
