"""Holds what watches the service to the service: tests/with-service SLOW_QUERY_MS=1 DB_POOL_SIZE=1 DB_POOL_MAX_WAITING=1
METRICS_TOKEN=… scripts/python tests/contract/monitoring.py

The service has some traffic, and a Prometheus of its own scrapes it with deploy/prometheus as it is, but for addresses and
times. Every metric and label that an alert, the dashboard or docs/MONITORING.md names must be the service's, and every
query must give something.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
CASES = ROOT / "deploy" / "prometheus" / "alerts_test.yml"
CONFIGURATION = ROOT / "deploy" / "prometheus" / "prometheus.yml"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "tekup-db.json").read_text())
GUIDE = (ROOT / "docs" / "MONITORING.md").read_text()
DECLARED = set(re.findall(r'^pub const \w+: &str = "(\w+)";', (ROOT / "src/telemetry/metric.rs").read_text(), re.MULTILINE))
# Only with a standby of the database, which this service has not.
NOT_HERE = {
    "db_replication_lag_seconds",
    "db_replica_connections",
    "db_replica_in_use",
    "db_replica_lag_seconds",
    "db_replica_reads_total",
}
# Prometheus' own.
PROMETHEUS_METRICS = {"up"}
PROMETHEUS_LABELS = {"job", "instance", "le"}
# Nothing is waited for after this time: all of it is a matter of seconds.
DEADLINE = time.monotonic() + 40

URL = os.environ["TEKUP_URL"]
TOKEN = os.environ["METRICS_TOKEN"]


def get(url, token=None, **options):
    """Status and text of an answer."""
    request = urllib.request.Request(url, **options)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def minted(role):
    """A token of the service's own."""
    command = [os.environ["TEKUP_DB"], "token", "--role", role]
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout.strip()


def traffic():
    """Something of everything: reads, a write, refusals, and more at once than the pool takes."""
    token = minted("service_role")
    for schema, relation in [("renos", "leads"), ("crm", "metrics"), ("billy", "usage_metrics")]:
        status, text = get(f"{URL}/{schema}/{relation}?limit=1", token)
        assert status == 200, text
    body = json.dumps({"name": "Ida Kvist", "email": "ida@kvist.example", "source": "website_form"}).encode()
    status, text = get(f"{URL}/renos/leads", token, data=body, headers={"Content-Type": "application/json"})
    assert status == 201, text
    assert get(f"{URL}/renos/leads", "nobody's")[0] == 401
    assert get(f"{URL}/nowhere")[0] == 404
    assert get(f"{URL}/ready")[0] == 200
    with concurrent.futures.ThreadPoolExecutor(16) as callers:
        while True:
            given = callers.map(lambda _: get(f"{URL}/renos/leads?limit=100", token)[0], range(48))
            if 503 in set(given):
                return
            assert time.monotonic() < DEADLINE, "a pool of one with one place to wait turned nobody away"


class Exposed:
    """What /metrics says: types by metric, and labels by sample."""

    def __init__(self, text):
        self.types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
        self.labels = {}
        for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
            self.labels.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))

    def labels_of(self, metric):
        """Of a metric, whatever its samples are called."""
        samples = [metric, f"{metric}_bucket"]
        return set().union(*(self.labels.get(name, set()) for name in samples)) - {"le"}


class Prometheus:
    """A Prometheus with deploy/prometheus, in a folder of its own."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tekup-prometheus-"))
        self.port = service.free_port()
        self.process = None

    def configure(self):
        """The files as they are, but for where the service is, and how often it is looked at."""
        configuration = yaml.safe_load(CONFIGURATION.read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (job,) = configuration["scrape_configs"]
        job["static_configs"] = [{"targets": [urllib.parse.urlsplit(URL).netloc]}]
        shutil.copy(RULES, self.folder)
        (self.folder / "tekup-db.token").write_text(TOKEN)
        file = self.folder / CONFIGURATION.name
        file.write_text(yaml.safe_dump(configuration))
        return file

    def start(self):
        file = self.configure()
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={self.folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )

    def ask(self, path, **parameters):
        """The data of its HTTP API's answer; none while it does not answer."""
        query = urllib.parse.urlencode(parameters)
        try:
            status, text = get(f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}")
        except OSError:
            return None
        answer = json.loads(text) if text.startswith("{") else {"status": f"{status} {text}"}
        if answer["status"] == "success":
            return answer["data"]
        if status == 503:
            return None
        raise AssertionError(f"{path} {parameters}: {answer}")

    def wait(self, what, holds):
        """Asks until it holds."""
        while not holds():
            if self.process.poll() is not None or time.monotonic() > DEADLINE:
                raise AssertionError(f"{what}; its log:\n{(self.folder / 'log').read_text()[-3000:]}")
            time.sleep(0.2)

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


