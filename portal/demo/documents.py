"""The committees' papers: written as text in the story, stored as the files people would have uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from committees.documents.uploads import PDF, Examined, examine
from committees.models import Committee, Document, DocumentVersion
from portal.demo import office, pdf, texts
from portal.demo.cast import Cast
from portal.demo.manuscript import blocks, plain


@dataclass(frozen=True)
class Paper:
    raw: bytes
    text: str
    pages: int | None = None


def load(cast: Cast, committees: dict[str, Committee]) -> dict[str, Document]:
    """Documents by title."""
    found: dict[str, Document] = {}
    versions: list[tuple[DocumentVersion, datetime]] = []
    for row in sorted(texts.table("documents.toml")["documents"], key=lambda row: -row["versions"][-1]["days_ago"]):
        document = Document.objects.create(
            committee=committees[row["committee"]], title=row["title"], audience=row.get("audience", "committee")
        )
        versions += [
            (_add(document, told, cast), timezone.now() - timedelta(days=told["days_ago"], hours=5))
            for told in row["versions"]
        ]
        found[document.title] = document
    _set_back(versions)
    return found


def _add(document: Document, told: dict[str, Any], cast: Cast) -> DocumentVersion:
    paper = _write(told, document.title)
    examined = examine(SimpleUploadedFile(told["name"], paper.raw))
    return document.add_version(_version(examined, paper), cast[told["by"]])


def _version(examined: Examined, paper: Paper) -> DocumentVersion:
    return DocumentVersion(
        file=ContentFile(paper.raw, name="upload"),
        name=examined.name,
        content_type=examined.kind.content_type,
        size=examined.size,
        sha256=examined.sha256,
        pages=paper.pages,
        text=paper.text,
        word_count=len(paper.text.split()),
        read_at=timezone.now(),
        finding=DocumentVersion.Finding.WORDS,
        still=examined.kind is PDF,
    )


def _write(told: dict[str, Any], title: str) -> Paper:
    source, ending = texts.text(told["file"]), told["name"].rpartition(".")[2]
    if ending == "xlsx":
        return Paper(office.excel(source, title), source.replace(",", "\t"))
    written = list(blocks(source, told.get("parts")))
    if ending == "pdf":
        raw, pages = pdf.write(written, title, told.get("spacing", 1))
        return Paper(raw, plain(written), pages)
    if ending == "docx":
        return Paper(office.word(written), plain(written))
    return Paper(plain(written).encode(), plain(written))


def _set_back(versions: list[tuple[DocumentVersion, datetime]]) -> None:
    for version, uploaded_at in versions:
        version.uploaded_at = uploaded_at
    DocumentVersion.objects.bulk_update([version for version, _ in versions], ["uploaded_at"])
    documents = {version.document_id: version.document for version, _ in reversed(versions)}
    for version, uploaded_at in reversed(versions):
        documents[version.document_id].created_at = uploaded_at
    Document.objects.bulk_update(documents.values(), ["created_at"])
