"""A Celery worker killed with kill -9 in the middle of an import: another one ends in the same state."""

from collections import Counter
from itertools import islice, product

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db.models.functions import Now

from members.models import AuditEntry, Import, Office, Profile, User
from members.roster.importing import worker
from tests.factories import JurisdictionFactory
from tests.members.roster.lists import brought
from tests.workers import kill, sessions, start_worker, wait_for

__all__ = ["start_worker"]

PEOPLE = 3000

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300), pytest.mark.thorough]


def test_a_killed_worker_loses_nothing_and_adds_nobody_twice(start_worker):
    JurisdictionFactory(name="Pueblo", state="CO")
    names = islice(("".join(each).title() for each in product("abdefgklmnoprstu", repeat=3)), PEOPLE)
    rows = [f"Ann,Ort{name},{name}@lc.example,,Mayor,Pueblo,CO,12/31/2029" for name in names]
    imported = brought(*rows)
    assert imported.counts == {"create": PEOPLE}
    assert imported.confirm(None, imported.version)
    for killed in (1, 2):
        ours = sessions()
        group = start_worker("members.tasks.run_imports")
        wait_for(lambda killed=killed: User.objects.count() >= 500 * killed)
        kill(group, ours)
        assert User.objects.count() == imported.rows_of.filter(done="created").count() < PEOPLE
        Import.objects.update(leased_until=Now())
    worker.work(seconds=200)
    imported.refresh_from_db()
    assert imported.state == Import.State.FINISHED
    assert imported.rows_of.count_done() == {"created": PEOPLE}
    assert User.objects.count() == Profile.objects.count() == Office.objects.count() == PEOPLE
    kind = ContentType.objects.get_for_model(User)
    told = Counter(AuditEntry.objects.filter(content_type=kind).values_list("object_id", flat=True))
    assert (len(told), set(told.values())) == (PEOPLE, {1})
