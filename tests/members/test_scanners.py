"""Mail scanners open every link of every mail, again and again: nothing changes, and the person's own click still works."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client

from committees.models import Committee
from events.models import Meeting, Rsvp
from members.models import User
from tests.pipeline import DAY, call_in
from tests.scanning import differences, digest, links_by_kind, ours
from tests.story import everything_once as everything
from tests.story import story

__all__ = ["everything", "story"]

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


def test_and_then_the_persons_own_click_works(everything):
    committee = Committee.objects.get(slug="story")
    (carla,) = committee.chairs()
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


def by_safe_links(link: str) -> str:
    return f"https://nam02.safelinks.protection.outlook.com/?url={quote(link, safe='')}&data=05%7C02&reserved=0"


def by_url_defense(link: str) -> str:
    return f"https://urldefense.com/v3/__{link}__;!!A1b2C3!x-y_z$"


def unwrapped(link: str) -> str:
    """Where the gateway leads on to, once it has looked at the page itself."""
    if found := re.fullmatch(r"https://urldefense\.com/v3/__(.+)__;.*", link):
        return found[1]
    return parse_qs(urlsplit(link).query)["url"][0]


def test_links_that_a_gateway_rewrote_lead_to_the_same_and_change_nothing(everything):
    links = ours(set().union(*links_by_kind(everything).values()), "http://testserver")
    before = digest()
    for link in links:
        assert [unwrapped(rewrite(link)) for rewrite in (by_safe_links, by_url_defense)] == [link, link]
        statuses = {
            method(Client(), link.removeprefix("http://testserver")).status_code for method in (Client.get, Client.head)
        }
        assert len(statuses) == 1 and statuses.pop() in (200, 302, 410), link
    assert list(differences(before, digest())) == []


def test_a_forwarded_mail_without_its_calendar_changes_nothing_until_somebody_presses(everything):
    """Whoever forwards it has the words alone; what the buttons do is still Mo's, and is told to Mo."""
    mo = User.objects.get(name="Mo Haddad")
    nudge = next(
        mail for mail in everything if mail.recipient == mo.email and "nobody heard of" in mail.message["Subject"]
    )
    words = nudge.message.get_body(("plain",)).get_content()
    links = ours(re.findall(r"https?://\S+", words), "http://testserver")
    before = digest()
    for link in links:
        Client().get(link.removeprefix("http://testserver"))
    assert list(differences(before, digest())) == []
    answer = next(link for link in links if "answer=tentative" in link).removeprefix("http://testserver")
    Client(enforce_csrf_checks=True).post(answer, {"answer": "tentative", "version": "0"})
    assert Rsvp.objects.get(meeting__title="A call nobody heard of", user=mo).response == "tentative"


def test_a_kind_without_a_mail_is_missed_in_words(db):
    with pytest.raises(AssertionError, match=r"No mail of the kind .*reminder.* was looked at: let the story"):
        links_by_kind([])


def test_a_change_in_any_table_is_seen(mo):
    before = digest()
    assert list(differences(before, digest())) == []
    Client().force_login(mo, backend="members.auth.StandingBackend")
    changed = {line.partition(":")[0] for line in differences(before, digest())}
    assert {"django_session", "members_user"} <= changed
