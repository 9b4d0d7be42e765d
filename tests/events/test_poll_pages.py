"""The pages of polls: making one, voting on the page and from the link of a mail, closing, choosing; who may what."""

import re
from datetime import date, timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from events.models import Meeting, Poll, PollVote
from events.polls import polling
from members.mail import links
from members.models import Delivery
from tests.events.test_polls import at, said, votes
from tests.factories import MembershipFactory
from tests.polls import PollFactory

pytestmark = pytest.mark.django_db

NEXT_YEAR = localdate().year + 1
SKIPPED = next(date(NEXT_YEAR, 3, day) for day in range(8, 15) if date(NEXT_YEAR, 3, day).weekday() == 6)


@pytest.fixture
def poll(committee, carla, mo) -> Poll:
    return PollFactory(committee=committee, by=carla)


def address(name: str, poll: Poll, *args) -> str:
    return reverse(name, args=[poll.key, *args])


def rows(*times: str, first: int = 1) -> dict[str, str]:
    """The fields of times such as "+5 15:00": five days from today."""
    fields = {}
    for number, each in enumerate(times, start=first):
        day, _space, clock = each.partition(" ")
        on = localdate() + timedelta(days=int(day)) if day[:1] in "+-" else day
        fields |= {f"date_{number}": str(on), f"time_{number}": clock}
    return fields


def typed(*times: str, **fields: str) -> dict[str, str]:
    return {"title": "When?", "duration": "60", "timezone": "America/New_York"} | rows(*times) | fields


def token(poll: Poll, person) -> str:
    return reverse("poll_link", args=[links.poll_token(person.pk, poll.pk)])


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def hidden(response) -> dict[str, str]:
    """The hidden fields of the last form of a page."""
    form = response.content.decode().rpartition("<form")[2]
    found = re.findall(r'<input\s[^>]*type="hidden"[^>]*>', form)
    pairs = [(re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in found]
    return {name[1]: value[1] for name, value in pairs if name and value}


# Making one ------------------------------------------------------------------------------------------


def test_a_co_chair_makes_a_poll_looks_at_the_email_and_sends_it(sign_in, committee, carla, mo):
    client = sign_in(carla)
    page = client.post(reverse("poll_new", args=[committee.slug]), typed("+5 15:00", "+6 15:00"), follow=True)
    assert "2 people get this email" in text_of(page)
    assert not Poll.objects.exists()
    again = hidden(page) | {"send": "1"}
    for _click in range(2):
        sent = client.post(reverse("poll_new", args=[committee.slug]), again, follow=True)
        assert sent.redirect_chain[-1][0] == Poll.objects.get().get_absolute_url()
    assert Poll.objects.get().is_told
    assert Delivery.objects.filter(kind="poll").count() == 2


def test_times_come_filled_in_from_the_address(sign_in, committee, carla):
    day = localdate() + timedelta(days=9)
    query = f"?slot={day}T13:00&slot={day}T15:30&slot=nonsense&title=Wages&duration=45"
    page = sign_in(carla).get(reverse("poll_new", args=[committee.slug]) + query).content.decode()
    for value in (f'value="{day}"', 'value="13:00"', 'value="15:30"', 'value="Wages"', 'value="45"'):
        assert value in page


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["+5 15:00"], "Offer two times at least, so that there is something to choose from."),
        (["+5 15:00", "+5 3:00 PM"], "The same time stands there twice."),
        (["+5 15:00", "-1 15:00"], "That time has passed. Choose a later one."),
        (["+5 15:00", f"{NEXT_YEAR}-02-30 15:00"], "Enter a date like 3/11/2027"),
        (["+5 15:00", f"{SKIPPED} 02:30"], "does not exist"),
        (["+5 15:00", "+6 "], "Enter the time, like 1:00 PM"),
    ],
)
def test_wrong_times_come_back_with_a_sentence_and_what_was_typed(sign_in, committee, carla, times, words):
    """Together with what is wrong elsewhere."""
    fields = typed(*times, title="Wage theft", duration="long")
    page = sign_in(carla).post(reverse("poll_new", args=[committee.slug]), fields, follow=True)
    assert words in text_of(page) and "as a whole number, like 60" in text_of(page)
    assert 'value="Wage theft"' in page.content.decode()
    assert not Poll.objects.exists()


