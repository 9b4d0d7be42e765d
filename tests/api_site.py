"""The portal as it runs, with a believable network, for a command that asks its API as one of its members.

usage: python -m tests.api_site COMMAND...

The command finds API_URL and API_TOKEN in its environment. Servers are thrown away at the end.
"""

import os
import subprocess
import sys

from bench.run import ROOT, gunicorn, manage, portal_environment
from portal.embedded import directories
from portal.embedded.servers import PostgreSQL, Valkey, forget, free_port, services

EMAIL = "teresa@portal.example"  # on a committee that has calls with agendas and papers
TOKEN = f"""
from knox.models import AuthToken
from members.models import User
print(AuthToken.objects.create(User.objects.get(email="{EMAIL}"))[1])
"""


def main(command: list[str]) -> int:
    for kind in (PostgreSQL, Valkey):  # its own, whatever is set
        os.environ.pop(kind.variable, None)
    room, port = directories.passing(), free_port()
    try:
        with services(lambda: room, durable=False) as (database, valkey):
            env = portal_environment(room, database, valkey, port) | {"DJANGO_SETTINGS_MODULE": "tests.api_settings"}
            manage(env, "migrate", "--verbosity", "0")
            manage(env, "demo", "--outside-demo")
            token = manage(env, "shell", "--verbosity", "0", "--command", TOKEN)
            with gunicorn("portal.wsgi", port, env, ROOT):
                for_command = {"API_URL": f"http://127.0.0.1:{port}", "API_TOKEN": token}
                return subprocess.run(command, env=os.environ | for_command, cwd=ROOT).returncode
    finally:
        forget(room)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
