"""What people write into the cells of a list: addresses, phones, dates, states, seats, names."""

from datetime import date

import pytest
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from members.roster.reading import addresses, cells, dates, offices, person_names, phones, states
from members.roster.reading.heading_words import field_of
from members.text.cleaning import line

ANN = ("ann@city.example",)
BOTH = ("ann@city.example", "bob@city.example")


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("Ann Lee <ANN@city.example>", ANN),
        ('"Lee, Ann" <ann@city.example>', ANN),
        ("mailto:ann@city.example?subject=Hi", ANN),
        ("ann@city.example.", ANN),
        ("ann@city.example,", ANN),
        ("“ann@city.example”", ANN),
        ("ann @ city . example", ANN),
        ("ann@city. example", ANN),
        ("a\u200bnn@city.example", ANN),
        ("ａｎｎ@city.example", ANN),
        ("ann(at)city.example", ANN),
        ("ann [at] city [dot] example", ANN),
        ("[ann@city.example](mailto:ann@city.example)", ANN),
        ("Work: ann@city.example", ANN),
        ("ann@city.example (work)", ANN),
        ("ann@city.example - preferred", ANN),
        ("Ann Lee ann@city.example", ANN),
        ("ann@city.gov.example", ("ann@city.gov.example",)),
        ("ann@city.example; bob@city.example", BOTH),
        ("ann@city.example, bob@city.example", BOTH),
        ("ann@city.example bob@city.example", BOTH),
        ("ann@city.example / bob@city.example", BOTH),
        ("ann@city.example or bob@city.example", BOTH),
        ("ann@city.example ::: bob@city.example", BOTH),
        ("ann@city.example\nbob@city.example", BOTH),
        ("<ann@city.example>;<bob@city.example>", BOTH),
    ],
)
def test_addresses_are_taken_out_of_what_stands_around_them(cell, found):
    assert addresses.found_in(cell) == addresses.Found(found)


@pytest.mark.parametrize(
    "cell",
    ["ann lee@city.example", "Ann lee@city.example", "ann@city,example", "ann@@city.example", "ann@city", "call her", "ann@city..example",
     "ann.@city.example", "аnn@city.example", "ann@city.con", "noemail@city.example", "www.city.example", "@annlee", "ann@münchen.example"],
)  # fmt: skip
def test_what_may_be_half_an_address_is_none(cell):
    found = addresses.found_in(cell)
    assert (found.addresses, found.wrong) == ((), cell)


@pytest.mark.parametrize("cell", ["", " ", "n/a", "None", "-", "unknown"])
def test_a_word_for_nothing_is_nothing(cell):
    assert addresses.found_in(cell) == addresses.Found()


@given(st.text(max_size=60))
def test_whatever_is_found_can_be_written_to(cell):
    for address in addresses.found_in(cell).addresses:
        validate_email(address)


@pytest.mark.parametrize(
    ("cell", "state", "number"),
    [
        ("512.555.0123", "TX", "+15125550123"),
        ("5125550123.0", "", "+15125550123"),
        ("(512) 555-0123 x45", "", "+15125550123"),
        ("1-512-555-0123", "", "+15125550123"),
        ("h: 512-555-0100, c: 512-555-0123", "", "+15125550123"),
        ("512-555-0123 / 512-555-0124", "", "+15125550123"),
        ("512/555-0123", "", "+15125550123"),
        ("512 555 0123 (cell)", "", "+15125550123"),
        ("512-555-VOTE", "", "+15125558683"),
        ("+52 55 1234 5678", "", "+525512345678"),
        ("555-0123", "WY", "+13075550123"),
        ("555-0123", "TX", ""),
        ("5.12555E+09", "TX", ""),
        ("ask the clerk", "TX", ""),
    ],
)
def test_a_phone_is_read_as_it_is_written(cell, state, number):
    assert phones.first_of([cell], state)[0] == number


MONTH_FIRST, DAY_FIRST = dates.Habit(), dates.Habit(is_day_first=True)


@pytest.mark.parametrize(
    "cell",
    ["12/31/2027", "12/31/27", "12-31-2027", "12.31.2027", "2027-12-31", "2027-12-31T00:00:00Z", "2027-12-31 00:00:00", "20271231", "46752", "46752.0",
     "December 31, 2027", "Dec. 31st, 2027", "31 Dec 2027", "31-Dec-27", "Thu, Dec 31 2027", "12/31/2027 12:00 AM", "31 de diciembre de 2027",
     "Dec 2027", "Dec-27", "12/2027", "2027", "through 2027"],
)  # fmt: skip
def test_an_end_of_term_is_read_however_it_is_written(cell):
    assert dates.read(cell, MONTH_FIRST, is_end=True).on == date(2027, 12, 31)


