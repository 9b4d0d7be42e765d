"""Publications: of several issues, on other sites, by a member or a name, in their order and at their minute."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate, now

from committees.models import IssueArea, Publication
from members.models import User
from tests.factories import IssueAreaFactory


@pytest.fixture
def issue(committee):
    IssueArea.objects.filter(pk=committee.issue_id).update(slug="economic-justice", name="Economic Justice")
    committee.issue.refresh_from_db()
    return committee.issue


def publish(issue, kind="news", **fields):
    fields = {
        "slug": f"p{Publication.objects.count()}",
        "title": "A title",
        "summary": "A summary",
        "dated_on": localdate(),
        "published_at": now(),
    } | fields
    return Publication.objects.create(issue=issue, type=kind, **fields)


def text(issue, **changes):
    given = {"issue": issue.pk, "type": "post", "title": "What’s a fair week?", "summary": "Short.", "body": "**Long**"}
    return given | {"dated_on": "2026-03-01", "when": "now"} | changes


def titles(client, address, name):
    return [each.title for each in client.get(address).context[name]]


def test_a_round_up_stands_under_each_issue_it_touches(sign_in, client, issue, ada):
    housing = IssueAreaFactory(slug="housing", name="Housing")
    IssueAreaFactory(slug="climate", name="Climate")
    sign_in(ada).post(
        reverse("staff_publication_new"), text(issue, title="The Network Download", also_about=[housing.pk, issue.pk])
    )
    publication = Publication.objects.get()
    assert list(publication.also_about.all()) == [housing]
    for slug, shown in (("economic-justice", True), ("housing", True), ("climate", False)):
        for name in ("issue_detail", "publication_list"):
            assert ("The Network Download" in client.get(reverse(name, args=[slug])).text) is shown
    page = client.get(publication.get_absolute_url()).text
    assert "Economic Justice" in page and "Housing" in page
    elsewhere = client.get(reverse("publication_detail", args=["housing", publication.slug]))
    assert (elsewhere.status_code, elsewhere["Location"]) == (301, publication.get_absolute_url())


def test_what_is_pinned_stands_first_until_its_day_and_then_the_newest(client, issue):
    day = timedelta(days=1)
    publish(issue, title="Old", dated_on=localdate() - 90 * day, pinned_until=localdate() - day)
    publish(issue, title="Pinned", dated_on=localdate() - 60 * day, pinned_until=localdate())
    publish(issue, title="Newest")
    publish(issue, title="Newer", dated_on=localdate() - day)
    assert titles(client, issue.get_absolute_url(), "news") == ["Pinned", "Newest", "Newer", "Old"]


def test_one_report_is_shown_large_and_the_others_below(client, issue):
    for number in range(3):
        publish(issue, "report", title=f"Report {number}", dated_on=localdate() - timedelta(days=number))
    context = client.get(issue.get_absolute_url()).context
    assert (context["report"].title, [each.title for each in context["more_reports"]]) == (
        "Report 0",
        ["Report 1", "Report 2"],
    )
    assert list(context["news"]) == []


def test_the_title_of_a_story_elsewhere_leads_there_and_the_site_is_named(client, issue):
    publish(issue, title="In the paper", external_url="https://www.paper.example/story")
    for address in (issue.get_absolute_url(), reverse("publication_list", args=[issue.slug]), "/"):
        page = client.get(address).text
        assert 'href="https://www.paper.example/story"' in page and "paper.example" in page.replace("www.paper", "")


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://name@evil.example/"])
def test_a_video_is_a_link_that_leads_somewhere(sign_in, issue, ada, link):
    page = sign_in(ada).post(reverse("staff_publication_new"), text(issue, type="video", external_url=link))
    assert page.status_code == 422 and len(page.context["form"].errors["external_url"]) == 1


def test_the_author_is_a_member_or_a_name(sign_in, client, issue, ada, mo):
    desk = sign_in(ada)
    for author, member in ((mo.name, mo), ("Somebody Else", None), ("", None)):
        desk.post(reverse("staff_publication_new"), text(issue, author_name=author, title=f"By {author}"))
        publication = Publication.objects.get(title=f"By {author}".strip())
        assert (publication.author, publication.author_name) == (member, author)
        assert author in client.get(publication.get_absolute_url()).text
    User.objects.filter(pk=mo.pk).update(name="Mo Haddad-Reyes")
    assert "Mo Haddad-Reyes" in client.get(Publication.objects.get(author=mo).get_absolute_url()).text


def test_states_are_typed_as_people_write_them(sign_in, client, issue, ada):
    desk, address = sign_in(ada), reverse("staff_publication_new")
    desk.post(address, text(issue, states="nm, Texas and N.Y."))
    publication = Publication.objects.get()
    assert publication.states == ["NM", "TX", "NY"]
    assert "New Mexico" in client.get(publication.get_absolute_url()).text
    assert "NM, TX, NY" in desk.get(reverse("staff_publication", args=[publication.pk])).text
    page = desk.post(address, text(issue, states="NM, Atlantis"))
    assert page.status_code == 422 and "We know no state called Atlantis" in page.text


def test_an_article_says_its_date_its_kind_and_how_long_it_takes(client, issue):
    publication = publish(issue, "case_study", body="word " * 500, dated_on="2026-03-01")
    page = " ".join(client.get(publication.get_absolute_url()).text.split())
    assert "Case study" in page and "March 1" in page and "3 minutes to read" in page


def test_an_earlier_address_leads_to_where_it_stands_now(sign_in, client, issue, ada):
    housing, desk = IssueAreaFactory(slug="housing", name="Housing"), sign_in(ada)
    desk.post(reverse("staff_publication_new"), text(issue))
    publication = Publication.objects.get()
    edit, first = reverse("staff_publication", args=[publication.pk]), publication.get_absolute_url()
    desk.post(edit, text(issue, title="Fair weeks", slug=""))
    desk.post(edit, text(housing, title="Fair weeks", slug="fair-weeks"))
    publication.refresh_from_db()
    for earlier in (first, "/issues/economic-justice/fair-weeks/"):
        moved = client.get(earlier)
        assert (moved.status_code, moved["Location"]) == (301, "/issues/housing/fair-weeks/")
    desk.post(edit, text(issue, slug="whats-a-fair-week"))
    assert client.get(first).status_code == 200
    desk.post(edit, text(issue, slug="whats-a-fair-week", when="draft"))
    assert [client.get(each).status_code for each in (first, "/issues/housing/fair-weeks/")] == [404, 404]


def test_no_address_is_that_of_a_page_of_ours(sign_in, issue, ada):
    desk = sign_in(ada)
    desk.post(reverse("staff_publication_new"), text(issue, title="News"))
    assert Publication.objects.get().slug == "news-1"
    assert desk.post(reverse("staff_publication_new"), text(issue, slug="news")).status_code == 422


def test_related_are_those_that_share_most(client, issue):
    housing, climate = IssueAreaFactory(slug="housing"), IssueAreaFactory(slug="climate")
    near = publish(issue, title="Near", states=["NM"], dated_on=localdate() - timedelta(days=50))
    near.also_about.add(housing)
    publish(issue, title="Beside")
    publish(climate, title="Far")
    article = publish(issue, title="Article", states=["NM"])
    article.also_about.add(housing)
    assert titles(client, article.get_absolute_url(), "more") == ["Near", "Beside"]


def test_a_preview_keeps_every_issue_that_was_ticked(sign_in, issue, ada):
    housing, climate = IssueAreaFactory(slug="housing"), IssueAreaFactory(slug="climate")
    ticked = [str(housing.pk), str(climate.pk)]
    page = sign_in(ada).post(reverse("staff_publication_new"), text(issue, also_about=ticked, preview="1"))
    assert page.context["form"]["also_about"].value() == ticked


def test_two_who_tick_other_issues_see_each_other(sign_in, issue, ada):
    housing, desk = IssueAreaFactory(slug="housing", name="Housing"), sign_in(ada)
    publication = publish(issue, "post", slug="week")
    address = reverse("staff_publication", args=[publication.pk])
    seen = desk.get(address).context["form"]["seen"].value()
    assert desk.post(address, text(issue, slug="week", also_about=[housing.pk], seen=seen)).status_code == 302
    page = desk.post(address, text(issue, slug="week", title="Other words", seen=seen))
    assert page.status_code == 409 and ("Also shown under", "Housing") in page.context["others"]


def test_its_committee_shows_what_is_new_from_the_library(sign_in, committee, issue, mo):
    for number in range(4):
        publish(issue, title=f"Story {number}", dated_on=localdate() - timedelta(days=number))
    publish(IssueAreaFactory(slug="housing"), title="Rent").also_about.add(issue)
    publish(issue, title="Not yet", published_at=now() + timedelta(minutes=1))
    page = sign_in(mo).get(committee.get_absolute_url())
    assert [each.title for each in page.context["stories"]] == ["Rent", "Story 0", "Story 1"]
    assert "From the library" in page.text


def test_the_committee_page_asks_one_question_for_any_number(sign_in, committee, issue, mo):
    counts, client = [], sign_in(mo)
    for _time in range(2):
        publish(issue).also_about.add(IssueAreaFactory())
        client.get(committee.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            client.get(committee.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]
