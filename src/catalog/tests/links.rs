use super::{super::Cardinality, *};
use crate::name::ColumnName;

/// Links in short: `from(columns) -m1-> to(columns)`, a star behind what is a view.
fn short(links: &[&Link]) -> Vec<String> {
    links.iter().map(|link| one(link)).collect()
}

fn one(link: &Link) -> String {
    let list = |names: Vec<&str>| names.join(",");
    let star = |view: bool| if view { "*" } else { "" };
    let (from, to) =
        (format!("{}{}", link.from.name, star(link.from_view)), format!("{}{}", link.to.name, star(link.to_view)));
    let (arrow, columns) = match &link.cardinality {
        Cardinality::OneToMany { columns, .. } => ("1m", columns),
        Cardinality::ManyToOne { columns, .. } => ("m1", columns),
        Cardinality::OneToOne { columns, is_parent: false, .. } => ("11", columns),
        Cardinality::OneToOne { columns, is_parent: true, .. } => ("11p", columns),
        Cardinality::ManyToMany(junction) => return format!("{from} -{}-> {to}", junction.relation.name),
        Cardinality::Computed { function, to_one } => return format!("{from} -{}:{to_one}-> {to}", function.name),
    };
    let (own, other) = columns.iter().map(|(own, other)| (own.as_str(), other.as_str())).unzip();
    format!("{from}({}) -{arrow}-> {to}({})", list(own), list(other))
}

fn projects() -> Database {
    Database::new().table("clients", &["id"], 1).table("projects", &["id", "client_id"], 1).foreign_key(
        "client",
        ("projects", &["client_id"]),
        ("clients", &["id"]),
    )
}

#[test]
fn a_foreign_key_links_both_ways() {
    let catalog = projects().catalog();
    assert_eq!(short(&links(&catalog, "projects")), ["projects(client_id) -m1-> clients(id)"]);
    assert_eq!(short(&links(&catalog, "clients")), ["clients(id) -1m-> projects(client_id)"]);
    assert!(links(&catalog, "projects")[0].is_to_one());
    assert!(!links(&catalog, "clients")[0].is_to_one());
}

#[test]
fn a_unique_foreign_key_is_one_to_one_from_both_ends() {
    let catalog = Database::new()
        .table("country", &["id"], 1)
        .table("capital", &["id", "country_id"], 1)
        .unique_foreign_key("capital_country", ("capital", &["country_id"]), ("country", &["id"]))
        .catalog();
    assert_eq!(short(&links(&catalog, "capital")), ["capital(country_id) -11-> country(id)"]);
    assert_eq!(short(&links(&catalog, "country")), ["country(id) -11p-> capital(country_id)"]);
}

#[test]
fn a_junction_links_what_it_points_at_when_its_primary_key_covers_both_keys() {
    let database = |key| {
        Database::new()
            .table("users", &["id"], 1)
            .table("tasks", &["id"], 1)
            .table("users_tasks", &["user_id", "task_id"], key)
            .foreign_key("ut_user", ("users_tasks", &["user_id"]), ("users", &["id"]))
            .foreign_key("ut_task", ("users_tasks", &["task_id"]), ("tasks", &["id"]))
            .catalog()
    };
    assert_eq!(
        short(&links(&database(2), "users")),
        ["users -users_tasks-> tasks", "users(id) -1m-> users_tasks(user_id)"]
    );
    assert_eq!(short(&links(&database(1), "users")), ["users(id) -1m-> users_tasks(user_id)"]);
    let Cardinality::ManyToMany(junction) = &links(&database(2), "users")[0].cardinality.clone() else { panic!() };
    assert_eq!(junction.from_columns, [(ColumnName::from("id"), ColumnName::from("user_id"))]);
    assert_eq!(junction.to_columns, [(ColumnName::from("id"), ColumnName::from("task_id"))]);
}

#[test]
fn a_table_that_points_at_itself_has_two_links_to_itself() {
    let catalog = Database::new()
        .table("tree", &["id", "parent"], 1)
        .foreign_key("pptr", ("tree", &["parent"]), ("tree", &["id"]))
        .catalog();
    assert_eq!(short(&links(&catalog, "tree")), ["tree(id) -1m-> tree(parent)", "tree(parent) -m1-> tree(id)"]);
    assert!(links(&catalog, "tree").iter().all(|link| link.is_self));
}

