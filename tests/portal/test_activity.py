"""The activity log: a sentence for every act, narrowed by who, what, whom and when, as a page and as a file."""

import ast
import csv
import io
from pathlib import Path

import pytest
from django.urls import reverse

from committees.models import JoinRequest, Membership
from events.models import SeriesChange
from members.models import Application, AuditEntry, Export, StaffAppointment, User
from members.models.inbound import InboundMail
from members.settings.looks import LOOKED_AS
from portal.staff.activity import SENTENCES
from portal.staff.changes import said
from portal.viewing.looking import STOPPED
from tests.factories import CommitteeFactory, UserFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
LOG, FILE = "/staff/activity/", "/staff/activity/activity.csv"
# Where the act is no word in the call itself: the words it can be.
WORKED_OUT = {
    "committees/models/documents.py": {"withdrew", "restored"},
    "committees/models/publications.py": {"published", "created", "edited"},
    "committees/models/requests.py": {f"request {each}" for each in JoinRequest.Outcome.values},
    "events/models/actions.py": {"finished an action", "reopened an action", "dropped an action", "restored an action"},
    "events/series/changing.py": {SeriesChange.Kind.PAUSED, SeriesChange.Kind.ENDED},
    "events/views/joining.py": {"joined from a mail"},
    "members/admin.py": {"added office", "changed office", "appointed", "changed appointment"},
    "members/mail/outgoing/restore_hold.py": {"held messages", "let held messages go", "dropped held messages"},
    "members/mail_desk/failed.py": {"sent again", "dismissed messages", "brought back messages"},
    "members/models/applications.py": set(Application.Decision.values),
    "members/models/contact_requests.py": {"showed contact data to", "kept contact data from"},
    "members/models/inbound.py": set(InboundMail.VERBS.values()),
    "members/models/users.py": {"gave another email", "changed email"},
    "members/roster/importing/committing.py": {"added by an import", "updated by an import"},
    "members/settings/security_views.py": {"removed passkey", "removed authenticator app"},
    "members/terms/offices.py": {
        f"{each} office" for each in ("corrected", "took", "confirmed", "checked", "left", "changed")
    }
    | {"put office back"},
    "portal/viewing/looking.py": {LOOKED_AS, STOPPED},
}


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


@pytest.fixture
def lines(desk):
    return lambda query="": [each.words for each in desk.get(f"{LOG}{query}").context["sentences"]]


def _acts_of(path: Path) -> tuple[set[str], bool]:
    """The acts that a module writes to the log by name, and whether it works out others."""
    named, works_out = set(), False
    for node in ast.walk(ast.parse(path.read_text())):
        is_line = isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "AuditEntry.record",
            "AuditEntry.record_all",
        )
        if is_line:
            verb = next((each.value for each in node.keywords if each.arg == "verb"), None) or node.args[1]
            words = [verb.body, verb.orelse] if isinstance(verb, ast.IfExp) else [verb]
            named |= {each.value for each in words if isinstance(each, ast.Constant)}
            works_out |= not all(isinstance(each, ast.Constant) for each in words)
    return named, works_out


def test_every_kind_of_act_has_a_sentence():
    """A new act: its sentence goes to SENTENCES (portal/staff/activity.py); one worked out also to WORKED_OUT here."""
    modules = [
        path
        for app in ("members", "committees", "events", "portal")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and "AuditEntry.record" in path.read_text()
    ]
    found = {path.relative_to(ROOT).as_posix(): _acts_of(path) for path in modules}
    assert len(found) > 40
    assert {name for name, (_acts, works_out) in found.items() if works_out} == set(WORKED_OUT)
    acts = set().union(*(acts for acts, _works_out in found.values()), *WORKED_OUT.values())
    assert sorted(acts - set(SENTENCES)) == []


