"""Every form page in its error state: axe in light and dark, the summary first and in the page's order, Back and reload."""

import re
from itertools import product
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from members.applications.answers import Answers
from members.models import Delivery
from tests.access_table import TABLE
from tests.access_world import make_world
from tests.browser.looking import everything
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = {
    "": ["account_login", "apply"],
    "mo": [
        "committee_ask",
        "committee_write",
        "contact_ask",
        "contact_request",
        "meeting_minutes_comment",
        "meeting_minutes_object",
        "meeting_propose",
        "settings_details",
        "settings_office_correct",
        "settings_office_leave",
        "settings_privacy",
        "settings_notifications",
        "settings_email",
        "settings_hours",
        "council_night",
    ],
    "carla": [
        "action_detail",
        "action_new",
        "decision_correct",
        "decision_new",
        "announcement_edit",
        "announcement_new",
        "attendance_report",
        "attendance_times",
        "committee_edit",
        "document_new_version",
        "document_upload",
        "manage_person",
        "meeting_cancel",
        "meeting_edit",
        "meeting_move",
        "meeting_proposal",
        "meeting_schedule",
        "series_change",
        "series_edit",
        "series_end",
        "series_new",
        "series_pause",
        "poll_choose",
        "poll_edit",
        "poll_new",
        "poll_times",
    ],
    "ada": [
        "meeting_committees",
        "staff_announcement_new",
        "application_answer",
        "staff_application_ask",
        "staff_application_decline",
        "staff_inbound_answer",
        "staff_inbound_hand_on",
        "staff_application_place",
        "staff_committee_edit",
        "staff_committee_new",
        "staff_import_columns",
        "staff_import_new",
        "staff_issue",
        "staff_look_as",
        "staff_member_email",
        "staff_member_standing",
        "staff_issue_picture",
        "staff_mailing_edit",
        "staff_mailing_new",
        "staff_suppressions_import",
        "staff_publication",
        "staff_publication_pdf",
        "staff_publication_picture",
        "staff_publication_new",
        "staff_segment_new",
    ],
    "stu": ["staff_segment"],
}
QUERY = {"staff_member_standing": "?to=leave"}
NO_MISTAKES = {
    "they only ask to confirm, or have buttons for every answer": """
        staff_mailing_send
        account_logout action_link announcement_send apply_committee app_remove attendance_report_look committee_join committee_leave document_withdraw meeting_book meeting_tell
        join_link not_me_link passkey_remove poll_link request_link rsvp_link vouch_link staff_application_vouch settings_calendar settings_calendar_new staff_committee_archive staff_duplicate staff_export_new staff_held_decide staff_members_act unsubscribe demo office_link
        my_data_erase staff_member_erase demo_sign_in""",
    "with script it is answered in place, without it in tests/portal/test_kept_forms.py": "agenda_item_edit",
    "words are saved as they are typed, and whom they are for is chosen already": "meeting_minutes meeting_minutes_approve",
    "it has its form only while offices are to be settled, in tests/members/test_settling.py": "staff_terms_settle",
    "it is the form of settings_office_correct or settings_office_leave at another door": """
        settings_office_add settings_office_other
        staff_office_add staff_office_correct staff_office_leave staff_office_other""",
    "it amends what was approved, in tests/events/test_minutes.py": "meeting_minutes_amend",
}
STEPS = {  # reached through earlier steps, which the tests below take
    "account_confirm_login_code",
    "account_reauthenticate",
    "app_add",
    "apply_check",
    "apply_code",
    "apply_email",
    "apply_office",
    "apply_place",
    "apply_term",
    "apply_why",
    "mfa_authenticate",
    "passkey_add",
    "settings_email_code",
}
PARTS = 3  # which workers share
SPOIL = """form => {
  for (const field of form.elements) {
    if (field.type === "hidden" || field.type === "submit" || field.type === "file" || field.name === "") continue
    if (field.type === "checkbox" || field.type === "radio") field.checked = false
    else if (field.tagName === "SELECT") { field.append(new Option("?", "no-such-choice", true, true)) }
    else if (["date", "time", "datetime-local", "number", "email"].includes(field.type)) { field.type = "text"; field.value = "nonsense" }
    else if (["title", "name", "purpose", "reason", "note", "tagline", "vision"].includes(field.name)) field.value = ""
    else { field.removeAttribute("maxlength"); field.value = "x".repeat(300) + " too long".repeat(1000) } // to lay out a word of 9000 letters takes a second
  }
}"""
SEND = """form => form.requestSubmit(["primary", "danger-fill", "danger"].reduce(
  (found, kind) => found || form.querySelector(`button.btn--${kind}`), null))"""


