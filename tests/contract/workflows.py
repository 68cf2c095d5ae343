"""Holds the workflows to what they may: scripts/python tests/contract/workflows.py

Their rights, pins and secrets are read from the files; the steps that handle secrets are run, against a server of the test's
own.
"""

import http.server
import os
import pathlib
import re
import subprocess
import sys
import threading
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

FILES = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
WORKFLOWS = {name: yaml.safe_load(path.read_text()) for name, path in FILES.items()}
(IMAGE,) = re.findall(r"^FROM (rust:[\d.]+)-slim(-\w+) AS build$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def job(name):
    """The workflow's only job."""
    (only,) = WORKFLOWS[name]["jobs"].values()
    return only


def step(name, title):
    """A step by its name."""
    (only,) = (one for one in job(name)["steps"] if one.get("name") == title)
    return only


def run(script, **environment):
    """Runs a step's script as the runner does (shell: bash)."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], text=True, capture_output=True, check=False,
        env={"PATH": os.environ["PATH"]} | environment,
    )


class Both(unittest.TestCase):
    """What holds for every workflow."""

    def test_are_there(self):
        self.assertEqual(set(WORKFLOWS), {"ci", "deploy"})

    def test_rights(self):
        for name, workflow in WORKFLOWS.items():
            self.assertEqual(workflow["permissions"], {"contents": "read"}, name)
            self.assertNotIn("permissions", job(name), name)
            for one in job(name)["steps"]:
                if one.get("uses", "").startswith("actions/checkout@"):
                    self.assertIs(one["with"]["persist-credentials"], False, name)

    def test_pins(self):
        for name in WORKFLOWS:
            self.assertEqual(job(name)["container"], "".join(IMAGE), f"{name}: the Dockerfile's")
            self.assertNotIn("latest", job(name)["runs-on"], name)
            self.assertLessEqual(job(name)["timeout-minutes"], 120, name)
            for one in job(name)["steps"]:
                self.assertEqual(len({"uses", "run"} & set(one)), 1, one)
                if "uses" in one:
                    self.assertRegex(one["uses"], r"^actions/[\w-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$", name)

    def test_nothing_of_a_caller_or_a_secret_is_in_a_script(self):
        for name, workflow in WORKFLOWS.items():
            self.assertNotIn("pull_request_target", workflow[True], name)
            for one in job(name)["steps"]:
                self.assertNotIn("${{", one.get("run", ""), f"{name}: by the environment, not in the text")
                self.assertNotRegex(one.get("run", ""), r"set -\w*x|\bprintenv\b|^\s*env\b", name)
                self.assertNotIn("secrets.", str(one.get("with", "")), name)

    def test_concurrency(self):
        self.assertIs(WORKFLOWS["ci"]["concurrency"]["cancel-in-progress"], True)
        self.assertIs(WORKFLOWS["deploy"]["concurrency"]["cancel-in-progress"], False)
        for name, workflow in WORKFLOWS.items():
            self.assertTrue(workflow["concurrency"]["group"].startswith(f"{name}-${{{{"), name)

    def test_scripts_are_bash(self):
        for name in WORKFLOWS:
            self.assertEqual(job(name)["defaults"]["run"]["shell"], "bash", name)
            for one in job(name)["steps"]:
                done = subprocess.run(["bash", "-n"], input=one.get("run", ""), text=True, capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), one)


class Ci(unittest.TestCase):
    """It runs what CI runs."""

    def test_when(self):
        # YAML 1.1 takes `on` for a truth value.
        self.assertEqual(WORKFLOWS["ci"][True], {"push": None, "pull_request": None})

    def test_what(self):
        self.assertEqual(step("ci", "Everything")["run"], ".ci/run")
        self.assertEqual(job("ci")["env"]["CI"], "true")
        self.assertNotIn("services", job("ci"), "it brings its own PostgreSQL")
        self.assertNotIn("secrets.", FILES["ci"].read_text())


class Hook(http.server.BaseHTTPRequestHandler):
    """Render's side of a deploy hook."""

    def do_POST(self):
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_):
        pass


class Deploy(unittest.TestCase):
    """It refuses without its secrets, migrates first, and says nothing of them."""

    def test_when(self):
        when = WORKFLOWS["deploy"][True]
        self.assertEqual(set(when), {"push", "workflow_dispatch"})
        self.assertEqual(when["push"], {"tags": ["v*"]})
        self.assertIn("production", when["workflow_dispatch"]["inputs"]["environment"]["options"])
        self.assertEqual(job("deploy")["environment"], "${{ inputs.environment || 'production' }}")

    def test_order(self):
        titles = [one["name"] for one in job("deploy")["steps"] if "run" in one]
        self.assertEqual(titles, ["Secrets", "Build", "Migrate", "Deploy"])
        self.assertEqual(job("deploy")["steps"][0]["name"], "Secrets", "before anything else")

    def test_each_step_has_only_the_secrets_that_it_needs(self):
        has = {one["name"]: set(re.findall(r"secrets\.(\w+)", str(one.get("env")))) for one in job("deploy")["steps"] if "run" in one}
        wanted = {"DATABASE_URL", "RENDER_DEPLOY_HOOK"}
        self.assertEqual(has, {"Secrets": wanted, "Build": set(), "Migrate": {"DATABASE_URL", "AUTHENTICATOR_PASSWORD"},
                               "Deploy": {"RENDER_DEPLOY_HOOK"}})

    def test_refuses_without_a_secret(self):
        script = step("deploy", "Secrets")["run"]
        given = {"DATABASE_URL": "postgres://a", "RENDER_DEPLOY_HOOK": "https://b"}
        self.assertEqual(run(script, **given).returncode, 0)
        for name in given:
            done = run(script, **given | {name: ""})
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout, f"::error::the environment has no secret {name}\n")

    def test_commands_exist(self):
        commands = re.findall(r"^target/release/tekup-db (.*)$", step("deploy", "Migrate")["run"], re.MULTILINE)
        self.assertEqual(commands, ["migrate", "migrate status"])
        for command in commands:
            done = subprocess.run([service.binary(), *command.split(), "--help"], capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, command)

    def deployed(self, status, query):
        """What the hook was asked, and how the step ended."""
        with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
            server.status, server.asked = status, []
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/deploy/srv-a{query}"
            done = run(step("deploy", "Deploy")["run"], RENDER_DEPLOY_HOOK=url, COMMIT="c0ffee")
            server.shutdown()
        self.assertNotIn("s3cret", done.stdout + done.stderr)
        self.assertNotIn("srv-a", done.stdout + done.stderr)
        return server.asked, done.returncode

    def test_deploys_this_commit(self):
        self.assertEqual(self.deployed(200, "?key=s3cret"), (["/deploy/srv-a?key=s3cret&ref=c0ffee"], 0))
        self.assertEqual(self.deployed(202, ""), (["/deploy/srv-a?ref=c0ffee"], 0))

    def test_fails_where_render_does(self):
        for status in (401, 404, 500):
            self.assertEqual(self.deployed(status, "?key=s3cret")[1], 1)

    def test_fails_where_nobody_answers(self):
        done = run(step("deploy", "Deploy")["run"], RENDER_DEPLOY_HOOK=f"http://127.0.0.1:{service.free_port()}/?key=s3cret",
                   COMMIT="c0ffee")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("s3cret", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
