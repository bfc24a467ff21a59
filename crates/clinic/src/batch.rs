//! Inserts and look-ups of one row or of many with few statements.

use clinicos_store::sql::{OnRow, places};
use clinicos_store::{Conn, StoreError, Value};

/// How many rows statements have, most first: few sizes, so that engines prepare few texts. The
/// largest divides a full batch, and is far below every engine's limit on parameters (SQLite takes
/// 32,766, PostgreSQL 65,535).
const SIZES: [usize; 3] = [100, 10, 1];
/// Values of a full question: one of the lengths that [`places`] fills lists up to.
const ASKED_MAX: usize = 64;

/// Inserts all items. `head` ends in `VALUES `; `values` appends `width` parameters for one item.
pub async fn insert<'a, T: Sync>(
    conn: &mut dyn Conn,
    head: &str,
    width: usize,
    items: &'a [T],
    values: impl Fn(&'a T, &mut Vec<Value<'a>>),
) -> Result<(), StoreError> {
    write(conn, head, "", width, items, values).await
}

/// The same with a `tail`, which says what becomes of rows that are there already.
pub async fn write<'a, T: Sync>(
    conn: &mut dyn Conn,
    head: &str,
    tail: &str,
    width: usize,
    items: &'a [T],
    values: impl Fn(&'a T, &mut Vec<Value<'a>>),
) -> Result<(), StoreError> {
    let mut rest = items;
    let mut params = Vec::with_capacity(width * rest.len().min(SIZES[0]));
    for size in SIZES {
        let full = rest.chunks_exact(size);
        rest = full.remainder();
        if full.len() == 0 {
            continue;
        }
        let sql = statement(head, width, size) + tail;
        for chunk in full {
            params.clear();
            chunk.iter().for_each(|item| values(item, &mut params));
            conn.execute(&sql, &params).await?;
        }
    }
    Ok(())
}

/// Asks for the rows in which a column has one of these values. `head` ends in `IN `, `tail` follows
/// the list; `fixed` are the parameters before it.
pub async fn among(
    conn: &mut dyn Conn,
    head: &str,
    tail: &str,
    fixed: &[Value<'_>],
    values: &[Value<'_>],
    on_row: &mut OnRow<'_>,
) -> Result<(), StoreError> {
    for chunk in values.chunks(ASKED_MAX) {
        let mut params = fixed.to_vec();
        let places = places(&mut params, chunk.iter().cloned());
        let sql = format!("{head}({places}){tail}");
        conn.query(&sql, &params, &mut |row| on_row(row)).await?;
    }
    Ok(())
}

/// `… VALUES ($1, $2), ($3, $4)`.
fn statement(head: &str, width: usize, rows: usize) -> String {
    let mut sql = String::with_capacity(head.len() + rows * width * 7);
    sql.push_str(head);
    for place in 0..rows * width {
        sql.push_str(match (place, place % width) {
            (0, _) => "($",
            (_, 0) => "), ($",
            _ => ", $",
        });
        sql.push_str(&(place + 1).to_string());
    }
    sql.push(')');
    sql
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_every_place() {
        assert_eq!(super::statement("VALUES ", 2, 2), "VALUES ($1, $2), ($3, $4)");
        assert_eq!(super::statement("VALUES ", 1, 1), "VALUES ($1)");
    }
}
