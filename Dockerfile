# The service alone: it wants a DATABASE_URL. `docker run … tekup-db migrate` and the other commands work as well.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build

# What the service depends on, built once for as long as the manifest stays the same.
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches/*.rs benches/
RUN mkdir src migrations \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked \
    && rm -rf src

COPY migrations migrations
COPY src src
# The files' times may be older than the build above, which would then stand.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked

# pg_dump and pg_restore are those of PostgreSQL 17, which take every older server as well.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tekup
COPY --from=build /build/target/release/tekup-db /usr/local/bin/tekup-db

USER 10001
# The port is 8080, or PostgREST's 3000 where PGRST_* variables are set.
ENV HOST=0.0.0.0 LOG_FORMAT=json
EXPOSE 8080 3000
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["tekup-db", "health"]
CMD ["tekup-db", "serve"]
