"""Staff see what came in and what came of it; administrators take the mail itself, and the log says so."""

import pytest
from django.urls import reverse

from members.mail.incoming.inbox import store
from members.models import AuditEntry, InboundMail, StaffAppointment
from tests.members.test_inbound import mail_of
from tests.replies import receive, reply

pytestmark = pytest.mark.django_db

HTML = "<script>alert(1)</script> & words"


def page(client, name: str, *arguments, **query) -> str:
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_each_mail_with_what_came_of_it(sign_in, stu, mo, meeting):
    receive(reply("google", meeting, mo))
    receive(reply("google", meeting, mo, uid="unknown@else.example"))
    words = page(sign_in(stu), "staff_inbound")
    assert "Mo Haddad answered “Going” to “Fair workweek”." in words
    assert "It answers a call that is not ours." in words
    assert words.index("not ours") < words.index("answered “Going”"), "newest first"


@pytest.mark.parametrize(
    ("state", "shown"), [("done", 1), ("ignored", 1), ("waiting", 1), ("failed", 0), ("x", 3), ("", 3)]
)
def test_the_list_is_filtered(sign_in, stu, mo, meeting, state, shown):
    receive(reply("google", meeting, mo))
    receive(reply("google", meeting, mo, uid="unknown@else.example"))
    receive(mail_of())
    assert page(sign_in(stu), "staff_inbound", state=state).count('<th scope="row">') == shown


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(sign_in, stu, mo, meeting, django_assert_num_queries, many):
    for _number in range(many):
        receive(reply("google", meeting, mo))
    staff = sign_in(stu)
    with django_assert_num_queries(5):
        page(staff, "staff_inbound")


def test_one_mail_shows_headers_and_text_and_runs_nothing(sign_in, stu):
    mail = receive(mail_of(HTML, Subject=HTML, From=f'"{HTML}" <a@b.example>'))
    words = page(sign_in(stu), "staff_inbound_mail", mail.pk)
    assert words.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; words") >= 4
    assert "<script>alert" not in words
    assert "Auto-Submitted" not in words and "Message-ID" in words


def test_what_cannot_be_opened_still_has_a_page(sign_in, stu):
    mail = receive(b"From: a@b\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 60)
    words = page(sign_in(stu), "staff_inbound_mail", mail.pk)
    assert "It is nested too deeply." in words and "Read it again" in words


def test_the_raw_mail_is_for_administrators_as_a_file_and_leaves_a_trace(sign_in, stu, ada):
    raw = mail_of(HTML)
    mail = receive(raw)
    address = reverse("staff_inbound_raw", args=[mail.pk])
    assert "Download the raw email" not in page(sign_in(stu), "staff_inbound_mail", mail.pk)
    assert sign_in(stu).post(address).status_code == 403
    assert not AuditEntry.objects.filter(verb="downloaded raw mail").exists()
    assert "Download the raw email" in page(sign_in(ada), "staff_inbound_mail", mail.pk)
    response = sign_in(ada).post(address)
    assert response.content == raw
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.get(verb="downloaded raw mail").actor == ada
    assert "downloaded the raw email" in page(sign_in(ada), "staff_activity")


def test_one_that_could_not_be_read_is_read_again(sign_in, stu, ada):
    store(mail_of(), InboundMail.Via.LOCAL)
    InboundMail.objects.update(state="failed", attempts=3, outcome="Reading it went wrong 3 times.", last_error="Oops")
    mail = InboundMail.objects.get()
    assert "Oops" in page(sign_in(ada), "staff_inbound_mail", mail.pk)
    assert "Oops" not in page(sign_in(stu), "staff_inbound_mail", mail.pk)
    sign_in(stu).post(reverse("staff_inbound_again", args=[mail.pk]))
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.outcome) == ("new", 0, "")
    sign_in(stu).post(reverse("staff_inbound_again", args=[mail.pk]))
    assert AuditEntry.objects.filter(verb="read again").count() == 1


def test_members_and_staff_without_a_second_factor_do_not_see_mail(sign_in, mo, carla, stu, olga):
    mail = receive(mail_of())
    olga.appoint(StaffAppointment.Role.ORGANIZER)
    for address in (reverse("staff_inbound"), reverse("staff_inbound_mail", args=[mail.pk])):
        statuses = [sign_in(person).get(address).status_code for person in (mo, carla, olga)]
        assert statuses == [404, 404, 200]
        assert sign_in(stu, strong=False).get(address).status_code == 403
