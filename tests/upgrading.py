"""A migration, run on rows that a release before stored."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model


class Upgrade:
    """The tables as they were, beside those of today: `rows` are stored there, `run` brings them to their new shape."""

    def __init__(self, before: tuple[str, str], migration: tuple[str, str], *models: str) -> None:
        self.app, self.before, self.migration = before[0], before, migration
        self.loader = MigrationLoader(connection)
        self.state = self.loader.project_state(before)
        self.query("CREATE SCHEMA before")
        self.query("SET LOCAL search_path TO before, public")
        with connection.schema_editor() as editor:
            for name in models:
                editor.create_model(self.model(name))
        self.query("SET LOCAL search_path TO public")

    def model(self, name: str) -> Any:
        return self.state.apps.get_model(self.app, name)

    def store(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        self.query("SET LOCAL search_path TO before, public")
        model = self.model(name)
        model.objects.bulk_create(model(**row) for row in rows)

    def run(self) -> None:
        self.query("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.schema_editor() as editor:
            self.state = self.loader.get_migration(*self.migration).apply(self.state, editor)

    def undo(self) -> None:
        migration = self.loader.get_migration(*self.migration)
        with connection.schema_editor() as editor:
            self.state = migration.unapply(self.loader.project_state(self.before), editor)

    def take_over(self, *models: type[Model]) -> None:
        """Let the rows be those of today's tables."""
        for model in models:
            kept = [field.column for field in model._meta.local_concrete_fields if not field.generated]
            names = ", ".join(f'"{name}"' for name in kept)
            table = model._meta.db_table
            self.query(f"DELETE FROM public.{table}")
            self.query(f"INSERT INTO public.{table} ({names}) SELECT {names} FROM before.{table}")
        self.query("SET LOCAL search_path TO public")

    def query(self, statement: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
