"""Committees, papers, announcements and publications, as search finds them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committees.models import Announcement, Committee, Document, DocumentVersion, Publication
from committees.models.announcements import ANNOUNCEMENT
from committees.models.committees import COMMITTEE
from committees.models.publications import PUBLICATION
from committees.models.versions import DOCUMENT
from members.findables.kinds import Kind, Row, moment, register
from members.times import formats


def _committee(key: int, title: str, facts: dict[str, Any]) -> Row:
    committee = Committee(**facts)
    return Row(committee.get_absolute_url(), committee.get_kind_display(), "quilt", committee)


def _document(key: int, title: str, facts: dict[str, Any]) -> Row:
    latest = DocumentVersion(name=facts["file"], pages=facts["pages"])
    said = [facts["committee"], formats.date_only(moment(facts["uploaded_at"])), str(latest.extent)]
    said += [_("Withdrawn")] if facts["withdrawn_at"] else []
    return Row(reverse("document_detail", args=[key]), " · ".join(filter(None, said)), "file", latest.extension)


def _announcement(key: int, title: str, facts: dict[str, Any]) -> Row:
    sent_at = facts["sent_at"]
    when = formats.date_only(moment(sent_at)) if sent_at else _("Draft")
    whom = facts["committee"] or _("All members")
    return Row(reverse("announcement_detail", args=[key]), f"{whom} · {when}", "megaphone")


def _publication(key: int, title: str, facts: dict[str, Any]) -> Row:
    sort = Publication.Type(facts["type"]).label
    dated = formats.date_only(date.fromisoformat(facts["dated_on"]))
    url = reverse("publication_detail", args=[facts["issue"], facts["slug"]])
    return Row(url, f"{sort} · {dated}", "newspaper")


register(
    Kind(
        COMMITTEE,
        gettext_lazy("Committees"),
        may_open=lambda user: Committee.objects.visible_to(user).not_archived(),
        facts={name: F(name) for name in ("slug", "kind", "quilt_block", "quilt_hue")},
        row=_committee,
    )
)
register(
    Kind(
        DOCUMENT,
        gettext_lazy("Documents"),
        may_open=lambda user: Document.objects.visible_to(user).with_file(),
        facts={
            "committee": F("committee__name"),
            "file": F("latest__name"),
            "pages": F("latest__pages"),
            "uploaded_at": F("latest__uploaded_at"),
            "withdrawn_at": F("withdrawn_at"),
        },
        row=_document,
        listed_at="library",
    )
)
register(
    Kind(
        ANNOUNCEMENT,
        gettext_lazy("Announcements"),
        may_open=Announcement.objects.visible_to,
        facts={"committee": F("committee__name"), "sent_at": F("sent_at")},
        row=_announcement,
    )
)
register(
    Kind(
        PUBLICATION,
        gettext_lazy("Publications"),
        may_open=Publication.objects.visible_to,
        facts={"issue": F("issue__slug"), "slug": F("slug"), "type": F("type"), "dated_on": F("dated_on")},
        row=_publication,
    )
)
