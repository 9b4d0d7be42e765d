"""The demo network, loaded once a run: whoever wants it later gets back the rows and files that the first one made."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from portal.demo import loading
from tests.quick import MADE_BY_MIGRATE
from tests.services import WORKER


@pytest.fixture(scope="session")
def load_demo(tmp_path_factory):
    """Loads the demo network, as `manage.py demo` does, into an empty database."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if WORKER in os.environ else own) / "demo"
    shared.mkdir(exist_ok=True)

    def load() -> loading.Loaded:
        kept = shared / "kept"
        with _alone(shared / "lock"):
            if not kept.exists():
                loaded = loading.load()
                _count()
                _keep(kept)
                return loaded
        _bring_back(kept)
        _count()
        return loading.Loaded(new=True, calls=loading.load().calls)

    return load


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names(only_existing=True)) - set(MADE_BY_MIGRATE))


def _count() -> None:
    """What autovacuum does within a minute: with no idea of how many rows there are, the planner loops over thousands in thousands."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, _tables()))}")


def _keep(kept: Path) -> None:
    unfinished = kept.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "rows").mkdir(parents=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _tables():
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as rows:
                (unfinished / "rows" / table).write_bytes(b"".join(map(bytes, rows)))
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        numbers = "\n".join(f"{name} {value}" for name, value in cursor.fetchall())
    (unfinished / "sequences").write_text(numbers)
    shutil.copytree(settings.MEDIA_ROOT, unfinished / "media")
    unfinished.rename(kept)


def _bring_back(kept: Path) -> None:
    shutil.copytree(kept / "media", settings.MEDIA_ROOT, dirs_exist_ok=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers: neither history nor foreign keys
        for table in _tables():
            cursor.execute(f'DELETE FROM "{table}"')
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as rows:
                rows.write((kept / "rows" / table).read_bytes())
        for line in (kept / "sequences").read_text().splitlines():
            name, value = line.split()
            cursor.execute("SELECT setval(%s, %s)", [f'"{name}"', int(value)])
        cursor.execute("SET LOCAL session_replication_role = origin")
