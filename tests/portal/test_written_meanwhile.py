"""Two people with one form open: the second is shown what the first saved, and nothing that was typed is lost."""

import html
import re

import pytest
from django.urls import reverse

from committees.models import Committee, IssueArea, Publication
from events.models import MeetingMove
from tests.access_world import make_announcement
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html"}


def fields_of(page, **typed):
    """What a browser would post of the last form of a page, with some fields typed anew."""
    form = page.context["form"]
    given = {field.name: field.value() for field in form}
    return {name: value for name, value in (given | typed).items() if value not in (None, False)}


@pytest.fixture
def publication(committee):
    words = {"title": "The report", "summary": "Short.", "body": "Long.", "dated_on": "2026-01-01"}
    return Publication.objects.create(issue=committee.issue, type="report", slug="the-report", **words)


def addresses(committee, publication):
    return {
        "by co-chairs": (reverse("committee_edit", args=[committee.slug]), "purpose", Committee),
        "committee": (reverse("staff_committee_edit", args=[committee.slug]), "purpose", Committee),
        "issue": (reverse("staff_issue", args=[committee.issue.slug]), "tagline", IssueArea),
        "publication": (reverse("staff_publication", args=[publication.pk]), "summary", Publication),
    }


@pytest.mark.parametrize("which", ["by co-chairs", "committee", "issue", "publication"])
def test_the_second_save_shows_the_first_and_keeps_what_was_typed(sign_in, committee, publication, ada, stu, which):
    address, field, model = addresses(committee, publication)[which]
    first, second = sign_in(ada), sign_in(ada)
    hers, theirs = first.get(address), second.get(address)
    assert first.post(address, fields_of(hers, **{field: "Her words."})).status_code == 302

    page = second.post(address, fields_of(theirs, **{field: "Their words."}))
    assert (page.status_code, model.objects.filter(**{field: "Her words."}).count()) == (409, 1)
    assert "Her words." in page.text and "Their words." in page.text and "It says now:" in page.text

    assert second.post(address, fields_of(page)).status_code == 302
    assert model.objects.filter(**{field: "Their words."}).count() == 1


@pytest.mark.parametrize("which", ["by co-chairs", "committee", "issue", "publication"])
def test_in_a_browser_it_comes_back_as_a_page_of_its_own(sign_in, committee, publication, ada, which):
    address, field, model = addresses(committee, publication)[which]
    client = sign_in(ada)
    opened = client.get(address)
    client.post(address, fields_of(opened, **{field: "Her words."}))
    back = client.post(address, fields_of(opened, **{field: "Their words."}), **HTML)
    assert back.status_code == 303
    page = client.get(back["Location"], **HTML)
    assert "Her words." in page.text and "Their words." in page.text and "It says now:" in page.text
    assert client.post(address, fields_of(page)).status_code == 302
    assert model.objects.filter(**{field: "Their words."}).exists()


@pytest.mark.parametrize("which", ["by co-chairs", "committee", "issue", "publication"])
def test_the_same_words_twice_are_no_conflict(sign_in, committee, publication, ada, which):
    address, field, _model = addresses(committee, publication)[which]
    client = sign_in(ada)
    opened = client.get(address)
    assert [client.post(address, fields_of(opened, **{field: "Same."})).status_code for _time in range(2)] == [302] * 2


def test_what_the_form_does_not_show_is_no_conflict(sign_in, committee, carla, stu):
    address = reverse("committee_edit", args=[committee.slug])
    client = sign_in(carla)
    opened = client.get(address)
    committee.edit(stu, name="Fair Economy")
    assert client.post(address, fields_of(opened, purpose="To win.")).status_code == 302
    assert Committee.objects.filter(name="Fair Economy", purpose="To win.").count() == 1


def test_a_preview_does_not_count_as_having_seen(sign_in, publication, ada):
    address = reverse("staff_publication", args=[publication.pk])
    client = sign_in(ada)
    opened = client.get(address)
    client.post(address, fields_of(opened, summary="Her words."))
    preview = client.post(address, fields_of(opened, summary="Their words.") | {"preview": "1"})
    assert client.post(address, fields_of(preview)).status_code == 409


def test_a_draft_is_not_taken_back_from_the_page_unseen(sign_in, publication, ada):
    """Somebody published it while another had it open as a draft."""
    address = reverse("staff_publication", args=[publication.pk])
    client = sign_in(ada)
    opened = client.get(address)
    client.post(address, fields_of(opened, when="now"))
    page = client.post(address, fields_of(opened, summary="Their words.", when="draft"))
    assert page.status_code == 409 and "Publish now" in page.text
    assert Publication.objects.get().published_at


def test_two_publications_of_one_title_have_addresses_of_their_own(committee, ada):
    words = {"issue": committee.issue, "type": "post", "title": "Buses", "slug": "buses", "summary": "x"}
    for _time in range(2):
        Publication(dated_on="2026-01-01", **words).store(ada, None)
    assert set(Publication.objects.values_list("slug", flat=True)) == {"buses", "buses-2"}


def test_the_second_of_two_moves_is_shown_the_first(sign_in, committee, carla):
    meeting = MeetingFactory(committee=committee, by=carla)
    address, client = reverse("meeting_move", args=[meeting.slug]), sign_in(carla)
    opened = client.get(address)
    for at, status in (("17:00", 302), ("18:00", 409)):
        page = client.post(address, fields_of(opened, local_time=at, reason="The room is taken.") | {"quiet": "1"})
        assert page.status_code == status
    assert "Somebody moved this call" in page.text and "18:00" in page.text and "The room is taken." in page.text
    assert MeetingMove.objects.count() == 1
    assert client.post(address, fields_of(page) | {"quiet": "1"}).status_code == 302


def test_an_address_made_from_the_title_and_taken_meanwhile_is_no_mistake(sign_in, committee, ada, monkeypatch):
    words = {"issue": committee.issue.pk, "type": "report", "title": "Buses", "summary": "Short.", "when": "draft"}
    free_slug = Publication.free_slug

    def taken_meanwhile(issue, title, besides=None):
        found = free_slug(issue, title, besides)
        if found == "buses":
            Publication.objects.create(
                issue=issue, type="post", title="Buses", slug="buses", summary="x", dated_on="2026-01-01"
            )
        return found

    monkeypatch.setattr(Publication, "free_slug", staticmethod(taken_meanwhile))
    answer = sign_in(ada).post(reverse("staff_publication_new"), words | {"dated_on": "2027-01-01"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert set(Publication.objects.values_list("slug", flat=True)) == {"buses", "buses-2"}


FORMS = re.compile(r'<form(?=[^>]*method="post")[^>]*>.*?</form>', re.DOTALL)


def test_every_form_that_writes_over_a_shared_text_carries_what_it_showed(sign_in, committee, publication, ada, carla):
    meeting = MeetingFactory(committee=committee, by=ada)
    draft = make_announcement(committee, carla)
    pages = [address for address, _field, _model in addresses(committee, publication).values()]
    pages += [reverse(name, args=[meeting.slug]) for name in ("meeting_edit", "meeting_move")]
    pages += [reverse("announcement_edit", args=[draft.pk])]
    for address in pages:
        client = sign_in(carla) if "announcement" in address else sign_in(ada)
        forms = [form for form in FORMS.findall(html.unescape(client.get(address).text)) if "<textarea" in form]
        assert forms and all(
            re.search(r'name="seen" value="[^"]+"|value="[^"]+" [^>]*name="seen"', form) for form in forms
        ), address
