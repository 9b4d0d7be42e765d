"""The portal’s settings for .ci/api, which asks more in a minute than a member may."""

from portal.settings import *  # noqa: F403
from portal.settings import REST_FRAMEWORK

REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "1000000/min")
