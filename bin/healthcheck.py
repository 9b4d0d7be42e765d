"""Exit 0 when the web server of this container is ready: it serves, and reaches the database. Standard library only."""

import http.client
import os
import sys

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
link = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
try:
    link.request("GET", "/readyz", headers={"Host": host, "X-Forwarded-Proto": "https"})
    answer = link.getresponse()
    sys.exit(answer.status != 200 and f"{answer.status} {answer.reason}")
except OSError as error:
    sys.exit(str(error))
