use super::{
    super::{Body, LookupError},
    *,
};

fn embed<'c>(catalog: &'c Catalog, from: &str, target: &str, hint: Option<&str>) -> Result<&'c Link, LookupError> {
    catalog.resolve_embed(&named(from), &"api".into(), target, hint)
}

/// Sites with a main project and projects of theirs, people with messages, and a tree.
fn ambiguities() -> Catalog {
    Database::new()
        .table("sites", &["site_id", "main_project_id"], 1)
        .table("big_projects", &["big_project_id"], 1)
        .table("jobs", &["site_id", "big_project_id"], 2)
        .table("person", &["id"], 1)
        .table("message", &["id", "sender", "recipient"], 1)
        .table("tree", &["id", "parent"], 1)
        .foreign_key("main_project", ("sites", &["main_project_id"]), ("big_projects", &["big_project_id"]))
        .foreign_key("jobs_site", ("jobs", &["site_id"]), ("sites", &["site_id"]))
        .foreign_key("jobs_project", ("jobs", &["big_project_id"]), ("big_projects", &["big_project_id"]))
        .foreign_key("message_sender_fkey", ("message", &["sender"]), ("person", &["id"]))
        .foreign_key("message_recipient_fkey", ("message", &["recipient"]), ("person", &["id"]))
        .foreign_key("pptr", ("tree", &["parent"]), ("tree", &["id"]))
        .computed("parents", "tree", "tree", true)
        .catalog()
}

#[test]
fn a_target_is_a_relation_a_function_a_constraint_or_its_column() {
    let catalog = ambiguities();
    for target in ["main_project", "main_project_id"] {
        assert_eq!(embed(&catalog, "sites", target, None).unwrap().to, named("big_projects"), "{target}");
    }
    assert_eq!(embed(&catalog, "jobs", "sites", None).unwrap().to, named("sites"));
    // In a relation's links to itself, its name means the many, the column the one.
    assert!(!embed(&catalog, "tree", "tree", None).unwrap().is_to_one());
    assert!(embed(&catalog, "tree", "parent", None).unwrap().is_to_one());
    assert!(!embed(&catalog, "tree", "tree", Some("parent")).unwrap().is_to_one());
    // A function is found whatever the hint.
    assert!(embed(&catalog, "tree", "parents", Some("anything")).unwrap().is_to_one());
}

#[test]
fn a_hint_is_a_constraint_a_column_of_either_end_or_a_junction() {
    let catalog = ambiguities();
    for hint in ["message_sender_fkey", "sender"] {
        let link = embed(&catalog, "message", "person", Some(hint)).unwrap();
        assert!(format!("{link:?}").contains("message_sender_fkey"), "{hint}");
        let link = embed(&catalog, "person", "message", Some(hint)).unwrap();
        assert!(format!("{link:?}").contains("message_sender_fkey"), "{hint}");
    }
    for hint in ["jobs", "main_project"] {
        assert!(embed(&catalog, "sites", "big_projects", Some(hint)).is_ok(), "{hint}");
    }
    assert!(embed(&catalog, "message", "person", Some("id")).is_err());
}

