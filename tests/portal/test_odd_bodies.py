"""Bodies that no program of good will sends: refused in words, never a 500."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from committees.documents.uploads import CappedUploadHandler

pytestmark = pytest.mark.django_db
DEEP = "[" * 20_000 + "]" * 20_000
BODIES = [
    DEEP,
    "[" * 60_000,
    '{"response":' * 5_000 + "1" + "}" * 5_000,
    json.dumps({"response": "accepted", "version": 2**63}),
    '{"response": "accepted", "version": ' + "9" * 400 + "}",
    '{"response": "accepted", "version": ' + "9" * 5000 + "}",
    '{"response": "accepted", "version": 1e400}',
    '{"response": "accepted", "version": NaN}',
    '{"response": ' + DEEP + "}",
    '"\\ud800"',
    "\ufeff{}",
    "",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:24])
def test_an_answer_that_is_no_answer_is_refused(sign_in, mo, meeting, body):
    client = sign_in(mo)
    client.raise_request_exception = False
    answer = client.put(reverse("api_meeting-rsvp", args=[meeting.slug]), body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("length", ["9" * 400, "9" * 5000, str(2**63), "-1", "1e9", "٣"])
def test_a_length_that_is_none_comes_back_as_a_form(sign_in, carla, committee, length):
    client = sign_in(carla)
    client.raise_request_exception = False
    call = {"title": "Wages", "local_date": "2027-03-11", "local_time": "13:00", "timezone": "America/Denver"}
    call |= {"reminders": "committee", "quiet": "1", "duration": length}
    assert client.post(reverse("meeting_schedule", args=[committee.slug]), call).status_code == 422


@pytest.mark.parametrize(("size", "status"), [(100, 400), (20_000, 413)])
def test_many_files_for_a_page_that_asks_for_none_are_refused_before_they_lie_anywhere(
    sign_in, mo, settings, tmp_path, monkeypatch, size, status
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    written = []
    monkeypatch.setattr(CappedUploadHandler, "new_file", lambda self, *args, **named: written.append(args))
    files = {f"file{number}": SimpleUploadedFile("a.txt", b"x" * size) for number in range(40)}
    client = sign_in(mo)
    client.raise_request_exception = False
    assert client.post(reverse("settings_details"), files).status_code == status
    assert len(written) <= 4
