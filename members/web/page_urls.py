"""Where a page is. Django works each address out anew, and a page names some forty, the same ones all day."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=8192)
def url_of(name: str, *args: int | str) -> str:
    return reverse(name, args=args)
