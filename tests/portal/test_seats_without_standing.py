"""A seat counts for a member: who left the network, or a committee, learns nothing more of it, by whatever way."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from committees.joining import requests as joining
from committees.models import Announcement, Committee, Document, JoinRequest, Membership
from events.answers import answering
from events.models import Meeting
from members.mail.links import rsvp_token, unsubscribe_token
from members.mail.outgoing.worker import deliver
from members.models import Delivery, Profile
from portal.digest import weeks_of
from tests.access_world import make_announcement, make_document
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ENDINGS = {"left": lambda person, by: person.leave(by), "closed": lambda person, by: person.deactivate(by, "asked")}


@pytest.fixture
def quiet(mo) -> Committee:
    quiet = CommitteeFactory(name="Quiet Caucus", slug="quiet", confidential=True)
    MembershipFactory(committee=quiet, user=mo)
    return quiet


@pytest.mark.parametrize("ending", ENDINGS)
def test_sets_of_a_person_are_empty_for_who_left(ending, mo, carla, quiet, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    MeetingFactory(committee=quiet, by=carla)
    make_document(quiet, carla)
    make_announcement(quiet, carla, sent_at=now() - timedelta(days=1))

    def sets() -> list[int]:
        return [
            Committee.objects.of(mo).count(),
            Committee.objects.visible_to(mo).filter(confidential=True).count(),
            Meeting.objects.of(mo).count(),
            Meeting.objects.visible_to(mo).count(),
            Document.objects.visible_to(mo).count(),
            Announcement.objects.visible_to(mo).count(),
            Membership.objects.of(mo).count(),
            len(weeks_of([mo.pk])[mo.pk].committees),
        ]

    assert all(sets())
    ENDINGS[ending](mo, carla)
    mo = type(mo).objects.get(pk=mo.pk)
    assert sets() == [0] * 8
    assert quiet.role_of(mo) == ""


def test_who_left_sees_no_call_and_no_committee_by_name(sign_in, mo, carla, quiet, meeting):
    MeetingFactory(committee=quiet, by=carla, title="Quiet call")
    client = sign_in(mo)
    assert "Quiet call" in client.get(reverse("meeting_list")).content.decode()
    mo.leave(carla)
    client = sign_in(mo)  # what was open before ended with the membership
    assert client.get(reverse("settings_details")).status_code == 200
    for address in ("meeting_list", "settings_notifications", "committee_list", "home", "settings_messages"):
        page = client.get(reverse(address)).content.decode()
        assert not {word for word in (quiet.name, "Quiet call", meeting.title) if word in page}, address


def test_the_mail_that_says_you_are_on_it_does_not_go_to_who_left(mo, carla, elsewhere, mailoutbox):
    joining.join(elsewhere, mo)
    mo.leave(carla)
    deliver()
    assert mailoutbox == []
    assert Delivery.objects.get().reason == "The person left the committee."


def test_it_goes_to_who_stays(mo, elsewhere, mailoutbox):
    joining.join(elsewhere, mo)
    deliver()
    assert [mail.to for mail in mailoutbox] == [[mo.email]]


def _asked(olga, committee) -> JoinRequest:
    return joining.ask(committee, olga, "May I?")


def test_a_request_of_who_left_is_neither_listed_nor_accepted(sign_in, olga, carla, committee):
    asked = _asked(olga, committee)
    type(olga).objects.filter(pk=olga.pk).update(left_at=now())  # by a way that does not close requests
    client = sign_in(carla)
    assert olga.name not in client.get(reverse("committee_requests", args=[committee.slug])).content.decode()
    said = _accept(client, asked)
    assert "Olga Petrova isn’t a member." in said
    assert committee.role_of(olga) == ""
    asked.refresh_from_db()
    assert asked.closed_at is None


def test_an_archived_committee_seats_nobody(sign_in, olga, carla, stu, committee):
    asked = _asked(olga, committee)
    committee.archive(stu)
    assert "Economic Justice is archived, so nobody joins it any more." in _accept(sign_in(carla), asked)
    with pytest.raises(ValidationError, match="archived"):
        joining.join(committee, olga)
    added = sign_in(stu).post(
        reverse("staff_committee_add", args=[committee.slug]), {"person": olga.pk, "role": "member"}, follow=True
    )
    assert "archived, so nobody joins it any more" in added.content.decode()
    assert not committee.memberships.filter(user=olga).exists()


def _accept(client: Client, asked: JoinRequest) -> str:
    address = reverse("committee_request_answer", args=[asked.committee.slug, asked.pk])
    answer = {f"request-{asked.pk}-decision": "accept", f"request-{asked.pk}-note": ""}
    return client.post(address, answer, follow=True).content.decode()


@pytest.mark.parametrize("state", ["on", "canceled", "over"])
def test_an_old_answer_link_names_nothing_to_who_left_the_committee(client, mo, carla, quiet, state):
    starts_in = timedelta(hours=-3 if state == "over" else 30)
    call = MeetingFactory(committee=quiet, by=carla, title="Topicword", starts_in=starts_in)
    link = reverse("rsvp_link", args=[rsvp_token(mo.pk, call.pk)])
    if state == "canceled":
        call.cancel(carla, "Reasonword")
    assert "Topicword" in client.get(link).content.decode()
    joining.leave(quiet, mo)
    for answer in (client.get(link), client.post(link, {"answer": "accepted"})):
        page = answer.content.decode()
        assert answer.status_code == 410
        assert "You’re not on this committee any more" in page
        assert not {word for word in ("Topicword", "Reasonword", "Quiet", call.slug) if word in page}
        assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert client.get(reverse("rsvp_link_ics", args=[rsvp_token(mo.pk, call.pk)])).status_code == 404


def test_an_old_unsubscribe_link_names_no_committee_to_who_left_it(client, mo, quiet):
    link = reverse("unsubscribe", args=[unsubscribe_token(mo.pk, "reminder", quiet.scope)])
    assert "Quiet" in client.get(link).content.decode()
    joining.leave(quiet, mo)
    assert "Quiet" not in client.get(link).content.decode() + client.post(link, {"cadence": "never"}).content.decode()
    assert mo.notification_preferences.get().cadence == "never"  # stopping still works


def test_the_committee_page_shows_initials_of_those_who_let_themselves_be_seen(sign_in, mo, carla, committee, meeting):
    hides, leaves, gone = (UserFactory(name=name) for name in ("Hyde Hidden", "Lea Leaver", "Gon Gone"))
    for person in (hides, leaves, gone):
        MembershipFactory(committee=committee, user=person)
        answering.respond(meeting, person, "accepted", seen=0)
    Profile.objects.filter(user=hides).update(rsvp_audience="staff")
    joining.leave(committee, leaves)
    gone.leave(carla)
    answering.respond(meeting, carla, "accepted", seen=0)
    pages = [sign_in(reader).get(committee.get_absolute_url()) for reader in (mo, carla)]
    shown = [{person.name for person in page.context["faces"]} for page in pages]
    assert shown == [{carla.name}, {carla.name, hides.name}]
    assert [page.context["going"] for page in pages] == [2, 2]
