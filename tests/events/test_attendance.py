"""The page of who was on a call."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committees.models import Membership
from events.models import Attendance, Rsvp
from events.models.attendance import JOINED
from members.models import AuditEntry, Profile
from tests.factories import AttendanceFactory, MeetingFactory, MembershipFactory


@pytest.fixture
def call(committee, carla):
    """It began twenty minutes ago."""
    return MeetingFactory(committee=committee, by=carla, title="Fair workweek", starts_in=-timedelta(minutes=20))


def says(call, person, response="accepted"):
    Rsvp.objects.create(meeting=call, user=person, edition=call.edition, response=response, version=1)


def of(call, name="meeting_attendance", *more):
    return reverse(name, args=[call.slug, *more])


def marked(call):
    return {row.user.name.split()[0]: row.state for row in Attendance.objects.filter(meeting=call).for_listing()}


def test_who_said_going_or_pressed_join_is_offered_and_marked_at_once(call, carla, mo, sign_in):
    joined = MembershipFactory(committee=call.committee, user__name="Jo Inner").user
    neither = MembershipFactory(committee=call.committee, user__name="Nea Ther").user
    says(call, mo)
    says(call, neither, "declined")
    AuditEntry.record(joined, JOINED, call)
    client = sign_in(carla)
    page = client.get(of(call)).content.decode()
    assert "All 2 of these were here" in page
    assert "pressed Join at" in page and "Nea Ther" not in page
    assert marked(call) == {}  # a hint is no proof
    client.post(of(call, "attendance_mark_offered"), {"people": f"{mo.pk},{joined.pk},{neither.pk}"})
    assert marked(call) == {"Mo": "here", "Jo": "here"}


def test_all_of_these_leaves_what_another_said_meanwhile(call, carla, mo, sign_in):
    says(call, mo)
    client = sign_in(carla)
    Attendance.mark(call, mo, by=carla, state="absent")
    client.post(of(call, "attendance_mark_offered"), {"people": str(mo.pk)})
    assert marked(call) == {"Mo": "absent"}


@pytest.mark.parametrize("people", ["", "x", "1,,2", "9" * 30, "-1"])
def test_what_is_no_list_of_people_marks_nobody(call, carla, sign_in, people):
    response = sign_in(carla).post(of(call, "attendance_mark_offered"), {"people": people}, follow=True)
    assert response.status_code == 200
    assert marked(call) == {}


def test_one_tap_each(call, carla, mo, sign_in):
    client = sign_in(carla)
    for state, then in (("here", "here"), ("absent", "absent"), ("here", "here")):
        response = client.post(of(call, "attendance_mark", mo.pk), {"state": state})
        assert response.status_code == 302
        assert marked(call) == {"Mo": then}
    client.post(of(call, "attendance_mark", mo.pk), {"state": "none"})
    assert marked(call) == {}


def test_with_script_the_row_and_the_numbers_come_back(call, carla, mo, sign_in):
    response = sign_in(carla).post(
        of(call, "attendance_mark", mo.pk), {"state": "here"}, headers={"HX-Request": "true"}
    )
    page = response.content.decode()
    assert "Mo Haddad" in page and 'hx-swap-oob="innerHTML:#now"' in page
    assert "1 more for a quorum" in page


def test_who_left_and_came_back(call, carla, mo, sign_in):
    client = sign_in(carla)
    for state, here in (("here", 1), ("left", 0), ("here", 1)):
        client.post(of(call, "attendance_mark", mo.pk), {"state": state})
        assert f'<b class="here__number">{here}</b>' in client.get(of(call)).content.decode()


def test_late_and_left_early_are_typed_as_the_readers_clock_shows_them(call, carla, mo, sign_in):
    zone = carla.zone
    client = sign_in(carla)
    came = (call.starts_at + timedelta(minutes=7)).replace(second=0, microsecond=0)
    left = came + timedelta(minutes=30)
    typed = {"arrived": f"{came.astimezone(zone):%H:%M}", "left": f"{left.astimezone(zone):%H:%M}"}
    client.post(of(call, "attendance_times", mo.pk), typed)
    row = Attendance.objects.get(user=mo)
    assert (row.arrived_at, row.left_at) == (came, left)
    backwards = client.post(of(call, "attendance_times", mo.pk), {"arrived": typed["left"], "left": typed["arrived"]})
    assert "Nobody leaves before they come" in backwards.content.decode()


def test_somebody_is_found_by_name(call, carla, mo, sign_in):
    MembershipFactory(committee=call.committee, user__name="Zoë Adebayo-Smith")
    page = sign_in(carla).get(of(call), {"q": "smith zoe"}).content.decode()
    assert "Zoë Adebayo-Smith" in page and "Mo Haddad" not in page
    assert "Nobody of the committee has that name" in sign_in(carla).get(of(call), {"q": "Olga"}).content.decode()


def test_it_opens_a_quarter_of_an_hour_before(committee, carla, sign_in):
    later = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(minutes=30))
    page = sign_in(carla).get(of(later)).content.decode()
    assert "You can mark who’s here from" in page and "attendance/offered" not in page


def test_the_secretary_marks_too_and_a_member_does_not(call, mo, olga, sign_in):
    secretary = MembershipFactory(committee=call.committee, role=Membership.Role.SECRETARY).user
    assert sign_in(secretary).post(of(call, "attendance_mark", mo.pk), {"state": "here"}).status_code == 302
    assert sign_in(mo).post(of(call, "attendance_mark", mo.pk), {"state": "absent"}).status_code == 403
    assert sign_in(olga).get(of(call)).status_code == 404


def test_members_see_who_was_there_as_answers_are_shown(call, mo, carla, sign_in):
    shy = AttendanceFactory(
        meeting=call, user=MembershipFactory(committee=call.committee, user__name="Shy Person").user
    )
    Profile.objects.filter(user=shy.user).update(rsvp_audience=Profile.Audience.STAFF)
    AttendanceFactory(meeting=call, user=carla)
    page = sign_in(mo).get(of(call)).content.decode()
    assert "Carla" in page and "Shy Person" not in page
    assert '<b class="here__number">2</b>' in page
    assert "Shy Person" in sign_in(carla).get(of(call)).content.decode()
    assert "Shy Person" in sign_in(shy.user).get(of(call)).content.decode()


@pytest.mark.parametrize("tab", ["open", "here", "all"])
def test_the_page_costs_the_same_with_one_and_with_three(call, carla, sign_in, tab):
    client = sign_in(carla)

    def queries(people):
        for _ in range(people):
            person = MembershipFactory(committee=call.committee).user
            says(call, person)
            if tab == "here":
                Attendance.mark(call, person, by=carla)
        client.get(of(call), {"show": tab})
        with CaptureQueriesContext(connection) as asked:
            client.get(of(call), {"show": tab})
        return len(asked)

    assert queries(1) == queries(2)
    assert queries(0) <= 12


# One's own word ------------------------------------------------------------------------------------


def test_members_say_that_they_are_here(call, mo, carla, sign_in):
    client = sign_in(mo)
    assert "I’m here" in client.get(call.get_absolute_url()).content.decode()
    client.post(of(call, "attendance_check_in"))
    page = client.get(call.get_absolute_url()).content.decode()
    assert "You say you were here" in page and "I’m here" not in page
    assert "says so themselves" in sign_in(carla).get(of(call), {"show": "here"}).content.decode()


def test_what_the_co_chairs_said_stands(call, mo, carla, sign_in):
    Attendance.mark(call, mo, by=carla, state="absent")
    client = sign_in(mo)
    client.post(of(call, "attendance_check_in"))
    assert "You’re down as not having been here" in client.get(call.get_absolute_url()).content.decode()
    assert marked(call) == {"Mo": "absent"}


def test_the_forecast_stands_where_co_chairs_look(committee, carla, mo, sign_in):
    ahead = MeetingFactory(committee=committee, by=carla)
    says(ahead, mo)
    words = "1 of 2 said going. Decisions need 2."
    assert words in sign_in(carla).get(ahead.get_absolute_url()).content.decode()
    assert words not in sign_in(mo).get(ahead.get_absolute_url()).content.decode()
    committee.edit(carla, quorum_rule="none")
    assert "Decisions need" not in sign_in(carla).get(ahead.get_absolute_url()).content.decode()


# Over the API --------------------------------------------------------------------------------------


def test_the_api_says_what_the_page_says(call, carla, mo, olga, sign_in):
    shy = MembershipFactory(committee=call.committee, user__name="Shy Person").user
    Profile.objects.filter(user=shy).update(rsvp_audience=Profile.Audience.STAFF)
    for person in (carla, shy):
        Attendance.mark(call, person, by=carla)
    address = reverse("api_meeting-attendance", args=[call.slug])

    def names(reader):
        return [row["person"].split()[0] for row in sign_in(reader).get(address).json()["results"]]

    assert names(carla) == ["Carla", "Shy"]
    assert names(mo) == ["Carla"]
    assert sign_in(olga).get(address).status_code == 404
