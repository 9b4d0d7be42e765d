"""Today, the activity log, committees and publications, as staff keep them."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from committees.models import Committee, IssueArea, Membership, Publication
from members.models import AuditEntry, Delivery, Export, Import, StaffAppointment
from tests.factories import CommitteeFactory, IssueAreaFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


# Today ----------------------------------------------------------------------------------------


def test_today_counts_what_waits(desk, committee, olga, ana):
    committee.requests.create(user=olga)
    Delivery.objects.create(address="x@portal.example", kind="test", about="x:1", state=Delivery.State.FAILED)
    page = re.sub(r"<[^>]+>", " ", desk.get("/staff/").text)
    assert (
        re.search(r"1\s+request to join", page) and re.search(r"1\s+message refused", page) and "Olga Petrova" in page
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_today_costs_the_same_for_any_number_of_rows(desk, committee, rows, django_assert_num_queries):
    for _ in range(rows):
        committee.requests.create(user=UserFactory())
    with django_assert_num_queries(25):
        desk.get("/staff/")


@pytest.mark.parametrize("by", ["leaving", "taken off", "account closed", "another role"])
def test_staff_see_a_committee_that_lost_its_last_co_chair(desk, committee, carla, mo, ada, by):
    words = "Economic Justice has no co-chair any more"
    seat = committee.memberships.get(user=carla)
    assert words not in desk.get("/staff/").text
    acts = {"leaving": lambda: seat.end(by=carla), "taken off": lambda: seat.end(by=ada)}
    acts |= {
        "account closed": lambda: carla.deactivate(ada, "x"),
        "another role": lambda: seat.change_role("member", ada),
    }
    acts[by]()
    assert words in desk.get("/staff/").text
    committee.memberships.get(user=mo).change_role("chair", ada)
    assert words not in desk.get("/staff/").text


def test_a_committee_that_never_had_a_co_chair_or_is_archived_is_no_news(desk, committee, carla, ada):
    CommitteeFactory(name="Just founded")
    committee.memberships.get(user=carla).end(by=ada)
    committee.archive(ada)
    assert "no co-chair" not in desk.get("/staff/").text


def test_today_names_lists_that_wait_and_files_that_could_not_be_made(sign_in, desk, stu, ada):
    moment = now()
    for name, fields in {
        "to check.csv": {"planned_at": moment},
        "changed.csv": {"planned_at": moment, "confirmed_at": moment, "outdated_at": moment},
        "broken.csv": {"failed_at": moment},
        "being read.csv": {},
        "done.csv": {"planned_at": moment, "confirmed_at": moment, "finished_at": moment},
        "stopped.csv": {"planned_at": moment, "stopped_at": moment},
        "forgotten.csv": {"failed_at": moment, "touched_at": moment - timedelta(days=8)},
    }.items():
        Import.objects.create(name=name, uploaded_by=stu, **fields)
    Export.objects.create(by=stu, format="csv", words="Members in Ohio", failed_at=moment)
    Export.objects.create(by=stu, format=Export.Format.OWN, failed_at=moment)
    lines = [each.words for each in desk.get("/staff/").context["stuck"]]
    assert lines == [
        "The list to check.csv is read, and waits to be checked before anything changes.",
        "The list changed.csv was not imported: people changed since it was checked.",
        "The list broken.csv could not be read or imported.",
        "The file of Members in Ohio could not be made.",
    ]
    organizer = UserFactory()
    organizer.appoint(StaffAppointment.Role.ORGANIZER, by=ada)
    assert sign_in(organizer).get("/staff/").context["stuck"] == []


# Activity -------------------------------------------------------------------------------------


def test_the_log_speaks_in_sentences(desk, stu, mo, committee, carla):
    Membership.begin(committee, UserFactory(name="Nia O’Neil"), by=carla)
    mo.leave(stu, "Asked for it")
    page = desk.get("/staff/activity/").text
    assert "Carla Núñez-O&#x27;Hara added Nia O’Neil to Economic Justice" in page
    assert "Stu Staff ended the membership of Mo Haddad" in page and "“Asked for it”" in page


def test_the_log_is_filtered_by_who_what_and_when(desk, stu, mo, olga):
    mo.leave(stu)
    olga.deactivate(stu, "x")

    def about(query):
        return [sentence.entry.target_name for sentence in desk.get(f"/staff/activity/{query}").context["sentences"]]

    assert about("?q=haddad") == ["Mo Haddad"]
    assert about("?verb=closed+account") == ["Olga Petrova"]
    assert about("?since=2199-01-01") == []
    assert desk.get("/staff/activity/?q=%25&since=x&verb=x").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_costs_the_same_for_any_number_of_lines(desk, stu, committee, rows, django_assert_num_queries):
    for _ in range(rows):
        Membership.begin(committee, UserFactory(), by=stu)
    with django_assert_num_queries(6):
        desk.get("/staff/activity/")


def test_a_name_with_braces_and_markup_is_only_text(desk, stu):
    UserFactory(name="{who} " + SCRIPT).leave(stu)
    page = desk.get("/staff/activity/").text
    assert "{who} &lt;script&gt;" in page and SCRIPT not in page


# Committees -----------------------------------------------------------------------------------


def facts(**changes) -> dict:
    given = {
        "name": "Healthy Homes",
        "kind": "steering",
        "purpose": "Lead out.",
        "rhythm": "",
        "join_policy": "open",
        "timezone": "America/Chicago",
        "reminder_offsets": ["1440"],
    }
    return given | changes


def test_a_committee_is_set_up_with_an_address_of_its_own(desk, stu):
    CommitteeFactory(slug="healthy-homes")
    response = desk.post("/staff/committees/new/", facts())
    assert response["Location"] == "/staff/committees/healthy-homes-2/"
    committee = Committee.objects.get(slug="healthy-homes-2")
    assert (committee.name, committee.timezone, committee.reminder_offsets) == (
        "Healthy Homes",
        "America/Chicago",
        [1440],
    )
    assert AuditEntry.objects.get(verb="created").actor == stu
    assert desk.post("/staff/committees/new/", facts(name="New"))["Location"] == "/staff/committees/new-2/"


def test_mistakes_in_a_committee_are_kept_and_explained(desk):
    page = desk.post("/staff/committees/new/", facts(name="", purpose=SCRIPT, timezone="Mars/Base"))
    assert page.status_code == 422 and "<title>Error:" in page.text and "&lt;script&gt;" in page.text
    assert not Committee.objects.exists()


def test_editing_a_committee_writes_what_changed(desk, committee):
    issue = IssueAreaFactory()
    desk.post(
        f"/staff/committees/{committee.slug}/edit/", facts(name="Economic Justice", issue=issue.pk, join_policy="ask")
    )
    committee.refresh_from_db()
    assert (committee.issue, committee.join_policy, committee.purpose) == (issue, "ask", "Lead out.")
    entry = AuditEntry.objects.get(verb="edited")
    assert entry.before["join_policy"] == "open" and entry.after["join_policy"] == "ask"
    assert "Economic Justice" in desk.get("/staff/activity/").text


def test_somebody_is_found_added_and_told(desk, committee, olga):
    page = desk.get(f"/staff/committees/{committee.slug}/?q=olga").text
    assert "Add<span" in page and "Olga Petrova" in page
    desk.post(f"/staff/committees/{committee.slug}/people/add/", {"person": olga.pk, "role": "chair"})
    assert committee.role_of(olga) == "chair"
    assert Delivery.objects.filter(recipient=olga, kind="joined").count() == 1
    desk.post(f"/staff/committees/{committee.slug}/people/add/", {"person": olga.pk, "role": "member"})
    assert Committee.objects.get(pk=committee.pk).role_of(olga) == "member"


@pytest.mark.parametrize("person", ["", "x", "0", "9" * 30])
def test_nobody_is_added_by_an_odd_number(desk, committee, person):
    assert (
        desk.post(f"/staff/committees/{committee.slug}/people/add/", {"person": person, "role": "chair"}).status_code
        == 404
    )


def test_a_change_of_role_keeps_who_chaired_when(desk, committee, mo):
    seat = Membership.objects.get(user=mo)
    desk.post(f"/staff/committees/{committee.slug}/people/{seat.pk}/", {"role": "chair"})
    held = list(Membership.objects.filter(user=mo).order_by("pk").values_list("role", "ended_on"))
    assert [role for role, _ in held] == ["member", "chair"] and held[0][1] is not None and held[1][1] is None
    entry = AuditEntry.objects.get(verb="changed role")
    assert (entry.before["role"], entry.after["role"]) == ("member", "chair")
    assert "Stu Staff changed the role of Mo Haddad on Economic Justice" in desk.get("/staff/activity/").text


def test_somebody_is_taken_off(desk, committee, mo):
    seat = Membership.objects.get(user=mo)
    desk.post(f"/staff/committees/{committee.slug}/people/{seat.pk}/", {"end": "1"})
    assert committee.role_of(mo) == ""
    assert desk.post(f"/staff/committees/{committee.slug}/people/{seat.pk}/", {"end": "1"}).status_code == 302
    assert AuditEntry.objects.filter(verb="left").count() == 1


def test_archiving_asks_first_and_can_be_undone(desk, committee, mo):
    url = f"/staff/committees/{committee.slug}/archive/"
    assert "1 person is on it" in desk.get(url).text
    assert Committee.objects.not_archived().filter(pk=committee.pk).exists()
    desk.post(url)
    assert not Committee.objects.not_archived().filter(pk=committee.pk).exists()
    assert "Economic Justice" in desk.get("/staff/committees/").text
    desk.post(url, {"restore": "1"})
    assert Committee.objects.not_archived().filter(pk=committee.pk).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_committee_pages_cost_the_same_for_any_number_of_rows(desk, committee, rows, django_assert_num_queries):
    for _ in range(rows):
        MembershipFactory(committee=committee)
        MembershipFactory(role="chair")
    with django_assert_num_queries(6):
        desk.get("/staff/committees/")
    with django_assert_num_queries(5):
        desk.get(f"/staff/committees/{committee.slug}/")


# Publications ---------------------------------------------------------------------------------


@pytest.fixture
def issue() -> IssueArea:
    return IssueAreaFactory(slug="economic-justice", name="Economic Justice")


def text(issue: IssueArea, **changes) -> dict:
    given = {
        "issue": issue.pk,
        "type": "post",
        "title": "What’s a fair week?",
        "summary": "Short.",
        "body": "**Long**",
        "dated_on": "2026-03-01",
        "when": "draft",
    }
    return given | changes


def test_a_draft_is_seen_by_staff_alone_until_it_is_published(desk, client, issue, stu):
    desk.post("/staff/publications/new/", text(issue))
    publication = Publication.objects.get()
    assert (publication.slug, publication.published_at) == ("whats-a-fair-week", None)
    assert client.get(publication.get_absolute_url()).status_code == 404
    desk.post(f"/staff/publications/{publication.pk}/", text(issue, when="now", slug=publication.slug))
    assert client.get(publication.get_absolute_url()).status_code == 200
    assert list(AuditEntry.objects.filter(actor=stu).order_by("pk").values_list("verb", flat=True)) == [
        "appointed",
        "created",
        "published",
    ]


def test_what_is_out_keeps_the_moment_it_came_out(desk, issue):
    desk.post("/staff/publications/new/", text(issue, when="now"))
    before = Publication.objects.get().published_at
    desk.post(f"/staff/publications/{Publication.objects.get().pk}/", text(issue, when="now", title="Better"))
    assert Publication.objects.get().published_at == before


def test_a_day_ahead_publishes_itself(desk, client, issue):
    at = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    desk.post("/staff/publications/new/", text(issue, when="later", on=at))
    publication = Publication.objects.get()
    assert client.get(publication.get_absolute_url()).status_code == 404
    assert "Planned" in desk.get("/staff/publications/").text
    assert desk.get(f"/staff/publications/{publication.pk}/").context["form"]["when"].value() == "later"


def test_a_day_is_asked_for_when_it_is_missing(desk, issue):
    page = desk.post("/staff/publications/new/", text(issue, when="later"))
    assert page.status_code == 422 and "Enter the day and the time to publish" in page.text


def test_a_preview_saves_nothing_and_keeps_what_was_typed(desk, issue):
    page = desk.post("/staff/publications/new/", text(issue, title="Typed", body=f"**Bold** {SCRIPT}", preview="1"))
    assert page.status_code == 200 and "<strong>Bold</strong>" in page.text and SCRIPT not in page.text
    assert 'value="Typed"' in page.text and "<title>Error:" not in page.text
    assert not Publication.objects.exists()


def test_two_of_a_title_get_two_addresses(desk, issue):
    for number in range(2):
        desk.post("/staff/publications/new/", text(issue, once=f"page {number}"))
    assert sorted(Publication.objects.values_list("slug", flat=True)) == ["whats-a-fair-week", "whats-a-fair-week-2"]
    taken = desk.post("/staff/publications/new/", text(issue, slug="whats-a-fair-week"))
    assert taken.status_code == 422


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "not a link"])
def test_a_link_that_is_none_is_refused(desk, issue, address):
    assert desk.post("/staff/publications/new/", text(issue, external_url=address)).status_code == 422


def test_an_issue_page_is_edited_line_by_line(desk, issue):
    desk.post(
        "/staff/issues/economic-justice/",
        {"tagline": "Fair pay.", "vision": "We **win**.", "levers": "Raise the wage\n\n  Enforce it \n"},
    )
    issue.refresh_from_db()
    assert (issue.tagline, issue.levers) == ("Fair pay.", ["Raise the wage", "Enforce it"])
    assert "Raise the wage\nEnforce it" in desk.get("/staff/issues/economic-justice/").text
    page = desk.post(
        "/staff/issues/economic-justice/", {"tagline": "x", "vision": "## Head", "levers": "y" * 161, "preview": "1"}
    )
    assert "<h3>Head</h3>" in page.text or "<h2>Head</h2>" in page.text
    long = desk.post("/staff/issues/economic-justice/", {"tagline": "x", "vision": "v", "levers": "y" * 161})
    assert long.status_code == 422 and "longer than 160" in long.text and "y" * 161 in long.text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_publications_costs_the_same_for_any_number(desk, issue, rows, django_assert_num_queries):
    for number in range(rows):
        Publication.objects.create(
            issue=issue, type="news", slug=f"n{number}", title="N", summary="s", dated_on="2026-01-01"
        )
    with django_assert_num_queries(6):
        desk.get("/staff/publications/")


def test_a_publication_whose_address_was_emptied_says_so(desk, committee):
    out = Publication.objects.create(
        issue=committee.issue, type="post", slug="x", title="X", summary="x", dated_on="2026-01-01", published_at=now()
    )
    page = desk.post(f"/staff/publications/{out.pk}/", {"title": "X", "slug": "", "when": "now"})
    assert page.status_code == 422 and f'href="{out.get_absolute_url()}"' in page.text


# The way round ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(StaffAppointment.Role))
def test_no_place_that_the_desk_lists_refuses_whom_it_is_listed_for(sign_in, role):
    person = UserFactory(name="Stella Staff")
    person.appoint(role)
    client = sign_in(person)
    listed = re.findall(r'class="rail__link"\s+href="(/staff/[^"]*)"', client.get("/staff/").text)
    assert len(listed) >= 14  # twice: on a phone and beside the page
    assert {address: client.get(address).status_code for address in listed} == dict.fromkeys(listed, 200)
