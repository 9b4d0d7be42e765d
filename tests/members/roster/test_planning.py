"""What becomes of a row, against the members of today and the rows before it."""

from datetime import date

import pytest
from django.utils import timezone

from members.models import FormerAddress, Office, Suppression, User
from members.roster.importing.known import known
from members.roster.importing.namesakes import is_near, is_same_person
from members.roster.importing.planning import Planner, Row
from members.roster.reading.people import Fault, Person
from tests.factories import JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pueblo():
    return JurisdictionFactory(name="Pueblo", state="CO")


@pytest.fixture
def salida():
    return JurisdictionFactory(name="Salida", state="CO")


@pytest.fixture
def terrence(pueblo) -> User:
    """Of the council of Pueblo, with a phone and an address he left."""
    terrence = UserFactory(name="Terrence M. Boyle", email="tboyle@mail.example")
    terrence.profile.phone = "+17195550123"
    terrence.profile.save()
    FormerAddress.objects.create(user=terrence, email="terry@old.example", until=timezone.now())
    Office.objects.create(user=terrence, title="City Council Member", level="city", jurisdiction=pueblo)
    return terrence


def person(row: int = 2, **facts) -> Person:
    return Person(row, **({"name": "Alma Quintero", "email": "alma@lc.example"} | facts))


def planned(*people: Person) -> list[Row]:
    return Planner().plan(list(people))


def told(*people: Person) -> list[tuple[str, str]]:
    return [(each.outcome, each.reason) for each in planned(*people)]


def changed(row: Row, number: int = 0) -> dict[str, tuple]:
    return {each["field"]: (each["before"], each["after"]) for each in row.choices[number]["changes"]}


@pytest.mark.parametrize(
    ("facts", "outcome", "reason"),
    [
        ({}, "create", "new_member"),
        ({"email": "not an email"}, "reject", "invalid_email"),
        ({"email": "alma@lс.example"}, "reject", "invalid_email"),  # with a Cyrillic letter
        ({"name": "www.pills.example"}, "reject", "invalid_name"),
        ({"faults": (Fault("missing_name", "", "reject"),)}, "reject", "missing_name"),
        ({"faults": (Fault("total_row", "412", "ignore"), Fault("missing_email", "", "reject"))}, "ignore", "total_row"),
        ({"faults": (Fault("shared_mailbox", "info@x.example", "note"),)}, "suspect", "shared_mailbox"),
        ({"name": "Mayor’s Office", "faults": (Fault("missing_name", "", "look"),)}, "suspect", "missing_name"),
        ({"faults": (Fault("phone_added", "", "note"),)}, "create", "new_member"),
        ({"opted_out": True}, "ignore", "asked_to_be_removed"),
        ({"name": "Terrence Boyle", "email": "tboyle@mail.example"}, "unchanged", "same_email"),
        ({"name": "Terry Boyle", "email": "tboyle@mail.example"}, "unchanged", "same_email"),
        ({"name": "Terry Boyle", "email": "terry@old.example"}, "unchanged", "former_email"),
        (
            {"name": "Terrence Boyle", "email": "new@x.example", "other_emails": ("tboyle@mail.example",)},
            "unchanged",
            "same_email",
        ),
        ({"name": "TERRENCE BOYLE", "email": "tboyle@mail.example", "phone": "+17195550199"}, "update", "same_email"),
        ({"name": "Jane Roe", "email": "tboyle@mail.example"}, "suspect", "email_belongs_to_another_member"),
        ({"name": "Diane Boyle", "email": "tboyle@mail.example"}, "suspect", "email_belongs_to_another_member"),
        ({"name": "Terrence Boyle", "email": "t@gb.example", "phone": "+17195550123"}, "suspect", "looks_like_member"),
    ],
)  # fmt: skip
def test_a_row_has_an_outcome_and_a_reason(terrence, facts, outcome, reason):
    assert told(person(**facts)) == [(outcome, reason)]