#[test]
fn an_ambiguous_embed_names_the_candidates() {
    let catalog = ambiguities();
    let error = embed(&catalog, "sites", "big_projects", None).unwrap_err();
    insta::assert_json_snapshot!(described(&error), @r#"
    {
      "code": "PGRST201",
      "message": "Could not embed because more than one relationship was found for 'sites' and 'big_projects'",
      "details": [
        {
          "cardinality": "many-to-one",
          "embedding": "sites with big_projects",
          "relationship": "main_project using sites(main_project_id) and big_projects(big_project_id)"
        },
        {
          "cardinality": "many-to-many",
          "embedding": "sites with big_projects",
          "relationship": "jobs using jobs_site(site_id) and jobs_project(big_project_id)"
        }
      ],
      "hint": "Try changing 'big_projects' to one of the following: 'big_projects!main_project', 'big_projects!jobs'. Find the desired relationship in the 'details' key."
    }
    "#);
}

#[test]
fn an_embed_that_leads_nowhere_says_what_was_looked_for() {
    let catalog = ambiguities();
    let errors: Vec<_> = [
        ("sites", "big_projekts", None),
        ("site", "jobs", None),
        ("message", "person", Some("nobody")),
        ("person", "unheard_of", None),
        ("unheard_of", "person", None),
    ]
    .map(|(from, target, hint)| described(&embed(&catalog, from, target, hint).unwrap_err()))
    .into();
    insta::assert_json_snapshot!(errors, @r#"
    [
      {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'sites' and 'big_projekts' in the schema cache",
        "details": "Searched for a foreign key relationship between 'sites' and 'big_projekts' in the schema 'api', but no matches were found.",
        "hint": "Perhaps you meant 'big_projects' instead of 'big_projekts'."
      },
      {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'site' and 'jobs' in the schema cache",
        "details": "Searched for a foreign key relationship between 'site' and 'jobs' in the schema 'api', but no matches were found.",
        "hint": "Perhaps you meant 'sites' instead of 'site'."
      },
      {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'message' and 'person' in the schema cache",
        "details": "Searched for a foreign key relationship between 'message' and 'person' using the hint 'nobody' in the schema 'api', but no matches were found.",
        "hint": null
      },
      {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'person' and 'unheard_of' in the schema cache",
        "details": "Searched for a foreign key relationship between 'person' and 'unheard_of' in the schema 'api', but no matches were found.",
        "hint": null
      },
      {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'unheard_of' and 'person' in the schema cache",
        "details": "Searched for a foreign key relationship between 'unheard_of' and 'person' in the schema 'api', but no matches were found.",
        "hint": null
      }
    ]
    "#);
}

#[test]
fn a_relation_or_column_that_is_not_there_is_refused() {
    let catalog = ambiguities();
    let relation = |name| described(&catalog.resolve_relation(&named(name)).unwrap_err());
    let person = catalog.resolve_relation(&named("person")).unwrap();
    assert!(person.resolve_column("id").is_ok());
    let errors = [relation("persom"), relation("projects"), described(&person.resolve_column("ID").unwrap_err())];
    insta::assert_json_snapshot!(errors, @r#"
    [
      {
        "code": "PGRST205",
        "message": "Could not find the table 'api.persom' in the schema cache",
        "details": null,
        "hint": "Perhaps you meant the table 'api.person'"
      },
      {
        "code": "PGRST205",
        "message": "Could not find the table 'api.projects' in the schema cache",
        "details": null,
        "hint": null
      },
      {
        "code": "PGRST204",
        "message": "Could not find the 'ID' column of 'person' in the schema cache",
        "details": null,
        "hint": null
      }
    ]
    "#);
}

#[test]
fn schemas_of_many_relations_get_no_suggestions() {
    let database = |many: usize| {
        (0..many).fold(Database::new(), |database, number| {
            database.table(Box::leak(format!("t{number}").into_boxed_str()), &["id"], 0)
        })
    };
    let hint = |many| database(many).catalog().resolve_relation(&named("T0")).unwrap_err().hint;
    assert_eq!(hint(499).as_deref(), Some("Perhaps you meant the table 'api.t0'"));
    assert_eq!(hint(500), None);
}

fn functions() -> Catalog {
    Database::new()
        .routine("sayhello", &[("name", "text", true)])
        .routine("overloaded", &[])
        .routine("overloaded", &[("a", "integer", true), ("b", "integer", true), ("c", "text", true)])
        .routine("overloaded", &[("a", "integer", true), ("b", "integer", true)])
        .routine("same", &[("arg", "xml", true), ("num", "integer", false)])
        .routine("same", &[("arg", "bpchar", true)])
        .routine("defaults", &[("a", "integer", true), ("b", "integer", false)])
        .routine("whole", &[("", "bytea", true)])
        .routine("whole", &[("", "text", true)])
        .routine("whole", &[("x", "integer", true), ("y", "integer", true)])
        .catalog()
}

fn call<'c>(
    catalog: &'c Catalog,
    name: &str,
    arguments: &[&str],
    body: Body,
) -> Result<&'c super::super::Routine, LookupError> {
    catalog.resolve_routine(&named(name), &arguments.iter().copied().collect(), body)
}

#[test]
fn names_of_arguments_choose_among_overloads() {
    let catalog = functions();
    for arguments in [&[][..], &["a", "b"], &["c", "b", "a"]] {
        let routine = call(&catalog, "overloaded", arguments, Body::Json).unwrap();
        assert_eq!(routine.parameters.len(), arguments.len());
    }
    for arguments in [&["a"][..], &["a", "b"]] {
        assert!(call(&catalog, "defaults", arguments, Body::None).is_ok());
    }
    for arguments in [&[][..], &["b"], &["a", "c"]] {
        assert!(call(&catalog, "defaults", arguments, Body::None).is_err());
    }
}

#[test]
fn a_body_is_taken_whole_by_its_kind_where_no_names_fit() {
    let catalog = functions();
    let first = |arguments: &[&str], body| {
        call(&catalog, "whole", arguments, body).map(|routine| routine.parameters[0].ty.name.clone()).ok()
    };
    assert_eq!(first(&[], Body::Text).as_deref(), Some("text"));
    assert_eq!(first(&[], Body::Bytes).as_deref(), Some("bytea"));
    assert_eq!(first(&["x", "y"], Body::Json).as_deref(), Some("integer"));
    assert_eq!(first(&["x"], Body::Json), None);
    assert_eq!(first(&[], Body::None), None);
    // Without parameters there is nowhere for such a body to go.
    assert!(call(&catalog, "overloaded", &[], Body::Text).is_err());
}

#[test]
fn a_function_that_is_not_there_is_refused_with_the_closest() {
    let catalog = functions();
    let errors: Vec<_> = [
        ("sayhell", &[][..], Body::None),
        ("sayhello", &["nam"], Body::None),
        ("overloaded", &["a", "b", "wrong_arg"], Body::Other),
        ("overloaded", &["wrong_arg"], Body::Json),
        ("sayhello", &[], Body::Xml),
        ("same", &["arg"], Body::Json),
    ]
    .map(|(name, arguments, body)| described(&call(&catalog, name, arguments, body).unwrap_err()))
    .into();
    insta::assert_json_snapshot!(errors, @r#"
    [
      {
        "code": "PGRST202",
        "message": "Could not find the function api.sayhell without parameters in the schema cache",
        "details": "Searched for the function api.sayhell without parameters, but no matches were found in the schema cache.",
        "hint": "Perhaps you meant to call the function api.sayhello"
      },
      {
        "code": "PGRST202",
        "message": "Could not find the function api.sayhello(nam) in the schema cache",
        "details": "Searched for the function api.sayhello with parameter nam, but no matches were found in the schema cache.",
        "hint": "Perhaps you meant to call the function api.sayhello(name)"
      },
      {
        "code": "PGRST202",
        "message": "Could not find the function api.overloaded(a, b, wrong_arg) in the schema cache",
        "details": "Searched for the function api.overloaded with parameters a, b, wrong_arg, but no matches were found in the schema cache.",
        "hint": "Perhaps you meant to call the function api.overloaded(a, b, c)"
      },
      {
        "code": "PGRST202",
        "message": "Could not find the function api.overloaded(wrong_arg) in the schema cache",
        "details": "Searched for the function api.overloaded with parameter wrong_arg or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.",
        "hint": null
      },
      {
        "code": "PGRST202",
        "message": "Could not find the function api.sayhello in the schema cache",
        "details": "Searched for the function api.sayhello with a single unnamed xml parameter, but no matches were found in the schema cache.",
        "hint": null
      },
      {
        "code": "PGRST203",
        "message": "Could not choose the best candidate function between: api.same(arg => character), api.same(arg => xml, num => integer)",
        "details": null,
        "hint": "Try renaming the parameters or the function itself in the database so function overloading can be resolved"
      }
    ]
    "#);
}

fn described(error: &LookupError) -> Value {
    json!({
        "code": error.failure.code(), "message": error.message, "details": error.details, "hint": error.hint,
    })
}
