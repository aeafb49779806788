# One image for web and worker; which of the two it is, the command says.
# What compiles and what tests stays in the first stage: model-written scenes run beside neither.
FROM python:3.11.14-slim-bookworm AS build

RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential pkg-config libcairo2-dev libpango1.0-dev \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/quantumsketch
# the locks hold hashes: what is installed is what was tested
COPY requirements.lock requirements-dev.lock requirements-uv.lock requirements-build.lock ./
RUN python -m venv /opt/uv \
 && /opt/uv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
 && python -m venv --without-pip .venv \
 && /opt/uv/bin/uv pip sync --python .venv --no-cache --compile-bytecode --require-hashes \
      --build-constraints requirements-build.lock requirements-dev.lock

COPY pyproject.toml README.md LICENSE ./
COPY quantumsketch quantumsketch
COPY workflows workflows
COPY renderers renderers
COPY web web
# the tool that builds the package is in the lock for developers; only the other one is shipped
RUN /opt/uv/bin/uv build --python .venv --no-cache --no-build-isolation --wheel --out-dir /tmp/built . \
 && /opt/uv/bin/uv pip sync --python .venv --compile-bytecode --require-hashes requirements.lock \
 && /opt/uv/bin/uv pip install --python .venv --compile-bytecode --no-deps --offline /tmp/built/*.whl


FROM python:3.11.14-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      bubblewrap ffmpeg libcairo2 libpangocairo-1.0-0 \
      texlive-latex-extra texlive-fonts-recommended preview-latex-style cm-super-minimal dvisvgm \
      fontconfig fonts-dejavu-core fonts-noto-core fonts-noto-cjk fonts-symbola \
 && rm -rf /var/lib/apt/lists/*

COPY --from=build /opt/quantumsketch/.venv /opt/quantumsketch/.venv
ENV PATH=/opt/quantumsketch/.venv/bin:$PATH

RUN useradd --create-home --uid 1000 sketch \
 && install -d -o sketch -g sketch -m 0700 /var/lib/quantumsketch
USER sketch
ENV QS_HOME=/var/lib/quantumsketch
VOLUME /var/lib/quantumsketch
CMD ["qs", "serve", "--host", "0.0.0.0", "--port", "8000"]
