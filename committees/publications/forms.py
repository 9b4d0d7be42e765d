"""The form for a report's PDF."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committees.documents import space
from committees.models.publications import PDF_COLUMNS
from committees.publications.pdfs import ExaminedPdf, examine_pdf
from members.models import User
from members.web.meanwhile import SeenForm


class PdfField(forms.FileField):
    """An uploaded PDF; its cleaned value is what `examine_pdf` found."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, error_messages={"required": gettext_lazy("Choose a PDF")}, **kwargs)
        self.widget.attrs["accept"] = ".pdf"

    def clean(self, data: Any, initial: Any = None) -> ExaminedPdf | None:
        file = super().clean(data, initial)
        return examine_pdf(file) if file else None


class PdfForm(SeenForm):
    shows = PDF_COLUMNS

    file = PdfField(
        label=gettext_lazy("PDF"),
        widget=forms.FileInput,
        help_text=gettext_lazy(
            "At most 20 MB, without a password. Its pages are counted, and shown beside the button."
        ),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_file(self) -> ExaminedPdf:
        examined = self.cleaned_data["file"]
        space.check(self.by, examined.size)
        return examined

    def others(self, current: Any) -> list[tuple[str, str]]:
        return [(_("PDF"), current.pdf_extent or _("There’s none any more"))]
