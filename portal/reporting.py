"""Errors to Sentry, where SENTRY_DSN names one: where and what, never who, and no body, variable or key."""

from typing import Any

import sentry_sdk

from portal.redaction import deeply_redacted


def report_errors_to(dsn: str, **options: Any) -> None:
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=lambda event, hint: deeply_redacted(event),
        before_breadcrumb=lambda crumb, hint: deeply_redacted(crumb),
        **options,
    )
