"""Search over everything: what is found, by whom, how it reads, and what keeps the index."""

import re
from datetime import date, timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils.timezone import now

from committees.models import Announcement, Committee, Document, DocumentVersion, Publication
from events.models import AgendaItem, Meeting
from events.record.minutes import writing
from members.findables import rebuilding
from members.findables.kinds import kinds
from members.models import Findable, Profile, StaffAppointment, User
from portal import searching
from portal.marking import excerpt, marked
from tests.access_world import make_announcement, make_document
from tests.factories import (
    CommitteeFactory,
    DecisionFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    publish_quietly,
)

pytestmark = pytest.mark.django_db


def found(client, words, **more) -> dict[str, list[str]]:
    """By kind, the titles in the answer."""
    groups = client.get(reverse("search"), {"q": words, **more}).context["found"]
    return {group.kind.name: [thing.title for thing in group.things] for group in groups}


SCRIPT = {"hx-request": "true"}


def suggested(client, words) -> list[str]:
    page = client.get(reverse("search_suggestions"), {"q": words}, headers=SCRIPT).text
    return [re.sub(r"</?mark>", "", title) for title in re.findall(r"<bdi>(.*?)</bdi>", page)]


@pytest.fixture
def things(committee, carla, meeting, settings, tmp_path):
    """One of each kind about the statehouse, of a committee that everybody knows."""
    settings.MEDIA_ROOT = tmp_path
    AgendaItem.add(meeting, carla, title="What the Statehouse plans", description="Preemption of wage laws", minutes=5)
    publish_quietly(meeting)
    MeetingFactory(committee=committee, by=carla, title="Over lunch", summary="Who went to the Statehouse")
    paper = make_document(committee, carla, "Testimony")
    paper.versions.update(text="Read at the Statehouse in January.")
    make_announcement(committee, carla, headline="Bus to the Statehouse", body="We **leave** at nine.", sent_at=now())
    Publication.objects.create(
        issue=committee.issue,
        type="post",
        slug="a-day",
        title="A day at the Statehouse",
        summary="In short.",
        body="In full, with ordinances.",
        dated_on=date(2026, 11, 1),
        published_at=now(),
    )
    Committee.objects.filter(pk=committee.pk).update(purpose="To watch the Statehouse.")
    Profile.objects.filter(user=carla).update(bio="I first spoke in a Statehouse at twelve.")
    return committee


ALL = {
    "agenda_item": ["What the Statehouse plans"],
    "call": ["Over lunch"],
    "announcement": ["Bus to the Statehouse"],
    "document": ["Testimony"],
    "publication": ["A day at the Statehouse"],
    "committee": ["Economic Justice"],
    "person": ["Carla Núñez-O'Hara"],
}
OUTSIDE = {name: ALL[name] for name in ("publication", "committee", "person")}


def test_each_kind_is_found_by_those_who_may_open_it_and_by_nobody_else(sign_in, things, mo, carla, olga, chet, stu):
    told = {who.name: found(sign_in(who), "statehouse") for who in (mo, carla, olga, chet, stu)}
    assert told == {mo.name: ALL, carla.name: ALL, stu.name: ALL, olga.name: OUTSIDE, chet.name: OUTSIDE}
    assert found(sign_in(stu, strong=False), "statehouse") == OUTSIDE


@pytest.mark.parametrize("who", [None, "ana"])
def test_neither_results_nor_suggestions_are_for_who_is_no_member(request, sign_in, things, who):
    client = sign_in(who and request.getfixturevalue(who))
    for address in ("search", "search_suggestions"):
        answer = client.get(reverse(address), {"q": "statehouse"})
        assert answer.status_code in (302, 403) and "What the" not in answer.text


def test_suggestions_are_what_is_called_so_first_and_nothing_one_may_not_open(sign_in, things, mo, olga):
    called = {"A day at the Statehouse", "Bus to the Statehouse", "What the Statehouse plans"}
    assert set(suggested(sign_in(mo), "stateh")) == called
    assert set(suggested(sign_in(olga), "stateh")) == {"A day at the Statehouse"}
    assert set(suggested(sign_in(mo), "statehouse")[:3]) == called
    assert suggested(sign_in(mo), "s") == suggested(sign_in(mo), "%") == []
    page = sign_in(mo).get(reverse("search_suggestions"), {"q": "lunch"}, headers=SCRIPT).text
    whole = sign_in(mo).get(reverse("search_suggestions"), {"q": "lunch"})
    assert whole["Location"] == f"{reverse('search')}?q=lunch"
    assert (
        f'data-url="{Meeting.objects.get(title="Over lunch").get_absolute_url()}"' in page and 'role="option"' in page
    )


