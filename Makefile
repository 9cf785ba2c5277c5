# Every target sets up what it needs first; what is set up already is skipped.
PYTHON ?= python3
APP := .venv/app/bin/python
RASA := .venv/rasa/bin/python
# A module of tests for each core, four at most: each worker has servers and databases of its own. In their order: the
# browser comes last, as its event loop runs until the worker ends.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
NO_TELEMETRY := RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 SQLALCHEMY_SILENCE_UBER_WARNING=1 PYTHONWARNINGS=ignore \
	RASA_ACTIONS_URL=http://127.0.0.1:5055 RASA_TRACKER_URL=sqlite:// RASA_ACTIONS_KEY= RASA_KEY=
# Some machines set it, and then every process compiles all that it imports anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run attack test test-unit test-fast check train evaluate bench bench-external bench-window bench-desk profile soak agent personal-data backup restore upgrade talk setup setup-tests lock format contract contracts clean

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: setup ## Start the assistant and print its address; Ctrl-C stops it
	@exec $(APP) -m bot.run

test: setup-tests ## Run all tests: real servers, a real browser
	@$(APP) -m bot.model
	@$(RASA) -m pytest -q --confcutdir=tests/nlu tests/nlu
	@$(APP) -m pytest -q $(SIDE_BY_SIDE) --durations=10 --ignore=tests/nlu $(ARGS)

test-unit: setup ## Run the tests that need no server
	@$(APP) -m pytest -q $(SIDE_BY_SIDE) --ignore=tests/nlu -m unit $(ARGS)

test-fast: setup ## Run the tests that need neither all processes nor a browser
	@$(RASA) -m pytest -q --confcutdir=tests/nlu tests/nlu
	@$(APP) -m pytest -q $(SIDE_BY_SIDE) --ignore=tests/nlu -m "unit or web" $(ARGS)

check: setup ## Check style, types and Rasa's data
	@$(APP) -m ruff check .
	@$(APP) -m ruff format --check .
	@$(APP) -m mypy
	@$(NO_TELEMETRY) $(RASA) -m rasa data validate --fail-on-warnings

train: setup ## Train the model, even if nothing changed
	@$(APP) -m bot.model --force

evaluate: setup ## Measure how it understands and converses, on what it never learned
	@$(APP) -m bot.model
	@$(NO_TELEMETRY) $(RASA) -m tests.measure.evaluate

bench: setup ## Compare with Rasa's default configuration; ALL=1 learns from all data
	@$(APP) -m tests.measure.bench $(if $(ALL),--all)

bench-external: setup ## Train on other intents: make bench-external TRAIN=… TEST=…
	@$(RASA) -m tests.measure.external $(TRAIN) $(TEST)

attack: setup-tests ## Attack a running assistant of yours: make attack URL=http://127.0.0.1:8080; or one kind with KIND="…"
	$(if $(URL),,$(error name the assistant: make attack URL=http://127.0.0.1:8080))
	@PYTHONWARNINGS=ignore $(APP) -m tests.attack.run $(URL) $(if $(KIND),"$(KIND)") $(ARGS)

bench-window: setup-tests ## Measure the chat window on a slow line; URL="… …" compares the demo pages at these addresses
	@$(APP) -m tests.measure.window $(URL)

bench-desk: setup ## Measure what a change costs while 20 agents look at a full desk
	@$(APP) -m tests.measure.desk

profile: setup ## Show where Rasa's process spends the time of a turn
	@$(APP) -m bot.model
	@PYTHONWARNINGS=ignore $(APP) -m tests.measure.profiling

soak: setup ## Keep many chats open for long: make soak CHATS=200 MINUTES=60
	@$(APP) -m bot.model
	@PYTHONWARNINGS=ignore $(APP) -m tests.load.soak $(if $(CHATS),--chats $(CHATS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(PAUSE),--pause $(PAUSE))

agent: setup ## Add an agent: make agent EMAIL=… NAME="…" ROLE=agent; or DO=password, code, disable, enable, rename, link, delete, list
	@$(APP) -m bot.desk.cli $(or $(DO),add) $(EMAIL) $(if $(NAME),--name='$(subst ','\'',$(NAME))') $(if $(ROLE),--role=$(ROLE))

personal-data: setup ## Find a person's data: make personal-data EMAIL=…; or DO=export, DO=export HTML=1, DO=erase
	@$(APP) -m bot.privacy.cli $(or $(DO),find) '$(subst ','\'',$(EMAIL))' $(if $(HTML),--html)

backup: setup ## Copy the databases while the assistant runs, into TO=backups
	@$(APP) -m bot.backup make $(TO)

restore: setup ## Bring a copy back into a stopped assistant: make restore FROM=backups/…
	$(if $(FROM),,$(error name the backup: make restore FROM=backups/…))
	@$(APP) -m bot.backup restore $(FROM)

upgrade: setup ## Say what this release changes, and do it, a backup into TO=backups first; YES=1 does not ask
	@$(APP) -m bot.upgrade $(TO) $(if $(YES),--yes)

talk: setup ## Chat with the assistant in the terminal
	@exec $(APP) -m bot.talk

setup: ## Install what the assistant needs
	@command -v $(PYTHON) >/dev/null || { echo "stopped: $(PYTHON) is missing; install Python 3.9 or newer, or name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) bot/install.py

setup-tests:
	@command -v $(PYTHON) >/dev/null || { echo "stopped: $(PYTHON) is missing; install Python 3.9 or newer, or name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) bot/install.py --tests

format: setup ## Put the code into its common form
	@$(APP) -m ruff check --fix .
	@$(APP) -m ruff format .

contracts: setup ## Write the published OpenAPI contracts anew
	@$(APP) -m bot.contracts

contract: setup ## Test an account system by its contract: make contract URL=… KEY=…
	$(if $(URL),,$(error name the system: make contract URL=https://… KEY=… EMAIL=an account of its own))
	@CONTRACT_URL=$(URL) CONTRACT_KEY=$(KEY) CONTRACT_AGENTS_KEY=$(AGENTS_KEY) CONTRACT_EMAIL=$(or $(EMAIL),anna.berzina@example.com) \
		$(APP) -m pytest -q tests/backend/test_contract.py $(ARGS)

lock: setup ## Lock the newest allowed release of every dependency
	@for group in rasa:3.10 app:3.11 uv:3.9; do \
		.venv/uv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --python-version $${group#*:} --group pyproject.toml:$${group%:*} \
			-o requirements/$${group%:*}.txt || exit 1; \
	done

clean: ## Remove databases, models and logs, but not what is installed; asks first, unless YES=1
	@if [ -z "$(YES)" ] && ls var/*.db >/dev/null 2>&1; then \
		printf 'This deletes the databases in var, with all conversations. Type yes: '; \
		read -r answer; [ "$$answer" = yes ] || { echo 'nothing has been deleted'; exit 1; }; \
	fi
	rm -rf var .rasa
