"""The membership desk's queue, and what could be checked."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import now

from members.applications import evidence
from members.models import Application, Office, User
from members.times.clock import today
from tests.factories import JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db


def apply(person: User, days_ago: int = 0, **fields) -> Application:
    place = fields.pop("jurisdiction", None) or JurisdictionFactory()
    application = Application.submit(
        person, title="Alder", jurisdiction=place, why="Because.", started_on=date(2024, 1, 1), **fields
    )
    Application.objects.filter(pk=application.pk).update(submitted_at=now() - timedelta(days=days_ago))
    return application


def applicant(**fields) -> User:
    return UserFactory(admitted_at=None, **fields)


def hints(application: Application) -> dict[str, evidence.Hint]:
    found = evidence.evidence_for([Application.objects.for_listing().get(pk=application.pk)])[application.pk]
    return {hint.label: hint for hint in found.hints}


def test_the_queue_is_oldest_first_and_the_oldest_lies_open(sign_in, stu):
    for name, days in (("Newest Nell", 0), ("Oldest Olaf", 3), ("Middle Mia", 1)):
        apply(applicant(name=name), days)
    page = sign_in(stu).get("/staff/applications/").text
    places = [page.index(name) for name in ("Oldest Olaf", "Middle Mia", "Newest Nell")]
    assert places == sorted(places)
    assert "What we could check" in page and "1 of 3" in page


def test_an_empty_queue_says_when_it_fills(sign_in, stu):
    assert "New applications appear here" in sign_in(stu).get("/staff/applications/").text


def test_those_who_do_not_decide_learn_nothing(sign_in, ana, mo, stu):
    application = apply(ana)
    priya = UserFactory(name="Priya")
    priya.appoint("organizer")
    url = f"/staff/applications/{application.pk}/"
    outcomes = {
        name: sign_in(user).get(url).status_code
        for name, user in (("applicant", ana), ("member", mo), ("organizer", priya), ("membership staff", stu))
    }
    assert outcomes == {"applicant": 404, "member": 404, "organizer": 403, "membership staff": 200}
    assert sign_in(stu, strong=False).get(url).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_desk_costs_the_same_for_any_number_of_applications(sign_in, stu, rows, django_assert_num_queries):
    for _ in range(rows):
        apply(applicant())
    client = sign_in(stu)
    with django_assert_num_queries(10):
        client.get("/staff/applications/")
    url = f"/staff/applications/{Application.objects.first().pk}/"
    with django_assert_num_queries(11):
        client.get(url)


def test_next_and_previous_are_one_key_away(sign_in, stu):
    first, second, third = (apply(applicant(), days) for days in (3, 2, 1))
    page = sign_in(stu).get(f"/staff/applications/{second.pk}/").text
    assert f'href="/staff/applications/{third.pk}/" data-key="j"' in page
    assert f'href="/staff/applications/{first.pk}/" data-key="k"' in page
    assert 'data-key="a"' in page and 'data-key="d"' in page


def test_single_keys_are_turned_off_by_ones_setting(sign_in, stu, ana):
    apply(ana)
    User.objects.filter(pk=stu.pk).update(single_key_shortcuts=False)
    assert 'data-keys="off"' in sign_in(stu).get("/staff/applications/").text


def test_approving_moves_on_to_the_next_one_with_a_word(sign_in, stu, ana):
    apply(ana, 2)
    following = apply(applicant(name="Next Nora"))
    response = sign_in(stu).post(
        f"/staff/applications/{ana.applications.get().pk}/approve/", {"note": "Welcome"}, follow=True
    )
    assert response.redirect_chain == [(f"/staff/applications/{following.pk}/", 302)]
    assert "Ana Applicant is a member now" in response.text


def test_a_decided_application_says_who_when_and_why(sign_in, stu, ana):
    application = apply(ana)
    application.decline(stu, "Not in office <b>yet</b>.")
    client = sign_in(stu)
    page = client.get(f"/staff/applications/{application.pk}/").text
    assert (
        "by <bdi>Stu Staff</bdi>" in page
        and "Not in office &lt;b&gt;yet&lt;/b&gt;." in page
        and 'data-key="a"' not in page
    )
    assert "Ana Applicant" in client.get("/staff/applications/?tab=decided").text
    assert client.get(f"/staff/applications/{application.pk}/decline/").status_code == 302


def test_a_note_that_is_too_long_is_kept_and_explained(sign_in, stu, ana):
    application = apply(ana)
    page = sign_in(stu).post(f"/staff/applications/{application.pk}/approve/", {"note": "x" * 2001})
    assert "2000 characters" in page.text and "x" * 2001 in page.text
    assert Application.objects.waiting().count() == 1


# Hints ----------------------------------------------------------------------------------------


def test_an_address_at_a_domain_of_members_counts_for_the_applicant():
    UserFactory(email="carla@pueblo-council.example")
    hint = hints(apply(applicant(email="ana@pueblo-council.example")))["Work email"]
    assert (hint.tone, hint.more) == ("good", "Confirmed by code. 1 member shares this domain.")


def test_a_personal_address_is_a_warning_however_many_share_it():
    UserFactory(email="carla@gmail.com")
    assert hints(apply(applicant(email="ana@gmail.com")))["Email"].text == "Personal email"


@pytest.mark.parametrize(
    ("started", "ended", "tone"),
    [(-900, 400, "good"), (-900, None, "good"), (-900, -1, "bad"), (30, 900, "warn"), (-900, 20, "warn")],
)
def test_a_term_is_weighed(started, ended, tone):
    application = apply(applicant())
    days = {
        "started_on": today() + timedelta(days=started),
        "ended_on": today() + timedelta(days=ended) if ended else None,
    }
    Application.objects.filter(pk=application.pk).update(**days)
    assert hints(application)["Term"].tone == tone


def test_a_namesake_is_a_possible_duplicate_however_it_is_spelled():
    UserFactory(name="José O’Brien")
    application = apply(applicant(name="Jose O'Brien"))
    hint = hints(application)["Possible duplicate"]
    assert (hint.text.split(",")[0], hint.more) == ("José O’Brien", "The same name.")


def test_the_holder_of_the_same_seat_is_a_possible_duplicate():
    place, holder = JurisdictionFactory(), UserFactory(name="Holder Hal")
    Office.objects.create(user=holder, title="Alder", level="city", jurisdiction=place, district="4")
    assert hints(apply(applicant(), jurisdiction=place, district="4"))["Possible duplicate"].person == holder
    assert "Possible duplicate" not in hints(apply(applicant(), jurisdiction=place, district="5"))
    assert hints(apply(applicant(), jurisdiction=place))["Place"].more == "111,000 people. 1 member serves there."


def test_the_question_before_a_decline_is_a_page_that_back_and_reload_show_again(sign_in, stu, ana):
    application = apply(ana)
    client = sign_in(stu)
    address = f"/staff/applications/{application.pk}/decline/"
    asked = client.post(address, {"note": "Not in office yet."}, headers={"Accept": "text/html"})
    assert asked.status_code == 303
    for _reload in range(2):
        page = client.get(asked["Location"])
        assert (page.status_code, "Not in office yet." in page.text, "to fix" in page.text) == (200, True, False)
    done = client.post(
        asked["Location"], {"note": "Not in office yet.", "confirm": "1"}, headers={"Accept": "text/html"}
    )
    assert done.status_code == 302
    application.refresh_from_db()
    assert application.decided_at
