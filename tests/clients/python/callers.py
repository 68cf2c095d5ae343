"""Who calls: unmodified clients of the postgrest package with tokens that the service minted, blocking and asynchronous.
`tests/with-service` gives TEKUP_URL, TEKUP_DB and JWT_SECRET.
"""

import asyncio
import functools
import os
import subprocess
import uuid

import httpx
from postgrest import APIError, AsyncPostgrestClient, SyncPostgrestClient

URL = os.environ["TEKUP_URL"]


@functools.cache
def token(role, org=None):
    """A token that the service mints."""
    options = ["--role", role] + (["--org", org] if org else [])
    return subprocess.run([os.environ["TEKUP_DB"], "token", *options], check=True, capture_output=True, text=True).stdout.strip()


class Caller:
    """What a test of one kind of client needs. Tests are written once, and run with each kind."""

    @classmethod
    def setUpClass(cls):
        cls.opened = []
        cls.mark = f"test-{uuid.uuid4()}"
        cls.renos = cls.connect("renos", "renos_app")
        cls.vault = cls.connect("vault", "vault_app")
        cls.samples = cls.connect("samples", "authenticated")

    @classmethod
    def tearDownClass(cls):
        for client in cls.opened:
            cls.wait(client.aclose())

    @classmethod
    def connect(cls, schema, role, org=None, **options):
        """A client of one schema with a token of one role."""
        client = cls.kind(f"{URL}/rest/v1", schema=schema, **options).auth(token(role, org))
        cls.opened.append(client)
        return client

    def answer(self, query):
        """The whole answer."""
        return self.wait(query.execute())

    def rows(self, query):
        """The answer's data."""
        return self.answer(query).data

    def refused(self, code, query):
        """The query fails with the code. Gives the error."""
        with self.assertRaises(APIError) as caught:
            self.answer(query)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception


class Blocking(Caller):
    """With the blocking client."""

    kind = SyncPostgrestClient

    @staticmethod
    def wait(outcome):
        """What came out."""
        return outcome

    @staticmethod
    def losing(sent):
        """A session that loses its first request, and notes each one's `X-Retry-Count`."""

        class Losing(httpx.HTTPTransport):
            def handle_request(self, request):
                note(sent, request)
                return super().handle_request(request)

        return httpx.Client(transport=Losing())


class Asynchronous(Caller):
    """With the asynchronous client, on one loop."""

    kind = AsyncPostgrestClient

    @classmethod
    def setUpClass(cls):
        cls.loop = asyncio.new_event_loop()
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.loop.close()

    @classmethod
    def wait(cls, outcome):
        """What came out in the end."""
        return cls.loop.run_until_complete(outcome)

    @staticmethod
    def losing(sent):
        """A session that loses its first request, and notes each one's `X-Retry-Count`."""

        class Losing(httpx.AsyncHTTPTransport):
            async def handle_async_request(self, request):
                note(sent, request)
                return await super().handle_async_request(request)

        return httpx.AsyncClient(transport=Losing())


def note(sent, request):
    """Notes a request; the first is lost."""
    sent.append(request.headers.get("x-retry-count"))
    if len(sent) == 1:
        raise httpx.ConnectError("lost")
