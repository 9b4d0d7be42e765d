"""What a link in a mail stopped is told to its person at the next visit and in the next mail, with a way back."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.accounts import messages
from members.mail import links
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import NotificationPreference
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db
WORDS = "were stopped on"


@pytest.fixture
def address(mo, committee) -> str:
    return f"/u/{links.unsubscribe_token(mo.pk, 'reminder', committee.scope)}/"


def stop(address, client=None):
    response = (client or Client(enforce_csrf_checks=True)).post(address, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200


def choices() -> list[tuple[str, str]]:
    return list(NotificationPreference.objects.values_list("kind", "cadence"))


@pytest.mark.parametrize("path", ["/", "/calls/", "/settings/details/"])
def test_the_next_page_has_a_bar_until_its_person_has_seen_it(address, mo, sign_in, path):
    client = sign_in(mo)
    assert WORDS not in client.get(path).text
    stop(address)
    stop(address)
    text = client.get(path).text
    assert (WORDS in text, "Reminders of calls" in text, "Economic Justice" in text) == (True, True, True)
    said = client.post("/settings/mail-stopped/", headers={"Referer": f"http://testserver{path}"})
    assert said["Location"] == path
    assert WORDS not in client.get(path).text
    assert choices() == [("reminder", "never")]


@pytest.mark.parametrize("before", ["", "daily"])
def test_undo_has_it_as_it_was(address, mo, committee, sign_in, before):
    if before:
        mo.notification_preferences.create(kind="reminder", scope=committee.scope, cadence=before)
    stop(address)
    client = sign_in(mo)
    assert "You get these emails again." in client.post("/settings/mail-stopped/", {"undo": ""}, follow=True).text
    assert choices() == ([("reminder", before)] if before else [])
    assert WORDS not in client.get("/").text


def test_what_the_person_stops_signed_in_is_no_news_to_them(address, mo, sign_in):
    client = sign_in(mo)
    stop(address, client)
    assert choices() == [("reminder", "never")]
    assert WORDS not in client.get("/").text


def test_undo_on_the_page_of_the_link_leaves_nothing_to_tell(address, mo, sign_in):
    stop(address)
    Client().post(address, {"undo": ""})
    assert (choices(), WORDS in sign_in(mo).get("/").text) == ([], False)


def test_one_mail_that_still_goes_out_says_so_with_a_way_back(smtp, address, carla, mo, committee):
    stop(address)
    messages.send_sign_in_code(mo.email, mo, "48172046")
    deliver()
    call_in(DAY, committee, carla)
    plan()
    deliver()  # a reminder, which Mo no longer gets
    for _time in range(2):
        messages.tell_security_news(mo, f"A passkey was added. {_time}")
        deliver()
    code, first, second = (mail.message for mail in smtp.to(mo.email))
    for kind in ("plain", "html"):
        told = [WORDS in mail.get_body((kind,)).get_content() for mail in (code, first, second)]
        assert told == [False, True, False]
    back = re.search(r"Undo: http://testserver(\S+)", first.get_body(("plain",)).get_content())[1]
    assert "Get them again" in Client().get(back).text
    others = [mail.message.get_body(("plain",)).get_content() for mail in smtp.to(carla.email)]
    assert len(others) == 1 and WORDS not in others[0]


def test_a_second_stop_is_told_anew(smtp, address, mo, elsewhere):
    stop(address)
    messages.tell_security_news(mo, "One.")
    deliver()
    stop(f"/u/{links.unsubscribe_token(mo.pk, 'invitation', elsewhere.scope)}/")
    messages.tell_security_news(mo, "Two.")
    deliver()
    first, second = (mail.message.get_body(("plain",)).get_content() for mail in smtp.to(mo.email))
    assert ("Reminders of calls were" in first, "Invitations" in first) == (True, False)
    assert ("Reminders of calls were" in second, WORDS in second) == (False, True)


def test_nothing_is_asked_while_nothing_was_stopped(mo, sign_in):
    client = sign_in(mo)
    client.get("/calls/")
    with CaptureQueriesContext(connection) as found:
        client.get("/calls/")
    assert [each["sql"] for each in found if "members_notificationpreference" in each["sql"]] == []
