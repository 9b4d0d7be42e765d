"""How the web server runs: `gunicorn --config python:portal.web_server portal.wsgi`. Options on the command line win."""

bind = "0.0.0.0:8000"
worker_class = "portal.web_worker.PatientWorker"
workers = 2
threads = 8
timeout = 60  # seconds that a process may be silent before it is replaced
graceful_timeout = 20
accesslog = "-"
logger_class = "portal.web_logger.RedactingLogger"
control_socket_disable = True
