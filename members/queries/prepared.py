"""Questions written as querysets and compiled once a process.

Building a queryset of subqueries and turning it into SQL costs Django many times what PostgreSQL takes to answer,
and pages ask the same questions all day. A function marked `@prepared` returns a queryset as ever. At its first call
it gets stand-ins for its arguments and for the clock; where those arrive in the statement is remembered, and from then
on the real values go into the same statement. What the caller gets is the list of rows.

Arguments are a person, another row, a whole number or a text; or None, True or False. Each of these constants is compiled
for itself, and so is each standing that a person can have. Of rows only the key may be used, and it must be used. Day and
moment come from members.times.clock. While `checking`, as all tests do, every call is built anew as well and must give
the same statement with the same values.

This is the only file that knows what Django keeps to itself: `Statement.rows` copies a compiled query and its compiler
and hands the copy the statement and the converters it already has, and `_compile` reads what a queryset is about to prefetch. A test names
the Django with which that was read and tried. To do without it, say because a Django changed there:

1. Replace the body of `prepared` by `return wraps(build)(lambda *arguments: list(build(*arguments)))`, that of
   `prepared_part` by one that asks `build(*arguments).query.sql_with_params()`, and delete what is below them. Every page says the same as before; home, committee and call pages cost two to four times the CPU.
2. Drop the tests of stand-ins in tests/members/test_prepared.py; those that compare rows with the queryset stay.
3. The decorator may stay where it is: it marks the questions that are asked all day. members.times.clock.stopped goes.
4. docs/adr/0009 says why it was there; measure with `bench.run` before and after.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from members.times import clock

checking = False

NUMBER = 2_147_400_000  # stand-ins count on from here: above our keys, within an integer column
TEXT = "\N{INVISIBLE SEPARATOR}stand-in "  # and the position; no slug or address looks like it
DAY, MOMENT = date(7000, 1, 1), datetime(7000, 1, 1, tzinfo=UTC)
FAR = 6000  # no year but that of a stand-in, moved by some days, is later
ASKED_OF_PERSONS = ("is_authenticated", "is_member", "may_act_as_staff")

Questions = Callable[..., "models.QuerySet[Any]"]
Filling = Callable[[Sequence[Any], date, datetime], Any]


class NotPrepared(AttributeError):
    """Raised when the function uses an argument in a way that one statement cannot serve."""


def prepared(build: Questions) -> Callable[..., list[Any]]:
    statement_for = _statements(build)

    @wraps(build)
    def ask(*arguments: Any) -> list[Any]:
        statement = statement_for(arguments)
        return statement.rows(arguments) if statement else []

    return ask


def prepared_part(build: Questions) -> Callable[..., tuple[str, tuple[Any, ...]] | None]:
    """As `prepared`, for a question that stands within a larger statement: its SQL and values, None where there are no rows."""
    statement_for = _statements(build)

    @wraps(build)
    def part(*arguments: Any) -> tuple[str, tuple[Any, ...]] | None:
        statement = statement_for(arguments)
        return (statement.sql, statement.filled(arguments)) if statement else None

    return part


def _statements(build: Questions) -> Callable[[Sequence[Any]], Statement | None]:
    statements: dict[Hashable, Statement | None] = {}

    def statement_for(arguments: Sequence[Any]) -> Statement | None:
        key = tuple([_kind(argument) for argument in arguments])
        if key not in statements:
            statements[key] = _compile(build, arguments)
        if checking:
            _check(build, arguments, statements[key])
        return statements[key]

    return statement_for


# Arguments ----------------------------------------------------------------------------------------------


class StandIn(int):
    """Stands for a row or a number while compiling: it has a key, and for persons their standing."""

    standing: dict[str, Any]

    @property
    def pk(self) -> StandIn:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("standing", ()):
            return self.standing[name]
        raise NotPrepared(f"A prepared question may use the key of its argument, not {name}.")


def _kind(argument: Any) -> Hashable:
    """What beside its key the statement may depend on."""
    if type(argument) in (int, str):
        return type(argument)
    if hasattr(argument, "is_authenticated"):
        return tuple([getattr(argument, name, False) for name in ASKED_OF_PERSONS])
    if isinstance(argument, models.Model):
        return type(argument)
    if argument is None or isinstance(argument, bool):
        return argument
    raise NotPrepared(f"{argument!r} cannot be an argument of a prepared question.")


def _stand_in(argument: Any, position: int) -> Any:
    if argument is None or isinstance(argument, bool) or not getattr(argument, "is_authenticated", True):
        return argument
    if isinstance(argument, str):
        return f"{TEXT}{position}"
    stand_in = StandIn(NUMBER + position)
    stand_in.standing = {name: getattr(argument, name) for name in ASKED_OF_PERSONS if hasattr(argument, name)}
    return stand_in


def _key(argument: Any) -> Any:
    return argument if type(argument) in (int, str) else argument.pk


# Compiling ------------------------------------------------------------------------------------------------


def _compile(build: Questions, arguments: Sequence[Any]) -> Statement | None:
    """None where Django sees without asking that there are no rows."""
    with clock.stopped(DAY, MOMENT):
        queryset = build(*[_stand_in(argument, position) for position, argument in enumerate(arguments)])
    if queryset._prefetch_related_lookups:
        raise NotPrepared("A prepared question is one statement: ask for prefetched rows by a question of their own.")
    compiler = queryset.query.get_compiler(using=queryset.db)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:
        return None
    fill = {place: filling for place, value in enumerate(values) if (filling := _filling(value, len(arguments)))}
    _refuse_unused(arguments, values)
    converters = compiler.get_converters([selected[0] for selected in compiler.select[: compiler.col_count]])
    return Statement(queryset, compiler, sql, tuple(values), fill, converters)


def _filling(value: Any, count: int) -> Filling | None:
    if isinstance(value, int) and NUMBER <= value < NUMBER + count:
        return lambda arguments, day, moment: _key(arguments[value - NUMBER])
    if isinstance(value, str) and value.startswith(TEXT):
        position = int(value.removeprefix(TEXT))
        return lambda arguments, day, moment: arguments[position]
    if isinstance(value, datetime):
        return (lambda arguments, day, moment: moment + (value - MOMENT)) if value.year > FAR else None
    if isinstance(value, date):
        return (lambda arguments, day, moment: day + (value - DAY)) if value.year > FAR else None
    return None


def _refuse_unused(arguments: Sequence[Any], values: Sequence[Any]) -> None:
    """A key that never arrives in the statement was used to build it, or for nothing."""
    for position, argument in enumerate(arguments):
        is_key = type(argument) in (int, str) or (
            isinstance(argument, models.Model) and not hasattr(argument, "is_authenticated")
        )
        if is_key and not {NUMBER + position, f"{TEXT}{position}"}.intersection(map(_hashable, values)):
            raise NotPrepared(f"Argument {position} of a prepared question never reaches its statement.")


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else None


@dataclass(frozen=True)
class Statement:
    """A compiled statement. `fill` says, by position, which of its values come from arguments and the clock."""

    queryset: models.QuerySet[Any]
    compiler: Any
    sql: str
    values: tuple[Any, ...]
    fill: dict[int, Filling]
    converters: Any

    def rows(self, arguments: Sequence[Any]) -> list[Any]:
        """Run it with these arguments, through a copy of the compiler that holds its SQL and the converters of its columns."""
        statement, source = (self.sql, self.filled(arguments)), self.queryset
        query, compiler = copy.copy(source.query), copy.copy(self.compiler)
        compiler.query, compiler.connection = query, connections[source.db]
        compiler.as_sql = lambda *args, **options: statement
        compiler.get_converters = lambda expressions: self.converters
        query.get_compiler = lambda *args, **options: compiler
        asked = type(source)(model=source.model, query=query, using=source.db)
        asked._iterable_class, asked._fields = source._iterable_class, source._fields
        return list(asked)

    def filled(self, arguments: Sequence[Any]) -> tuple[Any, ...]:
        values, day, moment = list(self.values), clock.today(), clock.now()
        for place, value_of in self.fill.items():
            values[place] = value_of(arguments, day, moment)
        return tuple(values)


def _check(build: Questions, arguments: Sequence[Any], statement: Statement | None) -> None:
    """Raise AssertionError unless building anew gives the same."""
    with clock.stopped(clock.today(), clock.now()):
        try:
            sql, values = build(*arguments).query.sql_with_params()
        except EmptyResultSet:
            assert statement is None, "a prepared question was built empty"
            return
        assert statement is not None
        assert (sql, tuple(values)) == (statement.sql, statement.filled(arguments)), (
            "a prepared question was built differently"
        )