@pytest.mark.parametrize(
    "cell", ["13/31/2029", "2/30/2027", "9999-12-31", "2207-03-10", "soon", "27-Dec", "3rd Monday", "12/31"]
)
def test_what_is_no_date_is_told(cell):
    assert dates.read(cell, MONTH_FIRST, is_end=True) == dates.Read(is_wrong=True)


@pytest.mark.parametrize("cell", ["", "n/a", "present", "0000-00-00", "TBD"])
def test_an_open_end_is_no_date_and_not_wrong(cell):
    assert dates.read(cell) == dates.Read()


def test_the_habit_of_a_column_decides_for_all_of_it_and_for_one_that_does_not_tell():
    ends, starts = ["1/2/2027", "31/12/2027"], ["1/2/2023", "3/4/2023"]
    assert dates.habit_of([starts, ends]) == [DAY_FIRST, DAY_FIRST]
    assert dates.habit_of([starts]) == [MONTH_FIRST]
    assert dates.read("1/2/2027", DAY_FIRST).on == date(2027, 2, 1)
    assert dates.read("12/31/2027", DAY_FIRST).is_wrong


@given(st.dates(date(1950, 1, 1), date(2069, 12, 31)))
def test_a_day_is_the_same_in_every_writing(day):
    forms = [
        day.isoformat(),
        day.strftime("%m/%d/%Y"),
        day.strftime("%B %d, %Y"),
        day.strftime("%d-%b-%Y"),
        str((day - date(1899, 12, 30)).days),
    ]
    read = {dates.read(form).on for form in forms if not (form.isdigit() and day < date(1954, 10, 4))}
    assert read == {day}
    assert dates.read(day.strftime("%d.%m.%Y"), DAY_FIRST).on == day


