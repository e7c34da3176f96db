//! The growth of time with the work: a straight line through the medians of rows that differ in one
//! number.

use crate::rows::Row;

/// Prints the line of each group that has one, and the distance of its points from it.
pub(crate) fn print(rows: &[Row], measured: &[Vec<f64>]) {
    let mut groups: Vec<_> =
        rows.iter().filter(|row| row.is_growth()).map(|row| row.group).collect();
    groups.dedup();
    if groups.is_empty() {
        return;
    }
    println!(
        "\n| ns | fixed | for each | farthest from the line | points |\n|---|--:|--:|--:|---|"
    );
    for group in groups {
        let points: Vec<(f64, f64)> = rows
            .iter()
            .zip(measured)
            .filter(|(row, _)| row.group == group)
            .filter_map(|(row, times)| {
                let [_, median, _] = crate::quartiles(times.clone());
                Some((row.grows_by?.into(), median))
            })
            .collect();
        let (fixed, each) = line(&points);
        let off = points.iter().map(|(n, ns)| (ns / (fixed + each * n) - 1.0).abs());
        let off = off.fold(0.0, f64::max) * 100.0;
        let listed: Vec<_> = points.iter().map(|(n, ns)| format!("{n}: {ns:.0}")).collect();
        println!("| {group} | {fixed:.0} | {each:.1} | {off:.0} % | {} |", listed.join(", "));
    }
}

/// Returns the line with the least squares of relative errors. Small points count as much as large
/// ones.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let sum = |part: &dyn Fn(f64, f64) -> f64| {
        points.iter().map(|(x, y)| part(*x, *y) / (y * y)).sum::<f64>()
    };
    let (n, x, y) = (sum(&|_, _| 1.0), sum(&|x, _| x), sum(&|_, y| y));
    let (xx, xy) = (sum(&|x, _| x * x), sum(&|x, y| x * y));
    let each = (n * xy - x * y) / (n * xx - x * x);
    ((y - each * x) / n, each)
}
