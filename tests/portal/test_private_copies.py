"""Copies of what people keep private: the log, the message desk and rosters tell no more than the profile does."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from members.mail.incoming.bounces import address_then
from members.models import (
    Application,
    AuditEntry,
    Delivery,
    FormerAddress,
    InboundMail,
    Profile,
    StaffAppointment,
    User,
)
from members.models import Suppression as Stopped
from members.text.addresses import masked
from tests.factories import JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db
LOG = "/staff/activity/"
DETAILS = {
    "name": "Mo Haddad",
    "given_name": "Mo",
    "timezone": "America/Denver",
    "color_scheme": "",
    "single_key_shortcuts": "on",
}
PHONE, BIO, PRONOUNS = "719-555-0148", "Bioword", "Pronounword"


@pytest.fixture
def olive(db) -> User:
    """An organizer: staff without the right to contact details."""
    olive = UserFactory(name="Olive Organizer", email="olive@portal.example")
    olive.appoint(StaffAppointment.Role.ORGANIZER)
    return olive


@pytest.fixture
def pages(sign_in, olive, stu, ada):
    """`pages(address)`: what the organizer, membership staff and an administrator read there."""
    clients = {person: sign_in(person) for person in (olive, stu, ada)}
    return lambda address: [client.get(address).content.decode() for client in clients.values()]


def test_the_log_says_that_a_private_field_changed_and_not_to_what(sign_in, pages, mo):
    client = sign_in(mo)
    client.post("/settings/details/", DETAILS | {"phone": PHONE, "bio": BIO, "pronouns": PRONOUNS})
    client.post("/settings/details/", DETAILS | {"phone": "", "bio": "", "pronouns": ""})
    mo.refresh_from_db()
    mo.change_email("mohaddad@elsewhere.example")
    logged = repr(list(AuditEntry.objects.values_list("before", "after", "reason", "target_name")))
    read = "".join(pages(LOG) + pages(reverse("staff_member", args=[mo.pk])) + pages("/staff/"))
    private = ("555", BIO, PRONOUNS, "mohaddad@", "mo@portal")
    assert not {(word, where) for word in private for where, text in (("row", logged), ("page", read)) if word in text}
    assert "Mo Haddad changed their details" in read and "Mo Haddad changed their email" in read
    changed = AuditEntry.objects.order_by("pk").filter(verb="changed details").values_list("after", flat=True)
    assert list(changed) == [{"changed": ["bio", "phone", "pronouns"]}] * 2


def test_other_values_still_stand_there(sign_in, pages, mo):
    sign_in(mo).post("/settings/details/", DETAILS | {"name": "Mona Haddad"})
    assert AuditEntry.objects.get(verb="changed details").after == {"name": "Mona Haddad"}
    assert all("Mona Haddad" in page for page in pages(LOG))


def test_reasons_are_for_those_who_see_what_they_are_about(pages, mo, ana, stu, carla, meeting):
    application = Application.objects.create(applicant=ana, title="Alder", jurisdiction=JurisdictionFactory())
    application.decline(stu, "Declineword")
    mo.leave(stu, "Leaveword")
    mo.deactivate(stu, "Closeword")
    meeting.cancel(carla, "Cancelword")
    for address in (LOG, reverse("staff_member", args=[mo.pk])):
        organizer, *others = pages(address)
        words = ("Declineword", "Leaveword", "Closeword")
        assert not {word for word in words if word in organizer}
        assert all({word for word in words[1:] if word in page} == {*words[1:]} for page in others)
    assert all("Cancelword" in page for page in pages(LOG))  # of a call that all staff see


def test_what_was_written_before_is_taken_out_and_old_addresses_are_kept_apart(mo):
    person = ContentType.objects.get_for_model(User)
    old = {"content_type": person, "object_id": mo.pk, "actor": mo}
    AuditEntry.objects.create(
        verb="changed details",
        before={"phone": "+17195550148", "name": "Mo"},
        after={"phone": "", "name": "Mona"},
        **old,
    )
    AuditEntry.objects.create(
        verb="changed email", before={"email": "was@portal.example"}, after={"email": mo.email}, **old
    )
    AuditEntry.objects.create(verb="resumed mail", target_name="gone@portal.example", **old)
    import_module("members.migrations.0018_private_values_out_of_the_log").take_out(apps, None)
    details, email, resumed = AuditEntry.objects.order_by("pk")
    assert (details.before, details.after) == ({"name": "Mo"}, {"name": "Mona", "changed": ["phone"]})
    assert (email.before, email.after) == ({}, {"changed": ["email"]})
    assert resumed.target_name == "g...@portal.example"
    assert list(FormerAddress.objects.values_list("user", "email")) == [(mo.pk, "was@portal.example")]


def test_a_report_is_still_about_the_address_that_was_written_to(mo):
    sent = Delivery.objects.create(recipient=mo, kind="joined", about="committee:1")
    mo.change_email("new@portal.example")
    later = Delivery.objects.create(recipient=mo, kind="joined", about="committee:2")
    assert [address_then(each) for each in (sent, later)] == ["mo@portal.example", "new@portal.example"]


def test_the_message_desk_finds_by_address_for_those_alone_who_see_contact_details(pages, mo):
    Delivery.objects.create(recipient=mo, kind="joined", about="committee:1")
    Delivery.objects.create(address="visitor@gov.example", kind="sign_in", about="sign_in:2")
    by_address = [pages(f"/staff/messages/?q={address}") for address in (mo.email, "visitor@gov.example")]
    assert [["/staff/messages/" in page.partition("<tbody>")[2] for page in each] for each in by_address] == [
        [False, True, True]
    ] * 2
    assert all("Mo Haddad" in page for page in pages("/staff/messages/?q=haddad"))


def test_addresses_in_answers_of_mail_servers_are_masked_for_the_others(pages, mo, ada):
    reply = "550 5.1.1 <mo@portal.example>: Recipient address rejected"
    dead = {"state": Delivery.State.FAILED, "last_reply": reply, "refused_at": mo.created_at}
    refused = Delivery.objects.create(recipient=mo, kind="joined", about="committee:1", **dead)
    visitor = Delivery.objects.create(address="visitor@gov.example", kind="sign_in", about="sign_in:2", **dead)
    Stopped.stop("mo@portal.example", "bounce", "the mailbox mo@portal.example doesn’t exist.", reply=reply)
    Stopped.stop("visitor@gov.example", "bounce", "the mailbox doesn’t exist.")
    InboundMail.objects.create(
        message_id="a@b", via="local", raw=b"", size=0, sender="mo@portal.example", subject="Re: mo@portal.example"
    )
    addresses = [
        reverse("staff_deliveries"),
        reverse("staff_refused"),
        reverse("staff_suppressions"),
        reverse("staff_inbound"),
        reverse("staff_delivery", args=[refused.pk]),
        reverse("staff_delivery", args=[visitor.pk]),
        reverse("staff_member_messages", args=[mo.pk]),
        reverse("staff_member", args=[mo.pk]),
    ]
    private, told = ("mo@portal", "visitor@gov"), []
    for address in addresses:
        organizer, membership, _admin = pages(address)
        assert not {word for word in private if word in organizer}, address
        told += [word for word in private if word in membership]
    assert {*told} == {*private}  # the control


def test_no_name_in_the_log_is_an_address(stu):
    Stopped.stop("visitor@gov.example", "bounce", "the mailbox doesn’t exist.")
    Stopped.objects.get().lift(stu)
    assert AuditEntry.objects.get(verb="resumed mail").target_name == "v...@gov.example"


def test_staff_see_contact_details_of_a_roster_as_far_as_every_member_does(sign_in, olive, carla, mo, committee):
    Profile.objects.filter(user=mo).update(email_audience="committees", phone_audience="members", phone="+17195550148")
    roster = reverse("committee_people", args=[committee.slug])
    shown = {
        reader: [
            word for word in ("mo@portal.example", "5550148") if word in sign_in(reader).get(roster).content.decode()
        ]
        for reader in (carla, olive)
    }
    assert shown == {carla: ["mo@portal.example", "5550148"], olive: ["5550148"]}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("550 <mo@portal.example>: no", "550 <m…@portal.example>: no"),
        ("to:mo.haddad+x@a.b.example;", "to:m…@a.b.example;"),
        ("two a@b.example, c@d.example", "two a…@b.example, c…@d.example"),
        ("no address @ all, 5.1.1", "no address @ all, 5.1.1"),
    ],
)
def test_masking(text, seen):
    assert masked(text) == seen
