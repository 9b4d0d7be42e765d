"""Work that every test would do again is done once, or in a cheaper way. What a test sees is the same."""

import os
from collections import defaultdict
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.db import connection, models, transaction
from django.db.migrations.state import ProjectState
from django.test import TransactionTestCase
from django.test import client as test_client
from whitenoise.middleware import WhiteNoiseMiddleware

from members.queries import prepared
from members.times import clock
from tests.services import THROWN_AWAY, WORKER

CHECKED: dict[Path, dict] = defaultdict(lambda: defaultdict(set))  # by file; by question, kinds and day
MIGRATED = "migrated"  # the database that workers copy
WHAT_DJANGO_RENDERS = ProjectState._find_reload_model
MADE_BY_MIGRATE = ("django_content_type", "auth_permission")  # Django's own flush makes them anew each time


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_found_once():
    """Each test client has middleware of its own, and to list the static files took longer than most pages."""
    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def find(self):
        key = self.static_prefix, self.static_root, self.max_age
        if key not in found:
            look(self)
            found[key] = dict(self.files)
        self.files.update(found[key])

    with patch.object(WhiteNoiseMiddleware, "add_files_from_finders", find):
        yield


@pytest.fixture(scope="session", autouse=True)
def _middleware_is_made_once():
    """A server makes its middleware once, a test client did at its first request. Made anew when a setting changes."""
    load, made = BaseHandler.load_middleware, {}

    def load_once(self, is_async=False):
        key = type(self), is_async
        if key not in made:
            load(self, is_async)
            made[key] = {name: value for name, value in vars(self).items() if name.endswith(("_middleware", "_chain"))}
        vars(self).update(made[key])

    def forget(**_change):
        made.clear()

    setting_changed.connect(forget)
    with patch.object(BaseHandler, "load_middleware", load_once):
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(scope="session", autouse=True)
def _contexts_are_kept_of_pages():
    """`response.context` has what the page was rendered with, not a copy of it for each of dozens of templates that it includes."""
    keep = test_client.store_rendered_templates

    def keep_of_page(store, signal, sender, template, context, **more):
        if "context" not in store or context.template is template:
            keep(store, signal, sender, template, context, **more)
        else:
            store.setdefault("templates", []).append(template)

    with patch.object(test_client, "store_rendered_templates", keep_of_page):
        yield


@pytest.fixture(autouse=True)
def _checked_questions(monkeypatch, request):
    """Prepared questions are built anew, and must be what was compiled: in each file for two arguments of a kind and day.

    To do so at each call was a quarter of what a page costs, in each test for each person a tenth of all tests.
    """
    check, checked = prepared._check, CHECKED[request.path]

    def check_some(build, arguments, statement):
        keys = checked[build, tuple(map(prepared._kind, arguments)), clock.today()]
        if len(keys) < 2 and (asked := tuple(map(_key, arguments))) not in keys:
            check(build, arguments, statement)
            keys.add(asked)

    monkeypatch.setattr(prepared, "checking", True)
    monkeypatch.setattr(prepared, "_check", check_some)


def _key(argument):
    return getattr(argument, "pk", argument)


@pytest.fixture(scope="module")
def once_a_file(django_db_setup, django_db_blocker):
    """What a fixture of module scope writes stays for its file; each test works in a savepoint of its own.

    Every test of the file finds those rows, and none may have transactions of its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker, request):
    """One worker migrates, the others copy. Only on servers of the run's own, with which the template is thrown away."""
    if WORKER not in os.environ or THROWN_AWAY not in os.environ or request.config.getvalue("reuse_db"):
        return
    with django_db_blocker.unblock(), connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")  # until this connection closes
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [MIGRATED])
        if not cursor.fetchone():
            _migrate(unfinished := f"{MIGRATED}_soon")
            cursor.execute(f"ALTER DATABASE {unfinished} RENAME TO {MIGRATED}")
    connection.settings_dict["TEST"] |= {"TEMPLATE": MIGRATED, "MIGRATE": False}


def _migrate(name: str) -> None:
    own, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    with patch.dict(test, NAME=name), patch.object(ProjectState, "_find_reload_model", _rendered_anew):
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES[connection.alias]["NAME"] = own


def _rendered_anew(state: ProjectState, app: str, name: str, delay: bool = False) -> set[tuple[str, str]]:
    """What follows a model that a migration changes: whatever points at it. The statements are the same.

    Django adds all that it points at and all that points there, nearly everything here: half of what migrating costs.
    """
    if not delay:
        return WHAT_DJANGO_RENDERS(state, app, name, delay)
    state.is_delayed = True  # a function of a migration sees everything rendered anew
    changed = state.apps.all_models[app].get(name)
    follow = {each for each in state.apps.get_models() if changed and _follows(each, changed)}
    return {(app, name)} | {(each._meta.app_label, each._meta.model_name) for each in follow}


def _follows(model: type[models.Model], changed: type[models.Model]) -> bool:
    fields = (*model._meta.local_fields, *model._meta.local_many_to_many)
    pointed_at = {field.remote_field.model._meta.label for field in fields if field.remote_field}
    return issubclass(model, changed) or changed._meta.label in pointed_at


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a test with transactions of its own, its rows are deleted.

    TRUNCATE, which Django takes, makes a new file for each table and index: for hundreds of them, a twentieth of a second.
    """
    flush = TransactionTestCase._fixture_teardown
    with django_db_blocker.unblock():
        superuser, made_by_migrate = _is_superuser(), _made_by_migrate()

    def empty(self):
        nonlocal made_by_migrate
        if (
            superuser
            and made_by_migrate == _made_by_migrate()
            and not self.available_apps
            and not self.serialized_rollback
        ):
            _delete_rows()
        else:
            flush(self)
            made_by_migrate = _made_by_migrate()

    with patch.object(TransactionTestCase, "_fixture_teardown", empty):
        yield


def _is_superuser() -> bool:
    return _rows_of("SELECT usesuper FROM pg_user WHERE usename = current_user") == [(True,)]


def _made_by_migrate() -> list[tuple[int]]:
    return _rows_of(" UNION ALL ".join(f"(SELECT id FROM {table} ORDER BY id)" for table in MADE_BY_MIGRATE))


def _rows_of(question: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def _delete_rows() -> None:
    """Waits for whoever is at work on a table, as TRUNCATE does."""
    existing = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [connection.ops.quote_name(table) for table in sorted(set(existing) - set(MADE_BY_MIGRATE))]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers: neither history nor foreign keys
        cursor.execute(f"LOCK {', '.join(names)}")
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in names))