def test_an_hour_that_comes_twice_is_asked_about(sign_in, committee, carla):
    on = localdate().replace(year=localdate().year + 1, month=11, day=1)
    on += timedelta(days=6 - on.weekday())
    client, url = sign_in(carla), reverse("poll_new", args=[committee.slug])
    fields = typed("+5 15:00", f"{on} 01:30", quiet="1")
    assert "so this time comes twice" in text_of(client.post(url, fields, follow=True))
    client.post(url, fields | {"fold_2": "1"})
    assert Poll.objects.get().slots.last().fold == 1


def test_voting_ends_in_a_week_or_the_day_before_the_last_time_or_when_it_is_said(sign_in, committee, carla):
    client, url = sign_in(carla), reverse("poll_new", args=[committee.slug])
    for times, more, days in [
        (["+20 15:00", "+21 15:00"], {}, 7),
        (["+3 15:00", "+4 15:00"], {}, 3),
        (["+20 15:00", "+21 15:00"], {"closes_on": str(localdate() + timedelta(days=12))}, 12),
    ]:
        client.post(url, typed(*times, quiet="1", **more))
        poll = Poll.objects.latest("pk")
        assert poll.is_draft
        assert poll.closes_at.astimezone(poll.zone).date() == localdate(timezone=poll.zone) + timedelta(days=days)
    late = typed("+5 15:00", "+6 15:00", closes_on=str(localdate() + timedelta(days=30)))
    assert "Voting has to end before the last of the times." in text_of(client.post(url, late, follow=True))


# Who may ---------------------------------------------------------------------------------------------


def test_a_poll_is_for_its_committee_and_run_by_its_co_chairs(sign_in, poll, carla, mo, olga, chet, stu):
    slot = poll.slots.first()
    pages = [address("poll_detail", poll), address("poll_times", poll), address("poll_choose", poll, slot.pk)]
    acts = [address(name, poll) for name in ("poll_vote", "poll_ask", "poll_close", "poll_reopen")]

    def statuses(person) -> list[int]:
        client = sign_in(person)
        return [client.get(url).status_code for url in pages] + [client.post(url).status_code for url in acts]

    assert statuses(olga) == statuses(chet) == [404] * 7
    assert statuses(mo) == [200, 403, 403, 400, 403, 403, 403]
    assert sign_in(carla).get(pages[1]).status_code == 200
    list_url = reverse("poll_list", args=[poll.committee.slug])
    assert poll.title in sign_in(mo).get(list_url).content.decode()
    assert poll.title not in sign_in(olga).get(list_url).content.decode()
    mo.memberships.update(ended_on=localdate())
    assert statuses(mo) == [404] * 7


def test_a_poll_of_a_confidential_committee_is_not_known_to_others(sign_in, poll, committee, olga):
    committee.confidential = True
    committee.save()
    nowhere = sign_in(olga).get(reverse("poll_list", args=["no-such-committee"]))
    here = sign_in(olga).get(reverse("poll_list", args=[committee.slug]))
    assert (here.status_code, nowhere.status_code) == (404, 404)
    assert sign_in(olga).get(poll.get_absolute_url()).status_code == 404
    assert (
        poll.title
        not in sign_in(olga)
        .get("/search/", {"q": poll.title})
        .content.decode()
        .replace(f'value="{poll.title}"', "")
        .split("<main")[-1]
        .split("</form>")[-1]
    )