def test_no_sentence_shows_a_key_a_list_or_a_bare_date(stu, mo, committee, lines, desk):
    AuditEntry.record(
        stu,
        "edited",
        committee,
        before={
            "confidential": False,
            "due_on": "2020-03-01",
            "people": [4, 5],
            "when": {"date": "2020-03-11", "time": "19:00:00"},
        },
        after={"confidential": True, "due_on": None, "fields": ["join_policy", "name"], "owner": 12},
    )
    AuditEntry.record(stu, "changed role", committee, before={"user": mo.pk, "role": "member"}, after={"role": "chair"})
    newest, earlier = desk.get(LOG).context["sentences"][:2]
    assert [str(each) for each in newest.changes] == ["role: Member → Co-chair"]
    assert sorted(str(each) for each in earlier.changes) == [
        "confidential: no → yes",
        "due: March 1, 2020 → ",
        "people: 2 → ",
        "what changed: join policy, name",
        "when: date: March 11, 2020; time: 7:00 PM → ",
    ]


@pytest.mark.parametrize("value", ["2026-99-99", "2026-03-11Tx", "12345", "25:00", "{}", "null"])
def test_words_that_only_begin_like_a_day_stay_as_they_are(value):
    assert said(value) == value


def test_it_is_narrowed_by_who_by_thing_by_act_and_by_days(lines, stu, ada, mo, olga, committee):
    other = CommitteeFactory(name="Housing")
    Membership.begin(other, mo, by=ada)
    mo.leave(stu)
    olga.deactivate(ada, "x")
    assert lines("?who=stu&verb=ended+membership") == ["Stu Staff ended the membership of Mo Haddad"]
    assert lines(f"?about=committee-{other.pk}") == ["Ada Admin added Mo Haddad to Housing"]
    assert lines("?verb=closed+account") == ["Ada Admin closed the account of Olga Petrova"]
    assert lines("?who=olga") == lines("?until=2001-01-01") == lines("?since=2199-01-01") == []
    assert lines("?since=2001-01-01&until=2199-01-01") == lines()
    assert lines("?about=nothing") == lines("?about=user-99999999999999999999") == []


def test_of_a_person_it_says_what_they_did_and_what_was_done_to_them_or_their_data(
    lines, desk, stu, ada, mo, committee
):
    Membership.begin(CommitteeFactory(name="Housing"), mo, by=ada)
    Export.ask(User.objects.filter(pk=mo.pk), stu, format="csv", words="Mo alone")
    Export.ask(User.objects.filter(pk=ada.pk), stu, format="csv", words="others")
    AuditEntry.record(stu, "revealed contact data", mo)
    AuditEntry.record(mo, "made token", mo)
    assert lines(f"?about=user-{mo.pk}") == [
        "Mo Haddad made a token for a program",
        "Stu Staff looked at the contact data of Mo Haddad",
        "Stu Staff exported the contact data of people: Mo alone",
        "Ada Admin added Mo Haddad to Housing",
    ]
    assert lines("?verb=contact")[:2] == [
        "Stu Staff looked at the contact data of Mo Haddad",
        "Stu Staff exported the contact data of people: others",
    ]
    page = desk.get(reverse("staff_member", args=[mo.pk])).text
    assert f"?about=user-{mo.pk}&amp;verb=contact" in page


def test_the_file_says_what_the_page_says_and_no_cell_computes(desk, stu, ada):
    UserFactory(name="=HYPERLINK(1)").leave(ada, "-2+3")
    text = desk.get(f"{FILE}?who=ada&verb=ended+membership").text.removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[1:4] + row[6:] for row in rows[1:]] == [
        ["Ada Admin", "Ada Admin ended the membership of =HYPERLINK(1)", "ended membership", "'-2+3"]
    ]
    assert rows[1][4] == "'=HYPERLINK(1)" and rows[0][0] == "When"


def test_reasons_that_a_page_hides_are_in_no_file(sign_in, desk, stu, mo, ada):
    organizer = UserFactory()
    organizer.appoint(StaffAppointment.Role.ORGANIZER, by=ada)
    mo.leave(stu, "A private reason")
    assert "A private reason" in desk.get(FILE).text
    assert "A private reason" not in sign_in(organizer).get(FILE).text


@pytest.mark.parametrize("address", [LOG, FILE, f"{LOG}?about=user-1", f"{LOG}?verb=contact"])
def test_it_costs_the_same_for_any_number_of_lines(desk, stu, committee, address, django_assert_max_num_queries):
    for rows in (1, 3):
        for _ in range(rows):
            AuditEntry.record(stu, "revealed contact data", UserFactory())
            Membership.begin(committee, UserFactory(), by=stu)
        with django_assert_max_num_queries(8):
            desk.get(address)
