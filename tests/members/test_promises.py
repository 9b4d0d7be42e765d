"""What we promise applicants is the same on every page, and steps are counted as screens."""

import re
from pathlib import Path

import pytest
from django.conf import settings

PAGES = [
    *(settings.BASE_DIR / "templates").rglob("*.html"),
    *(settings.BASE_DIR / "templates").rglob("*.txt"),
    *(settings.BASE_DIR / "members" / "applications").rglob("*.py"),  # what the desk decides to say
]
ABOUT_ANSWERS = re.compile(
    r"(?:check it and answer|answer by email|an answer),?(?: usually)? (?:with)?in ([\w ]+?)[.\"]"
)
ABOUT_APPLYING = re.compile(r"[Aa]pply(?:ing)?[^.{}]* about (\w+) minutes")


def said(pattern: re.Pattern) -> dict[Path, list[str]]:
    found = {page: pattern.findall(" ".join(page.read_text().split())) for page in PAGES}
    return {page: words for page, words in found.items() if words}


def test_one_time_to_an_answer():
    everywhere = {page: words for page, words in said(ABOUT_ANSWERS).items() if "co-chairs" not in page.read_text()}
    assert len(everywhere) >= 4
    assert {words for found in everywhere.values() for words in found} == {"3 working days"}


def test_one_time_to_apply():
    everywhere = said(ABOUT_APPLYING)
    assert len(everywhere) >= 3
    assert {words for found in everywhere.values() for words in found} == {"4"}


@pytest.mark.django_db
def test_each_screen_is_one_step(client, sign_in, ana):
    """A stranger has eight, with the code and the look at all answers; who is signed in proves no address."""
    assert "step 1 of 8" in client.get("/apply/").content.decode()
    client.post("/apply/", {"name": "Soledad Marquez"})
    assert "step 2 of 8" in client.get("/apply/email/").content.decode()
    client.post("/apply/email/", {"email": "soledad@portal.example"})
    assert "step 3 of 8" in client.get("/apply/code/").content.decode()
    assert "step 2 of 6" in sign_in(ana).get("/apply/office/").content.decode()
