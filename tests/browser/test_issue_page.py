"""Staff fill an issue page through the desk alone, and a visitor finds each part of it, on a phone, in 150 kB."""

import gzip
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from committees.models import IssueArea
from portal.demo import drawing, pdf
from portal.demo.manuscript import blocks
from tests.browser.looking import objections
from tests.factories import IssueAreaFactory

pytestmark = pytest.mark.django_db(transaction=True)
DESK = {"viewport": {"width": 1280, "height": 900}}
MOST = 150_000  # bytes of the page with all that it shows at once
REPORT = "# What places did\n\n" + "\n\n".join(["Forty places told us what they did."] * 60)
STORIES = [
    {"title": "A schedule is a promise", "scene": "schedule", "alt": "A week on a sheet of paper", "day": "2026-11-20"},
    {"title": "One wage floor", "scene": "bridge", "alt": "A half-built bridge", "day": "2026-11-19", "also": "Housing"},
    {"title": "What nine cities heard", "scene": "shops", "alt": "Four small shops", "day": "2026-11-18", "link": "https://www.paper.example/hours"},
    {"title": "The right to stop", "scene": "helmets", "alt": "Helmets on pegs", "day": "2026-11-17"},
]  # fmt: skip


@pytest.fixture
def issue(committee, carla, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    IssueArea.objects.filter(pk=committee.issue_id).update(name="Economic Justice", slug="economic-justice")
    IssueAreaFactory(name="Housing", slug="housing")
    return IssueArea.objects.get(pk=committee.issue_id)


def test_staff_fill_the_whole_page_and_a_visitor_finds_each_part(issue, open_page, ada, carla, tmp_path):
    desk = open_page("/staff/issues/economic-justice/", ada, **DESK)
    desk.get_by_label("Opening sentence").fill("A week’s work should pay for a week’s life.")
    desk.get_by_label("Our vision and work").fill("We **share power**.")
    desk.get_by_label("What local government can do").fill("Make it safe to organize\nPay fair wages")
    save(desk)
    illustrate(desk, tmp_path, "march", "A crowd with blank signs")
    publish(desk, {"title": "What places did", "kind": "Report", "day": "2026-10-01", "scene": "hall", "alt": "A city hall"}, tmp_path)  # fmt: skip
    desk.get_by_role("link", name="Add a PDF").click()
    raw, pages = pdf.write(blocks(REPORT), "What places did")
    attach(desk, "PDF", tmp_path / "report.pdf", raw)
    save(desk)
    expect(desk.get_by_role("region", name="Messages").get_by_text(f"The PDF is up: {pages} pages")).to_be_visible()
    for story in STORIES:
        publish(desk, story | {"kind": "Blog"}, tmp_path)
    cache.clear()

    visitor = open_page("/issues/economic-justice/")
    text = visitor.locator("main")
    for words in ("A week’s work should pay", "share power", "Make it safe to organize", "What places did", "Join the steering committee"):  # fmt: skip
        expect(text.get_by_text(words).first).to_be_visible()
    expect(visitor.get_by_role("link", name="Read it online")).to_be_visible()
    expect(visitor.get_by_text(f"{pages} pages")).to_be_visible()
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name="Download PDF").click()
    assert Path(download.value.path()).read_bytes() == raw
    for story in STORIES:
        card = visitor.locator(".news li").filter(has_text=story["title"])
        expect(card.get_by_role("img", name=story["alt"])).to_be_visible()
        expect(card.locator("time")).to_have_attribute("datetime", story["day"])
        leads_to = story.get("link") or f"/issues/economic-justice/{story['title'].lower().replace(' ', '-')}/"
        expect(card.get_by_role("link", name=story["title"])).to_have_attribute("href", leads_to)
    expect(visitor.get_by_text("paper.example")).to_be_visible()
    assert visitor.said == []
    assert objections(visitor) == []
    visitor.goto("/issues/housing/")
    expect(visitor.get_by_role("link", name="One wage floor")).to_be_visible()
    visitor.get_by_role("link", name="One wage floor").click()
    expect(visitor.get_by_role("img", name="A half-built bridge")).to_be_visible()
    expect(visitor.get_by_role("figure").get_by_text("Picture: Drawn for us")).to_be_visible()
    assert objections(visitor) == []


def test_the_page_weighs_little_with_all_its_pictures_in_view(issue, open_page, ada, carla, tmp_path):
    desk = open_page("/staff/issues/economic-justice/", ada, **DESK)
    illustrate(desk, tmp_path, "march", "A crowd with blank signs")
    publish(desk, STORIES[0] | {"kind": "Report", "title": "What places did", "scene": "hall"}, tmp_path)
    for story in STORIES:
        publish(desk, story | {"kind": "Blog"}, tmp_path)
    visitor = open_page("about:blank", device_scale_factor=3)
    sizes = {}
    visitor.on("response", lambda response: sizes.update({response.url: as_sent(response)}))
    visitor.goto("/issues/economic-justice/")
    visitor.locator(".news li").last.scroll_into_view_if_needed()
    visitor.wait_for_load_state("networkidle")
    pictures = [url for url in sizes if "/pictures/" in url]
    assert len(pictures) == 6 and all(url.endswith(".avif") for url in pictures)
    assert sum(sizes.values()) <= MOST, sizes


def as_sent(response) -> int:
    """Bytes as a server sends them that packs text: the one of the tests doesn't."""
    body = response.body()
    packed = response.headers.get("content-type", "").startswith(("text/", "image/svg"))
    return len(gzip.compress(body)) if packed else len(body)


def publish(desk, story, folder) -> None:
    desk.goto("/staff/publications/new/")
    desk.get_by_label("Issue", exact=True).select_option(label="Economic Justice")
    if story.get("also"):
        desk.get_by_label(story["also"]).check()
    desk.get_by_label("Kind", exact=True).select_option(label=story["kind"])
    desk.get_by_label("Date", exact=False).first.fill(story["day"])
    desk.get_by_label("Title", exact=True).fill(story["title"])
    desk.get_by_label("Summary").fill("In a sentence or two.")
    desk.get_by_label("Link to another site").fill(story.get("link", ""))
    if not story.get("link"):
        desk.get_by_label("Text", exact=False).first.fill("The whole story.")
    desk.get_by_label("Publish now").check()
    save(desk)
    illustrate(desk, folder, story["scene"], story["alt"])


def illustrate(desk, folder, scene, words) -> None:
    desk.get_by_role("link", name="Add a picture").click()
    attach(desk, "Picture", folder / f"{scene}.png", drawing.draw(scene))
    desk.get_by_label("What it shows").fill(words)
    desk.get_by_label("Credit").fill("Drawn for us")
    save(desk)
    expect(desk.get_by_role("region", name="Messages").get_by_text("The picture is saved.")).to_be_visible()


def attach(desk, label, path, content) -> None:
    path.write_bytes(content)
    desk.get_by_label(label, exact=True).set_input_files(path)


def save(desk) -> None:
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.wait_for_load_state()
    assert not desk.title().startswith("Error:"), desk.locator("main").inner_text()[:600]


def test_the_head_of_a_public_page_takes_one_line_on_a_narrow_phone(open_page, transactional_db, mo):
    page = open_page("/issues/", mo, viewport={"width": 360, "height": 740})
    brand, button = (
        page.locator(".top .brand").bounding_box(),
        page.get_by_role("link", name="Your portal").bounding_box(),
    )
    assert abs(brand["y"] + brand["height"] / 2 - button["y"] - button["height"] / 2) < 4
