"""Papers from upload to download: who may, what comes back, and what never does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from committees.documents import reading, uploads
from committees.models import Committee, Document
from members.models import AuditEntry
from tests.committees.test_reading import PDF_WITH_WORDS
from tests.committees.test_uploads import EXE, picture
from tests.factories import CommitteeFactory

SCRIPT = "<script>alert('x')</script>"


def words(response):
    return response.content.decode()


@pytest.fixture
def paper(carla, committee):
    """`paper("name.txt", b"words", title=…)` is a document of Carla's committee."""

    def published(
        name="notes.txt", content=b"Every tenant gets a lawyer.", title="Notes", audience="committee", of=None, by=None
    ):
        examined = uploads.examine(SimpleUploadedFile(name, content))
        document = uploads.publish(of or committee, by or carla, title=title, audience=audience, examined=examined)
        reading.read(document.latest_id)
        return Document.objects.get(pk=document.pk)

    return published


def file_of(document, number=1, name="document_file"):
    return reverse(name, args=[document.pk, number])


# Upload


def test_a_co_chair_adds_a_paper(sign_in, carla, committee):
    given = {
        "title": "O'Hara's draft: señas",
        "audience": "members",
        "file": SimpleUploadedFile("draft 3 — final.pdf", PDF_WITH_WORDS),
    }
    response = sign_in(carla).post(reverse("document_upload", args=[committee.slug]), given)
    document = Document.objects.get()
    assert response["Location"] == document.get_absolute_url()
    assert (document.title, document.audience, document.latest.name) == (
        "O'Hara's draft: señas",
        "members",
        "draft 3 — final.pdf",
    )
    assert (document.latest.content_type, document.latest.size, document.latest.uploaded_by) == (
        "application/pdf",
        len(PDF_WITH_WORDS),
        carla,
    )
    assert "draft" not in document.latest.file.name
    assert AuditEntry.objects.get(verb="uploaded").actor == carla


def test_without_a_title_it_is_called_as_its_file(sign_in, carla, committee):
    sign_in(carla).post(
        reverse("document_upload", args=[committee.slug]),
        {"audience": "committee", "file": SimpleUploadedFile("wage_theft.txt", b"x")},
    )
    assert Document.objects.get().title == "wage theft"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.pdf", EXE, "We can’t take this kind of file"),
        ("page.html", b"<html>", "We can’t take this kind of file"),
        ("large.txt", b"x" * 3000, "The most we can take is 1.0"),
        ("empty.txt", b"", "This file is empty"),
        (None, b"", "Choose a file"),
    ],
)
def test_a_refused_file_is_explained_and_nothing_typed_is_lost(
    sign_in, carla, committee, settings, name, content, said
):
    settings.DOCUMENT_MAX_BYTES = 1024
    given = {"title": "My careful title", "audience": "members"} | (
        {"file": SimpleUploadedFile(name, content)} if name else {}
    )
    response = sign_in(carla).post(reverse("document_upload", args=[committee.slug]), given)
    assert (response.status_code, Document.objects.count()) == (422, 0)
    assert said in words(response)
    assert 'value="My careful title"' in words(response)
    assert words(response).count("<title>Error: ") == 1
    assert "File: " not in words(response)  # each sentence says by itself that it is about the file


def test_a_file_of_thirty_megabytes_is_told_its_size(sign_in, carla, committee):
    large = SimpleUploadedFile("large.pdf", b"%PDF-" + b"\0" * (30 * 1024 * 1024))
    response = sign_in(carla).post(
        reverse("document_upload", args=[committee.slug]), {"title": "Kept", "audience": "committee", "file": large}
    )
    assert response.status_code == 422
    assert "This file is 30.0\xa0MB. The most we can take is 20.0\xa0MB" in words(response)
    assert 'value="Kept"' in words(response)


@pytest.mark.parametrize("who", ["mo", "olga", "chet", "ana"])
def test_only_co_chairs_and_staff_upload(request, sign_in, who, committee):
    given = {"title": "x", "audience": "public", "file": SimpleUploadedFile("x.txt", b"x")}
    response = sign_in(request.getfixturevalue(who)).post(reverse("document_upload", args=[committee.slug]), given)
    assert (response.status_code, Document.objects.count()) == (403, 0)


def test_a_confidential_committees_papers_stay_its_own(sign_in, carla, committee):
    Committee.objects.update(confidential=True)
    given = {"title": "x", "audience": "public", "file": SimpleUploadedFile("x.txt", b"x")}
    assert sign_in(carla).post(reverse("document_upload", args=[committee.slug]), given).status_code == 422
    assert not Document.objects.exists()


