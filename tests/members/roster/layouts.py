"""Lists of fifty people as programs export them and staff keep them, with the traps in them, and beside each row what is right.

`Expected` is what a row should become; `written` in a layout says how each program writes it. Nothing here reads: a list is
made from what is right, and spoiled on the way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import openpyxl

SERIAL_FROM = date(1899, 12, 30)


@dataclass(frozen=True)
class Seat:
    """A seat as the portal has it: its government by Open Civic Data id, and how lists write the place."""

    title: str
    level: str
    ocd_id: str
    place: str
    county: str
    state: str
    district: str = ""


TX, CA, NJ, NC, IL, PA, OH, WI = (
    f"ocd-division/country:us/state:{each}" for each in ("tx", "ca", "nj", "nc", "il", "pa", "oh", "wi")
)
SEATS = (
    Seat("Mayor", "city", f"{TX}/place:austin", "Austin", "Travis", "TX"),
    Seat("Council Member", "city", f"{TX}/place:el_paso", "City of El Paso", "El Paso", "TX", "District 4"),
    Seat("County Commissioner", "county", f"{TX}/county:bexar", "Bexar County", "Bexar", "TX", "Precinct 2"),
    Seat("School Board Trustee", "school", f"{TX}/county:travis/school_district:austin_isd", "Austin ISD", "Travis", "TX", "Place 3"),
    Seat("Supervisor", "county", f"{CA}/county:los_angeles", "County of Los Angeles", "Los Angeles", "CA", "District 3"),
    Seat("City Council Member", "city", f"{CA}/place:fresno", "Fresno", "Fresno", "CA", "District 7"),
    Seat("Mayor", "city", f"{NJ}/county:gloucester/place:washington", "Washington Township", "Gloucester", "NJ"),
    Seat("Council Member", "city", f"{NJ}/place:fort_lee", "Borough of Fort Lee", "Bergen", "NJ"),
    Seat("Mayor Pro Tem", "city", f"{NC}/place:cary", "Town of Cary", "Wake", "NC"),
    Seat("Alder", "city", f"{WI}/place:madison", "Madison", "Dane", "WI", "District 12"),
    Seat("Village Trustee", "city", f"{IL}/place:oak_park", "Oak Park", "Cook", "IL"),
    Seat("Council Member", "city", f"{IL}/place:dekalb", "De Kalb", "DeKalb", "IL", "Ward 3"),
)  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """What a row should become. `fault` is the gravest, as "weight reason"; "" for a person to be taken as they are."""

    given: str
    family: str
    email: str
    phone: str = ""
    seat: Seat | None = None
    ends: date | None = None
    fault: str = ""
    name: str = ""
    called: str = ""
    opted_out: bool = False

    @property
    def full(self) -> str:
        return self.name or f"{self.given} {self.family}"


GIVEN = ("Ann", "José", "Bea", "Mary Kay", "Siobhán", "Tom", "Jean-Luc", "Ñusta", "Kofi", "Zoë", "Patrick", "Imani")
FAMILY = (
    "Lee",
    "Muñoz",
    "Ortiz",
    "O’Brien",
    "de la Cruz",
    "Hall",
    "Garcia-Lopez",
    "McDonald",
    "St. John",
    "Anderson",
    "Null",
    "Øster",
    "Van Dyke",
)


def people(count: int = 50) -> list[Expected]:
    """Different names, addresses, seats and terms, in the same order each time."""
    found = []
    for at in range(count):
        given, family = GIVEN[at % len(GIVEN)], FAMILY[at % len(FAMILY)]
        found.append(
            Expected(
                given,
                family,
                f"person{at}.{'abc'[at % 3]}@city{at % 7}.example",
                f"+1512555{100 + at:04d}",
                SEATS[at % len(SEATS)],
                date(2026 + at % 4, 1 + at % 12, 1 + (at * 7) % 28),
            )
        )
    return found


@dataclass
class Made:
    """A file, and what each of its rows should become by the number that a spreadsheet shows."""

    raw: bytes
    rows: dict[int, Expected]
    ignored: dict[int, str]


Writer = Callable[[Expected], dict[str, Any]]
Change = Callable[[dict[str, Any], Expected], tuple[dict[str, Any], Expected]]


def spoiled(
    rows: list[tuple[dict[str, Any], Expected]], changes: dict[int, Change]
) -> list[tuple[dict[str, Any], Expected]]:
    return [changes[at](*row) if at in changes else row for at, row in enumerate(rows)]


def text(
    head: list[str], rows: list[dict[str, Any]], *, delimiter: str = ",", encoding: str = "utf-8", above: list[list[str]] = (),
    below: list[list[str]] = (),
) -> bytes:  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([*above, head, *([row.get(each, "") for each in head] + row.get("+", []) for row in rows), *below])
    return out.getvalue().encode(encoding, "strict")


def american(day: date | None) -> str:
    return f"{day.month}/{day.day}/{day.year}" if day else ""


def dotted(phone: str) -> str:
    return f"{phone[2:5]}.{phone[5:8]}.{phone[8:]}" if phone else ""


def bracketed(phone: str) -> str:
    return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}" if phone else ""


def said(seat: Seat) -> str:
    return f"{seat.title}, {seat.district}" if seat.district else seat.title


# What goes wrong in lists, each as a change of one row ---------------------------------------------------------------------


def no_email(row: dict[str, Any], right: Expected, column: str) -> tuple[dict[str, Any], Expected]:
    return row | {column: ""}, replace(right, email="", fault="reject missing_email")


def wrong_email(row: dict[str, Any], right: Expected, column: str) -> tuple[dict[str, Any], Expected]:
    return row | {column: "ann@city,example"}, replace(right, email="", fault="reject invalid_email")


def around(row: dict[str, Any], right: Expected, column: str) -> tuple[dict[str, Any], Expected]:
    return row | {column: f" mailto:{right.email.upper()}. "}, right


def displayed(row: dict[str, Any], right: Expected, column: str) -> tuple[dict[str, Any], Expected]:
    return row | {column: f'"{right.family}, {right.given}" <{right.email}>'}, right


def cell(column: str, value: str, fault: str = "", **changed: Any) -> Change:
    return lambda row, right: (row | {column: value}, replace(right, fault=fault or right.fault, **changed))


def on(column: str, change: Callable[[dict[str, Any], Expected, str], tuple[dict[str, Any], Expected]]) -> Change:
    return lambda row, right: change(row, right, column)


def addresses_go_wrong(column: str) -> dict[int, Change]:
    return {5: on(column, no_email), 11: on(column, wrong_email), 17: on(column, around), 23: on(column, displayed)}


# The layouts ---------------------------------------------------------------------------------------------------------------


def _made(
    head: list[str],
    write: Writer,
    changes: dict[int, Change],
    *,
    first: int = 2,
    ignored: dict[int, str] | None = None,
    **how: Any,
) -> Made:
    rows = spoiled([(write(each), each) for each in people()], changes)
    raw = text(head, [row for row, _right in rows], **how)
    return Made(raw, {first + at: right for at, (_row, right) in enumerate(rows)}, ignored or {})


def nationbuilder() -> Made:
    head = [
        "nationbuilder_id",
        "prefix",
        "first_name",
        "middle_name",
        "last_name",
        "suffix",
        "email",
        "email1_is_bad",
        "email_opt_in",
    ]
    head += [
        "phone_number",
        "mobile_number",
        "work_phone_number",
        "primary_city",
        "primary_state",
        "primary_zip",
        "county",
        "jurisdiction",
    ]
    head += ["elected_office", "district", "term_end_date", "tag_list", "is_deceased"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "nationbuilder_id": "00417", "prefix": "Ms.", "first_name": right.given, "last_name": right.family, "email": right.email,
            "email1_is_bad": "false", "email_opt_in": "true", "mobile_number": dotted(right.phone), "work_phone_number": "512-555-9999",
            "primary_city": "Round Rock", "primary_state": right.seat.state, "primary_zip": "78664", "county": right.seat.county,
            "jurisdiction": right.seat.place, "elected_office": said(right.seat), "term_end_date": right.ends.isoformat(),
            "tag_list": "elected, 2026", "is_deceased": "false",
        }  # fmt: skip

    changes = addresses_go_wrong("email") | {
        2: cell("email_opt_in", "false", opted_out=True),
        8: lambda row, right: (
            row | {"first_name": f"{right.given} & Bob"},
            replace(right, fault="reject two_people_in_one_row", name="-"),
        ),
        14: cell("jurisdiction", "Nowhereville", "look jurisdiction_unresolved", seat=None),
        28: cell("is_deceased", "true", "look deceased"),
        29: cell("term_end_date", "2029-13-31", "look invalid_term_end", ends=None),
        30: lambda row, right: (row | {"first_name": right.given.upper(), "last_name": right.family.upper()}, right),
    }
    return _made(head, write, changes)


def action_network() -> Made:
    head = [
        "email",
        "first_name",
        "last_name",
        "can2_phone",
        "zip_code",
        "city",
        "can2_state_abbreviated",
        "can2_county",
        "country",
    ]
    head += ["can2_user_tags", "can2_subscription_status", "Elected Office", "Jurisdiction"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "email": right.email, "first_name": right.given, "last_name": right.family, "can2_phone": right.phone[1:], "zip_code": "00501",
            "city": "Hometown", "can2_state_abbreviated": right.seat.state, "can2_county": right.seat.county, "country": "US",
            "can2_user_tags": "a,b", "can2_subscription_status": "subscribed", "Elected Office": said(right.seat),
            "Jurisdiction": right.seat.place,
        }  # fmt: skip

    changes = addresses_go_wrong("email") | {
        3: cell("can2_subscription_status", "unsubscribed", opted_out=True),
        9: lambda row, right: (
            row | {"first_name": "", "last_name": ""},
            replace(right, fault="reject missing_name", name="-"),
        ),
        20: lambda row, right: (row | {"+": ["", ""]}, right),
        26: lambda row, right: (
            row | {"+": ["", "torn"]},
            replace(right, fault="reject wrong_number_of_columns", seat=None, phone=""),
        ),
    }
    return _without_terms(_made(head, write, changes, encoding="utf-8-sig"))


def everyaction() -> Made:
    """Text parted by tabs and named .xls, in UTF-16."""
    head = [
        "VANID",
        "LastName",
        "FirstName",
        "MiddleName",
        "Suffix",
        "PreferredEmail",
        "Preferred Phone",
        "State/Province",
        "County Name",
    ]
    head += ["Office", "Jurisdiction Name", "Seat", "Term Expires"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "VANID": "101234567", "LastName": right.family, "FirstName": right.given, "PreferredEmail": right.email,
            "Preferred Phone": bracketed(right.phone), "State/Province": right.seat.state, "County Name": right.seat.county,
            "Office": right.seat.title, "Jurisdiction Name": right.seat.place, "Seat": right.seat.district,
            "Term Expires": f"{american(right.ends)} 12:00:00 AM",
        }  # fmt: skip

    changes = addresses_go_wrong("PreferredEmail") | {
        4: lambda row, right: (row | {"Suffix": "jr"}, replace(right, name=f"{right.full} Jr.")),
        7: cell("Preferred Phone", "c: (512) 555-0777 x12", phone="+15125550777"),
        31: lambda row, right: (row | {"LastName": f"{right.family}, {right.given}", "FirstName": ""}, right),
    }
    return _made(head, write, changes, delimiter="\t", encoding="utf-16")


def civicrm() -> Made:
    head = [
        "Contact ID",
        "Contact Type",
        "Display Name",
        "Sort Name",
        "First Name",
        "Last Name",
        "Individual Prefix",
        "Nickname",
        "Email",
    ]
    head += [
        "Phone",
        "State",
        "County",
        "City",
        "Job Title",
        "Current Employer",
        "Do Not Email",
        "No Bulk Emails (User Opt Out)",
        "Term Ends",
    ]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "Contact ID": "5021", "Contact Type": "Individual", "Display Name": f"Dr. {right.full}", "First Name": right.given,
            "Sort Name": f"{right.family}, {right.given}", "Last Name": right.family, "Individual Prefix": "Dr.", "Email": right.email,
            "Phone": dotted(right.phone), "State": right.seat.state, "County": right.seat.county, "City": "Somewhere",
            "Job Title": said(right.seat), "Current Employer": official(right.seat), "Do Not Email": "0",
            "No Bulk Emails (User Opt Out)": "0", "Term Ends": f"{right.ends.isoformat()} 00:00:00",
        }  # fmt: skip

    changes = addresses_go_wrong("Email") | {
        6: cell("No Bulk Emails (User Opt Out)", "1", opted_out=True),
        12: cell("Nickname", "Kit", called="Kit"),
        13: cell("Contact Type", "Organization", "look missing_name"),
    }
    return _made(head, write, changes)


def official(seat: Seat) -> str:
    """As an employer is called."""
    forms = {"Austin": "City of Austin", "Fresno": "City of Fresno", "Madison": "City of Madison", "Oak Park": "Village of Oak Park",
             "De Kalb": "City of DeKalb"}  # fmt: skip
    return forms.get(seat.place, seat.place)


def wild_apricot() -> Made:
    head = [
        "User ID",
        "First name",
        "Last name",
        "Organization",
        "e-Mail",
        "Phone",
        "Membership level",
        "Member since",
        "Renewal due",
    ]
    head += ["Subscribed to emails", "Title", "State", "County", "Term expiration"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "User ID": "7301", "First name": right.given, "Last name": right.family, "Organization": official(right.seat), "e-Mail": right.email,
            "Phone": bracketed(right.phone), "Membership level": "Standard", "Member since": "1/5/2021", "Renewal due": "1/5/2027",
            "Subscribed to emails": "yes", "Title": said(right.seat), "State": right.seat.state, "County": right.seat.county,
            "Term expiration": right.ends.strftime("%B %-d, %Y"),
        }  # fmt: skip

    return _made(
        head,
        write,
        addresses_go_wrong("e-Mail") | {2: cell("Subscribed to emails", "no", opted_out=True)},
        delimiter=";",
    )


def salesforce_report() -> Made:
    """With what a report prints above and below."""
    head = [
        "Salutation",
        "First Name",
        "Last Name",
        "Title",
        "Account Name",
        "Mailing City",
        "Mailing State/Province",
        "Mailing County",
    ]
    head += ["Email", "Phone", "Mobile", "Email Opt Out", "Term End Date", "Contact ID"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "Salutation": "Ms.", "First Name": right.given, "Last Name": right.family, "Title": said(right.seat),
            "Account Name": official(right.seat), "Mailing City": "Lakeside", "Mailing State/Province": right.seat.state,
            "Mailing County": right.seat.county, "Email": right.email, "Mobile": bracketed(right.phone), "Phone": "(512) 555-0000",
            "Email Opt Out": "0", "Term End Date": american(right.ends), "Contact ID": "0031N00001abcde",
        }  # fmt: skip

    above = [
        ["Elected officials by state"],
        ["As of 2026-11-30 05:40:12 Eastern Standard Time • Generated by Jane Doe"],
        [],
    ]
    below = [["Grand Totals (50 records)"], [], ["Confidential Information - Do Not Distribute"]]
    below += [["Copyright © 2000-2026 salesforce.com, inc. All rights reserved."]]
    ignored = {55: "total_row", 56: "blank_row", 57: "note_row", 58: "note_row"}
    changes = addresses_go_wrong("Email") | {1: cell("Email Opt Out", "1", opted_out=True)}
    return _made(head, write, changes, first=5, ignored=ignored, above=above, below=below, encoding="cp1252")


def npsp() -> Made:
    """Names of fields instead of labels; the address that is preferred is only named by its kind."""
    head = [
        "Id",
        "FirstName",
        "LastName",
        "npe01__Preferred_Email__c",
        "npe01__WorkEmail__c",
        "npe01__HomeEmail__c",
        "MobilePhone",
    ]
    head += [
        "HasOptedOutOfEmail",
        "Office_Title__c",
        "Jurisdiction__c",
        "State__c",
        "County__c",
        "District__c",
        "Term_End__c",
    ]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "Id": "0031N00001abcde", "FirstName": right.given, "LastName": right.family, "npe01__Preferred_Email__c": "Work",
            "npe01__WorkEmail__c": right.email, "MobilePhone": dotted(right.phone), "HasOptedOutOfEmail": "false",
            "Office_Title__c": right.seat.title, "Jurisdiction__c": right.seat.place, "State__c": right.seat.state,
            "County__c": right.seat.county, "District__c": right.seat.district, "Term_End__c": right.ends.isoformat(),
        }  # fmt: skip

    return _made(
        head, write, addresses_go_wrong("npe01__WorkEmail__c") | {1: cell("HasOptedOutOfEmail", "true", opted_out=True)}
    )


def mailchimp() -> Made:
    head = [
        "Email Address",
        "First Name",
        "Last Name",
        "Address",
        "Phone Number",
        "MEMBER_RATING",
        "OPTIN_TIME",
        "OPTIN_IP",
        "CONFIRM_TIME",
    ]
    head += ["LATITUDE", "LONGITUDE", "CC", "REGION", "LEID", "EUID", "NOTES", "TAGS"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "Email Address": right.email, "First Name": right.given, "Last Name": right.family, "Phone Number": right.phone,
            "MEMBER_RATING": "2", "OPTIN_TIME": "2021-03-04 10:11:12", "CC": "us", "REGION": "tx", "LEID": "1001", "TAGS": '"a","b"',
        }  # fmt: skip

    made = _made(head, write, addresses_go_wrong("Email Address"))
    return replace(made, rows={at: replace(right, seat=None, ends=None) for at, right in made.rows.items()})


def google_contacts() -> Made:
    head = [
        "Name",
        "Given Name",
        "Additional Name",
        "Family Name",
        "Name Prefix",
        "Name Suffix",
        "Nickname",
        "Birthday",
        "Notes",
    ]
    head += [
        "Group Membership",
        "E-mail 1 - Type",
        "E-mail 1 - Value",
        "E-mail 2 - Type",
        "E-mail 2 - Value",
        "Phone 1 - Type",
    ]
    head += [
        "Phone 1 - Value",
        "Address 1 - City",
        "Address 1 - Region",
        "Organization 1 - Name",
        "Organization 1 - Title",
    ]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "Name": right.full, "Given Name": right.given, "Family Name": right.family, "Group Membership": "Officials ::: * myContacts",
            "E-mail 1 - Type": "* Work", "E-mail 1 - Value": right.email, "Phone 1 - Type": "Mobile", "Phone 1 - Value": right.phone,
            "Address 1 - City": "Lakeside", "Address 1 - Region": right.seat.state, "Organization 1 - Name": official(right.seat),
            "Organization 1 - Title": said(right.seat),
        }  # fmt: skip

    changes = addresses_go_wrong("E-mail 1 - Value") | {
        13: lambda row, right: (row | {"E-mail 1 - Value": f"{right.email} ::: other@city.example"}, right),
    }
    made = _without_terms(_made(head, write, changes))
    unsure = {at: replace(right, seat=None, fault=right.fault or "look jurisdiction_unresolved") if right.seat == SEATS[6] else right
              for at, right in made.rows.items()}  # fmt: skip
    return replace(made, rows=unsure)


def outlook() -> Made:
    head = [
        "Title",
        "First Name",
        "Middle Name",
        "Last Name",
        "Suffix",
        "Company",
        "Department",
        "Job Title",
        "Business City",
    ]
    head += [
        "Business State",
        "Business Phone",
        "Mobile Phone",
        "E-mail Address",
        "E-mail Type",
        "E-mail Display Name",
        "E-mail 2 Address",
    ]
    head += ["Categories", "Notes"]

    def write(right: Expected) -> dict[str, Any]:
        return {
            "Title": "Ms.", "First Name": right.given, "Last Name": right.family, "Company": official(right.seat), "Job Title": said(right.seat),
            "Business City": "Lakeside", "Business State": right.seat.state, "Mobile Phone": bracketed(right.phone),
            "E-mail Address": right.email, "E-mail Type": "SMTP", "E-mail Display Name": f"{right.full} ({right.email})",
            "Notes": "called twice,\nwrites back",
        }  # fmt: skip

    made = _without_terms(_made(head, write, addresses_go_wrong("E-mail Address"), encoding="cp1252"))
    unsure = {at: replace(right, seat=None, fault=right.fault or "look jurisdiction_unresolved") if right.seat == SEATS[6] else right
              for at, right in made.rows.items()}  # fmt: skip
    return replace(made, rows=unsure)


def _without_terms(made: Made) -> Made:
    return replace(made, rows={at: replace(right, ends=None) for at, right in made.rows.items()})


def by_hand() -> Made:
    """A workbook as staff keep it: another sheet first, a title, headings over two rows, a hidden column, serials and texts for
    dates, phones as numbers, the headings once more in the middle, groups, totals and remarks."""
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Read me"
    notes.append(["How to use this list"])
    sheet = book.create_sheet("Members 2026")
    top = ["", "Name", "", "Old email", "Contact", "", "Office", "", "", "", "Term", ""]
    head = ["No.", "Last", "First", "", "Email", "Cell", "Title", "Place", "County", "State", "Start", "End"]
    sheet.append(["Local officials"])
    sheet.append([])
    sheet.append(top)
    sheet.append(head)
    for merged in ("B3:C3", "E3:F3", "G3:J3", "K3:L3"):
        sheet.merge_cells(merged)
    sheet.column_dimensions["D"].hidden = True
    rows: dict[int, Expected] = {}
    for at, right in enumerate(people()):
        row = [
            f"{at:03d}",
            right.family,
            right.given,
            "old@city.example",
            right.email,
            float(right.phone[2:]),
            said(right.seat),
        ]
        row += [right.seat.place, f"{right.seat.county} County", right.seat.state, "Jan 2023", right.ends]
        if at % 5 == 1:
            row[11] = american(right.ends)
        elif at % 5 == 2:
            row[11] = (right.ends - SERIAL_FROM).days
        if at == 9:
            row[1], row[2] = right.family.upper(), right.given.upper()
        if at == 10:
            row[11], right = "13/31/2029", replace(right, fault="look invalid_term_end", ends=None)
        if at == 15:
            row[1], row[2] = "", "Mayor's Office"
            right = replace(right, fault="look missing_name", name="-")
        if at == 20:
            sheet.append([])
            sheet.append(head)
        if at == 21:
            sheet.append([])
            sheet.append(["Spring elections"])
        sheet.append(row)
        rows[sheet.max_row] = right
    sheet.append([])
    sheet.append(["Total", 50])
    sheet.append(["* names in capitals are as received"])
    out = io.BytesIO()
    book.save(out)
    return Made(out.getvalue(), rows, _ignored(sheet, rows))


def _ignored(sheet: Any, rows: dict[int, Expected]) -> dict[int, str]:
    found = {}
    for number in range(5, sheet.max_row + 1):
        if number in rows:
            continue
        values = [each.value for each in sheet[number] if each.value is not None]
        if not values:
            found[number] = "blank_row"
        elif values[0] == "No.":
            found[number] = "repeated_headings"
        else:
            found[number] = "total_row" if values[0] == "Total" else "note_row"
    return found


def one_column_of_names() -> Made:
    """Names and places in one cell each, days first, as a program of another country exports them."""
    head = ["Official", "Position", "Government", "E-Mail", "Tel.", "Term"]

    def write(right: Expected) -> dict[str, Any]:
        seat = right.seat
        place = (
            f"{seat.place}, {seat.county} County, {seat.state}"
            if seat.level == "city"
            else f"{seat.place}, {seat.state}"
        )
        return {
            "Official": f"{right.family}, {right.given}", "Position": said(seat).replace("District", "Dist.").replace("Council Member", "CM"),
            "Government": place, "E-Mail": right.email, "Tel.": f"{right.phone[2:]}.0", "Term": f"1/5/2022 - {right.ends.day}/{right.ends.month}/{right.ends.year}",
        }  # fmt: skip

    changes = addresses_go_wrong("E-Mail") | {
        1: lambda row, right: (row | {"Official": f"Dr. {right.given} {right.family} Jr."}, replace(right, name=f"{right.full} Jr.")),
        2: lambda row, right: (row | {"Official": f"Councilmember {right.given} {right.family}"}, right),
        3: lambda row, right: (row | {"Official": f'{right.given} "Kit" {right.family}'}, replace(right, called="Kit")),
        4: lambda row, right: (row | {"Official": f"{right.given} & Bob {right.family}"}, replace(right, name="-", fault="reject two_people_in_one_row")),
        6: lambda row, right: (row | {"Official": "Office of the Mayor"}, replace(right, name="-", fault="look missing_name")),
        8: lambda row, right: (row | {"Official": f"{right.full}, Mayor"}, right),
    }  # fmt: skip
    made = _made(head, write, changes, delimiter="|")
    return replace(
        made,
        rows={
            at: replace(right, called=right.called or ("" if right.name == "-" else right.given.split()[0]))
            for at, right in made.rows.items()
        },
    )


LAYOUTS = (
    nationbuilder, action_network, everyaction, civicrm, wild_apricot, salesforce_report, npsp, mailchimp, google_contacts, outlook,
    by_hand, one_column_of_names,
)  # fmt: skip