def test_a_draft_is_the_co_chairs_alone_also_to_its_links(sign_in, client, committee, carla, mo):
    poll = PollFactory(committee=committee, by=carla, told=False)
    assert sign_in(mo).get(poll.get_absolute_url()).status_code == 404
    assert sign_in(carla).get(poll.get_absolute_url()).status_code == 200
    assert client.get(token(poll, mo)).status_code == 404


# Voting ----------------------------------------------------------------------------------------------


def ballot(poll: Poll, *answers: str, was: str = "") -> dict[str, str]:
    fields = {}
    for slot, answer in zip(poll.slots.all(), answers, strict=False):
        fields |= {f"slot-{slot.pk}": answer, f"was-{slot.pk}": was} if answer else {f"was-{slot.pk}": was}
    return fields


def test_all_times_are_answered_on_one_page_with_one_button(sign_in, poll, mo):
    client = sign_in(mo)
    page = client.post(address("poll_vote", poll), ballot(poll, "yes", "if_needed", ""), follow=True)
    assert "Your answers are saved." in text_of(page)
    assert votes(poll) == [(mo.name, "yes"), (mo.name, "if_needed")]
    client.post(address("poll_vote", poll), ballot(poll, "no", was="if_needed"))
    assert votes(poll)[0] == (mo.name, "yes"), "a page of before does not win"


def test_a_vote_after_closing_says_so_and_shows_what_was_chosen(sign_in, poll, carla, mo):
    poll.close(carla)
    page = sign_in(mo).post(address("poll_vote", poll), ballot(poll, "yes"))
    assert page.status_code == 409
    assert "This poll is closed, so your answers were not saved." in text_of(page)
    assert not PollVote.objects.exists()


def test_what_is_no_answer_is_refused_and_the_rest_kept_on_the_page(sign_in, poll, mo):
    _first, second, _third = poll.slots.all()
    page = sign_in(mo).post(address("poll_vote", poll), ballot(poll, "perhaps", "no"))
    assert page.status_code == 400
    assert re.search(rf'name="slot-{second.pk}"\s+value="no"\s+checked', page.content.decode())
    assert not PollVote.objects.exists()


def test_an_empty_ballot_says_that_nothing_was_chosen(client, sign_in, poll, mo):
    for page in (sign_in(mo).post(address("poll_vote", poll)), client.post(token(poll, mo))):
        assert page.status_code == 400
        assert "You chose no answer yet." in text_of(page)


def test_opening_the_link_changes_nothing_and_shows_the_answer_it_stands_for(client, poll, mo):
    first = poll.slots.first()
    for method in (client.get, client.head, client.get):
        page = method(f"{token(poll, mo)}?{first.pk}=if_needed")
        assert page.status_code == 200
    assert re.search(rf'name="slot-{first.pk}"\s+value="if_needed"\s+checked', page.content.decode())
    assert not PollVote.objects.exists()
    assert "set-cookie" not in page.headers
    assert page["Referrer-Policy"] == "no-referrer"


def test_voting_from_the_link_needs_no_session_and_signs_nobody_in(client, poll, mo):
    saved = client.post(token(poll, mo), ballot(poll, "yes", "no", "if_needed"), follow=True)
    assert "Your answers are saved." in text_of(saved)
    assert [answer for _name, answer in votes(poll)] == ["yes", "no", "if_needed"]
    assert set(PollVote.objects.values_list("source", flat=True)) == {"mail"}
    assert client.get(poll.get_absolute_url()).status_code == 302
    older = client.post(token(poll, mo), ballot(poll, "no"), follow=True)
    assert "You answered again since." in text_of(older)
    assert votes(poll)[0] == (mo.name, "yes")