def test_every_form_of_the_url_table_is_tried_or_has_a_reason():
    """A page that answers both GET and POST has a form."""
    both = {name for name, row in TABLE.items() if "Y" in row.GET and set(row.POST) & set("YB")}
    known = {name for names in FORMS.values() for name in names} | set(" ".join(NO_MISTAKES.values()).split()) | STEPS
    assert {name for name in both - known if not name.startswith("api_")} == set()


@pytest.fixture
def world(transactional_db, committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_page_with_mistakes_is_clean_ordered_and_survives_reload(world, open_page, carla, mo, ada, stu, part):
    people = {"": None, "mo": mo, "carla": carla, "ada": ada, "stu": stu}
    wrong = []
    for who, names in FORMS.items():
        page = open_page("/about/", people[who])
        for name in names[part::PARTS]:
            row = TABLE[name]
            page.goto(reverse(name, args=row.arguments(world) if row.arguments else []) + QUERY.get(name, ""))
            wrong += [f"{name}: {problem}" for problem in mistaken(page)]
    assert "\n".join(wrong) == ""


def mistaken(page) -> list[str]:
    """Spoil the form, send it, and say what is wrong with the page that comes."""
    form = page.locator("main form[method=post][novalidate]:not([hidden])").first
    form.evaluate(SPOIL, timeout=3000)
    return sent_with_mistakes(page, form)


def sent_with_mistakes(page, form, send=SEND) -> list[str]:
    with page.expect_navigation(timeout=15_000):
        form.evaluate(send)
    if not page.locator(".form-errors").count():
        return ["no summary came"]
    found = [] if page.title().startswith("Error: ") else [f"its title is {page.title()}"]
    found += [] if page.evaluate("document.activeElement.matches('.form-errors')") else ["the focus is elsewhere"]
    found += out_of_order(page)
    found += everything(page)
    first = page.locator(".form-errors").inner_text()
    page.reload()
    found += [] if page.locator(".form-errors").inner_text() == first else ["a reload lost the mistakes"]
    page.goto("/about/")
    page.go_back()
    return found + ([] if page.locator(".form-errors").count() else ["Back lost the mistakes"])


def out_of_order(page) -> list[str]:
    links = page.eval_on_selector_all(".form-errors a", "all => all.map(each => each.getAttribute('href').slice(1))")
    ids = re.findall(r'\sid="([^"]+)"', page.content())
    places = [ids.index(link) if link in ids else -1 for link in links]
    if -1 in places:
        return [f"links to nothing: {links[places.index(-1)]}"]
    return [] if places == sorted(places) else [f"the summary is not in the order of the page: {links}"]


# Forms behind earlier steps -----------------------------------------------------------------------


def new_email() -> str:
    """Codes are counted by address, in all tests of a run together."""
    return f"{uuid4().hex[:12]}@portal.example"


def newest_code(kind: str) -> str:
    return Delivery.objects.filter(kind=kind).latest("pk").facts["code"]


def press(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def ask_for_a_code(page, email: str) -> None:
    page.goto("/account/login/?next=/calls/")
    page.get_by_label("Your email").fill(email)
    press(page, "Email me a code")


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_question_of_the_application_says_what_is_wrong_on_any_phone(world, open_page):
    page = open_page("/apply/")
    right = {
        "apply": lambda: page.get_by_label("Your full name").fill("Soledad Núñez-O'Hara"),
        "apply_email": lambda: page.get_by_label("Your email").fill(new_email()),
        "apply_code": lambda: page.locator("input[name=code]").fill(newest_code("application_code")),
        "apply_office": lambda: page.get_by_text("City or town council").click(),
        "apply_place": lambda: (
            page.get_by_label("Your title").fill("City Council Member"),
            page.get_by_label("Where you serve").fill("Nowhere at all"),
        ),
        "apply_term": lambda: (
            page.get_by_label("Month").first.fill("1"),
            page.get_by_label("Year").first.fill("2024"),
        ),
        "apply_why": lambda: page.get_by_label("Why you want to join").fill("Wage theft."),
    }
    wrong = []
    for name, answer in right.items():
        page.goto(reverse(name))
        wrong += [f"{name}: {problem}" for problem in mistaken(page)]
        page.goto(reverse(name))
        answer()
        press(page, "Continue")
        if page.get_by_text("None of these").count():
            page.get_by_text("None of these").click()
            press(page, "Continue")
    wrong += [f"{page.url}: not the look at all answers"] if "/check/" not in page.url else everything(page)
    assert "\n".join(wrong) == ""


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_mistake_of_the_term_question_fits_on_any_phone(world, open_page):
    """Four narrow fields in two rows, each with a sentence of its own."""
    page = open_page("/apply/")
    wrong = []
    for typed in (["13", "20", "", ""], ["", "", "1", ""], ["1", "2024", "1", "2020"], ["May", "2099", "x", "y"]):
        skip_to_the_term(page)
        page.goto("/apply/term/")
        for place, text in enumerate(typed):
            page.locator("form#question input:not([type=hidden])").nth(place).fill(text)
        form = page.locator("form#question")
        wrong += [f"{typed}: {problem}" for problem in sent_with_mistakes(page, form)]
    assert "\n".join(wrong) == ""


def skip_to_the_term(page) -> None:
    """The answers before it, as a page of the application carries them."""
    page.goto("/apply/")
    answers = Answers(
        name="Soledad Arriaga",
        email=new_email(),
        kind="city",
        title="Alder",
        jurisdiction=None,
        place="Nowhere",
        district="",
    )
    answers.confirm()
    page.locator("input[name=kept]").evaluate("(field, value) => { field.value = value }", answers.carried)
    page.get_by_label("Your full name").fill("Soledad Arriaga")
    press(page, "Continue")


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_step_of_signing_in_says_what_is_wrong(world, open_page):
    wrong, mo = [], UserFactory(name="Mo Haddad", email=new_email())
    page = open_page("/about/")
    ask_for_a_code(page, mo.email)
    wrong += [f"code: {problem}" for problem in mistaken(page)]

    careful = UserFactory(name="Cara Ful", email=new_email())
    TOTP.activate(careful, generate_totp_secret())
    page = open_page("/about/")
    ask_for_a_code(page, careful.email)
    page.get_by_label("Code", exact=True).fill(newest_code("sign_in_code"))
    press(page, "Sign in")
    for typed in ("", "000000", "abcd efgh", "a recovery code that is far too long"):
        page.get_by_label("Code from your app").fill(typed)
        form = page.locator("main form[novalidate]").first
        wrong += [f"second step with {typed}: {problem}" for problem in sent_with_mistakes(page, form)]

    page = open_page(reverse("account_reauthenticate"), careful)
    for typed in ("", "000000"):
        page.get_by_label("Code from your app").fill(typed)
        form = page.locator("main form[novalidate]").first
        wrong += [f"confirming by app with {typed}: {problem}" for problem in sent_with_mistakes(page, form)]

    page = open_page(reverse("account_reauthenticate"), mo)
    press(page, "Email me a code")
    for typed in ("", "000000"):
        page.get_by_label("Code", exact=True).fill(typed)
        form = page.locator("main form[novalidate]").first
        wrong += [f"confirming by mail with {typed}: {problem}" for problem in sent_with_mistakes(page, form)]
    assert "\n".join(wrong) == ""


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_way_to_a_factor_and_to_another_address_says_what_is_wrong(world, open_page, sign_in, live_server, stu):
    wrong, mo = [], UserFactory(name="Mo Haddad", email=new_email())
    page = open_page(reverse("app_add"), mo)
    wrong += [f"app: {problem}" for problem in mistaken(page)]
    page = open_page("/about/", mo)
    page.goto(reverse("settings_email"))
    page.get_by_label("New email").fill(new_email())
    press(page, "Send a code there")
    wrong += [f"new address: {problem}" for problem in mistaken(page)]

    page = open_page("/about/")
    session = sign_in(stu, strong=False).cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    for name, enrollment in product(("app_add", "passkey_add"), ("", "K7QM-2XPD-9RWT")):
        page.goto(reverse(name))
        form = page.locator("main form[novalidate]").first
        form.evaluate("(form, text) => { form.elements.enrollment.value = text }", enrollment)
        found = sent_with_mistakes(page, form, send="form => form.submit()")  # no device is asked for a passkey
        wrong += [f"{name} with {enrollment}: {problem}" for problem in found]
    assert "\n".join(wrong) == ""
