//! How long it takes to render a page: `cargo bench --bench render`.

use std::{hint::black_box, time::Instant};

use bytes::Bytes;
use tekup_db::{
    catalog::{Builtin, Wire},
    db::Row,
    plan::{Layout, OutputColumn, Shape},
    render,
};

/// Rows rendered per run, whatever the page.
const ROWS: usize = 20_000;
/// Runs per measurement.
const RUNS: usize = 50;

fn main() {
    let columns = [
        ("id", Builtin::Int8),
        ("organization_id", Builtin::Uuid),
        ("number", Builtin::Text),
        ("description", Builtin::Text),
        ("is_active", Builtin::Bool),
        ("quantity", Builtin::Int4),
        ("total_amount", Builtin::Numeric),
        ("score", Builtin::Float8),
        ("created_at", Builtin::TimestampTz),
        ("closed_at", Builtin::TimestampTz),
    ];
    let shape = Shape::Flat(
        columns.map(|(key, builtin)| OutputColumn { key: key.to_owned(), wire: Wire::Plain(builtin) }).to_vec(),
    );
    for size in [1, 20, 1_000] {
        let rows: Vec<_> = (0..size).map(row).collect();
        measure("all columns", &shape, &rows);
    }
    for (index, (key, builtin)) in columns.into_iter().enumerate() {
        let shape = Shape::Flat(vec![OutputColumn { key: key.to_owned(), wire: Wire::Plain(builtin) }]);
        let rows: Vec<_> =
            (0..1_000).map(|number| Row::new(vec![row(number).get(index).map(Bytes::copy_from_slice)])).collect();
        measure(key, &shape, &rows);
    }
}

fn measure(name: &str, shape: &Shape, rows: &[Row]) {
    let pages = (ROWS / rows.len()) as u32;
    let page = || {
        let mut out = Vec::new();
        render::json(shape, Layout::Array, black_box(rows), &mut out).map(|()| out.len())
    };
    let Ok(bytes) = page() else { return println!("{name}: malformed rows") };
    // The best of many runs: what else the machine does can only make it slower.
    let time = || {
        let start = Instant::now();
        for _ in 0..pages {
            let _ = black_box(page());
        }
        start.elapsed() / pages
    };
    let page = (0..RUNS).map(|_| time()).min().unwrap_or_default();
    let rate = bytes as f64 / page.as_secs_f64() / 1e6;
    println!(
        "{name}, {} rows: {page:.1?} per page, {:.1?} per row, {bytes} bytes, {rate:.0} MB/s",
        rows.len(),
        page / rows.len() as u32
    );
}

fn row(number: usize) -> Row {
    let number = number as i64;
    let text = |text: String| Some(Bytes::from(text));
    let binary = |bytes: &[u8]| Some(Bytes::copy_from_slice(bytes));
    let uuid = (number as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    // Two digits of base 10,000 before the point and one after: 12,345,678.90 and the like.
    let numeric = [3, 1, 0, 2, 1_234, (number % 10_000) as u16, 9_000].map(u16::to_be_bytes).concat();
    Row::new(vec![
        binary(&(number * 7_919).to_be_bytes()),
        binary(&uuid.to_be_bytes()),
        text(format!("2024-{number:05}")),
        text(format!("Consultation no. {number}: \"planning\" of the works, three visits on site\nand one report")),
        binary(&[(number % 2) as u8]),
        binary(&(number as i32 % 100).to_be_bytes()),
        binary(&numeric),
        binary(&(number as f64 * 0.137).to_be_bytes()),
        binary(&(767_000_000_123_456 + number * 86_399_000_001).to_be_bytes()),
        if number % 2 == 0 { None } else { binary(&(767_000_000_000_000 + number * 1_000_000).to_be_bytes()) },
    ])
}
