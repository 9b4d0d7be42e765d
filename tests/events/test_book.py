"""The agenda book: what is in it for whom, and that it is built once, whatever happens to who builds it."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pypdf
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import F
from django.urls import reverse

from committees.documents import binding
from committees.models import Document, DocumentVersion, Membership
from events.book import building
from events.models import AgendaItem, Book, Meeting
from events.tasks import build_book
from tests.committees.test_binding import locked, turned
from tests.committees.test_reading import pdf_saying
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, publish_quietly


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def paper(committee, by, title, raw, content_type="application/pdf", audience="committee"):
    document = Document.objects.create(committee=committee, title=title, audience=audience)
    file = {"file": ContentFile(raw, "x"), "name": "named-by-a-person.pdf", "size": len(raw), "sha256": "0" * 64}
    document.add_version(DocumentVersion(content_type=content_type, **file), by)
    return document


@pytest.fixture
def call(committee, carla, mo):
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek", starts_in=timedelta(days=2))
    report = paper(committee, carla, "Report on wages", pdf_saying("Wages of Denver"))
    budget = paper(committee, carla, "Budget", b"1,2,3", "text/csv")
    AgendaItem.add(call, carla, title="Wage theft", minutes=15, presenter=mo, papers=[report, budget])
    AgendaItem.add(
        call, carla, title="Buses", kind="decision", papers=[report, paper(committee, carla, "Map", turned(0, 90))]
    )
    publish_quietly(call)
    return call


def address(call, name="meeting_book"):
    return reverse(name, args=[call.slug])


def ask(client, call):
    return client.post(address(call))


def build_all():
    while build_book():
        pass


def download(client, call):
    response = client.get(address(call, "meeting_book_pdf"))
    return b"".join(response.streaming_content) if response.status_code == 200 else None


def read(raw):
    found = pypdf.PdfReader(io.BytesIO(raw))
    return found, [page.extract_text() for page in found.pages]


def book_of(client, call):
    """As a reader gets it: asked for, built, taken home."""
    ask(client, call)
    build_all()
    return read(download(client, call))


# The book -----------------------------------------------------------------------------------------


def test_one_pdf_holds_cover_agenda_and_papers_in_order(sign_in, mo, call):
    client = sign_in(mo)
    assert "Make the book" in client.get(address(call)).text
    response = client.get(address(call, "meeting_book_pdf"))
    assert (response.status_code, response.url) == (302, address(call))
    found, words = book_of(client, call)
    assert len(words) == 6 and all(f"{n} of 6" in said for n, said in enumerate(words, 1))
    assert "Fair workweek" in words[0] and "Agenda book" in words[0]
    agenda = " ".join(words[1].split())
    assert "1. Wage theft" in agenda and "15 minutes" in agenda and mo.name in agenda and "DECISION" in agenda
    assert "Report on wages, page 3" in agenda and "Budget, page 4" in agenda and "Map, page 5" in agenda
    assert "Wages of Denver" in words[2]
    assert "Budget" in words[3] and "It is no PDF (" in words[3] and "/documents/" in words[3]
    start, agenda, wages, under_wages, buses, under_buses = found.outline
    titles = [each.title for each in (start, agenda, wages, *under_wages, buses, *under_buses)]
    assert titles == ["Fair workweek", "Agenda", "1. Wage theft", "Report on wages", "Budget", "2. Buses", "Map"]
    at = [
        found.get_destination_page_number(each) + 1
        for each in (start, agenda, wages, *under_wages, buses, *under_buses)
    ]
    assert at == [1, 2, 3, 3, 4, 5, 5]
    assert found.metadata.title == "Fair workweek: Agenda book"
    page = client.get(address(call)).text
    assert "6 pages" in page and "1 paper can’t stand in it" in page and "every 2s" not in page


def test_it_leaves_as_a_file_that_tells_nothing_by_its_name(sign_in, mo, call):
    client = sign_in(mo)
    ask(client, call)
    build_all()
    response = client.get(address(call, "meeting_book_pdf"))
    assert response["Content-Disposition"] == f'attachment; filename="agenda-book-{call.slug}.pdf"'
    assert (response["Cache-Control"], response["Content-Type"]) == ("private, no-store", "application/pdf")
    assert b"named-by-a-person" not in b"".join(response.streaming_content)


BAD = {
    "damaged": (b"%PDF-1.4 and no more", "It could not be read. It may be damaged."),
    "locked": (locked("secret"), "It is locked with a password."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_paper_that_can_not_stand_in_it_is_named_and_linked(sign_in, mo, carla, committee, call, name):
    raw, why = BAD[name]
    bad = paper(committee, carla, "Bad paper", raw)
    AgendaItem.add(call, carla, title="Last", papers=[bad])
    found, words = book_of(sign_in(mo), call)
    assert "Bad paper" in words[-1] and why in words[-1]
    links = [note.get_object()["/A"]["/URI"] for note in found.pages[-1]["/Annots"]]
    assert links == [f"http://testserver{bad.get_absolute_url()}"] or links[0].endswith(bad.get_absolute_url())
    assert "Wages of Denver" in words[2]


def test_one_whose_file_is_gone_and_those_past_a_limit_are_linked(sign_in, mo, carla, committee, call, monkeypatch):
    gone = paper(committee, carla, "Gone paper", pdf_saying("Gone"))
    gone.latest.file.storage.delete(gone.latest.file.name)
    AgendaItem.add(call, carla, title="Last", papers=[gone])
    monkeypatch.setattr(building, "MOST_PAGES", 2)  # the report has one, the map two
    words = book_of(sign_in(mo), call)[1]
    assert "The book would be too large with it." in words[4] and "The file is gone." in words[5]
    monkeypatch.setattr(building, "MOST_BYTES", 10)
    Book.objects.all().delete()
    assert "too large" in book_of(sign_in(mo), call)[1][2]


def test_what_is_too_much_together_loses_the_largest_and_goes_on(sign_in, mo, call, monkeypatch):
    bind, tried = binding.bind, []

    def full(wanted, made):
        tried.append(len(wanted["files"]))
        if len(tried) == 1:
            raise binding.Unbound("memory")
        return bind(wanted, made)

    monkeypatch.setattr(binding, "bind", full)
    words = book_of(sign_in(mo), call)[1]
    assert len(tried) == 2 and Book.objects.get().linked == 2
    assert sum("The book would be too large with it." in said for said in words) == 1


def test_a_call_without_papers_has_a_book_and_one_without_agenda_none(sign_in, mo, carla, committee):
    bare = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=2))
    client = sign_in(mo)
    assert "There’s no agenda yet." in client.get(address(bare)).text
    ask(client, bare)
    assert not Book.objects.exists()
    AgendaItem.add(bare, carla, title="Welcome")
    publish_quietly(bare)
    assert len(book_of(client, bare)[1]) == 2


# Who reads what -----------------------------------------------------------------------------------


def test_nobody_gets_a_page_of_a_paper_that_they_may_not_open(sign_in, mo, carla, committee, call):
    """A canary: a paper of another committee, on which the co-chair sits and Mo does not."""
    other = CommitteeFactory(name="Quiet")
    MembershipFactory(user=carla, committee=other, role=Membership.Role.CHAIR)
    secret = paper(other, carla, "Canary title", pdf_saying("Canary words"))
    AgendaItem.objects.get(meeting=call, title="Buses").papers.add(secret)
    chair, member = sign_in(carla), sign_in(mo)
    with_it = book_of(chair, call)[1]
    assert any("Canary words" in said for said in with_it) and "Canary title" in with_it[1]
    assert download(member, call) is None, "what was built for another is not his"
    assert "Make the book" in member.get(address(call)).text
    without = book_of(member, call)[1]
    assert not any("Canary" in said for said in without) and len(without) == 6 and len(with_it) == 7
    assert Book.objects.count() == 2
    raw, stored = download(member, call), Book.objects.order_by("pk").last()
    assert b"Canary" not in raw and "Canary" not in str(stored.contents)
    secret.audience = "members"
    secret.save()
    assert download(member, call) is not None and any(
        "Canary words" in said for said in read(download(member, call))[1]
    )


def test_what_is_taken_away_is_in_no_book_that_is_there(sign_in, mo, carla, call):
    client = sign_in(mo)
    book_of(client, call)
    Document.objects.get(title="Report on wages").withdraw(carla)
    assert download(client, call) is None
    assert not any("Wages of Denver" in said for said in book_of(client, call)[1])


def test_who_leaves_the_committee_gets_it_no_longer(sign_in, mo, olga, call):
    client = sign_in(mo)
    book_of(client, call)
    Membership.objects.filter(user=mo).delete()
    assert client.get(address(call, "meeting_book_pdf")).status_code in (403, 404)
    assert sign_in(olga).get(address(call, "meeting_book_pdf")).status_code in (403, 404)


def test_before_it_is_published_only_who_writes_the_agenda_has_a_book(sign_in, mo, carla, committee):
    call = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=2))
    AgendaItem.add(call, carla, title="Statehouse")
    assert "Statehouse" in book_of(sign_in(carla), call)[1][1]
    member = sign_in(mo)
    assert download(member, call) is None and "There’s no agenda yet." in member.get(address(call)).text


def newer(paper, by):
    file = {"file": ContentFile(turned(0), "x"), "size": 9, "sha256": "1" * 64}
    paper.add_version(DocumentVersion(name="m", content_type="application/pdf", **file), by)


CHANGES = {
    "an item": lambda by: AgendaItem.objects.get(title="Buses").edit(by, title="Trains"),
    "the order": lambda by: AgendaItem.objects.get(title="Trains").place(by, 0),
    "a paper": lambda by: newer(Document.objects.get(title="Map"), by),
    "the call": lambda by: Meeting.objects.update(title="Fair week"),
}


def test_readers_of_the_same_share_one_and_a_change_asks_for_another(sign_in, mo, carla, call):
    member, chair = sign_in(mo), sign_in(carla)
    book_of(member, call)
    raw = download(member, call)
    assert raw and download(chair, call) == raw
    for number, change in enumerate(CHANGES.values(), 2):
        change(carla)
        assert download(member, call) is None and download(chair, call) is None
        ask(chair, call)
        ask(member, call)
        assert Book.objects.count() == number


# Asking and building ------------------------------------------------------------------------------


def test_looking_asks_for_nothing(sign_in, mo, call):
    client = sign_in(mo)
    for name in ("meeting_book", "meeting_book_pdf"):
        client.get(address(call, name), follow=True)
        client.head(address(call, name))
    assert not Book.objects.exists()


def test_its_page_says_how_far_it_is_with_and_without_script(sign_in, mo, call):
    client = sign_in(mo)
    assert "Waiting for its turn" in ask_and_look(client, call)
    book = Book.claim()
    assert book.step(2)
    shown = client.get(address(call), headers={"HX-Request": "true"}).text
    assert "2 of 3" in shown and "Being put together" in shown and 'value="2"' in shown and 'max="3"' in shown
    assert "every 2s" in shown and "Look again" in shown and "<html" not in shown
    poll = re.search(r'hx-get="([^"]+)"', shown)[1]
    assert client.get(poll, headers={"HX-Request": "true"}).status_code == 204, "nothing changed: nothing is swapped"
    assert book.step(3) and "3 of 3" in client.get(poll, headers={"HX-Request": "true"}).text


def ask_and_look(client, call):
    return client.post(address(call), follow=True).text


def test_asked_for_many_times_it_is_built_once(sign_in, mo, carla, call, monkeypatch):
    clients, built = [sign_in(mo), sign_in(carla)], []
    build = building.build
    monkeypatch.setattr(building, "build", lambda book: built.append(book.pk) or build(book))
    for client in clients * 3:
        ask(client, call)
    build_all()
    for client in clients:
        ask(client, call)
    build_all()
    assert len(built) == 1 and all(download(client, call) for client in clients)


@pytest.mark.django_db(transaction=True)
def test_askers_at_one_moment_make_one_and_workers_take_it_once(call):
    asked = {"papers": [], "lang": "en", "title": "x"}
    gate, got = threading.Barrier(6), []

    def act(work):
        gate.wait(10)
        got.append(work())
        connection.close()

    threads = [threading.Thread(target=act, args=(lambda: Book.ask(call, asked).pk,)) for _n in range(6)]
    [thread.start() for thread in threads]
    [thread.join(20) for thread in threads]
    assert len(got) == 6 and len(set(got)) == 1 and Book.objects.count() == 1
    got.clear()
    threads = [threading.Thread(target=act, args=(Book.claim,)) for _n in range(6)]
    [thread.start() for thread in threads]
    [thread.join(20) for thread in threads]
    assert sum(each is not None for each in got) == 1 and len(got) == 6


def pass_time():
    Book.objects.waiting().update(next_try_at=F("next_try_at") - Book.STEP_LASTS)


def test_a_worker_killed_half_way_is_survived(sign_in, mo, call):
    client = sign_in(mo)
    ask(client, call)
    lost = Book.claim()
    (lost.folder / "try-1").mkdir(parents=True)
    (lost.folder / "try-1" / "0.pdf").write_bytes(b"half of it")
    assert lost.step(1) and not build_book(), "it is in hand"
    pass_time()
    assert build_book() and len(read(download(client, call))[1]) == 6
    assert os.listdir(lost.folder) == ["book.pdf"], "of the try that was lost nothing is left"
    assert not lost.step(2) and not lost.finish(pages=1, size=1, linked=0), "it writes down nothing any more"
    assert Book.objects.get().pages == 6


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_a_real_builder_is_killed_in_the_midst_of_it(sign_in, mo, carla, committee, call):
    """Another process builds it; SIGKILL comes when it has read some papers and not all."""
    slow = [paper(committee, carla, f"Slow {n}", turned(*[0] * 400)) for n in range(4)]
    AgendaItem.add(call, carla, title="Last", papers=slow)
    client = sign_in(mo)
    ask(client, call)
    name = connection.settings_dict["NAME"]
    environment = os.environ | {"DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"}
    environment["MEDIA_ROOT"] = str(settings.MEDIA_ROOT)
    script = "import django; django.setup(); from events.tasks import build_book; build_book()"
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    builder = subprocess.Popen([sys.executable, "-c", script], env=environment, start_new_session=True)
    end = time.monotonic() + 60
    while not 3 < Book.objects.get().done < 7 and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(builder.pid, signal.SIGKILL)
    builder.wait()
    lost = Book.objects.get()
    assert 3 < lost.done < 7 and lost.built_at is None and (lost.folder / "try-1" / "0.pdf").exists()
    assert not build_book(), "it is in hand until nothing was heard of it for a while"
    pass_time()
    assert build_book() and len(read(download(client, call))[1]) == 7 + 1600 - 1
    assert os.listdir(lost.folder) == ["book.pdf"]


def test_what_fails_three_times_says_so_and_may_be_asked_for_again(sign_in, mo, call, monkeypatch):
    client, build = sign_in(mo), building.build

    def broken(book):
        raise OSError("disk")

    monkeypatch.setattr(building, "build", broken)
    ask(client, call)
    build_all()
    book = Book.objects.get()
    assert book.tries == 3 and book.failed_at
    assert "The book couldn’t be put together." in client.get(address(call)).text
    monkeypatch.setattr(building, "build", build)
    assert book_of(client, call)


def test_one_that_kills_its_worker_each_time_is_given_up(sign_in, mo, call):
    ask(sign_in(mo), call)
    for _time in range(3):
        assert Book.claim()
        pass_time()
    assert not build_book() and Book.objects.get().failed_at


def test_a_full_disk_takes_no_book(sign_in, mo, call, settings):
    settings.DISK_KEPT_FREE_BYTES = 10**18
    client = sign_in(mo)
    ask(client, call)
    build_all()
    assert Book.objects.get().failed_at and download(client, call) is None


def test_only_one_is_built_at_a_time(sign_in, mo, carla, call):
    Book.ask(call, {"papers": [], "lang": "en", "title": "x"})
    Book.ask(call, {"papers": [], "lang": "en", "title": "y"})
    first = Book.claim()
    assert first and Book.claim() is None
    assert first.finish(pages=1, size=1, linked=0) and Book.claim()


def test_after_three_days_it_is_gone_with_its_files(sign_in, mo, call):
    client = sign_in(mo)
    book_of(client, call)
    folder = Book.objects.get().folder
    stray = folder.parent / "0"
    stray.mkdir(exist_ok=True)
    os.utime(stray, (time.time() - 2 * building.LOST_AFTER,) * 2)
    Book.objects.update(asked_at=F("asked_at") - Book.KEPT_FOR)
    build_book()
    assert not Book.objects.exists() and not folder.exists() and not stray.exists()
    assert "Make the book" in client.get(address(call)).text


def test_one_whose_file_was_lost_is_asked_for_anew(sign_in, mo, call):
    client = sign_in(mo)
    book_of(client, call)
    shutil.rmtree(Book.objects.get().folder)
    assert download(client, call) is None and "Make the book" in client.get(address(call)).text
    ask(client, call)
    assert Book.claim()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["meeting_book", "meeting_book_pdf"])
def test_it_costs_the_same_for_any_number_of_papers(
    sign_in, mo, carla, committee, rows, name, django_assert_num_queries
):
    call = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=2))
    for number in range(rows):
        AgendaItem.add(call, carla, title=f"Item {number}", papers=[paper(committee, carla, "P", b"x", "text/csv")])
    publish_quietly(call)
    client = sign_in(mo)
    book_of(client, call)
    with django_assert_num_queries(7):
        assert client.get(address(call, name)).status_code == 200


def test_the_printed_agenda_and_the_builder_lead_to_it(sign_in, carla, mo, call):
    assert address(call) in sign_in(mo).get(reverse("meeting_print", args=[call.slug])).text
    assert address(call) in sign_in(carla).get(reverse("meeting_agenda", args=[call.slug])).text
