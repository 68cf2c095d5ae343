//! `tekup-db types typescript` on a database.

use std::process::{Command, Output};

use crate::support::{TestDb, database, shapes_database};

async fn types(database: &TestDb, schemas: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tekup-db"));
    command
        .args(["types", "typescript"])
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", database.owner_url().expose())
        .env("DB_SCHEMAS", schemas);
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn printed(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn every_table_of_the_migrated_database_has_a_type() {
    let database = database().await;
    let module = printed(types(&database, "vault,billy,renos,crm,flow,shared", &[]).await);
    let tables = database
        .text(
            "select string_agg(c.relname, ',') from pg_class c where c.relkind in ('r', 'p') and not c.relispartition \
             and c.relnamespace::regnamespace::text in ('vault', 'billy', 'renos', 'crm', 'flow', 'shared') \
             and c.relname <> '_sqlx_migrations'",
        )
        .await;
    let written = module.lines().filter(|line| *line == "        Row: {").count();
    assert_eq!(written, tables.split(',').count());
    for table in tables.split(',') {
        assert!(module.contains(&format!("\n      {table}: {{\n")), "{table}");
    }
}

#[tokio::test]
async fn enums_composite_types_computed_fields_and_relationships_come_from_the_catalog() {
    let database = shapes_database().await;
    database
        .execute(
            "create type shapes.point as (x int, y numeric); comment on type shapes.point is 'A place';
             create type shapes.unused as enum ('one');
             create table shapes.pins (at shapes.point, moods shapes.mood[], city int references shapes.cities);
             create function shapes.pins_of(shapes.cities) returns setof shapes.pins language sql stable as
                'select * from shapes.pins where city = $1.id';",
        )
        .await;
    let module = printed(types(&database, "shapes", &[]).await);
    for expected in [
        "mood: \"sad\" | \"ok\" | \"happy\"\n",
        "unused: \"one\"\n",
        "      /** A place */\n      point: {\n        x: number | null\n        y: number | null\n      }\n",
        "at: Database[\"shapes\"][\"CompositeTypes\"][\"point\"] | null\n",
        "moods: Database[\"shapes\"][\"Enums\"][\"mood\"][] | null\n",
        "ComputedFields: \"full_name\"\n",
        "id?: number\n",
        "      \"Odd \\\"Name\\\" €\": {\n        Row: {\n          \"a b\": number\n          select: string | null\n",
        "from: \"cities\"\n          to: \"pins\"\n          isOneToOne: false\n          isSetofReturn: true\n",
        "      big_cities: {\n        Row: {\n          country: string | null\n",
    ] {
        assert!(module.contains(expected), "{expected} is not in\n{module}");
    }
}

#[tokio::test]
async fn a_file_is_written_whole_and_an_unknown_schema_writes_none() {
    let database = shapes_database().await;
    let folder = std::env::temp_dir().join(format!("tekup-types-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("database.ts");
    let path = file.to_str().unwrap();

    let refused = types(&database, "shapes,shared", &["--schema", "shape", "--out", path]).await;
    assert!(!refused.status.success() && !file.exists());
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(message, "tekup-db: schema shape is not exposed; these are: shapes, shared\n");

    let silent = printed(types(&database, "shapes,shared", &["--schema", "shared", "--out", path]).await);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(silent, "");
    assert_eq!(written, printed(types(&database, "shapes,shared", &["--schema", "shared"]).await));
    assert!(written.contains("\n  shared: {\n") && !written.contains("\n  shapes: {\n"));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
    std::fs::remove_dir_all(&folder).unwrap();
}
