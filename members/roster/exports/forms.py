"""Which kind of file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Export
from members.web import plain_forms


class ExportForm(plain_forms.Form):
    asks = {"format": _("Choose a kind of file")}

    format = forms.ChoiceField(label=_("Kind of file"), choices=Export.Format.choices, widget=forms.RadioSelect)