@pytest.mark.parametrize(
    "cell", ["2023-2027", "2023–27", "Jan 2023 - Dec 2027", "1/1/2023 to 12/31/2027", "1/1/2023-12/31/2027"]
)
def test_a_term_in_one_cell_has_two_ends(cell):
    assert tuple(each.on for each in dates.span(cell)) == (date(2023, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("cell", "code"),
    [("Tex.", "TX"), ("tx", "TX"), ("48", "TX"), ("6", "CA"), ("US-TX", "TX"), ("TX - Texas", "TX"), ("Texas (TX)", "TX"), ("N.Y.", "NY"), ("D.C.", "DC"),
     ("State of Texas", "TX"), ("West Virginia", "WV"), ("ON", ""), ("Austin", ""), ("TX, CA", "")],
)  # fmt: skip
def test_a_state_is_known_by_name_abbreviation_and_number(cell, code):
    assert states.code_of(cell) == code


@pytest.mark.parametrize(
    ("cell", "title", "district", "level", "place"),
    [
        ("Council Member District 4", "Council Member", "District 4", "city", ""),
        ("CM, Dist. 4", "Council Member", "District 4", "city", ""),
        ("School Board Trustee, Place 3", "School Board Trustee", "Place 3", "school", ""),
        ("County Commissioner Pct 2", "County Commissioner", "Precinct 2", "county", ""),
        ("Mayor Pro Tem", "Mayor Pro Tem", "", "city", ""),
        ("MAYOR", "Mayor", "", "city", ""),
        ("Alder, 12th Ward", "Alder", "Ward 12", "city", ""),
        ("Council Member At-Large", "Council Member", "At large", "city", ""),
        ("D4 Council Member", "Council Member", "District 4", "city", ""),
        ("City Councilmember for District One", "City Councilmember", "District 1", "city", ""),
        ("Mayor of Austin, TX", "Mayor", "", "city", "Austin"),
        ("Council Member, City of Austin", "Council Member", "", "city", "City of Austin"),
        ("City of Austin - Council Member", "Council Member", "", "city", "City of Austin"),
        ("Travis County Commissioner, Precinct 2", "County Commissioner", "Precinct 2", "county", "Travis County"),
        ("Austin ISD Trustee", "Trustee", "", "school", "Austin ISD"),
        ("State Representative, District 46", "State Representative", "District 46", "state", ""),
        ("Supervisor", "Supervisor", "", "", ""),
    ],
)
def test_an_office_in_free_text_is_title_seat_and_place(cell, title, district, level, place):
    read = offices.read(cell)
    assert (read.title, read.district, read.level, read.place) == (title, district, level, place)


@pytest.mark.parametrize(
    ("cell", "full", "called"),
    [
        ("Lee, Ann", "Ann Lee", "Ann"),
        ("O'DELL, PATRICK", "Patrick O'Dell", "Patrick"),
        ("Dr. María-José de la Cruz Jr.", "María-José de la Cruz Jr.", "María-José"),
        ("MARÍA DE LA CRUZ", "María de la Cruz", "María"),
        ("Patrick McDONALD", "Patrick McDonald", "Patrick"),
        ("JD VANCE", "JD Vance", "JD"),
        ('Robert "Bob" Lee', "Robert Lee", "Bob"),
        ("Robert (Bob) Lee", "Robert Lee", "Bob"),
        ("Ann Lee (she/her)", "Ann Lee", "Ann"),
        ("Ann Lee, PhD", "Ann Lee", "Ann"),
        ("Lee Jr., Sam", "Sam Lee Jr.", "Sam"),
        ("King, Martin Luther, Jr.", "Martin Luther King Jr.", "Martin"),
        ("The Honorable Ann B. Lee III", "Ann B. Lee III", "Ann"),
        ("Councilmember Bea Ortiz", "Bea Ortiz", "Bea"),
        ("Ann Lee, Mayor", "Ann Lee", "Ann"),
        ("Ann Lee - Mayor", "Ann Lee", "Ann"),
        ("*1. Ann Lee*", "Ann Lee", "Ann"),
        ("José Ortega y Gasset", "José Ortega y Gasset", "José"),
        ("Robert Hall", "Robert Hall", "Robert"),
        ("Judge Reinhold", "Judge Reinhold", "Judge"),
        ("Ann Null", "Ann Null", "Ann"),
        ("Nguyễn Thị Hồng", "Nguyễn Thị Hồng", "Nguyễn"),
        ("王小明", "王小明", "王小明"),
        ("Ann\nLee", "Ann Lee", "Ann"),
    ],
)  # fmt: skip
def test_a_name_is_put_as_people_write_it(cell, full, called):
    name = person_names.of_whole(cell)
    assert (name.full, name.called or name.given) == (full, called)


def test_na_is_a_name_and_n_a_is_none():
    assert person_names.of_cells({"given_name": "Na", "family_name": "Yo"}).full == "Na Yo"
    assert person_names.of_cells({"given_name": "N/A", "family_name": "Yo"}).full == "Yo"


def test_the_title_beside_a_name_is_kept():
    assert person_names.of_whole("Council Member Bea Ortiz").office == "Council Member"
    assert person_names.of_whole("Trustee Ann Lee, Place 3").district == "Place 3"


@pytest.mark.parametrize(
    "cell",
    ["Ann & Bob Lee", "Ann and Bob Lee", "Ann Lee / Bob Ray", "Mr. & Mrs. Lee", "Ann Lee; Bob Ray", "Ann Lee\nBob Ray"],
)
def test_two_people_in_one_cell_are_two(cell):
    name = person_names.of_whole(cell)
    assert (name.is_two, name.full) == (True, "")


@pytest.mark.parametrize(
    "cell", ["Mayor's Office", "Mayor’s Office", "Office of the Mayor", "City Clerk", "City of Austin", "Board of Supervisors", "District 4 Office", "Staff", "Info"]
)  # fmt: skip
def test_an_office_is_nobodys_name(cell):
    name = person_names.of_whole(cell)
    assert (name.is_office, name.full) == (True, "")


@given(st.text(max_size=80))
def test_whatever_stands_in_a_cell_becomes_a_clean_name_or_none(cell):
    full = person_names.of_whole(cell).full
    assert full == line(full)
    assert "\0" not in full


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("MarÃ­a PeÃ±a", "María Peña"),
        ("Oâ€™Dell", "O’Dell"),
        ("Ân", "Ân"),
        ('="02134"', "02134"),
        ("'=1+1", "=1+1"),
        ("a\0b\u202e", "ab"),
    ],
)
def test_a_cell_is_what_its_writer_meant(cell, text):
    assert cells.cleaned(cell) == text


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("npe01__HomeEmail__c", "other_email"),
        ("E-mail 1 - Value", "email"),
        ("E-mail 1 - Type", ""),
        ("email1_is_bad", ""),
        ("Old email", ""),
        ("Assistant Email", ""),
        ("FirstName", "given_name"),
        ("What is your name?", "name"),
        ("Last name first", "name"),
        ("Emergency Contact Name", ""),
        ("Cell #", "mobile"),
        ("In which city or county?", "jurisdiction"),
        ("City/Twp/Boro", "jurisdiction"),
        ("School District", "jurisdiction"),
        ("Home City", "address_city"),
        ("Mailing State/Province", "address_state"),
        ("City Council District", "district"),
        ("Congressional District", ""),
        ("When does your term end?", "term_ends"),
        ("Membership End Date", ""),
        ("Date of Birth", ""),
        ("Which office?", "office"),
        ("Office / seat", "office"),
        ("Office Address", ""),
        ("Which phone type?", ""),
    ],
)
def test_a_heading_is_known_by_its_words(heading, field):
    assert field_of(heading) == field
