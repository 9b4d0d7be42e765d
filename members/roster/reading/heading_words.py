"""The words that headings of lists are made of, in the exports of many programs and in sheets made by hand."""

from __future__ import annotations

import re
from functools import lru_cache

from members.place_names.words import fold

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
ENDING = re.compile(r"__[cr]$|\(required\)|[*:]+$", re.IGNORECASE)
PACKAGE = re.compile(r"^npe?\w{1,3}__", re.IGNORECASE)

# Whole headings, folded, "|" between those of one field.
WHOLE = {
    "name": "name|full name|member name|members name|contact name|display name|official name|officials name|elected official"
    "|elected official name|official|member|person|legislator|name of official|name of member|contact|names|councilmember"
    "|council member name|nombre completo|complete name|preferred full name|full legal name|contact full name|who|holder"
    "|office holder|officeholder|incumbent|elected|elected officials|name of elected official|attendee|participant"
    "|first and last name|name first last|name last first|last first|last name first|last name first name|first last|name full|person name"
    "|contact full|member full name|candidate|candidate name|winner|trustee name|commissioner name",
    "sort_name": "sort name|file as|last first name|name last first middle",
    "given_name": "first name|given name|fname|first|firstname|given|forename|first nm|name first|nombre|contact first name"
    "|name given|legal first name|member first name|f name|primary contact first name",
    "middle": "middle name|middle|middle initial|mi|m i|additional name|middlename|mname|name middle|middle names",
    "family_name": "last name|family name|surname|lname|last|lastname|last nm|name last|apellido|apellidos|contact last name"
    "|name family|family|legal last name|member last name|l name|primary contact last name",
    "prefix": "prefix|salutation|name prefix|individual prefix|honorific|honorific prefix|courtesy title|mr ms|title prefix|saludo",
    "suffix": "suffix|name suffix|individual suffix|honorific suffix|generation|generational suffix",
    "nickname": "nickname|nick name|preferred name|preferred first name|goes by|known as|informal name|what we call them|what we call you"
    "|called|call name|informal salutation|first name preferred|alias",
    "email": "email|e mail|email address|e mail address|mail|primary email|preferred email|email 1|email1|e mail 1|e mail 1 value"
    "|email 1 value|emails|e mails|email addresses|correo|correo electronico|best email|main email|contact email|member email"
    "|email primary|email preferred|mail address|electronic mail|email id|email adress|e mail adress|emailaddress|preferredemail"
    "|address email|subscriber email|subscriber|your email|email s|person email",
    "official_email": "work email|official email|office email|government email|business email|city email|email work|gov email|public email"
    "|email official|work e mail|official e mail|email office|business e mail|county email|district email|professional email"
    "|homework email|email business|email government|government e mail|official email address|work email address|legislative email",
    "other_email": "email 2|email2|e mail 2|e mail 2 value|email 2 value|e mail 3 value|email 3 value|email 3|email3|email4|email 4"
    "|e mail 4 value|secondary email|personal email|home email|alternate email|alternative email|other email|alt email|alternate e mail"
    "|e mail 2 address|e mail 3 address|email address 2|email address 3|2nd email|second email|additional email|backup email"
    "|email personal|email home|private email|personal e mail|campaign email|email alternate|email secondary|email other"
    "|personal email address|another email|additional emails|other emails|email campaign|secondary e mail",
    "mobile": "mobile|cell|cell phone|mobile phone|mobile number|cell number|cellphone|phone mobile|phone cell|cell no|mobile no|cell phone number"
    "|mobile phone number|can2 phone|text number|sms|mobilephone|cell s|personal cell|primary cell|celular",
    "phone": "phone|phone number|telephone|telephone number|tel|primary phone|preferred phone|phone 1 value|phone1|phone 1|phone no|main phone"
    "|phone numbers|phones|best phone|contact phone|contact number|ph|telefono|phone primary|phone preferred|phone number primary"
    "|preferredphone|number|tel no|day phone|daytime phone|best number|contact telephone",
    "other_phone": "work phone|home phone|office phone|business phone|phone 2 value|phone 3 value|phone 4 value|phone2|phone 2|other phone"
    "|alternate phone|work phone number|home phone number|phone work|phone home|secondary phone|personal phone|business phone 2|home phone 2"
    "|primary phone number 2|direct phone|direct line|office number|office phone number|work telephone|evening phone|workphone|homephone",
    "job_title": "job title|position title|organization 1 title|organization title|occupation|job",
    "office": "office|title|office title|elected office|position|position held|office held|role|elected position|elected title|public office"
    "|seat title|office name|current office|official title|titulo|cargo|puesto|elected role|office sought|title of office|body title"
    "|office position|current position|seat held|title role|title position|position office|title office|name of office|elected office title",
    "office_level": "level|office level|level of government|government level|type of office|office type|govt level|level of office|gov level"
    "|jurisdiction type|jurisdiction level|body type|type of government|government type",
    "jurisdiction": "where|city state|city and state|location|government body|jurisdiction|municipality|government|place|locality|city town|city or town|town|jurisdiction name|represents|city county"
    "|city town village|city or county|municipality name|government name|local government|unit of government|governing body|elected in"
    "|town city|city municipality|municipality county|place name|community|governmental body|body|entity|city county school district"
    "|jurisdiction represented|place represented|area represented|city represented|ciudad|municipio|village|township|borough|school district"
    "|district name|agency|jurisdiction city|city or village|governmental unit|local government name|public body|city county or school district"
    "|school district name|office jurisdiction|office place|city town county|county city|county or city",
    "city": "city|city name",
    "address_city": "mailing city|home city|business city|primary city|address 1 city|address city|billing city|residence city|work city"
    "|primary address city|city primary|other city|mailing address city|home address city|office address city|office city|user submitted city"
    "|shipping city|registered city|address1 city|residence|city home|city mailing",
    "organization": "organization|organisation|account name|company|company name|employer|organization name|current employer|account"
    "|organization 1 name|affiliation|organisation name|agency name|institution|business name|primary affiliation|org",
    "jurisdiction_id": "jurisdiction id|ocd id|ocdid|ocd division id|division id|open civic data id|ocd division|open civic data division id|ocd",
    "county": "county|cty|county name|parish|mailing county|home county|primary county|county parish|can2 county|county of residence|address county"
    "|counties|county s|primary address county|jurisdiction county|county or parish|office county|condado",
    "state": "state|st|state province|state abbreviation|state abbr|us state|state code|state or province|state territory|can2 state abbreviated"
    "|jurisdiction state|office state|state fips|fips state|estado|usps|state name|postal state|state represented",
    "address_state": "mailing state|mailing state province|home state|business state|primary state|address 1 region|region|billing state"
    "|billing state province|address state|primary address state|work state|mailing address state|home address state|other state|province"
    "|primary address state province|shipping state|registered state|address1 state|home state province",
    "district": "district|seat|ward|district seat|district or seat|district ward|ward district|district number|seat number|ward number|precinct"
    "|place number|pct|dist|post|position number|district no|seat no|division|zone|area|seat district|district place|council district"
    "|office district|trustee area|district place seat|distrito|ward precinct|district ward seat|commission district|school board district",
    "term_starts": "took office|term starts|term start|term began|term begins|start date|term start date|start of term|sworn in|date elected"
    "|in office since|office start date|elected on|date sworn in|assumed office|start|term from|term begin|date took office|term beginning"
    "|started|started on|start term|term start year|year elected|first elected|since|from|office start|oath date|date of oath"
    "|term began on|begin date|term commenced|beginning of term|seated|seated on|effective date|inicio|term started",
    "term_ends": "term ends|term end|term expires|term expiration|expires|end date|term end date|end of term|term expires on|office end date"
    "|expiration|expiration date|term expiration date|term through|ends|term to|term exp|term expiry|expiry|up for election|end|to|until"
    "|term expired|term ending|ends on|ended|ended on|end term|term end year|through|term until|office end|serves until|term limit date"
    "|date term ends|date term expires|term expire|current term ends|current term expires|expiry date|exp date|exp|term exp date|fin",
    "term": "term|term of office|term dates|term years|current term|term in office|terms|years of term|office term|dates of term|term period",
    "member_id": "member id|id|contact id|nationbuilder id|vanid|van id|user id|external id|external identifier|record id|internal contact id"
    "|person id|uuid|constituent id|member number|membership id|leid|euid|contact id 18|civicrm id|signup id|member no|salesforce id"
    "|case safe id|voter file van id|myc vanid|customer id|crm id|internal id|membership number|casesafe id|npsp id|key|id number|no|row id"
    "|number id|record number|constituent number|profile id|people id|action network id|ext id",
    "notes": "notes|note|comments|comment|remarks|background|bio notes|contact notes|additional notes|notas|staff notes|memo|description",
    "opted_out": "email opt out|opt out|opted out|opted out of email|do not email|do not contact|unsubscribed|no email|has opted out of email|no bulk emails"
    "|no bulk emails user opt out|is opt out|email delivery disabled|do not mail|dnc|email unsubscribed|emailoptout|unsubscribe|no emails"
    "|hasoptedoutofemail|do not send email|exclude from email|no bulk email|do not e mail|remove|removed|global unsubscribe|opt out email"
    "|unsub time|unsub reason|unsubscribed at|email opted out|no contact|bulk email opt out|opted out of emails|do not bulk email|suppressed",
    "opted_in": "email opt in|opt in|opted in|subscribed|subscribed to emails|email subscribed|accepts email|email consent|receives email"
    "|email opt in status|ok to email|can email|is subscribed|emailoptin|receive emails|receiving emails|mailing list",
    "subscription": "can2 subscription status|subscription status|email status|email subscription status|email marketing status|status email"
    "|e mail status|marketing status|email permission status|emailstatus|contact email status|member status|subscriber status",
    "contact_type": "contact type|type of contact|record type|contact record type|constituent type|entity type",
    "deceased": "deceased|is deceased|deceased date|date of death|contact is deceased|npsp deceased",
    "": ""  # nothing of a person’s, but they tell a row of headings from others
    "|address|street|street address|address 1|address 2|address1|address2|address 3|zip|zip code|zipcode|postal code|zip postal|postal|country"
    "|tags|tag list|labels|group membership|groups|website|url|birthday|date of birth|dob|gender|party|political party|party affiliation|fax"
    "|created date|created at|last modified date|last activity|last updated|latitude|longitude|member rating|optin time|optin ip|confirm time"
    "|confirm ip|gmtoff|dstoff|timezone|time zone|cc|last changed|contact subtype|preferred language|language|source|status"
    "|membership level|membership status|member since|renewal due|archived|donor|twitter|facebook|instagram|linkedin|population|region code"
    "|mailing address|mailing street|mailing zip|mailing zip postal code|mailing country|home address|home street|home postal code|lead source"
    "|owner|contact owner|account owner|phone type|email type|assistant|spouse|photo|race|ethnicity|age|employer address|department|web page"
    "|salary|swearing in|next election|election date|years in office|committee|committees|caucus|interests|dietary|t shirt size|support level"
    "|recruiter|precinct name|congressional district|state house|state senate|legal name|do not call|do not sms|do not phone|is opt in"
    "|preferred communication method|active|registered|amount|donations|balance|event registrant|last login|profile last updated|zip5|plus4"
    "|yomi name|given name yomi|e mail display name|e mail type|categories|anniversary|sensitivity|priority|private|business fax"
    "|pronouns|pronoun|gender pronouns|on hold",
}  # fmt: skip
FIELD_OF = {heading: field for field, said in WHOLE.items() for heading in said.split("|") if heading}
SOMEBODY_ELSES = re.compile(
    r"\b(?:assistant|spouse|partner|staff|aide|scheduler|emergency|chief of|secretary|clerk|referr\w+|recruit\w+|manager|owner|employer"
    r"|created|modified|updated|mother|father|child|company main|household|billing contact|treasurer|parent|guardian|sponsor|nominat\w+)\b"
)
ABOUT_AN_ADDRESS = re.compile(
    r"\b(?:type|label|status|opt|optin|bad|valid|display|consent|time|date|bounced?|format|count|opened|clicked|sent|hash|domain|verified"
    r"|source|frequency|greeting|language|location|preference|reason|primary flag|on hold|ip|dedupe)\b"
)


