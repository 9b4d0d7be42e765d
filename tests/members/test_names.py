"""Names that imitate something are refused with a sentence, and whoever takes another name is shown to staff."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from members.applications.admission import submit
from members.applications.evidence import evidence_for
from members.models import User
from members.text.cleaning import line
from members.text.names import refuse_imitation_of, refuse_imitations
from tests.factories import JurisdictionFactory, UserFactory

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
        ("ꓡꓳꓚꓮꓡ ꓑꓣꓳꓖꓣꓰꓢꓢ", "organization"),  # wholly in Lisu
        ("LocaI Progress", "organization"),  # a capital I
        ("Loca1 Progress", "organization"),
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
        "Вера Роса",  # all of it looks like Latin letters, and it is a name
        "ᏟᎪᎡᏞᎪ",
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


def new_names(page):
    """What the page Today says of new names."""
    return next((section.rows for section in page.context["sections"] if section.name == "renamed"), [])


@pytest.mark.django_db
def test_a_member_who_takes_another_name_is_shown_to_staff(sign_in, mo, carla, stu, ana):
    desk = sign_in(stu)
    assert "New names" not in desk.get("/staff/").content.decode()
    for person, name in ((mo, carla.name), (ana, "Anna Applicant")):
        sign_in(person).post("/settings/details/", DETAILS | {"name": name})
    page = desk.get("/staff/")
    assert [(row.title, row.url) for row in new_names(page)] == [(carla.name, f"/staff/members/{mo.pk}/")]
    assert "Until then <bdi>Mo Haddad</bdi>." in page.content.decode()
    assert "Another member has this name, or one that looks like it." in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_new_names_cost_the_same_for_any_number(sign_in, stu, rows, django_assert_num_queries):
    for number in range(rows):
        sign_in(UserFactory()).post("/settings/details/", DETAILS | {"name": f"Nia {'ABC'[number]}"})
    desk = sign_in(stu)
    with django_assert_num_queries(26):
        assert len(new_names(desk.get("/staff/"))) == rows


# Names that look like those of others ------------------------------------------------------------------

LOOKS_LIKE = {
    "ꓚꓮꓣꓡꓮ ꓠꓴꓠꓰꓜ-ꓳ'ꓧꓮꓣꓮ": "Carla Núñez-O'Hara",  # Lisu
    "ꓢꓔꓴ ꓢꓔꓮꓝꓝ": "Stu Staff",
    "Мо Наddаd".replace("dd", "ԁԁ").replace("d", "ԁ"): "Mo Haddad",
    "ꓮꓓꓮ ꓮꓓꓟꓲꓠ": "Ada Admin",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "reads"), LOOKS_LIKE.items())
def test_a_name_wholly_in_other_letters_reads_like_somebodys(typed, reads, carla, mo, stu, ada, settings):
    settings.ORG_NAME = "Local Progress"
    refuse_imitations(line(typed))
    assert [each.name for each in User.objects.looking_like(line(typed))] == [reads]


@pytest.mark.django_db
def test_whoever_left_or_only_applied_is_imitated_by_nobody(mo, stu, ana):
    mo.leave(mo)
    stu.deactivate(UserFactory(), "")
    names = ["Мо Наԁԁаԁ", "ꓢꓔꓴ ꓢꓔꓮꓝꓝ", "Ana Applicant", "", "!?"]
    assert not User.objects.looking_like(*names).exists()


@pytest.mark.django_db
def test_nobody_takes_a_name_that_reads_like_anothers(sign_in, olga, mo):
    page = sign_in(olga).post("/settings/details/", DETAILS | {"name": "Мо Наԁԁаԁ"}, follow=True)
    assert (page.status_code, "looks the same in other letters" in page.text) == (422, True)
    olga.refresh_from_db()
    assert olga.name == "Olga Petrova"
    with pytest.raises(ValidationError):
        refuse_imitation_of(User.objects, "Мо Наԁԁаԁ", None)
    assert (
        sign_in(mo).post("/settings/details/", DETAILS | {"name": "Мо Наԁԁаԁ"}).status_code == 302
    )  # reads like his own
    refuse_imitation_of(User.objects, "Ольга", None)


@pytest.mark.django_db
def test_an_applicants_name_that_reads_like_anothers_is_shown_to_who_decides_and_refused_to_nobody(client, mo):
    applicant = UserFactory(name="Мо Наԁԁаԁ", admitted_at=None)
    application = submit(applicant, applicant.name, title="Alder", jurisdiction=JurisdictionFactory(), why="To learn.")
    hints = [hint for hint in evidence_for([application])[application.pk].hints if hint.label == "Name"]
    assert [(hint.tone, hint.person) for hint in hints] == [("bad", mo)]
    page = client.post(reverse("apply"), {"name": "Мо Наԁԁаԁ"})
    assert page.status_code == 302 and "typed" not in page.url  # a visitor learns of no member


@pytest.mark.django_db
def test_a_new_name_that_only_looks_like_anothers_is_marked_for_staff(sign_in, stu, olga):
    UserFactory(name="Michelle Lee")
    desk = sign_in(stu)
    for name, is_anothers in (("MicheIle Lee", True), ("Michele Lee", False), ("MICHÉLLE  LEE", True)):
        sign_in(olga).post("/settings/details/", DETAILS | {"name": name})
        newest = new_names(desk.get("/staff/"))[0]
        assert ("Another member has this name" in newest.words) == is_anothers, name


# Names from before --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_migration_cleans_what_it_can_says_how_many_and_shows_the_rest_to_staff(sign_in, stu, capsys, settings):
    settings.ORG_NAME = "Local Progress"
    before = ["Zo\u200be  Smith", "C\u0430rla Núñez", "Local Progress", "nia@portal.example", "\u200b", "Ольга Петрова"]
    people = [UserFactory() for _ in before]
    for person, name in zip(people, before, strict=True):
        with connection.cursor() as cursor:  # past the field, which cleans
            cursor.execute("UPDATE members_user SET name = %s WHERE id = %s", [name, person.pk])
    for _twice in range(2):
        import_module("members.migrations.0021_names_looked_at").look_at_names(apps, None)
    said = capsys.readouterr().out
    assert "1 cleaned, 4 left as they are" in said and "0 cleaned, 4 left" in said
    names = [User.objects.get(pk=person.pk).name for person in people]
    assert names == ["Zoe Smith", *before[1:]]
    shown = [row for row in new_names(sign_in(stu).get("/staff/")) if row.words.startswith("From before")]
    assert {row.url for row in shown} <= {f"/staff/members/{person.pk}/" for person in people[1:5]} and len(shown) == 4
    assert "n…@portal.example" in {row.title for row in shown}
