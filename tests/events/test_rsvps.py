"""One tap, one verb, and the later click wins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Committee, Membership
from events.answers.answering import respond
from events.models import Meeting, Rsvp, RsvpAnswer
from events.models.rsvps import Tally
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery, Office, Profile, User
from tests.factories import JurisdictionFactory, MeetingFactory, MembershipFactory, UserFactory

GOING, MAYBE, CANT, SILENT = "accepted", "tentative", "declined", "needs_action"
HTMX = {"HX-Request": "true"}


def standing(meeting, user):
    rsvp = Rsvp.objects.filter(meeting=meeting, user=user, edition=meeting.edition).first()
    return rsvp.response if rsvp else None


def tap(client, meeting, answer, **fields):
    headers = fields.pop("headers", None)
    return client.post(reverse("meeting_rsvp", args=[meeting.slug]), {"answer": answer, **fields}, headers=headers)


# One tap ---------------------------------------------------------------------------------------------


def test_one_tap_answers_and_returns_to_where_it_was(sign_in, mo, meeting):
    response = tap(sign_in(mo), meeting, GOING, next="/calls/")
    assert (response.status_code, response["Location"]) == (302, "/calls/")
    assert standing(meeting, mo) == GOING


def test_without_a_place_to_return_to_it_opens_the_call(sign_in, mo, meeting):
    assert tap(sign_in(mo), meeting, GOING)["Location"] == meeting.get_absolute_url()


@pytest.mark.parametrize(
    "elsewhere_url", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_never_returns_to_another_site(sign_in, mo, meeting, elsewhere_url):
    assert tap(sign_in(mo), meeting, GOING, next=elsewhere_url)["Location"] == meeting.get_absolute_url()


@pytest.mark.parametrize(("word", "answer"), [("going", GOING), ("maybe", MAYBE), ("cant", CANT), ("Going", GOING)])
def test_plain_words_are_understood(sign_in, mo, meeting, word, answer):
    tap(sign_in(mo), meeting, word)
    assert standing(meeting, mo) == answer


def test_htmx_gets_the_control_the_count_and_an_undo(sign_in, mo, meeting):
    page = tap(sign_in(mo), meeting, GOING, version=0, headers=HTMX).content.decode()
    assert 'value="accepted"' in page
    assert 'aria-pressed="true"' in page
    assert "1 going" in page
    assert "You’re going. A confirmation is on its way." in page
    assert '<input type="hidden" name="answer" value="needs_action">' in page


def test_undo_brings_the_answer_before_back(sign_in, mo, meeting):
    client = sign_in(mo)
    tap(client, meeting, MAYBE, version=0)
    tap(client, meeting, GOING, version=1)
    tap(client, meeting, MAYBE, version=2, headers=HTMX)
    assert standing(meeting, mo) == MAYBE


def test_each_answer_is_kept_and_confirmed_once(sign_in, mo, meeting):
    client = sign_in(mo)
    tap(client, meeting, GOING, version=0)
    tap(client, meeting, CANT, version=1)
    tap(client, meeting, CANT, version=2)
    assert list(RsvpAnswer.objects.order_by("id").values_list("response", "source")) == [
        (GOING, "page"),
        (CANT, "page"),
        (CANT, "page"),
    ]
    assert Delivery.objects.filter(kind="rsvp_confirmation", recipient=mo).count() == 2


def test_a_note_goes_with_the_answer_and_a_later_tap_keeps_it(sign_in, mo, meeting):
    client = sign_in(mo)
    tap(client, meeting, GOING, note="Ten minutes late")
    tap(client, meeting, MAYBE)
    assert Rsvp.objects.get(meeting=meeting, user=mo).note == "Ten minutes late"


def test_a_note_goes_to_the_answer_of_now_and_says_that_it_is_saved(sign_in, carla, mo, meeting):
    client = sign_in(mo)
    tap(client, meeting, GOING)
    assert 'name="answer" value="as_it_is"' in client.get(meeting.get_absolute_url()).content.decode()
    tap(client, meeting, MAYBE)
    page = tap(client, meeting, "as_it_is", note="Ten minutes late", headers=HTMX).content.decode()
    assert "Note saved." in page
    assert "data-rsvp" not in page
    assert Rsvp.objects.filter(meeting=meeting, user=mo, response=MAYBE, note="Ten minutes late").exists()
    page = client.post(reverse("meeting_rsvp", args=[meeting.slug]), {"answer": "as_it_is", "note": ""}, follow=True)
    assert "Note removed." in page.content.decode()
    meeting.cancel(carla, "Storm")
    refused = tap(client, meeting, "as_it_is", note="Too late", headers=HTMX)
    assert (refused.status_code, "so there is nothing to answer" in refused.content.decode()) == (409, True)


def test_an_answer_costs_at_most_ten_queries(sign_in, mo, meeting):
    client = sign_in(mo)
    tap(client, meeting, MAYBE, version=0)
    with CaptureQueriesContext(connection) as queries:
        tap(client, meeting, GOING, version=1, variant="row", headers=HTMX)
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 10, statements


# Two quick clicks, late retries, two devices -------------------------------------------------------------


def test_of_two_quick_clicks_the_later_wins(mo, meeting):
    respond(meeting, mo, GOING, seen=0, page="tab", click=1)
    respond(meeting, mo, CANT, seen=0, page="tab", click=2)
    assert standing(meeting, mo) == CANT


def test_of_two_quick_clicks_that_overtake_each_other_the_later_still_wins(mo, meeting):
    respond(meeting, mo, CANT, seen=0, page="tab", click=2)
    late = respond(meeting, mo, GOING, seen=0, page="tab", click=1)
    assert (standing(meeting, mo), late.applied) == (CANT, False)


def test_a_late_retry_of_an_older_click_never_wins(mo, meeting):
    respond(meeting, mo, GOING, seen=0, page="tab", click=1)
    respond(meeting, mo, CANT, seen=1, page="tab", click=2)
    assert not respond(meeting, mo, GOING, seen=0, page="tab", click=1).applied
    assert not respond(meeting, mo, GOING, seen=0).applied
    assert standing(meeting, mo) == CANT


def test_a_late_retry_without_script_never_wins(mo, meeting):
    respond(meeting, mo, GOING, seen=0)
    respond(meeting, mo, MAYBE, seen=0)
    respond(meeting, mo, GOING, seen=0)
    assert standing(meeting, mo) == MAYBE


def test_the_same_click_twice_is_one_answer(mo, meeting):
    respond(meeting, mo, GOING, seen=0, page="tab", click=1)
    again = respond(meeting, mo, GOING, seen=0, page="tab", click=1)
    assert (again.applied, again.changed, again.rsvp.version) == (True, False, 1)


def test_two_devices_that_saw_the_same_answer_take_turns(mo, meeting):
    respond(meeting, mo, GOING, seen=0, page="phone", click=1)
    respond(meeting, mo, CANT, seen=0, page="laptop", click=1)
    assert standing(meeting, mo) == CANT
    assert not respond(meeting, mo, GOING, seen=0, page="phone", click=1).applied


def test_a_late_retry_is_told_what_stands(sign_in, mo, meeting):
    client = sign_in(mo)
    tap(client, meeting, GOING, version=0, page="tab", click=1)
    tap(client, meeting, CANT, version=1, page="tab", click=2)
    page = tap(client, meeting, GOING, version=0, page="tab", click=1, headers=HTMX)
    assert page.status_code == 200
    assert "That later answer stands: Can’t" in page.content.decode()
    assert standing(meeting, mo) == CANT


@pytest.mark.django_db(transaction=True)
def test_forty_clicks_at_once_leave_the_last_one(mo, meeting):
    answers = [GOING, MAYBE, CANT] * 13 + [GOING]

    def click(number):
        try:
            respond(meeting, mo, answers[number - 1], seen=0, page="tab", click=number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(click, range(len(answers), 0, -1)))
    rsvp = Rsvp.objects.get(meeting=meeting, user=mo)
    assert (rsvp.response, rsvp.version) == (GOING, rsvp.answers.count())


# What cannot be answered --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"answer": "perhaps"},
        {"answer": ""},
        {},
        {"answer": GOING, "version": "x"},
        {"answer": GOING, "click": "-1"},
    ],
)
def test_nonsense_is_refused_with_a_sentence(sign_in, mo, meeting, fields):
    response = sign_in(mo).post(reverse("meeting_rsvp", args=[meeting.slug]), fields)
    assert response.status_code == 400
    assert "Answer with going, maybe or can" in response.content.decode()
    assert not Rsvp.objects.filter(user=mo, response=GOING).exists()


def test_a_canceled_call_has_nothing_to_answer(sign_in, carla, mo, meeting):
    meeting.cancel(carla, "Storm")
    response = tap(sign_in(mo), meeting, GOING, headers=HTMX)
    assert response.status_code == 409
    assert "This call is canceled" in response.content.decode()


def test_a_past_call_has_nothing_to_answer(sign_in, carla, mo, committee):
    past = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(hours=-3))
    response = tap(sign_in(mo), past, GOING)
    assert response.status_code == 409
    assert "This call is over." in response.content.decode()


def test_a_tap_on_the_old_time_does_not_answer_the_new_one(sign_in, carla, mo, meeting):
    meeting.move(
        carla,
        local_date=meeting.local_date + timedelta(days=7),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
        reason="Hearings",
    )
    response = tap(sign_in(mo), meeting, GOING, version=0, edition=0)
    assert response.status_code == 409
    assert "The time of this call changed" in response.content.decode()
    assert tap(sign_in(mo), meeting, GOING, version=0, edition=1).status_code == 302


def test_moving_asks_again(carla, mo, meeting):
    respond(meeting, mo, GOING, seen=0)
    meeting.move(
        carla,
        local_date=meeting.local_date + timedelta(days=7),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
        reason="Hearings",
    )
    assert standing(meeting, mo) is None
    assert Rsvp.objects.tally(meeting).unanswered == 2


@pytest.mark.django_db(transaction=True)
def test_an_answer_given_while_the_call_moves_counts_for_the_old_time(carla, mo, meeting):
    seen = type(meeting).objects.get(pk=meeting.pk)
    meeting.move(
        carla,
        local_date=meeting.local_date + timedelta(days=7),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
        reason="Hearings",
    )
    respond(seen, mo, GOING, seen=0)
    assert standing(meeting, mo) is None


# Who may --------------------------------------------------------------------------------------------------


def test_a_foreign_call_is_not_there(sign_in, olga, chet, meeting):
    assert [tap(sign_in(user), meeting, GOING).status_code for user in (olga, chet)] == [404, 404]


def test_a_public_call_is_answered_by_its_committee_alone(sign_in, carla, olga, committee):
    public = MeetingFactory(committee=committee, by=carla, public=True)
    assert tap(sign_in(olga), public, GOING).status_code == 403
    assert not Rsvp.objects.exists()


def test_an_applicant_and_a_visitor_cannot_answer(sign_in, ana, meeting):
    assert tap(sign_in(ana), meeting, GOING).status_code == 404
    assert tap(sign_in(), meeting, GOING).status_code == 302
    assert not Rsvp.objects.exists()


def test_who_left_the_committee_cannot_answer_and_does_not_count(sign_in, mo, meeting):
    respond(meeting, mo, GOING, seen=0)
    Membership.objects.get(user=mo).end(by=mo)
    assert tap(sign_in(mo), meeting, CANT).status_code == 404
    assert Rsvp.objects.tally(meeting).going == 0


def test_a_get_changes_nothing(sign_in, mo, meeting):
    led_on = sign_in(mo).get(reverse("meeting_rsvp", args=[meeting.slug]))
    assert (led_on.status_code, led_on["Location"]) == (303, meeting.get_absolute_url())


def test_a_forged_form_is_refused(mo, meeting):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mo, backend="members.auth.StandingBackend")
    assert tap(client, meeting, GOING).status_code == 403


# Everybody's answers ----------------------------------------------------------------------------------------


def test_counts_include_everybody_and_names_only_those_who_let_them_be_seen(sign_in, carla, mo, meeting):
    shy = UserFactory(name="Shy Sandra")
    MembershipFactory(committee=meeting.committee, user=shy)
    Profile.objects.filter(user=shy).update(rsvp_audience=Profile.Audience.STAFF)
    for user in (carla, mo, shy):
        respond(meeting, user, GOING, seen=0)
    address = reverse("meeting_answers", args=[meeting.slug])
    as_mo, as_carla, as_shy = (sign_in(user).get(address).content.decode() for user in (mo, carla, shy))
    assert ("Shy Sandra" in as_mo, "Shy Sandra" in as_carla, "Shy Sandra" in as_shy) == (False, True, True)
    page = sign_in(mo).get(meeting.get_absolute_url()).content.decode()
    assert "3 going" in page


def test_a_tally_is_of_those_on_the_committee_today_and_of_the_time_that_holds(carla, mo, meeting):
    """People of two offices in one state, one without; somebody who left, whose answer stands there still."""
    texas = JurisdictionFactory(state="TX")
    assert Rsvp.objects.tally(meeting) == Tally(unanswered=2)
    people = [UserFactory(name=name) for name in ("Ana", "Bo", "Cy", "Gone")]
    for person, answer in zip(people, (GOING, MAYBE, CANT, GOING), strict=True):
        MembershipFactory(committee=meeting.committee, user=person)
        Office.objects.create(user=person, title="Mayor", jurisdiction=texas)
        respond(meeting, person, answer, seen=0)
    Office.objects.filter(user=carla).delete()
    respond(meeting, carla, GOING, seen=0)
    Office.objects.create(user=people[0], title="Trustee", jurisdiction=JurisdictionFactory(state="TX"))
    User.objects.filter(name="Gone").update(left_at=timezone.now())
    assert Rsvp.objects.tally(meeting) == Tally(going=2, maybe=1, cant=1, unanswered=1, states=1)
    Meeting.objects.filter(pk=meeting.pk).update(edition=1)
    meeting.refresh_from_db()
    assert Rsvp.objects.tally(meeting) == Tally(unanswered=5)


def test_faces_are_of_those_going_who_let_themselves_be_seen(carla, mo, meeting):
    shy = UserFactory(name="Shy Sandra")
    MembershipFactory(committee=meeting.committee, user=shy)
    Profile.objects.filter(user=shy).update(rsvp_audience=Profile.Audience.STAFF)
    for user, answer in ((carla, GOING), (mo, MAYBE), (shy, GOING)):
        respond(meeting, user, answer, seen=0)
    assert faces_for(meeting, mo, everybody=False) == [carla]
    assert set(faces_for(meeting, shy, everybody=False)) == {carla, shy}
    assert set(faces_for(meeting, mo, everybody=True)) == {carla, shy}
    assert len(faces_for(meeting, mo, everybody=True, at_most=1)) == 1


def faces_for(meeting, viewer, everybody, at_most=7):
    column = Rsvp.objects.counting(meeting).going().faces(viewer, everybody, at_most)
    (faces,) = Committee.objects.filter(pk=meeting.committee_id).values_list(column, flat=True)
    return [User(**face) for face in faces]


def test_notes_are_for_co_chairs(sign_in, carla, mo, meeting):
    respond(meeting, mo, MAYBE, seen=0, note="My kid has a recital")
    other = UserFactory()
    MembershipFactory(committee=meeting.committee, user=other)
    address = reverse("meeting_answers", args=[meeting.slug])
    assert "My kid has a recital" in sign_in(carla).get(address).content.decode()
    assert "My kid has a recital" not in sign_in(other).get(address).content.decode()


def test_each_row_says_the_answer_and_has_one_change(sign_in, carla, mo, meeting):
    respond(meeting, mo, MAYBE, seen=0)
    address = reverse("meeting_answers", args=[meeting.slug])
    as_carla, as_mo = (BeautifulSoup(sign_in(user).get(address).content, "html.parser") for user in (carla, mo))
    row = as_carla.select_one(f"#person-{mo.pk}")
    assert row.select_one(".badge").get_text(strip=True) == "Maybe"
    assert [summary.get_text(strip=True) for summary in row.select("summary")] == ["Change: Mo Haddad"]
    assert row.select_one("input[name=next]")["value"] == f"{address}#person-{mo.pk}"
    assert not as_mo.select("#main summary") and as_mo.select_one(f"#person-{mo.pk} .badge")


def test_a_co_chair_writes_down_an_answer_and_the_trail_says_so(sign_in, carla, mo, meeting):
    sign_in(carla).post(reverse("meeting_answer_for", args=[meeting.slug, mo.pk]), {"answer": CANT, "version": 0})
    assert standing(meeting, mo) == CANT
    assert AuditEntry.objects.filter(actor=carla, verb="answered for another").count() == 1
    assert Delivery.objects.filter(recipient=mo, kind="rsvp_confirmation").count() == 1


def test_whose_answer_it_is_not_hears_who_wrote_it_down_until_they_answer(sign_in, smtp, carla, mo, meeting):
    address = reverse("meeting_answer_for", args=[meeting.slug, mo.pk])
    sign_in(carla).post(address, {"answer": GOING, "version": 0})
    deliver()
    mail = smtp.received[-1].message
    for kind in ("plain", "html"):
        words = " ".join(BeautifulSoup(mail.get_body((kind,)).get_content(), "lxml").text.split())
        assert "Carla Núñez-O'Hara wrote this answer down for you. If it isn’t yours, give your own below." in words
        assert "You get this because somebody answered for you." in words
    page = sign_in(mo)
    assert "wrote this answer down" in page.get(meeting.get_absolute_url()).text
    assert "Written down by" in sign_in(carla).get(reverse("meeting_answers", args=[meeting.slug])).text
    tap(page, meeting, GOING, version=1)
    assert "wrote this answer down" not in page.get(meeting.get_absolute_url()).text
    assert "Written down by" not in sign_in(carla).get(reverse("meeting_answers", args=[meeting.slug])).text
    tap(page, meeting, MAYBE, version=2)
    deliver()
    assert "wrote this answer down" not in smtp.received[-1].message.get_body(("plain",)).get_content()


def test_where_answers_are_hidden_only_co_chairs_see_who_said_what(sign_in, carla, mo, committee, meeting):
    ana = MembershipFactory(committee=committee, user=UserFactory(name="Ana Open")).user
    Profile.objects.filter(user=ana).update(rsvp_audience=Profile.Audience.COMMITTEES)
    respond(meeting, ana, GOING, seen=0)
    answers = reverse("meeting_answers", args=[meeting.slug])
    assert "Ana Open" in sign_in(mo).get(answers).text
    edit = sign_in(carla).get(reverse("committee_edit", args=[committee.slug])).text
    assert "only co-chairs see who said what" in edit.lower()
    Committee.objects.filter(pk=committee.pk).update(hides_answers=True)
    for page in (meeting.get_absolute_url(), answers, "/"):
        text = sign_in(mo).get(page).text
        assert "Ana Open" not in text and "Ana O" not in text
    assert "In this committee only co-chairs see who said what." in sign_in(mo).get(answers).text
    assert "1 going" in " ".join(sign_in(mo).get(meeting.get_absolute_url()).text.split())
    assert "Ana Open" in sign_in(carla).get(answers).text
    assert "Ana Open" in sign_in(ana).get(answers).text


@pytest.mark.parametrize(
    ("answer", "words"),
    [(GOING, "You and 1 other"), (MAYBE, "1 going"), (CANT, "1 going")],
    ids=["going", "maybe", "cant"],
)
def test_the_count_on_home_follows_the_answer(sign_in, mo, carla, meeting, answer, words):
    respond(meeting, carla, GOING, seen=0)
    fields = {"answer": answer, "version": 0, "edition": meeting.edition, "variant": "hero"}
    page = sign_in(mo).post(reverse("meeting_rsvp", args=[meeting.slug]), fields, headers={"HX-Request": "true"})
    counted = page.content.decode().partition('id="hero-going" hx-swap-oob="true"')[2]
    assert " ".join(counted.partition(">")[2].partition("<")[0].split()) == words


def test_a_co_chair_does_not_overwrite_what_came_in_meanwhile(sign_in, carla, mo, meeting):
    respond(meeting, mo, GOING, seen=0)
    respond(meeting, mo, MAYBE, seen=1)
    sign_in(carla).post(reverse("meeting_answer_for", args=[meeting.slug, mo.pk]), {"answer": CANT, "version": 1 - 1})
    assert standing(meeting, mo) == MAYBE


def test_others_do_not_answer_for_others(sign_in, chet, mo, carla, meeting):
    address = reverse("meeting_answer_for", args=[meeting.slug, carla.pk])
    assert sign_in(mo).post(address, {"answer": CANT}).status_code == 403
    assert sign_in(chet).post(address, {"answer": CANT}).status_code == 404


def test_nobody_is_answered_for_who_is_not_invited(sign_in, carla, olga, meeting):
    assert (
        sign_in(carla).post(reverse("meeting_answer_for", args=[meeting.slug, olga.pk]), {"answer": GOING}).status_code
        == 404
    )


def test_the_verb_names_its_errors(mo, meeting):
    with pytest.raises(ValidationError) as refused:
        respond(meeting, mo, "perhaps", seen=0)
    assert refused.value.code == "unknown_response"
