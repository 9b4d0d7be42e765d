"""Looking up the government somebody serves."""

import time

import pytest
from django.db import connection

from members import jurisdictions
from members.models import Jurisdiction
from tests.factories import JurisdictionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def governments(django_db_setup, django_db_blocker):
    """All 27,640 of them, for the tests of this module."""
    with django_db_blocker.unblock():
        loaded = jurisdictions.load()
        yield loaded
        Jurisdiction.objects.all().delete()


def labels(text: str, **more: str) -> list[str]:
    return [place.label for place in Jurisdiction.objects.matching(text, **more)[:10]]


def test_every_government_is_loaded_and_loading_again_changes_nothing(governments):
    before = Jurisdiction.objects.count()
    assert (governments[0], before) == (27_640, 27_640)
    start = time.monotonic()
    assert jurisdictions.load() == (27_640, 0)
    assert time.monotonic() - start < 10
    assert Jurisdiction.objects.filter(kind="school_district").count() == 17_243


def test_loading_mends_a_row_that_changed(governments):
    Jurisdiction.objects.filter(name="Doña Ana County").update(time_zone="America/New_York", label="Wrong")
    assert jurisdictions.load() == (27_640, 1)
    county = Jurisdiction.objects.get(name="Doña Ana County")
    assert (county.label, county.time_zone) == ("Doña Ana County, county, New Mexico (NM)", "America/Denver")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Dona Ana", "Doña Ana County, county, New Mexico (NM)"),
        ("doña ana", "Doña Ana County, county, New Mexico (NM)"),
        ("saint paul", "St. Paul, city, Ramsey County, Minnesota (MN)"),
        ("St. Paul, MN", "St. Paul, city, Ramsey County, Minnesota (MN)"),
        ("o'fallon il", "O'Fallon, city, St. Clair County, Illinois (IL)"),
        ("o’fallon, illinois", "O'Fallon, city, St. Clair County, Illinois (IL)"),
        ("ofallon", "O'Fallon, city, St. Charles County, Missouri (MO)"),
        ("dc", "Washington, D.C., District of Columbia (DC)"),
        ("District of Columbia", "Washington, D.C., District of Columbia (DC)"),
        ("wenatchee", "Wenatchee, city, Chelan County, Washington (WA)"),
    ],
)
def test_a_place_is_found_as_people_type_it(governments, typed, first):
    assert labels(typed)[0] == first


def test_places_of_one_name_are_told_apart(governments):
    found = Jurisdiction.objects.matching("Washington Township")[:10]
    assert len({place.place for place in found}) == 10
    assert found[0].place == "township, Marion County, Indiana (IN)"


def test_the_kind_of_office_puts_its_governments_first(governments):
    assert labels("denver")[0] == "Denver County, county, Colorado (CO)"
    assert labels("denver", prefer="place")[0] == "Denver, city, Denver County, Colorado (CO)"
    assert labels("denver", prefer="school_district")[0] == "Denver 1, school district, Denver County, Colorado (CO)"


def test_the_look_up_uses_its_index(governments):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_jurisdiction")
    plan = Jurisdiction.objects.matching("dona ana")[:10].explain()
    assert "jurisdiction_words_trgm" in plan


@pytest.mark.parametrize("typed", ["", "  ", "%", "_", "\\", "\x00", "'", "-- ;", "𝕏" * 300])
def test_odd_words_find_nothing_and_break_nothing(client, governments, typed):
    response = client.get("/places/", {"q": typed})
    assert (response.status_code, response.context["places"]) == (200, [])


def test_the_page_works_without_script(client):
    place = JurisdictionFactory()
    response = client.get("/places/?q=pueblo")
    assert f'href="/apply/place/?jurisdiction={place.pk}"' in response.text
    assert "city, Pueblo County, Colorado (CO)" in response.text


def test_the_list_under_the_field_is_a_fragment_of_options(client, django_assert_num_queries):
    place = JurisdictionFactory()
    with django_assert_num_queries(1):
        response = client.get("/places/?q=pue", headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert f'role="option" id="place-{place.pk}" data-value="{place.pk}"' in response.text


def test_a_name_with_markup_is_escaped(client):
    JurisdictionFactory(name="<script>alert(1)</script>", label='<script>alert(1)</script>, city "x"')
    for headers in ({}, {"HX-Request": "true"}):
        assert "<script>alert" not in client.get("/places/?q=script", headers=headers).text


def test_nothing_found_says_what_to_try(client):
    assert "enter the county it lies in" in client.get("/places/?q=xyzzy", headers={"HX-Request": "true"}).text
