"""Writing to the co-chairs from a committee's page, and their answer."""

import pytest
from django.urls import reverse

from committees.models import Committee, Membership
from members.correspondence import carrying
from members.mail.outgoing.worker import deliver
from members.models import InboundMail
from tests.factories import MembershipFactory
from tests.members.test_replies_to_mails import a_reply

pytestmark = pytest.mark.django_db

SAID = {"subject": "Rent registry", "words": "Which cities have one? 2 < 3 & so on."}


def write(client, committee, **said):
    return client.post(reverse("committee_write", args=[committee.slug]), SAID | said, follow=True)


def test_words_reach_each_co_chair_and_the_answer_comes_back_without_an_address(smtp, sign_in, committee, carla, mo):
    vice = MembershipFactory(committee=committee, role=Membership.Role.VICE_CHAIR).user
    assert "is on its way" in write(sign_in(mo), committee).text
    deliver()
    first, second = smtp.to(carla.email)[0], smtp.to(vice.email)[0]
    for mail in (first, second):
        assert mail.message["Subject"] == "Mo Haddad: Rent registry"
        assert SAID["words"] in mail.message.get_body(("plain",)).get_content()
        assert mo.email not in mail.raw.decode()
    assert not smtp.to(mo.email)
    assert a_reply(first, "Saint Paul has.", carla.email).state == "done"
    deliver()
    back = smtp.to(mo.email)[0]
    assert "Saint Paul has." in back.raw.decode() and carla.email not in back.raw.decode()


def test_the_pages_of_the_committee_lead_there_for_those_who_may(sign_in, committee, carla, mo, olga, client):
    url = reverse("committee_write", args=[committee.slug])
    for person in (mo, olga):
        page = sign_in(person).get(committee.get_absolute_url())
        assert url in page.text
        assert "Carla Núñez" in sign_in(person).get(url).text
    assert url not in client.get(committee.get_absolute_url()).text


def test_an_only_co_chair_is_told_that_nobody_else_reads_it(sign_in, committee, carla):
    client = sign_in(carla)
    assert "no other co-chair" in client.get(reverse("committee_write", args=[committee.slug])).text
    write(client, committee)
    assert not InboundMail.objects.exists()


def test_what_is_too_much_stays_typed_and_is_not_sent(monkeypatch, sign_in, committee, carla, mo):
    monkeypatch.setattr(carrying, "MOST_A_DAY", 1)
    client = sign_in(mo)
    write(client, committee)
    page = write(client, committee, words="Once more")
    assert "Send this one tomorrow" in page.text and "Once more" in page.text
    assert InboundMail.objects.count() == 1


def test_nobody_writes_to_an_archived_committee(sign_in, committee, carla, mo):
    Committee.objects.filter(pk=committee.pk).update(archived_at="2026-01-01T00:00Z")
    assert write(sign_in(mo), committee).status_code == 403


def test_staff_who_see_contacts_read_it_where_they_read_mail(sign_in, committee, carla, mo, stu):
    write(sign_in(mo), committee)
    mail = InboundMail.objects.get()
    page = sign_in(stu).get(reverse("staff_inbound_mail", args=[mail.pk])).text
    assert "Which cities have one?" in page and "wrote to the co-chairs" in page