# Who may read


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("committee", {"carla", "mo", "stu", "ada"}),
        ("members", {"carla", "mo", "stu", "ada", "olga", "chet"}),
        ("public", {"carla", "mo", "stu", "ada", "olga", "chet", "ana", None}),
    ],
)
@pytest.mark.parametrize("who", [None, "ana", "olga", "chet", "mo", "carla", "stu", "ada"])
def test_a_paper_and_its_file_open_to_its_audience_only(request, sign_in, paper, audience, readers, who):
    document = paper(audience=audience, name="map.png", content=picture("PNG"))
    client = sign_in(who and request.getfixturevalue(who))
    for address in (document.get_absolute_url(), file_of(document), file_of(document, name="document_preview")):
        expected = 200 if who in readers else 404 if who else 302
        assert client.get(address).status_code == expected


def test_a_visitor_cannot_tell_a_private_paper_from_none(client, paper):
    document = paper()
    for address in (
        document.get_absolute_url(),
        file_of(document),
        reverse("document_detail", args=[10**9]),
        reverse("document_file", args=[10**9, 1]),
    ):
        assert client.get(address)["Location"] == f"{reverse('account_login')}?next={address}"


def test_leaving_the_committee_closes_its_papers(sign_in, paper, mo, committee):
    document, client = paper(), sign_in(mo)
    assert client.get(file_of(document)).status_code == 200
    committee.memberships.get(user=mo).end(by=mo)
    assert client.get(file_of(document)).status_code == 404


@pytest.mark.parametrize(("pk", "number"), [(10**18, 1), (1, 10**18), (0, 0)])
def test_odd_numbers_are_not_found(sign_in, mo, pk, number):
    assert sign_in(mo).get(reverse("document_file", args=[pk, number])).status_code == 404


# What comes back


def test_a_file_comes_as_a_sealed_download_under_its_own_name(sign_in, paper, mo):
    response = sign_in(mo).get(file_of(paper(name="Señora O'Hara's “plan”.txt", content=b"words")))
    assert b"".join(response.streaming_content) == b"words"
    assert (
        response["Content-Disposition"]
        == "attachment; filename*=utf-8''Se%C3%B1ora%20O%27Hara%27s%20%E2%80%9Cplan%E2%80%9D.txt"
    )
    assert response["Content-Type"] == "text/plain"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_only_pdfs_and_pictures_are_shown_in_place_and_framed_by_us_alone(sign_in, paper, mo):
    client = sign_in(mo)
    response = client.get(file_of(paper(name="a.pdf", content=PDF_WITH_WORDS), name="document_preview"))
    assert response["Content-Disposition"] == 'inline; filename="a.pdf"'
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert client.get(file_of(paper(), name="document_preview")).status_code == 404


def test_the_page_shows_words_versions_and_download(sign_in, paper, mo):
    document = paper(name="a.pdf", content=PDF_WITH_WORDS, title="Model ordinance")
    page = words(sign_in(mo).get(document.get_absolute_url()))
    for expected in (
        "Model ordinance",
        "Fair workweek",
        "1 page",
        "Version 1",
        "1-minute read",
        file_of(document),
        file_of(document, name="document_preview"),
    ):
        assert expected in page
    assert reverse("document_new_version", args=[document.pk]) not in page


def test_a_script_in_title_name_and_words_stays_words(sign_in, paper, carla):
    document = paper(name="a.txt", content=b"Hello " + SCRIPT.encode(), title=SCRIPT)
    client = sign_in(carla)
    for address in (
        document.get_absolute_url(),
        reverse("library"),
        reverse("committee_documents", args=[document.committee.slug]),
        document.committee.get_absolute_url(),
    ):
        response = client.get(address)
        assert (response.status_code, SCRIPT in words(response)) == (200, False)


def test_a_file_lost_on_disk_is_not_found(sign_in, paper, mo):
    document = paper()
    document.latest.file.storage.delete(document.latest.file.name)
    assert sign_in(mo).get(file_of(document)).status_code == 404


# Versions and withdrawing


def test_a_new_version_is_shown_and_the_old_one_kept(sign_in, paper, carla, mo):
    document = paper()
    response = sign_in(carla).post(
        reverse("document_new_version", args=[document.pk]), {"file": SimpleUploadedFile("second.txt", b"Second")}
    )
    assert response["Location"] == document.get_absolute_url()
    client = sign_in(mo)
    page = words(client.get(document.get_absolute_url()))
    assert page.index("Version 2") < page.index("Version 1")
    assert [b"".join(client.get(file_of(document, number)).streaming_content) for number in (1, 2)] == [
        b"Every tenant gets a lawyer.",
        b"Second",
    ]


