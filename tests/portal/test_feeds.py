"""What programs read: feeds, the map of the site, data for search engines; and that nothing is anywhere before its minute."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from committees.models import Publication
from members.times import clock
from tests.factories import IssueAreaFactory, MeetingFactory

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def issue(committee):
    return committee.issue


def publish(issue, title, **fields):
    words = {"slug": title.lower().replace(" ", "-"), "title": title, "summary": "A <b>summary</b>", "body": "Long."}
    moments = {"dated_on": localdate(), "published_at": now() - timedelta(hours=1)}
    return Publication.objects.create(issue=issue, type="post", **words | moments | fields)


def entries(client, address):
    root = ElementTree.fromstring(client.get(address).content)
    return [
        tuple(
            entry.find(f"{ATOM}{name}").get("href") or entry.find(f"{ATOM}{name}").text
            for name in ("title", "link", "id")
        )
        for entry in root.findall(f"{ATOM}entry")
    ]


def data_on(page):
    return [json.loads(each) for each in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)]


def name_of(publication):
    return f"tag:testserver,2026:publication:{publication.pk}"


def test_a_feed_has_all_that_is_published_and_one_an_issue(client, issue, settings):
    housing = IssueAreaFactory(slug="housing", name="Housing")
    fair = publish(issue, "Fair weeks", author_name="Ana Ortiz")
    paper = publish(housing, "In the paper", external_url="https://paper.example/story")
    paper.also_about.add(issue)
    publish(housing, "Rent")
    publish(IssueAreaFactory(published_at=None), "Of an issue to come")
    here = settings.SITE_URL
    told = [
        ("In the paper", "https://paper.example/story", name_of(paper)),
        ("Fair weeks", here + fair.get_absolute_url(), name_of(fair)),
    ]
    answer = client.get(reverse("issue_feed", args=[issue.slug]), headers={"Host": "testserver"})
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert sorted(entries(client, reverse("issue_feed", args=[issue.slug]))) == sorted(told)
    assert {title for title, *_rest in entries(client, reverse("feed"))} == {"In the paper", "Fair weeks", "Rent"}
    text = answer.content.decode()
    assert "<name>Ana Ortiz</name>" in text and f'href="{here}/issues/{issue.slug}/atom.xml" rel="self"' in text
    assert reverse("issue_feed", args=[issue.slug]) in client.get(issue.get_absolute_url()).text
    assert client.get(reverse("issue_feed", args=["nothing"])).status_code == 404


def test_what_moves_keeps_its_name_in_feeds(client, issue, ada):
    story = publish(issue, "Fair weeks")
    feed = reverse("feed")
    ((_title, before, name),) = entries(client, feed)
    story.slug = "steady-weeks"
    story.store(ada, story.published_at)
    ((_title, after, name_now),) = entries(client, feed)
    assert before != after and name == name_now == name_of(story)


def test_a_feed_costs_the_same_for_any_number(client, issue, django_assert_num_queries):
    publish(issue, "One").also_about.add(IssueAreaFactory(slug="housing"))
    for title in ("Two", "Three"):
        with django_assert_num_queries(3):
            client.get(reverse("issue_feed", args=[issue.slug]))
        publish(issue, title)


def test_search_engines_are_told_what_an_article_is(client, issue, settings):
    publication = publish(issue, "</script><b>Fair</b> weeks", slug="fair", author_name="Ana Ortiz")
    page = client.get(publication.get_absolute_url()).text
    (told,) = data_on(page)
    assert (told["@type"], told["headline"], told["author"]["name"]) == (
        "Article",
        "</script><b>Fair</b> weeks",
        "Ana Ortiz",
    )
    assert told["mainEntityOfPage"] == settings.SITE_URL + publication.get_absolute_url()
    assert f"<lastmod>{localdate(publication.published_at)}</lastmod>" in client.get(reverse("sitemap")).text


def test_a_public_call_is_an_event_without_the_way_to_join_it(client, issue, committee, carla):
    meeting = MeetingFactory(committee=committee, by=carla, title="Fair workweek")
    assert data_on(client.get(issue.get_absolute_url()).text) == []
    meeting.public = True
    meeting.save()
    page = client.get(issue.get_absolute_url()).text
    (told,) = data_on(page)
    assert (told["@type"], told["name"], told["startDate"]) == ("Event", "Fair workweek", meeting.starts_at.isoformat())
    assert meeting.video_url not in page if meeting.video_url else True


def test_nothing_is_anywhere_before_its_minute_and_everywhere_at_it(client, sign_in, issue, committee, mo):
    """Nobody has to do anything at the minute: what is out is asked of the clock."""
    minute = now().replace(second=0, microsecond=0) + timedelta(minutes=10)
    scheduled = publish(issue, "Scheduled text", published_at=minute)
    other = IssueAreaFactory(slug="housing")
    scheduled.also_about.add(other)
    member = sign_in(mo)
    places = [
        (client, issue.get_absolute_url()),
        (client, other.get_absolute_url()),
        (client, reverse("publication_list", args=[issue.slug])),
        (client, reverse("feed")),
        (client, reverse("issue_feed", args=[issue.slug])),
        (client, reverse("issue_feed", args=[other.slug])),
        (client, "/"),
        (member, committee.get_absolute_url()),
    ]
    for moment, there in ((minute - timedelta(seconds=1), False), (minute, True)):
        with clock.stopped(localdate(), moment):
            found = {(address, "Scheduled text" in who.get(address).text) for who, address in places}
            assert {is_there for _address, is_there in found} == {there}, found
            assert (scheduled.get_absolute_url() in client.get(reverse("sitemap")).text) is there
            status = 200 if there else 404
            assert [who.get(scheduled.get_absolute_url()).status_code for who in (client, member)] == [status] * 2
