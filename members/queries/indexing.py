"""What of a table's rows search finds: written once, for the trigger that keeps the index and for what fills it anew.

The index is one table (members.models.Findable). Triggers keep it, because no bulk update, import or repair by hand slips
past them. Everything here is SQL over the row `t`; nothing in it comes from a request.
"""

from __future__ import annotations

from dataclasses import dataclass

import pgtrigger

INDEX = "members_findable"


@dataclass(frozen=True)
class Source:
    """A kind's rows: what they are called, what they say, the moment they are ordered by, and which of them count."""

    kind: str
    table: str
    title: str
    body: str = "''"
    at: str = "NULL"
    only: str = "true"

    def rows(self, among: str) -> str:
        """The rows of the index for those of the table that `among` says."""
        return (
            f"SELECT '{self.kind}', t.id, {self.title}, {self.body}, {self.at} FROM {self.table} t"  # noqa: S608
            f" WHERE {among} AND {self.only}"
        )

    def add(self, among: str) -> str:
        """Write those that are missing."""
        return f"INSERT INTO {INDEX} (kind, key, title, body, at) {self.rows(among)} ON CONFLICT (kind, key) DO NOTHING"

    def store(self, among: str) -> str:
        """Write them; a row that says the same as before is left alone."""
        return (
            f"INSERT INTO {INDEX} (kind, key, title, body, at) {self.rows(among)}"
            " ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at"
            f" WHERE ({INDEX}.title, {INDEX}.body, {INDEX}.at)"
            " IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)"
        )

    def take(self, among: str) -> str:
        """Lock rows of the index, so that the next statement reads what others saved of these things before it writes."""
        return f"SELECT FROM {INDEX} f WHERE f.kind = '{self.kind}' AND {among} ORDER BY f.key FOR UPDATE"

    def drop(self, among: str) -> str:
        """Take away what the table has no more, or what does not count any more."""
        return (
            f"DELETE FROM {INDEX} f WHERE f.kind = '{self.kind}' AND {among}"  # noqa: S608
            f" AND NOT EXISTS (SELECT FROM {self.table} t WHERE t.id = f.key AND {self.only})"
        )

    def kept(self, *columns: str) -> pgtrigger.Trigger:
        """For the Meta of its model, naming the columns that are read."""
        gone = _run("OLD.id", self.drop("f.key = $1"))
        keep = _run("NEW.id", self.take("f.key = $1"), self.drop("f.key = $1"), self.store("t.id = $1"))
        body = f"IF TG_OP = 'DELETE' THEN {gone} ELSE {keep} END IF; RETURN NULL;"
        return self._trigger(body, pgtrigger.Insert | pgtrigger.UpdateOf(*columns) | pgtrigger.Delete)

    def kept_with(self, *columns: str, by: str, key: str = "id") -> pgtrigger.Trigger:
        """For the Meta of another model that it reads `columns` of, for the rows whose `by` is the other's `key`."""
        those = f"f.key IN (SELECT t.id FROM {self.table} t WHERE t.{by} = $1)"  # noqa: S608
        body = f"{_run(f'NEW.{key}', self.take(those), self.store(f't.{by} = $1'))} RETURN NULL;"
        return self._trigger(body, pgtrigger.Insert | pgtrigger.UpdateOf(*columns))

    def _trigger(self, body: str, operation: pgtrigger.Operations) -> pgtrigger.Trigger:
        return pgtrigger.Trigger(name=f"find_{self.kind}", when=pgtrigger.After, operation=operation, func=body)


def _run(value: str, *statements: str) -> str:
    """PL/pgSQL that plans each statement when it runs it, with `value` as $1.

    A plan that it keeps was made when a table was nearly empty, and reads all of it for each row of a large load.
    """
    return " ".join(f"EXECUTE $run${statement}$run$ USING {value};" for statement in statements)