def test_words_of_a_text_are_shown_where_they_stand(sign_in, things, mo):
    page = sign_in(mo).get(reverse("search"), {"q": "ordinance"}).text
    assert "In full, with <mark>ordinances</mark>" in page
    page = sign_in(mo).get(reverse("search"), {"q": "leaving"}).text
    assert "<mark>leave</mark> at nine" in page
    assert "<bdi>A day at the <mark>Statehouse</mark></bdi>" in sign_in(mo).get(reverse("search"), {"q": "state"}).text


def test_an_excerpt_from_the_middle_says_so(sign_in, mo, committee):
    Committee.objects.update(purpose=f"Wages of {'many ' * 60} people in towns with ferries")
    client = sign_in(mo)
    assert "… " in (middle := client.get(reverse("search"), {"q": "ferries"}).text) and "<mark>ferries</mark>" in middle
    assert (
        "<mark>Wages</mark> of many" in (start := client.get(reverse("search"), {"q": "wages"}).text)
        and "… " not in start
    )


def test_a_word_of_the_title_and_one_of_the_text_find_a_thing_together(sign_in, things, mo):
    assert found(sign_in(mo), "statehouse preemption") == {"agenda_item": ALL["agenda_item"]}
    assert found(sign_in(mo), '"wage laws"') == {"agenda_item": ALL["agenda_item"]}
    assert found(sign_in(mo), "wage laws -statehouse") == {
        "agenda_item": ALL["agenda_item"]
    }  # a hyphen excludes nothing
    assert found(sign_in(mo), "-nothing") == {}


def test_what_is_marked_stays_words():
    assert marked("<b>Wage</b> & García", ["wage", "garcia"]) == (
        "&lt;b&gt;<mark>Wage</mark>&lt;/b&gt; &amp; <mark>García</mark>"
    )
    assert marked("Mary O’Brien, Jean-Luc", ["obrien", "luc"]) == "Mary <mark>O’Brien</mark>, <mark>Jean-Luc</mark>"
    start, stop = searching.START, searching.STOP
    text = f"<script> {start}a&b{stop} [link](https://x.example/{start}y{stop}) {start} loose {stop}{stop}"
    assert excerpt(text) == "&lt;script <mark>a&amp;b</mark> link <mark> loose </mark>"


def test_a_script_in_each_field_stays_words_in_rows_and_options(sign_in, things, mo, carla, meeting):
    script = "<script>alert(1)</script>"
    AgendaItem.add(meeting, carla, title=f"Bad {script}", description=f"Worse {script}", minutes=5)
    for address in ("search", "search_suggestions"):
        for words in ("bad", "worse", script):
            assert script not in sign_in(mo).get(reverse(address), {"q": words}, headers=SCRIPT).text


# At once ----------------------------------------------------------------------------------------------------


def test_a_change_is_found_at_once_whatever_made_it(sign_in, things, mo):
    client = sign_in(mo)
    AgendaItem.objects.update(title="Zoning")
    Meeting.objects.filter(title="Over lunch").update(summary="Zoning again")
    DocumentVersion.objects.update(text="All about zoning")
    Announcement.objects.update(body="And zoning")
    Publication.objects.update(kicker="Zoning")
    Committee.objects.update(purpose="Zoning")
    Profile.objects.update(bio="Zoning, too")
    assert set(found(client, "zoning")) == set(ALL)
    assert found(client, "statehouse") == {name: ALL[name] for name in ("announcement", "publication")}


