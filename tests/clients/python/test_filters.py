"""Every filter, against what Python would have picked from all rows."""

import re
import unittest

from callers import Asynchronous, Blocking


class Filters:
    """One test a family."""

    def same(self, table, columns, accepts, query):
        """The filter gives the rows that `accepts` takes: some, and not all."""
        everything = self.rows(self.renos.from_(table).select(*columns).order("id"))
        wanted = [row for row in everything if accepts(row)]
        self.assertTrue(0 < len(wanted) < len(everything), f"{len(wanted)} of {len(everything)} {table}")
        self.assertEqual(self.rows(query(self.renos.from_(table).select(*columns)).order("id")), wanted)

    def leads(self, accepts, query):
        """The same of leads."""
        self.same("leads", ["id", "status", "source", "priority", "square_meters", "customer_id"], accepts, query)

    def services(self, pattern, query):
        """The same of services whose name has the pattern."""
        self.same("services", ["id", "name"], lambda row: re.search(pattern, row["name"]), query)

    def spans(self, names, query):
        """The filter gives the samples of these names."""
        rows = self.rows(query(self.samples.from_("spans").select("name")).lte("id", 4).order("id"))
        self.assertEqual([row["name"] for row in rows], names)

    def test_comparisons(self):
        def area(accepts):
            return lambda row: row["square_meters"] is not None and accepts(row["square_meters"])

        self.leads(lambda row: row["status"] == "new", lambda query: query.eq("status", "new"))
        self.leads(lambda row: row["status"] != "new", lambda query: query.neq("status", "new"))
        self.leads(area(lambda value: value > 100), lambda query: query.gt("square_meters", 100))
        self.leads(area(lambda value: value >= 100), lambda query: query.gte("square_meters", 100))
        self.leads(area(lambda value: value < 100), lambda query: query.lt("square_meters", 100))
        self.leads(area(lambda value: value <= 100), lambda query: query.lte("square_meters", 100))
        self.leads(lambda row: row["customer_id"] is None, lambda query: query.is_("customer_id", None))
        self.same("users", ["id", "is_active"], lambda row: not row["is_active"], lambda query: query.is_("is_active", False))

    def test_patterns(self):
        self.services("rengøring$", lambda query: query.like("name", "%rengøring"))
        self.services("^F.*ring$", lambda query: query.like_all_of("name", "F%,%ring"))
        self.services("^[FT]", lambda query: query.like_any_of("name", "F%,T%"))
        self.services("(?i)^v", lambda query: query.ilike("name", "V%"))
        self.services("(?i)^f.*ring$", lambda query: query.ilike_all_of("name", "f%,%RING"))
        self.services("(?i)^[ft]", lambda query: query.ilike_any_of("name", "f%,t%"))

    def test_combinations(self):
        self.leads(lambda row: row["status"] in ("new", "lost"), lambda query: query.in_("status", ["new", "lost"]))
        self.leads(lambda row: row["status"] != "lost", lambda query: query.not_.eq("status", "lost"))
        self.leads(lambda row: row["priority"] in ("high", "urgent"),
                   lambda query: query.filter("priority", "in", '("high","urgent")'))
        self.leads(lambda row: (row["status"], row["source"]) == ("converted", "email"),
                   lambda query: query.match({"status": "converted", "source": "email"}))
        either = "status.eq.new,and(status.eq.lost,source.eq.email)"
        is_either = lambda row: row["status"] == "new" or (row["status"], row["source"]) == ("lost", "email")
        self.leads(is_either, lambda query: query.or_(either))
        self.leads(lambda row: not is_either(row), lambda query: query.not_.or_(either))
        clinic = self.renos.from_("customers").select("bookings(status)").eq("name", "Nordlys Tandklinik")
        row = self.rows(clinic.or_("status.eq.scheduled,status.eq.confirmed", reference_table="bookings").single())
        self.assertEqual({booking["status"] for booking in row["bookings"]} - {"scheduled", "confirmed"}, set())

    def test_arrays(self):
        def customers(accepts, query):
            self.same("customers", ["id", "tags"], lambda row: accepts(set(row["tags"])), query)

        customers(lambda tags: "vip" in tags, lambda query: query.cs("tags", ["vip"]))
        customers(lambda tags: "vip" in tags, lambda query: query.contains("tags", ["vip"]))
        customers(lambda tags: tags <= {"fast"}, lambda query: query.cd("tags", ["fast"]))
        customers(lambda tags: tags <= {"fast"}, lambda query: query.contained_by("tags", ["fast"]))
        customers(lambda tags: tags & {"hund", "allergi"}, lambda query: query.ov("tags", ["hund", "allergi"]))
        customers(lambda tags: tags & {"hund", "allergi"}, lambda query: query.overlaps("tags", ["hund", "allergi"]))

    def test_json(self):
        danish = self.rows(self.vault.from_("documents").select("metadata").contains("metadata", {"language": "da"}))
        self.assertEqual({row["metadata"]["language"] for row in danish}, {"da"})

    def test_ranges(self):
        middle = (4, 10)
        for names, query in [
            (["late"], lambda query: query.sr("span", middle)),
            (["late"], lambda query: query.range_gt("span", middle)),
            (["middle", "late"], lambda query: query.nxl("span", middle)),
            (["middle", "late"], lambda query: query.range_gte("span", middle)),
            (["early"], lambda query: query.sl("span", middle)),
            (["early"], lambda query: query.range_lt("span", middle)),
            (["early", "middle"], lambda query: query.nxr("span", middle)),
            (["early", "middle"], lambda query: query.range_lte("span", middle)),
            (["early", "late"], lambda query: query.adj("span", middle)),
            (["early", "late"], lambda query: query.range_adjacent("span", middle)),
            (["middle", "across"], lambda query: query.contains("span", "[6,8)")),
            (["early", "middle"], lambda query: query.contained_by("span", "[1,10)")),
            (["early", "middle", "across"], lambda query: query.ov("span", "[4,6)")),
        ]:
            self.spans(names, query)

    def test_full_text(self):
        def search(query):
            return [row["path"] for row in self.rows(query(self.vault.from_("documents").select("path")).order("path"))]

        both = search(lambda query: query.fts("content", "windows & blade"))
        self.assertTrue(both)
        self.assertEqual(search(lambda query: query.plfts("content", "windows blade")), both)
        phrase = search(lambda query: query.phfts("content", "rubber blade"))
        self.assertTrue(phrase)
        either = search(lambda query: query.wfts("content", "windows or kitchen"))
        self.assertGreater(len(either), len(both))
        for wanted, text, options in [
            (both, "windows & blade", None),
            (both, "windows blade", {"type": "plain", "config": "english"}),
            (phrase, "rubber blade", {"type": "phrase", "config": "english"}),
            (either, "windows or kitchen", {"type": "web_search"}),
        ]:
            self.assertEqual(search(lambda query: query.text_search("content", text, options)), wanted, options)


class BlockingFilters(Blocking, Filters, unittest.TestCase):
    """With the blocking client."""


class AsynchronousFilters(Asynchronous, Filters, unittest.TestCase):
    """With the asynchronous client."""
