"""Settings save each change as it is made and say so."""

import re

import pytest

from members.models import AuditEntry, NotificationPreference
from tests.members.test_settings import DETAILS
from tests.portal.test_notifications import PAGE, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in, mo):
    return sign_in(mo)


def change(client, address, values, **changes):
    """What script posts when a field has changed; the answer as one reads it."""
    response = client.post(address, {**values, **changes}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    response.said = " ".join(re.sub(r"<[^>]+>", " ", response.text).split())
    return response


def test_details_are_saved_and_it_says_when_in_the_readers_zone(client, mo):
    answer = change(client, "/settings/details/", DETAILS, pronouns="he/him")
    mo.refresh_from_db()
    assert mo.profile.pronouns == "he/him"
    assert re.fullmatch(r"Saved at \d+:\d\d [AP]M M[SD]T", answer.said)
    assert [entry.after for entry in AuditEntry.objects.filter(verb="changed details")] == [{"changed": ["pronouns"]}]


def test_the_same_change_twice_is_one_line_in_the_log(client):
    for _time in range(2):
        change(client, "/settings/details/", DETAILS, bio="Rents")
    assert AuditEntry.objects.filter(verb="changed details").count() == 1


def test_a_mistake_is_named_with_its_field_and_nothing_is_saved(client, mo):
    answer = change(client, "/settings/details/", DETAILS, name="", pronouns="he/him")
    mo.profile.refresh_from_db()
    assert answer.said.startswith("Not saved.") and "Enter your name" in answer.said
    assert 'href="#id_name"' in answer.text and mo.profile.pronouns == ""


@pytest.mark.parametrize("changed", [{"color_scheme": "dark"}, {"single_key_shortcuts": ""}])
def test_what_the_whole_page_follows_opens_it_anew(client, changed):
    values = {name: value for name, value in (DETAILS | changed).items() if value or name != "single_key_shortcuts"}
    answer = change(client, "/settings/details/", values)
    assert answer["HX-Refresh"] == "true"
    assert "Your details are saved." in client.get("/settings/details/").text


def test_privacy_is_saved(client, mo):
    values = {"email_audience": "members", "phone_audience": "staff", "rsvp_audience": "members"}
    assert change(client, "/settings/privacy/", values, email_audience="staff").said.startswith("Saved at")
    mo.profile.refresh_from_db()
    assert mo.profile.email_audience == "staff"
    assert change(client, "/settings/privacy/", values, email_audience="nobody").said.startswith("Not saved.")


def test_there_and_back_again_is_two_changes(client):
    """What the page showed moves on with each answer."""
    values = shown(client)
    before = values["invitation"]
    answer = change(client, PAGE, values, invitation="daily")
    assert list(NotificationPreference.objects.values_list("kind", "cadence")) == [("invitation", "daily")]
    assert 'hx-swap-oob="innerHTML"' in answer.text
    values["shown"] = re.search(r'name="shown" value="([^"]*)"', answer.text)[1].replace("&quot;", '"')
    change(client, PAGE, values, invitation=before)
    assert not NotificationPreference.objects.exists()


def test_a_choice_that_is_not_whole_yet_says_what_is_missing(client):
    answer = change(client, PAGE, shown(client), reminders="own")
    assert "Not saved." in answer.said and "Choose at least one" in answer.said


def test_the_button_works_without_script(client, mo):
    page = client.post("/settings/details/", {**DETAILS, "pronouns": "he/him"}, follow=True).text
    assert "Your details are saved." in page and '<button class="btn btn--primary">Save</button>' in page
