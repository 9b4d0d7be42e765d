"""Addresses in templates are Django's own, worked out once."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString

from members.web.page_urls import url_of


def shown(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('{% url "home" %}', "/"),
        ('{% url "person" person %}', "/people/7/"),
        ('{% url "person" pk=person %}', "/people/7/"),
        ('{% url "person" person as there %}<{{ there }}>', "</people/7/>"),
        ('{% url "nowhere" as there %}<{{ there }}>', "<>"),
        ('{% url "committee_detail" slug %}', "/committees/law-order/"),
        ('{% url "admin:index" %}', "/admin/"),
        ("{% url name %}", "/calls/"),
    ],
)
def test_an_address_is_as_django_has_it(tag, address):
    context = {"person": 7, "slug": SafeString("law-order"), "name": "meeting_list"}
    assert [shown(tag, **context) for _twice in range(2)] == [address, address]


def test_the_next_row_has_its_own():
    rows = shown('{% for row in rows %}{% url "person" row %} {% endfor %}', rows=[1, 2, 1])
    assert rows.split() == ["/people/1/", "/people/2/", "/people/1/"]


def test_what_is_nowhere_is_an_error():
    with pytest.raises(NoReverseMatch, match="nowhere"):
        shown('{% url "nowhere" %}')
    with pytest.raises(NoReverseMatch):
        url_of("person")
