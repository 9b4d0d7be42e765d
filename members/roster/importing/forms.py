"""Forms of imports: the file, what its columns hold, what becomes of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.fields import LineField
from members.models import Import, ImportRow
from members.roster.importing.words import KINDS, choice_label
from members.roster.reading.columns import FIELDS, MANY
from members.web import plain_forms
from members.web.widgets import PlainSelect

MOST_BYTES = 20 * 1024 * 1024
NO_CHOICE = gettext_lazy("Choose…")


class FileForm(plain_forms.Form):
    asks = {"file": gettext_lazy("Choose the list")}

    file = forms.FileField(
        label=gettext_lazy("List"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "CSV or Excel, as your program gives it: we find the headings and the columns. At most 20 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xls,.xlsx,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if not file.size:
            raise ValidationError(_("That file is empty. Choose another."), "empty")
        if file.size > MOST_BYTES:
            most = {"size": filesizeformat(file.size), "most": filesizeformat(MOST_BYTES)}
            raise ValidationError(_("This file is %(size)s. The most we can take is %(most)s: split it."), "size", most)
        return file


class ColumnsForm(plain_forms.Form):
    """What each column holds, with the first values of each beside it."""

    def __init__(self, *args: Any, imported: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.imported = imported
        self.headings: list[str] = imported.sheet.get("headings", [])
        for at, heading in enumerate(self.headings):
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=heading or _("Column %(n)d") % {"n": at + 1},
                required=False,
                choices=list(FIELDS.items()),
                initial=imported.columns.get(str(at), ""),
                widget=PlainSelect,
            )

    @property
    def questions(self) -> list[tuple[Any, list[str]]]:
        first = self.imported.sheet.get("first", [])
        return [(self[f"column-{at}"], first[at] if at < len(first) else []) for at in range(len(self.headings))]

    @property
    def columns(self) -> dict[str, str]:
        return {str(at): self.cleaned_data.get(f"column-{at}", "") for at in range(len(self.headings))}

    def clean(self) -> dict[str, Any]:
        taken: dict[str, str] = {}
        for at in range(len(self.headings)):
            name, field = f"column-{at}", self.cleaned_data.get(f"column-{at}", "")
            if field not in MANY and field in taken:
                words = _("%(field)s is said to be in “%(other)s” already. Choose it once.")
                self.add_error(name, words % {"field": FIELDS[field], "other": taken[field]})
            taken.setdefault(field, str(self.fields[name].label))
        return self.cleaned_data


class ChoicesForm(plain_forms.Form):
    """What becomes of the rows that a page shows."""

    def __init__(self, *args: Any, rows: Iterable[ImportRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {f"row-{row.number}": row for row in rows}
        for name, row in self.rows.items():
            self.fields[name] = forms.ChoiceField(
                label=_("Row %(n)d: %(name)s") % {"n": row.number, "name": row.person.get("name", "")},
                required=False,
                choices=[
                    *([] if row.safe else [("", NO_CHOICE)]),
                    *((each["code"], choice_label(row, each)) for each in row.choices),
                ],
                initial=row.chosen,
                widget=PlainSelect,
            )

    def answers(self) -> dict[int, str]:
        """By number of row, of those that were posted and fit; others stay as they are."""
        return {
            row.number: self.cleaned_data[name]
            for name, row in self.rows.items()
            if name in self.data and name in self.cleaned_data
        }


class KindForm(plain_forms.Form):
    """What becomes of all rows that need a look for one reason."""

    asks = {"reason": _("Choose the rows again"), "kind": _("Choose what becomes of these rows")}

    reason = LineField(max_length=60, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=list(KINDS.items()), widget=PlainSelect)