PROMETHEUS = Prometheus()
EXPOSED = None
# They take some seconds, in which Prometheus scrapes.
RUN_OF_CASES = None


def setUpModule():
    global EXPOSED, RUN_OF_CASES
    unittest.addModuleCleanup(PROMETHEUS.stop)
    traffic()
    PROMETHEUS.start()
    RUN_OF_CASES = subprocess.Popen(
        ["promtool", "test", "rules", str(CASES)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    unittest.addModuleCleanup(RUN_OF_CASES.kill)
    # The last of three may be under way; two are a difference.
    scraped = lambda: (PROMETHEUS.ask("query", query='count_over_time(up{job="tekup-db"}[1m]) >= 3') or {}).get("result")
    PROMETHEUS.wait("the service was not scraped", scraped)
    # The service gathers what its histograms recorded when it is asked.
    status, text = get(f"{URL}/metrics", TOKEN)
    assert status == 200, text
    EXPOSED = Exposed(text)


def alerts():
    """Every alert of the rules."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def panels():
    """Every panel that shows something."""
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions():
    """Every query, with the place where it stands."""
    for name, rule in alerts().items():
        yield f"alert {name}", rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield f"panel {panel['title']}", substituted(target["expr"])


def substituted(expression):
    """With the dashboard's variables as they are at first."""
    values = {"job": "tekup-db", "instance": ".*", "schema": ".*", "__rate_interval": "10s"}
    return re.sub(r"\$(\w+)", lambda name: values[name[1]], expression)


def metrics_of(expression):
    """Metrics that an expression names, each with the labels it selects by."""
    text = re.sub(r"\b(?:by|on|without|ignoring) ?\([^)]*\)|\[[^\]]*\]", " ", expression)
    words = {"and", "or", "unless", "offset", "bool"}
    for name, selector in re.findall(r"(?<![\w:\"])([a-zA-Z_:][\w:]*)\b(?!\s*\()\s*(\{[^}]*\})?", quoted(text)):
        if name not in words:
            yield name, set(re.findall(r"(\w+)\s*[=!]", selector))


def quoted(text):
    """With every text emptied, so that no word of one is taken for a name."""
    return re.sub(r'"[^"]*"', '""', text)


class Names(unittest.TestCase):
    """Every name is one that the service has."""

    def test_names_are_found(self):
        found = dict(metrics_of('sum by (a, le) (rate(b_total{c="d {e}", f!~"g"}[5m])) / on (h) i > 0.5 and j_k{l=""} offset 5m or vector(0)'))
        self.assertEqual(found, {"b_total": {"c", "f"}, "i": set(), "j_k": {"l"}})

    def test_metrics(self):
        known = set(EXPOSED.labels) | PROMETHEUS_METRICS | NOT_HERE
        for place, expression in expressions():
            names = {name for name, _ in metrics_of(expression)}
            self.assertTrue(names, place)
            self.assertEqual(names - known, set(), place)

    def test_labels(self):
        for place, expression in expressions():
            for name, labels in metrics_of(expression):
                self.assertEqual(labels - EXPOSED.labels.get(name, set()) - PROMETHEUS_LABELS, set(), f"{place}: {name}")
                self.assertIn("job", labels, f"{place}: {name} is everybody's name")
            named = {name for name, _ in metrics_of(expression)}
            known = set().union(*(EXPOSED.labels.get(name, set()) for name in named)) | PROMETHEUS_LABELS
            for group in re.findall(r"\b(?:by|on) ?\(([^)]*)\)", expression):
                self.assertEqual(set(re.split(r",\s*", group)) - known, set(), place)


class Alerts(unittest.TestCase):
    """The rules load, are tested, and say what to do."""

    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], cwd=ROOT, text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_syntax(self):
        self.promtool("check", "rules", str(RULES))
        self.promtool("check", "config", str(PROMETHEUS.folder / CONFIGURATION.name))
        self.promtool("check", "config", "--syntax-only", str(CONFIGURATION))

    def test_cases(self):
        output, _ = RUN_OF_CASES.communicate(timeout=30)
        self.assertEqual(RUN_OF_CASES.returncode, 0, output)

    def test_every_alert_has_both_cases(self):
        fires, rests = set(), set()
        for case in yaml.safe_load(CASES.read_text())["tests"]:
            # A moment before it fires is no case of its own.
            last = case["alert_rule_test"][-1]
            (fires if last["exp_alerts"] else rests).add(last["alertname"])
        self.assertEqual(fires, set(alerts()))
        self.assertEqual(rests, set(alerts()))

    def test_every_alert_is_whole(self):
        for name, rule in alerts().items():
            self.assertIn(rule["labels"]["severity"], {"critical", "warning"}, name)
            self.assertRegex(rule["for"], r"^[1-9]\d*m$", name)
            self.assertEqual(set(rule["annotations"]), {"summary", "description"}, name)

    def test_they_are_evaluated(self):
        rules = lambda: [rule for group in (PROMETHEUS.ask("rules") or {"groups": []})["groups"] for rule in group["rules"]]
        done = lambda: rules() and all(rule["health"] != "unknown" for rule in rules())
        PROMETHEUS.wait("the rules were not evaluated", done)
        self.assertEqual({rule["name"] for rule in rules()}, set(alerts()))
        for rule in rules():
            self.assertEqual((rule["health"], rule.get("lastError", "")), ("ok", ""), rule["name"])


class Scraping(unittest.TestCase):
    """Prometheus gets what the service has."""

    def test_target(self):
        (target,) = PROMETHEUS.ask("targets", state="active")["activeTargets"]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))
        self.assertEqual(target["labels"]["job"], "tekup-db")

    def test_every_metric_arrives(self):
        names = set(PROMETHEUS.ask("label/__name__/values", **{"match[]": '{job="tekup-db"}'}))
        self.assertEqual(set(EXPOSED.labels) - names, set())

    def test_token_is_asked_for(self):
        self.assertEqual(get(f"{URL}/metrics")[0], 401)


