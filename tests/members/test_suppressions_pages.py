"""Staff and the person see that mail comes back, and either can say that the address works again."""

import re
from datetime import date

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.files.base import ContentFile
from django.urls import reverse

from members.mail_desk.returned import returned_lately
from members.models import AuditEntry, Delivery, StaffAppointment, Suppression
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NOBODY = "the mailbox doesn’t exist."


@pytest.fixture
def stopped(mo) -> Suppression:
    delivery = Delivery.objects.create(recipient=mo, kind="joined", about="membership:1")
    Suppression.stop(mo.email, "bounce", NOBODY, reply="550 5.1.1 <MO@portal.example>: unknown", delivery=delivery)
    return Suppression.objects.get()


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


# Staff -------------------------------------------------------------------------------------------------------


def test_the_list_says_whose_why_and_since_when_without_the_private_address(sign_in, stu, stopped, mo):
    page = words(sign_in(stu).get(reverse("staff_suppressions")))
    assert (
        "Mo Haddad at portal.example Mail came back the mailbox doesn’t exist. 550 5.1.1 <…@portal.example"
        in page.replace("&lt;", "<")
    )
    assert mo.email not in page.lower()


def test_an_address_of_nobody_is_shown_whole_and_an_old_one_by_whom_it_was(sign_in, stu, stopped, mo):
    mo.change_email("mo@new.example")
    Suppression.stop("Stranger@portal.example", "complaint", "it was reported as unwanted.")
    page = words(sign_in(stu).get(reverse("staff_suppressions")))
    assert "stranger@portal.example Reported as unwanted" in page and "Mo Haddad at portal.example" in page


def test_an_empty_list_says_that_all_is_well(sign_in, stu):
    assert "Every address works" in words(sign_in(stu).get(reverse("staff_suppressions")))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(sign_in, stu, rows, django_assert_num_queries):
    for _ in range(rows):
        Suppression.stop(UserFactory().email, "bounce", NOBODY)
    staff = sign_in(stu)
    with django_assert_num_queries(5):
        staff.get(reverse("staff_suppressions"))


def test_staff_say_that_it_works_again_and_the_log_says_who(sign_in, stu, stopped, mo):
    stu.appoint(StaffAppointment.Role.ORGANIZER)
    staff = sign_in(stu)
    for _time in range(2):
        assert staff.post(reverse("staff_suppression_lift", args=[stopped.pk])).url == reverse("staff_suppressions")
    for no_path in ("x", "https://evil.example/", "//evil.example/"):
        back = staff.post(reverse("staff_suppression_lift", args=[stopped.pk]), {"next": no_path})
        assert back.url == reverse("staff_suppressions")
    assert Suppression.objects.of(mo) is None
    assert AuditEntry.objects.filter(verb="resumed mail", actor=stu).count() == 1
    assert "Stu Staff let mail go to Mo Haddad again" in words(staff.get(reverse("staff_activity")))


def test_the_page_of_the_person_says_it_and_leads_back(sign_in, stu, stopped, mo):
    staff, address = sign_in(stu), reverse("staff_member", args=[mo.pk])
    page = words(staff.get(address))
    assert "No emails go to this person. Mail to their address came back on" in page and mo.email not in page
    lift = reverse("staff_suppression_lift", args=[stopped.pk])
    assert staff.post(lift, {"next": address}).url == address
    assert staff.post(lift, {"next": "https://evil.example/"}).url == reverse("staff_suppressions")
    assert "No emails go" not in words(staff.get(address))


def test_today_counts_them(sign_in, stu, stopped):
    staff = sign_in(stu)
    assert "1 address without mail" in words(staff.get(reverse("staff_today")))
    stopped.lift(stu)
    assert "without mail" not in words(staff.get(reverse("staff_today")))


# The person --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["home", "settings_details", "settings_notifications"])
def test_the_person_sees_it_at_the_next_visit(sign_in, mo, stopped, name):
    page = words(sign_in(mo).get(reverse(name)))
    assert "You get no emails from us. Those to mo@portal.example came back on" in page and NOBODY in page
    assert "Change my email" in page and "It works again" in page


def test_an_applicant_sees_it_too_and_nobody_else(sign_in, ana, stopped, olga):
    Suppression.stop(ana.email, "bounce", NOBODY)
    assert "ana@portal.example came back" in words(sign_in(ana).get("/"))
    assert "came back" not in words(sign_in(olga).get("/"))


def test_after_a_complaint_the_words_are_others(sign_in, mo):
    Suppression.stop(mo.email, "complaint", "it was reported as unwanted.")
    page = words(sign_in(mo).get("/"))
    assert "You get few emails from us." in page and "Send them again" in page


