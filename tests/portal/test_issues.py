"""The public face: start page, issues, publications and the pages about the portal."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from committees.joining.requests import ask
from committees.models import Committee, IssueArea, Publication
from members.models import Office
from tests.factories import (
    CommitteeFactory,
    IssueAreaFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
)

SCRIPT = "<script>alert('x')</script>"


def words(response):
    return response.content.decode()


@pytest.fixture
def issue(committee):
    IssueArea.objects.filter(pk=committee.issue_id).update(
        slug="economic-justice", name="Economic Justice", levers=["Pay for enforcement"]
    )
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


def test_visitors_read_the_issue_page(client, issue, carla, mo):
    Office.objects.create(
        user=carla, title="Alder", level="city", jurisdiction=JurisdictionFactory(name="Madison", state="WI")
    )
    report = publish(issue, "report", title="Who guards the paycheck")
    publish(issue, "post", title="A schedule is a promise")
    page = words(client.get(issue.get_absolute_url()))
    for expected in (
        "Economic Justice", "Everybody thrives.", "<strong>together</strong>", "Pay for enforcement", "Who guards the paycheck", "A schedule is a promise",
        "steered by 2 elected officials from 1 state", "Carla Núñez-O&#x27;Hara", "Alder, Madison, WI", "Join the steering committee", report.get_absolute_url(),
    ):  # fmt: skip
        assert expected in page.replace("\n", " ")
    assert "Mo Haddad" not in page


def test_the_next_call_shows_only_when_its_chair_made_it_public(client, issue, committee, carla):
    meeting = MeetingFactory(committee=committee, by=carla, title="Quiet planning")
    assert "Quiet planning" not in words(client.get(issue.get_absolute_url()))
    meeting.public = True
    meeting.save()
    assert "Quiet planning" in words(client.get(issue.get_absolute_url()))


def test_a_confidential_committee_is_never_on_the_issue_page(sign_in, issue, committee, mo):
    committee.confidential = True
    committee.save()
    for client in (sign_in(), sign_in(mo)):
        assert committee.slug + "/join" not in words(client.get(issue.get_absolute_url()))


def test_a_member_is_told_so(sign_in, issue, mo):
    assert "You’re a member" in words(sign_in(mo).get(issue.get_absolute_url()))


@pytest.mark.parametrize(
    ("policy", "reader", "button", "note"),
    [
        ("open", None, "Join the steering committee", "Open to local elected officials"),
        ("ask", None, "Ask to join the steering committee", "Its co-chairs let people in."),
        ("invited", None, "See the steering committee", "People come onto it by invitation."),
        ("ask", "olga", "Ask to join the steering committee", "Its co-chairs let people in."),
        ("ask", "asking", "You asked to join", "Its co-chairs let people in."),
        ("ask", "mo", "You’re a member", ""),
    ],
)
def test_the_way_onto_its_committee(sign_in, issue, committee, mo, olga, policy, reader, button, note):
    Committee.objects.filter(pk=committee.pk).update(join_policy=policy)
    CommitteeFactory(issue=issue, name="Child Care", kind="working_group")
    if reader == "asking":
        ask(Committee.objects.get(pk=committee.pk), olga, "")
    page = words(sign_in({"mo": mo, None: None}.get(reader, olga)).get(issue.get_absolute_url()))
    assert (page.count(button), "public-cta__note" in page) == (2, bool(note))
    assert [note in page, "steering committees" in page, "Child Care" in page] == [True] * 3


def test_without_a_committee_visitors_may_apply(client, sign_in, mo):
    issue = IssueAreaFactory()
    apply = f'href="{reverse("apply")}"'
    for reader, links in ((client, True), (sign_in(mo), False)):
        main = words(reader.get(issue.get_absolute_url())).partition("<main")[2].partition("</main>")[0]
        assert (apply in main) == links


@pytest.mark.parametrize(
    ("address", "link"), [("https://a.example/r.pdf?v=2", "Download PDF"), ("https://a.example/r", "a.example")]
)
def test_a_report_that_stands_elsewhere_is_linked(client, issue, address, link):
    publish(issue, "report", external_url=address)
    assert [link in (page := words(client.get(issue.get_absolute_url()))), f'href="{address}"' in page] == [True, True]


@pytest.mark.parametrize("address", ["issue_detail", "publication_list"])
def test_an_unpublished_issue_is_staffs_alone(sign_in, mo, stu, address):
    issue = IssueAreaFactory(published_at=None)
    publication = publish(issue)
    statuses = {}
    for who, client in (("visitor", sign_in()), ("mo", sign_in(mo)), ("stu", sign_in(stu))):
        statuses[who] = [
            client.get(reverse(address, args=[issue.slug])).status_code,
            client.get(publication.get_absolute_url()).status_code,
        ]
    assert statuses == {"visitor": [404, 404], "mo": [404, 404], "stu": [200, 200]}


@pytest.mark.parametrize("published_at", [None, now() + timedelta(days=1)])
def test_a_draft_is_nowhere_but_on_staffs_screen(sign_in, issue, mo, stu, published_at):
    draft = publish(issue, "report", title="Not yet", published_at=published_at)
    for client in (sign_in(), sign_in(mo)):
        assert client.get(draft.get_absolute_url()).status_code == 404
        for address in (
            issue.get_absolute_url(),
            reverse("publication_list", args=[issue.slug]),
            "/",
            reverse("sitemap"),
        ):
            assert "Not yet" not in words(client.get(address))
            assert draft.get_absolute_url() not in words(client.get(address))
    page = words(sign_in(stu).get(draft.get_absolute_url()))
    assert "Not published." in page


def test_a_publication_is_read_as_clean_html(client, issue):
    publication = publish(
        issue,
        body=f"# Why\n\nBecause **we** can. {SCRIPT} [x](javascript:alert(1)) [Law](https://law.example)",
        external_url="https://a.example/report.pdf",
    )
    page = words(client.get(publication.get_absolute_url()))
    assert "<h2>Why</h2>" in page
    assert '<a href="https://law.example" rel="noopener">Law</a>' in page
    assert "Download PDF" in page
    assert SCRIPT not in page
    assert 'href="javascript' not in page


def test_a_script_in_every_field_stays_words(client, issue, committee):
    IssueArea.objects.filter(pk=issue.pk).update(name=SCRIPT, tagline=SCRIPT, vision=SCRIPT, levers=[SCRIPT])
    publication = publish(issue, "report", title=SCRIPT, kicker=SCRIPT, summary=SCRIPT, body=SCRIPT)
    publish(issue, title=SCRIPT, summary=SCRIPT, kicker=SCRIPT)
    for address in (
        issue.get_absolute_url(),
        publication.get_absolute_url(),
        reverse("issue_list"),
        reverse("publication_list", args=[issue.slug]),
        "/",
    ):
        assert SCRIPT not in words(client.get(address))


def test_all_news_come_by_the_twenty_newest_first(client, issue):
    for number in range(25):
        publish(issue, title=f"News {number}", slug=f"n{number}", dated_on=localdate() - timedelta(days=number))
    address = reverse("publication_list", args=[issue.slug])
    first = client.get(address).context["page"]
    second = client.get(address + first.next_url).context["page"]
    assert [p.title for p in first.rows + second.rows] == [f"News {number}" for number in range(25)]
    assert (second.next_url, len(second.rows)) == ("", 5)


@pytest.mark.parametrize(
    "name",
    ["home", "issue_list", "committee_list", "about", "privacy", "accessibility", "developers", "robots", "sitemap"],
)
def test_public_pages_open_for_everybody(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert client.post(reverse(name)).status_code == 405


def test_the_pages_cost_the_same_with_one_and_three_of_everything(
    client, issue, committee, carla, django_assert_num_queries
):
    publish(issue, "report")
    publish(issue)
    MeetingFactory(committee=committee, by=carla, public=True)
    client.get(issue.get_absolute_url())  # the headcount is kept for a while
    for _ in range(2):
        with django_assert_num_queries(7):
            client.get(issue.get_absolute_url())
        with django_assert_num_queries(3):
            client.get(reverse("home"))
        for _ in range(2):
            publish(issue)
            IssueAreaFactory()
            MembershipFactory(committee=committee, role="chair")


def test_links_for_previews_and_search_engines(client, issue, settings):
    page = words(client.get(issue.get_absolute_url()))
    assert f'<link rel="canonical" href="{settings.SITE_URL}/issues/economic-justice/">' in page
    assert '<meta property="og:title" content="Economic Justice">' in page
    assert f"{settings.SITE_URL}/issues/economic-justice/</loc>" in words(client.get(reverse("sitemap")))
    assert "Disallow: /people/" in words(client.get(reverse("robots")))