class Dashboard(unittest.TestCase):
    """It can be imported, and every panel shows something."""

    def test_panels(self):
        numbers = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        taken = set()
        for panel in DASHBOARD["panels"]:
            place = panel["gridPos"]
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            self.assertEqual(cells & taken, set(), f"{panel['title']} lies on another")
            taken |= cells

    def test_datasource_is_a_variable(self):
        first, *others = DASHBOARD["templating"]["list"]
        self.assertEqual((first["name"], first["type"], first["query"]), ("datasource", "datasource", "prometheus"))
        wanted = {"type": "prometheus", "uid": "${datasource}"}
        for part in [*others, *panels(), *(target for panel in panels() for target in panel["targets"])]:
            self.assertEqual(part["datasource"], wanted, part)

    def test_variables_have_values(self):
        for variable in DASHBOARD["templating"]["list"][1:]:
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", substituted(variable["query"]["query"])).groups()
            values = PROMETHEUS.ask(f"label/{label}/values", **{"match[]": series})
            self.assertTrue(values, variable["name"])

    def test_queries_give_something(self):
        for panel in panels():
            for target in panel["targets"]:
                expression = substituted(target["expr"])
                names = {name for name, _ in metrics_of(expression)}
                result = PROMETHEUS.ask("query", query=expression)["result"]
                self.assertEqual(bool(result), not names & NOT_HERE, f"{panel['title']}: {expression}")
                shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
                labels = set().union(*(series["metric"] for series in result))
                self.assertEqual(shown - labels if result else set(), set(), panel["title"])


class Guide(unittest.TestCase):
    """docs/MONITORING.md has every metric and every alert, and no others."""

    def test_metrics(self):
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| [^|]+ \|$", GUIDE, re.MULTILINE)
        self.assertEqual({name for name, *_ in rows}, DECLARED)
        self.assertEqual(set(EXPOSED.types), DECLARED - NOT_HERE)
        for name, kind, labels in rows:
            if name not in NOT_HERE:
                self.assertEqual(kind, EXPOSED.types[name], name)
                self.assertEqual(set(re.findall(r"`(\w+)`", labels)), EXPOSED.labels_of(name), name)

    def test_alerts(self):
        rows = re.findall(r"^### (\w+)\n\n(\w+), after (\w+)\. ", GUIDE, re.MULTILINE)
        wanted = [(name, rule["labels"]["severity"].capitalize(), rule["for"]) for name, rule in alerts().items()]
        self.assertEqual(rows, wanted)

    def test_rows_of_the_dashboard(self):
        titles = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
        rows = re.findall(r"^\| ([A-Z]\w+) \| [^|]+ \|$", GUIDE, re.MULTILINE)
        self.assertEqual(rows, titles)


if __name__ == "__main__":
    unittest.main()
