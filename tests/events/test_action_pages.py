"""Actions on their list, their page, home, the agenda, in a mail's link and over the API: each one tap, once, by whom it is."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.models import ActionItem
from members.mail import links
from members.models import AuditEntry
from members.times.clock import today
from tests.factories import ActionItemFactory, UserFactory


def local(days: int):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def action(committee, carla, mo):
    return ActionItemFactory(committee=committee, by=carla, owner=mo, text="Call the clerk", due_on=local(3))


def tap(client, action, act, **fields):
    url = reverse("action_act", args=[action.committee.slug, action.pk])
    answer = client.post(url, {"act": act, "seen": action.version} | fields)
    action.refresh_from_db()
    return answer


def listed(client, committee, show="open"):
    return client.get(reverse("committee_actions", args=[committee.slug]) + f"?show={show}")


# The list ---------------------------------------------------------------------------------------------


def test_the_list_shows_open_late_and_done(sign_in, mo, committee, carla, action):
    late = ActionItemFactory(committee=committee, by=carla, owner=carla, due_on=local(-2))
    done = ActionItemFactory(committee=committee, by=carla)
    done.finish(carla)
    client = sign_in(mo)
    rows = {show: list(listed(client, committee, show).context["page"].rows) for show in ("open", "late", "done")}
    assert rows == {"open": [late, action], "late": [late], "done": [done]}
    counts = [(kind["name"], kind["count"]) for kind in listed(client, committee).context["kinds"]]
    assert counts == [("open", 2), ("late", 1), ("done", 1)]


def test_co_chairs_see_which_need_a_new_owner(sign_in, carla, mo, committee, action):
    Membership.objects.filter(user=mo).update(ended_on=today())
    text = listed(sign_in(carla), committee).content.decode()
    assert "1 action needs an owner." in text and "Needs an owner" in text


def test_a_longer_list_asks_no_more(sign_in, carla, committee):
    client, counts = sign_in(carla), []
    for more in (1, 2):
        for _ in range(more):
            ActionItemFactory(committee=committee, by=carla, owner=carla, due_on=local(1))
        listed(client, committee)
        with CaptureQueriesContext(connection) as queries:
            listed(client, committee)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12, counts


def test_a_co_chair_writes_an_action_down(sign_in, carla, mo, committee):
    fields = {"text": "Bring maps", "owner": mo.pk, "owner_name": "", "due_on": "3/19/2027"}
    assert sign_in(carla).post(reverse("action_new", args=[committee.slug]), fields).status_code == 302
    made = ActionItem.objects.get()
    assert (made.text, made.owner, str(made.due_on), made.handed_by) == ("Bring maps", mo, "2027-03-19", carla)
    both = sign_in(carla).post(reverse("action_new", args=[committee.slug]), fields | {"owner_name": "The clerk"})
    assert both.status_code == 422 and "Choose one of the two" in both.content.decode()


# One tap ----------------------------------------------------------------------------------------------


def test_its_owner_finishes_it_once_and_takes_it_back(sign_in, mo, action):
    client = sign_in(mo)
    tap(client, action, "done")
    tap(client, action, "done")
    assert action.is_done and AuditEntry.objects.filter(verb="finished an action").count() == 1
    text = client.get(reverse("action_detail", args=[action.committee.slug, action.pk])).content.decode()
    undo = re.search(r'action="([^"]+act=reopen[^"]*)"', text)[1].replace("&amp;", "&")
    client.post(undo)
    action.refresh_from_db()
    assert action.is_open


def test_a_double_click_moves_it_one_week(sign_in, mo, action):
    client = sign_in(mo)
    url = reverse("action_act", args=[action.committee.slug, action.pk])
    for _ in range(2):
        client.post(url, {"act": "later", "seen": 0, "once": "the-same-page"})
    action.refresh_from_db()
    assert action.due_on == local(10)


def test_what_somebody_changed_meanwhile_is_not_moved_unseen(sign_in, mo, carla, action):
    action.move(carla, local(20))
    tap(sign_in(mo), action, "later", seen=0)
    assert action.due_on == local(20)


def test_it_is_handed_on_and_moved(sign_in, mo, carla, action):
    client = sign_in(mo)
    tap(client, action, "move", due_on=str(local(5)))
    tap(client, action, "hand", owner=carla.pk)
    assert (action.due_on, action.owner, action.handed_by) == (local(5), carla, mo)
    assert tap(client, action, "done").status_code == 403


def test_only_owner_and_keepers_act(sign_in, carla, olga, committee, action):
    other = UserFactory()
    committee.memberships.create(user=other, started_on=today())
    assert tap(sign_in(other), action, "done").status_code == 403
    assert tap(sign_in(olga), action, "done").status_code == 403
    assert tap(sign_in(action.owner), action, "drop").status_code == 403
    tap(sign_in(carla), action, "drop")
    assert action.is_dropped
    tap(sign_in(carla), action, "restore")
    assert action.is_open


def test_two_who_edit_its_page_see_each_other(sign_in, mo, carla, action):
    url = reverse("action_detail", args=[action.committee.slug, action.pk])
    fields = {"text": "Write to the clerk", "owner": mo.pk, "owner_name": "", "due_on": str(local(4)), "seen": 0}
    assert sign_in(mo).post(url, fields).status_code == 302
    late = sign_in(carla).post(url, fields | {"text": "Visit the clerk"})
    assert late.status_code == 409 and "changed it while you" in late.content.decode()
    action.refresh_from_db()
    assert action.text == "Write to the clerk"


# Home and agenda --------------------------------------------------------------------------------------


def test_home_shows_what_is_due_to_its_owner_alone(sign_in, mo, carla, committee, action):
    ActionItemFactory(committee=committee, by=carla, owner=mo, text="Much later", due_on=local(30))
    home = sign_in(mo).get("/").content.decode()
    assert "Call the clerk" in home and "Much later" not in home
    assert "Call the clerk" not in sign_in(carla).get("/").content.decode()
    action.finish(mo)
    assert "Call the clerk" not in sign_in(mo).get("/").content.decode()


def test_what_is_left_over_is_offered_for_the_next_agenda(sign_in, carla, meeting, action):
    client, url = sign_in(carla), reverse("meeting_agenda", args=[meeting.slug])
    text = client.get(url).content.decode()
    assert "Call the clerk" in text and "Put them on the agenda" in text
    line = re.search(r'name="line" value="([^"]+)"', text)[1]
    client.post(reverse("agenda_item_add", args=[meeting.slug]), {"line": line})
    assert meeting.agenda_items.get().title == "Actions from last time"
    text = client.get(url).content.decode()
    assert "Call the clerk" in text and "Put them on the agenda" not in text


# The link in a mail -----------------------------------------------------------------------------------


@pytest.fixture
def link(action, mo):
    return reverse("action_link", args=[links.make(links.ACT, mo.pk, action.pk)])


def test_opening_the_link_changes_nothing(client, action, link):
    for _ in range(2):
        page = client.get(link)
        client.head(link)
        assert page.status_code == 200 and "Call the clerk" in page.content.decode()
    action.refresh_from_db()
    assert action.is_open and action.version == 0


def test_one_tap_on_the_link_without_signing_in(client, action, link, mo):
    answer = client.post(link, {"act": "done", "seen": 0})
    assert parse_qs(urlsplit(answer.url).query) == {"said": ["done"]}
    action.refresh_from_db()
    assert action.done_by == mo and "It’s done." in client.get(answer.url).content.decode()
    client.post(link, {"act": "reopen", "seen": 1})
    client.post(link, {"act": "later", "seen": 2})
    action.refresh_from_db()
    assert action.is_open and action.due_on == local(10)


def test_the_link_hands_on_and_then_ends(client, action, link, carla):
    answer = client.post(link, {"act": "hand", "owner": carla.pk, "seen": 0})
    action.refresh_from_db()
    assert action.owner == carla and "Handed on" in client.get(answer.url).content.decode()
    page = client.get(link)
    assert page.status_code == 410 and "Call the clerk" not in page.content.decode()
    client.post(link, {"act": "done"})
    action.refresh_from_db()
    assert action.is_open


def test_who_left_finds_nothing_behind_the_link(client, action, link, mo):
    Membership.objects.filter(user=mo).update(ended_on=today())
    page = client.get(link)
    assert page.status_code == 410 and "Call the clerk" not in page.content.decode()
    client.post(link, {"act": "done"})
    action.refresh_from_db()
    assert action.is_open


@pytest.mark.parametrize("act", ["drop", "restore", "nonsense", ""])
def test_the_link_can_do_no_more(client, action, link, act):
    assert client.post(link, {"act": act}).status_code == 400
    action.refresh_from_db()
    assert action.is_open


def test_somebody_else_is_asked_first(sign_in, olga, action, link, mo):
    client = sign_in(olga)
    assert client.post(link, {"act": "done"}).status_code == 409
    action.refresh_from_db()
    assert action.is_open
    client.post(link, {"act": "done", "for": mo.pk})
    action.refresh_from_db()
    assert action.is_done


# The API ----------------------------------------------------------------------------------------------


def test_the_api_reads_and_marks_done(sign_in, mo, olga, action):
    client = sign_in(mo)
    (row,) = client.get("/api/actions/?mine=true&done=false").json()["results"]
    assert (row["text"], row["owner_id"], row["due_on"], row["done_at"]) == (
        "Call the clerk",
        mo.pk,
        str(local(3)),
        None,
    )
    assert client.put(f"/api/actions/{action.pk}/done/").json()["done_at"]
    assert client.put(f"/api/actions/{action.pk}/done/").status_code == 200
    assert client.get("/api/actions/?done=false").json()["results"] == []
    assert client.delete(f"/api/actions/{action.pk}/done/").json()["done_at"] is None
    assert sign_in(olga).put(f"/api/actions/{action.pk}/done/").status_code == 404


def test_the_api_says_when_it_was_taken_off_the_list(sign_in, mo, carla, action):
    action.drop(carla)
    assert sign_in(mo).put(f"/api/actions/{action.pk}/done/").status_code == 404


def test_the_api_tells_what_changed_since(sign_in, mo, action):
    since = (timezone.now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert sign_in(mo).get("/api/actions/", {"updated_since": since}).json()["results"] == []
    wrong = sign_in(mo).get("/api/actions/?updated_since=soon")
    assert wrong.status_code == 400 and wrong["Content-Type"] == "application/problem+json"
