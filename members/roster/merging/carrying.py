"""Carrying the rows of one account over to another, and remembering each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.db import models

from members.models import Merge, MergedRow
from members.roster.merging import rows
from members.roster.merging.rules import Rule, rules

AT_ONCE = 2000


class Carrying:
    """One run over all rules, inside the transaction of `merge`, or later for what arrived late."""

    def __init__(self, merge: Merge) -> None:
        self.merge, self.kept, self.merged = merge, merge.kept_id, merge.merged_id
        self._rows: list[MergedRow] = []

    def carry(self) -> int:
        """How many rows."""
        for rule in with_rows(self.merged):
            carry = rule.carry or carry_rows
            carry(self, rule)
        return self.remember()

    def change(self, model: type[models.Model], keys: Collection[int], **after: Any) -> None:
        """Give these rows the values, by column."""
        before = rows.read(model, keys)
        if not before:
            return
        fields = {field.column: field.attname for field in model._meta.local_concrete_fields}
        model._base_manager.filter(pk__in=before).update(**{fields[name]: value for name, value in after.items()})
        became = rows.read(model, before)
        for key, was in before.items():
            old, new = {name: was[name] for name in after}, {name: became[key][name] for name in after}
            if old != new:
                self._rows.append(self._row(model, key, old, new))

    def move(self, rule: Rule, keys: Collection[int]) -> None:
        field = rule.model._meta.get_field(rule.field)
        self.change(rule.model, keys, **{str(field.column): self.kept})  # type: ignore[union-attr]

    def drop(self, loser: models.Model, winner: models.Model) -> None:
        """Take the row away; what hangs on it hangs on the other from now on."""
        model = type(loser)
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is models.DO_NOTHING:
                continue
            hanging = relation.related_model._base_manager.filter(**{relation.field.name: loser.pk})
            keys = list(hanging.order_by().values_list("pk", flat=True))
            self.change(relation.related_model, keys, **{relation.field.column: winner.pk})
        self.take_away(loser)

    def take_away(self, row: models.Model) -> None:
        model = type(row)
        self._rows.append(self._row(model, row.pk, rows.read(model, [row.pk])[row.pk], {}))
        model._base_manager.filter(pk=row.pk).delete()

    def add(self, row: models.Model) -> None:
        """Note a row that merging made."""
        model = type(row)
        self._rows.append(self._row(model, row.pk, {}, rows.read(model, [row.pk])[row.pk]))

    def note(self, row: models.Model, before: rows.Values, after: rows.Values) -> None:
        """Note what a verb changed."""
        self._rows.append(self._row(type(row), row.pk, before, after))

    def remember(self) -> int:
        """Store what was done, with marks of what is watched."""
        watched = {rule.model._meta.label for rule in rules.values() if rule.is_watched}
        by_table: dict[str, list[MergedRow]] = defaultdict(list)
        for row in self._rows:
            if row.after and row.table in watched:
                by_table[row.table].append(row)
        for table, changed in by_table.items():
            marks = rows.marks(apps.get_model(table), [row.row for row in changed])
            for row in changed:
                row.mark = marks.get(row.row, "")
        MergedRow.objects.bulk_create(self._rows, batch_size=AT_ONCE)
        count, self._rows = len(self._rows), []
        return count

    def _row(self, model: type[models.Model], key: int, before: rows.Values, after: rows.Values) -> MergedRow:
        return MergedRow(merge=self.merge, table=model._meta.label, row=key, before=before, after=after)


def with_rows(person: int) -> list[Rule]:
    """The rules of rows that move and that this person has any of: in one question, as there are a hundred."""
    moving = [rule for rule in rules.values() if not rule.stays]
    asked = [rule.rows_of(person).order_by().values(n=models.Value(n))[:1] for n, rule in enumerate(moving)]
    return [moving[row["n"]] for row in asked[0].union(*asked[1:], all=True)]


def carry_rows(carrying: Carrying, rule: Rule) -> None:
    """The usual way: all move; where a person has one, the better of two stays."""
    theirs = list(rule.rows_of(carrying.merged))
    if rule.once is not None and theirs:
        theirs = list(_without_losers(carrying, rule, theirs))
    carrying.move(rule, [row.pk for row in theirs])


def _without_losers(carrying: Carrying, rule: Rule, theirs: list[Any]) -> Iterable[Any]:
    """Those that move; a row of the kept account that is worth less goes first."""
    when = rule.when or models.Q()
    rivals = {_place(rule, row): row for row in rule.rows_of(carrying.kept).filter(when)}
    counting = set(rule.rows_of(carrying.merged).filter(when).values_list("pk", flat=True))
    for row in theirs:
        rival = rivals.get(_place(rule, row)) if row.pk in counting else None
        if rival is None:
            yield row
        elif rule.worth and rule.worth(row) > rule.worth(rival):
            carrying.drop(rival, row)
            yield row
        else:
            carrying.drop(row, rival)


def _place(rule: Rule, row: Any) -> tuple[Any, ...]:
    return tuple(_plain(getattr(row, row._meta.get_field(name).attname)) for name in rule.once or ())


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
