"""The register of decisions: found, narrowed, taken along, written down by hand and corrected."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.models import Decision, Minutes
from members.times.clock import today
from tests.factories import CommitteeFactory, DecisionFactory, MeetingFactory, MembershipFactory, UserFactory

AT = datetime(2026, 3, 11, 20, tzinfo=UTC)
BY_HAND = {"motion": "Write to the county", "decided_on": "2026-03-11", "method": "counts", "ayes": "2", "noes": "1"}


@pytest.fixture
def voters(committee, carla, mo):
    """Five who may vote, with Carla and Mo."""
    more = UserFactory.create_batch(3)
    for person in more:
        MembershipFactory(committee=committee, user=person)
    Membership.objects.update(started_on=date(2020, 1, 1))
    return [carla, mo, *more]


@pytest.fixture
def decision(committee, carla):
    return DecisionFactory(committee=committee, by=carla, motion="Recommend the model ordinance", decided_at=AT)


def address(name, committee, *args):
    return reverse(name, args=[committee.slug, *args])


def page(client, url):
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# Reading ----------------------------------------------------------------------------------------------


def test_the_register_shows_the_newest_first_with_what_became_of_it(sign_in, mo, committee, carla, decision, voters):
    DecisionFactory(committee=committee, by=carla, motion="Meet twice", method="counts", ayes=2, noes=2, decided_at=AT)
    text = page(sign_in(mo), address("committee_decisions", committee))
    assert text.index("D-2026-02") < text.index("D-2026-01")
    assert "2 for · 2 against" in text and "Tied, so it failed" in text and "Agreed without a vote" in text


def test_the_register_is_narrowed_by_year_outcome_and_words(sign_in, mo, committee, carla, decision):
    later = AT.replace(year=2027)
    DecisionFactory(committee=committee, by=carla, motion="Meet twice", withdrawn=True, decided_at=later)
    client, url = sign_in(mo), address("committee_decisions", committee)

    def found(query):
        return [row.reference for row in client.get(url + query).context["page"].rows]

    assert found("?year=2026") == ["D-2026-01"]
    assert found("?outcome=withdrawn") == ["D-2027-01"]
    assert found("?outcome=in_force") == ["D-2026-01"]
    assert found("?q=ordinance") == ["D-2026-01"]
    assert found("?q=D-2027-01") == ["D-2027-01"]
    assert "Nothing found" in page(client, f"{url}?q=zebra")


def test_a_decision_has_a_permanent_page(sign_in, mo, committee, decision, carla, voters):
    rolled = DecisionFactory(
        committee=committee, by=carla, method="roll_call", votes={carla: "aye", mo: "no"}, mover=carla, seconder=mo
    )
    text = page(sign_in(mo), rolled.get_absolute_url())
    assert "Tied, so it failed" in text and "Roll call" in text and mo.name in text and "1 for · 1 against" in text
    assert sign_in(mo).get(address("decision_detail", committee, "D-2026-09")).status_code == 404
    assert sign_in(mo).get(address("decision_detail", committee, "D-2026-0001")).status_code == 404


def test_superseded_and_superseding_are_linked_both_ways(sign_in, mo, committee, carla, decision):
    later = DecisionFactory(committee=committee, by=carla, supersedes=decision, decided_at=AT)
    client = sign_in(mo)
    assert later.get_absolute_url() in page(client, decision.get_absolute_url())
    assert decision.get_absolute_url() in page(client, later.get_absolute_url())
    assert "Superseded by D-2026-02" in page(client, address("committee_decisions", committee))


def test_a_missing_quorum_is_said(sign_in, mo, committee, carla, voters):
    lacking = DecisionFactory(committee=committee, by=carla, here=2, needed=3)
    assert "There was no quorum." in page(sign_in(mo), lacking.get_absolute_url())


def test_only_those_on_the_committee_read_it(sign_in, olga, committee, decision, client):
    names = ["committee_decisions", "committee_decisions_csv", "committee_actions"]
    for url in [decision.get_absolute_url(), *(address(name, committee) for name in names)]:
        assert sign_in(olga).get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_a_confidential_register_is_unknown(sign_in, olga):
    secret = CommitteeFactory(confidential=True)
    decision = DecisionFactory(committee=secret)
    for url in [
        decision.get_absolute_url(),
        address("committee_decisions", secret),
        address("committee_actions", secret),
    ]:
        assert sign_in(olga).get(url).status_code == 404
    assert decision.get_absolute_url() not in page(sign_in(olga), reverse("search") + f"?q={decision}")


def test_search_finds_a_decision_by_number_and_words(sign_in, mo, committee, decision):
    for words in ("D-2026-01", "ordinance"):
        assert decision.get_absolute_url() in page(sign_in(mo), reverse("search") + f"?q={words}")


@pytest.mark.parametrize("name", ["committee_decisions", "committee_decisions_csv"])
def test_a_longer_register_asks_no_more(sign_in, mo, committee, carla, name):
    client, url = sign_in(mo), address(name, committee)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            DecisionFactory(committee=committee, by=carla, mover=carla, meeting=MeetingFactory(committee=committee))
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12, counts


# Taken along ------------------------------------------------------------------------------------------


def test_the_spreadsheet_holds_what_the_filter_finds_and_computes_nothing(sign_in, mo, committee, carla, decision):
    DecisionFactory(committee=committee, by=carla, motion='=HYPERLINK("x")\nand "more", too', decided_at=AT)
    answer = sign_in(mo).get(address("committee_decisions_csv", committee) + "?year=2026")
    assert answer["Content-Type"] == "text/csv; charset=utf-8; header=present"
    text = answer.content.decode("utf-8-sig")
    assert text.endswith("\r\n")
    head, newest, oldest = csv.reader(io.StringIO(text, newline=""))
    assert head[:3] == ["Number", "Decided on", "Motion"]
    assert newest[:3] == ["D-2026-02", "2026-03-11", '\'=HYPERLINK("x")\nand "more", too']
    assert oldest[0] == "D-2026-01"


# Writing down -----------------------------------------------------------------------------------------


def test_a_co_chair_records_a_decision_by_hand(sign_in, carla, committee, voters):
    answer = sign_in(carla).post(address("decision_new", committee), BY_HAND)
    decision = Decision.objects.get()
    assert urlsplit(answer.url).path == decision.get_absolute_url()
    assert (decision.reference, decision.outcome, decision.eligible) == ("D-2026-01", "adopted", 5)


def test_a_secretary_records_and_a_member_does_not(sign_in, mo, committee, voters):
    client = sign_in(mo)
    assert client.post(address("decision_new", committee), BY_HAND).status_code == 403
    Membership.objects.filter(user=mo).update(role=Membership.Role.SECRETARY)
    assert sign_in(mo).post(address("decision_new", committee), BY_HAND).status_code == 302


def test_a_decision_of_a_call_takes_its_day(sign_in, carla, committee, voters):
    call = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-2))
    posted = BY_HAND | {"meeting": call.pk, "decided_on": "", "method": "roll_call"}
    posted |= {f"vote-{person.pk}": "aye" for person in voters}
    sign_in(carla).post(address("decision_new", committee), posted)
    decision = Decision.objects.get()
    assert (decision.decided_at, decision.ayes, decision.votes.count()) == (call.starts_at, 5, 5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"motion": " "}, "Write the motion as it was put"),
        ({"decided_on": ""}, "Enter the day it was decided"),
        ({"decided_on": "2099-01-01"}, "That day is still to come"),
        ({"motion": " ", "ayes": "", "noes": ""}, "Say how many were in favor"),
        ({"ayes": "9"}, "10 votes, and 5 people may vote"),
        ({"replaces": "D-1999-01"}, "no decision of that number"),
        ({"method": "roll_call"}, "Say below who voted how"),
    ],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(sign_in, carla, committee, voters, wrong, said):
    answer = sign_in(carla).post(address("decision_new", committee), BY_HAND | wrong)
    text = answer.content.decode()
    assert answer.status_code == 422 and said in text
    assert wrong.get("decided_on", "2026-03-11") in text
    assert not Decision.objects.exists()


def test_a_correction_shows_who_and_why(sign_in, carla, mo, committee, voters):
    decision = DecisionFactory(committee=committee, by=carla, method="counts", ayes=2, noes=2, decided_at=AT)
    url = address("decision_correct", committee, decision.reference)
    text = page(sign_in(carla), url)
    assert 'value="2026-03-11"' in text
    posted = BY_HAND | {"ayes": "3", "reason": "Mo voted yes", "seen": "0"}
    assert sign_in(carla).post(url, posted).status_code == 302
    text = page(sign_in(mo), decision.get_absolute_url())
    assert "3 for · 1 against" in text and "Corrected by" in text and "Mo voted yes" in text
    late = sign_in(carla).post(url, posted | {"ayes": "4"})
    assert late.status_code == 409 and "while you had it open" in late.content.decode()
    decision.refresh_from_db()
    assert (decision.ayes, decision.decided_at) == (3, AT)


def test_approved_minutes_settle_a_decision(sign_in, carla, committee, voters):
    call = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-2))
    decision = DecisionFactory(committee=committee, by=carla, meeting=call)
    now = timezone.now()
    Minutes.objects.create(meeting=call, sent_at=now, comments_until=today(), closes_at=now, approved_at=now)
    url = address("decision_correct", committee, decision.reference)
    assert sign_in(carla).get(url).url == decision.get_absolute_url()
    text = page(sign_in(carla), decision.get_absolute_url())
    assert url not in text and "?supersedes=" in text


# Elsewhere --------------------------------------------------------------------------------------------


def test_the_committees_page_shows_what_was_decided_last(sign_in, mo, committee, decision):
    text = page(sign_in(mo), committee.get_absolute_url())
    assert "What we’ve decided" in text and decision.get_absolute_url() in text


def test_the_api_reads_decisions(sign_in, mo, olga, carla, committee, decision):
    later = DecisionFactory(committee=committee, by=carla, supersedes=decision, decided_at=AT)
    client = sign_in(mo)
    rows = client.get("/api/decisions/").json()["results"]
    assert [(row["number"], row["supersedes"], row["superseded_by"]) for row in rows] == [
        ("D-2026-02", "D-2026-01", None),
        ("D-2026-01", None, "D-2026-02"),
    ]
    (row,) = client.get("/api/decisions/?in_force=true&year=2026").json()["results"]
    assert row["id"] == later.pk and row["html_url"].endswith(later.get_absolute_url())
    assert sign_in(olga).get("/api/decisions/").json()["results"] == []
    assert sign_in(olga).get(f"/api/decisions/{later.pk}/").status_code == 404
