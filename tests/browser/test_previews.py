"""A preview is a page: it can be loaded again, left with Back and come back to; nothing is sent twice, nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from committees.models import Announcement, Membership, Publication
from events.models import Meeting
from members.models import BulkSend, Delivery
from tests.factories import CommitteeFactory, IssueAreaFactory, MeetingFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
DAY = (localdate() + timedelta(days=60)).isoformat()


@pytest.fixture
def committee(transactional_db):
    committee = CommitteeFactory(slug="economic-justice", name="Economic Justice")
    MembershipFactory(committee=committee, user__name="Mo Haddad")
    return committee


@pytest.fixture
def carla(committee):
    return MembershipFactory(committee=committee, user__name="Carla Núñez-O'Hara", role=Membership.Role.CHAIR).user


@pytest.fixture
def posts(open_page):
    """`posts(address, user)`: the page, and the list of what it has posted; whatever fails to load is an error."""

    def opened(address, user, options):
        page = open_page(address, user, viewport={"width": 1280, "height": 900}, **options)
        posted, failed = [], []
        page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
        page.on(
            "requestfailed", lambda request: failed.append(request.url) if request.is_navigation_request() else None
        )
        page.failed = failed
        return page, posted

    return opened


def look_around(page, posted, preview: str, typed) -> None:
    """Reload, Back and forward, as often as anybody likes: the preview is there, and so is what was typed."""
    posts = len(posted)
    expect(page.get_by_text(preview).first).to_be_visible()
    for _time in range(2):
        page.reload()
        expect(page.get_by_text(preview).first).to_be_visible()
    page.go_back()
    typed(page)
    page.go_forward()
    expect(page.get_by_text(preview).first).to_be_visible()
    assert (len(posted), page.failed) == (posts, [])


def back_leads_on(page, posted) -> None:
    """After the end, Back and reload do nothing once more, and show no preview that could be sent again."""
    end, posts = page.url, len(posted)
    page.go_back()
    page.wait_for_url(end)
    page.reload()
    assert (len(posted), page.failed) == (posts, [])


@SCRIPT
def test_a_call(posts, committee, carla, options):
    page, posted = posts(f"/committees/{committee.slug}/calls/new/", carla, options)
    page.locator("#id_title").fill("Late buses")
    page.locator("#id_local_date").fill(DAY)
    page.locator("#id_local_time").fill("13:00")
    look = page.get_by_role("button", name="Look at the invitation")
    look.click()
    look_around(
        page,
        posted,
        "2 people get this email",
        lambda form: expect(form.locator("#id_title")).to_have_value("Late buses"),
    )
    page.go_back()
    page.locator("#id_title").fill("Later buses")
    look.click()
    expect(page.get_by_text("Later buses").first).to_be_visible()
    page.get_by_role("button", name="Send to").click()
    page.wait_for_url("**/agenda/")
    told = Delivery.objects.count()
    back_leads_on(page, posted)
    assert len(posted) == 3 and [call.title for call in Meeting.objects.all()] == ["Later buses"]
    assert Delivery.objects.count() == told and BulkSend.objects.count() == 1


@SCRIPT
def test_an_announcement(posts, committee, carla, options):
    page, posted = posts(f"/committees/{committee.slug}/announcements/new/", carla, options)
    page.locator("#id_headline").fill("We meet in Denver")
    page.locator("#id_body").fill("In June.")
    page.get_by_role("button", name="Preview").click()
    look_around(
        page,
        posted,
        "2 people get this email",
        lambda form: expect(form.locator("#id_headline")).to_have_value("We meet in Denver"),
    )
    page.get_by_role("button", name="Send to").click()
    page.wait_for_url("**/sent/")
    told = Delivery.objects.count()
    back_leads_on(page, posted)
    assert len(posted) == 2 and Announcement.objects.get().sent_at
    assert Delivery.objects.count() == told and BulkSend.objects.count() == 1


@SCRIPT
def test_telling_the_committee(posts, committee, carla, options):
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek", told_at=None)
    page, posted = posts(call.get_absolute_url(), carla, options)
    page.get_by_role("button", name="Tell the committee").first.click()
    look_around(
        page,
        posted,
        "2 people get this email",
        lambda form: expect(form.get_by_role("heading", level=1)).to_contain_text("Fair workweek"),
    )
    page.get_by_role("button", name="Send to").click()
    page.wait_for_url(f"**{call.get_absolute_url()}")
    told = Delivery.objects.count()
    back_leads_on(page, posted)
    assert len(posted) == 2 and Delivery.objects.count() == told and BulkSend.objects.count() == 1


@SCRIPT
def test_a_publication(posts, options):
    IssueAreaFactory(name="Economic Justice")
    organizer = UserFactory(name="Ola")
    organizer.appoint("organizer")
    page, posted = posts("/staff/publications/new/", organizer, options)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("things to fix")).to_be_visible()
    page.locator("#id_issue").select_option(label="Economic Justice")
    page.locator("#id_type").select_option("report")
    page.locator("#id_title").fill("Late buses")
    page.locator("#id_summary").fill("They are late.")
    page.locator("#id_body").fill("**All** of it")
    page.get_by_role("button", name="Preview").click()
    look_around(
        page, posted, "Not saved yet", lambda form: expect(form.locator("#id_title")).to_have_value("Late buses")
    )
    expect(page.locator("#id_title")).to_have_value("Late buses")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/staff/publications/\d+/$"))
    back_leads_on(page, posted)
    page.go_back()
    expect(page.get_by_text("things to fix")).to_have_count(0)
    assert len(posted) == 3 and Publication.objects.get().title == "Late buses"
