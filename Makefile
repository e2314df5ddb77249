# `make` alone prints what can be done. Works with GNU make 3.81 and newer.

# Which Python makes .venv (3.11 or newer); without it a suitable one is looked for.
PYTHON ?=
FLASK_PORT ?= 5001
FASTAPI_PORT ?= 8001
SITE_PORT ?= 8080
# These come from the command line only: a variable of such a name may mean something else outside.
TOPIC =
TARGET =
SERVINGS =
DATABASE =
SHARED =
K =
FIRST =
JUNIT =
JSON =
DEBUGGER =
UPGRADE =
N =
SEED =
FILES =
SAMPLE =
NEW =
QUICK =
WRITE =
ENDPOINT =
APP =
MIGRATED =
STEPS =
DISTINCT =
STEP =

VENV = .venv
PY = $(VENV)/bin/python
MAKEFLAGS += --no-print-directory
export PYTHON FLASK_PORT FASTAPI_PORT SITE_PORT
# Without compiled files everything starts three times as slowly; git ignores them.
unexport PYTHONDONTWRITEBYTECODE

# What the variables TOPIC, TARGET, SERVINGS, DATABASE, K, FIRST, JUNIT and JSON mean to pytest.
TESTS = $(if $(TOPIC),$(foreach topic,$(TOPIC),contract_tests/test_$(topic).py),contract_tests)
CHOICES = $(if $(TARGET),--target 'target=$(TARGET)') $(foreach name,$(SERVINGS),--serving $(name)) \
	$(if $(DATABASE),--database $(DATABASE)) \
	$(if $(K),-k '$(K)') $(if $(FIRST),$(if $(filter topic,$(FIRST)),--one-per-topic,--maxfail=1)) $(if $(JUNIT),--junitxml '$(JUNIT)') $(if $(JSON),--report-json '$(JSON)')

# One process and the terminal as its input: a breakpoint() anywhere stops there, Ctrl-C stops anywhere.
PDB = -m pdb -c continue -m

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile
	@sed -n 's/^#: /  /p' Makefile

setup: ## make .venv as the lock says (every target that needs it does so by itself)
	@sh requirements/setup $(VENV)

test: lint ## lint, types, the repository's tests, the contract on both apps: the short way
	@echo "== the repository's own tests"
	@$(PY) -m pytest tests -m "not slow"
	@echo "== the tests of each app"
	@$(PY) -m pytest flask_app/tests fastapi_app/tests
	@echo "== the contract"
	@$(PY) -m pytest contract_tests

# A laptop has the half hour that the whole product of steps and topics takes; a CI's time has an end.
test-all: setup ## everything that make test leaves out: the slow tests, the contract on every serving
	@echo "== the repository's slow tests"
	@$(PY) -m pytest tests -m slow
	@$(MAKE) contract-servings
	@$(MAKE) contract-migration DISTINCT=$(CI)
	@$(MAKE) contract-postgresql $(if $(CI),TOPIC="$(ASK_DATABASE)")

serve: setup ## start both apps and the site: 8080, Flask at 5001, FastAPI at 8001 (SHARED=1: one database)
	@$(PY) -m servers.serve --site $(if $(SHARED),--shared) $(SERVINGS)

flask: setup ## start the Flask app alone, with reload (DEBUGGER=1: under pdb, without reload)
	@$(if $(DEBUGGER),DATABASE_URL="$${DATABASE_URL:-sqlite:///data/flask.db}") $(PY) $(if $(DEBUGGER),$(PDB) flask --app servers.wsgi:create_app run --port $(FLASK_PORT) \
		--without-threads,-m servers.serve flask-dev)

fastapi: setup ## start the FastAPI app alone, with reload (DEBUGGER=1: under pdb, without reload)
	@$(if $(DEBUGGER),DATABASE_URL="$${DATABASE_URL:-sqlite:///data/fastapi.db}") $(PY) $(if $(DEBUGGER),$(PDB) uvicorn --factory servers.asgi:create_app --port $(FASTAPI_PORT) \
		,-m servers.serve fastapi-reload)