@lru_cache(4096)
def spelled(heading: str) -> str:
    """A heading in the words that are compared: "MailingCity__c" is "mailing city"."""
    bare = PACKAGE.sub("", ENDING.sub("", heading.strip()))
    return " ".join(fold(CAMEL.sub(" ", bare).replace("_", " ")).replace(",", " ").split())


@lru_cache(4096)
def field_of(heading: str) -> str:
    """What a column of this heading holds, one of the keys of `WHOLE`; "" where it does not tell."""
    said = spelled(heading)
    if said in FIELD_OF:
        return FIELD_OF[said]
    if not said or SOMEBODY_ELSES.search(said) or len(said) > 80:
        return ""
    return _of_parts(said)


def is_known(heading: str) -> bool:
    said = spelled(heading)
    return bool(said) and (said in FIELD_OF or bool(field_of(heading)))


def _of_parts(said: str) -> str:
    """What a longer heading is about: "Office contact email", "When does your term end?", "In which city or county?"."""
    words = said.split()
    held = set(words)
    if held & OF_ANOTHER_TIME:
        return ""
    if held & {"email", "mail"} and "mailing" not in held:
        return _of_address(said, held)
    if held & {"phone", "telephone", "tel", "cell", "mobile", "cellphone"}:
        return _of_phone(held)
    if found := _of_term(held):
        return found
    shorter = re.sub(r" (?:if any|optional|if known|if applicable|code|primary|preferred|\d+)$", "", said)
    if shorter in FIELD_OF:
        return FIELD_OF[shorter]
    if {"school", "district"} <= held and not held & OF_LAWMAKERS:
        return "jurisdiction"
    return next((field for field, some, without in OF_WORDS if held & some and not held & without), "")


