"""Every page that has a form, found from the table of addresses: the session ends, somebody acts, signs in, and it goes through."""

from functools import partial
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import TimeoutError as Late

from committees.models import Membership
from members.models import StaffAppointment, User
from tests.access_world import make_world
from tests.browser.looking import objections
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, UserFactory
from tests.forms_on_pages import TYPED, forms_on, html_of, pages_of

FILL = """([name, typed]) => {
  const path = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname
  const form = [...document.querySelectorAll("form[method=post]")].find((form) => path(form) === name)
  if (!form) return false
  for (const field of form.querySelectorAll("textarea, input[type=text], input:not([type])")) field.value = typed
  const button = form.querySelector("button:not([type=button])")
  form.noValidate = true
  form.requestSubmit(button?.type === "submit" ? button : undefined)
  return true
}"""


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"unsent": "9999/m/ip"}
    committee, elsewhere = CommitteeFactory(slug="economic-justice"), CommitteeFactory(slug="housing-justice")
    carla, mo, olga, ana, stu = (
        UserFactory(name=f"{name} Núñez", email=f"{name}@portal.example")
        for name in ("carla", "mo", "olga", "ana", "stu")
    )
    User.objects.filter(pk=ana.pk).update(admitted_at=None)
    stu.appoint(StaffAppointment.Role.MEMBERSHIP)
    MembershipFactory(committee=committee, user=carla, role=Membership.Role.CHAIR)
    MembershipFactory(committee=committee, user=mo)
    MembershipFactory(committee=elsewhere, user=olga)
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek")
    return make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=call
    )


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_every_page_with_a_form_keeps_the_act_or_the_words_with_script(open_page, world, sign_in, come_back):
    """What was pressed without a session is posted once more after signing in, with the same words, and only once."""
    wrong, seen, looked_at = [], set(), set()  # seen: pages, and acts
    for user, forms in {user: forms_of(role, sign_in(user), world) for role, user in cast(world)}.items():
        page = open_page("/about/", user)
        for name, form in forms:
            if not form.is_secret and not {name, form.name} <= seen:
                seen |= {name, form.name}
                come_back(page, user)
                found = troubles(page, form, looked_at, partial(come_back, page, user))
                wrong += [f"{form.page}: {form.action}: {each}" for each in found]
    assert len(seen) > 50
    assert "\n".join(wrong) == ""


def cast(world):
    return [("chair", world.carla), ("elsewhere", world.olga), ("membership", world.stu)]


def forms_of(role, client, world):
    return [(name, form) for name, path in pages_of(role, world) for form in forms_on(html_of(client.get(path)), path)]


def troubles(page, form, looked_at, come_back):
    action = urlsplit(form.action).path
    page.goto(form.page)
    Session.objects.all().delete()
    kind = (page.evaluate("document.body.className"), form.by_script)
    if not page.evaluate(FILL, [action, TYPED]):
        yield "the form is not on the page in a browser"
        come_back()
        return
    page.get_by_text("You were signed out.").first.wait_for()
    if (urlsplit(page.url).path == urlsplit(form.page).path) != form.by_script:
        yield f"said so on {page.url}"
    if kind not in looked_at and (found := objections(page)):
        yield f"axe: {found}"
    looked_at.add(kind)
    posted = []

    def answer(route):
        if route.request.method != "POST":
            return route.fallback()
        posted.append(route.request.post_data or "")
        return route.fulfill(body="<p>Arrived at last</p>", content_type="text/html")

    page.route(f"**{action}*", answer)
    come_back()
    page.goto(form.page, wait_until="commit")
    try:
        page.get_by_text("Arrived at last").wait_for(timeout=10_000)
    except Late:
        yield f"not sent after signing in, at {page.url}: {page.locator('body').inner_text()[:300]}"
    page.context.clear_cookies(name="unsent")  # as the server does, which this test keeps the post from
    page.goto("/about/")  # where it would be sent a second time
    page.evaluate("new Promise((done) => setTimeout(done))")
    page.unroute_all()
    page.context.clear_cookies()
    if len(posted) != 1:
        yield f"sent {len(posted)} times"
    if form.typed and TYPED.replace(" ", "+") not in "".join(posted) and TYPED not in "".join(posted):
        yield f"words lost: {posted}"
