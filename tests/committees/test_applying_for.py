"""Joining a committee as somebody who is no member yet: it goes along with the application, to the mail that says yes."""

import pytest
from django.urls import reverse

from committees.models import Committee, JoinRequest
from members.applications import admission
from members.applications.answers import KEY
from members.mail.outgoing.worker import deliver
from members.models import Application
from tests.factories import CommitteeFactory, JurisdictionFactory

WANTED = "/apply/committee/"


@pytest.fixture
def answers():
    """All but the address, which somebody signed in has proved."""
    return {"kind": "city", "title": "Alder", "started_on": "2024-01-01", "why": "Fair pay"}


def test_a_visitor_is_led_through_applying_with_the_committee(client, committee):
    page = client.get(committee.issue.get_absolute_url()).text
    assert page.count(f'href="{WANTED}?committee={committee.slug}"') == 2
    assert f'{WANTED}?committee={committee.slug}"' in client.get(committee.get_absolute_url()).text
    step = client.get(WANTED, {"committee": committee.slug})
    assert f"Join {committee.name}" in step.text and f"next=/committees/{committee.slug}/join/" in step.text
    assert KEY not in client.session
    assert client.post(WANTED, {"committee": committee.slug})["Location"] == reverse("apply")
    assert client.session[KEY]["wanted_name"] == committee.name


def test_the_look_at_all_answers_shows_it_and_it_can_be_changed(sign_in, committee, ana, answers):
    other = CommitteeFactory(slug="housing", name="Housing", join_policy="ask")
    client = sign_in(ana)
    client.post(WANTED, {"committee": committee.slug})
    session = client.session
    session[KEY] = session[KEY] | answers | {"jurisdiction": JurisdictionFactory().pk}
    session.save()
    check = client.get(reverse("apply_check")).text
    assert committee.name in check and f'href="{WANTED}"' in check
    assert client.post(WANTED, {"committee": other.slug})["Location"] == reverse("apply_check")
    client.post(reverse("apply_check"))
    assert Application.objects.values_list("wanted", "wanted_name").get() == ("housing", "Housing")
    assert client.post(WANTED, {"committee": ""}).status_code == 302
    client.post(reverse("apply_check"))
    assert Application.objects.values_list("wanted", "wanted_name").get() == ("", "")


@pytest.mark.parametrize("policy", ["open", "ask"])
def test_the_answer_leads_to_it_and_one_tap_joins_or_asks(smtp, sign_in, committee, ana, stu, policy):
    Committee.objects.filter(pk=committee.pk).update(join_policy=policy)
    application = Application.objects.create(
        applicant=ana,
        title="Alder",
        jurisdiction=JurisdictionFactory(),
        wanted=committee.slug,
        wanted_name=committee.name,
    )
    admission.approve(application, stu)
    deliver()
    text = smtp.to(ana.email)[0].message.get_body(("plain",)).get_content()
    address = f"/committees/{committee.slug}/join/"
    assert f"Then join {committee.name}:" in text and address in text
    ana.refresh_from_db()
    client = sign_in(ana)
    page = client.get(address, follow=True)
    client.post(page.request["PATH_INFO"], {"message": ""})
    joined = committee.memberships.of(ana).exists()
    assert (joined, JoinRequest.objects.filter(user=ana).exists()) == (policy == "open", policy == "ask")


def test_a_member_goes_to_it_at_once(sign_in, committee, olga):
    client = sign_in(olga)
    assert client.get(WANTED, {"committee": committee.slug})["Location"] == f"/committees/{committee.slug}/join/"
    assert client.get(WANTED, {"committee": "nothing"})["Location"] == reverse("committee_list")


def test_only_committees_that_take_new_people_are_offered(client, committee):
    CommitteeFactory(slug="quiet", name="Quietword", confidential=True)
    CommitteeFactory(slug="invited", name="Invitedword", join_policy="invited")
    page = client.get(WANTED, {"committee": "quiet"}).text
    assert committee.name in page and "Quietword" not in page and "Invitedword" not in page
    assert client.post(WANTED, {"committee": "quiet"}).status_code == 422


def test_staff_see_what_somebody_came_for(sign_in, committee, ana, stu):
    application = Application.objects.create(
        applicant=ana, title="Alder", jurisdiction=JurisdictionFactory(), wanted="x", wanted_name="Cameforword"
    )
    assert "Cameforword" in sign_in(stu).get(reverse("staff_application", args=[application.pk])).text
