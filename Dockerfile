# One image for web and worker; which of the two it is, the command says.
FROM python:3.11.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      bubblewrap ffmpeg libcairo2-dev libpango1.0-dev pkg-config build-essential \
      texlive-latex-extra texlive-fonts-recommended cm-super-minimal dvisvgm \
      fonts-dejavu-core fonts-noto-core fontconfig \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/quantumsketch
COPY requirements-uv.lock requirements-dev.lock ./
# the lock holds hashes: what is installed is what was tested
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
 && .venv/bin/uv pip sync --python .venv/bin/python --require-hashes requirements-dev.lock
ENV PATH=/opt/quantumsketch/.venv/bin:$PATH

COPY pyproject.toml README.md ./
COPY quantumsketch quantumsketch
COPY workflows workflows
COPY renderers renderers
COPY web web
RUN uv pip install --no-deps --no-build-isolation --editable . \
 && python -m compileall -q quantumsketch workflows renderers web

RUN useradd --create-home --uid 1000 sketch \
 && install -d -o sketch -g sketch -m 0700 /var/lib/quantumsketch
USER sketch
ENV QS_HOME=/var/lib/quantumsketch
VOLUME /var/lib/quantumsketch
CMD ["qs", "serve", "--host", "0.0.0.0", "--port", "8000"]
