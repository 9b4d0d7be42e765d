"""Staff see the portal as one member does: marked, logged, for half an hour, and without a way to act."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, Profile, StaffAppointment, User
from members.settings.looks import looks_at
from portal.viewing.pages import SHOWN
from tests.access_table import TABLE
from tests.access_world import make_world
from tests.factories import UserFactory
from tests.test_access import answer_to, names

pytestmark = pytest.mark.django_db
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
BAR = 'class="looking"'


@pytest.fixture
def world(db, committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )


def begin(client: Client, person: User, reason: str = "She says that home is empty"):
    return client.post(reverse("staff_look_as", args=[person.pk]), {"reason": reason})


@pytest.fixture
def looking(sign_in, stu, mo) -> Client:
    """Stu, who sees the portal as Mo does."""
    client = sign_in(stu)
    assert begin(client, mo).status_code == 302
    return client


# Beginning and stopping -----------------------------------------------------------------------------


def test_home_is_the_members_with_a_bar_on_it_until_stu_stops(sign_in, stu, mo, meeting):
    client = sign_in(stu)
    assert BAR not in client.get("/").text and "Fair workweek" not in client.get("/").text
    begin(client, mo)
    page = client.get("/").text
    assert BAR in page and "<bdi>Mo Haddad</bdi>" in page and "Fair workweek" in page
    assert client.get("/staff/").status_code == client.get("/admin/").status_code == 403
    assert "This page isn’t shown" in client.get("/settings/").text
    assert "Nothing was done" in client.post("/settings/").text
    assert client.post(reverse("staff_look_stop"))["Location"] == reverse("staff_member", args=[mo.pk])
    assert BAR not in client.get("/").text and client.get("/staff/").status_code == 200


def test_it_is_in_the_log_and_the_member_reads_who_it_was_and_why(looking, sign_in, stu, mo):
    looking.post(reverse("staff_look_stop"))
    acts = AuditEntry.objects.filter(actor=stu).order_by("pk").values_list("verb", "reason")
    assert list(acts)[-2:] == [("began to look as", "She says that home is empty"), ("stopped looking as", "")]
    assert [(each.by, each.reason) for each in looks_at(mo)] == [("Stu Staff", "She says that home is empty")]
    page = sign_in(mo).get(reverse("settings_privacy")).text
    assert "saw the portal as you see it" in page and "She says that home is empty" in page
    log = looking.get(f"/staff/activity/?about=user-{mo.pk}&verb=contact").context["sentences"]
    assert [each.words for each in log] == ["Stu Staff saw the portal as Mo Haddad sees it"]


def test_without_a_reason_or_a_fresh_proof_it_does_not_begin(sign_in, stu, mo):
    client = sign_in(stu)
    assert "Write why" in begin(client, mo, reason="  ").text
    with time_machine.travel(time.time() + 16 * 60):
        assert reverse("account_reauthenticate") in begin(client, mo)["Location"]
    assert not AuditEntry.objects.filter(verb="began to look as").exists()


@pytest.mark.parametrize(
    ("role", "whose", "may"),
    [
        ("membership", "member", True),
        ("membership", "organizer", False),
        ("membership", "membership", False),
        ("membership", "later", False),
        ("membership", "oneself", False),
        ("membership", "who left", False),
        ("organizer", "member", False),
        ("admin", "membership", True),
        ("admin", "admin", False),
    ],
)
def test_whose_eyes_staff_may_look_through(sign_in, role, whose, may):
    staff, person = UserFactory(), UserFactory()
    staff.appoint(role)
    if whose in StaffAppointment.Role.values:
        person.appoint(whose)
    elif whose == "later":
        person.appointments.create(role="organizer", started_on=person.created_at.date() + timedelta(days=30))
    elif whose == "who left":
        person.leave(person)
    client = sign_in(staff)
    assert begin(client, staff if whose == "oneself" else person).status_code == (302 if may else 403)
    assert (BAR in client.get("/").text) == may
    if whose != "oneself":
        page = client.get(reverse("staff_member", args=[person.pk])).text
        assert may or "See as they do" not in page


def test_it_ends_by_itself_and_no_page_of_before_acts_afterwards(looking, stu, meeting):
    rsvp = reverse("meeting_rsvp", args=[meeting.slug])
    with time_machine.travel(time.time() + 31 * 60):
        response = looking.post(rsvp, {"answer": "accepted"})
        assert response.status_code == 403 and "with your own eyes again" in response.text
        assert not meeting.rsvps.exists()
        assert BAR not in looking.get("/").text and looking.get("/staff/").status_code == 200


def test_a_form_of_a_page_that_was_looked_at_does_nothing_after_stop(stu, mo, meeting, sign_in):
    client = sign_in(stu)
    client.handler.enforce_csrf_checks = True
    begun = client.get(reverse("staff_look_as", args=[mo.pk])).context["csrf_token"]
    begin_with = {"reason": "A question", "csrfmiddlewaretoken": str(begun)}
    assert client.post(reverse("staff_look_as", args=[mo.pk]), begin_with).status_code == 302
    bar = re.search(r'<aside class="looking".*?</aside>', client.get(meeting.get_absolute_url()).text, re.DOTALL)[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', bar)[1]
    stopped = client.post(reverse("staff_look_stop"), {"csrfmiddlewaretoken": token})
    assert stopped["Location"] == reverse("staff_member", args=[mo.pk])
    client.post(reverse("meeting_rsvp", args=[meeting.slug]), {"answer": "accepted", "csrfmiddlewaretoken": token})
    assert not meeting.rsvps.filter(response="accepted").exists()


@pytest.mark.parametrize("lost", ["the role", "the strength", "the membership of who is looked at", "a role given"])
def test_it_ends_with_the_right_to_it(looking, stu, mo, ada, lost):
    if lost == "the role":
        stu.appointments.get().end(by=ada)
    elif lost == "the strength":
        del looking.cookies["open"]
    elif lost == "a role given":
        mo.appoint(StaffAppointment.Role.ORGANIZER, by=ada)
    else:
        mo.leave(ada)
    assert BAR not in looking.get("/").text and BAR not in looking.get("/").text


def test_a_second_press_on_the_button_leads_to_where_the_first_did(looking, mo):
    assert begin(looking, mo)["Location"] == "/"
    assert begin(looking, UserFactory()).status_code == 403
    assert AuditEntry.objects.filter(verb="began to look as").count() == 1


# Every door -----------------------------------------------------------------------------------------


def test_nothing_acts_at_any_address_by_any_method(looking, world):
    """The whole access table: each address refuses what is not reading, and writes nothing."""
    wrong = []
    for name in names():
        row = TABLE[name]
        url = row.path or reverse(name, args=row.arguments(world) if row.arguments else [])
        for method in UNSAFE if url.startswith("/api/") else UNSAFE[:1]:
            if name not in ("staff_look_stop", "staff_look_as"):  # which leads on
                response, wrote = answer_to(looking, method, url, row.data)
                if response.status_code != 403 or wrote:
                    wrong.append((method, name, response.status_code, wrote))
    assert wrong == []


def test_only_pages_that_are_named_are_shown_and_none_writes_or_tells_what_is_the_members_alone(
    looking, world, mo, carla
):
    Profile.objects.filter(user=carla).update(
        email_audience="committees", phone="+13035550142", phone_audience="committees"
    )
    private = [world.feed_token, world.rsvp_token, world.join_token, mo.email, carla.email, "555-0142"]
    wrong, seen = [], set()
    for name in names():
        row = TABLE[name]
        url = row.path or reverse(name, args=row.arguments(world) if row.arguments else [])
        response, wrote = answer_to(looking, "GET", url)
        if name not in SHOWN and response.status_code != 403:
            wrong.append((name, response.status_code))
        elif response.status_code == 200:
            text = response.getvalue().decode(errors="replace")
            wrong += [(name, word) for word in private if word in text]
            seen.add(name)
        if wrote or (
            response.status_code == 200 and "html" in response["Content-Type"] and BAR not in text and "<html" in text
        ):
            wrong.append((name, wrote, "no bar"))
    assert wrong == []
    assert {"home", "meeting_detail", "committee_people", "person", "document_detail", "poll_detail"} <= seen <= SHOWN


def test_the_api_refuses_in_its_own_words(looking):
    response = looking.get("/api/me/")
    assert response.status_code == 403 and response["Content-Type"] == "application/problem+json"


def test_a_committee_that_the_member_may_not_know_of_is_not_there(looking, world, stu):
    hidden = world.hidden.get_absolute_url()
    assert looking.get(hidden).status_code == 404
    looking.post(reverse("staff_look_stop"))
    assert looking.get(hidden).status_code == 200


def test_looking_uses_up_the_limits_of_who_looks(looking, stu, mo):
    looking.get("/people/")
    person = looking.get("/").wsgi_request.user
    assert (person, person.counted_as) == (mo, stu.pk)


def test_times_are_those_of_the_member(looking, mo, meeting):
    User.objects.filter(pk=mo.pk).update(timezone="Pacific/Honolulu")
    assert "HST" in looking.get(meeting.get_absolute_url()).text
