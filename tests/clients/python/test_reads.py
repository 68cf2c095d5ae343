"""Reads, calls and pages."""

import json
import unittest

from postgrest import APIError, CountMethod

from callers import URL, Asynchronous, Blocking


class Reads:
    """One test a feature."""

    def leads(self, *columns, **options):
        """A read of leads."""
        return self.renos.from_("leads").select(*columns, **options)

    def clinic(self, *columns):
        """A read of one customer."""
        return self.renos.from_("customers").select(*columns).eq("name", "Nordlys Tandklinik")

    def test_order_and_pages(self):
        rows = self.rows(self.leads("id").order("id"))
        self.assertEqual([row["id"] for row in rows], sorted(row["id"] for row in rows))
        self.assertEqual(self.rows(self.leads("id").order("id", desc=True)), rows[::-1])
        self.assertEqual(self.rows(self.leads("id").order("id").limit(3)), rows[:3])
        self.assertEqual(self.rows(self.leads("id").order("id").offset(3)), rows[3:])
        self.assertEqual(self.rows(self.leads("id").order("id").range(3, 5)), rows[3:6])
        scores = [row["score"] for row in self.rows(self.leads("score").order("score", desc=True, nullsfirst=True).order("id"))]
        self.assertEqual(scores, sorted(scores, key=lambda score: (score is not None, -(score or 0))))

    def test_counts(self):
        everything = len(self.rows(self.leads("id")))
        page = self.answer(self.leads("id", count=CountMethod.exact).range(0, 4))
        self.assertEqual((len(page.data), page.count), (5, everything))
        head = self.answer(self.leads("*", count=CountMethod.exact, head=True))
        self.assertEqual((head.data, head.count), ([], everything))
        self.assertEqual(self.answer(self.leads("id", count=CountMethod.estimated).limit(1)).count, everything)
        self.assertGreater(self.answer(self.leads("id", count=CountMethod.planned).limit(1)).count, 0)

    def test_one_row(self):
        self.assertEqual(self.rows(self.clinic("email").single()), {"email": "kontakt@nordlys-tandklinik.example"})
        self.refused("PGRST116", self.leads("*").eq("id", "nobody").single())
        self.assertIsNone(self.answer(self.leads("*").eq("id", "nobody").maybe_single()))
        self.assertEqual(self.rows(self.clinic("name").maybe_single()), {"name": "Nordlys Tandklinik"})
        with self.assertRaises(APIError):
            self.answer(self.leads("*").maybe_single())

    def test_other_formats(self):
        text = self.rows(self.renos.from_("services").select("name,price").order("name").csv())
        self.assertEqual(text.splitlines()[0], "name,price")
        self.assertEqual(len(text.splitlines()), 9)
        rows = self.rows(self.leads("id", "email").strip_nulls())
        self.assertTrue(any("email" not in row for row in rows))
        self.assertNotIn(None, [value for row in rows for value in row.values()])
        self.assertRegex(self.answer(self.leads("id").eq("status", "new").explain()), "Scan .*on leads")
        options = ["analyze", "verbose", "settings", "buffers", "wal"]
        explained = self.rows(self.leads("id").explain(**dict.fromkeys(options, True), format="json"))
        for key in ["Actual Rows", "Output", "Shared Hit Blocks", "WAL Records"]:
            self.assertIn(key, explained[0]["Plan"])
        self.assertIn("search_path", explained[0]["Settings"])

    def test_related_rows(self):
        row = self.rows(self.clinic("name,invoices(total,invoice_line_items(amount))").single())
        self.assertEqual(len(row["invoices"]), 7)

        def bookings():
            return self.clinic("bookings(scheduled_at)").order("scheduled_at", desc=True, foreign_table="bookings")

        everything = self.rows(bookings().single())["bookings"]
        self.assertEqual(everything, sorted(everything, key=lambda row: row["scheduled_at"], reverse=True))
        self.assertEqual(self.rows(bookings().limit(2, foreign_table="bookings").single())["bookings"], everything[:2])
        self.assertEqual(self.rows(bookings().range(1, 3, foreign_table="bookings").single())["bookings"], everything[1:4])

    def test_aggregates(self):
        rows = self.rows(self.leads("status"))
        totals = {status: sum(row["status"] == status for row in rows) for status in {row["status"] for row in rows}}
        # This client puts a key with parentheses into quotes, which make a column's name of it; a group has no key.
        groups = self.rows(self.leads("status", "count()").or_("count().gt.10").order("count()", desc=True))
        self.assertEqual([row["count"] for row in groups], sorted((total for total in totals.values() if total > 10), reverse=True))
        self.assertEqual(self.rows(self.leads("status.count(distinct)")), [{"count": len(totals)}])

    def test_functions(self):
        document = self.vault.from_("documents").select("embeddings(embedding)").eq("path", "handbook/windows.md")
        query = {"query_embedding": self.rows(document.single())["embeddings"]["embedding"]}
        found = self.rows(self.vault.rpc("match_documents", query))
        self.assertEqual((len(found), found[0]["path"]), (5, "handbook/windows.md"))

    def test_functions_are_read_by_every_method(self):
        wanted = {"wanted": {"at": 6}}
        for options in [{}, {"get": True}]:
            rows = self.rows(self.samples.rpc("spans_like", wanted, **options))
            self.assertEqual([row["name"] for row in rows], ["middle", "across"])
        counted = self.answer(self.samples.rpc("spans_like", wanted, count=CountMethod.exact, head=True))
        self.assertEqual((counted.data, counted.count), ([], 2))
        self.assertEqual(self.rows(self.samples.rpc("sum_of", {"numbers": [1, 2, 39]}, get=True)), 42)

    def test_the_rows_of_functions_are_queried(self):
        def spans():
            return self.samples.rpc("spans_like", {"wanted": {"at": 6}})

        self.assertEqual(self.rows(spans().select("name").order("id", desc=True).limit(1)), [{"name": "across"}])
        self.assertEqual(self.rows(spans().select("name").offset(1)), [{"name": "across"}])
        self.assertEqual(self.rows(spans().select("name").range(0, 0)), [{"name": "middle"}])
        self.assertEqual(self.rows(spans().select("name").eq("id", 4).single()), {"name": "across"})
        self.assertEqual(self.rows(spans().select("name").eq("id", 2).maybe_single()), {"name": "middle"})
        self.assertEqual(self.rows(spans().select("id,name").csv()), "id,name\n2,middle\n4,across")
        self.assertEqual(self.rows(spans().select("id,note").strip_nulls()), [{"id": 2}, {"id": 4}])
        self.refused("PGRST116", spans().single())

    def test_a_lost_read_is_sent_again(self):
        for query in [
            lambda leads: leads,
            lambda leads: leads.single(),
            lambda leads: leads.maybe_single(),
            lambda leads: leads.explain(),
        ]:
            sent = []
            renos = self.connect("renos", "renos_app", http_client=self.losing(sent), retry_enabled=False)
            again = query(renos.from_("leads").select("id").limit(1)).retry(True)
            self.assertTrue(self.answer(again))
            self.assertEqual(sent, [None, "1"])
        sent = []
        samples = self.connect("samples", "authenticated", http_client=self.losing(sent))
        self.assertEqual(self.rows(samples.rpc("sum_of", {"numbers": [1]}, get=True).retry(True)), 1)
        self.assertEqual(sent, [None, "1"])

    def test_ways_to_a_table(self):
        wanted = self.rows(self.renos.from_("services").select("name"))
        self.assertEqual(len(wanted), 8)
        self.assertEqual(self.rows(self.renos.table("services").select("name")), wanted)
        with self.assertWarns(DeprecationWarning):
            self.assertEqual(self.rows(self.renos.from_table("services").select("name")), wanted)
        self.refused("42501", self.vault.schema("billy").from_("users").select("*"))

    def test_who_calls(self):
        stranger = self.kind(f"{URL}/rest/v1", schema="renos")
        self.opened.append(stranger)
        self.refused("42501", stranger.from_("leads").select("id"))
        basic = stranger.auth(None, username="somebody", password="secret")
        error = self.refused("auth.malformed_header", basic.from_("leads").select("id"))
        self.assertNotIn("secret", json.dumps(error.json()))

    def test_organisations_do_not_see_each_other(self):
        rows = self.rows(self.connect("crm", "service_role").from_("tenants").select("id,slug"))
        tenants = {row["slug"]: row["id"] for row in rows}
        for slug, other in (("fjordklar", "ostby-service"), ("ostby-service", "fjordklar")):
            contacts = self.connect("crm", "crm_app", tenants[slug]).from_("contacts")
            rows = self.rows(contacts.select("tenant_id"))
            self.assertEqual({row["tenant_id"] for row in rows}, {tenants[slug]})
            self.assertEqual(self.rows(contacts.select("*").eq("tenant_id", tenants[other])), [])
            self.assertEqual(self.rows(contacts.delete().eq("tenant_id", tenants[other])), [])

    def test_mistakes_are_named(self):
        self.refused("PGRST205", self.renos.from_("leeds").select("*"))
        self.refused("42703", self.leads("naem"))


class BlockingReads(Blocking, Reads, unittest.TestCase):
    """With the blocking client."""


class AsynchronousReads(Asynchronous, Reads, unittest.TestCase):
    """With the asynchronous client."""