contract: setup known-topic ## run the contract on both apps and compare each answer
	@$(PY) -m pytest $(TESTS) $(CHOICES)

hybrid: setup ## start the app in between at 8003: FastAPI for some topics, Flask for the others (MIGRATED=path_params,cookies)
	@MIGRATED='$(MIGRATED)' $(PY) -m servers.serve hybrid

contract-migration: setup known-topic ## run the contract at every step of the migration, each answer compared with Flask's (STEPS="12 cookies")
	@echo "== the contract at every step of the migration"
	@$(PY) -m migration $(STEPS) $(if $(DISTINCT),--distinct) --tests $(TESTS) $(if $(K),-k '$(K)')

contract-servings: setup known-topic ## run the contract on every named serving, and on both apps in turn
	@echo "== the contract on every serving"
	@set --; for name in $$($(PY) -m servers.servings) both fastapi+flask; do set -- "$$@" --serving "$$name"; done; \
	$(PY) -m pytest $(TESTS) "$$@" $(CHOICES)

# The topics whose handlers ask the database.
ASK_DATABASE = hello customers products orders sessions pages tokens api_keys dependencies lifespan
# Four processes of each app by themselves, and of both in turn; SQLite's answers are what is compared with.
ON_POSTGRESQL = flask@sqlite flask fastapi both flask-gthread+fastapi-workers

contract-postgresql: setup known-topic ## run the contract on PostgreSQL, with 1 and with 4 processes of each app
	@echo "== the contract on PostgreSQL"
	@if $(PY) -m servers.postgresql --check; then \
	$(PY) -m pytest $(TESTS) --database postgresql $(foreach name,$(ON_POSTGRESQL),--serving $(name)) $(CHOICES); \
	else test -z "$$CI" && echo "== 1 skipped: the contract on PostgreSQL"; fi

postgresql: setup ## start a PostgreSQL until Ctrl-C, its data gone afterwards, and print its DATABASE_URL
	@$(PY) -m servers.postgresql

bench-mount: setup ## measure what Flask inside of FastAPI costs against Flask alone
	@$(PY) -m migration.bench

nginx-conf: setup ## print an nginx configuration that sends each topic to the app that has it (MIGRATED=path_params,cookies)
	@$(PY) -m migration.nginx '$(MIGRATED)' --flask 127.0.0.1:$(FLASK_PORT) --fastapi 127.0.0.1:$(FASTAPI_PORT)

bench: setup ## how fast each app is, and what its layers cost (QUICK=1: the main figures, in a minute)
	@$(PY) -m benchmarks $(if $(QUICK),--quick) $(if $(WRITE),--write)

bench-pages: setup ## write docs/how-fast.md and docs/claims.md anew, from the newest result that is stored
	@$(PY) -m benchmarks --pages

profile: setup ## where the time of an endpoint goes, as text and as a flame graph (ENDPOINT=order APP=fastapi)
	@$(PY) -m benchmarks.profile $(ENDPOINT) --app '$(or $(APP),flask)'

bench-suite: setup ## measure what the suite costs against the least that it could cost
	@$(PY) -m contract_tests.bench_suite

bench-upstream: setup ## measure when async pays: both apps ask three slow services (nothing is judged)
	@$(PY) -m servers.bench_upstream

fuzz: setup ## send generated requests to both apps and compare the answers (N=100000 SEED=7)
	@$(PY) -m fuzzing $(N) $(if $(SEED),--seed '$(SEED)')

raw-requests: setup ## write docs/raw-requests.md: what each server does with broken HTTP
	@$(PY) -m fuzzing --raw --write

mutants: setup ## change the apps in small ways and see which changes the contract misses (SAMPLE=200 SEED=7)
	@$(PY) -m mutation $(FILES) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) \
		$(if $(NEW),--new)

lint: setup ## ruff and mypy
	@echo "== lint and types"
	@$(PY) -m ruff check --quiet
	@$(PY) -m ruff format --check --quiet
	@$(PY) -m mypy

