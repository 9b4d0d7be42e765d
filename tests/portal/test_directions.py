"""A name in a script that runs from right to left turns nothing around it."""

import pytest

from tests.factories import MembershipFactory, UserFactory

NAME = "נועה לוי"


@pytest.mark.parametrize("url", ["/people/?q=נועה", "/search/?q=נועה", "/committees/economic-justice/people/"])
def test_names_in_lists_and_sentences_stand_by_themselves(sign_in, mo, committee, url):
    MembershipFactory(committee=committee, user=UserFactory(name=NAME))
    assert f"<bdi>{NAME}</bdi>" in sign_in(mo).get(url).text


def test_a_profile_isolates_the_name_and_lets_its_words_run_their_way(sign_in, mo):
    noa = UserFactory(name=NAME)
    noa.profile.bio = "שלום"
    noa.profile.save()
    page = sign_in(mo).get(f"/people/{noa.pk}/").text
    assert f"<bdi>{NAME}</bdi>" in page and 'dir="auto"' in page
