"""Every state in which something is too late, used up, gone or kept back: axe in light and dark and with large text, and nothing is cut on a phone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import now

from committees.models import Membership
from events.models import Meeting
from members.applications.answers import Answers
from members.mail import links
from members.models import Delivery, MailedCode, User
from tests.access_world import make_world
from tests.browser.looking import everything
from tests.browser.test_chosen_files import PAPER
from tests.browser.test_mistakes import ask_for_a_code, new_email, press
from tests.factories import MeetingFactory, MembershipFactory, UserFactory

pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
Look = Callable[..., None]


@pytest.fixture
def world(transactional_db, committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )


@pytest.fixture
def look() -> Iterator[Look]:
    """`look(page, "words that must stand there")`: what is wrong is said at the end, all at once."""
    wrong: list[str] = []

    def look_at(page: Any, words: str) -> None:
        if not page.get_by_text(words).locator("visible=true").count():
            wrong.append(f"{page.url}: no “{words}” in {page.locator('body').inner_text()[:200]}")
        wrong.extend(f"{words}: {problem}" for problem in everything(page))

    yield look_at
    assert "\n".join(wrong) == ""


def end_sessions() -> None:
    Session.objects.all().delete()


def post(page: Any, address: str, **fields: str) -> None:
    """A form that an old page still holds."""
    with page.expect_navigation():
        page.evaluate(
            """([address, fields]) => {
              const form = Object.assign(document.createElement("form"), {method: "post", action: address})
              const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value
              for (const [name, value] of Object.entries({csrfmiddlewaretoken: token, ...fields})) {
                form.append(Object.assign(document.createElement("textarea"), {name, value}))
              }
              document.body.append(form)
              form.submit()
            }""",
            [address, fields],
        )


# A session that ended -----------------------------------------------------------------------------


def test_notices_in_place_of_an_ended_session(world, open_page, come_back, look, carla, mo, stu):
    call = world.meeting.get_absolute_url()
    page = open_page(call, mo)
    end_sessions()
    page.get_by_role("button", name="Maybe").click()
    page.locator("[data-signed-out]").wait_for()
    look(page, "You were signed out.")

    page = open_page("/settings/privacy/", mo)
    end_sessions()
    page.locator("select").first.select_option(index=2)
    page.locator("[data-signed-out]").wait_for()
    look(page, "You were signed out.")

    page = open_page(f"{call}agenda/", carla)
    end_sessions()
    page.get_by_label("Add an item").fill("Budget 15m")
    page.keyboard.press("Enter")
    page.locator("[data-signed-out]").wait_for()
    look(page, "You were signed out.")


def test_pages_after_an_ended_session(world, open_page, come_back, look, carla, mo, olga):
    write = reverse("announcement_new", args=[world.committee.slug])
    page = open_page(write, carla)
    page.get_by_label("Headline").fill("We meet in Denver")
    page.get_by_label("Text").fill("In June.\n\nCome along. " + "Averyveryverylongwordthatnobodybreaks" * 3)
    end_sessions()
    press(page, "Preview")
    look(page, "You were signed out. Nothing is lost:")
    come_back(page, mo)
    page.goto("/calls/")
    look(page, "Another person was signed in when it was typed")

    page = open_page(write, carla)
    page.get_by_label("Headline").fill("We meet in Denver")
    page.get_by_label("Text").fill("In June.")
    page.wait_for_timeout(350)
    page.goto("about:blank")
    page.goto(write)
    look(page, "You typed this at")

    page = open_page(reverse("document_upload", args=[world.committee.slug]), carla)
    page.get_by_label("Title").fill("A paper")
    page.get_by_label("File", exact=True).set_input_files(PAPER)
    end_sessions()
    press(page, "Add document")
    look(page, "Only the file has to be chosen again.")
    come_back(page, carla)
    page.goto("/calls/")
    look(page, "This wasn’t sent yet.")
    page.goto(reverse("document_upload", args=[world.committee.slug]))
    look(page, "You were signed out before Budget 2027.txt arrived. Choose it again.")


def test_what_was_sent_late_and_refused_waits_with_its_words(world, open_page, come_back, look, carla):
    """The right to do it ended meanwhile."""
    page = open_page(f"{world.meeting.get_absolute_url()}cancel/", carla)
    page.get_by_label("Why?").fill("A storm is coming to the coast, and nobody can drive.")
    end_sessions()
    with page.expect_navigation():
        page.locator("main form[method=post] button.btn--danger-fill, main form[method=post] button").first.click()
    Membership.objects.filter(user=carla).update(role=Membership.Role.MEMBER)
    come_back(page, carla)
    with page.expect_navigation(url="**/cancel/**"):
        page.goto("/calls/", wait_until="commit")
    page.goto("/calls/")
    look(page, "It didn’t go through. Nothing is lost.")


def test_cookies_that_are_off(world, open_page, look, mo):
    page = open_page("/account/login/")
    page.get_by_label("Your email").fill(mo.email)
    page.context.clear_cookies()
    press(page, "Email me a code")
    page.context.clear_cookies()
    page.goto(page.url if "cookies" in page.url else "/account/login/?cookies=1")
    look(page, "Your browser keeps no cookies from this site.")


# Codes --------------------------------------------------------------------------------------------


def too_old() -> None:
    MailedCode.objects.update(sent_at=now() - timedelta(hours=1))


def type_code(page: Any, code: str, button: str) -> None:
    page.locator("input[name=code]").fill(code)
    press(page, button)


def other_than(code: str) -> str:
    """As long as the right one."""
    return "".join(str((int(digit) + 1) % 10) for digit in code)


def code_of(kind: str) -> str:
    return Delivery.objects.filter(kind=kind).latest("pk").facts["code"]


def test_codes_to_sign_in_that_are_expired_used_or_tried_too_often(world, open_page, look):
    mo = UserFactory(name="Mo Haddad", email=new_email())
    page = open_page("/about/")
    ask_for_a_code(page, mo.email)
    right = code_of("sign_in_code")
    wrong = other_than(right)
    for _ in range(4):
        type_code(page, wrong, "Sign in")
    look(page, "That code isn’t right.")
    for _ in range(2):
        type_code(page, wrong, "Sign in")
    look(page, "That was too many tries.")
    page.goto(reverse("account_confirm_login_code"))
    press(page, "Send a new code")
    look(page, "A new code is on its way.")
    too_old()
    type_code(page, code_of("sign_in_code"), "Sign in")
    look(page, "That code has expired.")
    for _ in range(3):
        page.wait_for_timeout(50)
        ask_for_a_code(open_page("/about/"), mo.email)
    page.goto("/about/")
    page = open_page("/account/login/")
    page.get_by_label("Your email").fill(mo.email)
    press(page, "Email me a code")
    look(page, "We’ve sent three codes in ten minutes.")


def test_codes_that_confirm_an_address_or_a_person(world, open_page, look):
    mo = UserFactory(name="Mo Haddad", email=new_email())
    page = open_page(reverse("settings_email"), mo)
    page.get_by_label("New email").fill(new_email())
    press(page, "Send a code there")
    too_old()
    type_code(page, code_of("address_code"), "Change my email")
    look(page, "That code has expired.")
    page = open_page(reverse("account_reauthenticate"), mo)
    look(page, "You signed in a while ago")
    press(page, "Email me a code")
    too_old()
    type_code(page, code_of("sign_in_code"), "Continue")
    look(page, "That code has expired.")


def test_a_code_of_the_application_that_is_too_old_and_too_many_of_them(world, open_page, look, settings):
    page = open_page("/apply/")
    page.get_by_label("Your full name").fill("Soledad Arriaga")
    press(page, "Continue")
    page.get_by_label("Your email").fill(new_email())
    press(page, "Continue")
    too_old()
    type_code(page, code_of("application_code"), "Continue")
    look(page, "That code is too old")
    press(page, "Send a new code")
    right = code_of("application_code")
    for _ in range(6):
        type_code(page, other_than(right), "Continue")
    look(page, "Too many tries.")
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"application": "1/d/key"}
    email = new_email()
    for _ in range(2):
        page = open_page("/apply/")
        answers = Answers(
            name="Soledad Arriaga",
            email=email,
            kind="city",
            title="Alder",
            jurisdiction=None,
            place="Nowhere",
            district="",
            started_on="2024-01-01",
            ended_on=None,
            why="Wages.",
        )
        answers.confirm()
        post(page, reverse("apply_check"), kept=answers.carried)
    look(page, "We got ten applications from here within an hour.")
    page = open_page("/apply/", world.mo)
    look(page, "member")


def test_a_second_step_whose_passkey_or_code_is_refused(world, open_page, look):
    careful = UserFactory(name="Cara Ful", email=new_email())
    TOTP.activate(careful, generate_totp_secret())
    page = open_page("/about/")
    ask_for_a_code(page, careful.email)
    type_code(page, code_of("sign_in_code"), "Sign in")
    post(page, reverse("mfa_authenticate"), credential="{}")
    look(page, "There’s one thing to fix")
    page = open_page("/account/login/")
    post(page, reverse("account_passkey"), credential="{}")
    look(page, "That passkey isn’t one we know here.")


# Links --------------------------------------------------------------------------------------------


def answer_link(user: User, call: Meeting) -> str:
    return reverse("rsvp_link", args=[links.rsvp_token(user.pk, call.pk)])


def test_links_that_answer_a_call_which_is_moved_canceled_over_or_left(world, open_page, look, carla, mo, olga):
    calls = [MeetingFactory(committee=world.committee, by=carla, title=f"Fair workweek {n}") for n in range(4)]
    moved, canceled, over, left = calls
    page = open_page(answer_link(mo, moved))
    look(page, "Can you make it?")
    post(page, answer_link(mo, moved), answer="accepted")
    look(page, "You’re going, Mo")
    moved.move(
        carla,
        local_date=moved.local_date + timedelta(days=7),
        local_time=moved.local_time,
        timezone=moved.timezone,
        reason="Three of us have budget hearings.",
    )
    page.goto(answer_link(mo, moved))
    look(page, "The time changed.")
    post(page, answer_link(mo, moved), answer="accepted", edition="0", version="1")
    look(page, "Fair workweek 0")
    post(page, answer_link(mo, moved), answer="perhaps")
    look(page, "Your answer didn’t save.")
    canceled.cancel(carla, reason="Durham’s storm cleanup needs me Thursday.")
    page.goto(answer_link(mo, canceled))
    look(page, "This call is canceled")
    Meeting.objects.filter(pk=over.pk).update(starts_at=now() - timedelta(days=2), ends_at=now() - timedelta(days=1))
    page.goto(answer_link(mo, over))
    look(page, "This call is over")
    leaving = MembershipFactory(committee=world.committee)
    Membership.objects.filter(pk=leaving.pk).update(ended_on=now().date() - timedelta(days=1))
    page.goto(answer_link(leaving.user, left))
    look(page, "committee")
    page.goto("/r/1.2.3:nonsense/")
    look(page, "This link doesn’t work")
    page = open_page(answer_link(mo, left), olga)
    look(page, "This link is")


def test_links_that_stop_mail_and_addresses_of_a_calendar(world, open_page, look, mo):
    page = open_page(reverse("unsubscribe", args=[world.unsubscribe_token]))
    look(page, "Economic Justice")
    press(page, page.locator("main form button").first.inner_text())
    look(page, "Economic Justice")
    page.goto("/u/1.2.3:nonsense/")
    look(page, "This link doesn’t work")
    page.goto(reverse("calendar_feed", args=["nonsense"]))
    look(page, "Go to the start")


# Pages that are no longer what they were ------------------------------------------------------------


def test_previews_that_are_too_old(world, open_page, look, carla, mo):
    page = open_page(reverse("announcement_edit", args=[world.draft.pk]), carla)
    press(page, "Preview")
    MembershipFactory(committee=world.committee)
    press(page, page.get_by_role("button", name="Send to").first.inner_text())
    look(page, "Something changed since you looked.")

    page = open_page(f"{world.meeting.get_absolute_url()}cancel/", carla)
    page.get_by_label("Why?").fill("A storm.")
    with page.expect_navigation():
        page.locator("main form[method=post][novalidate] button:not([type=button])").first.click()
    MembershipFactory(committee=world.committee)
    with page.expect_navigation():
        page.locator("main form:has(input[name=fingerprint]) button[name=send]").click()
    look(page, "Something changed since you looked.")


def test_what_somebody_else_took_away_or_changed_meanwhile(world, open_page, look, carla, mo, olga):
    page = open_page(f"{world.meeting.get_absolute_url()}agenda/", carla)
    post(page, reverse("agenda_item_edit", args=[world.meeting.slug, 0]), title="Wage theft: the first 90 days")
    look(page, "It’s not there any more")
    page.goto("/nowhere/")
    look(page, "Go to the start")
    page.goto(reverse("committee_documents", args=[world.asking.slug]))
    look(page, "Asking")
    world.committee.archived_at = now()
    world.committee.save()
    page.goto(world.committee.get_absolute_url())
    look(page, "Archived")


def test_bodies_tokens_and_methods_that_are_refused(world, open_page, look, carla, live_server):
    page = open_page("/calls/", carla)
    post(page, reverse("settings_details"), bio="x" * 70_000)
    look(page, "That was more than this page can take")
    page.goto("/calls/?when=%00")
    look(page, "Go to the start")
    page.route("http://elsewhere.example/", lambda route: route.fulfill(body="<p>Elsewhere", content_type="text/html"))
    page.goto("http://elsewhere.example/")
    post(page, f"{live_server.url}{reverse('settings_details')}", name="Somebody else")
    look(page, "This page was open too long")


@pytest.mark.parametrize("template", ["400.html", "403.html", "405.html", "429.html", "500.html"])
def test_pages_of_the_server_itself(world, open_page, look, rf, template):
    page = open_page("/about/")
    html = render_to_string(template, {"org_name": "Local Progress"}, request=rf.get("/about/"))
    page.route("**/sent-instead/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/sent-instead/")
    look(page, page.get_by_role("heading", level=1).inner_text())
