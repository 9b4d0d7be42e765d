"""Forms of a video service's report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.record.importing import NOBODY, Look
from events.record.reports import MOST_BYTES, NotAReport
from members.web.plain_forms import Form
from members.web.widgets import PlainSelect


class ReportForm(Form):
    """The file; its cleaned value is what is in it."""

    asks = {"file": _("Choose the report")}

    file = forms.FileField(
        label=_("Report"),
        allow_empty_file=True,
        help_text=_("CSV, as Zoom, Teams, Google Meet or Webex give it after the call. At most 1 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        content: bytes = file.read(MOST_BYTES + 1)
        return content

    def refuse(self, why: NotAReport) -> None:
        self.add_error("file", str(why))


class LookForm(Form):
    """Who the unknown are, and that a report of another time is meant."""

    asks = {"anyway": _("Tick the box to use it all the same, or choose another file")}

    def __init__(self, *args: Any, look: Look, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.look = look
        for row in look.asked:
            self.fields[f"who-{row.number}"] = forms.ChoiceField(
                label=row.attendee.name or row.attendee.email,
                required=False,
                choices=[("", _("Leave out for now")), (NOBODY, _("Nobody of the committee")), *look.choices(row)],
                widget=PlainSelect,
            )
        if look.is_of_another:
            self.fields["anyway"] = forms.BooleanField(label=_("It’s of this call all the same"))

    @property
    def questions(self) -> list[tuple[Any, Any]]:
        return [(row, self[f"who-{row.number}"]) for row in self.look.asked]

    @property
    def answers(self) -> dict[int, str]:
        return {row.number: self.cleaned_data.get(f"who-{row.number}", "") for row in self.look.asked}
