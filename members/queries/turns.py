"""Locks for things that have no row yet, such as a free address."""

from django.db import connection


def take_turn(name: str) -> None:
    """Take an advisory lock named `name` until the transaction ends; others who ask for it wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
