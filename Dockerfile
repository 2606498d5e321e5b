# One image for every process of the desk; compose says which one a container is.
# LOCK=run is what a desk needs, LOCK=demo also holds the mail server to try it on.

FROM python:3.13-slim AS build
ARG LOCK=run
WORKDIR /build
COPY requirements requirements
RUN sed -n '/^uv==/,/[^\\]$/p' requirements/dev.txt > uv.txt \
    && pip install --no-cache-dir --no-deps --require-hashes -r uv.txt \
    && python -m venv --without-pip /opt/supportdesk \
    && uv pip install --no-cache --python /opt/supportdesk/bin/python --require-hashes -r requirements/${LOCK}.txt
# What changes often comes last, so that a change of ours does not install the libraries again.
COPY pyproject.toml README.md LICENSE ./
COPY desk desk
COPY mail mail
COPY migrations migrations
COPY models models
COPY seed seed
COPY templates templates
COPY worker worker
RUN uv build --no-cache --wheel --build-constraints requirements/dev.txt --require-hashes --out-dir dist \
    && uv pip install --no-cache --python /opt/supportdesk/bin/python --no-deps --compile-bytecode dist/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin supportdesk
COPY --from=build /opt/supportdesk /opt/supportdesk
# The root file system may be read-only: what libraries cache goes to /tmp.
ENV PATH=/opt/supportdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /opt/supportdesk
USER 10001:10001
CMD ["supportdesk", "--help"]
