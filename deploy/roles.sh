#!/bin/sh
# Runs once, when the database is made: the application's role. Its rights come with each migration (core/roles.py).
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$APP_PASSWORD" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE trunk_app LOGIN PASSWORD :'password';
SQL
