"""From a stranger on a phone to a member: apply, be approved by a key press, and the same without script."""

import pytest
from django.core.cache import cache

from committees.models import Publication
from members.models import Application, Delivery, User
from tests.browser.conftest import cookies_of
from tests.browser.looking import violations
from tests.factories import CommitteeFactory, IssueAreaFactory, JurisdictionFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "soledad@portal.example"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def places():
    return [
        JurisdictionFactory(
            name="Wenatchee",
            state="WA",
            label="Wenatchee, city, Chelan County, Washington (WA)",
            time_zone="America/Los_Angeles",
            population=35_000,
        ),
        JurisdictionFactory(
            name="East Wenatchee",
            state="WA",
            label="East Wenatchee, city, Douglas County, Washington (WA)",
            population=14_000,
        ),
    ]


def problems(page) -> list[str]:
    return [f"{page.url} {rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in violations(page)]


def visit(browser, live_server, client=None, **options):
    context = browser.new_context(base_url=live_server.url, **options)
    if client:
        context.add_cookies(cookies_of(client, live_server.url))
    page = context.new_page()
    page.heard = []
    page.on(
        "console", lambda message: page.heard.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    return page


def go_on(page) -> None:
    page.get_by_role("button", name="Continue").click()


def up_to_the_office(page) -> None:
    page.goto("/apply/")
    page.get_by_label("Your full name").fill("Soledad Núñez-O'Hara")
    go_on(page)
    page.get_by_label("Your email").fill(EMAIL)
    go_on(page)
    page.get_by_label("Code from the email").fill(Delivery.objects.get(address=EMAIL).facts["code"])
    go_on(page)
    page.get_by_text("City or town council").click()
    go_on(page)
    page.get_by_label("Your title").fill("City Council Member")


def from_the_term_on(page) -> None:
    page.get_by_label("Month").first.fill("1")
    page.get_by_label("Year").first.fill("2024")
    go_on(page)
    page.get_by_label("Why you want to join").fill("We’re writing a wage theft ordinance.")
    go_on(page)
    page.get_by_role("button", name="Send my application").click()
    page.get_by_role("heading", name="Your application is with us").wait_for()


@pytest.mark.timeout(240)
def test_a_stranger_applies_on_a_phone_and_is_let_in_by_a_key_press(browser, live_server, places, sign_in, stu):
    page = visit(browser, live_server, viewport=PHONE)
    up_to_the_office(page)
    field = page.get_by_role("combobox", name="Where you serve")
    field.press_sequentially("wenat", delay=20)
    page.get_by_role("option").nth(1).wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    wrong = problems(page)
    field.press("ArrowDown")
    assert page.locator(f"#{field.get_attribute('aria-activedescendant')}").inner_text().startswith("Wenatchee")
    field.press("ArrowDown")
    field.press("ArrowUp")
    field.press("Enter")
    assert field.input_value() == places[0].label
    assert field.get_attribute("aria-expanded") == "false"
    go_on(page)
    from_the_term_on(page)
    application = Application.objects.get()
    assert (application.jurisdiction, application.applicant.timezone) == (places[0], "America/Los_Angeles")

    desk = visit(browser, live_server, sign_in(stu), viewport={"width": 1280, "height": 900})
    desk.goto("/staff/applications/")
    wrong += problems(desk)
    desk.get_by_text("Add a note").click()
    desk.get_by_label("Note to the applicant").press_sequentially(
        "A dad joke"
    )  # keys typed into a field decide nothing
    assert Application.objects.waiting().exists()
    desk.get_by_role("heading", name="What we could check").click()
    desk.keyboard.press("a")
    desk.locator(".toast", has_text="Soledad Núñez-O'Hara is a member now").wait_for()
    assert User.objects.get(email=EMAIL).is_member
    assert Application.objects.get().note == "A dad joke"
    assert wrong + page.heard + desk.heard == []


@pytest.mark.timeout(240)
def test_everything_works_without_script(browser, live_server, places, sign_in, stu):
    page = visit(
        browser, live_server, viewport={"width": 1280, "height": 900}, java_script_enabled=False, color_scheme="dark"
    )
    up_to_the_office(page)
    page.get_by_label("Where you serve").fill("wenat")
    go_on(page)
    page.get_by_text("Choose the right one from the list").first.wait_for()
    page.get_by_text("East Wenatchee").click()
    go_on(page)
    from_the_term_on(page)
    assert Application.objects.get().jurisdiction == places[1]

    desk = visit(browser, live_server, sign_in(stu), viewport=PHONE, java_script_enabled=False)
    desk.goto("/staff/applications/")
    desk.get_by_role("link", name="Soledad").click()
    desk.get_by_role("button", name="Decline").click()
    desk.get_by_label("Note to the applicant").fill("For people in office.")
    desk.get_by_role("button", name="Decline the application").click()
    assert desk.url.endswith("/staff/applications/")
    assert Application.objects.get().decision == "declined"


def test_single_keys_can_be_turned_off(browser, live_server, sign_in, stu, ana, places):
    application = Application.submit(ana, title="Alder", jurisdiction=places[0], why="")
    User.objects.filter(pk=stu.pk).update(single_key_shortcuts=False)
    desk = visit(browser, live_server, sign_in(stu))
    desk.goto(f"/staff/applications/{application.pk}/")
    desk.keyboard.press("a")
    desk.keyboard.press("d")
    assert desk.url.endswith(f"/staff/applications/{application.pk}/")
    assert Application.objects.waiting().exists()


PAGES = [
    "/apply/",
    "/places/?q=wenat",
    "/places/?q=zzz",
    "/staff/applications/",
    "/staff/applications/?tab=decided",
    "/staff/applications/{application}/decline/",
    "/staff/members/{mo}/",
    "/staff/members/{mo}/standing/?to=leave",
    "/staff/members/?q=zzz",
    "/staff/activity/?verb=joined",
    "/staff/committees/new/",
    "/staff/committees/economic-justice/?q=p",
    "/staff/committees/economic-justice/edit/",
    "/staff/committees/economic-justice/archive/",
    "/staff/publications/new/",
    "/staff/publications/{publication}/",
    "/staff/issues/{issue}/",
]

SIGHTS = {"light": 1280, "dark": 390}  # a page is loaded once and looked at in both: no script asks for either


@pytest.mark.timeout(300)
def test_the_desk_s_pages_are_accessible_quiet_and_narrow_enough(
    browser, live_server, sign_in, stu, ana, mo, committee, places
):
    application = Application.submit(ana, title="Alder", jurisdiction=places[0], why="")
    publication = Publication.objects.create(
        issue=committee.issue, type="news", slug="n", title="News", summary="s", dated_on="2026-01-01"
    )
    MembershipFactory(committee=CommitteeFactory(issue=IssueAreaFactory()), user=UserFactory(name="Pia"), role="chair")
    facts = {"application": application.pk, "mo": mo.pk, "publication": publication.pk, "issue": committee.issue.slug}
    page, wrong = visit(browser, live_server, sign_in(stu), reduced_motion="reduce"), []
    for address in PAGES:
        page.goto(address.format(**facts))
        for scheme, width in SIGHTS.items():
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{scheme} {problem}" for problem in problems(page)]
        page.set_viewport_size({"width": 320, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{page.url} scrolls sideways at 320")
    assert wrong + page.heard == []
