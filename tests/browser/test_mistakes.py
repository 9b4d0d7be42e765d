"""Every form page in its error state: axe in light and dark, the summary first and in the page's order, Back and reload."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.access_table import TABLE
from tests.access_world import make_world

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = {
    "": ["account_login", "apply"],
    "mo": ["committee_ask", "settings_details", "settings_privacy", "settings_notifications", "settings_email"],
    "carla": [
        "announcement_edit",
        "announcement_new",
        "committee_edit",
        "document_new_version",
        "document_upload",
        "meeting_cancel",
        "meeting_edit",
        "meeting_move",
        "meeting_schedule",
    ],
    "ada": [
        "staff_announcement_new",
        "staff_application_decline",
        "staff_application_place",
        "staff_committee_edit",
        "staff_committee_new",
        "staff_issue",
        "staff_member_standing",
        "staff_publication",
        "staff_publication_new",
    ],
}
QUERY = {"staff_member_standing": "?to=leave"}
NO_MISTAKES = {
    "they only ask to confirm, or have buttons for every answer": """
        account_logout announcement_send app_remove committee_join committee_leave document_withdraw meeting_tell
        passkey_remove rsvp_link settings_calendar_new staff_committee_archive staff_held_decide unsubscribe demo
        demo_sign_in""",
    "with script it is answered in place, without it in tests/portal/test_kept_forms.py": "agenda_item_edit",
    "reached through earlier steps, and tried there": """
        account_confirm_login_code account_reauthenticate app_add apply_check apply_code apply_email apply_office
        apply_place apply_term apply_why mfa_authenticate passkey_add settings_email_code""",
}
SPOIL = """form => {
  for (const field of form.elements) {
    if (field.type === "hidden" || field.type === "submit" || field.type === "file" || field.name === "") continue
    if (field.type === "checkbox" || field.type === "radio") { if (field.name !== "featured") field.checked = false }
    else if (field.tagName === "SELECT") { field.append(new Option("?", "no-such-choice", true, true)) }
    else if (["date", "time", "datetime-local", "number", "email"].includes(field.type)) { field.type = "text"; field.value = "nonsense" }
    else if (["title", "name", "purpose", "reason", "note", "tagline", "vision"].includes(field.name)) field.value = ""
    else { field.removeAttribute("maxlength"); field.value = "x".repeat(9000) }
  }
}"""
SEND = """form => form.requestSubmit(["primary", "danger-fill", "danger"].reduce(
  (found, kind) => found || form.querySelector(`button.btn--${kind}`), null))"""


def test_every_form_of_the_url_table_is_tried_or_has_a_reason():
    """A page that answers both GET and POST has a form."""
    both = {name for name, row in TABLE.items() if "Y" in row.GET and set(row.POST) & set("YB")}
    known = {name for names in FORMS.values() for name in names} | set(" ".join(NO_MISTAKES.values()).split())
    assert {name for name in both - known if not name.startswith("api_")} == set()


@pytest.fixture
def world(transactional_db, committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )


@pytest.mark.thorough
@pytest.mark.timeout(240)
def test_a_page_with_mistakes_is_clean_ordered_and_survives_reload(world, open_page, carla, mo, ada):
    people = {"": None, "mo": mo, "carla": carla, "ada": ada}
    wrong = []
    for who, names in FORMS.items():
        page = open_page("/about/", people[who])
        for name in names:
            row = TABLE[name]
            page.goto(reverse(name, args=row.arguments(world) if row.arguments else []) + QUERY.get(name, ""))
            wrong += [f"{name}: {problem}" for problem in mistaken(page)]
    assert "\n".join(wrong) == ""


def mistaken(page) -> list[str]:
    """Spoil the form, send it, and say what is wrong with the page that comes."""
    form = page.locator("main form[method=post][novalidate]:not([hidden])").first
    form.evaluate(SPOIL, timeout=3000)
    with page.expect_navigation(timeout=15_000):
        form.evaluate(SEND)
    if not page.locator(".form-errors").count():
        return ["no summary came"]
    found = [] if page.title().startswith("Error: ") else [f"its title is {page.title()}"]
    found += [] if page.evaluate("document.activeElement.matches('.form-errors')") else ["the focus is elsewhere"]
    found += out_of_order(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [
            f"{scheme} {rule['id']}: {rule['nodes'][0]['html'][:120]}"
            for rule in Axe().run(page).response["violations"]
        ]
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"scrolls sideways by {excess} px at {width}"] if excess > 0 else []
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
