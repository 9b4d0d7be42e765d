"""Becoming a member: the questions, the code, and what staff decide."""

import re
import threading
from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils.timezone import now

from members.applications import admission, confirmation
from members.applications.answers import KEY
from members.models import Application, AuditEntry, Delivery, Office, User
from members.models.applications import AlreadyDecided
from members.times.clock import today
from tests.factories import JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db
EMAIL = "soledad@portal.example"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def pueblo():
    return JurisdictionFactory(time_zone="America/Denver")


def code_sent_to(email: str) -> str:
    delivery = Delivery.objects.filter(address=email, kind="application_code").latest("pk")
    return delivery.facts["code"]


def answer(client: Client, question: str, **answers: object) -> str:
    """Send one page as a browser does, with what the page carries along; the address of the next page."""
    url = "/apply/" if question == "name" else f"/apply/{question}/"
    kept = re.search(r'name="kept" value="([^"]*)"', client.get(url).text)
    response = client.post(url, {**answers, "kept": kept.group(1) if kept else ""})
    assert response.status_code == 302, response.text
    return response["Location"]


def confirm_email(client: Client, name: str = "Soledad Núñez-O'Hara", email: str = EMAIL) -> None:
    answer(client, "name", name=name)
    answer(client, "email", email=email)
    answer(client, "code", code=code_sent_to(email))


def fill_in(client: Client, place, **changes: object) -> str:
    answer(client, "office", kind="city")
    answer(client, "place", title=changes.get("title", "Alder"), place=place.label, jurisdiction=place.pk, district="4")
    answer(client, "term", started_month=1, started_year=2024, ended_month=12, ended_year=today().year + 2)
    return answer(client, "why", why=changes.get("why", "We’re writing a wage theft ordinance."))


def waiting_application(applicant: User, place, **fields) -> Application:
    return Application.submit(
        applicant, title="Alder", jurisdiction=place, why="", started_on=date(2024, 1, 1), **fields
    )


# Asking ---------------------------------------------------------------------------------------


def test_a_stranger_applies_one_question_a_page(client, pueblo):
    confirm_email(client)
    assert fill_in(client, pueblo) == "/apply/check/"
    assert Application.objects.count() == 0
    page = client.get("/apply/check/").text
    assert "Soledad Núñez-O&#x27;Hara" in page and "Pueblo" in page and "January 2024" in page
    assert answer(client, "check") == "/apply/sent/"
    application = Application.objects.get()
    soledad = application.applicant
    assert (soledad.name, soledad.email, soledad.timezone, soledad.is_member) == (
        "Soledad Núñez-O'Hara",
        EMAIL,
        "America/Denver",
        False,
    )
    assert (application.title, application.district, application.started_on) == ("Alder", "4", date(2024, 1, 1))
    assert application.ended_on == date(today().year + 2, 12, 31)
    assert Delivery.objects.filter(kind="application_received", recipient=soledad).count() == 1
    assert "within 3 working days" in client.get("/apply/sent/").text


def test_questions_come_in_order(client):
    for question in ("email", "code", "office", "place", "term", "why", "check"):
        assert client.get(f"/apply/{question}/")["Location"] == "/apply/"
    answer(client, "name", name="Soledad")
    assert client.get("/apply/office/")["Location"] == "/apply/email/"


def test_reading_pages_writes_nothing(client, pueblo):
    confirm_email(client)
    fill_in(client, pueblo)
    sessions = connection.cursor()
    sessions.execute("SELECT md5(string_agg(session_data, '' ORDER BY session_key)) FROM django_session")
    before = sessions.fetchone()
    for url in (
        "/apply/",
        "/apply/office/",
        "/apply/place/?jurisdiction=1",
        "/apply/term/",
        "/apply/why/",
        "/apply/check/",
    ):
        assert client.get(url).status_code == 200
    sessions.execute("SELECT md5(string_agg(session_data, '' ORDER BY session_key)) FROM django_session")
    assert sessions.fetchone() == before
    assert Application.objects.count() == 0


