"""Forms of agendas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.models import Document
from events.agenda.quick_add import named_apart, presenting
from events.models import AgendaItem, Meeting, Proposal
from members.fields import LineField, WordsField
from members.models import User
from members.web import plain_forms


class LineForm(plain_forms.Form):
    """An agenda item in one line; see events.agenda.quick_add."""

    asks = {"line": _("Write what the item is about, for example: Wage theft update 15m @Maria")}
    line = LineField(label=_("Add an item"), max_length=240)


class TemplateForm(plain_forms.Form):
    asks = {"name": _("Write a name for the template, like Monthly call")}
    name = LineField(
        label=_("Name of the template"),
        max_length=60,
        help_text=_("Under a name that one has already, it is written over."),
    )


class AgendaItemForm(plain_forms.ModelForm):
    asks = {
        "title": _("Write what the item is about, like Wage theft update"),
        "kind": _("Choose what members should do"),
        "minutes": {
            "required": _("Enter how many minutes it takes, like 15"),
            "invalid": _("Enter how many minutes it takes as a whole number, like 15"),
            "min_value": _("An item takes at least %(limit_value)s minute"),
            "max_value": _("An item takes %(limit_value)s minutes at most"),
        },
        "presenter": {"invalid_choice": _("Choose a presenter from the list. Somebody may have left the committee.")},
        "papers": {"invalid_choice": _("One of the papers was withdrawn. Choose again.")},
    }

    class Meta:
        model = AgendaItem
        fields = ["title", "kind", "minutes", "presenter", "description", "papers"]
        labels = {
            "title": _("Item"),
            "kind": _("What should members do?"),
            "minutes": _("Minutes"),
            "presenter": _("Presenter"),
            "description": _("What people need to know"),
            "papers": _("To read before the call"),
        }
        widgets = {
            "kind": forms.RadioSelect,
            "minutes": forms.NumberInput({"min": 1, "max": AgendaItem.MOST_MINUTES}),
            "description": forms.Textarea({"rows": 3}),
            "papers": forms.CheckboxSelectMultiple,
        }

    others = LineField(
        label=_("Others who present"),
        required=False,
        max_length=240,
        help_text=_("Names with commas between them. Whoever is not on the committee is a guest."),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Sequence[User], papers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        if self.instance.pk:
            others = [person.name for person in self.instance.also_presenting.all()]
            self.initial["others"] = ", ".join(filter(None, [*others, self.instance.guests]))
        self.fields["kind"].choices = KIND_CHOICES
        self.fields["presenter"].queryset = User.objects.filter(pk__in=[person.pk for person in people])
        self.fields["presenter"].choices = [("", _("Nobody yet")), *((person.pk, person.name) for person in people)]
        self.fields["papers"].queryset = papers
        self.fields["papers"].required = False

    @property
    def words(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in ("title", "kind", "minutes", "presenter", "description")}
        members, guests = named_apart(self.cleaned_data["others"], self.people)
        first = [given["presenter"]] if given["presenter"] else []
        members = [person for person in members if person not in first]
        nobody: dict[str, Any] = {"presenter": None, "also_presenting": [], "guests": ""}
        return given | nobody | presenting([*first, *members], guests) | {"papers": list(self.cleaned_data["papers"])}


class ProposalForm(plain_forms.ModelForm):
    asks = {
        "title": _("Write what the item is about, like Wage theft update"),
        "minutes": AgendaItemForm.asks["minutes"],
    }

    class Meta:
        model = Proposal
        fields = ["title", "minutes", "words"]
        labels = {
            "title": _("Item"),
            "minutes": _("Minutes"),
            "words": _("Why it matters, and what people need to know"),
        }
        widgets = {
            "minutes": forms.NumberInput({"min": 1, "max": AgendaItem.MOST_MINUTES}),
            "words": forms.Textarea({"rows": 4}),
        }


class ProposalAnswerForm(plain_forms.Form):
    """The buttons say which: `take` puts it on the agenda, without it the answer says why not."""

    answer = WordsField(
        label=_("Answer"),
        required=False,
        max_length=600,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("It goes by email to who proposed the item."),
    )

    @property
    def takes(self) -> bool:
        return "take" in self.data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.takes and not cleaned.get("answer") and not self.errors:
            self.add_error("answer", _("Write a sentence or two, so that they know why."))
        return cleaned


KIND_CHOICES = [
    (AgendaItem.Kind.DISCUSSION, _("Discuss")),
    (AgendaItem.Kind.DECISION, _("Decide")),
    (AgendaItem.Kind.INFORMATION, _("Listen")),
    (AgendaItem.Kind.OPENING, _("Arrive (opening)")),
    (AgendaItem.Kind.WRAP_UP, _("Wrap up")),
    (AgendaItem.Kind.BREAK, _("Rest (break)")),
]


def papers_for(by: User, meeting: Meeting) -> Any:
    """The host's papers that may be attached, as far as this person may read them, newest first."""
    return (
        Document.objects.visible_to(by).filter(committee=meeting.committee_id, withdrawn_at=None).order_by("-latest_id")
    )
