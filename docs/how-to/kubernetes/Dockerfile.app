# An image with Refit's wheel and its locked libraries. It runs pipelines and serves models. Build it in the root of the
# project:
#   docker build -f docs/how-to/kubernetes/Dockerfile.app -t refit:0.2.0 .
FROM python:3.11-slim AS wheel
WORKDIR /source
COPY setup.py pyproject.toml README.md run_local.py ./
COPY pipeline ./pipeline
COPY schemas ./schemas
COPY components ./components
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.11-slim
COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock
# Without --no-deps, pip would resolve the libraries again.
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel pip install --no-cache-dir --no-deps --no-index /wheel/*.whl
# A number, because Kubernetes checks that a user is not root, and a name does not show it.
RUN useradd --uid 10001 --create-home refit
USER 10001
WORKDIR /home/refit
ENV PYTHONUNBUFFERED=1
STOPSIGNAL SIGTERM
ENTRYPOINT ["refit"]
CMD ["--help"]