def test_withdrawing_closes_every_door_and_undo_opens_them(sign_in, paper, carla, mo):
    document = paper(audience="public")
    chair, reader = sign_in(carla), sign_in(mo)
    assert chair.get(reverse("document_withdraw", args=[document.pk])).status_code == 200
    done = chair.post(reverse("document_withdraw", args=[document.pk]), follow=True)
    assert reverse("document_restore", args=[document.pk]) in words(done)
    for address in (document.get_absolute_url(), file_of(document)):
        assert [client.get(address).status_code for client in (reader, chair, sign_in())] == [404, 404, 302]
    assert "Notes" not in words(reader.get(reverse("library")))
    chair.post(reverse("document_restore", args=[document.pk]))
    assert reader.get(file_of(document)).status_code == 200
    assert list(AuditEntry.objects.exclude(verb="uploaded").order_by("pk").values_list("verb", flat=True)) == [
        "withdrew",
        "restored",
    ]


@pytest.mark.parametrize("name", ["document_new_version", "document_withdraw", "document_restore"])
@pytest.mark.parametrize(("who", "status"), [("mo", {403, 404}), ("olga", {404}), ("chet", {404}), ("ana", {404})])
def test_nobody_else_changes_a_paper(request, sign_in, paper, name, who, status):
    document = paper()
    response = sign_in(request.getfixturevalue(who)).post(
        reverse(name, args=[document.pk]), {"file": SimpleUploadedFile("x.txt", b"x")}
    )
    document.refresh_from_db()
    assert response.status_code in status
    assert (document.withdrawn_at, document.versions.count()) == (None, 1)


# Lists


def test_the_library_holds_what_i_may_read_newest_first(sign_in, paper, olga, chet, elsewhere):
    paper(title="Carla's own")
    paper(title="For members", audience="members")
    paper(title="Of my committee", of=elsewhere, by=chet)
    response = sign_in(olga).get(reverse("library"))
    assert [document.title for document in response.context["page"].rows] == ["Of my committee", "For members"]
    assert "2 documents" in words(response)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("WAGE", ["Wage theft: señas"]),
        ("senas", ["Wage theft: señas"]),
        ("lawyer tenant", ["Notes"]),
        ("tenants", ["Notes"]),
        ("nothing here", []),
        ("%", []),
        ("'", []),
    ],
)
def test_searching_titles_and_words_inside(sign_in, paper, mo, q, found):
    paper()
    paper(title="Wage theft: señas", content=b"Liens")
    response = sign_in(mo).get(reverse("library"), {"q": q})
    assert [document.title for document in response.context["page"].rows] == found


def test_filtering_by_committee(sign_in, paper, mo, elsewhere, chet):
    paper()
    paper(title="Rents", of=elsewhere, by=chet, audience="members")
    client = sign_in(mo)
    assert [d.title for d in client.get(reverse("library"), {"committee": "housing-justice"}).context["page"].rows] == [
        "Rents"
    ]
    assert client.get(reverse("library"), {"committee": "no-such"}).status_code == 200


def test_confidential_committees_are_not_offered_as_a_filter(sign_in, mo):
    CommitteeFactory(name="Safe in office", confidential=True)
    assert "Safe in office" not in words(sign_in(mo).get(reverse("library")))


def test_lists_cost_the_same_with_one_and_three_papers(sign_in, paper, mo, committee, django_assert_num_queries):
    client = sign_in(mo)
    client.get(reverse("committee_documents", args=[committee.slug]))  # the headcount is kept for a while
    for _ in range(2):
        paper()
        with django_assert_num_queries(4):
            client.get(reverse("library"))
        with django_assert_num_queries(6):
            client.get(reverse("committee_documents", args=[committee.slug]))
        paper()


def test_the_text_of_papers_stays_in_the_database_when_listed(sign_in, paper, mo, django_assert_num_queries):
    paper()
    client = sign_in(mo)
    with django_assert_num_queries(4) as asked:
        client.get(reverse("library"))
    assert not any('"text"' in query["sql"].partition("FROM")[0] for query in asked.captured_queries)


def test_with_script_only_the_results_come(sign_in, paper, mo):
    paper()
    page = words(sign_in(mo).get(reverse("library"), {"q": "notes"}, headers={"HX-Request": "true"}))
    assert "Notes" in page
    assert "<html" not in page


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("stu", 200), (None, 302)])
def test_the_library_is_for_members_and_staff(request, sign_in, who, status, db):
    assert sign_in(who and request.getfixturevalue(who)).get(reverse("library")).status_code == status