def test_a_changed_answer_leads_back_to_the_look_at_all(client, pueblo):
    confirm_email(client)
    fill_in(client, pueblo)
    assert answer(client, "why", why="Another reason") == "/apply/check/"
    assert "Another reason" in client.get("/apply/check/").text


def test_another_email_has_to_be_confirmed_again(client, pueblo):
    confirm_email(client)
    fill_in(client, pueblo)
    assert answer(client, "email", email="other@portal.example") == "/apply/code/"
    assert client.get("/apply/check/")["Location"] == "/apply/code/"


def test_a_form_sent_after_the_session_ended_brings_all_answers_back(client, pueblo):
    confirm_email(client)
    fill_in(client, pueblo)
    kept = re.search(r'name="kept" value="([^"]*)"', client.get("/apply/why/").text).group(1)
    client.session.flush()
    client.cookies.clear()
    response = client.post("/apply/why/", {"why": "Typed before the session ended", "kept": kept})
    assert response["Location"] == "/apply/check/"
    page = client.get("/apply/check/").text
    assert "Typed before the session ended" in page and "Pueblo" in page and EMAIL in page


def test_a_page_proves_the_address_for_a_quarter_of_an_hour_and_brings_the_words_back_for_a_day(client, pueblo):
    with time_machine.travel(now() - timedelta(minutes=30)):
        confirm_email(client)
        fill_in(client, pueblo)
        kept = re.search(r'name="kept" value="([^"]*)"', client.get("/apply/why/").text).group(1)
    with time_machine.travel(now() - timedelta(minutes=20)):  # each page carries it on, and not the proof
        client.post("/apply/why/", {"why": "Words", "kept": kept})
        kept = re.search(r'name="kept" value="([^"]*)"', client.get("/apply/why/").text).group(1)
    Delivery.objects.all().delete()
    somebody = Client()
    for path, words in (("/apply/why/", {"why": "Typed for long"}), ("/apply/check/", {})):
        assert somebody.post(path, words | {"kept": kept})["Location"] == "/apply/code/"
    assert Application.objects.count() == 0
    page = somebody.get("/apply/code/").text
    assert "Your answers are kept. That was a while ago, so we sent you a code once more." in page
    assert answer(somebody, "code", code=code_sent_to(EMAIL)) == "/apply/check/"
    assert "Typed for long" in somebody.get("/apply/check/").text
    assert somebody.post("/apply/check/")["Location"] == "/apply/sent/"


def test_a_closed_account_applies_nowhere_and_is_told(client, pueblo, ada):
    confirm_email(client)
    fill_in(client, pueblo)
    answer(client, "why", why="")
    User.objects.get(email=EMAIL).deactivate(ada, "Nobody we know")
    page = client.post("/apply/check/")
    assert page.status_code == 403 and "This account is closed, so it can’t apply." in page.text
    assert not Application.objects.exists() and not Delivery.objects.filter(kind="application_received").exists()


def test_forged_answers_are_worth_nothing(client):
    response = client.post("/apply/why/", {"why": "x", "kept": "eyJuYW1lIjoiTWFsbG9yeSJ9:1abcde:xxxx"})
    assert response["Location"] == "/apply/"


def test_save_and_exit_keeps_what_was_typed(client):
    client.post("/apply/", {"name": "Soledad Arriaga", "exit": "1"})
    assert 'value="Soledad Arriaga"' in client.get("/apply/").text
    assert client.post("/apply/", {"name": "", "exit": "1"}).status_code == 302


def test_applying_again_replaces_the_answers_that_wait(client, pueblo):
    for title in ("Alder", "Mayor"):
        confirm_email(client)
        fill_in(client, pueblo, title=title)
        answer(client, "check")
    application = Application.objects.get()
    assert application.title == "Mayor"
    assert Delivery.objects.filter(kind="application_received").count() == 1


def test_a_member_who_is_signed_in_has_nothing_to_ask_for(sign_in, mo):
    assert "You’re a member already" in sign_in(mo).get("/apply/").text


