# The commands people type. All paths are relative, so that the folder's own path may hold spaces.
#
# HOST, PORT, DATA_DIR and every other variable of .env.example reach the service from the environment, or as in
# `make run PORT=9000`.

.DEFAULT_GOAL := help
.PHONY: help run test postgres openapi access bench conformance documents fuzz fmt clean tools

help: ## List these targets
	@sed -n 's/^\([a-z]*\): *[a-z ]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target text; do \
		printf '  make %-11s %s\n' "$$target" "$$text"; done

run: tools postgres ## Build and serve on http://localhost:8080 (HOST, PORT, DATA_DIR), with a database of its own
	cargo build --release --locked
	exec "$${CARGO_TARGET_DIR:-target}/release/tekup-db" serve

test: tools postgres ## Run everything that CI runs
	@scripts/test

postgres: tools ## Fetch PostgreSQL with pgvector into .postgres, once
	@scripts/fetch-postgres

openapi: tools postgres ## Write what is generated anew: openapi/openapi.json and the README's configuration table
	UPDATE_CONTRACT=1 cargo test --locked --test it contract

access: tools postgres ## Ask the service who may do what, and write docs/ACCESS.md anew
	cargo build --locked
	UPDATE_ACCESS=1 tests/with-service DB_TX_END=commit-allow-override scripts/python tests/contract/access.py

documents: tools postgres ## Run every command of README.md and docs/
	cargo build --locked
	scripts/python tests/contract/documents.py

bench: tools postgres ## Measure the service beside pgbench (BENCH_SECONDS, BENCH_ROUNDS)
	@scripts/need wrk
	cargo build --release --locked
	@benches/bench

conformance: tools ## Run PostgREST's own cases (POSTGREST=a clone of it, CONFORMANCE=the tools' folder)
	cargo build --release --locked
	@scripts/conformance

fuzz: tools ## Read texts that nobody would write, and more of those that find something (FUZZ_SECONDS)
	@scripts/need cargo-fuzz
	mkdir -p fuzz/corpus/query
	cargo +nightly fuzz run --sanitizer none query fuzz/corpus/query fuzz/seeds/query -- \
		-max_total_time="$${FUZZ_SECONDS:-60}" -max_len=4096 -timeout=10 -dict=fuzz/query.dict

fmt: ## Format the code
	cargo fmt

clean: ## Remove what was built; the database in .data stays
	rm -rf target fuzz/target tests/node_modules .postgres

tools:
	@scripts/need cargo cc python3 pip
