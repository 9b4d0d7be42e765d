"""Subjects of mails about calls: the news whole, and as much of the call's name as a phone shows before it cuts."""

from django import template
from django.utils.text import Truncator

register = template.Library()

SHOWN = 45  # characters of a subject in the list of a phone
FEWEST = 18  # of a name, however long the news


@register.filter
def beside(title: str, news: str) -> str:
    """The title, shortened so that it ends where a list of mails cuts. The news stays whole."""
    return str(Truncator(title).chars(max(SHOWN - len(news) - 1, FEWEST)))
