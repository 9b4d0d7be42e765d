"""Staff ask an applicant, and members near them; the answers land at the application, by mail or on the page of the link."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from members.applications import admission, asking
from members.applications.messages import lapse_unanswered
from members.mail import links
from members.mail.outgoing.worker import deliver
from members.models import Application, ApplicationQuestion, Delivery, Office, Voucher
from members.models.applications import AlreadyAsked, AlreadyDecided
from members.models.vouchers import MOST, TooMany
from tests.factories import JurisdictionFactory, UserFactory
from tests.members.test_replies_to_mails import IPHONE, written
from tests.portal.test_staff_applications import applicant, apply, hints
from tests.replies import receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(ana) -> Application:
    return admission.submit(
        ana, "Ana O’Niell-Núñez", title="Alder", jurisdiction=JurisdictionFactory(), why="To learn."
    )


def link(mail, part: str) -> str:
    text = mail.message.get_body(("plain",)).get_content()
    return re.search(rf"http://testserver(/{part}/\S+)", text)[1]


def of(smtp, words: str):
    """The one mail with these words in its subject."""
    (mail,) = (each for each in smtp.received if words in each.message["Subject"])
    return mail


def desk(application: Application) -> str:
    return f"/staff/applications/{application.pk}/"


# Questions -------------------------------------------------------------------------------------------


def test_a_question_leaves_the_queue_and_its_answer_brings_the_application_back(
    smtp, sign_in, client, stu, ana, application
):
    staff = sign_in(stu)
    page = staff.post(f"{desk(application)}ask/", {"ask": "1", "words": "Which district?"}, follow=True)
    assert "Your question is on its way" in page.text and "No answer yet" in page.text
    assert not Application.objects.to_decide().exists()
    assert "O’Niell" in staff.get("/staff/applications/?tab=waiting").text
    deliver()
    mail = of(smtp, "question about your application")
    address = link(mail, "w")
    assert "Which district?" in client.get(address).text and not ApplicationQuestion.objects.exclude(answer="").exists()
    assert "Thank you" in client.post(address, {"answer": "District 4.\nSince May."}, follow=True).text
    assert Application.objects.to_decide().get() == application
    assert "District 4." in staff.get(desk(application)).text
    client.post(address, {"answer": "District 5, sorry."})
    assert ApplicationQuestion.objects.get().answer == "District 5, sorry."
    admission.approve(application, stu)
    late = client.post(address, {"answer": "Six."})
    assert (late.status_code, ApplicationQuestion.objects.get().answer) == (410, "District 5, sorry.")


def test_the_answer_comes_by_mail_and_what_comes_later_waits_for_staff(smtp, stu, ana, application):
    asking.ask(application, stu, "Which district?")
    deliver()
    mail = of(smtp, "question about your application")
    forged = receive(written(mail, IPHONE, "Approve me", "someone@else.example"))
    assert forged.state == "waiting" and ApplicationQuestion.objects.waiting().exists()
    came = receive(written(mail, IPHONE, "The fourth.", ana.email))
    assert (came.state, ApplicationQuestion.objects.get().answer) == ("done", "The fourth.")
    later = receive(written(mail, IPHONE, "And thank you!", ana.email))
    assert (later.state, ApplicationQuestion.objects.get().answer) == ("waiting", "The fourth.")


def test_an_empty_answer_is_asked_for_and_a_long_one_survives(client, stu, smtp, application):
    asking.ask(application, stu, "Which district?")
    deliver()
    address = link(of(smtp, "question about your application"), "w")
    assert "Write your answer" in client.post(address, {"answer": "  "}, follow=True).text
    page = client.post(address, {"answer": "w" * 4001}, follow=True, headers={"accept": "text/html"})
    assert "Shorten this" in page.text and "w" * 4001 in page.text


def test_two_staff_ask_one_question(stu, ada, application, sign_in):
    asking.ask(application, stu, "Which district?")
    with pytest.raises(AlreadyAsked):
        asking.ask(application, ada, "Which one?")
    page = sign_in(ada).post(f"{desk(application)}ask/", {"ask": "1", "words": "Which one?"}, follow=True)
    assert "Stu Staff asked a question that isn’t answered yet." in page.text
    admission.decline(application, ada, "Not in office.")
    with pytest.raises(AlreadyDecided):
        asking.ask(application, stu, "Which district?")
    assert ApplicationQuestion.objects.count() == 1


def test_the_note_on_the_desk_becomes_the_question(sign_in, stu, application):
    page = sign_in(stu).post(f"{desk(application)}ask/", {"note": "Which district?"}, follow=True)
    assert "Which district?" in page.text and not ApplicationQuestion.objects.exists()


def test_it_is_asked_again_in_a_week_and_ends_in_a_month(smtp, stu, ana, application, sign_in):
    asking.ask(application, stu, "Which district?")
    due = Delivery.objects.filter(kind="application_asked").order_by("due_at")
    assert [row.due_at > timezone.now() + timedelta(days=6) for row in due] == [False, True]
    assert lapse_unanswered() == 0
    ApplicationQuestion.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert (lapse_unanswered(), lapse_unanswered()) == (1, 0)
    application.refresh_from_db()
    assert application.decision == "lapsed" and not Office.objects.filter(user=ana).exists()
    deliver()
    assert of(smtp, "ended").recipient == ana.email
    assert "Your application ended" in sign_in(ana).get("/").text


def test_applying_anew_answers_the_question(stu, ana, application, sign_in):
    asking.ask(application, stu, "Which district?")
    assert "Which district?" in sign_in(ana).get("/").text
    admission.submit(ana, "Ana", title="Alder", district="4", jurisdiction=application.jurisdiction)
    assert Application.objects.to_decide().exists()
    assert "The applicant changed the application" in sign_in(stu).get(desk(application)).text


# Members ---------------------------------------------------------------------------------------------


@pytest.fixture
def yesenia(application):
    yesenia = UserFactory(name="Yesenia Carrillo")
    Office.objects.create(user=yesenia, title="Mayor", level="city", jurisdiction=application.jurisdiction)
    return yesenia


def test_a_member_of_the_same_state_is_asked_and_vouches(smtp, sign_in, client, stu, mo, yesenia, application):
    staff = sign_in(stu)
    page = staff.get(f"{desk(application)}vouch/").text
    assert "Yesenia Carrillo" in page and "Mo Haddad" not in page  # he serves nowhere
    assert "No other member" not in page
    assert "Choose again" in staff.post(f"{desk(application)}vouch/", {"member": mo.pk}, follow=True).text
    for _twice in range(2):
        staff.post(f"{desk(application)}vouch/", {"member": yesenia.pk})
    assert Voucher.objects.count() == 1
    assert hints(application)["Members asked"].text == "Yesenia Carrillo"
    deliver()
    mail = of(smtp, "Do you know Ana")
    assert application.applicant.email not in str(mail.message)
    address = link(mail, "k").partition("?")[0]
    assert "Do you know" in client.get(f"{address}?answer=yes").text and Voucher.objects.get().knows is None
    client.post(address, {"answer": "yes", "words": "We draft one ordinance."})
    assert hints(application)["Vouched for"].text == "Yesenia Carrillo: “We draft one ordinance.”"
    assert hints(application)["Vouched for"].tone == "good"
    client.post(address, {"answer": "no", "words": ""})
    assert hints(application)["Vouched for"].text == "Yesenia Carrillo doesn’t know them."
    admission.decline(application, stu, "Not in office.")
    assert client.post(address, {"answer": "yes"}).status_code == 410


def test_who_left_vouches_no_more_and_no_more_than_five_are_asked(client, stu, yesenia, application):
    asking.ask_member(application, stu, yesenia)
    for _n in range(MOST - 1):
        asking.ask_member(application, stu, UserFactory())
    assert asking.ask_member(application, stu, yesenia) is False
    with pytest.raises(TooMany):
        asking.ask_member(application, stu, UserFactory())
    yesenia.leave(stu)
    deliver()
    assert Delivery.objects.get(kind="vouch_asked", recipient=yesenia).state == "suppressed"


def test_what_is_gone_meanwhile_is_answered_no_more(stu, yesenia, application):
    question = asking.ask(application, stu, "Which district?")
    voucher, _new = Voucher.ask(application, yesenia, stu)
    Voucher.objects.all().delete()  # merged into another account, which was asked too
    assert not voucher.say(knows=True, words="")
    voucher, _new = Voucher.ask(application, yesenia, stu)
    Application.objects.all().delete()  # whoever applied was erased
    assert not voucher.say(knows=True, words="") and not question.say("District 4.")


def test_decided_in_the_moment_of_the_answer_the_page_says_so(client, ana, stu, application, monkeypatch):
    question = asking.ask(application, stu, "Which district?")
    address = f"/w/{links.make(links.APPLICATION_ANSWER, ana.pk, question.pk)}/"

    def decide_first(_question, _answer):
        admission.approve(application, stu)
        return False

    monkeypatch.setattr(ApplicationQuestion, "say", decide_first)
    assert client.post(address, {"answer": "District 4."}, follow=True).status_code == 410


def test_without_a_government_it_is_asked_for_first(sign_in, stu, ana):
    application = admission.submit(ana, "Ana", title="Alder", jurisdiction=None, place="Pueblo or so")
    page = sign_in(stu).get(f"{desk(application)}vouch/", follow=True)
    assert "Choose the government first" in page.text


@pytest.mark.parametrize("rows", [1, 3])
def test_whom_to_ask_costs_the_same_for_any_number(sign_in, stu, rows, application, django_assert_num_queries):
    for _n in range(rows):
        Office.objects.create(user=UserFactory(), title="Mayor", level="city", jurisdiction=application.jurisdiction)
    client = sign_in(stu)
    with django_assert_num_queries(6):
        client.get(f"{desk(application)}vouch/")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_who_was_asked_costs_the_same(sign_in, stu, rows, django_assert_num_queries):
    for _n in range(rows):
        asking.ask(apply(applicant()), stu, "Which?")
    client = sign_in(stu)
    with django_assert_num_queries(5):
        client.get("/staff/applications/?tab=waiting")
