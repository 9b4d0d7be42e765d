"""The hand-over pack as a PDF."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.pdfs.typesetting import pdf
from members.times import formats
from members.times.clock import today
from portal.chairing.handover import Pack
from portal.chairing.handover_sections import Row, Section, sections_of

TEMPLATE = Path(__file__).parent / "handover.typ"


def pdf_of(pack: Pack) -> bytes:
    kind = _("Hand-over pack, %(day)s") % {"day": formats.day(today())}
    return pdf(
        TEMPLATE,
        {
            "title": pack.committee.name,
            "purpose": pack.committee.purpose,
            "kind": kind,
            "org": settings.ORG_NAME,
            "foot": f"{pack.committee.name}: {kind}",
            "page": _("Page"),
            "lang": (get_language() or "en").partition("-")[0],
            "sections": list(map(_section, sections_of(pack))),
        },
    )


def _section(section: Section) -> dict[str, Any]:
    return asdict(section) | {"rows": list(map(_row, section.rows))}


def _row(row: Row) -> dict[str, Any]:
    """With an address that leads somewhere from a file, too."""
    return asdict(row) | {"url": row.url and settings.SITE_URL + row.url}
