"""Mail scanners open every link of every mail, again and again: nothing changes, and the person's own click still works."""

import re

import pytest
from django.test import Client

from committees.models import Committee
from events.models import Meeting, Rsvp
from members.models import User
from tests.pipeline import DAY, call_in
from tests.scanning import differences, digest, links_by_kind, ours
from tests.story import everything

__all__ = ["everything"]

pytestmark = pytest.mark.django_db
TIMES = 3


def test_opening_every_link_of_every_mail_three_times_changes_nothing(everything):
    before, broken = digest(), []
    links = ours(set().union(*links_by_kind(everything).values()), "http://testserver")
    for link in links:
        for method in (Client.get, Client.head) * TIMES:
            status = method(Client(), link.removeprefix("http://testserver")).status_code
            broken += [f"{link}: {status}"] if status >= 400 and status != 410 else []  # 410: that call is canceled
    assert list(differences(before, digest())) == []
    assert (broken, len(links) > 30) == ([], True)


def test_and_then_the_persons_own_click_works(everything, mo, committee: Committee, carla: User):
    call_in(DAY, committee, carla, title="One more")
    links = links_by_kind(everything)
    answer = next(link for link in links["nudge"] if "/r/" in link and "answer=declined" in link)
    stop = next(link for link in links["reminder"] if "/u/" in link)
    for link in (answer, stop):
        for _time in range(TIMES):
            Client().get(link.removeprefix("http://testserver"))
    person = Client(enforce_csrf_checks=True)  # a device that knows nothing of us
    page = person.get(answer.removeprefix("http://testserver")).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    address = re.search(r'<form[^>]+action="([^"]+)"', page)[1]
    assert person.post(address, fields | {"answer": "declined"}).status_code == 302
    nudged = Meeting.objects.get(title="A call nobody heard of")
    assert Rsvp.objects.get(meeting=nudged).response == "declined"
    path = stop.removeprefix("http://testserver")
    one_click = person.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (one_click.status_code, one_click.headers.get("Location")) == (200, None)
    assert User.objects.filter(
        notification_preferences__kind="reminder", notification_preferences__cadence="never"
    ).exists()


def test_a_kind_without_a_mail_is_missed_in_words(db):
    with pytest.raises(AssertionError, match=r"No mail of the kind .*reminder.* was looked at: let the story"):
        links_by_kind([])


def test_a_change_in_any_table_is_seen(mo):
    before = digest()
    assert list(differences(before, digest())) == []
    Client().force_login(mo, backend="members.auth.StandingBackend")
    changed = {line.partition(":")[0] for line in differences(before, digest())}
    assert {"django_session", "members_user"} <= changed
