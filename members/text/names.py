"""What cannot be the name of a person: an address, the organization itself, letters that imitate others.

Names are compared as eyes read them (members.text.look_alikes). One wholly in letters of another script is a name like any
other, until it looks like that of the organization or of somebody here: `User.objects.looking_like`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.text.look_alikes import LOOK_ALIKES

ADDRESS = re.compile(r"[a-z]+:/|www\.|@|\.\w+/|(?:^|\s)[\w-]{2,}(?:\.[\w-]+)*\.[a-z]{2,}(?=[/:?#\s]|$)", re.IGNORECASE)
INITIALS_AND_TITLES = re.compile(r"(?:^|\s)[^\W\d_]{1,3}\.[^\W\d_a-z][^\W\d_]+(?=\s|$)")  # St.John, Dr.Lee
FIGURES = str.maketrans("01358|", "olesbl")
LATIN = str.maketrans({sign: letter for letter, signs in LOOK_ALIKES.items() for sign in signs})
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


def refuse_imitation_of(others: Any, name: str, own: int | None) -> None:
    """Raise ValidationError for a name in other letters that reads like somebody else's here; `others` are all people."""
    if in_latin(name) != name and others.looking_like(name).exclude(pk=own).exists():
        raise ValidationError(
            _("Somebody here has a name that looks the same in other letters. Write yours in Latin letters too."),
            "look_alike",
        )


def in_latin(name: str) -> str:
    """What eyes read where every letter that is not Latin looks like one that is; else the name as it is."""
    read = name.translate(LATIN)
    return read if all(unicodedata.name(sign, "").startswith("LATIN") for sign in read if sign.isalpha()) else name


def is_of_the_organization(name: str) -> bool:
    """Whether it reads as the organization's name, however it is spaced, cased, accented or spelled."""
    ours, theirs = _plain_words(settings.ORG_NAME), _plain_words(name)
    if not ours:
        return False
    joined = "".join(ours)
    if len(joined) >= SHORT and joined in "".join(theirs):
        return True
    return any(theirs[at : at + len(ours)] == ours for at in range(len(theirs)))


def _plain_words(text: str) -> list[str]:
    """As eyes read them: without accents, figures as letters, and one letter for i and l, which a capital I is between."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    read = bare.translate(LATIN).casefold().translate(FIGURES).replace("i", "l")
    return [word for word in re.split(r"[\W_]+", read) if word]


def _mixes_scripts(word: str) -> bool:
    scripts = {unicodedata.name(sign, "").split(" ")[0] for sign in word if sign.isalpha()} - NO_SCRIPT
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in TOGETHER)