def test_a_forwarded_link_shows_whose_vote_it_is_and_asks_first(sign_in, poll, mo, olga, carla):
    MembershipFactory(committee=poll.committee, user=olga)
    client, url = sign_in(olga), token(poll, mo)
    page = client.get(url)
    assert "This link is Mo Haddad ’s" in text_of(page) and "slot-" not in page.content.decode()
    assert client.post(url, ballot(poll, "yes")).status_code == 409
    assert not PollVote.objects.exists()
    meant = client.get(f"{url}?for={mo.pk}")
    assert f'name="for" value="{mo.pk}"' in " ".join(meant.content.decode().split())
    client.post(url, ballot(poll, "yes") | {"for": str(mo.pk)})
    assert votes(poll) == [(mo.name, "yes")]


@pytest.mark.parametrize("why", ["closed", "left", "damaged", "ended", "account"])
def test_a_link_that_is_over_says_so_and_writes_nothing(client, poll, carla, mo, why, monkeypatch):
    url = token(poll, mo)
    if why == "closed":
        poll.close(carla)
    if why == "left":
        mo.memberships.update(ended_on=localdate())
    if why == "damaged":
        url = url[:-4] + "abc/"
    if why == "ended":
        later = signing.time.time() + 130 * 24 * 3600
        monkeypatch.setattr(signing.time, "time", lambda: later)
    if why == "account":
        mo.is_active = False
        mo.save()
    expected = 410 if why in ("closed", "left") else 404
    for page in (client.get(url), client.post(url, ballot(poll, "yes"))):
        assert page.status_code == expected
        assert (poll.title in page.content.decode()) == (why == "closed")
    assert not PollVote.objects.exists()


def test_the_link_of_one_poll_votes_in_no_other(client, poll, committee, carla, mo):
    other = PollFactory(committee=committee, by=carla)
    client.post(token(poll, mo), ballot(other, "yes"))
    assert not PollVote.objects.exists()


def test_home_shows_an_open_poll_until_i_voted(sign_in, poll, mo, olga):
    client, words = sign_in(mo), "Which times work? Voting ends"
    page = client.get("/")
    assert words in text_of(page) and poll.get_absolute_url() in page.content.decode()
    assert words not in text_of(sign_in(olga).get("/"))
    poll.vote(mo, said(poll, "no"))
    assert words not in text_of(client.get("/"))


# Running it ------------------------------------------------------------------------------------------


def test_times_are_changed_with_a_look_at_the_mail_and_removed_ones_stay_struck(sign_in, poll, carla, mo):
    poll.vote(mo, said(poll, "yes", "no"))
    client, url, first = sign_in(carla), address("poll_times", poll), poll.slots.first()
    closes_on = str(poll.closes_at.astimezone(poll.zone).date())
    fields = rows("+15 15:00") | {"remove": str(first.pk), "closes_on": closes_on}
    page = client.post(url, fields, follow=True)
    assert "1 person gets this email" in text_of(page)
    assert poll.slots.standing().count() == 3
    done = client.post(url, hidden(page) | {"send": "1"}, follow=True)
    assert poll.slots.standing().count() == 3 and poll.slots.count() == 4
    assert "<s>" in done.content.decode() and "Taken out" in text_of(done)
    assert votes(poll) == [(mo.name, "yes"), (mo.name, "no")]
    twice = client.post(url, rows("+15 15:00") | {"closes_on": closes_on}, follow=True)
    assert "The same time stands there twice." in text_of(twice)


def test_ending_the_voting_and_taking_votes_again(sign_in, poll, carla, mo):
    client = sign_in(carla)
    for words in ("Voting has ended.", "Voting had ended already."):
        assert words in text_of(client.post(address("poll_close", poll), follow=True))
    past = client.post(address("poll_reopen", poll), {"closes_on": "2020-01-01"}, follow=True)
    assert "That day has passed. Choose a later one." in text_of(past)
    ends = {"closes_on": str(localdate() + timedelta(days=3))}
    assert "Voting is open again." in text_of(client.post(address("poll_reopen", poll), ends, follow=True))
    poll.refresh_from_db()
    assert poll.is_open
    assert client.get(address("poll_close", poll)).status_code == 303