def test_a_name_in_the_same_place_is_asked_about_and_one_elsewhere_is_not(terrence, pueblo, salida):
    seat = {"office": "Mayor", "level": "city"}
    near = person(name="Terry Boyle", email="t@gb.example", jurisdiction=pueblo.pk, **seat)
    row = planned(near)[0]
    assert (row.outcome, row.reason, row.member, row.safe) == ("suspect", "looks_like_member", terrence.pk, "")
    assert changed(row)["email"] == ("tboyle@mail.example", "t@gb.example")
    assert [each["code"] for each in row.choices] == [f"update:{terrence.pk}", "create", "skip"]
    assert told(person(name="Terry Boyle", email="t@gb.example", jurisdiction=salida.pk, **seat))[0][0] == "create"
    assert told(person(name="Teresa Boyd", email="t@gb.example", jurisdiction=pueblo.pk, **seat))[0][0] == "create"


def test_a_list_never_changes_how_somebody_signs_in(terrence, pueblo):
    User.objects.filter(pk=terrence.pk).update(last_login=timezone.now())
    row = planned(person(name="Terry Boyle", email="t@gb.example", jurisdiction=pueblo.pk))[0]
    assert "email" not in changed(row)


def test_two_members_of_one_name_are_asked_about(terrence, pueblo):
    other = UserFactory(name="Terrence M. Boyle")
    Office.objects.create(user=other, title="School Board Member", level="school", jurisdiction=pueblo)
    row = planned(person(name="Terrence M. Boyle", email="t@gb.example", jurisdiction=pueblo.pk))[0]
    assert (row.outcome, row.reason, row.member) == ("suspect", "two_members_match", None)
    assert {each["member"] for each in row.choices} >= {terrence.pk, other.pk}


def test_who_left_or_has_a_closed_account_stays_out(terrence, stu, ada):
    terrence.leave(ada)
    olga = UserFactory(name="Olga Ruiz", email="olga@x.example")
    olga.deactivate(ada, "gone")
    Suppression.stop("cara@x.example", Suppression.Reason.COMPLAINT, "spam")
    rows = [
        person(2, name="Terrence Boyle", email="tboyle@mail.example"),
        person(3, name="Olga Ruiz", email="olga@x.example"),
        person(4, name="Cara Diaz", email="cara@x.example"),
        person(5, name="Terrence M. Boyle", email="back@x.example"),
    ]
    assert told(*rows) == [("ignore", "asked_to_be_removed")] * 3 + [("suspect", "looks_like_former_member")]


def test_who_left_with_an_office_is_brought_back_by_staff(terrence):
    User.objects.filter(pk=terrence.pk).update(leaves_on=date(2020, 1, 1))
    row = planned(person(name="Terrence Boyle", email="tboyle@mail.example"))[0]
    assert (row.outcome, row.reason, row.safe) == ("suspect", "left_with_office", "skip")


def test_what_is_known_of_members_costs_the_same_for_any_number(pueblo, django_assert_num_queries):
    people = [UserFactory() for _ in range(3)]
    with django_assert_num_queries(3):
        known(each.pk for each in people[:1])
    with django_assert_num_queries(3):
        known(each.pk for each in people)


def test_who_applied_is_decided_elsewhere(ana):
    row = planned(person(name=ana.name, email=ana.email))[0]
    assert (row.outcome, row.reason, [each["code"] for each in row.choices]) == ("suspect", "has_applied", ["skip"])


def test_an_address_twice_in_the_file_is_one_person_or_refused(pueblo):
    rows = planned(
        person(2),
        person(3, name="Alma R. Quintero", phone="+17195550123"),
        person(4, name="Juan Quintero"),
        person(5, name="Al Q", email="other@lc.example"),
    )
    assert [(each.outcome, each.reason, each.into) for each in rows] == [
        ("create", "new_member", None),
        ("merge", "same_person_in_file", 2),
        ("reject", "email_belongs_to_another_person_in_file", 2),
        ("create", "new_member", None),
    ]
    assert changed(rows[1]) == {"phone": ("", "+17195550123")}