pair: setup ## print a topic's two route files next to each other (TOPIC=cookies)
	@$(PY) -m reading.pair $(TOPIC)

workshop: setup ## port the API yourself, a topic at a time: serve workshop/my_app/ and judge it at each save
	@$(PY) -m workshop

check: setup ## judge one step of the workshop (STEP=cookies)
	@$(PY) -m workshop check '$(STEP)'

hint: setup ## show one more of a step's three hints (STEP=cookies)
	@$(PY) -m workshop hint '$(STEP)'

solution: setup ## show a step's solution as a diff, once it is done or after two hints (STEP=cookies)
	@$(PY) -m workshop solution '$(STEP)'

reset: setup ## begin a step anew; the file that was there is kept (STEP=cookies)
	@$(PY) -m workshop reset '$(STEP)'

skip: setup ## take the solutions up to and with a step, to join in there (STEP=cookies)
	@$(PY) -m workshop skip '$(STEP)'

status: setup ## show which steps of the workshop are done
	@$(PY) -m workshop status

wheelhouse: setup ## put all packages into wheelhouse/, for make setup without network
	@$(PY) -m workshop.wheelhouse

site: setup ## build the reading site as static files in build/site
	@$(PY) -m reading.site
	@echo "It is in build/site, for any server of files; 'make serve' shows it with both apps beside it."

record: setup ## record what both apps answer to the examples of the site, in reading/recorded.json
	@$(PY) -m reading.record

doctor: setup ## check this machine: Python, ports, both servers, one request each
	@$(PY) -m servers.doctor

lock: ## write requirements/*.txt anew (UPGRADE=1: with the newest versions); needs uv
	@sh requirements/lock $(if $(UPGRADE),--upgrade)

clean: ## remove .venv and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

known-topic:
	@for topic in $(TOPIC); do test -f "contract_tests/test_$$topic.py" || { \
	echo "There is no topic '$$topic'. The topics are:"; \
	sed -n 's/^slug = "\(.*\)"/  \1/p' topics.toml; exit 2; }; done

.PHONY: help setup test test-all serve flask fastapi contract contract-servings contract-postgresql \
	hybrid contract-migration bench-mount nginx-conf \
	postgresql bench bench-pages profile bench-suite bench-upstream fuzz \
	raw-requests mutants lint pair site record \
	doctor lock clean known-topic \
	workshop check hint solution reset skip status wheelhouse

#:
#: contract, contract-servings and contract-postgresql take
#:   TOPIC="cookies cors"           these topics only
#:   K=expression                   the tests whose names match (pytest -k)
#:   FIRST=1                        stop at the first failure (FIRST=topic: leave a topic at its first)
#:   JUNIT=file JSON=file           write the results there too
#: contract also takes
#:   TARGET=http://host:port        run it against that server instead of the two apps
#:   SERVINGS="flask-sync fastapi"  run it against these servings (docs/servings.md)
#:   SERVINGS=both                  send each request to the other app than the last, on one database
#:   DATABASE=postgresql            on a PostgreSQL that is started for it (docs/databases.md)
#: check, hint, solution, reset and skip take STEP; workshop takes WORKSHOP_PORT=8002
#: hybrid and nginx-conf take MIGRATED=path_params,cookies: topics with commas between them, all, or a number of them;
#:   hybrid also HYBRID_PORT
#: contract-migration takes TOPIC and K, and
#:   STEPS="12 cookies users,form"  these steps only: as MIGRATED is given to hybrid
#:   DISTINCT=1                     leave out what no other app than at a step before would answer
#: bench takes WRITE=1 (store the result, write docs/how-fast.md and docs/claims.md)
#: serve takes SERVINGS, SHARED=1 (one database, not one for each app) and DATABASE_URL=... (that database)
#: serve, flask and fastapi take FLASK_PORT and FASTAPI_PORT, serve SITE_PORT too; all take PYTHON=python3.13 (.venv is made anew for it)
