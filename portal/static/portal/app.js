// Made by `manage.py bundle_assets` from js/*.js; change those.
