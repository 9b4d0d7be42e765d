"""Whether words sound like an answer to a call, in English and Spanish. They record nothing: the person is asked, with buttons."""

from __future__ import annotations

import re

from events.models import Rsvp

MOST_SIGNS = 200  # what is longer says more than that

MAYBE = (
    r"(?:maybe|perhaps|possibly|not sure|unsure|i might|might (?:be|make|join)|tentative(?:ly)?|i(?:['’]ll| will) try"
    r"|quiz[aá]s?|tal vez|a lo mejor|puede que|no (?:estoy segur|s[eé] si)|intentar[eé])"
)
NO = (
    r"(?:no\b|nope|can['’]?t\b|cannot|can not|won['’]?t\b|unable|not (?:going|coming|able|available|attending)|regrets"
    r"|i(?:['’]m| am) out\b|have (?:a|another) conflict|declin(?:e|ed)\b|sorry|lo siento|lamento|imposible)"
)
YES = (
    r"(?:yes|yep|yeah|yup|sure|absolutely|of course|ok(?:ay)?\b|sounds good|will do|(?:i(?:['’]ll| will|['’]m| am) )?(?:going|coming|attending)\b"
    r"|i(?:['’]ll| will) (?:be (?:there|on)|attend|join|come|make it|dial in|call in)|be there|count me in|i(?:['’]m| am) in\b|i can (?:make it|come|attend|join)"
    r"|works for me|see you (?:there|then|on|all)|accept(?:ed)?\b|confirm(?:ed|o)?\b|s[ií]\b|claro|por supuesto|(?:ah[ií]|all[ií]|all[aá]) estar[eé]|estar[eé] ah[ií]"
    r"|asistir[eé]|voy\b|ir[eé]\b|cuent[ae]n? conmigo|de acuerdo|nos vemos)"
)
GREETING = r"(?:(?:hi|hello|hey|dear|hola|buen[oa]s (?:d[ií]as|tardes|noches)|thanks|thank you|gracias|great|perfect[o]?)\b[^\n.!,]{0,30}[\s.!,]+)?"
SOUNDS = [
    (re.compile(rf"\s*[¡¿]?{GREETING}{words}", re.IGNORECASE), response)
    for words, response in (
        (MAYBE, Rsvp.Response.TENTATIVE),
        (NO, Rsvp.Response.DECLINED),
        (YES, Rsvp.Response.ACCEPTED),
    )
]


def answer_in(words: str) -> str:
    """The answer that these words sound like, by how they begin; "" for all else, and for what asks something back."""
    if len(words) > MOST_SIGNS or words.rstrip().endswith("?"):
        return ""
    return next((response for sounds, response in SOUNDS if sounds.match(words)), "")
