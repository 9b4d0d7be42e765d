# syntax=docker/dockerfile:1
FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes -r requirements.txt

FROM python:3.11-slim AS portal
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MEDIA_ROOT=/data/media
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 0700 /data /data/media
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py ./
COPY bin/healthcheck.py bin/
COPY members members
COPY committees committees
COPY events events
COPY templates templates
COPY portal portal
# Key and address are wanted by the settings, and exist in this step alone.
RUN SECRET_KEY=only-while-the-image-is-built-and-nowhere-else SITE_URL=https://build.invalid \
    python manage.py collectstatic --no-input --verbosity 0
USER portal
EXPOSE 8000
CMD ["gunicorn", "--config", "python:portal.web_server", "portal.wsgi", "--worker-tmp-dir", "/dev/shm"]

FROM caddy:2 AS proxy
ENV XDG_DATA_HOME=/srv/caddy/data XDG_CONFIG_HOME=/srv/caddy/config
RUN mkdir -p /srv/caddy && chown 10001:10001 /srv/caddy
COPY docs/deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001
