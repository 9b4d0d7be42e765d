"""The page "What we send you, and how"."""

import datetime
import json

import pytest
from bs4 import BeautifulSoup

from committees.models import Membership
from members.mail.kinds import Category, registry
from members.models import MessageSettings, NotificationPreference
from tests.factories import CommitteeFactory, MembershipFactory

pytestmark = pytest.mark.django_db

PAGE = "/settings/notifications/"


@pytest.fixture
def client(sign_in, mo):
    return sign_in(mo)


def shown(client) -> dict[str, object]:
    """What a browser posts when nothing is touched."""
    form = BeautifulSoup(client.get(PAGE).content, "html.parser").select_one('main form[method="post"]')
    return posted_by(form)


def posted_by(form) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in form.select("input[name], select[name]"):
        name = field["name"]
        if field.name == "select":
            found[name] = (field.select_one("option[selected]") or field.select_one("option"))["value"]
        elif field["type"] not in ("checkbox", "radio"):
            found[name] = field.get("value", "")
        elif field.has_attr("checked") and field["type"] == "checkbox" and name == "reminder_offsets":
            found.setdefault(name, []).append(field["value"])
        elif field.has_attr("checked"):
            found[name] = field.get("value", "on")
    return found


def save(client, before=None, drop=(), **changes):
    """Post what the page showed (now, or `before`) with these changes."""
    values = dict(before or shown(client)) | changes
    return client.post(PAGE, {name: value for name, value in values.items() if name not in drop})


def choices() -> list[tuple[str, str, str]]:
    return sorted(NotificationPreference.objects.values_list("kind", "scope", "cadence"))


def field(scope: str, kind: str = "reminder") -> str:
    return f"{kind}-{scope.replace(':', '-')}"


# The kinds ---------------------------------------------------------------------------------------------


def test_every_kind_that_may_be_chosen_is_there_with_its_own_ways_and_nothing_else(client, mo):
    form = client.get(PAGE).context["form"]
    offered = {notice.kind for notice, _field in form.rows()}
    assert offered == {
        kind for kind, notice in registry.items() if notice.category == Category.ROUTINE and not notice.roles
    }
    for notice, bound in form.rows():
        assert {value for value, _label in bound.field.choices} == set(map(str, notice.cadences))


def test_what_is_for_co_chairs_shows_to_those_who_chair_something(sign_in, carla, mo, committee):
    assert "join_request" in sign_in(carla).get(PAGE).context["form"].fields
    fields = sign_in(mo).get(PAGE).context["form"].fields
    assert not any(name.startswith("join_request") for name in fields)


@pytest.mark.parametrize("order", [list, reversed])
def test_what_is_always_sent_stands_in_the_order_of_its_labels(client, monkeypatch, order):
    monkeypatch.setattr("members.mail.kinds.registry", dict(order(list(registry.items()))))
    words = BeautifulSoup(client.get(PAGE).text, "lxml").get_text(" ", strip=True)
    listed = words.partition("they wait only for quiet hours:")[2].partition(".")[0]
    assert [label.strip() for label in listed.split(";")] == [
        "a call is canceled",
        "a call moved",
        "a call’s place, length or topic changed",
        "a series of calls changed",
    ]


def test_an_exception_for_co_chairs_is_offered_where_they_chair(sign_in, carla, committee, elsewhere):
    Membership.begin(elsewhere, carla, by=carla)
    fields = sign_in(carla).get(PAGE).context["form"].fields
    assert field(committee.scope, "join_request") in fields
    assert field(elsewhere.scope, "join_request") not in fields and field(elsewhere.scope) in fields


def test_what_knows_no_committee_has_no_exceptions(client, committee):
    fields = client.get(PAGE).context["form"].fields
    single = [kind for kind, notice in registry.items() if not notice.scoped]
    assert single and not any(field(committee.scope, kind) in fields for kind in single)


def test_nothing_touched_stores_nothing(client):
    assert save(client).url == PAGE
    assert (choices(), MessageSettings.objects.count()) == ([], 0)


@pytest.mark.parametrize("cadence", ["daily", "weekly", "never"])
def test_how_often_a_kind_comes_is_stored_and_the_default_leaves_no_row(client, cadence):
    save(client, invitation=cadence)
    assert choices() == [("invitation", "", cadence)]
    save(client, invitation="at_once")
    assert choices() == []


def test_a_kind_that_comes_in_one_way_is_a_box(client):
    save(client, drop=["reminder", "weekly_digest"])
    assert choices() == [("reminder", "", "never"), ("weekly_digest", "", "never")]
    save(client, reminder="on", weekly_digest="on")
    assert choices() == []


