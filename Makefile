# 政府质量奖全流程门户. `make` lists what there is.
PORT ?= 8000
PIPELINE_STEPS ?= 10000
PY := .venv/bin/python
ROOMS := award_portal organizations documents awards applications publicity reviews objections supervision
# `make test` in processes of its own, two by default: the machine we promise 15 minutes on has two cores
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test test-all lint format docs lock

help: ## 列出可用命令
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: ## 准备 .venv 和系统组件
	@deploy/setup.sh

demo: setup ## 在 http://127.0.0.1:8000 演示（PORT= 换端口），数据保留
	@REHEARSAL=1 $(PY) manage.py demo --port $(PORT)

demo-reset: setup ## 清空演示数据，重新开始演示
	@REHEARSAL=1 $(PY) manage.py demo --reset --port $(PORT)

test: setup ## 测试：全部在 SQLite 上，标记 postgres 的另在 PostgreSQL 上
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --pipeline-steps $(PIPELINE_STEPS)
	@PORTAL_TEST_ENGINE=postgres $(PY) -m pytest -q -n $(WORKERS) --dist loadfile -m postgres --pipeline-steps $(PIPELINE_STEPS)

test-all: setup ## 全部测试在 SQLite 和 PostgreSQL 上各跑一遍
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --pipeline-steps $(PIPELINE_STEPS)
	@PORTAL_TEST_ENGINE=postgres $(PY) -m pytest -q -n $(WORKERS) --dist loadfile --pipeline-steps $(PIPELINE_STEPS)

lint: setup ## 代码与文档检查
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy $(shell cat deploy/mypy-files.txt)
	@.venv/bin/lint-imports
	@$(PY) -m djlint templates --lint --quiet
	@$(PY) manage.py makemigrations --check --dry-run --settings award_portal.settings_test
	@$(PY) manage.py pipeline_diagram --check --settings award_portal.settings_test

format: setup ## 排版
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

docs: setup ## 重新生成流程图
	@$(PY) manage.py pipeline_diagram --settings award_portal.settings_test

lock: setup ## 重新锁定依赖（需要联网）
	@.venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras -o requirements/dev.txt requirements/dev.in
	@$(PY) deploy/lock_base.py
