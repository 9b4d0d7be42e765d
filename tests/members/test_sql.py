"""Statements from files: what is known when they are loaded is written into them, and nothing can break out of it."""

import pytest
from django.db import connection

from members.models import Delivery, User
from members.queries.sql import Sql, embedded, literal, load, members_of, piece


def test_texts_are_quoted_and_pieces_are_not():
    assert literal("Denise's") == "'Denise''s'"
    assert literal(Delivery.OPEN) == "'queued', 'claimed', 'sending'"
    assert literal(Delivery.Lane.FAST) == "0"
    assert literal(Sql("now()")) == "now()"


def test_a_name_that_nobody_knows_stops_the_import(tmp_path):
    with pytest.raises(KeyError, match="lost"):
        piece("WHERE state = $lost", **members_of(Delivery.State))


def test_comments_stay_in_the_file(tmp_path):
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "one.sql").write_text("-- 100 % of them\nSELECT $number\n    -- and no more\n")
    assert load(str(tmp_path / "module.py"), "one", number=1) == "SELECT 1"


@pytest.mark.django_db
def test_a_queryset_is_part_of_a_statement_with_its_values_named(mo):
    people, values = embedded(User.objects.filter(is_active=True, email=mo.email).values("pk"), "people")
    assert values == {"people_0": mo.email}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM members_user WHERE id IN ({people}) AND id = %(id)s", values | {"id": mo.pk}
        )
        assert cursor.fetchone() == (1,)
