"""What cannot be the name of a person: an address, the organization itself, letters that imitate others."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ADDRESS = re.compile(r"[a-z]+:/|www\.|@|\.\w+/|(?:^|\s)[\w-]{2,}(?:\.[\w-]+)*\.[a-z]{2,}(?=[/:?#\s]|$)", re.IGNORECASE)
INITIALS_AND_TITLES = re.compile(r"(?:^|\s)[^\W\d_]{1,3}\.[^\W\d_a-z][^\W\d_]+(?=\s|$)")  # St.John, Dr.Lee
FIGURES = str.maketrans("01358", "olesb")
TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA"}, {"CJK", "HANGUL"}, {"CJK", "BOPOMOFO"})
NO_SCRIPT = {"MODIFIER", "MASCULINE", "FEMININE", "MICRO", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}
SHORT = 6  # letters: an organization's name of fewer is looked for as whole words alone


def refuse_imitations(name: str) -> None:
    """Raise ValidationError, in a sentence that says what to do."""
    if ADDRESS.search(INITIALS_AND_TITLES.sub(" ", name)):
        raise ValidationError(_("Enter your name without a web or email address"), "address")
    if is_of_the_organization(name):
        raise ValidationError(
            _("Enter your own name, not that of %(organization)s"),
            "organization",
            {"organization": settings.ORG_NAME},
        )
    if any(_mixes_scripts(word) for word in re.split(r"[\W_]+", name)):
        raise ValidationError(
            _("Write each word in letters of one alphabet. Mixed ones can imitate another name."), "look_alike"
        )


def is_of_the_organization(name: str) -> bool:
    """Whether it holds the organization's name, however it is spaced, cased, accented or spelled in figures."""
    ours, theirs = _plain_words(settings.ORG_NAME), _plain_words(name)
    if not ours:
        return False
    joined = "".join(ours)
    if len(joined) >= SHORT and joined in "".join(theirs):
        return True
    return any(theirs[at : at + len(ours)] == ours for at in range(len(theirs)))


def _plain_words(text: str) -> list[str]:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return [word for word in re.split(r"[\W_]+", bare.casefold().translate(FIGURES)) if word]


def _mixes_scripts(word: str) -> bool:
    scripts = {unicodedata.name(sign, "").split(" ")[0] for sign in word if sign.isalpha()} - NO_SCRIPT
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in TOGETHER)