def test_what_was_taken_away_is_found_no_more(sign_in, things, mo, carla, stu):
    client = sign_in(mo)
    AgendaItem.objects.get().remove(carla)
    Document.objects.get().withdraw(carla)
    Publication.objects.update(published_at=None)
    Meeting.objects.filter(title="Over lunch").update(told_at=None)
    assert set(found(client, "statehouse")) == {"announcement", "committee", "person"}
    AgendaItem.with_removed.get().restore(carla)
    Meeting.objects.filter(title="Over lunch").delete()
    Announcement.objects.all().delete()
    assert set(found(client, "statehouse")) == {"agenda_item", "committee", "person"}
    assert set(found(sign_in(stu), "statehouse")) == {"agenda_item", "committee", "document", "person", "publication"}


def test_who_leaves_finds_what_others_find_and_is_found_no_more(sign_in, things, committee, mo, carla, olga):
    client = sign_in(mo)
    committee.memberships.get(user=mo).end(mo)
    assert found(client, "statehouse") == OUTSIDE
    carla.leave(carla)
    assert found(sign_in(olga), "statehouse") == {name: ALL[name] for name in ("publication", "committee")}
    mo.leave(mo)
    assert client.get(reverse("search"), {"q": "statehouse"}).status_code in (302, 403)


def test_what_is_to_come_out_is_found_from_its_minute_on(sign_in, things, olga, time_machine):
    Publication.objects.update(published_at=now() + timedelta(minutes=10))
    client = sign_in(olga)
    assert "publication" not in found(client, "statehouse") and suggested(client, "day statehouse") == []
    time_machine.move_to(now() + timedelta(minutes=11))
    assert found(client, "statehouse")["publication"] == ALL["publication"]


def test_a_confidential_committee_and_what_is_its_own_is_found_by_its_people_alone(
    sign_in, things, committee, mo, olga
):
    Committee.objects.filter(pk=committee.pk).update(confidential=True)
    assert found(sign_in(mo), "statehouse") == ALL
    assert set(found(sign_in(olga), "statehouse")) == {"publication", "person"}


def test_what_no_page_shows_is_not_in_the_index(things, mo, carla, meeting):
    meeting.edit(carla, dial_in="Dialword 1", video_url="https://videoword.example/j")
    Profile.objects.filter(user=mo).update(phone="+17195550177", pronouns="pronounword")
    said = " ".join(f"{row.title} {row.body}" for row in Findable.objects.all())
    for word in ("Dialword", "videoword", "5550177", "mo@portal.example", "pronounword"):
        assert word not in said


# One kind, nothing, nearly ----------------------------------------------------------------------------------


def test_more_of_a_kind_are_on_pages_of_their_own(sign_in, mo, carla, meeting, committee):
    AgendaItem.objects.bulk_create(AgendaItem(meeting=meeting, title=f"Wages {n}", position=n) for n in range(60))
    publish_quietly(meeting)
    client = sign_in(mo)
    page = client.get(reverse("search"), {"q": "wages"})
    assert [len(group.things) for group in page.context["found"]] == [searching.FEW]
    more = "/search/?q=wages&amp;kind=agenda_item"
    assert f'href="{more}"' in page.text
    first = client.get(reverse("search"), {"q": "wages", "kind": "agenda_item"})
    second = client.get(first.context["next_url"])
    titles = [thing.title for each in (first, second) for group in each.context["found"] for thing in group.things]
    assert len(titles) == len(set(titles)) == 60
    assert (second.context["next_url"], second.context["previous_url"]) == ("", more.replace("&amp;", "&"))
    assert client.get(reverse("search"), {"q": "wages", "kind": "nonsense"}).status_code == 200
    assert client.get(reverse("search"), {"q": "wages", "kind": "agenda_item", "start": "9" * 30}).status_code == 200


def test_many_people_and_papers_are_in_the_lists_that_have_them(sign_in, mo):
    for n in range(searching.FEW + 1):
        UserFactory(name=f"Wilma {n}")
    assert 'href="/people/?q=wilma"' in sign_in(mo).get(reverse("search"), {"q": "wilma"}).text


def test_a_misspelled_word_leads_to_what_is_called_nearly_so_of_each_kind(sign_in, things, mo, olga):
    page = sign_in(mo).get(reverse("search"), {"q": "stathouse"})
    assert "Did you mean" in page.text and "Look through the directory" in page.text
    assert {thing.kind for thing in page.context["alike"]} == {"agenda_item", "announcement", "publication"}
    assert {thing.kind for thing in sign_in(olga).get(reverse("search"), {"q": "stathouse"}).context["alike"]} == {
        "publication"
    }


