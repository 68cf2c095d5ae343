"""Compares the deployment files with the project: scripts/python tests/contract/deploy.py

What the Dockerfile, docker-compose.yml and render.yaml say about commands, variables, ports and paths must be what the
service has. The service's own words are its `--help` (TEKUP_DB, or the debug build) and .env.example.
"""

import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
RENDER = yaml.safe_load((ROOT / "render.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
# Variables that the service reads, with their defaults.
VARIABLES = dict(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
# The port where PGRST_* variables are set: the page's table is compared with the service's own.
COMPATIBILITY = (ROOT / "docs" / "COMPATIBILITY.md").read_text()
(POSTGREST_PORT,) = re.findall(r"^\| `PGRST_SERVER_PORT` \| `PORT` \| `(\d+)` \|", COMPATIBILITY, re.MULTILINE)
SECRETS = {"AUTHENTICATOR_PASSWORD", "JWT_SECRET", "METRICS_TOKEN"}


def instructions(name):
    """What follows one instruction of the last stage of the Dockerfile, each time it is there."""
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM "):]
    return re.findall(rf"^{name} (.*)$", last, re.MULTILINE)


def image_environment():
    """The variables that the image sets."""
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())


def own_services():
    """The compose services that run the image."""
    return {name: value for name, value in COMPOSE["services"].items() if value.get("build")}


class Commands(unittest.TestCase):
    """Every command that a file names is one."""

    def exists(self, words):
        self.assertEqual(words[0], "tekup-db", words)
        done = subprocess.run([service.binary(), *words[1:], "--help"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")

    def test_of_the_image(self):
        (command,) = instructions("CMD")
        self.assertEqual(yaml.safe_load(command), ["tekup-db", "serve"])
        (health,) = instructions("HEALTHCHECK")
        self.exists(yaml.safe_load(command))
        self.exists(yaml.safe_load(health[health.index("CMD") + 4:]))
        self.assertEqual(instructions("ENTRYPOINT"), [], "commands are given whole")

    def test_of_compose(self):
        commands = {name: value.get("command") for name, value in own_services().items()}
        self.assertEqual(commands["tekup-db"], None, "the image's own")
        for name in ("migrate", "seed"):
            self.exists(commands[name])

    def test_of_render(self):
        (web,) = RENDER["services"]
        self.exists(web["preDeployCommand"].split())
        self.assertEqual(web["preDeployCommand"], "tekup-db migrate")


class Variables(unittest.TestCase):
    """Every variable that a file gives the service is one that it reads; no secret has a value."""

    def test_of_the_image(self):
        self.assertEqual(set(image_environment()) - set(VARIABLES), set())
        self.assertEqual(set(image_environment()) & SECRETS, set())

    def test_of_compose(self):
        for name, value in own_services().items():
            environment = value["environment"]
            self.assertEqual(set(environment) - set(VARIABLES), set(), name)
            for secret in {"AUTHENTICATOR_PASSWORD", "JWT_SECRET"}:
                self.assertEqual(environment[secret], f"${{{secret}:?is not set}}", name)
            self.assertIn("${POSTGRES_PASSWORD:?is not set}", environment["DATABASE_URL"], name)
        self.assertEqual(own_services()["tekup-db"]["environment"]["METRICS_TOKEN"], "${METRICS_TOKEN:-}")

    def test_of_render(self):
        (web,) = RENDER["services"]
        variables = {entry["key"]: entry for entry in web["envVars"]}
        self.assertEqual(set(variables) - set(VARIABLES), set())
        for secret in SECRETS:
            self.assertEqual(variables[secret], {"key": secret, "generateValue": True})
        self.assertNotIn("PORT", variables, "Render gives it")
        for name, entry in variables.items():
            self.assertIsInstance(entry.get("value", ""), str, f"{name}: numbers and booleans are quoted")


class Network(unittest.TestCase):
    """The service listens where it is looked for."""

    def test_of_the_image(self):
        environment = image_environment()
        self.assertEqual(environment["HOST"], "0.0.0.0")
        # Set in the image, it would win over PGRST_SERVER_PORT.
        self.assertNotIn("PORT", environment)
        self.assertEqual(instructions("EXPOSE"), [f"{VARIABLES['PORT']} {POSTGREST_PORT}"])

    def test_of_compose(self):
        (port,) = own_services()["tekup-db"]["ports"]
        self.assertEqual(port, f"127.0.0.1:${{PORT:-{VARIABLES['PORT']}}}:{VARIABLES['PORT']}")
        self.assertNotIn("PORT", own_services()["tekup-db"]["environment"])
        database = COMPOSE["services"]["postgres"]
        self.assertNotIn("ports", database, "the database is not reachable from outside")
        name = database["environment"]["POSTGRES_DB"]
        for value in own_services().values():
            self.assertTrue(value["environment"]["DATABASE_URL"].endswith(f"@postgres:5432/{name}"))

    def test_of_render(self):
        (web,) = RENDER["services"]
        self.assertEqual(web["healthCheckPath"], "/live")
        self.assertIn({"key": "HOST", "value": "0.0.0.0"}, web["envVars"])


class Order(unittest.TestCase):
    """First the database, then the migrations, then the service; and time to stop."""

    def test_of_compose(self):
        needs = {name: value.get("depends_on", {}) for name, value in COMPOSE["services"].items()}
        self.assertEqual(needs["migrate"]["postgres"]["condition"], "service_healthy")
        self.assertEqual(needs["tekup-db"]["migrate"]["condition"], "service_completed_successfully")
        self.assertIn("healthcheck", COMPOSE["services"]["postgres"])

    def test_time_to_stop(self):
        drain = int(VARIABLES["SHUTDOWN_TIMEOUT_MS"]) / 1000
        (web,) = RENDER["services"]
        self.assertGreater(web["maxShutdownDelaySeconds"], drain)
        self.assertGreater(int(own_services()["tekup-db"]["stop_grace_period"].removesuffix("s")), drain)


class Places(unittest.TestCase):
    """PostgreSQL 16 in Frankfurt, an image without root and without the project's leftovers."""

    def test_of_render(self):
        (web,), (database,) = RENDER["services"], RENDER["databases"]
        self.assertEqual((web["region"], database["region"]), ("frankfurt", "frankfurt"))
        self.assertEqual(database["postgresMajorVersion"], "16")
        self.assertEqual(database["ipAllowList"], [])
        (url,) = (entry["fromDatabase"] for entry in web["envVars"] if entry["key"] == "DATABASE_URL")
        self.assertEqual(url, {"name": database["name"], "property": "connectionString"})
        self.assertEqual((web["runtime"], web["dockerfilePath"]), ("docker", "./Dockerfile"))

    def test_of_compose(self):
        self.assertEqual(COMPOSE["services"]["postgres"]["image"], "pgvector/pgvector:pg16")

    def test_of_the_image(self):
        self.assertEqual(instructions("USER"), ["10001"])
        # What COPY takes from the project is let through by .dockerignore, whose first rule keeps everything out.
        rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
        self.assertEqual(rules[0], "*")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
            for source in line.split():
                self.assertIn(f"!{source}", rules)
                self.assertTrue(any(ROOT.glob(source)), source)

    def test_of_rust(self):
        wanted = re.search(r'^rust-version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
        self.assertIn(f"FROM rust:{wanted}-slim-bookworm AS build", DOCKERFILE)


if __name__ == "__main__":
    unittest.main()
