"""What `collectstatic` leaves out: the sources that app.css, app.js and the others are made of (bundles.py), and an API browser nobody opens."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class BundledFilesConfig(StaticFilesConfig):
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "portal/css/*", "portal/js/*", "rest_framework/*"]