def test_a_kind_is_turned_off_everywhere_and_on_for_one_committee(client, committee):
    save(client, drop=["reminder"], **{field(committee.scope): "at_once"})
    assert choices() == [("reminder", "", "never"), ("reminder", committee.scope, "at_once")]
    assert shown(client)[field(committee.scope)] == "at_once"
    save(client, **{field(committee.scope): ""})
    assert choices() == [("reminder", "", "never")]


def test_committees_of_others_and_ways_a_kind_does_not_know_are_refused(client, elsewhere):
    save(client, **{field(elsewhere.scope): "never"})
    assert save(client, invitation="hourly").status_code == 422
    assert choices() == []


def test_two_tabs_that_change_different_things_both_count(client, committee):
    first, second = shown(client), shown(client)
    save(client, before=first, invitation="daily", quiet="on")
    save(
        client,
        before=second,
        **{field(committee.scope, "invitation"): "never"},
        reminders="own",
        reminder_offsets=["30"],
    )
    assert choices() == [("invitation", "", "daily"), ("invitation", committee.scope, "never")]
    mine = MessageSettings.objects.get()
    assert (mine.quiet_from, mine.reminder_offsets) == (datetime.time(21), [30])


def test_of_two_tabs_that_change_the_same_thing_the_last_counts(client):
    first, second = shown(client), shown(client)
    save(client, before=first, invitation="daily")
    save(client, before=second, invitation="weekly")
    assert choices() == [("invitation", "", "weekly")]


@pytest.mark.parametrize("spoilt", ["", "{", "[]", "7", json.dumps({"invitation": {"x": 1}}), "null"])
def test_a_form_that_does_not_say_what_it_showed_saves_what_it_says(client, spoilt):
    save(client, shown=spoilt, invitation="daily")
    assert choices() == [("invitation", "", "daily")]


# Reminders and quiet hours -------------------------------------------------------------------------------


def test_own_reminders_are_stored_and_given_back_to_the_co_chairs(client):
    save(client, reminders="own", reminder_offsets=["1440", "30"])
    assert MessageSettings.objects.get().reminder_offsets == [1440, 30]
    assert shown(client)["reminder_offsets"] == ["1440", "30"]
    save(client, reminders="")
    assert MessageSettings.objects.get().reminder_offsets is None


def test_ticking_a_reminder_is_enough(client):
    save(client, reminder_offsets=["60"])
    assert MessageSettings.objects.get().reminder_offsets == [60]


def test_a_reminder_chosen_elsewhere_stays_in_the_list(client, mo):
    MessageSettings.objects.create(user=mo, reminder_offsets=[45])
    save(client, invitation="daily")
    assert MessageSettings.objects.get().reminder_offsets == [45]
    assert "45 minutes" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reminders": "own"}, "Choose at least one, or turn reminders off above."),
        ({"reminder_offsets": ["10080", "2880", "1440", "120", "60", "30"]}, "Choose at most five."),
        ({"quiet": "on", "quiet_until": "21:00"}, "Choose another time than the one they begin at."),
        ({"quiet": "on", "quiet_from": "25:00"}, "Choose one of those shown"),
    ],
)
def test_an_error_saves_nothing_and_loses_nothing(client, changes, error):
    page = save(client, invitation="weekly", drop=["reminder"], **changes)
    assert page.status_code == 422 and error in page.content.decode()
    assert (choices(), MessageSettings.objects.count()) == ([], 0)
    again = posted_by(BeautifulSoup(page.content, "html.parser").select_one('main form[method="post"]'))
    assert again["invitation"] == "weekly" and "reminder" not in again
    kept = changes.get("reminder_offsets")
    assert again.get("reminder_offsets") == kept
    save(client, before=again, reminders="", quiet_from="21:00", quiet_until="07:00", reminder_offsets=[])
    assert choices() == [("invitation", "", "weekly"), ("reminder", "", "never")]


def test_quiet_hours_are_turned_on_changed_and_turned_off(client):
    hours = MessageSettings.objects.values_list("quiet_from", "quiet_until", "quiet_reminders")
    save(client, quiet="on")
    assert hours.get() == (datetime.time(21), datetime.time(7), "send")
    save(client, quiet_until="06:30", quiet_reminders="before")
    assert hours.get() == (datetime.time(21), datetime.time(6, 30), "before")
    save(client, drop=["quiet"])
    assert hours.get() == (None, None, "before")


def test_the_zone_is_said_with_the_way_to_change_it(client, mo):
    mo.timezone = "Pacific/Guam"
    mo.save()
    words = " ".join(BeautifulSoup(client.get(PAGE).content, "html.parser").get_text().split())
    assert "Chamorro time. Change zone" in words


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same_for_one_committee_and_for_many(client, mo, many, django_assert_num_queries):
    for _n in range(many - 1):
        MembershipFactory(user=mo, committee=CommitteeFactory())
    client.get(PAGE)
    with django_assert_num_queries(6):
        client.get(PAGE)
