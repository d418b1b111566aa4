# Two stages: the first installs, the second holds only Python, the packages and Amana. Runs as nobody in particular, on a read-only root.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY bot ./bot
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && find /venv/lib -path '*/babel/locale-data/*' ! -name 'root.dat' ! -name 'ar*' ! -name 'fr*' ! -name 'en*' -delete \
 && /venv/bin/python -m compileall -q /venv/lib

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home amana \
 && install -d -o amana -g amana -m 0700 /data /keys
COPY --from=build /venv /venv
COPY flows /app/flows
COPY locales /app/locales
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    AMANA_STORE=sqlite:////data/amana.db \
    AMANA_KEYS=/keys \
    AMANA_FLOWS=/app \
    AMANA_LISTEN=0.0.0.0:8000
WORKDIR /app
USER amana
VOLUME ["/data", "/keys"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["amana"]
CMD ["run"]
