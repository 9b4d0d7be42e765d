"""What asks who one is first: pressed, proved, and then done as it was pressed, without another press where scripts run."""

import pytest
from knox.models import AuthToken

from members.accounts import sessions
from members.models import Delivery
from members.session_store import SessionStore
from tests.members.test_strength import RECORDS

pytestmark = pytest.mark.django_db(transaction=True)


def grow_old(page) -> None:
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    session = SessionStore(cookies["session"])
    session[RECORDS] = [record | {"at": record["at"] - sessions.RECENT - 60} for record in session[RECORDS]]
    session.save()


@pytest.mark.parametrize("script", [True, False])
def test_a_token_is_made_after_the_proof_and_once(open_page, mo, script):
    page = open_page("/settings/security/", mo, java_script_enabled=script)
    grow_old(page)
    page.get_by_role("button", name="Make a token").click()
    page.wait_for_url("**/account/confirm/**")
    assert page.get_by_text("Not sent yet, and nothing is lost:").is_visible()
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code").fill(Delivery.objects.get(kind="sign_in_code").facts["code"])
    page.get_by_role("button", name="Continue").click()
    if not script:
        page.get_by_role("button", name="Send it now").click()
    page.get_by_role("heading", name="Your new token").wait_for()
    assert AuthToken.objects.filter(user=mo).count() == 1 and page.said == []
