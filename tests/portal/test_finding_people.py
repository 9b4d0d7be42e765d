"""People are found however their names are written, alike on every page that searches."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from members.models import Delivery, Office, User
from members.queries.finding import all_found_by, typed_words
from tests.access_world import make_document
from tests.factories import JurisdictionFactory, MeetingFactory, MembershipFactory, UserFactory

PAIRS = [
    ("Nguyễn Thị Hồng", "Nguyen"),
    ("Nguyễn Thị Hồng", "nguyen thi hong"),
    ("Nguyễn Thị Hồng", "Hồng Nguyễn"),
    ("Nguyễn Thị Hồng", "NGUYỄN"),
    ("Đặng Văn Ước", "dang"),
    ("Đặng Văn Ước", "uoc dang"),
    ("Phạm Thùy Dương", "Pham Duong"),
    ("José Muñoz", "Munoz"),
    ("Jose\u0301 Mun\u0303oz", "Muñoz"),
    ("José Muñoz", "Mun\u0303oz"),
    ("José Muñoz", "muñ"),
    ("Günther Weiß", "weiß"),
    ("Günther Weiß", "weiss"),
    ("Günther Weiß", "WEISS"),
    ("Günther Weiß", "Guenther"),
    ("Günther Weiß", "gunther"),
    ("Guenther Mueller", "Günther"),
    ("Guenther Mueller", "Müller"),
    ("Jörg Bäcker", "Joerg Baecker"),
    ("Søren Dahl", "Soren"),
    ("Søren Dahl", "Soeren"),
    ("Åse Ødegård", "Ase Odegard"),
    ("Åse Ødegård", "Aase"),
    ("Ægir Þórsson", "Aegir Thorsson"),
    ("Guðrún Æsa", "gudrun"),
    ("Mattias Sjöström", "sjostrom"),
    ("Łukasz Żółkiewski", "Lukasz Zolkiewski"),
    ("Łukasz Żółkiewski", "żół"),
    ("Stanisław Wójcik", "stanislaw wojcik"),
    ("İlker Işık", "ilker isik"),
    ("İlker Işık", "ILKER"),
    ("İlker Işık", "ışık"),
    ("Gülşah Çağlar", "gulsah caglar"),
    ("Kaʻahumanu Akana", "Kaahumanu"),
    ("Kaʻahumanu Akana", "Ka'ahumanu"),
    ("Kaʻahumanu Akana", "Ka‘ahumanu"),
    ("Keliʻi Nāone", "Kelii Naone"),
    ("Siobhán O'Brien", "OBrien"),
    ("Siobhán O'Brien", "O Brien"),
    ("Siobhán O'Brien", "O’Brien"),
    ("Siobhán O'Brien", "O´Brien"),
    ("Siobhán O'Brien", "o`br"),
    ("Siobhán O'Brien", "Brien"),
    ("Seán Ó Sé", "Sean O Se"),
    ("Seán Ó Sé", "ose"),
    ("Pat OBrien", "O'Brien"),
    ("Pat OBrien", "o brien"),
    ("Kit O Brien", "O'Brien"),
    ("Kit O Brien", "OBrien"),
    ("Kit O Brien", "obrien kit"),
    ("García López", "Garcia-Lopez"),
    ("García López", "Garcialopez"),
    ("García López", "lopez garcia"),
    ("Ana García-López", "García López"),
    ("Ana García-López", "Garcialopez"),
    ("Ana García-López", "Garcia‑Lopez"),
    ("Ana García-López", "García–López"),
    ("Ana García-López", "lópez"),
    ("Eva Garcialopez", "García-López"),
    ("Ana Núñez-O'Hara", "ohara"),
    ("Ana Núñez-O'Hara", "Nunez O Hara"),
    ("Maria de la Cruz", "Delacruz"),
    ("Maria de la Cruz", "de la Cruz"),
    ("Mario Delacruz", "de la Cruz"),
    ("Zo\u200be Smith", "Zoe"),
    ("Zoe Smith", "Zo\u200be"),
    ("Ｃａｒｌａ Ｎｏｖａｋ", "Novak"),
    ("J.R. Whitfield", "JR Whitfield"),
    ("J.R. Whitfield", "j. r. whitfield"),
    ("Jean-Luc D'Angelo", "jean luc dangelo"),
    ("Jean-Luc D'Angelo", "Jeanluc D Angelo"),
    ("Sukarno", "suk"),
    ("Sukarno", "SUKARNO"),
    ("Олег Кузнецов", "кузнецов"),
    ("Олег Кузнецов", "ОЛЕГ"),
    ("Ελένη Παπαδοπούλου", "παπαδοπουλου"),
    ("Ngọc", "ngoc"),
]
PART = {"HX-Request": "true"}  # the results without the page around them
NOT_FOUND = [
    ("Ann Evans", "Anne"),
    ("Jo Hnat", "John"),
    ("Joanna Marsh", "anna"),
    ("Sue Park", "Susan"),
    ("Maria Cruz", "Maria Lopez"),
]


@pytest.fixture
def people(db) -> dict[str, User]:
    names = dict.fromkeys(stored for stored, _typed in [*PAIRS, *NOT_FOUND])
    return {name: UserFactory(name=name) for name in names}


def _by_page(client: Client, typed: str) -> set[int]:
    return {row.pk for row in client.get("/people/", {"q": typed}, headers=PART).context["page"].rows}


def _by_search(client: Client, typed: str) -> set[int]:
    found = client.get("/search/", {"q": typed, "kind": "person"}).context["found"]
    return {thing.key for group in found for thing in group.things}


def _by_staff_table(client: Client, typed: str) -> set[int]:
    return {row.pk for row in client.get("/staff/members/", {"q": typed}).context["page"].rows}


def _by_api(client: APIClient, typed: str) -> set[int]:
    return {row["id"] for row in client.get("/api/people/", {"name": typed}).json()["results"]}


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    for module in ("portal.views.people", "portal.views.search"):
        monkeypatch.setattr(f"{module}.within_limit", lambda *asked: True)
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.allow_request", lambda *asked: True)


@pytest.mark.parametrize("way", [_by_page, _by_search, _by_staff_table, _by_api])
def test_everybody_is_found_however_the_name_is_written(sign_in, people, mo, stu, way):
    client = sign_in(stu if way is _by_staff_table else mo)
    missed = [(stored, typed) for stored, typed in PAIRS if people[stored].pk not in way(client, typed)]
    assert missed == []
    wrong = [(stored, typed) for stored, typed in NOT_FOUND if people[stored].pk in way(client, typed)]
    assert wrong == []


def test_staff_find_messages_by_the_name_of_who_got_them(sign_in, people, stu):
    now = timezone.now()
    facts = {
        "kind": "application_received",
        "due_at": now,
        "next_try_at": now,
        "useless_after": now + timedelta(days=1),
    }
    Delivery.objects.bulk_create(
        Delivery(recipient=person, about=f"user:{person.pk}", **facts) for person in people.values()
    )
    desk = sign_in(stu)

    def listed(typed: str) -> set[int]:
        return {
            row.recipient_id for row in desk.get("/staff/messages/", {"q": typed}, headers=PART).context["page"].rows
        }

    assert [(stored, typed) for stored, typed in PAIRS if people[stored].pk not in listed(typed)] == []


def test_nothing_typed_that_has_no_letters_finds_nobody(sign_in, people, mo):
    for typed in ("%", "_", "'", "\u02bb", "\u200b", "=", "-- ;", "\\"):
        assert not User.objects.filter(all_found_by("name_words", typed)).exists(), typed
    assert len(typed_words("one two three four five six seven eight")) == 6


def test_titles_and_places_are_found_as_names_are(sign_in, mo, people):
    place = JurisdictionFactory(name="Cañon City", label="Cañon City, city, Fremont County, Colorado (CO)")
    zoe = people["Sukarno"]
    Office.objects.create(user=zoe, title="Vice-Mayor", level="city", jurisdiction=place)
    for typed in ("vice mayor", "vicemayor", "Sukarno Canon", "cañon vice", "fremont"):
        assert _by_page(sign_in(mo), typed) == {zoe.pk}, typed


QUESTIONS = [  # session and person among them
    ("/people/?q=mccay", 4),
    ("/search/?q=mccay", 4),
    ("/search/?q=nobodyatall", 5),
    ("/api/people/?name=mccay", 3),
    ("/staff/members/?q=mccay", 4),
    ("/staff/members/?q=nobodyatall", 4),
    ("/staff/members/?q=mccay&committee=economic-justice&state=WI&standing=everybody", 4),
]


@pytest.mark.parametrize(("address", "questions"), QUESTIONS)
def test_a_search_asks_at_most_five_questions_for_one_and_for_three(
    sign_in, mo, stu, carla, committee, address, questions, django_assert_num_queries
):
    def grow() -> None:
        person = MembershipFactory(committee=committee, user__name="Mara McCay").user
        place = JurisdictionFactory(state="WI")
        Office.objects.create(user=person, title="Alder", level="city", jurisdiction=place)
        MeetingFactory(committee=committee, by=carla, title="McCay’s first call")
        make_document(committee, carla, "What McCay wrote")

    grow()
    client = sign_in(stu if address.startswith("/staff") else mo)
    client.get("/people/")
    for _ in range(2):
        with django_assert_num_queries(questions):
            page = client.get(address)
        assert ("Mara McCay" in page.text.replace("<mark>", "").replace("</mark>", "")) == ("mccay" in address)
        grow()
        grow()


def test_names_are_found_by_an_index(people):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = User.objects.filter(all_found_by("name_words", "garcia lopez")).explain()
    assert "user_name_words" in plan and "Seq Scan" not in plan


def test_a_search_without_results_offers_who_is_called_nearly_so(sign_in, mo, people):
    page = sign_in(mo).get("/search/", {"q": "Sukarmo"})
    assert people["Sukarno"].pk in [thing.key for thing in page.context["alike"]]
    assert "Did you mean" in page.text and "Look through the directory" in page.text
    assert sign_in(mo).get("/search/", {"q": "%"}).context["alike"] == []
