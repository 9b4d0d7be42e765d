"""Building an agenda: one line an item, order, minutes, and nobody's words lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Document
from events.agenda.publishing import keep, publication_state
from events.agenda.quick_add import parse
from events.models import AgendaItem, Meeting
from events.models.agendas import LONGEST, Plan
from events.templatetags.calls import BAR, agenda_bar
from members.models import AuditEntry
from members.times import formats
from members.web.meanwhile import ChangedMeanwhile
from tests.factories import MeetingFactory, MembershipFactory, UserFactory, publish_quietly

SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
def maria(committee):
    maria = UserFactory(name="María López")
    MembershipFactory(committee=committee, user=maria)
    return maria


@pytest.fixture
def items(meeting, carla):
    return [
        AgendaItem.add(meeting, carla, title=title, minutes=minutes)
        for title, minutes in (("Welcome", 5), ("Wage theft", 20), ("Wrap up", 10))
    ]


def titles(meeting):
    return list(meeting.agenda_items.in_order().values_list("title", flat=True))


def post(client, name, meeting, *args, **data):
    return client.post(reverse(name, args=[meeting.slug, *args]), data)


def text_of(response):
    return response.content.decode()


# One line ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("Wage theft update 15m @Maria", {"title": "Wage theft update", "minutes": 15}),
        ("Wage theft update @maria lópez 15 min", {"title": "Wage theft update", "minutes": 15}),
        ("Decide: model ordinance 12 minutes @María", {"title": "model ordinance", "minutes": 12, "kind": "decision"}),
        ("5m Welcome @Maria", {"title": "Welcome", "minutes": 5}),
    ],
)
def test_a_line_says_title_minutes_and_presenter(maria, line, fields):
    assert parse(line, [maria]) == fields | {"presenter": maria}


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("Wage theft update 15m #decision", {"title": "Wage theft update", "minutes": 15, "kind": "decision"}),
        ("#info Statehouse", {"title": "Statehouse", "kind": "information"}),
        ("Break 10m", {"title": "Break", "minutes": 10, "kind": "break"}),
        ("Lunch break", {"title": "Lunch break", "kind": "break"}),
        ("Breaking the lease", {"title": "Breaking the lease"}),
        ("Stretch #break", {"title": "Stretch", "kind": "break"}),
        ("Our #1 worry", {"title": "Our #1 worry"}),
        ("Rents #MeToo", {"title": "Rents #MeToo"}),
        ("Rents @", {"title": "Rents"}),
    ],
)
def test_a_tag_says_the_kind(line, fields):
    assert parse(line, []) == fields


@pytest.mark.parametrize("tag", ["decisions", "descision", "Discusion", "wrap-upp"])
def test_a_tag_that_is_nearly_one_is_asked_about(tag):
    with pytest.raises(ValidationError, match=rf"We don’t know #{tag}. Write #\w+"):
        parse(f"Rents #{tag} 5m", [])


@pytest.mark.parametrize("minutes", ["0m", "481 min"])
def test_minutes_that_no_item_takes_are_named(minutes):
    with pytest.raises(ValidationError, match=f"takes 1 to 480 minutes, not {minutes}"):
        parse(f"Rents {minutes}", [])


def test_several_present_and_guests_by_name(maria):
    sam = UserFactory(name="Sam Lee")
    people = [maria, sam]
    both = {"title": "Rents", "presenter": maria, "also_presenting": [sam]}
    assert parse("Rents @Maria @Sam", people) == both
    assert parse("Rents @Maria López @Sam Lee 5m", people) == both | {"minutes": 5}
    assert parse("Rents @Maria @maria", people) == {"title": "Rents", "presenter": maria}
    expected = {"title": "Rents", "presenter": sam, "guests": "Ana Ruiz PhD, Bo Li"}
    assert parse('Rents @Sam @"Ana  Ruiz, PhD" @“Bo Li”', people) == expected
    with pytest.raises(ValidationError, match="A guest’s name stands in quotes: @“Zoe”"):
        parse("Rents @Zoe", people)
    with pytest.raises(ValidationError, match=r"Nobody on this committee is called Zoe. .* @“Zoe”"):
        parse('Rents 5m @"Zoe', people)  # the second quote is missing


def test_who_presents_stands_behind_every_door(sign_in, carla, mo, meeting):
    client = sign_in(carla)
    names = f"{carla.name}, {mo.name} and Ana Ruiz"
    post(client, "agenda_item_add", meeting, line=f'Rents 10m @{carla.name} @{mo.name} @"Ana Ruiz"')
    publish_quietly(meeting)
    pages = [meeting.get_absolute_url(), reverse("meeting_print", args=[meeting.slug])]
    pages += [meeting.committee.get_absolute_url(), f"/api/meetings/{meeting.slug}/agenda/"]
    assert [names in unescape(sign_in(mo).get(page).text) for page in pages] == [True] * 4
    assert names in unescape(client.get(reverse("meeting_agenda", args=[meeting.slug])).text)


def test_the_form_keeps_who_else_presents_and_tells_members_from_guests(sign_in, carla, mo, meeting):
    client, item = sign_in(carla), AgendaItem.add(meeting, carla, title="Rents", presenter=carla, guests="Ana Ruiz")
    typed = {"title": "Rents", "kind": "discussion", "minutes": "", "presenter": carla.pk, "seen": "0"}
    assert 'value="Ana Ruiz"' in client.get(reverse("agenda_item_edit", args=[meeting.slug, item.pk])).text
    client.post(
        reverse("agenda_item_edit", args=[meeting.slug, item.pk]),
        typed | {"others": f"Ana Ruiz, {mo.name.upper()}, {carla.name}, Bo Li"},
    )
    item = AgendaItem.objects.in_order().get()
    assert (item.presenter, item.others, item.guests) == (carla, [mo.name], "Ana Ruiz, Bo Li")
    assert (
        f"{mo.name}, Ana Ruiz, Bo Li"
        in client.get(f"{reverse('meeting_agenda', args=[meeting.slug])}?item={item.pk}").text
    )
    client.post(reverse("agenda_item_edit", args=[meeting.slug, item.pk]), typed | {"presenter": "", "seen": "1"})
    assert AgendaItem.objects.in_order().get().presenters == ""


def test_another_presenter_is_a_change_of_the_agenda_and_what_was_published_before_is_not(carla, mo, meeting):
    item = AgendaItem.add(meeting, carla, title="Rents", presenter=carla)
    assert keep(meeting, carla)
    for row in (published := meeting.agenda_publications.get()).snapshot["items"]:
        del row["others"], row["guests"]  # as a release before wrote it
    published.save()
    assert not publication_state(meeting).changes
    item.edit(carla, also_presenting=[mo])
    assert publication_state(meeting).changes.changed_items == ["Rents"]


def test_a_copied_agenda_names_those_who_are_still_there(carla, mo, committee, meeting):
    AgendaItem.add(meeting, carla, title="Rents", presenter=carla, also_presenting=[mo, UserFactory()], guests="Bo Li")
    other = MeetingFactory(committee=committee, by=carla)
    AgendaItem.copy_all(meeting, other, carla)
    assert other.agenda_items.in_order().get().presenters == f"{carla.name}, {mo.name} and Bo Li"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Budget 2027", "Budget 2027"),
        ("The 15m rule mail@example.org", "The rule mail@example.org"),
        ("Info:  x", "x"),
        ("  Two   spaces ", "Two spaces"),
    ],
)
def test_what_is_no_sign_stays_in_the_title(line, title):
    assert parse(line, [])["title"] == title


def test_a_name_that_fits_two_asks_for_more(maria):
    other = UserFactory(name="Maria Jensen")
    with pytest.raises(ValidationError, match="María López, Maria Jensen"):
        parse("Item @maria", [maria, other])
    assert parse("Item @maria jensen", [maria, other])["presenter"] == other
    assert parse("Item @maria j", [maria, other])["presenter"] == other


@pytest.mark.parametrize("line", ["", "   ", "15m", "@Maria"])
def test_a_line_without_a_title_asks_for_one(maria, line):
    with pytest.raises(ValidationError, match="Write what the item is about"):
        parse(line, [maria])


def test_a_chair_adds_by_one_line(sign_in, carla, maria, meeting):
    response = post(sign_in(carla), "agenda_item_add", meeting, line="Wage theft update 15m @Maria")
    item = AgendaItem.objects.get()
    assert response["Location"] == reverse("meeting_agenda", args=[meeting.slug])
    assert (item.title, item.minutes, item.presenter, item.kind, item.position) == (
        "Wage theft update",
        15,
        maria,
        "discussion",
        1,
    )


@pytest.mark.parametrize("line", ["Item @Nobody", "x" * 200, "Item 0m", "Item 999m", ""])
def test_a_line_with_a_mistake_stays_in_the_field(sign_in, carla, meeting, line):
    response = post(sign_in(carla), "agenda_item_add", meeting, line=line)
    assert response.status_code == 422
    assert f'value="{line}"' in text_of(response)
    assert 'id="line-error"' in text_of(response)
    assert not AgendaItem.objects.exists()


# Running times ------------------------------------------------------------------------------------------


def test_items_run_one_after_another(meeting, items):
    rows = meeting.agenda_items.running(meeting)
    assert [row.starts_at - meeting.starts_at for row in rows] == [timedelta(minutes=minutes) for minutes in (0, 5, 25)]
    assert rows[-1].ends_at - meeting.starts_at == timedelta(minutes=35)


def test_the_total_says_what_is_spare_and_what_is_over(sign_in, carla, meeting, items):
    client = sign_in(carla)
    address = reverse("meeting_agenda", args=[meeting.slug])
    assert "35 of 60 minutes planned." in text_of(client.get(address))
    AgendaItem.add(meeting, carla, title="Long one", minutes=33)
    page = text_of(client.get(address))
    assert "68 minutes planned for a call of 60." in page
    assert "It runs 8 minutes over." in page


def add(meeting, carla, *minutes):
    return [
        AgendaItem.add(meeting, carla, title=f"Item {number}", minutes=each) for number, each in enumerate(minutes, 1)
    ]


@pytest.mark.parametrize(
    ("minutes", "starts", "planned", "untimed", "over", "ends"),
    [
        ((), [], 0, 0, 0, None),
        ((5, 20, 10), [0, 5, 25], 35, 0, 0, 35),
        ((None, None), [0, None], 0, 2, 0, None),
        ((5, None, 10), [0, 5, None], 15, 1, 0, None),
        ((5, 20, None), [0, 5, 25], 25, 1, 0, None),
        ((40, 40), [0, 40], 80, 0, 20, 80),
        ((50, None, 30), [0, 50, None], 80, 1, 20, None),
    ],
)
def test_clock_times_go_as_far_as_the_minutes_are_known(meeting, carla, minutes, starts, planned, untimed, over, ends):
    add(meeting, carla, *minutes)
    plan = Plan(meeting.agenda_items.running(meeting), meeting.duration)

    def since_start(moment):
        return moment and (moment - meeting.starts_at) // timedelta(minutes=1)

    assert [since_start(row.starts_at) for row in plan.rows] == starts
    assert (plan.planned, plan.untimed, plan.over, since_start(plan.ends_at)) == (planned, untimed, over, ends)
    assert sum(length for _at, length, _over in plan.spans) == planned
    assert sum(length for _at, length, over_end in plan.spans if over_end) == over


@pytest.mark.parametrize(
    ("minutes", "over"), [((60, 20), 20), ((40, 40), 20), ((80,), 20), ((20, 20, 20, 12, 8), 20), ((60,), 0), ((5,), 0)]
)
def test_the_bar_paints_as_many_minutes_over_as_there_are(meeting, carla, minutes, over):
    add(meeting, carla, *minutes)
    plan = Plan(meeting.agenda_items.running(meeting), meeting.duration)
    unit = BAR / max(plan.planned, 60)
    marks = re.findall(r'class="bar__over" x="([\d.]+)" y="0" width="([\d.]+)"', agenda_bar(plan))
    assert round(sum(float(width) + 3 for _x, width in marks) / unit, 1) == over
    assert [float(x) / unit >= 59.9 for x, _width in marks] == [True] * len(marks)


def test_an_item_needs_no_minutes_anywhere(sign_in, carla, mo, meeting):
    client = sign_in(carla)
    post(client, "agenda_item_add", meeting, line="Welcome 5m")
    post(client, "agenda_item_add", meeting, line="Pueblo’s ordinance")
    post(client, "agenda_item_add", meeting, title="Wrap up", kind="wrap_up", minutes="", presenter="")
    assert list(meeting.agenda_items.in_order().values_list("minutes", flat=True)) == [5, None, None]
    builder = text_of(client.get(reverse("meeting_agenda", args=[meeting.slug])))
    assert ["2 items have no minutes." in builder, "Ends at" in builder] == [True, False]
    publish_quietly(meeting)
    pages = [
        meeting.get_absolute_url(),
        reverse("meeting_print", args=[meeting.slug]),
        "/",
        meeting.committee.get_absolute_url(),
    ]
    shown = [text_of(sign_in(mo).get(page)) for page in pages]
    assert [page.count("None") for page in [builder, *shown]] == [0] * 5
    assert ["Pueblo’s ordinance" in page for page in shown] == [True] * 4
    with timezone.override(mo.timezone):
        ends = formats.bare(meeting.ends_at)
    assert [f">{ends}</time>" in page for page in shown[:2]] == [True, True]


@pytest.mark.parametrize(
    ("video", "dial_in", "said"),
    [
        ("https://zoom.us/j/1", "+1 312 555 0142", ["Zoom, or by phone", "+1 312 555 0142"]),
        ("https://zoom.us/j/1", "", ["Zoom"]),
        ("", "+1 312 555 0142", ["By phone", "+1 312 555 0142"]),
        ("", "", ["The co-chairs haven’t added a link yet."]),
    ],
)
def test_print_says_by_phone_only_with_a_number(sign_in, mo, meeting, video, dial_in, said):
    Meeting.objects.filter(pk=meeting.pk).update(video_url=video, dial_in=dial_in)
    page = " ".join(text_of(sign_in(mo).get(reverse("meeting_print", args=[meeting.slug]))).split())
    assert [words in page for words in said] == [True] * len(said)
    assert ("phone" in page.lower()) == bool(dial_in)


def test_minutes_are_given_and_taken_away_again(sign_in, carla, meeting):
    client, (item,) = sign_in(carla), add(meeting, carla, None)
    seen = []
    for change in ("less", "more", "more"):
        post(client, "agenda_item_minutes", meeting, item.pk, change=change)
        item.refresh_from_db()
        seen.append(item.minutes)
    post(client, "agenda_item_edit", meeting, item.pk, **full(item, minutes=""))
    item.refresh_from_db()
    assert [*seen, item.minutes] == [None, 5, 10, None]
    assert AuditEntry.objects.latest("pk").after == {"minutes": ""}


# Order, minutes, removing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "to", "order"),
    [
        (2, "up", ["Welcome", "Wrap up", "Wage theft"]),
        (0, "down", ["Wage theft", "Welcome", "Wrap up"]),
        (0, "up", ["Welcome", "Wage theft", "Wrap up"]),
        (2, "0", ["Wrap up", "Welcome", "Wage theft"]),
        (0, "99", ["Wage theft", "Wrap up", "Welcome"]),
        (0, "nonsense", ["Welcome", "Wage theft", "Wrap up"]),
    ],
)
def test_items_move(sign_in, carla, meeting, items, which, to, order):
    post(sign_in(carla), "agenda_item_shift", meeting, items[which].pk, to=to)
    assert titles(meeting) == order
    assert list(meeting.agenda_items.in_order().values_list("position", flat=True)) == [1, 2, 3]


def test_the_stepper_goes_to_the_next_five(sign_in, carla, meeting, items):
    client, item = sign_in(carla), items[0]
    AgendaItem.objects.filter(pk=item.pk).update(minutes=12)
    steps = []
    for change in ("more", "more", "less", "less", "less", "less", "less", "less"):
        post(client, "agenda_item_minutes", meeting, item.pk, change=change)
        item.refresh_from_db()
        steps.append(item.minutes)
    assert steps == [15, 20, 15, 10, 5, 5, 5, 5]


def test_removing_can_be_undone(sign_in, carla, mo, meeting, items):
    client = sign_in(carla)
    post(client, "agenda_item_remove", meeting, items[1].pk)
    assert titles(meeting) == ["Welcome", "Wrap up"]
    assert "Wage theft" not in text_of(sign_in(mo).get(meeting.get_absolute_url()))
    post(client, "agenda_item_restore", meeting, items[1].pk)
    assert titles(meeting) == ["Welcome", "Wage theft", "Wrap up"]


def test_htmx_gets_the_builder_with_an_undo(sign_in, carla, meeting, items):
    address = reverse("agenda_item_remove", args=[meeting.slug, items[1].pk])
    page = text_of(sign_in(carla).post(address, headers={"HX-Request": "true"}))
    assert page.lstrip().startswith('<div id="builder"')
    assert reverse("agenda_item_restore", args=[meeting.slug, items[1].pk]) in page


# Editing with another chair ---------------------------------------------------------------------------------


def full(item, **changes):
    return {
        "title": item.title,
        "kind": item.kind,
        "minutes": item.minutes,
        "presenter": item.presenter_id or "",
        "description": item.description,
        "seen": item.version,
    } | changes


def test_all_fields_are_edited(sign_in, carla, maria, meeting, items):
    post(
        sign_in(carla),
        "agenda_item_edit",
        meeting,
        items[1].pk,
        **full(items[1], kind="decision", minutes=18, presenter=maria.pk, description="Read the draft"),
    )
    item = AgendaItem.objects.get(pk=items[1].pk)
    assert (item.kind, item.minutes, item.presenter, item.description, item.version, item.edited_by) == (
        "decision",
        18,
        maria,
        "Read the draft",
        1,
        carla,
    )


def test_a_stale_form_is_told_who_changed_it_and_loses_nothing(sign_in, carla, maria, meeting, items):
    items[1].edit(maria, title="Her words")
    client, address = sign_in(carla), reverse("agenda_item_edit", args=[meeting.slug, items[1].pk])
    response = client.post(address, full(items[1], title="My words"))
    page = text_of(response)
    assert response.status_code == 409
    assert ["María López changed this item" in page, "Her words" in page, "My words" in page] == [True, True, True]
    assert titles(meeting)[1] == "Her words"
    client.post(address, full(items[1], title="My words", seen=1))
    assert titles(meeting)[1] == "My words"


def test_an_item_removed_meanwhile_comes_back_with_the_second_save(sign_in, carla, maria, meeting, items):
    items[1].remove(maria)
    client, address = sign_in(carla), reverse("agenda_item_edit", args=[meeting.slug, items[1].pk])
    assert "removed this item while you were editing" in text_of(client.post(address, full(items[1], title="My words")))
    client.post(address, full(items[1], title="My words", seen=1))
    assert titles(meeting) == ["Welcome", "My words", "Wrap up"]


def test_the_verb_names_the_one_who_was_faster(carla, maria, items):
    items[0].edit(maria, seen=0, title="Hers")
    with pytest.raises(ChangedMeanwhile) as conflict:
        items[0].edit(carla, seen=0, title="Mine")
    assert conflict.value.current.edited_by == maria


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Write what the item is about, like Wage theft update"),
        ({"minutes": 0}, "An item takes at least 1 minute"),
        ({"minutes": 481}, "An item takes 480 minutes at most"),
        ({"kind": "party"}, "Choose one of those shown"),
        ({"presenter": 999999}, "Choose a presenter from the list"),
        ({"papers": 999999}, "One of the papers was withdrawn"),
    ],
)
def test_a_mistake_in_the_form_loses_nothing(sign_in, carla, meeting, items, change, sentence):
    response = post(
        sign_in(carla),
        "agenda_item_edit",
        meeting,
        items[0].pk,
        **full(items[0], description="Words worth keeping") | change,
    )
    assert response.status_code == 422
    assert [sentence in text_of(response), "Words worth keeping" in text_of(response)] == [True, True]


def test_somebody_from_elsewhere_does_not_present(sign_in, carla, olga, meeting, items):
    response = post(sign_in(carla), "agenda_item_edit", meeting, items[0].pk, **full(items[0], presenter=olga.pk))
    assert response.status_code == 422


def test_a_paper_of_another_committee_cannot_be_attached(sign_in, carla, meeting, items, elsewhere):
    theirs = Document.objects.create(committee=elsewhere, title="Theirs")
    response = post(sign_in(carla), "agenda_item_edit", meeting, items[0].pk, **full(items[0], papers=theirs.pk))
    assert response.status_code == 422
    assert "Theirs" not in text_of(response)


def test_a_script_in_every_field_is_shown_as_text(sign_in, carla, meeting):
    client = sign_in(carla)
    post(
        client, "agenda_item_add", meeting, title=SCRIPT, kind="discussion", minutes=5, presenter="", description=SCRIPT
    )
    pages = [
        reverse("meeting_agenda", args=[meeting.slug]),
        meeting.get_absolute_url(),
        reverse("meeting_print", args=[meeting.slug]),
        "/",
    ]
    assert AgendaItem.objects.get().title == SCRIPT
    assert [SCRIPT in text_of(client.get(page)) for page in pages] == [False] * 4


def test_a_long_agenda_costs_no_more_questions_than_a_short_one(sign_in, carla, mo, meeting):
    def counted(address):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    addresses = [reverse(name, args=[meeting.slug]) for name in ("meeting_agenda", "meeting_detail", "meeting_print")]
    client, costs = sign_in(carla), []
    for number in (1, LONGEST):
        items = [AgendaItem(meeting=meeting, title=f"Item {n}", position=n, presenter=mo) for n in range(number)]
        meeting.agenda_items.all().delete()
        AgendaItem.objects.bulk_create(items)
        costs.append([counted(address) for address in addresses])
    assert costs[0] == costs[1]
    response = post(client, "agenda_item_add", meeting, line="One too many")
    assert (response.status_code, f"An agenda holds {LONGEST} items." in text_of(response)) == (422, True)


# Copying and refusing ---------------------------------------------------------------------------------------


def test_an_empty_agenda_starts_from_the_last_call(sign_in, carla, maria, committee, meeting):
    before = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-28))
    gone = UserFactory()
    AgendaItem.add(before, carla, title="Welcome", minutes=5, presenter=maria)
    AgendaItem.add(before, carla, title="Old business", presenter=gone)
    post(sign_in(carla), "agenda_copy", meeting)
    rows = list(meeting.agenda_items.in_order().values_list("title", "minutes", "presenter"))
    assert rows == [("Welcome", 5, maria.pk), ("Old business", None, None)]
    post(sign_in(carla), "agenda_copy", meeting)
    assert meeting.agenda_items.count() == 2


@pytest.mark.parametrize(
    "name",
    ["agenda_item_edit", "agenda_item_shift", "agenda_item_minutes", "agenda_item_remove", "agenda_item_restore"],
)
def test_only_the_chairs_of_the_call_build_its_agenda(sign_in, carla, mo, olga, chet, ana, meeting, items, name):
    statuses = [
        post(sign_in(user), name, meeting, items[0].pk, to="down", change="more", **full(items[0])).status_code
        for user in (mo, olga, chet, ana, None, carla)
    ]
    assert statuses == [403, 404, 404, 404, 302, 302]


def test_an_item_of_another_call_is_not_there(sign_in, chet, elsewhere, items):
    own = MeetingFactory(committee=elsewhere, by=chet)
    assert post(sign_in(chet), "agenda_item_remove", own, items[0].pk).status_code == 404
    assert AgendaItem.objects.count() == 3