WHERE_THEY_LIVE = {"mailing", "home", "billing", "shipping", "address", "residence", "residential", "street"}
OF_ANOTHER_TIME = {"previous", "past", "former", "old", "next", "birth", "event", "campaign", "membership"}
OF_LAWMAKERS = {"congressional", "legislative", "house", "senate"}
# The field, words of which one stands in the heading, words of which none does; the first that fits.
OF_WORDS: tuple[tuple[str, set[str], set[str]], ...] = (
    ("district", {"district", "ward", "seat", "precinct", "dist"}, {"school", "office", "position", "title", "role", *OF_LAWMAKERS}),
    ("given_name", {"first", "given"}, {"last", "surname", "family", "elected", "date", "year"}),
    ("family_name", {"last", "surname"}, {"first", "given", "updated", "contacted", "modified", "date", "login", "activity", "gift"}),
    ("middle", {"middle"}, {"first", "last", "school"}),
    ("name", {"name", "names"}, {"school", "city", "county", "state", "organization", "company", "user", "file", "office", "committee", "place", "account", "list"}),
    ("jurisdiction", {"jurisdiction", "municipality", "government", "locality", "community", "twp", "township", "boro", "borough", "village"}, WHERE_THEY_LIVE),
    ("jurisdiction", {"city", "town", "place"}, {"council", "hall", "manager", *WHERE_THEY_LIVE}),
    ("address_city", {"city", "town"}, {"council", "hall", "manager"}),
    ("address_state", {"state"}, {"zip", "license", "party", "id", "status", *OF_LAWMAKERS} - WHERE_THEY_LIVE),
    ("county", {"county", "parish", "cty"}, {"party", "committee", "code", "chair"}),
    ("jurisdiction", {"isd"}, WHERE_THEY_LIVE),
    ("office", {"office", "position", "title", "role"}, {"address", "street", "zip", "hours", "fax", "sought", "party", *WHERE_THEY_LIVE}),
)  # fmt: skip


def _of_phone(held: set[str]) -> str:
    if held & {"type", "opt", "status", "bad", "label", "ext", "extension", "fax", "call", "provider", "carrier"}:
        return ""
    return "mobile" if held & {"cell", "mobile", "cellphone"} else "other_phone"


def _of_term(held: set[str]) -> str:
    if not held & {"term", "terms", "mandate", "office", "date", "when"}:
        return ""
    if held & {"end", "ends", "ending", "expires", "expiration", "expire", "exp", "until", "through", "expiry"}:
        return "term_ends"
    if held & {"start", "starts", "began", "begins", "begin", "beginning", "from", "since", "started", "sworn"}:
        return "term_starts"
    return ""


def _of_address(said: str, held: set[str]) -> str:
    if ABOUT_AN_ADDRESS.search(said):
        return ""
    if held & {"work", "official", "office", "government", "gov", "business", "public"}:
        return "official_email"
    if held & {
        "personal",
        "home",
        "alternate",
        "alt",
        "secondary",
        "other",
        "2",
        "3",
        "second",
        "private",
        "campaign",
        "additional",
    }:
        return "other_email"
    return "email"
