"""What staff say about a picture."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.documents import space
from committees.models import Picture
from committees.models.pictures import WORDS
from committees.pictures.rendering import ACCEPT_ATTRIBUTE, Rendered, render
from members.models import User
from members.text.cleaning import line
from members.web import kept
from members.web.meanwhile import SharedForm


class PictureField(forms.FileField):
    """An uploaded picture; its cleaned value is what `committees.pictures.rendering.render` made of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, error_messages={"required": _("Choose a picture")}, **kwargs)
        self.widget.attrs["accept"] = ACCEPT_ATTRIBUTE

    def clean(self, data: Any, initial: Any = None) -> Rendered | None:
        file = super().clean(data, initial)
        return render(file) if file else None


class PictureForm(SharedForm):
    asks = {"description": _("Say what it shows, for those who don’t see it, or tick that it only decorates")}

    file = PictureField(
        label=_("Picture"),
        widget=forms.FileInput,
        help_text=_(
            "JPEG, PNG, WebP or GIF, at most 12 MB, best 1,600 pixels wide or more. What the camera noted, such as the "
            "place, is taken out."
        ),
    )
    field_order = ("file", *WORDS)

    class Meta:
        model = Picture
        fields = list(WORDS)
        labels = {
            "description": _("What it shows"),
            "decorative": _("It only decorates: nobody misses anything without it"),
            "credit": _("Credit"),
            "focus": _("What has to stay in view"),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "description": _("One sentence, read to people who don’t see it, like “Two council members at a bus stop”"),
            "credit": _("Who made it, shown below it"),
            "focus": _("Where it’s cut to fit, this part stays"),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["file"].required = self.instance.pk is None

    def clean_file(self) -> Rendered | None:
        rendered = self.cleaned_data["file"]
        if rendered:
            space.check(self.by, sum(map(len, rendered.files.values())))
        return rendered

    def others(self, current: Any) -> list[tuple[str, str]]:
        fresh = type(self)(instance=current, by=self.by)
        shown = [(field, fresh[field.name]) for field in self if field.name in WORDS]
        return [
            (str(field.label), str(its.value() or ""))
            for field, its in shown
            if (field.value() or "") != (its.value() or "")
        ]

    def ask_for_file_again(self) -> None:
        """Add an error that asks for the file again, because files are not kept when the form comes back."""
        file = self.files.get(self.add_prefix("file"))
        if file:
            self.add_error("file", kept.CHOOSE_AGAIN % {"file": line(file.name or "")})
