"""Writes: rows of their own, which are removed again."""

import unittest

from postgrest import CountMethod
from postgrest.types import ReturnMethod

from callers import Asynchronous, Blocking


class Writes:
    """One test a verb."""

    def tearDown(self):
        self.answer(self.renos.from_("leads").delete().eq("source", self.mark))
        self.answer(self.vault.from_("documents").delete().eq("repository", self.mark))
        self.answer(self.samples.from_("spans").delete().gt("id", 4))

    def lead(self, **values):
        """A lead of this test."""
        return {"source": self.mark} | values

    def test_insert(self):
        leads = self.renos.from_("leads")
        made = self.answer(leads.insert([self.lead(rooms=1), self.lead(rooms=2)], count=CountMethod.exact))
        self.assertEqual(([row["status"] for row in made.data], made.count), (["new", "new"], 2))
        self.assertEqual(self.rows(leads.insert(self.lead(rooms=3)).select("rooms,status")), [{"rooms": 3, "status": "new"}])
        self.assertEqual(self.rows(leads.insert(self.lead(), returning=ReturnMethod.minimal)), [])
        rows = [self.lead(priority="low"), self.lead()]
        self.assertEqual([row["priority"] for row in self.rows(leads.insert(rows))], ["low", None])
        self.assertEqual([row["priority"] for row in self.rows(leads.insert(rows, default_to_null=False))], ["low", "medium"])

    def test_insert_as_upsert(self):
        spans = self.samples.from_("spans")
        span = {"id": 10, "name": "ten", "span": "[0,1)"}
        self.answer(spans.insert(span))
        self.refused("23505", spans.insert(span))
        self.assertEqual(self.rows(spans.insert(span | {"name": "eleven"}, upsert=True).select("name")), [{"name": "eleven"}])

    def test_upsert(self):
        documents = self.vault.from_("documents")
        document = {"source": "local", "repository": self.mark, "path": "a.md", "content": "one"}
        key = {"on_conflict": "source,repository,path"}
        self.answer(documents.upsert(document, **key, returning=ReturnMethod.minimal))
        merged = self.answer(documents.upsert([document | {"content": "two"}], **key, count=CountMethod.exact))
        self.assertEqual(([row["content"] for row in merged.data], merged.count), (["two"], 1))
        self.assertEqual(self.rows(documents.upsert(document | {"content": "three"}, **key, ignore_duplicates=True)), [])
        rows = [{"id": 10, "name": "ten", "span": "[0,1)", "note": "given"}, {"id": 11, "name": "eleven", "span": "[0,1)"}]
        spans = self.samples.from_("spans")
        self.assertEqual([row["note"] for row in self.rows(spans.upsert(rows))], ["given", None])
        self.assertEqual([row["note"] for row in self.rows(spans.upsert(rows, default_to_null=False))], ["given", "none"])

    def test_update(self):
        leads = self.renos.from_("leads")
        made = self.rows(leads.insert([self.lead(rooms=1), self.lead(rooms=2)]))
        changed = self.answer(leads.update({"name": "Åse"}, count=CountMethod.exact).eq("id", made[0]["id"]).select("name"))
        self.assertEqual((changed.data, changed.count), ([{"name": "Åse"}], 1))
        silent = leads.update({"name": "Bo"}, returning=ReturnMethod.minimal).eq("source", self.mark)
        self.assertEqual(self.rows(silent), [])
        self.assertEqual(self.rows(leads.select("name").eq("source", self.mark)), [{"name": "Bo"}] * 2)

    def test_delete(self):
        leads = self.renos.from_("leads")
        made = self.rows(leads.insert([self.lead(rooms=rooms) for rooms in range(3)]))
        removed = self.answer(leads.delete(count=CountMethod.exact).eq("id", made[0]["id"]))
        self.assertEqual(([row["id"] for row in removed.data], removed.count), ([made[0]["id"]], 1))
        self.assertEqual(self.rows(leads.delete(returning=ReturnMethod.minimal).eq("id", made[1]["id"])), [])
        self.assertEqual(self.rows(leads.select("id").eq("source", self.mark)), [{"id": made[2]["id"]}])
        self.refused("21000", leads.delete())

    def test_max_affected(self):
        leads = self.renos.from_("leads")
        self.answer(leads.insert([self.lead(rooms=1), self.lead(rooms=2)]))
        self.refused("PGRST124", leads.delete().eq("source", self.mark).max_affected(1))
        self.assertEqual(len(self.rows(leads.delete().eq("source", self.mark).max_affected(2))), 2)
        notes = self.rows(self.samples.from_("spans").select("note").order("id"))
        self.refused("PGRST124", self.samples.rpc("rename", {"suffix": "too many"}).max_affected(1))
        self.assertEqual(self.rows(self.samples.from_("spans").select("note").order("id")), notes)


class BlockingWrites(Blocking, Writes, unittest.TestCase):
    """With the blocking client."""


class AsynchronousWrites(Asynchronous, Writes, unittest.TestCase):
    """With the asynchronous client."""