def test_an_applicant_who_is_signed_in_changes_the_application_without_a_code(sign_in, ana, pueblo):
    waiting_application(ana, pueblo)
    client = sign_in(ana)
    assert "Alder" in client.get("/apply/check/").text
    answer(client, "place", title="Council President", place=pueblo.label, jurisdiction=pueblo.pk, district="")
    answer(client, "check")
    assert Application.objects.get().title == "Council President"


# The code -------------------------------------------------------------------------------------


def test_a_wrong_code_says_so_and_five_are_too_many(client):
    answer(client, "name", name="Soledad")
    answer(client, "email", email=EMAIL)
    wrong = f"{(int(code_sent_to(EMAIL)) + 1) % 100_000_000:08}"
    for _ in range(5):
        assert "That code doesn’t match" in client.post("/apply/code/", {"code": wrong}).text
    assert "Too many tries" in client.post("/apply/code/", {"code": code_sent_to(EMAIL)}).text
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_code_works_for_fifteen_minutes(client):
    answer(client, "name", name="Soledad")
    answer(client, "email", email=EMAIL)
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert "too old" in client.post("/apply/code/", {"code": code_sent_to(EMAIL)}).text


def test_a_new_code_replaces_the_earlier_one(client):
    answer(client, "name", name="Soledad")
    answer(client, "email", email=EMAIL)
    first = code_sent_to(EMAIL)
    client.post("/apply/code/again/")
    if first != code_sent_to(EMAIL):
        assert "doesn’t match" in client.post("/apply/code/", {"code": first}).text
    spaced = f"{code_sent_to(EMAIL)[:4]} {code_sent_to(EMAIL)[4:]}"
    assert client.post("/apply/code/", {"code": spaced})["Location"] == "/apply/office/"


def test_three_codes_in_ten_minutes_are_the_most(client):
    answer(client, "name", name="Soledad")
    answer(client, "email", email=EMAIL)
    for minute in range(1, 5):
        with time_machine.travel(now() + timedelta(minutes=minute), tick=False):
            client.post("/apply/code/again/")
    assert Delivery.objects.filter(address=EMAIL).count() == 3
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        response = client.post("/apply/email/", {"email": EMAIL})
    assert response.status_code == 429
    assert f'value="{EMAIL}"' in response.text


def test_the_code_is_not_kept_in_readable_form(client):
    answer(client, "name", name="Soledad")
    answer(client, "email", email=EMAIL)
    assert code_sent_to(EMAIL) not in str(dict(client.session))


def test_a_member_s_address_gets_a_mail_and_the_page_tells_nothing(client, mo):
    pages = {}
    for email in (mo.email, "nobody@portal.example"):
        fresh = Client()
        answer(fresh, "name", name="Somebody")
        location = answer(fresh, "email", email=email.upper())
        page = re.sub(r'name="(kept|csrfmiddlewaretoken)" value="[^"]*"', "", fresh.get(location).text)
        wrong = fresh.post("/apply/code/", {"code": "00000000"}).text
        pages[email] = [
            text.replace(email, "ADDRESS")
            for text in (page, re.sub(r'name="(kept|csrfmiddlewaretoken)" value="[^"]*"', "", wrong))
        ]
    assert pages[mo.email] == pages["nobody@portal.example"]
    assert list(Delivery.objects.order_by("pk").values_list("kind", flat=True)) == [
        "application_known",
        "application_code",
    ]
    assert User.objects.count() == 1


def test_a_closed_account_gets_no_code(client):
    UserFactory(email=EMAIL, is_active=False)
    answer(client, "name", name="Soledad")
    answer(client, "email", email=EMAIL)
    assert Delivery.objects.get(address=EMAIL).kind == "application_known"


def test_somebody_who_left_may_apply_again(client, pueblo, stu):
    former = UserFactory(email=EMAIL, name="Soledad Arriaga")
    former.leave(former)
    confirm_email(client, name="Soledad Arriaga")
    fill_in(client, pueblo)
    answer(client, "check")
    admission.approve(Application.objects.get(), stu)
    former.refresh_from_db()
    assert former.is_member