def test_results_and_suggestions_ask_as_much_for_one_as_for_three(
    sign_in, things, mo, carla, meeting, committee, django_assert_num_queries
):
    client = sign_in(mo)
    for _ in range(2):
        for address, words in (("search", "statehouse"), ("search_suggestions", "statehouse")):
            with django_assert_num_queries(4):  # session and person among them
                client.get(reverse(address), {"q": words}, headers=SCRIPT)
        for n in range(2):
            AgendaItem.add(meeting, carla, title=f"Statehouse {n}", minutes=5)
            make_document(committee, carla, "Statehouse notes")
            MembershipFactory(committee=CommitteeFactory(name="Statehouse watch"), user__name="Stan Statehouse")


# The index --------------------------------------------------------------------------------------------------


def rows() -> list[tuple]:
    return list(Findable.objects.order_by("kind", "key").values_list("kind", "key", "title", "body", "at", "said"))


def test_filling_it_anew_says_what_the_triggers_kept(things, meeting, carla, stu):
    AgendaItem.objects.get().remove(carla)
    User.objects.filter(name__startswith="Stu").update(name="Stu Renamed")
    StaffAppointment.objects.all().delete()
    DecisionFactory(committee=meeting.committee, by=carla)
    over = MeetingFactory(committee=things, by=carla, title="Last week", starts_in=timedelta(days=-7))
    minutes = writing.send(over, carla, until=now().date() + timedelta(days=9), silently=True, audience="committee")
    writing.approve(minutes, carla)
    kept = rows()
    assert {row[0] for row in kept} == {*kinds} - {"agenda_item"}
    Findable.objects.filter(kind="person").delete()
    Findable.objects.filter(kind="call").update(title="Wrong", body="Wrong")
    Findable.objects.create(kind="document", key=987_654, title="Gone")
    Findable.objects.create(kind="of_a_release_before", key=1, title="Gone")
    said = StringIO()
    call_command("rebuild_search", stdout=said)
    assert rows() == kept
    call_command("rebuild_search", stdout=said)
    assert re.findall(r"(\w+): 0 rows changed", said.getvalue())[-len(kinds) :] == list(kinds)


def test_one_row_that_cannot_be_read_costs_nothing_but_itself(things, meeting, carla, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    for n in range(5):
        AgendaItem.add(meeting, carla, title=f"Item {n}", minutes=5)
    bad = AgendaItem.objects.get(title="Item 2")
    Findable.objects.filter(kind="agenda_item").delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE members_findable ADD CHECK (title <> 'Item 2')")
    said, complained = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 things"):
        call_command("rebuild_search", "agenda_item", stdout=said, stderr=complained)
    assert f"agenda_item {bad.pk} is left out" in complained.getvalue()
    assert Findable.objects.of("agenda_item").count() == 5


def test_a_paper_that_comes_before_its_version_is_found_with_it(things, carla):
    """Foreign keys are looked at when a transaction ends; whoever copies rows in may begin with either."""
    version = DocumentVersion.objects.get()
    row = {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}
    paper = Document.objects.create(committee=things, title="Ahead", latest_id=version.pk + 1)
    DocumentVersion.objects.create(**row | {"id": version.pk + 1, "document_id": paper.pk, "text": "Behind"})
    assert Findable.objects.of("document").get(key=paper.pk).body == "Behind"


def test_a_text_of_too_many_words_is_found_by_its_beginning(things):
    text = "beginning " + " ".join(f"wörd{n:x}é" for n in range(160_000))
    DocumentVersion.objects.update(text=text)
    assert Findable.objects.of("document").saying("beginning", "beginning").exists()


def test_an_upgrade_fills_it_for_what_is_there(things, mo, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 3)
    kept = rows()
    Findable.objects.all().delete()
    for app, name in (("members", "0032"), ("committees", "0015"), ("events", "0012")):
        migration = import_module(f"{app}.migrations.{name}_index_filled")
        assert migration.Migration.atomic is False  # a batch a transaction
        migration.fill_all(None, None)
    assert rows() == kept
