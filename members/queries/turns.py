"""Things that have no row yet, like a free address, are chosen one after the other."""

from django.db import connection


def take_turn(name: str) -> None:
    """Whoever else asks for `name` waits until this transaction ends, and sees what it left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