def test_look_alike_letters_in_an_email_are_refused(client):
    answer(client, "name", name="Soledad")
    page = client.post("/apply/email/", {"email": "jonah@pоrtal.example"})  # a Cyrillic о
    assert "plain letters" in page.text


def test_ten_applications_an_hour_are_the_most_from_one_place(client, pueblo):
    for number in range(10):
        applicant = UserFactory(admitted_at=None)
        session = client.session
        session[KEY] = {
            "name": "A",
            "email": applicant.email,
            "confirmed": applicant.email,
            "kind": "city",
            "title": f"T{number}",
            "jurisdiction": pueblo.pk,
            "started_on": "2024-01-01",
            "ended_on": None,
            "why": "",
        }
        session.save()
        assert client.post("/apply/check/").status_code == 302
    session = client.session
    session[KEY] = session_answers = {
        "name": "A",
        "email": EMAIL,
        "confirmed": EMAIL,
        "kind": "city",
        "title": "T",
        "jurisdiction": pueblo.pk,
        "started_on": "2024-01-01",
        "ended_on": None,
        "why": "",
    }
    session.save()
    refused = client.post("/apply/check/")
    assert refused.status_code == 429 and "Your answers are kept" in refused.text
    assert dict(client.session)[KEY] == session_answers
    assert Application.objects.count() == 10


# Mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"started_month": "1", "started_year": "2024", "ended_month": "12"}, "Enter the year your term ends"),
        ({"started_year": "2024"}, "Enter the month you took office"),
        ({"started_month": "13", "started_year": "2024"}, "Enter the month you took office, like 3 or March"),
        ({"started_month": "Mai", "started_year": "2024"}, "Enter the month you took office, like 3 or March"),
        ({"started_month": "1", "started_year": "24"}, "Enter the year you took office"),
        (
            {"started_month": "1", "started_year": "2024", "ended_month": "1", "ended_year": "2020"},
            "can’t end before it begins",
        ),
        ({"started_month": "1", "started_year": "2020", "ended_month": "1", "ended_year": "2022"}, "That term is over"),
        ({"started_month": "1", "started_year": "9" * 40}, "Enter the year you took office"),
        ({}, "Enter the month you took office"),
    ],
)
def test_a_term_that_cannot_be_is_explained_and_kept(client, answers, words):
    confirm_email(client)
    answer(client, "office", kind="city")
    answer(client, "place", title="Alder", place=JurisdictionFactory().label, district="")
    page = client.post("/apply/term/", answers)
    assert page.status_code == 422 and words in page.text
    assert "<title>Error:" in page.text and 'class="form-errors"' in page.text
    for value in answers.values():
        assert f'value="{value}"' in page.text


def test_a_place_typed_without_script_is_chosen_from_a_list(client):
    pueblo = JurisdictionFactory()
    county = JurisdictionFactory(
        name="Pueblo County", kind="county", label="Pueblo County, county, Colorado (CO)", population=168000
    )
    confirm_email(client)
    answer(client, "office", kind="county")
    page = client.post("/apply/place/", {"title": "Commissioner", "place": "pueblo", "jurisdiction": ""})
    assert [place.pk for place in page.context["form"].places] == [county.pk, pueblo.pk]
    assert 'value="Commissioner"' in page.text
    picked = client.post(
        "/apply/place/",
        {"title": "Commissioner", "place": "pueblo", "place_shown": "pueblo", "jurisdiction": ["", str(county.pk)]},
    )
    assert picked["Location"] == "/apply/term/"
    assert client.session[KEY]["jurisdiction"] == county.pk


def test_the_only_place_by_a_name_is_taken(client, pueblo):
    confirm_email(client)
    answer(client, "office", kind="city")
    assert answer(client, "place", title="Alder", place="pueblo colo", district="") == "/apply/term/"