def test_it_works_again_with_one_post_and_never_with_a_get(sign_in, mo, olga, stopped):
    client = sign_in(mo)
    assert client.get(reverse("settings_email_works"))["Location"] == reverse("settings")
    sign_in(olga).post(reverse("settings_email_works"))
    assert Suppression.objects.of(mo) == stopped
    page = client.post(reverse("settings_email_works"), follow=True)
    assert "We write to mo@portal.example again." in words(page) and "no emails" not in words(page)
    entry = AuditEntry.objects.get(verb="resumed mail")
    assert (entry.actor, entry.target) == (mo, mo)


def test_whoever_changes_the_address_sees_it_no_more(sign_in, mo, stopped):
    mo.change_email("mo@new.example")
    assert "came back" not in words(sign_in(mo).get("/"))
    assert Suppression.objects.open().get() == stopped


# The list as a file, out and in ----------------------------------------------------------------------------

BROUGHT = (
    "Email Address;Type;Created At\n"
    "MO@portal.example;hard bounce;2026-01-05T08:00:00Z\n"
    "olga@portal.example;Spam report;\n"
    "someone@elsewhere.example;unsubscribed;2026-01-05\n"
    "no address;bounce;\n"
    "mo@portal.example;bounce;\n"
)


def bring(client, content: str):
    return client.post(reverse("staff_suppressions_import"), {"file": ContentFile(content.encode(), name="list.csv")})


def test_a_list_is_counted_before_it_stops_anything_and_stops_it_once(sign_in, stu, mo, olga):
    desk = sign_in(stu)
    read = bring(desk, BROUGHT)
    page = words(read)
    assert "Stop mail to 2 addresses?" in page and "Of these, people here 2" in page
    assert "A reason that stops no mail here: unsubscribed 1" in page and "Not an email address 1" in page
    assert "On the list already 1" in page and not Suppression.objects.exists()
    for _twice in range(2):
        desk.post(reverse("staff_suppressions_import"), {"lines": read.context["reading"].lines})
    found = Suppression.objects.order_by("pk").values_list("address", "reason", "happened_at__date")
    assert found[0] == (mo.email, "bounce", date(2026, 1, 5))
    assert [each[:2] for each in found][1:] == [(olga.email, "complaint")]
    assert AuditEntry.objects.filter(verb="brought addresses without mail").count() == 1
    assert returned_lately().bounced == returned_lately().complained == 0


def test_our_own_file_stops_nothing_new_and_computes_nothing(sign_in, stu, stopped):
    Suppression.stop("=1+1@portal.example", "refused", "=HYPERLINK()")
    desk = sign_in(stu)
    file = desk.post(reverse("staff_suppressions_file")).content.decode()
    assert "'=1+1@portal.example,refused" in file and "'=HYPERLINK()" in file and f"{stopped.address},bounce" in file
    assert AuditEntry.objects.filter(verb="took addresses without mail").count() == 1
    page = words(bring(desk, file))
    assert "Stop mail to 0 addresses?" in page and "On the list already 2" in page


def test_what_is_no_such_list_says_what_is_missing(sign_in, stu):
    page = sign_in(stu).post(
        reverse("staff_suppressions_import"), {"file": ContentFile(b"Name\nMo\n", name="x.csv")}, follow=True
    )
    assert "The first row has to name the columns" in page.content.decode()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"email,reason\rmo@x.example,bounced\rbo@x.example,bounced\r", "Stop mail to 2 addresses?"),
        (b"email,reason\n" + b"a" * 140_000 + b",bounced\n", "far too long"),
        (b'email,reason\n"mo@x.example' + b"a\n" * 70_000, "far too long"),
        (b"\x00\x01\r\x00,\xff\n\x00", "The first row has to name the columns"),
    ],
)
def test_a_file_of_any_kind_has_an_answer(sign_in, stu, file, said):
    read = sign_in(stu).post(
        reverse("staff_suppressions_import"), {"file": ContentFile(file, name="x.csv")}, follow=True
    )
    assert read.status_code in (200, 422) and said in words(read)


def test_the_file_asks_for_a_fresh_proof_and_for_the_right_to_see_addresses(sign_in, stu):
    organizer = UserFactory(name="Ola Organizer")
    organizer.appoint(StaffAppointment.Role.ORGANIZER)
    assert sign_in(organizer).post(reverse("staff_suppressions_file")).status_code == 403
    desk = sign_in(stu)
    session = desk.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        each | {"at": each["at"] - 3600} for each in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()
    assert "/account/confirm/" in desk.post(reverse("staff_suppressions_file"))["Location"]
