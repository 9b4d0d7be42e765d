"""Templates stand one tag a line, for those who read them; browsers and mailboxes get them without the indentation."""

import re

from django.conf import settings
from django.template import Origin
from django.template.loaders import filesystem
from django.utils.translation import trim_whitespace

TAG = re.compile(r"</?[a-zA-Z](?:\{%.*?%\}|\{\{.*?\}\}|\"(?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*\"|[^>\"])*>", re.DOTALL)
BREAK = re.compile(r"[ \t]*\n\s*")
BEFORE_END = re.compile(r"\n\s*(/?>)$")
# Around these no space is ever shown (HTML Standard 15.3, display: block, list-item and table parts).
BLOCKS = re.compile(
    r"\n?(</?(?:a(?:rticle|side)|blockquote|body|d[dlt]|details|div|f(?:igcaption|igure|ieldset|ooter|orm)|h[1-6]|head(?:er)?|html"
    r"|legend|li|link|main|meta|nav|ol|p|script|section|summary|t(?:able|body|d|foot|h|head|r)|title|ul)\b"
    r"(?:\{%.*?%\}|\{\{.*?\}\}|\"(?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*\"|[^>\"])*>)\n?",
    re.DOTALL,
)

# The line of a tag that shows nothing ends with it.
SILENT = re.compile(r"(\{% load [^%]*%\}|\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\})\n", re.DOTALL)
TRANSLATED = re.compile(
    r"(\{% blocktranslate\b[^%]*?) trimmed((?: [^%]*?)?%\})(.*?)(?=\{% endblocktranslate %\})", re.DOTALL
)
PLURAL = "{% plural %}"
WORDS = re.compile(r'\{% translate "([^"\\]*)" %\}')
BLOCK = re.compile(r"\{% blocktranslate((?: [^%]*)?) %\}(.*?)\{% endblocktranslate %\}", re.DOTALL)
GIVEN = re.compile(r"(?: with)?(?: \w+=\S+)*")
COUNTED = re.compile(r" count (\w+)(=\S+)")
CONTINUED = re.compile(r"\n[ \t]+(?=\{%)")  # in a plain text: a line that begins with a blank and a tag


class Loader(filesystem.Loader):
    """As Django's, with less to send and to compress."""

    def get_contents(self, origin: Origin) -> str:
        text = trimmed(super().get_contents(origin))
        text = lean(text) if origin.name.endswith(".html") else joined(text) if origin.name.endswith(".txt") else text
        return text if settings.USE_I18N else in_one_language(text)


def trimmed(source: str) -> str:
    """Words to translate are trimmed here, once, instead of each time that they are shown."""

    def trim(found: re.Match[str]) -> str:
        return found[1] + found[2] + PLURAL.join(map(trim_whitespace, found[3].split(PLURAL)))

    return TRANSLATED.sub(trim, source)


def in_one_language(source: str) -> str:
    """Words that are looked up in no catalog stand there as they are: plain text, or a choice between one and many.

    What takes them into a variable or names a context stays a tag.
    """
    return BLOCK.sub(_in_one_language, WORDS.sub(r"\1", source))


def _in_one_language(block: re.Match[str]) -> str:
    counted = COUNTED.search(block[1])
    given = block[1].replace(counted[0], "", 1) if counted else block[1]
    if not GIVEN.fullmatch(given):
        return block[0]
    words = block[2]
    for name, value in re.findall(r"(\w+)=(\S+)", given):
        words = words.replace(f"{{{{ {name} }}}}", f"{{{{ {value} }}}}")
    if not counted:
        return words
    one, many = words.split(PLURAL)
    name, value = counted.groups()
    return f"{{% with {name}{value} %}}{{% if {name} == 1 %}}{one}{{% else %}}{many}{{% endif %}}{{% endwith %}}"


def lean(source: str) -> str:
    """A line break stays where it may stand for a space; inside a tag it becomes one; beside a block it goes."""
    within_tags = TAG.sub(lambda tag: BREAK.sub(" ", BEFORE_END.sub(r"\1", tag.group(0))), source)
    return BLOCKS.sub(r"\1", SILENT.sub(r"\1", BREAK.sub("\n", within_tags)))


def joined(source: str) -> str:
    """Each line break of a plain text is sent, except before an indented tag, which continues the line above."""
    return CONTINUED.sub("", source)
