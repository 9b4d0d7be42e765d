"""Publications of the release before are read, pinned and found under the same names after the upgrade."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from tests.factories import IssueAreaFactory
from tests.upgrading import Upgrade

pytestmark = pytest.mark.django_db

BEFORE = ("committees", "0009_reminders_set_at")
MIGRATION = ("committees", "0010_publications_of_several_issues")


def test_a_featured_publication_with_an_author_stays_first_for_a_while_and_keeps_the_name(mo):
    """It is written twice by the migration, which PostgreSQL has to look at before a column may go."""
    upgrade, issue = Upgrade(BEFORE, MIGRATION, "Publication"), IssueAreaFactory()
    rows = [
        ("report", True, mo),
        ("news", True, mo),
        ("post", True, None),
        ("brief", False, mo),
        ("news", False, None),
    ]
    upgrade.store(
        "Publication",
        [
            {
                "issue_id": issue.pk,
                "type": kind,
                "slug": f"p{number}",
                "title": "Wages",
                "summary": "Short.",
                "dated_on": date(2026, 3, 1),
                "featured": featured,
                "author_id": author and author.pk,
            }
            for number, (kind, featured, author) in enumerate(rows)
        ],
    )
    upgrade.run()
    a_while, a_year = date(2026, 3, 1) + timedelta(days=60), localdate() + timedelta(days=365)
    assert upgrade.query("SELECT pinned_until, author_name FROM committees_publication ORDER BY slug") == [
        (a_year, mo.name),
        (a_while, mo.name),
        (a_while, ""),
        (None, mo.name),
        (None, ""),
    ]
    upgrade.query("SET CONSTRAINTS ALL IMMEDIATE")
    upgrade.undo()
    assert upgrade.query("SELECT featured FROM committees_publication ORDER BY slug") == [
        (featured,) for _kind, featured, _author in rows
    ]
