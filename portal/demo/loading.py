"""Loading the demo network: a believable organization, made through the verbs that the pages use.

The story is loaded once, in one transaction; each further load only tops up its calls, so that there is always one
to come and one about to start. Verbs on models tell nobody, so loading sends no mail: what the demo's mailbox
shows comes from the pipeline (reminders that fall due) and from what visitors do. What was announced and
published in the past goes through the verbs that tell, and its rows are set back to when it went.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

from committees.models import Committee, Document, DocumentVersion
from members.models import User
from portal.demo import (
    announcements,
    applications,
    attendance,
    availability,
    calls,
    committees,
    decisions,
    documents,
    history,
    issues,
    mailings,
    messages,
    minutes,
    people,
    polls,
    retention,
    runs,
    series,
    twins,
)

OURS = ("members", "committees", "events", "sessions", "account", "mfa", "usersessions", "knox")
KEPT = ("members_jurisdiction",)  # facts, not story
LOCK = 72_390_121  # two loads at once take turns


@dataclass(frozen=True)
class Loaded:
    new: bool
    calls: int


@transaction.atomic
def load() -> Loaded:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if is_loaded():
        return Loaded(False, _top_up())
    return Loaded(True, _tell_story())


def is_loaded() -> bool:
    return User.objects.filter(email="teresa@portal.example").exists()


def _tell_story() -> int:
    cast = people.load()
    found = committees.load(cast, issues.load(cast))
    people.admitted_long_ago(list(cast.by_name.values()))
    committees.seated_long_ago()
    applications.load(cast)
    committees.load_requests(cast, found)
    availability.load(cast, found)
    papers = documents.load(cast, found)
    added = calls.load(cast, found, papers)
    runs.load(cast, found)
    attendance.load(cast, found)
    series.load(cast, found)
    decisions.load(cast, found)
    minutes.load(cast)
    announcements.load(cast, found)
    mailings.load(cast)
    polls.load(cast, found)
    twins.load(cast, found)
    history.set_back()
    messages.load()
    retention.load()
    return added


def _top_up() -> int:
    cast = people.still_here()
    found = {committee.slug: committee for committee in Committee.objects.all()}
    papers = {document.title: document for document in Document.objects.filter(withdrawn_at=None)}
    added = calls.load(cast, found, papers)
    runs.load(cast, found)
    return added


def reset() -> None:
    """Remove everything but the governments people hold office in. Files go when the rows are gone for good."""
    files = [version.file for version in DocumentVersion.objects.only("file")]
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    ours = [model._meta.db_table for model in models if model._meta.managed]  # the others are views of tables
    tables = ", ".join(connection.ops.quote_name(table) for table in sorted(set(ours) - set(KEPT)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        transaction.on_commit(lambda: [file.delete(save=False) for file in files])