def test_a_place_picked_and_then_typed_over_is_looked_up_again(client, pueblo):
    durham = JurisdictionFactory(name="Durham", label="Durham, city, Durham County, North Carolina (NC)", state="NC")
    confirm_email(client)
    answer(client, "office", kind="city")
    answer(client, "place", title="Alder", place="durham", jurisdiction=pueblo.pk)
    assert client.session[KEY]["jurisdiction"] == durham.pk


def test_an_unknown_place_goes_on_as_typed(client, sign_in, stu, pueblo):
    JurisdictionFactory(kind="state", name="Ohio", label="Ohio, state (OH)", state="OH", time_zone="America/Detroit")
    confirm_email(client)
    answer(client, "office", kind="city")
    typed = "Village of Nowhere\u200b At All, Ohio"
    assert answer(client, "place", title="Alder", place=typed, jurisdiction="x", district="") == "/apply/term/"
    assert 'value="Village of Nowhere At All, Ohio"' in client.get("/apply/place/").text
    answer(client, "term", started_month=1, started_year=2024)
    answer(client, "why", why="")
    assert "Village of Nowhere At All, Ohio" in client.get("/apply/check/").text
    answer(client, "check")
    application = Application.objects.get()
    assert (application.jurisdiction, application.where) == (None, "Village of Nowhere At All, Ohio")
    assert application.applicant.timezone == "America/Detroit"

    desk = sign_in(stu)
    page = f"/staff/applications/{application.pk}/"
    assert "Choose the government before you approve" in desk.get(page).text
    for each in ("/staff/", "/staff/applications/", f"{page}decline/", f"/staff/members/{application.applicant_id}/"):
        assert "Nowhere At All" in desk.get(each).text
    refused = desk.post(f"{page}approve/", {"note": ""}, follow=True)
    assert "Choose the government before you approve." in refused.text
    application.refresh_from_db()
    assert application.decided_at is None
    wrong = desk.post(f"{page}place/", {"place": "Nowhere At All"})
    assert "There is no place by that name" in wrong.text
    desk.post(f"{page}place/", {"place": "Pueblo, CO"})
    desk.post(f"{page}approve/", {"note": ""})
    application.refresh_from_db()
    assert application.applicant.offices.get().jurisdiction == pueblo
    assert AuditEntry.objects.filter(verb="settled the place of").exists()


def test_none_of_the_places_shown_goes_on_as_typed(client, pueblo):
    JurisdictionFactory(name="Pueblo County", kind="county", label="Pueblo County, county, Colorado (CO)")
    confirm_email(client)
    answer(client, "office", kind="city")
    asked = client.post("/apply/place/", {"title": "Alder", "place": "Pueblo West", "jurisdiction": ""})
    assert asked.status_code == 302 or "None of these" in asked.text
    asked = client.post("/apply/place/", {"title": "Alder", "place": "pueblo", "jurisdiction": ""})
    assert "None of these" in asked.text
    given = {"title": "Alder", "place": "pueblo", "place_shown": "pueblo", "jurisdiction": ["", "typed"]}
    assert client.post("/apply/place/", given)["Location"] == "/apply/term/"
    assert (client.session[KEY]["jurisdiction"], client.session[KEY]["place"]) == (None, "pueblo")


def test_a_name_that_can_mean_one_place_only_is_not_asked_about(client, pueblo):
    JurisdictionFactory(
        name="Pueblo County", kind="county", label="Pueblo County, county, Colorado (CO)", designation="county"
    )
    confirm_email(client)
    answer(client, "office", kind="other")
    assert answer(client, "place", title="Alder", place="City of Pueblo, CO", district="") == "/apply/term/"
    assert client.session[KEY]["jurisdiction"] == pueblo.pk