def test_choosing_a_time_makes_the_call_and_the_second_co_chair_is_told(sign_in, poll, carla, mo, committee):
    poll.vote(mo, said(poll, "yes", "no"))
    first, second, _third = poll.slots.all()
    other = MembershipFactory(committee=committee, role="chair").user
    client, url = sign_in(carla), address("poll_choose", poll, first.pk)
    form = client.get(url)
    assert "1 person said yes" in text_of(form)
    fields = {"title": "Fair workweek", "duration": "60", "reminders": "committee"}
    page = client.post(url, fields, follow=True)
    assert "3 people get this email" in text_of(page) and not Meeting.objects.exists()
    again = hidden(page) | {"send": "1"}
    client.post(url, again)
    client.post(url, again)
    [call] = Meeting.objects.all()
    assert (call.starts_at, call.is_told) == (first.starts_at, True)
    late = sign_in(other).post(address("poll_choose", poll, second.pk), fields, follow=True)
    assert "chose a time meanwhile, and that stands." in text_of(late)
    assert Meeting.objects.count() == 1
    seen = sign_in(mo).get(poll.get_absolute_url())
    assert "The time is" in text_of(seen) and call.get_absolute_url() in seen.content.decode()


def test_a_chosen_time_that_is_a_draft_is_the_co_chairs(sign_in, poll, carla, mo):
    polling.choose(poll, poll.slots.first(), carla, tell=False, title="Fair workweek")
    assert "The time is" in text_of(sign_in(carla).get(poll.get_absolute_url()))
    page = text_of(sign_in(mo).get(poll.get_absolute_url()))
    assert "The time is" not in page and "Voting has ended." in page


# What it costs ---------------------------------------------------------------------------------------


def test_pages_cost_the_same_with_one_row_and_with_three(sign_in, committee, carla, mo):
    client, list_url = sign_in(mo), reverse("poll_list", args=[committee.slug])
    polls = [PollFactory(committee=committee, by=carla, days=(10, 11))]
    client.get(list_url), client.get(polls[0].get_absolute_url())

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    few = cost(list_url), cost(polls[0].get_absolute_url())
    polls += [PollFactory(committee=committee, by=carla) for _ in range(2)]
    for person in (MembershipFactory(committee=committee).user for _ in range(3)):
        polls[0].vote(person, said(polls[0], "yes", "no"))
    polls[0].change_times(carla, add=[at(13), at(14)])
    assert (cost(list_url), cost(polls[0].get_absolute_url())) == few
    assert few[0] <= 12 and few[1] <= 14


# Other words, and throwing a draft away -------------------------------------------------------------------


def test_its_topic_is_edited_as_it_was_seen(sign_in, poll, carla, ada):
    at, hers, theirs = address("poll_edit", poll), sign_in(carla), sign_in(ada)
    opened = hidden(theirs.get(at))
    assert hers.post(at, hidden(hers.get(at)) | {"title": "Buses", "summary": "Late ones"}).status_code == 302
    refused = theirs.post(at, opened | {"title": "Trains", "summary": ""})
    assert refused.status_code == 409 and "Buses" in text_of(refused)
    assert Poll.objects.get().title == "Buses"
    assert theirs.post(at, hidden(refused) | {"title": "Trains", "summary": ""}).status_code == 302
    assert Poll.objects.get().title == "Trains"


def test_a_draft_is_thrown_away_and_what_was_sent_is_not(sign_in, poll, committee, carla, mo):
    client = sign_in(carla)
    client.post(address("poll_discard", poll))
    assert Poll.objects.get() == poll
    draft = PollFactory(committee=committee, by=carla, told=False)
    page = text_of(client.get(draft.get_absolute_url()))
    assert "Throw the draft away" in page and " voted." not in page
    for _press in range(2):
        answer = client.post(address("poll_discard", draft))
        assert answer["Location"] == reverse("poll_list", args=[committee.slug])
    assert Poll.objects.get() == poll
