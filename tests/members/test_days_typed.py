"""Days and times are read as people type them."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django import forms

from members.applications.answers import Answers
from members.applications.forms import TermForm
from members.times.days_typed import (
    DayTypedField,
    MomentTypedField,
    TimeTypedField,
    day_typed,
    moment_typed,
    time_typed,
)

NOW = datetime(2026, 11, 29, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7pm", time(19)),
        ("7 PM", time(19)),
        ("7 p.m.", time(19)),
        ("7 p. m.", time(19)),
        ("7p", time(19)),
        ("7:30pm", time(19, 30)),
        ("7:30 p.m.", time(19, 30)),
        ("7:30 P.M", time(19, 30)),
        ("7.30pm", time(19, 30)),
        ("730pm", time(19, 30)),
        ("at 7:30 pm", time(19, 30)),
        ("7 o’clock pm", time(19)),
        ("07:30 AM", time(7, 30)),
        ("19:30", time(19, 30)),
        ("19.30", time(19, 30)),
        ("19h30", time(19, 30)),
        ("1930", time(19, 30)),
        ("19:30:00", time(19, 30)),
        ("19:30 pm", time(19, 30)),
        ("9:05", time(9, 5)),
        ("００:30", time(0, 30)),
        ("７：３０　ｐｍ", time(19, 30)),
        ("\u200b7\u00a0pm\u200e", time(19)),
        ("7\u202f30 pm", time(19, 30)),
        ("12am", time(0)),
        ("12:15 a.m.", time(0, 15)),
        ("12 pm", time(12)),
        ("noon", time(12)),
        ("Noon", time(12)),
        ("12 noon", time(12)),
        ("midnight", time(0)),
    ],
)
def test_a_time_is_read_as_typed(typed, meant):
    assert time_typed(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "7", "25:00", "7:65 pm", "24:30", "pm", "7 xm", "soon", "7pm 8pm", "-7pm", "99pm"]
)
def test_a_time_that_nobody_can_know_is_asked_for_again(typed):
    with pytest.raises(ValueError):  # noqa: PT011
        time_typed(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2027-03-03", date(2027, 3, 3)),
        ("2027/3/3", date(2027, 3, 3)),
        ("3/3/2027", date(2027, 3, 3)),
        ("03/03/2027", date(2027, 3, 3)),
        ("3-3-2027", date(2027, 3, 3)),
        ("3.3.2027", date(2027, 3, 3)),
        ("3/3/27", date(2027, 3, 3)),
        ("3/3", date(2027, 3, 3)),
        ("12/1", date(2026, 12, 1)),
        ("March 3", date(2027, 3, 3)),
        ("march 3rd", date(2027, 3, 3)),
        ("Mar 3, 2027", date(2027, 3, 3)),
        ("Mar. 3 2027", date(2027, 3, 3)),
        ("Sept. 5", date(2027, 9, 5)),
        ("December 1st, 2026", date(2026, 12, 1)),
        ("3 March 2027", date(2027, 3, 3)),
        ("3rd of March, 2027", date(2027, 3, 3)),
        ("2027 March 3", date(2027, 3, 3)),
        ("Wed, March 3, 2027", date(2027, 3, 3)),
        ("Wednesday March 3", date(2027, 3, 3)),
        ("Ｍａｒ　３，２０２７", date(2027, 3, 3)),
        ("March\u00a03,\u200b 2027", date(2027, 3, 3)),
        ("Feb 29", date(2028, 2, 29)),
        ("November 29", date(2026, 11, 29)),
        ("tomorrow", date(2026, 11, 30)),
    ],
)
def test_a_day_is_read_as_typed(typed, meant):
    with time_machine.travel(NOW, tick=False):
        assert day_typed(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "March",
        "3",
        "13/13/2027",
        "Feb 30, 2027",
        "Tuesday, March 3, 2027",
        "Marsh 3",
        "0/0",
        "3/3/20270",
        "March 0",
    ],
)
def test_a_day_that_is_none_is_asked_for_again(typed):
    with pytest.raises(ValueError):  # noqa: PT011
        day_typed(typed)


@pytest.mark.parametrize(
    "typed",
    ["2027-03-03T19:30", "2027-03-03 19:30", "March 3, 2027 at 7:30 pm", "3/3/2027, 7.30pm", "Mar 3 2027 7:30 p. m."],
)
def test_a_day_with_a_time_is_read_as_typed(typed):
    assert moment_typed(typed) == datetime(2027, 3, 3, 19, 30)  # noqa: DTZ001


def test_fields_say_how_where_they_cannot_read(db):
    class Asking(forms.Form):
        on = DayTypedField()
        at = TimeTypedField()
        moment = MomentTypedField(required=False)

    good = Asking({"on": "Mar 3, 2027", "at": "noon", "moment": ""})
    assert good.is_valid(), good.errors
    assert good.cleaned_data == {"on": date(2027, 3, 3), "at": time(12), "moment": None}
    bad = Asking({"on": "x" * 5000, "at": "25pm", "moment": "never"})
    assert set(bad.errors) == {"on", "at", "moment"}


def test_a_term_takes_months_by_name():
    form = TermForm(
        Answers(), {"started_month": "Jan.", "started_year": "2024", "ended_month": "december", "ended_year": "2029"}
    )
    assert form.is_valid(), form.errors
    assert (form.started_on, form.ended_on) == (date(2024, 1, 1), date(2029, 12, 31))


def test_a_call_is_put_on_in_words(sign_in, carla, committee, db):
    year = datetime.now(UTC).year + 1
    given = {"local_date": f"March 3, {year}", "local_time": "7:30 p.m.", "timezone": "America/Chicago"}
    page = sign_in(carla).get(f"/committees/{committee.slug}/calls/when/", given)
    assert page.status_code == 200 and "7:30" in page.text
