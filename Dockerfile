# Assets are fetched, packages installed and static files built in stages of their own; what runs holds none of the tools.
FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
WORKDIR /app
COPY . .
COPY --from=assets /app/node_modules node_modules
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    /venv/bin/python manage.py build \
    && rm -rf node_modules build/assets tests \
    && /venv/bin/python -m compileall -q /venv/lib .

FROM python:3.13-slim
RUN groupadd --gid 10001 trunk \
    && useradd --uid 10001 --gid trunk --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin trunk \
    && install -d -o trunk -g trunk /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TRUNK_VAR=/data DJANGO_SETTINGS_MODULE=crm.settings
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-m", "crm.ask", "http://127.0.0.1:8000/healthz"]
CMD ["gunicorn", "--config", "crm/gunicorn.py", "--bind", "0.0.0.0:8000", "crm.wsgi"]
