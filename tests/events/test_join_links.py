"""The link of a reminder that joins a call: one person, one call, from a quarter of an hour before until its end."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committees.models import Committee, Membership
from members.mail import links
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry
from tests.factories import MeetingFactory
from tests.pipeline import DAY, call_in
from tests.scanning import differences, digest, links_of

pytestmark = pytest.mark.django_db
ROOM = "https://us02web.zoom.us/j/8841?pwd=secret"
DIAL_IN = "669-555-0142, code 418"


@pytest.fixture
def starts_in(committee, carla):
    return lambda minutes, **fields: MeetingFactory(
        committee=committee,
        by=carla,
        **{"video_url": ROOM, "dial_in": DIAL_IN, "starts_in": timedelta(minutes=minutes)} | fields,
    )


def link(person, call):
    return reverse("join_link", args=[links.join_token(person.pk, call.pk, call.edition)])


def said(response) -> tuple[int, str]:
    return response.status_code, " ".join(response.text.split())


def joined():
    return list(AuditEntry.objects.filter(verb="joined from a mail").values_list("actor__given_name", "target_name"))


def test_the_button_leads_on_and_is_written_down_once(mo, starts_in):
    call = starts_in(14)
    device = Client(enforce_csrf_checks=True)  # one that knows nothing of us
    page = device.get(link(mo, call))
    assert "Join as <bdi>Mo</bdi>" in said(page)[1]
    assert "zoom.us" not in page.text
    assert "tel:+16695550142,,418#" in page.text
    for _time in range(2):
        on = device.post(link(mo, call))
        assert (on.status_code, on["Refresh"], on["Referrer-Policy"]) == (200, f"0; url={ROOM}", "no-referrer")
        assert f'href="{ROOM}"' in on.text
        assert "no-store" in on["Cache-Control"]
    assert joined() == [("Mo", call.title)]
    assert device.get(call.get_absolute_url()).status_code == 302  # it signs nobody in


def test_scanners_change_nothing(mo, starts_in):
    address, before = link(mo, starts_in(5)), digest()
    for method in (Client.get, Client.head) * 3:
        assert method(Client(), address).status_code == 200
    assert list(differences(before, digest())) == []


@pytest.mark.parametrize(
    ("minutes", "status", "words"),
    [(16, 200, "Join opens"), (15, 200, "Join as"), (-59, 200, "Join as"), (-60, 410, "This call is over")],
)
def test_it_works_from_a_quarter_of_an_hour_before_until_the_end(mo, starts_in, minutes, status, words):
    with time_machine.travel("2026-11-30T19:00Z", tick=False):
        call = starts_in(minutes)
        got, page = said(Client().get(link(mo, call)))
        assert (got, words in page, "Mountain" in page, call.title in page) == (status, True, True, True)
        assert call.get_absolute_url() in page or reverse("meeting_join", args=[call.slug]) in page
        response = Client().post(link(mo, call))
        assert (response.status_code == 200, "Refresh" in response.headers) == (words == "Join as",) * 2
    assert len(joined()) == (words == "Join as")


def test_a_moved_call_says_so_and_opens_at_its_new_time(carla, mo, starts_in):
    call = starts_in(5)
    old = link(mo, call)
    call.move(
        carla,
        local_date=call.local_date + timedelta(days=1),
        local_time=call.local_time,
        timezone=call.timezone,
        reason="Hearings",
    )
    status, page = said(Client().get(old))
    assert (status, "The time changed." in page, "Hearings" in page, "Join opens" in page) == (200, True, True, True)
    assert Client().post(old).status_code == 409
    with time_machine.travel(call.starts_at):
        assert Client().post(old)["Refresh"] == f"0; url={ROOM}"


def test_a_canceled_call_says_so(carla, mo, starts_in):
    call = starts_in(5)
    call.cancel(carla, "Storm")
    status, page = said(Client().post(link(mo, call)))
    assert (status, "This call is canceled" in page, "Storm" in page, joined()) == (410, True, True, [])


def test_who_is_not_on_the_committee_any_more_is_refused_at_both_doors(mo, sign_in, starts_in):
    call = starts_in(5, public=True)
    address = link(mo, call)
    Membership.objects.get(user=mo).end(by=mo)
    status, page = said(Client().post(address))
    assert (status, call.title in page, "669-555" in page, joined()) == (410, False, False, [])
    assert sign_in(mo).get(reverse("meeting_join", args=[call.slug])).status_code == 403


def test_who_left_the_network_has_no_link(mo, stu, starts_in):
    address = link(mo, starts_in(5))
    mo.leave(stu, "Lost the seat.")
    assert Client().post(address).status_code == 404


@pytest.mark.parametrize("fields", [{"join_signed_in": True}, {"confidential": True}])
def test_a_committee_may_ask_for_signing_in_and_a_confidential_one_does(mo, committee, starts_in, fields):
    Committee.objects.filter(pk=committee.pk).update(**fields)
    call = starts_in(5)
    for method in (Client.get, Client.post):
        status, page = said(method(Client(), link(mo, call)))
        assert ("asks you to sign in" in page, "zoom.us" in page) == (True, False)
        assert reverse("meeting_join", args=[call.slug]) in page
    assert (status, joined()) == (409, [])


def test_somebody_else_signed_in_is_asked_first(sign_in, carla, mo, starts_in):
    address = link(mo, starts_in(5))
    client = sign_in(carla)
    assert "This link is <bdi>Mo Haddad</bdi>’s" in said(client.get(address))[1]
    assert client.post(address).status_code == 409
    assert 'name="for"' in client.get(address, {"for": mo.pk}).text
    assert "Refresh" in client.post(address, {"for": mo.pk}).headers
    assert [who for who, _call in joined()] == ["Mo"]


def test_a_made_up_link_is_none(db):
    assert Client().get("/j/7.12.0:abc:def/").status_code == 404


@pytest.mark.parametrize("minutes", [10, DAY])
def test_reminders_bear_it_and_the_phone_with_its_code(smtp, committee, carla, mo, minutes):
    call = call_in(minutes, committee, carla, video_url=ROOM, dial_in=DIAL_IN)
    plan()
    deliver()
    mail = smtp.to(mo.email)[0].message
    assert f"http://testserver{link(mo, call)}".rsplit(":", 2)[0] in " ".join(links_of(mail))
    for kind in ("plain", "html"):
        part = mail.get_body((kind,)).get_content()
        assert ("tel:+16695550142,,418#" in part, "No sign-in needed" in part, "zoom.us" in part) == (True, True, False)
        assert ("Opens at" in part or "opens at" in part) == (minutes == DAY)


def test_a_reminder_of_a_committee_that_asks_for_signing_in_leads_to_the_page(smtp, committee, carla, mo):
    Committee.objects.filter(pk=committee.pk).update(join_signed_in=True)
    call = call_in(10, committee, carla, video_url=ROOM)
    plan()
    deliver()
    found = links_of(smtp.to(mo.email)[0].message)
    assert f"http://testserver{reverse('meeting_join', args=[call.slug])}" in found
    assert not [each for each in found if "/j/" in each]


def test_co_chairs_choose_it(sign_in, carla, committee):
    client, address = sign_in(carla), reverse("committee_edit", args=[committee.slug])
    assert "needs signing in" in client.get(address).text
    typed = {"purpose": "Wages.", "rhythm": "", "reminder_offsets": ["10"], "join_signed_in": "on"}
    assert client.post(address, typed).status_code == 302
    committee.refresh_from_db()
    assert (committee.join_signed_in, committee.asks_to_sign_in) == (True, True)
    assert AuditEntry.objects.get(verb="edited").after["join_signed_in"] is True


def test_nobody_learns_where_the_room_is_before_pressing(mo, starts_in):
    early, late = starts_in(60), starts_in(-61)
    assert all("zoom.us" not in Client().post(link(mo, call)).text for call in (early, late))
    assert timezone.now() < early.starts_at
