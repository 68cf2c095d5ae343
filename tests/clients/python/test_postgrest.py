"""Python's postgrest client against the running service: the core of what the JavaScript clients do."""

import os
import subprocess
import unittest
import uuid

from postgrest import APIError, CountMethod, SyncPostgrestClient

URL = os.environ["TEKUP_URL"]


def token(role, org=None):
    """A token that the service mints."""
    options = ["--role", role] + (["--org", org] if org else [])
    return subprocess.run([os.environ["TEKUP_DB"], "token", *options], check=True, capture_output=True, text=True).stdout.strip()


def client(schema, role, org=None):
    """A client of one schema with a token of one role."""
    return SyncPostgrestClient(f"{URL}/rest/v1", schema=schema, headers={"Authorization": f"Bearer {token(role, org)}"})


class Postgrest(unittest.TestCase):
    """One test a feature."""

    @classmethod
    def setUpClass(cls):
        cls.mark = f"test-{uuid.uuid4()}"
        cls.renos = client("renos", "renos_app")
        cls.vault = client("vault", "vault_app")
        rows = client("crm", "service_role").from_("tenants").select("id,slug").execute().data
        cls.tenants = {row["slug"]: row["id"] for row in rows}

    @classmethod
    def tearDownClass(cls):
        cls.renos.from_("leads").delete().eq("source", cls.mark).execute()
        cls.vault.from_("documents").delete().eq("repository", cls.mark).execute()

    def refused(self, code, query):
        """The query fails with the code."""
        with self.assertRaises(APIError) as caught:
            query.execute()
        self.assertEqual(caught.exception.code, code, caught.exception)

    def test_filters_order_and_pages(self):
        leads = self.renos.from_("leads")
        page = leads.select("id,status", count=CountMethod.exact).in_("status", ["new", "lost"]).order("id").range(0, 4).execute()
        self.assertEqual(len(page.data), 5)
        self.assertGreater(page.count, 5)
        self.assertEqual([row["id"] for row in page.data], sorted(row["id"] for row in page.data))
        either = leads.select("status").or_("status.eq.new,status.eq.lost").execute()
        self.assertEqual(len(either.data), page.count)
        head = leads.select("*", count=CountMethod.exact, head=True).not_.eq("status", "new").execute()
        self.assertGreater(head.count, 0)
        tagged = self.renos.from_("customers").select("tags").contains("tags", ["vip"]).execute()
        self.assertTrue(tagged.data and all("vip" in row["tags"] for row in tagged.data))

    def test_one_row(self):
        clinic = self.renos.from_("customers").select("email").eq("name", "Nordlys Tandklinik")
        self.assertEqual(clinic.single().execute().data, {"email": "kontakt@nordlys-tandklinik.example"})
        self.refused("PGRST116", self.renos.from_("customers").select("*").eq("id", "nobody").single())
        nobody = self.renos.from_("customers").select("*").eq("id", "nobody").maybe_single().execute()
        self.assertIsNone(nobody.data if nobody else None)

    def test_csv(self):
        text = self.renos.from_("services").select("name,price").order("name").csv().execute().data
        self.assertEqual(text.splitlines()[0], "name,price")
        self.assertEqual(len(text.splitlines()), 9)

    def test_related_rows(self):
        clinic = self.renos.from_("customers").select("name,invoices(total,invoice_line_items(amount))")
        row = clinic.eq("name", "Nordlys Tandklinik").single().execute().data
        self.assertEqual(len(row["invoices"]), 7)

    def test_writes(self):
        leads = self.renos.from_("leads")
        made = leads.insert([{"source": self.mark, "rooms": 1}, {"source": self.mark, "rooms": 2}]).execute().data
        self.assertEqual([row["status"] for row in made], ["new", "new"])
        changed = leads.update({"name": "Åse"}).eq("id", made[0]["id"]).execute().data
        self.assertEqual(changed[0]["name"], "Åse")
        removed = leads.delete().eq("id", made[1]["id"]).execute().data
        self.assertEqual([row["id"] for row in removed], [made[1]["id"]])
        self.refused("21000", leads.delete())

    def test_upsert(self):
        documents = self.vault.from_("documents")
        document = {"source": "local", "repository": self.mark, "path": "a.md", "content": "one"}
        key = "source,repository,path"
        documents.upsert(document, on_conflict=key).execute()
        merged = documents.upsert(document | {"content": "two"}, on_conflict=key).execute().data
        self.assertEqual([row["content"] for row in merged], ["two"])
        ignored = documents.upsert(document | {"content": "three"}, on_conflict=key, ignore_duplicates=True).execute().data
        self.assertEqual(ignored, [])

    def test_functions(self):
        row = self.vault.from_("documents").select("embeddings(embedding)").eq("path", "handbook/windows.md").single().execute().data
        query = {"query_embedding": row["embeddings"]["embedding"]}
        found = self.vault.rpc("match_documents", query).execute().data
        self.assertEqual(len(found), 5)
        self.assertEqual(found[0]["path"], "handbook/windows.md")

    def test_organisations_do_not_see_each_other(self):
        for slug, other in (("fjordklar", "ostby-service"), ("ostby-service", "fjordklar")):
            crm = client("crm", "crm_app", self.tenants[slug])
            rows = crm.from_("contacts").select("tenant_id").execute().data
            self.assertEqual({row["tenant_id"] for row in rows}, {self.tenants[slug]})
            foreign = crm.from_("contacts").select("*").eq("tenant_id", self.tenants[other]).execute().data
            self.assertEqual(foreign, [])
            removed = crm.from_("contacts").delete().eq("tenant_id", self.tenants[other]).execute().data
            self.assertEqual(removed, [])

    def test_mistakes_are_named(self):
        self.refused("PGRST205", self.renos.from_("leeds").select("*"))
        self.refused("42703", self.renos.from_("leads").select("naem"))
        self.refused("42501", self.vault.schema("billy").from_("users").select("*"))


if __name__ == "__main__":
    unittest.main()
