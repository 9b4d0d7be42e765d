"""How often one person may do a thing, counted in the cache; it fails over to the database, so limits hold without
Redis.

What only a POST counts and must outlive the cache is counted in the database: members.models.counts.
"""

import time

from django.core.cache import cache
from django.http import HttpRequest

from members.accounts import devices

MOST_GUESSES = 30  # addresses that are none, in ten minutes from one network


def is_guessing(request: HttpRequest, what: str) -> bool:
    """Count a secret address that does not exist; True when too many came from this network. Valid ones are not
    limited: a calendar service reads for thousands.
    """
    return not within_limit(f"guess-{what}", devices.network_of(request), MOST_GUESSES, 600)


def within_limit(what: str, whose: object, most: int, seconds: int = 60) -> bool:
    """Count one use; False once `most` were counted within `seconds`."""
    key = f"limit:{what}:{whose}:{int(time.time()) // seconds}"
    cache.add(key, 0, timeout=seconds * 2)
    try:
        return cache.incr(key) <= most
    except ValueError:  # the cache lost the key between the two lines
        return True