@pytest.mark.parametrize("field", ["name", "title", "district", "why"])
def test_a_script_in_any_answer_is_only_text(client, sign_in, stu, pueblo, field):
    script = "<script>alert(1)</script>'\""
    given = {"name": "Soledad", "title": "Alder", "district": "", "why": ""} | {field: script}
    answer(client, "name", name=given["name"])
    answer(client, "email", email=EMAIL)
    answer(client, "code", code=code_sent_to(EMAIL))
    answer(client, "office", kind="city")
    answer(
        client, "place", title=given["title"], place=pueblo.label, jurisdiction=pueblo.pk, district=given["district"]
    )
    answer(client, "term", started_month=1, started_year=2024)
    answer(client, "why", why=given["why"])
    assert "<script>alert" not in client.get("/apply/check/").text
    answer(client, "check")
    application = Application.objects.get()
    for url in (
        "/staff/",
        "/staff/applications/",
        f"/staff/applications/{application.pk}/",
        f"/staff/applications/{application.pk}/decline/",
        f"/staff/members/{application.applicant_id}/",
        "/staff/activity/",
    ):
        page = sign_in(stu).get(url)
        assert page.status_code == 200 and "<script>alert" not in page.text, url


# Deciding -------------------------------------------------------------------------------------


def test_approving_admits_with_the_office_and_tells_once(ana, stu, pueblo):
    application = waiting_application(ana, pueblo, district="4")
    admission.approve(application, stu, "Welcome")
    ana.refresh_from_db()
    assert ana.is_member
    office = Office.objects.get(user=ana)
    assert (office.title, office.level, office.jurisdiction, office.district) == ("Alder", "city", pueblo, "4")
    assert list(Delivery.objects.filter(recipient=ana).values_list("kind", flat=True)) == ["application_approved"]
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"approved", "admitted"}


def test_declining_needs_a_note_that_the_applicant_gets(sign_in, ana, stu, pueblo):
    application = waiting_application(ana, pueblo)
    client = sign_in(stu)
    url = f"/staff/applications/{application.pk}/decline/"
    assert "They get this note by email" in client.get(url).text
    assert "Write why" in client.post(url, {"note": "", "confirm": "1"}).text
    assert Application.objects.waiting().exists()
    client.post(url, {"note": "Only people in office, for now.", "confirm": "1"})
    application.refresh_from_db()
    assert (application.decision, application.note, application.decided_by) == (
        "declined",
        "Only people in office, for now.",
        stu,
    )
    assert Delivery.objects.get(recipient=ana).kind == "application_declined"


def test_the_note_typed_on_the_desk_comes_along_to_the_confirm_page(sign_in, ana, stu, pueblo):
    application = waiting_application(ana, pueblo)
    page = sign_in(stu).post(f"/staff/applications/{application.pk}/decline/", {"note": "Not in office yet"})
    assert "Not in office yet" in page.text
    assert Application.objects.waiting().exists()


def test_the_second_of_two_staff_is_told_who_decided_and_when(sign_in, ana, stu, ada, pueblo):
    application = waiting_application(ana, pueblo)
    sign_in(stu).post(f"/staff/applications/{application.pk}/approve/")
    page = sign_in(ada).post(f"/staff/applications/{application.pk}/approve/", follow=True)
    assert re.search(r"Stu Staff approved this application first, \w{3}, \w+ \d+, \d+:\d\d [AP]M M[SD]T", page.text)
    assert Delivery.objects.filter(kind="application_approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_decide_once(ana, stu, ada, pueblo):
    application = waiting_application(ana, pueblo)
    barrier, outcomes = threading.Barrier(4), []

    def click(by: User) -> None:
        barrier.wait()
        try:
            admission.approve(Application.objects.get(pk=application.pk), by)
            outcomes.append("approved")
        except AlreadyDecided:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=(by,)) for by in (stu, ada, stu, ada)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "told", "told", "told"]
    assert Office.objects.filter(user=ana).count() == 1
    assert Delivery.objects.filter(kind="application_approved").count() == 1
    assert AuditEntry.objects.filter(verb="approved").count() == 1


def test_an_applicant_confirmed_in_two_windows_is_one_person(db):
    first = confirmation.applicant_at(EMAIL, "Soledad")
    assert confirmation.applicant_at(EMAIL.upper(), "Soledad A.") == first
