"""The host of a link is the one that a browser goes to."""

import pytest
from django.core.exceptions import ValidationError

from events.models import Meeting
from members.text.hosts import check_link, host_of

LINKS = [
    ("https://zoom.us/j/1", "zoom.us", "Zoom"),
    ("https://us02web.zoom.us/j/1?pwd=a@b", "us02web.zoom.us", "Zoom"),
    ("HTTPS://ZOOM.US:443/j/1", "zoom.us", "Zoom"),
    ("https://zoom.us./j/1", "zoom.us", "Zoom"),
    ("https:\\\\zoom.us\\j\\1", "zoom.us", "Zoom"),
    (" https://zo\tom.us/j/1\n", "zoom.us", "Zoom"),
    ("https://zoom\u3002us/j/1", "zoom.us", "Zoom"),
    ("https://\uff5aoom.us/j/1", "zoom.us", "Zoom"),
    ("https://zoom%2Eus/j/1", "zoom.us", "Zoom"),
    ("https://evil.example\\@zoom.us/", "evil.example", ""),
    ("https://evil.example\\.zoom.us/", "evil.example", ""),
    ("https:///evil.example\\zoom.us", "evil.example", ""),
    ("https:evil.example/@zoom.us", "evil.example", ""),
    ("https://evil.example#@zoom.us/", "evil.example", ""),
    ("https://evil.example?@zoom.us/", "evil.example", ""),
    ("https://evilzoom.us/", "evilzoom.us", ""),
    ("https://zoom.us.evil.example/", "zoom.us.evil.example", ""),
    ("https://z\u043e\u043em.us/", "xn--zm-fmca.us", ""),  # Cyrillic letters
    ("https://zoom.us@evil.example/", "", ""),
    ("https://me:word@zoom.us/", "", ""),
    ("https://zoom.us%2F.evil.example/", "", ""),
    ("ftp://zoom.us/", "", ""),
    ("javascript://zoom.us/%0aalert(1)", "", ""),
    ("https://", "", ""),
    ("https://" + "a." * 5000 + "zoom.us", "", ""),
]


@pytest.mark.parametrize(("link", "host", "service"), LINKS)
def test_a_link_leads_where_browsers_go(link, host, service):
    assert (host_of(link), Meeting(video_url=link).video_service) == (host, service)


@pytest.mark.parametrize(
    "link", ["https://evil.example\\@zoom.us/", "https://zoom.us@evil.example/", "https://a:b@zoom.us/"]
)
@pytest.mark.django_db
def test_a_link_that_shows_one_host_and_leads_to_another_is_refused(link, meeting, carla):
    with pytest.raises(ValidationError):
        check_link(link)
    with pytest.raises(ValidationError) as refused:
        meeting.edit(carla, video_url=link)
    assert list(refused.value.message_dict) == ["video_url"]
