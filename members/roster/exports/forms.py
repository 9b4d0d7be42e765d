"""Which kind of file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Export
from members.web import plain_forms

FORMATS = [(value, label) for value, label in Export.Format.choices if value != Export.Format.OWN]


class ExportForm(plain_forms.Form):
    asks = {"format": _("Choose a kind of file")}

    format = forms.ChoiceField(label=_("Kind of file"), choices=FORMATS, widget=forms.RadioSelect)
