"""The activity log of a network that did not begin this morning.

Every verb writes its line now. One statement a verb sets the line back to when the story says that it happened.
"""

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models

from committees.models import Announcement, Committee, Document, DocumentVersion, Mailing, Membership, Publication
from events.models import AgendaPublication, Meeting
from members.models import Application, AuditEntry, User

JOINED = """
    UPDATE {audit} SET at = seat.started_on + interval '16 hours' + (seat.id %% 300) * interval '1 minute'
    FROM {seat} seat WHERE verb = 'joined' AND content_type_id = %s
    AND object_id = seat.committee_id AND ({audit}.after->>'user')::bigint = seat.user_id
"""
ADMITTED = """
    UPDATE {audit} SET at = person.admitted_at FROM {person} person
    WHERE verb = 'admitted' AND content_type_id = %s AND object_id = person.id AND person.admitted_at IS NOT NULL
"""
APPOINTED = """
    UPDATE {audit} SET at = person.admitted_at FROM {person} person
    WHERE verb = 'appointed' AND content_type_id = %s AND object_id = person.id AND person.admitted_at IS NOT NULL
"""
DECIDED = """
    UPDATE {audit} SET at = application.decided_at FROM {application} application
    WHERE verb IN ('approved', 'declined') AND content_type_id = %s AND object_id = application.id
"""
UPLOADED = """
    UPDATE {audit} SET at = version.uploaded_at FROM {version} version
    WHERE verb = 'uploaded' AND content_type_id = %s
    AND object_id = version.document_id AND ({audit}.after->>'version')::int = version.number
"""
ANNOUNCED = """
    UPDATE {audit} SET at = announcement.sent_at FROM {announcement} announcement
    WHERE verb = 'announced' AND content_type_id = %s AND object_id = announcement.id
"""
MAILED = """
    UPDATE {audit} SET at = mailing.sent_at FROM {mailing} mailing
    WHERE verb = 'mailed' AND content_type_id = %s AND object_id = mailing.id
"""
PUBLISHED = """
    UPDATE {audit} SET at = publication.published_at FROM {publication} publication
    WHERE verb = 'published the agenda' AND content_type_id = %s AND object_id = publication.meeting_id
"""
WROTE = """
    UPDATE {audit} SET at = written.published_at FROM {written} written
    WHERE verb = 'published' AND content_type_id = %s AND object_id = written.id AND written.published_at IS NOT NULL
"""
SAID_HOURS = """
    UPDATE {audit} SET at = person.admitted_at + interval '20 days' FROM {person} person
    WHERE verb = 'changed hours' AND content_type_id = %s AND object_id = person.id
"""
STATEMENTS: tuple[tuple[str, type[models.Model]], ...] = (
    (JOINED, Committee),
    (ADMITTED, User),
    (APPOINTED, User),
    (SAID_HOURS, User),
    (DECIDED, Application),
    (UPLOADED, Document),
    (ANNOUNCED, Announcement),
    (MAILED, Mailing),
    (PUBLISHED, Meeting),
    (WROTE, Publication),
)
TABLES = {
    name: model._meta.db_table
    for name, model in {
        "audit": AuditEntry,
        "seat": Membership,
        "person": User,
        "application": Application,
        "version": DocumentVersion,
        "announcement": Announcement,
        "mailing": Mailing,
        "publication": AgendaPublication,
        "written": Publication,
    }.items()
}


def set_back() -> None:
    with connection.cursor() as cursor:
        for statement, target in STATEMENTS:
            cursor.execute(statement.format(**TABLES), [ContentType.objects.get_for_model(target).pk])