#[test]
fn a_view_has_the_keys_it_shows_and_only_whole_ones() {
    let catalog = Database::new()
        .table("private.actors", &["id", "film_a", "film_b"], 1)
        .table("films", &["a", "b"], 2)
        .foreign_key("film", ("private.actors", &["film_a", "film_b"]), ("films", &["a", "b"]))
        .view("all_of_it", &["a", "b"], &[("private.actors", "film_a"), ("private.actors", "film_b")])
        .view("half_of_it", &["a"], &[("private.actors", "film_a")])
        .catalog();
    assert_eq!(short(&links(&catalog, "all_of_it")), ["all_of_it*(a,b) -m1-> films(a,b)"]);
    assert_eq!(short(&links(&catalog, "half_of_it")), Vec::<String>::new());
    // The table that holds the key is not exposed, so nothing but the view leads from the other end.
    assert_eq!(short(&links(&catalog, "films")), ["films(a,b) -1m-> all_of_it*(a,b)"]);
}

#[test]
fn views_link_to_tables_and_to_each_other_and_through_views() {
    let catalog = projects()
        .view("client_view", &["key"], &[("clients", "id")])
        .view("project_view", &["id", "of"], &[("projects", "id"), ("projects", "client_id")])
        .view("view_of_view", &["of_it"], &[("project_view", "of")])
        .catalog();
    assert_eq!(
        short(&links(&catalog, "project_view")),
        ["project_view*(of) -m1-> client_view*(key)", "project_view*(of) -m1-> clients(id)"]
    );
    assert_eq!(
        short(&links(&catalog, "view_of_view")),
        ["view_of_view*(of_it) -m1-> client_view*(key)", "view_of_view*(of_it) -m1-> clients(id)"]
    );
    assert_eq!(
        short(&links(&catalog, "client_view")),
        [
            "client_view*(key) -1m-> project_view*(of)",
            "client_view*(key) -1m-> projects(client_id)",
            "client_view*(key) -1m-> view_of_view*(of_it)"
        ]
    );
}

#[test]
fn a_view_that_shows_a_key_twice_links_twice_but_has_it_once_as_primary_key() {
    let catalog = projects()
        .view(
            "twice",
            &["id", "one", "two"],
            &[("projects", "id"), ("projects", "client_id"), ("projects", "client_id")],
        )
        .view("ids", &["a", "b"], &[("projects", "id"), ("projects", "id")])
        .catalog();
    assert_eq!(short(&links(&catalog, "twice")), ["twice*(one) -m1-> clients(id)", "twice*(two) -m1-> clients(id)"]);
    let key = |name| catalog.relation(&named(name)).map(|relation| relation.primary_key.clone()).unwrap_or_default();
    assert_eq!(key("twice"), ["id"]);
    assert_eq!(key("ids"), ["a"]);
}

#[test]
fn a_function_named_like_a_relation_takes_the_place_of_the_links_to_it() {
    let catalog = projects()
        .computed("clients", "projects", "clients", true)
        .computed("computed_projects", "clients", "projects", false)
        .catalog();
    assert_eq!(short(&links(&catalog, "projects")), ["projects -clients:true-> clients"]);
    assert_eq!(
        short(&links(&catalog, "clients")),
        ["clients(id) -1m-> projects(client_id)", "clients -computed_projects:false-> projects"]
    );
}

#[test]
fn nothing_leads_to_what_is_not_exposed() {
    let catalog = Database::new()
        .table("private.secrets", &["id"], 1)
        .table("users", &["id", "secret"], 1)
        .table("tasks", &["id"], 1)
        .table("private.users_tasks", &["user_id", "task_id"], 2)
        .foreign_key("s", ("users", &["secret"]), ("private.secrets", &["id"]))
        .foreign_key("u", ("private.users_tasks", &["user_id"]), ("users", &["id"]))
        .foreign_key("t", ("private.users_tasks", &["task_id"]), ("tasks", &["id"]))
        .catalog();
    assert!(catalog.links.is_empty(), "{:?}", catalog.links);
    assert_eq!(catalog.relations.len(), 2);
}