def test_a_second_row_adds_and_corrects_nothing(pueblo, salida):
    council = {"office": "Council Member", "level": "city", "jurisdiction": pueblo.pk}
    rows = planned(
        person(2, phone="+17195550123", **council),
        person(3, phone="+17195550199", ended_on=date(2029, 12, 31), **council),
        person(4, **council | {"jurisdiction": salida.pk}),
    )
    assert [each.outcome for each in rows] == ["create", "merge", "merge"]
    assert [each["field"] for each in rows[1].choices[0]["changes"]] == ["office"]
    assert changed(rows[1])["office"][1]["ended_on"] == "2029-12-31"
    assert changed(rows[2])["office"][0] is None


def test_the_same_name_and_place_with_another_address_is_one_person_only_with_one_phone(pueblo):
    seat = {"office": "Mayor", "level": "city", "jurisdiction": pueblo.pk, "phone": "+17195550123"}
    rows = [
        person(2, **seat),
        person(3, email="a@x.example", **seat),
        person(4, email="b@x.example", **seat | {"phone": ""}),
    ]
    assert [(each.outcome, each.reason, each.into) for each in planned(*rows)] == [
        ("create", "new_member", None),
        ("merge", "same_person_in_file", 2),
        ("suspect", "looks_like_row", 2),
    ]


def test_empty_cells_change_nothing_and_an_office_is_corrected(terrence, pueblo):
    same = {"name": "Terrence Boyle", "email": "tboyle@mail.example", "jurisdiction": pueblo.pk, "level": "city"}
    assert planned(person(**same))[0].outcome == "unchanged"
    for title in ("City council member", "Council Member"):
        assert planned(person(office=title, **same))[0].outcome == "unchanged"
    row = planned(person(office="Mayor", ended_on=date(2030, 1, 1), **same))[0]
    before, after = changed(row)["office"]
    assert (before["title"], after["title"], after["ended_on"]) == ("City Council Member", "Mayor", "2030-01-01")
    assert before["pk"] == after["pk"] == terrence.offices.get().pk


def test_a_value_that_cannot_be_read_is_left_out_or_asked_about(pueblo, salida):
    date_row, place_row = planned(
        person(2, faults=(Fault("invalid_term_end", "13/31/2029", "look"),)),
        person(
            3,
            name="Bo Diaz",
            email="b@x.example",
            office="Mayor",
            level="city",
            candidates=(pueblo.pk, salida.pk),
            faults=(Fault("jurisdiction_unresolved", "Washington", "look"),),
        ),
    )
    assert (date_row.reason, date_row.safe) == ("invalid_term_end", "without")
    codes = [each["code"] for each in place_row.choices]
    assert (codes, place_row.safe) == ([f"place:{pueblo.pk}", f"place:{salida.pk}", "without", "skip"], "")
    assert changed(place_row)["office"][1]["jurisdiction"] == pueblo.pk


@pytest.mark.parametrize(
    ("one", "other", "same", "near"),
    [
        ("Bob Smith", "Robert Smith", True, True),
        ("R. Smith", "Robert Smith", True, True),
        ("Smith Robert", "Robert Smith", True, True),
        ("Robert Smith Jr.", "Robert Smith Sr.", False, False),
        ("María García-López", "Maria Garcia Lopez", True, True),
        ("Maria Garcia", "Maria Lopez", True, False),
        ("Maria Lopez", "Juan Lopez", False, False),
        ("Jon Smyth", "John Smith", False, False),
        ("Catherine Smith", "Katherine Smith", True, True),
        ("Jonathan Meier", "Jonathan Meyer", True, True),
        ("Hon. Ann Lee", "Ann Lee", True, True),
    ],
)  # fmt: skip
def test_names_are_compared_as_people_write_them(one, other, same, near):
    assert (is_same_person(one, other), is_near(one, other)) == (same, near)
