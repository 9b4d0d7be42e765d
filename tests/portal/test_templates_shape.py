"""Templates are short sentences: what decides stands in Python, a state is a file of its own."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR / "templates")
FILES = sorted(path for path in ROOT.rglob("*") if path.is_file())
MOST_CONDITIONS = 12
LONGEST_LINE = 160
CONDITION = re.compile(r"\{%\s*(?:if|elif|for)\b")
# Still above; each goes when its page is taken apart.
ABOVE = {
    "account/_unsent.html",
    "base.html",
    "committees/_band.html",
    "committees/committee_refused.html",
    "committees/document_detail.html",
    "components/_rsvp.html",
    "components/agenda_row.html",
    "components/badge.html",
    "components/field.html",
    "components/sending_form.html",
    "components/sending_preview.html",
    "events/_agenda_builder.html",
    "events/_reply_notes.html",
    "events/meeting_answers.html",
    "events/meeting_print.html",
    "events/rsvp_link.html",
    "layouts/_staff_nav.html",
    "layouts/member.html",
    "layouts/public.html",
    "layouts/settings.html",
    "members/settings_privacy.html",
    "members/settings_security.html",
    "members/staff_applications.html",
    "members/staff_inbound_mail.html",
    "members/staff_proof.html",
    "members/staff_refused.html",
    "portal/committee_detail.html",
    "portal/committee_list.html",
    "portal/committee_outside.html",
    "portal/home.html",
    "portal/issue_detail.html",
    "portal/person.html",
    "portal/publication_detail.html",
    "portal/search.html",
    "portal/staff/committee.html",
    "portal/staff/committees.html",
    "portal/staff/member.html",
    "portal/staff/today.html",
    "portal/styleguide.html",
}


def _names(paths):
    return {str(path.relative_to(ROOT)) for path in paths}


def test_no_template_decides_more_than_a_dozen_times():
    above = _names(path for path in FILES if len(CONDITION.findall(path.read_text())) > MOST_CONDITIONS)
    assert len(FILES) > 200
    assert above - ABOVE == set()


def test_no_line_of_a_template_is_longer_than_a_screen_is_wide():
    above = _names(path for path in FILES if max(map(len, path.read_text().splitlines()), default=0) > LONGEST_LINE)
    assert above - ABOVE == set()
