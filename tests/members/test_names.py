"""Names that imitate something are refused with a sentence, and whoever takes another name is shown to staff."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.cleaning import line
from members.models import User
from members.names import refuse_imitations
from tests.factories import UserFactory

DETAILS = {"name": "Mo Haddad", "given_name": "Mo", "timezone": "America/Denver", "single_key_shortcuts": "on"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("https://evil.example", "address"),
        ("Visit evil.example now", "address"),
        ("evil.example/sign-in", "address"),
        ("t.co/x", "address"),
        ("bit.ly", "address"),
        ("WWW.EVIL.COM", "address"),
        ("mo@portal.example", "address"),
        ("tel://5550148 Mo", "address"),
        ("Local Progress", "organization"),
        ("local-progress support", "organization"),
        ("The L0cal  Progress Team", "organization"),
        ("LocalProgress", "organization"),
        ("Lócal Prógress", "organization"),
        ("C\u0430rla Núñez", "look_alike"),  # a Cyrillic a
        ("Carla N\u03bfvak", "look_alike"),  # a Greek omicron
        ("\u13a0na Petrova", "look_alike"),  # a Cherokee letter like D
        ("O’H\u0430ra", "look_alike"),
    ],
)
def test_what_imitates_is_refused(name, code, settings):
    settings.ORG_NAME = "Local Progress"
    with pytest.raises(ValidationError) as refused:
        refuse_imitations(line(name))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "name",
    [
        "Carla Núñez-O'Hara",
        "J.R. St.John",
        "Dr. Mary St. John, Ph.D.",
        "Martin Luther King Jr.",
        "Kaʻiulani Kāhele",
        "Nguyễn Thị Minh Khai",
        "Ольга Петрова",
        "Olga Петрова",
        "Ελένη",
        "山田 太郎",
        "エマ スミス",
        "김 민준",
        "مريم حداد",
        "שָׁלוֹם כֹּהֵן",
        "विद्या देवी",
        "María José Lòpez i Vidal",
        "Prog Localio",
        "Ann 3rd",
    ],
)
def test_names_of_people_are_taken(name, settings):
    settings.ORG_NAME = "Local Progress"
    refuse_imitations(line(name))
    assert line(name) == " ".join(line(name).split()) != ""


def test_marks_are_not_stacked_over_what_stands_around():
    stacked = line("Z" + "\u0335\u0334\u0336" * 14 + "oe")
    assert stacked == "Z" + "\u0335\u0334\u0336\u0335" + "oe"
    assert line(stacked) == stacked and line("שָׁלוֹם") == line(line("שָׁלוֹם"))


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["name", "given_name"])
def test_settings_and_applications_refuse_them_and_lose_nothing(sign_in, client, mo, field):
    page = sign_in(mo).post("/settings/details/", DETAILS | {field: "https://evil.example"}, follow=True)
    assert page.status_code == 422
    assert "Enter your name without a web or email address" in page.content.decode()
    assert 'value="https://evil.example"' in page.content.decode()
    applied = client.post(reverse("apply"), {"name": "https://evil.example"}, follow=True)
    assert "Enter your name without a web or email address" in applied.content.decode()


@pytest.mark.django_db
def test_a_name_from_before_keeps_nobody_from_saving_the_rest(sign_in, mo):
    User.objects.filter(pk=mo.pk).update(name="mo@portal.example", given_name="mo@portal.example")
    kept = DETAILS | {"name": "mo@portal.example", "given_name": "mo@portal.example", "pronouns": "he/him"}
    assert sign_in(mo).post("/settings/details/", kept).status_code == 302


@pytest.mark.django_db
def test_a_member_who_takes_another_name_is_shown_to_staff(sign_in, mo, carla, stu, ana):
    desk = sign_in(stu)
    assert "New names" not in desk.get("/staff/").content.decode()
    for person, name in ((mo, carla.name), (ana, "Anna Applicant")):
        sign_in(person).post("/settings/details/", DETAILS | {"name": name})
    page = desk.get("/staff/")
    renamed = page.context["renamed"]
    assert [(each.person, each.before, each.after, each.is_anothers) for each in renamed] == [
        (mo.pk, "Mo Haddad", carla.name, True)
    ]
    assert "Another member has this name." in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_new_names_cost_the_same_for_any_number(sign_in, stu, rows, django_assert_num_queries):
    for number in range(rows):
        sign_in(UserFactory()).post("/settings/details/", DETAILS | {"name": f"Nia {'ABC'[number]}"})
    desk = sign_in(stu)
    with django_assert_num_queries(17):
        assert len(desk.get("/staff/").context["renamed"]) == rows
